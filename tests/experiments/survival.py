"""Sweeps whose workers, scheduler or client are killed, and what is left of them.

``python tests/experiments/survival.py --kills 10`` prints a table of many kills.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import psutil
import xarray as xr

from scalinglib.experiments import sweep

SWEEP = {"trials": 100, "seed": 5, "D": [20, 30, 40, 50]}
HERE = Path(__file__).resolve()


def trial(rng, D):
    """Some linear algebra that tells when it begins and ends."""
    _log("begun", D, rng)
    values = np.linalg.svd(rng.standard_normal((D, D)), compute_uv=False)
    time.sleep(0.03)
    _log("ended", D, rng)
    return xr.DataArray(values[:3] / D, coords={"mode": [1, 2, 3]})


def _log(word, D, rng):
    """One line, of which a file system makes no two halves."""
    which = f"{D} {rng.bit_generator.seed_seq.entropy}"
    with open(os.environ["SURVIVAL_LOG"], "ab", buffering=0) as file:
        file.write(f"{word} {which}\n".encode())


def digest(loss):
    """All bits of a result."""
    return hashlib.sha256(loss.values.tobytes() + str(loss.coords).encode()).hexdigest()


def client(folder, backend, jobs, address):
    """What a user's program does; prints the bits."""
    import joblib

    with contextlib.ExitStack() as stack:
        if backend == "dask":
            from distributed import Client

            stack.enter_context(Client(address, timeout=20))
        n_jobs = {} if backend == "dask" else {"n_jobs": jobs}
        stack.enter_context(joblib.parallel_config(backend=backend, **n_jobs))
        print(digest(sweep.run(trial, checkpoint=folder, **SWEEP)))


class Cluster:
    """A scheduler and four workers of Dask, each a process that can be killed."""

    def __init__(self, place, workers=4):
        """Start them."""
        self.place, self.workers = Path(place), workers
        self.scheduler, self.nannies = None, []
        self.start()

    def start(self):
        """Start what is not there: a scheduler at a new address, and its workers."""
        self.stop()
        told = self.place / "scheduler.json"
        told.unlink(missing_ok=True)
        self.scheduler = self._process(
            "scheduler", "--scheduler-file", told, "--port", 0, "--no-dashboard"
        )
        while not told.exists():
            time.sleep(0.05)
        self.address = json.loads(told.read_text())["address"]
        options = ["--nthreads", 1, "--no-dashboard", "--memory-limit", 0]
        self.nannies = [
            self._process("worker", self.address, "--name", f"w{i}", *options)
            for i in range(self.workers)
        ]

    def _process(self, kind, *words):
        with open(self.place / f"{kind}.log", "ab") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "distributed.cli.dask_" + kind,
                    *map(str, words),
                ],
                stdout=log,
                stderr=log,
                cwd=self.place,
                env=os.environ | {"SURVIVAL_LOG": str(self.place / "log")},
                start_new_session=True,
            )

    def worker_processes(self):
        """Processes that run trials: children of the nannies."""
        return [
            child.pid
            for nanny in self.nannies
            for child in psutil.Process(nanny.pid).children(recursive=True)
            if "spawn_main" in " ".join(child.cmdline())
        ]

    def stop(self):
        """End all of it."""
        for process in [self.scheduler, *self.nannies]:
            if process:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.scheduler, self.nannies = None, []


