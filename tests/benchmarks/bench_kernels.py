"""Speed, memory and accuracy of the Gram matrix, against numpy and neural-tangents.

Run ``pytest tests/benchmarks/bench_kernels.py --benchmark-only`` on an idle machine.
The comparison with neural-tangents wants a Python that has it (0.6.5 with jax and
jaxlib 0.4.30 and numpy below 2), in the variable NEURAL_TANGENTS_PYTHON.
"""

import os
import statistics
import subprocess
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from scalinglib.data import centre_and_normalise, load_fashion_mnist
from scalinglib.kernels import ntk

DEPTH = 3


def plain_ntk(X, depth):
    """Evaluate the recursion with whole arrays in float64."""
    S = X.astype(np.float64) @ X.astype(np.float64).T
    r = np.sqrt(S.diagonal())
    scale = np.outer(r, r)
    K = S
    for _ in range(depth):
        cos = np.clip(S / scale, -1, 1)
        theta = np.arccos(cos)
        S = scale * (np.sqrt(1 - cos**2) + (np.pi - theta) * cos) / np.pi
        K = S + K * (1 - theta / np.pi)
    return K


@pytest.fixture(scope="module")
def X():
    """Return 4000 × 196: centred images of unit norm in float32."""
    return centre_and_normalise(load_fashion_mnist()[0][:4000])


@pytest.mark.benchmark(group="NTK of 4000 × 196, depth 3")
def test_plain_ntk(benchmark, X):
    """Time the plain recursion."""
    benchmark.pedantic(plain_ntk, args=(X, DEPTH), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="NTK of 4000 × 196, depth 3")
def test_ntk(benchmark, X):
    """Ours takes < 0.3 of the time and < 1.5 Gram matrices, and is right to 1e-5."""
    plain_times = []

    def time_plain():  # before every round of ours: what slows one slows the other
        start = time.perf_counter()
        plain_ntk(X, DEPTH)
        plain_times.append(time.perf_counter() - start)

    K = benchmark.pedantic(
        lambda: ntk(X, depth=DEPTH), setup=time_plain, rounds=9, warmup_rounds=1
    )
    tracemalloc.start()
    ntk(X, depth=DEPTH)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    measured = {
        "time / plain": benchmark.stats.stats.median / statistics.median(plain_times),
        "memory / Gram matrix": peak / K.nbytes,
        "relative error": np.abs(K / plain_ntk(X, DEPTH) - 1).max(),
    }
    benchmark.extra_info.update({name: float(x) for name, x in measured.items()})
    print("\n" + "\n".join(f"{name}: {x:.2g}" for name, x in measured.items()))
    assert K.dtype == np.float32
    assert measured["time / plain"] < 0.3
    assert measured["memory / Gram matrix"] < 1.5
    assert measured["relative error"] < 1e-5


@pytest.mark.skipif(
    "NEURAL_TANGENTS_PYTHON" not in os.environ, reason="neural-tangents is not there"
)
def test_against_neural_tangents(benchmark, X, tmp_path):
    """Ours is twice as fast as the reference, best of rounds in turn, to 1e-5 of it."""
    np.save(tmp_path / "X.npy", X)
    worker = Path(__file__).with_name("neural_tangents_worker.py")
    command = [os.environ["NEURAL_TANGENTS_PYTHON"], worker, tmp_path, str(DEPTH)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as reference:
        assert reference.stdout.readline() == "ready\n"
        reference_times = []

        def time_reference():
            reference.stdin.write("\n")
            reference.stdin.flush()
            reference_times.append(float(reference.stdout.readline()))

        K = benchmark.pedantic(
            lambda: ntk(X, depth=DEPTH), setup=time_reference, rounds=9, warmup_rounds=1
        )
        reference.stdin.close()
        assert reference.wait() == 0
    ratio = min(reference_times) / benchmark.stats.stats.min
    error = np.abs(K / np.load(tmp_path / "K.npy") - 1).max()
    print(f"\nneural-tangents / ours: {ratio:.1f}; relative error {error:.1e}")
    benchmark.extra_info.update({"ratio": ratio, "relative error": float(error)})
    assert K.dtype == np.float32
    assert ratio > 2
    assert error < 1e-5
