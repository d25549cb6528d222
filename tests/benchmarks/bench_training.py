"""Speed of training an ensemble: beside a loop of plain modules, and torch.func.vmap.

Run ``pytest tests/benchmarks/bench_training.py --benchmark-only`` on an idle machine.
All three train the same students by Adam on shuffled batches, in float32 and with one
thread, and end at the same losses. Where nearly all work is products of matrices the
share of their peak is told too.
"""

import statistics
import time
from itertools import pairwise

import numpy as np
import pytest
import torch

from scalinglib.networks import MLP, Module, adam

RATE, INPUTS = 3e-3, 8
# Units of both hidden layers, examples of a step, members, steps, and the least ratios
# of the times of the loop and of vmap to ours.
SETTINGS = {
    "2 x 16 units, batches of 32": (16, 32, 64, 60, 10.0, 1.0),
    "2 x 192 units, batches of 256": (192, 256, 8, 30, 1.15, 1.0),
}


def plain(W):
    """Build the student as anyone would."""
    parts, widths = [], [INPUTS, W, W, 1]
    for fan_in, fan_out in pairwise(widths):
        parts += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def problem(W, batch, members):
    """Initialisations and data of all members."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (members, 8 * batch, INPUTS)).astype(np.float32)
    module = Module(lambda: plain(W), inputs=INPUTS, outputs=1)
    return module, module.initialise(members, rng=rng, dtype=np.float32), X, X[..., :1]


def loop(_, start, X, Y, steps, batch):
    """Train one module after another with torch.optim; losses on all examples."""
    losses = []
    for t, (x, y) in enumerate(
        zip(map(torch.tensor, X), map(torch.tensor, Y), strict=True)
    ):
        module = plain(start[0].shape[1])
        with torch.no_grad():
            for p, value in zip(module.parameters(), start, strict=True):
                p.copy_(torch.from_numpy(value[t]))
        optimiser = torch.optim.Adam(module.parameters(), lr=RATE)
        (source,) = order(t).spawn(1)  # as the learners do
        for step in range(steps):
            if step % 8 == 0:
                positions = torch.from_numpy(source.permutation(len(x)))
            at = positions[step % 8 * batch : (step % 8 + 1) * batch]
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(module(x[at]), y[at]).backward()
            optimiser.step()
        with torch.no_grad():
            losses.append(torch.nn.functional.mse_loss(module(x), y).item())
    return np.array(losses)


def order(t):
    """What shuffles the examples of member t."""
    return np.random.default_rng([1, t])


def vmapped(module, start, X, Y, steps, batch):
    """Train all modules at once, with gradients by torch.func."""
    sources = [order(t) for t in range(len(X))]
    learn = adam(module, rate=RATE, steps=steps, batch=batch, rng=sources)
    return learn(X, Y, start=start).loss


def ours(_, start, X, Y, steps, batch):
    """Train all at once, with the hand-written passes of an MLP."""
    W = start[0].shape[1]
    net = MLP([INPUTS, W, W, 1], parameterisation="standard", bias=1.0)
    theta = [a.swapaxes(1, 2) if a.ndim == 3 else a[:, None] for a in start]
    sources = [order(t) for t in range(len(X))]
    learn = adam(net, rate=RATE, steps=steps, batch=batch, rng=sources)
    return learn(X, Y, start=theta).loss


@pytest.mark.parametrize("setting", SETTINGS)
def test_training_ratio(benchmark, setting):
    """The same losses, in the times told above, round by round side by side."""
    W, batch, members, steps, *least = SETTINGS[setting]
    torch.set_num_threads(1)
    arguments = (*problem(W, batch, members), steps, batch)
    times = {loop: [], vmapped: []}

    def time_the_others():  # before every round of ours: what slows one slows all
        for train, found in times.items():
            start = time.perf_counter()
            train(*arguments)
            found.append(time.perf_counter() - start)

    benchmark.group = "ratio"
    found = benchmark.pedantic(
        ours, args=arguments, setup=time_the_others, rounds=7, warmup_rounds=1
    )
    mine = benchmark.stats.stats.median
    ratios = [statistics.median(found) / mine for found in times.values()]
    products = 2 * batch * members * steps * (3 * W * W + 2 * INPUTS * W + 3 * W)
    share = products / mine / peak()
    print(
        f"\n{setting}: loop / ours {ratios[0]:.3g}, vmap / ours {ratios[1]:.3g}; "
        f"{1e3 * mine / members / steps:.3g} ms a step of a member, "
        f"{share:.0%} of the peak of products of matrices"
    )
    for train in times:
        np.testing.assert_allclose(found, train(*arguments), rtol=2e-3)
    assert all(r >= low for r, low in zip(ratios, least, strict=True)), ratios


def peak():
    """Operations a second of a product of two large matrices."""
    a, seconds = torch.randn(1024, 1024), []
    for _ in range(15):
        start = time.perf_counter()
        torch.mm(a, a)
        seconds.append(time.perf_counter() - start)
    return 2 * 1024**3 / statistics.median(seconds)
