"""Trials over a grid, claims, and experiments that chapters and tests share.

`sweep` runs a trial, `checks` holds a claim against a number. Results that take minutes
are stored: ``stored.load(NAME)`` reads one, ``python -m scalinglib.experiments make
NAME`` makes it again.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["checks", "results", "stored", "sweep"],
    submod_attrs={
        "checks": ["check", "standard_errors_off"],
        "circle_networks": [
            "circle_eigenvalues",
            "circle_exponents",
            "circle_target",
            "network_on_circle",
        ],
        "cube_networks": ["cube_problem", "student_on_cube"],
        "endless_cubes": ["students_of_width"],
        "hidden_direction": [
            "DIRECTION",
            "DIRECTION_NETWORK",
            "direction_problem",
            "kernel_before_and_after",
            "network_with_features",
        ],
        "image_features": ["feature_plane"],
        "image_networks": ["TASKS", "convolutional_curve", "kernel_curve"],
        "image_widths": ["network_and_linearisation"],
        "images": [
            "KERNELS",
            "TARGETS",
            "forecasting_game",
            "grouped_losses",
            "summary",
        ],
        "last_layer": ["features_and_labels", "predicted_refits", "refit_losses"],
        "many_parities": ["errors_of_skills", "learned_at", "losses_of_skills"],
        "mixing_laws": ["MIXING_LAWS", "mixture_errors", "mixture_forecast"],
        "mixtures": ["pair_of_texts"],
        "parities": ["ParityTasks", "zipf"],
        "peers": ["curves_of", "scored"],
        "pixel_networks": [
            "PixelProblem",
            "network_on_pixels",
            "pixel_examples",
            "pixel_network",
            "pixel_problem",
        ],
        "populations": [
            "population_curve",
            "population_problem",
            "teacher_population",
        ],
        "rate_transfer": [
            "losses_at_rate",
            "losses_in_time",
            "moves_of_first_step",
            "sphere_examples",
        ],
        "repeated_examples": [
            "REPEATS",
            "excess_of_repeats",
            "repeated",
            "repeats_problem",
            "shuffled_places",
        ],
        "sampling": ["data_sweep", "first_order", "linear_part"],
        "smooth_minima": ["NOISE", "minima_problem", "trained_on_draw"],
        "tanh_fit": ["TanhFit"],
        "superposition": [
            "feature_frequencies",
            "features_in_few_dimensions",
            "reconstruction_loss",
        ],
        "text_networks": [
            "TEXT_POINTS",
            "TextProblem",
            "text_problem",
            "transformer_on_text",
        ],
        "torus_kernels": ["TorusKernel", "prior_loss", "torus_kernel"],
        "torus_networks": [
            "network_on_torus",
            "on_circles",
            "torus_problem",
        ],
        "whole_texts": [
            "correlations_of",
            "losses_in_order",
            "ngrams_of",
            "text_statistics",
        ],
        "wide_limit": ["linear_response", "width_problem"],
        "width": [
            "MOMENTUM",
            "STEPS",
            "ensemble_means",
            "wide_networks",
        ],
    },
)
