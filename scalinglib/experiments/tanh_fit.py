"""A small smooth network that is trained to a minimum, with two derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from scalinglib._input import (
    finite_rows,
    real_array,
    rows_and_targets,
    whole_number,
)

__all__ = ["TanhFit"]


@dataclass(frozen=True, eq=False)
class TanhFit:
    r"""One hidden layer of tanh units, and the examples that it is to fit.

    .. math:: f(x) = c + \sum_{j=1}^W a_j \tanh(w_j \cdot x + b_j), \qquad
       L(\theta) = \sum_i p_i (f(x_i) - y_i)^2

    Parameters
    ----------
    X : (N, n) array_like
        Inputs.
    Y : (N,) array_like
        Targets.
    units : int
        W ≥ 1.

    Raises
    ------
    ValueError
        If shapes do not match, or a number is not finite.

    Notes
    -----
    θ holds :math:`w_j, b_j, a_j` for each unit in turn, then c. Weights p of the
    examples are not negative and their sum is one; by default they are equal.

    Examples
    --------
    >>> fit = TanhFit([[0.0], [1.0], [2.0]], [0.0, 1.0, 0.0], 1)
    >>> fit.P
    4
    >>> theta = fit.minimum([1.0, -1.0, 1.0, 0.0])
    >>> np.abs(fit.loss_and_gradient(theta)[1]).max() < 1e-6
    np.True_
    """

    X: np.ndarray
    Y: np.ndarray
    units: int

    def __post_init__(self):
        """Check shapes, and put a one beside each input, for the biases."""
        X, Y = rows_and_targets(finite_rows("X", self.X), self.Y)
        if Y.ndim != 1 or not np.isfinite(Y).all():
            raise ValueError(f"Y must be finite and (N,), got shape {Y.shape}")
        units = whole_number("units", self.units, least=1)
        own = {"X": np.c_[X, np.ones(len(X))], "Y": Y.astype(float), "units": units}
        for name, value in own.items():
            object.__setattr__(self, name, value)

    @property
    def P(self):
        """Number of parameters."""
        return self.units * (self.X.shape[1] + 1) + 1

    def errors(self, theta):
        """Errors of the network, and its Jacobian.

        Parameters
        ----------
        theta : (P,) array_like

        Returns
        -------
        r, J : ndarrays (N,), (N, P)
            f(x) − y, and ∂f(x)/∂θ.

        Raises
        ------
        ValueError
            If θ does not have P finite numbers.

        Examples
        --------
        >>> r, J = TanhFit([[0.0]], [1.0], 1).errors([1.0, 0.0, 1.0, 3.0])
        >>> r.tolist(), J.tolist()
        ([2.0], [[0.0, 1.0, 0.0, 1.0]])
        """
        V, a, c = self._parts(theta)
        h = np.tanh(self.X @ V.T)
        J = np.empty((len(h), self.units, V.shape[1] + 1))
        J[..., :-1] = (a * (1 - h**2))[..., None] * self.X[:, None]
        J[..., -1] = h
        J = J.reshape(len(h), -1)
        return h @ a + c - self.Y, np.c_[J, np.ones(len(h))]

    def loss_and_gradient(self, theta, p=None):
        """Mean squared error and its gradient.

        Parameters
        ----------
        theta : (P,) array_like
        p : (N,) array_like, optional
            Weights of the examples.

        Returns
        -------
        float, (P,) ndarray

        Raises
        ------
        ValueError
            If a shape does not match.

        Examples
        --------
        >>> fit = TanhFit([[0.0]], [1.0], 1)
        >>> fit.loss_and_gradient([1.0, 0.0, 1.0, 3.0])[0].item()
        4.0
        """
        r, J = self.errors(theta)
        p = self._weights(p)
        return p @ r**2, 2 * (p * r) @ J

    def hessian(self, theta, p=None):
        """Second derivatives of the loss.

        Parameters
        ----------
        theta, p
            As in `loss_and_gradient`.

        Returns
        -------
        (P, P) ndarray

        Raises
        ------
        ValueError
            If a shape does not match.

        Examples
        --------
        >>> TanhFit([[0.0]], [1.0], 1).hessian([1.0, 0.0, 1.0, 3.0])[-1, -1].item()
        2.0
        """
        r, J = self.errors(theta)
        p, (V, a, _) = self._weights(p), self._parts(theta)
        H, h = J.T @ (J * p[:, None]), np.tanh(self.X @ V.T)
        slope, m = 1 - h**2, V.shape[1]
        cross = ((p * r)[:, None] * slope).T @ self.X  # of w_j, b_j with a_j
        bend = -2 * a * h * slope * (p * r)[:, None]
        for j in range(self.units):  # units meet in f only, so blocks are enough
            own = slice(j * (m + 1), j * (m + 1) + m)
            H[own, own] += self.X.T @ (bend[:, j, None] * self.X)
            H[own, own.stop] += cross[j]
            H[own.stop, own] += cross[j]
        return 2 * H

    def sandwich(self, theta):
        r"""Hessian of the loss at a minimum, and covariance of a gradient.

        Parameters
        ----------
        theta : (P,) array_like
            A minimum of the loss over all examples, of equal weights.

        Returns
        -------
        H, C : ndarrays (P, P)
            Trained on D examples the network has a loss that exceeds the minimum by
            :math:`\operatorname{tr}(H^{-1} C) / 2D` on average, to leading order.

        Raises
        ------
        ValueError
            If θ does not have P finite numbers.

        References
        ----------
        H. White, Econometrica 50 (1982) 1–25. N. Murata, S. Yoshizawa, S. Amari, IEEE
        Trans. Neural Networks 5 (1994) 865–872.

        Examples
        --------
        >>> from scalinglib.experiments import minima_problem
        >>> fit, theta = minima_problem()
        >>> H, C = fit.sandwich(theta)
        >>> round(np.trace(np.linalg.solve(H, C)).item() / 2, 3)
        0.409
        """
        r, J = self.errors(theta)
        gradients = 2 * r[:, None] * J
        return self.hessian(theta), np.cov(gradients.T, bias=True)

    def minimum(self, start, p=None):
        """Parameters at the minimum to which a trust-region method goes.

        Parameters
        ----------
        start : (P,) array_like
        p : (N,) array_like, optional
            Weights of the examples.

        Returns
        -------
        (P,) ndarray
            After at most 500 steps; where parameters run away to infinity there is no
            minimum, and these are what they had become.

        Raises
        ------
        ValueError
            If a shape does not match.

        Examples
        --------
        >>> from scalinglib.experiments import minima_problem
        >>> fit, theta = minima_problem()
        >>> np.allclose(fit.minimum(theta + 0.01), theta, atol=1e-6)
        True
        """
        self._parts(start)
        p = self._weights(p)
        seen = p > 0  # the others are not in the data set
        few = TanhFit(self.X[seen, :-1], self.Y[seen], self.units)
        found = minimize(
            few.loss_and_gradient,
            start,
            args=(p[seen],),
            jac=True,
            hess=few.hessian,
            method="trust-exact",
            options={"gtol": 1e-9, "maxiter": 500, "initial_trust_radius": 0.3},
        )
        return found.x

    def _parts(self, theta):
        """Weights and biases (W, n + 1), readout (W,), and c."""
        theta = real_array("theta", theta)
        if theta.shape != (self.P,) or not np.isfinite(theta).all():
            raise ValueError(
                f"theta must be {self.P} finite numbers, got shape {theta.shape}"
            )
        units = theta[:-1].reshape(self.units, -1)
        return units[:, :-1], units[:, -1], theta[-1]

    def _weights(self, p):
        """Weights of the examples, equal by default."""
        if p is None:
            return np.full(len(self.Y), 1 / len(self.Y))
        p = real_array("p", p)
        if p.shape != self.Y.shape or not p.min() >= 0 or not abs(p.sum() - 1) < 1e-9:
            raise ValueError(
                f"p must be {len(self.Y)} weights >= 0 with the sum 1, got {p}"
            )
        return p
