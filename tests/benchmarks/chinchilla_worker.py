"""Fit the surface by the package `chinchilla`; bench_surfaces.py starts this.

The argument is a folder with ``df.csv``, columns C, N, D and loss. Printed are seconds
of the fit, and five parameters. The grid of starts is that of the package's own
documentation, with three values of each parameter in place of five.
"""

import sys
import time

import numpy as np
from chinchilla import Chinchilla
from chinchilla._metrics import log_huber

grid = {
    "E": np.linspace(1, 2, 3),
    "a": np.linspace(1, 10, 3),
    "b": np.linspace(1, 10, 3),
    "alpha": np.linspace(0.1, 0.7, 3),
    "beta": np.linspace(0.1, 0.7, 3),
}
fit = Chinchilla(
    sys.argv[1],
    param_grid=grid,
    loss_fn=lambda *losses: log_huber(*losses, delta=1e-3),
    log_level=50,
)
start = time.perf_counter()
fit.fit()
seconds = time.perf_counter() - start
print(seconds, *(float(getattr(fit, n)) for n in ("E", "A", "B", "alpha", "beta")))
