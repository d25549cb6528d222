"""Companion package of the course *Explaining Neural Scaling Laws*.

It consists of rooms, and ``import scalinglib`` loads none of them. A room, and each
of its modules, is imported when a name of it is first used (SPEC 1), so that the
package starts fast and works without the libraries that a room alone needs.
"""

__version__ = "0.1.0"

try:
    from lazy_loader import attach
except ModuleNotFoundError:  # the doctor runs all the same

    def attach(*args, **kwargs):
        """Stand for the library: names are not there, and it is said why."""

        def lacking(name):
            if name.startswith("__"):
                raise AttributeError(name)
            raise ModuleNotFoundError(
                "scalinglib needs lazy-loader; python -m scalinglib.doctor tells what "
                "else is missing, and the commands that mend it"
            )

        return lacking, list, []


__getattr__, __dir__, __all__ = attach(
    __name__,
    submodules=[
        "data",
        "exercises",
        "experiments",
        "geometry",
        "kernels",
        "laws",
        "learners",
        "networks",
        "plotting",
        "spectra",
        "text",
        "lab",
        "report",
        "theory",
    ],
    submod_attrs={
        "experiments": ["stored", "sweep"],
        "experiments.checks": ["check", "standard_errors_off"],
        "laws.bracketing": ["bracket"],
        "laws.forecasting": ["forecast"],
        "laws.reading": ["read"],
        "laws.power_law": ["fit_power_law"],
        "laws.slopes": ["local_exponents"],
    },
)
