"""Time the public reference, in an environment of its own; bench_kernels.py starts it.

For each line that comes in, the Gram matrix of the inputs in ``X.npy`` is computed by
neural-tangents, compiled, on the CPU, and its seconds are printed. At the end the same
in double precision goes to ``K.npy``. The first argument is the folder of both files,
the second the depth.
"""

import sys
import time
from pathlib import Path

import jax
import numpy as np
from neural_tangents import stax

folder, depth = Path(sys.argv[1]), int(sys.argv[2])
X = np.load(folder / "X.npy")
layers = [stax.Dense(1, W_std=X.shape[1] ** 0.5)]  # x . y, not divided by n
layers += depth * [stax.Relu(), stax.Dense(1, W_std=2**0.5)]
*_, kernel = stax.serial(*layers)
ntk = jax.jit(lambda X: kernel(X, None, "ntk"))
ntk(X).block_until_ready()
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    ntk(X).block_until_ready()
    print(time.perf_counter() - start, flush=True)
jax.config.update("jax_enable_x64", True)
np.save(folder / "K.npy", np.asarray(kernel(X.astype(np.float64), None, "ntk")))
