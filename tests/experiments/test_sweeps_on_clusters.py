"""Workers, scheduler and client are killed, and a sweep has the numbers of one process.

Many more kills, and a table: ``python tests/experiments/survival.py``.
"""

import random
import subprocess
import sys

import pytest
from survival import Cluster, serial, survive
from thorough import unless_touched

pytestmark = [
    *unless_touched("scalinglib/experiments/_sweeps", "tests/experiments/s"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and four workers."""
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def expected():
    """Bits of the sweep in one process, which keeps nothing."""
    return serial()


def survived(found, expected):
    """Nothing that was safe is run again, and every bit is right."""
    assert found["trials"] == 400
    assert found["safe again"] == 0
    assert found["repeated"] <= 4
    assert found["bits"] == expected


@pytest.mark.parametrize("whom", ["worker", "client", "scheduler"])
def test_a_cluster_that_is_killed_loses_nothing(whom, cluster, expected, tmp_path):
    """Whoever it is, and whenever: the moment is another each time."""
    after = random.uniform(0, 2)
    survived(survive(tmp_path, "dask", 4, whom, after, cluster), expected)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_processes_that_are_killed_lose_nothing(backend, expected, tmp_path):
    """With all their workers, as when a machine stops."""
    after = random.uniform(0, 2)
    survived(survive(tmp_path, backend, 2, "client", after), expected)


PLAIN = """
import sys, joblib
from distributed import Client
from scalinglib.experiments import sweep

weights = list(range(100_000))  # travels once, not with every trial

def trial(rng, D):
    if D == 13:
        raise ZeroDivisionError("of all things")
    return rng.random() / D + len(weights)

with Client(sys.argv[1]), joblib.parallel_config(backend="dask"):
    there = sweep.run(trial, trials=30, seed=0, D=[1, 2])
    try:
        sweep.run(trial, trials=1, seed=0, D=[1, 13])
    except ZeroDivisionError as error:
        print(error, error.__notes__)
here = sweep.run(trial, trials=30, seed=0, D=[1, 2])
print(here.identical(there))
"""


def test_a_cluster_runs_sweeps_that_are_not_kept(cluster):
    """With the numbers of one process; an error says in which trial it was."""
    command = [sys.executable, "-c", PLAIN, cluster.address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "of all things [\"in trial 0 of seed 0 at {'D': 13}\"]",
        "True",
    ]
