"""Ridge regression on features and with a kernel, and what one factorisation gives.

Features f (D, P) with ridge δ are the kernel K = f fᵀ with ridge δ: the same
predictions from P equations or from D. `random_features` simulates the experiment in
which both are scarce.

A learner is a function ``learn(X, Y)`` that returns a function ``predict(X_new)``, here
as in `scalinglib.geometry` and `scalinglib.networks`; `learning_curve` takes any.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["random_features"],
    submod_attrs={
        "averages": ["teacher_average"],
        "blocks": ["error_matrices"],
        "large": ["large_kernel_ridge"],
        "linear": ["LeastSquares", "feature_ridge", "least_squares"],
        "ridge": ["kernel_ridge", "leave_one_out", "nested_predictions"],
        "draws": ["fresh_sample", "random_split"],
        "one_pass": ["one_pass_sgd"],
        "trials": ["error_rate", "learning_curve", "squared_error"],
    },
)
