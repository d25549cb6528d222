"""Speed of training an ensemble at once, against a loop over torch modules.

Run ``pytest tests/benchmarks/bench_networks.py --benchmark-only`` on an idle machine.
"""

import statistics
import time

import numpy as np
import pytest
import torch

from scalinglib.networks import MLP, gradient_descent

MEMBERS, STEPS, RATE, MOMENTUM = 64, 100, 0.01, 0.9
# n, W, C and D: images, and the students of a teacher.
SETTINGS = {"49-16-10, D = 128": (49, 16, 10, 128), "8-16-1, D = 32": (8, 16, 1, 32)}
BOTH = pytest.mark.parametrize("setting", SETTINGS)


def problem(setting):
    """Draw a net in standard parameterisation, 64 initialisations and data for all."""
    n, W, C, D = SETTINGS[setting]
    net, rng = MLP([n, W, C], parameterisation="standard"), np.random.default_rng(0)
    X, Y = rng.standard_normal((D, n)) / n**0.5, rng.standard_normal((D, C))
    return net, net.initialise(MEMBERS, rng=rng), X, Y


def ensemble(net, parameters, X, Y):
    """Train all members at once."""
    learn = gradient_descent(net, rate=RATE, steps=STEPS, momentum=MOMENTUM)
    return learn(X, Y, start=parameters)(X)


def loop(net, parameters, X, Y):
    """Train one torch module after another."""
    x, y, outputs = torch.from_numpy(X), torch.from_numpy(Y), []
    n, W, C = net.widths
    for first, second in zip(*map(torch.from_numpy, parameters), strict=True):
        module = torch.nn.Sequential(
            torch.nn.Linear(n, W, bias=False, dtype=torch.float64),
            torch.nn.ReLU(),
            torch.nn.Linear(W, C, bias=False, dtype=torch.float64),
        )
        with torch.no_grad():
            module[0].weight.copy_(first.T)
            module[2].weight.copy_(second.T)
        optimiser = torch.optim.SGD(module.parameters(), lr=RATE, momentum=MOMENTUM)
        for _ in range(STEPS):
            optimiser.zero_grad()
            (torch.nn.functional.mse_loss(module(x), y) * C).backward()
            optimiser.step()
        with torch.no_grad():
            outputs.append(module(x).numpy())
    return np.stack(outputs)


@BOTH
@pytest.mark.parametrize("train", [loop, ensemble])
def test_train(benchmark, setting, train):
    """Time both, side by side."""
    benchmark.group = f"64 nets {setting}, 100 steps"
    benchmark.pedantic(train, args=problem(setting), rounds=5, warmup_rounds=1)


@pytest.mark.parametrize(("setting", "least"), [*zip(SETTINGS, (3, 10), strict=True)])
def test_ratio(benchmark, setting, least):
    """The ensemble gives the same to 1e-10, for small nets ten times as fast."""
    arguments, loop_times = problem(setting), []

    def time_loop():  # before every round of ours: what slows one slows the other
        start = time.perf_counter()
        loop(*arguments)
        loop_times.append(time.perf_counter() - start)

    benchmark.group = "ratio"
    ours = benchmark.pedantic(
        ensemble, args=arguments, setup=time_loop, rounds=9, warmup_rounds=1
    )
    ratio = statistics.median(loop_times) / benchmark.stats.stats.median
    benchmark.extra_info["loop / ensemble"] = ratio
    print(f"\n{setting}: loop / ensemble: {ratio:.3g}")
    np.testing.assert_allclose(ours, loop(*arguments), rtol=0, atol=1e-10)
    assert ratio >= least
