r"""Learn from the learning curves that ship: priors and calibration of forecasts.

``python -m scalinglib.experiments.experience`` makes
``scalinglib/laws/experience.json`` anew, in a quarter of an hour. Weights of the
components of `scalinglib.laws.wandering` make what came after the first sizes of curves
most probable; then a dozen numbers stretch the forecasts until quantiles
hold as often as they should, on curves of data sets that the weights have not seen.
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtri

from scalinglib.data import HELD_BACK, load_learning_curves
from scalinglib.experiments.examples import examples_of, folds
from scalinglib.experiments.weighing import learn
from scalinglib.laws import experience as kept

__all__ = ["make_experience", "scores", "stretch", "write"]

LEVELS = np.array([0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975])
CHOSEN = 9000  # examples, of all that there are
REACHED = 0.95  # of the examples lie within the horizon that counts as tried


def scores(chosen, model):
    """Normal quantiles at which forecasts put the truths, (n,)."""
    found = []
    for example in chosen:
        u = example.u
        target = u[-1:] + example.ahead
        reading = kept.read_curve(u, example.y, example.error, target, model)
        found.append(float(reading.distributions[0].score(example.truth)))
    return np.clip(found, -6, 6)


def stretch(z, ahead, horizon):
    """Six numbers with which quantiles of scores are as they should be.

    They minimise the pinball loss of the scores, over nine levels.

    Parameters
    ----------
    z, ahead : ndarray, shape (n,)
        Scores of forecasts, and their horizons.
    horizon : float
        The largest.
    """
    normal = ndtri(LEVELS)

    def loss(numbers):
        shift, low, high = kept.stretch_at(numbers, ahead, horizon)
        quantile = shift[:, None] + normal * np.where(
            normal < 0, low[:, None], high[:, None]
        )
        off = z[:, None] - quantile
        return np.maximum(LEVELS * off, (LEVELS - 1) * off).mean() + 1e-4 * (
            numbers @ numbers
        )

    options = {"maxiter": 20_000, "xtol": 1e-4, "ftol": 1e-7}
    return minimize(loss, np.zeros(6), method="Powell", options=options).x


def _sample(chosen, count=CHOSEN, seed=1):
    order = np.random.default_rng(seed).permutation(len(chosen))[:count]
    return [chosen[k] for k in order]


def make_experience(curves):
    """All of it: weights from all curves, the stretch from five folds.

    Parameters
    ----------
    curves : iterable of (group, x, loss)
        As in `examples`.

    Returns
    -------
    (scalinglib.laws.experience.Experience, dict)
        And by ``"fold"`` what was found on the way: models, examples of the largest
        sizes, their scores before the stretch, and their folds.
    """
    every = list(examples_of(curves))
    fold = folds([example.group for example in every])
    horizon = np.quantile([e.ahead for e in every if e.largest], REACHED)
    models, tried, z, places = [], [], [], []
    for k in np.unique(fold):
        model = learn(_sample([e for e, f in zip(every, fold, strict=True) if f != k]))
        left = [e for e, f in zip(every, fold, strict=True) if f == k and e.largest]
        models.append(model)
        tried += left
        z.append(scores(left, model))
        places += [k] * len(left)
    z = np.concatenate(z)
    ahead = np.array([example.ahead for example in tried])
    known = np.array([example.error is not None for example in tried])
    numbers = {
        str(kind): stretch(z[known == kind], ahead[known == kind], horizon)
        for kind in (True, False)
    }
    final = learn(_sample(every))
    names = "shapes", "processes", "noise", "unknown", "temper", "surprises"
    parts = [getattr(final, name) for name in names]
    found = {"models": models, "tried": tried, "scores": z, "fold": np.array(places)}
    return kept.Experience(*parts, numbers, horizon), found


def write(model, path):
    """Write an experience as JSON, in four digits."""
    names = "shapes", "processes", "noise", "unknown", "temper", "surprises"
    held = {name: np.round(getattr(model, name), 4).tolist() for name in names}
    held["stretch"] = {k: np.round(v, 4).tolist() for k, v in model.stretch.items()}
    held["horizon"] = round(float(model.horizon), 4)
    Path(path).write_text(json.dumps(held, indent=1) + "\n")


def main():
    """Make it anew, from the curves that ship and are not held back."""
    table = load_learning_curves()
    table = table[table["dataset"] % HELD_BACK != 0]
    curves = []
    for (dataset, _), rows in table.groupby(["dataset", "learner"]):
        wide = rows.pivot(index="D", columns="trial", values="error")
        curves.append((dataset, wide.index.to_numpy(float), wide.to_numpy()))
    model, found = make_experience(curves)
    z = found["scores"]
    held = [np.mean(abs(z) < ndtri((1 + level) / 2)) for level in (0.5, 0.9)]
    print(f"before the stretch: 50 % hold {held[0]:.1%}, 90 % hold {held[1]:.1%}")
    write(model, Path(kept.__file__).with_name("experience.json"))


if __name__ == "__main__":
    main()
