"""Any architecture of torch, for an ensemble: its passes come from torch.func."""

import contextlib
import copy
from math import prod

import numpy as np
import torch
from torch.func import functional_call, jacrev, vjp, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from scalinglib._input import function, generator, whole_number
from scalinglib.networks.architecture import Architecture
from scalinglib.networks.mlp import _DTYPES

__all__ = ["Module"]


class Module(Architecture):
    r"""Ensembles of a torch module, trained at once like those of an `MLP`.

    Convolutions, attention, layers with skips: what maps rows (D, n) to outputs (D, C)
    and can be vectorised by `torch.func`. A module for images begins with
    `torch.nn.Unflatten`. `MLP` has passes of its own, which are faster.

    Parameters
    ----------
    build : callable
        ``build()`` returns a new `torch.nn.Module`, each with an initialisation of its
        own, always of the same shapes.
    inputs, outputs : int
        n and C, ≥ 1.

    Raises
    ------
    ValueError
        If an argument is not one of these, or the module has no parameters, or some
        that are frozen, maps rows to something else, treats examples other than each on
        its own and always alike (dropout, normalisation over a batch), or can not be
        vectorised, as the recurrent layers of torch.

    Notes
    -----
    All members run as one computation, by `torch.func.vmap`. Buffers, such as masks,
    are those of a module that is built at the start, and stay as they are.

    Examples
    --------
    >>> from torch import nn
    >>> def build():
    ...     parts = nn.Unflatten(1, (1, 8)), nn.Conv1d(1, 4, 3), nn.ReLU()
    ...     return nn.Sequential(*parts, nn.Flatten(), nn.Linear(24, 2))
    >>> net = Module(build, inputs=8, outputs=2)
    >>> parameters = net.initialise(3, rng=0)
    >>> net(parameters, np.ones((5, 8))).shape
    (3, 5, 2)
    """

    def __init__(self, build, *, inputs, outputs):
        """Build two modules and see what they do."""
        self.build = function("build", build, of="nothing")
        self.inputs = whole_number("inputs", inputs, least=1)
        self.outputs = whole_number("outputs", outputs, least=1)
        rng = np.random.default_rng(0)
        first, second = self._built(rng), self._built(rng)
        _refuse_what_cannot_learn(first, second)
        # A copy: the user's own stays of its type, and in its mode.
        self._module = copy.deepcopy(first).to("cpu", torch.float64).eval()
        self._names = [name for name, _ in self._module.named_parameters()]
        self._refuse_what_it_does()

    def __repr__(self):
        """Tell the module and its ends."""
        kind = type(self._module).__name__
        return f"Module({kind}, inputs={self.inputs}, outputs={self.outputs})"

    def initialise(self, members, *, rng=None, dtype=np.float64):
        """Draw the parameters of an ensemble, each as the module draws them.

        The first members are the same whatever their number.

        Parameters
        ----------
        members : int
            T ≥ 1.
        rng : None, int or numpy.random.Generator
            Seeds torch for each member; its own state is left as it was.
        dtype : {numpy.float64, numpy.float32}
            In which all that follows is computed.

        Returns
        -------
        tuple of ndarray
            The module's parameters in their order, each with a leading axis of T.

        Raises
        ------
        ValueError
            If an argument is not one of these, or ``build`` returns another module.

        Examples
        --------
        >>> net = Module(lambda: torch.nn.Linear(3, 2), inputs=3, outputs=2)
        >>> [a.shape for a in net.initialise(4, rng=0)]
        [(4, 2, 3), (4, 2)]
        """
        members, rng = whole_number("members", members, least=1), generator(rng)
        if not isinstance(dtype, str | type | np.dtype) or dtype not in _DTYPES:
            raise ValueError(f"dtype must be float64 or float32, got {dtype!r}")
        shapes, drawn = list(self._shapes()), []
        for _ in range(members):
            module = self._built(rng)
            drawn.append([p.numpy(force=True).copy() for p in module.parameters()])
            if (found := [p.shape for p in drawn[-1]]) != shapes:
                raise ValueError(
                    f"build must always return the same shapes, {shapes}, got {found}"
                )
        arrays = zip(*drawn, strict=True)
        return tuple(np.stack(members).astype(dtype) for members in arrays)

    def _built(self, rng):
        """New module, of parameters that these random numbers determine."""
        seed = int(rng.integers(2**63))
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # of the CPU, and of no GPU
            module = self.build()
        if not isinstance(module, torch.nn.Module):
            raise ValueError(f"build must return a torch module, got {type(module)}")
        return module

    def _refuse_what_it_does(self):
        """Outputs, alone and together, in both modes; and passes of two members."""
        rows = torch.linspace(-1, 1, 3 * self.inputs, dtype=torch.float64)
        rows = rows.view(3, self.inputs)
        of_rows = f"a module of rows (D, {self.inputs}); at three of them it says"
        with _said(of_rows), torch.no_grad():
            f = self._module(rows)
        if not isinstance(f, torch.Tensor) or f.shape != (3, self.outputs):
            got = tuple(getattr(f, "shape", ())) or type(f)
            raise ValueError(
                f"outputs must be those of the module at three rows, got {got} for "
                f"(3, {self.outputs})"
            )
        alike = "a module that treats examples each on its own and always alike"
        with _said(f"{alike}; at one row it says"), torch.no_grad():
            alone = torch.cat([self._module(row) for row in rows.split(1)])
        with _said(f"{alike}; in training it says"):
            in_training = _in_training(self._module, rows)
        for what, other in [
            ("the others", alone),
            ("whether it is in training: it has dropout or such", in_training),
        ]:
            if not torch.allclose(f, other):
                raise ValueError(
                    f"build must return {alike}, got one whose outputs at a row depend "
                    f"on {what}"
                )
        theta = [torch.stack([p, p]).detach() for p in self._module.parameters()]
        with _said(
            "a module that torch.func can vectorise (recurrent layers of torch and "
            "operations in place it can not); it says"
        ):
            self._product(theta, rows, rows, self._forward(theta, rows)[0])
            self._kernel(theta, rows, None)

    def _shapes(self):
        """Shapes of one member's parameters, in order."""
        return (tuple(p.shape) for p in self._module.parameters())

    def _numbers(self, D):
        """How many numbers a member needs, as far as can be told."""
        return D * (self.inputs + self.outputs) + sum(map(prod, self._shapes()))

    def _function(self, X):
        """One member's outputs (D, C) from its parameters and rows like X."""
        # What a module holds is cast here: within a transformation torch crashes.
        held = {
            name: buffer.to(X.device, X.dtype if buffer.is_floating_point() else None)
            for name, buffer in self._module.named_buffers()
        }

        def one(arrays, x):
            named = dict(zip(self._names, arrays, strict=True))
            return functional_call(self._module, {**held, **named}, (x,))

        return one

    def _together(self, X):
        """All members' outputs (T, D, C) from their parameters."""
        X = X[0] if X.ndim == 3 and len(X) == 1 else X
        all_at_once = vmap(self._function(X), in_dims=(0, 0 if X.ndim == 3 else None))
        return lambda *theta: all_at_once(theta, X)

    def _evaluate(self, theta, X):
        theta = _for_all(theta, X)
        # Not too many rows: nobody knows how large the layers are.
        parts = X.split(1024, dim=-2)
        with _differentiable():
            return torch.cat([self._together(x)(*theta) for x in parts], dim=1)

    def _forward(self, theta, X):
        with _differentiable():
            f, pull = vjp(self._together(X), *_for_all(theta, X))
        return f.clone(), pull  # changed in place, f could be what `pull` needs

    def _gradients(self, theta, seen, g, into):
        with _differentiable():
            gradients = seen(g)
        for array, gradient in zip(into, gradients, strict=True):
            array.copy_(gradient)

    def _jacobian(self, theta, X):
        """∂f/∂θ of each member, (T, D C, parameters)."""
        one = self._function(X)
        of_rows = vmap(jacrev(lambda p, x: one(p, x[None])[0]), in_dims=(None, 0))
        of_members = vmap(of_rows, in_dims=(0, 0 if X.ndim == 3 else None))
        with _differentiable():
            parts = of_members(tuple(theta), X)
        return torch.cat([part.flatten(3) for part in parts], dim=-1).flatten(1, 2)

    def _kernel(self, theta, X, Y):
        left = self._jacobian(theta, X)
        right = left if Y is None else self._jacobian(theta, Y)
        return torch.matmul(left, right.mT)

    def _product(self, theta, X, Y, v):
        theta = tuple(p.expand(len(v), *p.shape[1:]) for p in theta)
        with _differentiable():
            along = self._forward(theta, Y)[1](v)
            f, pull = vjp(self._together(X), *theta)
            # Forward mode would need torch's scripts; to pull back twice is to push.
            return vjp(lambda u: pull(u), torch.zeros_like(f))[1](along)[0]


