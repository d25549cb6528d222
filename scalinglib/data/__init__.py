"""What ships: images and encodings, learning curves, results that took long.

``README.md`` beside this file says what each file holds, where it is from, and which
command of `scalinglib.experiments` makes it again.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "corpora": ["load_text"],
        "fashion_mnist": [
            "FASHION_MNIST_CLASSES",
            "decode_idx",
            "fetch_fashion_mnist",
            "load_fashion_mnist",
            "read_fashion_mnist",
        ],
        "labels": ["one_hot", "superclasses"],
        "measured_curves": [
            "HELD_BACK",
            "load_learning_curves",
            "load_surface_runs",
            "measured_curve",
        ],
        "pixels": ["add_noise", "centre_and_normalise", "crop", "pool"],
        "points": ["read_points"],
        "shipped": ["stored_arrays"],
    },
)
