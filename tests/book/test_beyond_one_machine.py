"""What the page on sweeps beyond one machine lets a reader type does what it says."""

import re
import subprocess
import sys

from thorough import sparing
from whereabouts import ROOT

PAGE = ROOT / "book" / "practice" / "beyond_one_machine.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
ELSEWHERE = "dask_jobqueue", "dask_kubernetes"  # needs a cluster

# As in a notebook, other processes do not run the page again.
RUNNER = """
with open("run.py") as file:
    exec(compile(file.read(), "run.py", "exec"), {"__name__": "__main__"})
"""


def test_every_block_is_python():
    """Also those that nobody can run here."""
    for block in BLOCKS:
        compile(block, "page", "exec")
    assert sum(any(name in block for name in ELSEWHERE) for block in BLOCKS) == 2


@sparing("book/practice/beyond", "scalinglib/experiments/_sweeps")
def test_the_page_runs_from_top_to_bottom(tmp_path):
    """With its errors where it announces them, and each with what is promised."""
    here = [b for b in BLOCKS if not any(name in b for name in ELSEWHERE)]
    (tmp_path / "run.py").write_text("\n".join(here))
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert "2 of 6 trials failed, the first in trial 0 at {'D': 3}" in said
    assert "ArithmeticError: did not converge" in said
    assert "-    if D == 3:\n    +    if D == 4:" in re.sub(r"\n +", "\n    ", said)
    status = "import sys; from scalinglib.cli import main; main()"
    told = subprocess.run(
        [sys.executable, "-c", status, "status", "moody"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert told.stdout == "18 of 18 trials done, 0 running, 0 failed, 0 waiting\n"
