"""What the page on large problems lets a reader type runs, and its tables are whole."""

import ast
import re
import subprocess
import sys

from thorough import sparing
from whereabouts import ROOT

PAGE = ROOT / "book" / "practice" / "large_problems.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.S)


@sparing("book/practice/large", "scalinglib/kernels", "scalinglib/theory")
def test_the_page_runs_from_top_to_bottom(tmp_path):
    """As one program, at the small sizes that it names; it says how true it is."""
    (tmp_path / "run.py").write_text("\n".join(BLOCKS), encoding="utf-8")
    command = [sys.executable, "-W", "error", "run.py"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    said = re.search(r"(\d+) products, relative residual (\S+)", done.stdout)
    assert int(said[1]) <= 7
    assert float(said[2]) <= 1e-6


def test_every_size_in_a_comment_is_measured():
    """What the page says one may also type is a row of its tables."""
    sizes = re.findall(r"# or (.+)", TEXT)
    assert len(sizes) == 3
    for size in sizes:
        plain = f"{ast.literal_eval(size.replace('10**', '1e')):,.0f}".replace(
            ",", "&nbsp;"
        )
        assert re.search(rf"\| ({plain} × )?{plain} \|", TEXT), size