def started(folder, log, backend, jobs, address):
    """A client in a process of its own."""
    words = ["--client", folder, "--backend", backend, "--jobs", jobs]
    words += ["--address", address or ""]
    return subprocess.Popen(
        [sys.executable, str(HERE), *map(str, words)],
        env=os.environ | {"SURVIVAL_LOG": str(log), "TQDM_DISABLE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def lines(log):
    """How often each trial was begun and ended."""
    counts = {"begun": Counter(), "ended": Counter()}
    if log.exists():
        for word, which in re.findall(r"(begun|ended) (.*)\n", log.read_text()):
            counts[word][which] += 1
    return counts


def kept(folder):
    """Trials that are safe in the folder."""
    try:
        found = sweep.read(folder)
    except (ValueError, FileNotFoundError):
        return set()
    done = found.state.stack(job=("D", "trial"))
    return {
        f"{D} [{SWEEP['seed']}, {t}]"
        for D, t in done.job.values[(done == "done").values]
    }


def survive(place, backend, jobs, whom, after, cluster=None):
    """Kill somebody some seconds after the first trials, go on, and count.

    Returns a dict: trials safe at the kill, those of them that were run again, those
    that were in flight, all that were begun more than once, and the bits at the end.
    """
    folder = Path(place) / "kept"
    log = (cluster.place if cluster else Path(place)) / "log"
    log.unlink(missing_ok=True)
    address = cluster and cluster.address
    first = started(folder, log, backend, jobs, address)
    while len(lines(log)["ended"]) < 4:
        time.sleep(0.01)
        assert first.poll() is None, first.communicate()
    time.sleep(after)
    if whom == "worker":
        os.kill(random.choice(cluster.worker_processes()), signal.SIGKILL)
    elif whom == "scheduler":
        os.killpg(cluster.scheduler.pid, signal.SIGKILL)
    else:
        os.kill(first.pid, signal.SIGKILL)
    if backend != "dask":
        _end_group(first)
    safe, counts = kept(folder), lines(log)
    flying = +(counts["begun"] - counts["ended"])
    said, trouble = first.communicate(timeout=120)
    if whom == "scheduler":
        assert "scheduler of the cluster is gone" in trouble, trouble
        cluster.start()
    if whom != "worker":
        assert first.returncode != 0
        second = started(folder, log, backend, jobs, cluster and cluster.address)
        said, trouble = second.communicate(timeout=120)
    after_all = lines(log)["begun"]
    again = {which for which in safe if after_all[which] > counts["begun"][which]}
    return {
        "safe": len(safe),
        "safe again": len(again),
        "in flight": sum(flying.values()),
        "repeated": sum(after_all.values()) - len(after_all),
        "trials": len(after_all),
        "bits": said.strip() or trouble,
    }


def _end_group(process):
    """Workers of a client that was killed end, too, as they do when a machine goes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def serial():
    """Bits of the same sweep in this process, without a checkpoint."""
    with tempfile.NamedTemporaryFile() as log:
        os.environ["SURVIVAL_LOG"] = log.name
        return digest(sweep.run(trial, **SWEEP))


def table(kills):
    """Kill everybody many times, and print what came of it."""
    expected = serial()
    print(f"{'backend':10} jobs whom      safe again flying repeated same bits")
    cases = [("dask", 4, whom) for whom in ("worker", "scheduler", "client")]
    cases += [(b, j, "client") for b in ("threading", "loky") for j in (1, 2, 4)]
    for backend, jobs, whom in cases:
        with tempfile.TemporaryDirectory() as place:
            cluster = Cluster(place) if backend == "dask" else None
            try:
                for i in range(kills):
                    inner, after = Path(place) / str(i), random.uniform(0, 2.5)
                    inner.mkdir()
                    found = survive(inner, backend, jobs, whom, after, cluster)
                    print(_row(backend, jobs, whom, found, expected), flush=True)
            finally:
                if cluster:
                    cluster.stop()


def _row(backend, jobs, whom, found, expected):
    counts = [found[n] for n in ("safe", "safe again", "in flight", "repeated")]
    numbers = "".join(f"{count:7}" for count in counts)
    return f"{backend:10} {jobs:4} {whom:9}{numbers} {found['bits'] == expected}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--client")
    parser.add_argument("--backend")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--address")
    given = parser.parse_args()
    if given.client:
        client(given.client, given.backend, given.jobs, given.address)
    else:
        table(given.kills)
