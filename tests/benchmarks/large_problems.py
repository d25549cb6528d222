"""What large problems cost: seconds, memory and accuracy over size, as a table.

Run alone on an idle machine:

    python tests/benchmarks/large_problems.py [JOB …] [--largest]

Each size of each job runs in a process of its own, so that its peak of memory is its
own. Without ``--largest`` all but the largest size of each job: ten minutes in place
of forty. The slope of a column is that of its logarithm between the last two sizes.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from functools import partial

import joblib
import numpy as np

from scalinglib import data, theory
from scalinglib.experiments.make_fashion_mnist import DEBIAN
from scalinglib.geometry import nearest
from scalinglib.kernels import GramOperator, laplace, matern
from scalinglib.learners import kernel_ridge, large_kernel_ridge
from scalinglib.spectra import PowerLaw, empirical

MATERN = partial(matern, nu=1.5, bandwidth=1.0)
DENSE = 10_000  # points of which the whole Gram matrix is solved for comparison
NEW = 10_000


def ridge(D):
    """Kernel ridge regression, Matérn 3/2 in ten dimensions, a ridge of D / 1000."""
    rng = np.random.default_rng(0)
    X = rng.random((D, 10))
    Y = np.sin(3 * X.sum(axis=1)) + 0.1 * rng.standard_normal(D)
    predict, seconds = timed(large_kernel_ridge(MATERN, ridge=D / 1000, rng=0), X, Y)
    yield seconds, f"residual {predict.residual:.0e}, {predict.products} products"
    if D <= DENSE:
        exact, new = kernel_ridge(MATERN, ridge=D / 1000)(X, Y), rng.random((500, 10))
        off = np.abs(predict(new) - exact(new)).max() / np.abs(exact(new)).max()
        yield None, f"dense solution within {off:.0e}"


def images(D):
    """Kernel ridge regression on images, 784 pixels, ten classes, a ridge of 0.1."""
    files = data.read_fashion_mnist(DEBIAN if DEBIAN.is_dir() else None)
    X, X_test = (X.reshape(-1, 784).astype(np.float32) / 255 for X in files[::2])
    y, y_test = files[1::2]
    kernel, Y = partial(laplace, bandwidth=10.0), np.eye(10)[y[:D]]
    learn = large_kernel_ridge(kernel, ridge=0.1, rank=2000, rng=0)
    predict, seconds = timed(learn, X[:D], Y)
    wrong = (predict(X_test).argmax(axis=1) != y_test).mean()
    yield seconds, f"{predict.products} products, {wrong:.1%} of test images wrong"


def eigenvalues(D):
    """The hundred largest eigenvalues of a Gram matrix, Matérn 3/2, ten dimensions."""
    X = np.random.default_rng(0).random((D, 10))
    found, seconds = timed(empirical, GramOperator(MATERN, X), modes=100)
    yield seconds, f"λ₁ = {found.lam[0]:.5f}, λ₁₀₀ = {found.lam[-1]:.3e}"
    if D <= DENSE:
        exact = empirical(MATERN(X), modes=100).lam
        yield None, f"dense within {np.abs(found.lam / exact - 1).max():.0e}"


def plane(S, delta=0.0):
    """Theory of random features on S × S sizes."""
    sizes = np.geomspace(10, 1e12, S)
    loss, seconds = timed(
        theory.random_feature_loss,
        PowerLaw(alpha=1.0),
        sizes[:, None],
        1.01 * sizes,
        ridge=delta,
    )
    some = np.arange(0, S, S // 7)
    alone = [
        theory.random_feature_loss(
            PowerLaw(alpha=1.0), sizes[i], 1.01 * sizes[-i - 1], ridge=delta
        )
        for i in some
    ]
    off = np.abs(loss[some, -some - 1] / alone - 1).max()
    yield seconds, f"points alone within {off:.0e}"


def neighbours(D, n=3):
    """Nearest of D points for ten thousand others; the tree is part of the time."""
    rng = np.random.default_rng(0)
    X, new = rng.random((D, n)), rng.random((NEW, n))
    (distance, index), seconds = timed(lambda: nearest(X)(new))
    brute = [np.sqrt(((X - x) ** 2).sum(axis=1).min()) for x in new[:20]]
    off = np.abs(distance[:20, 0] - brute).max()
    yield seconds, f"{len(index)} queries, all distances within {off:.0e}"


JOBS = {
    "ridge": (ridge, [10_000, 20_000, 40_000, 100_000]),
    "images": (images, [5_000, 10_000, 20_000]),
    "eigenvalues": (eigenvalues, [10_000, 20_000, 40_000, 100_000]),
    "plane": (plane, [1000, 3000, 10_000]),
    "plane_with_ridge": (partial(plane, delta=1e-3), [1000, 3000, 10_000]),
    "neighbours": (neighbours, [10**5, 10**6, 10**7]),
    "neighbours_in_8": (partial(neighbours, n=8), [10**5, 10**6, 10**7]),
}


def timed(function, *args, **options):
    """What a function returns, and seconds of wall time."""
    began = time.perf_counter()
    with joblib.parallel_config(n_jobs=2):
        found = function(*args, **options)
    return found, time.perf_counter() - began


def measure(job, size):
    """One row: seconds, peak memory, and how true it is."""
    function, _ = JOBS[job]
    rows = function(size)
    seconds, said = next(rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # before the check
    said = ", ".join([said, *(more for _, more in rows)])
    return {"seconds": seconds, "GB": peak, "said": said}


def main():
    """Measure, each in a process of its own; print a table for each job."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("jobs", nargs="*", choices=[*JOBS, []], default=[])
    parser.add_argument("--largest", action="store_true", help="the largest sizes, too")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one[0], int(asked.one[1]))))
        return
    for job in asked.jobs or JOBS:
        function, sizes = JOBS[job]
        doc = (function.func if isinstance(function, partial) else function).__doc__
        print(f"\n{job}: {doc}\n")
        print("| size | seconds | slope | GB | |\n|--:|--:|--:|--:|--|")
        last = None
        for size in sizes if asked.largest else sizes[:-1]:
            command = [sys.executable, __file__, "--one", job, str(size)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            row = json.loads(done.stdout.splitlines()[-1])
            slope = ""
            if last:
                ratio = row["seconds"] / last[1]
                slope = f"{np.log(ratio) / np.log(size / last[0]):.2f}"
            cells = (
                size,
                f"{row['seconds']:.3g}",
                slope,
                f"{row['GB']:.2f}",
                row["said"],
            )
            print("|", *(f"{cell} |" for cell in cells), flush=True)
            last = size, row["seconds"]


if __name__ == "__main__":
    main()