@contextlib.contextmanager
def _differentiable():
    """Attention by its formula: its fast kernels have no second derivatives."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@contextlib.contextmanager
def _said(what):
    """Turn what torch raises into what `build` must return."""
    try:
        yield
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"build must return {what}: {reason}") from None


def _refuse_what_cannot_learn(first, second):
    """Two modules of real parameters, all of which learn, none of which they share."""
    arrays, others = (list(module.parameters()) for module in (first, second))
    if not arrays:
        raise ValueError("build must return a module with parameters, got none")
    if any(isinstance(p, torch.nn.UninitializedParameter) for p in arrays):
        raise ValueError("build must return a module whose shapes are known, not lazy")
    if any(p.is_complex() for p in arrays):
        raise ValueError("build must return a module with real parameters, got complex")
    if frozen := sum(not p.requires_grad for p in arrays):
        raise ValueError(
            f"build must return a module whose parameters all learn, got {frozen} with "
            "requires_grad=False: register them as buffers"
        )
    if {p.data_ptr() for p in arrays} & {p.data_ptr() for p in others}:
        raise ValueError(
            "build must return a new module each time, got the same parameters twice"
        )


def _in_training(module, rows):
    """Outputs of a copy in its other mode, in which it may draw random numbers."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        return copy.deepcopy(module).train()(rows)


def _for_all(theta, X):
    """Parameters for as many members as there are data sets."""
    T = max(len(theta[0]), len(X) if X.ndim == 3 else 1)
    return [p.expand(T, *p.shape[1:]) for p in theta]
