r"""The teacher–student experiment with random features, averaged in closed form.

A teacher is a random combination of S features, y = ω · F(x), and a student combines P
mixtures of them, f = 𝒫 F, by least squares on D examples. In units in which
:math:`\omega_i F_i` has variance λ_i, the student's error is
:math:`F(x) \cdot (\mathbb 1 - A)\,\omega` with A = 𝒫ᵀ f⁺ F, and the loss, averaged over
x and ω, the squared length of a matrix,

.. math:: L = \bigl\| \Lambda^{1/2} (\mathbb 1 - A) \bigr\|^2, \qquad
          \Lambda^{1/2} A = V^{\mathsf T} U .

With f = QR the factors are U = QᵀF and V = R⁻ᵀ𝒫Λ^{1/2}, of P rows. Their rows for fewer
features are their first rows, so one factorisation gives the loss of every P ≤ D; for
D < P points and features change places.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "features": ["gaussian", "projection"],
        "limits": ["limit"],
        "simulation": ["losses", "teacher_student"],
    },
)
