"""What to doubt of the numbers that a text was given."""

import numpy as np

from scalinglib.text.octaves import POWER

__all__ = ["directions_lost", "drift_within", "no_power_law"]

APART = 2.0  # standard errors by which strengths differ if they do
PART = 0.5  # of the correlations: if more is between parts of the text, that is told
LOST = 3.0  # times larger than the strength may be is what all counts show, if lost
SHORT = 64  # times shorter than a block is a lag that tells it


def no_power_law(found, said):
    """What to say of an exponent that changes from octave to octave.

    Parameters
    ----------
    found : OctaveExponent
        The exponent.
    said : str
        What falls.

    Returns
    -------
    list of str
        A sentence, or nothing.
    """
    if found.status == POWER:
        return []
    low, high = found.octaves.min(), found.octaves.max()
    return [
        f"{said} by no power law: octaves from {found.first:.6g} to {found.last:.6g} "
        f"have exponents from {low:.2g} to {high:.2g}, and their mean is not the "
        "exponent of anything"
    ]


def directions_lost(found, beta):
    """Whether the halves of a text agree on less than all of it shows.

    Parameters
    ----------
    found : Correlations
        Of the text.
    beta : OctaveExponent
        Their exponent, whose range counts.

    Returns
    -------
    list of str
        A sentence, or nothing.
    """
    lags = found.lags.loc[beta.first : beta.last]
    beyond_noise = np.sqrt(np.maximum(lags["raw"] ** 2 - found.noise**2 / found.D, 0))
    lost = lags[beyond_noise > LOST * (lags["strength"] + APART * lags["error"])]
    for n, row in lost.iloc[:1].iterrows():
        return [
            f"at lag {n} the halves of the text agree on a correlation of "
            f"{row['strength']:.2g}, and all of it shows {row['raw']:.2g}: it is too "
            "short for its vocabulary, and the exponent that of neither"
        ]
    return []


def drift_within(found, beta):
    """Whether what is called memory is that parts of the text differ.

    Within blocks even a homogeneous text has less, by its mean correlation over a
    block: only lags much shorter than that tell.

    Parameters
    ----------
    found : Correlations
        Of the text.
    beta : OctaveExponent
        Their exponent, whose range counts.

    Returns
    -------
    list of str
        A sentence, or nothing.
    """
    lags = found.lags.loc[beta.first : beta.last]
    told = lags.loc[: found.block // SHORT].iloc[-1:]
    for n, row in told.iterrows():
        between = row["strength"] - row["local"]
        errors = np.hypot(row["error"], row["local_error"])
        if between > max(PART * row["strength"], APART * errors):
            return [
                f"at lag {n} only {max(row['local'], 0):.2g} of a correlation of "
                f"{row['strength']:.2g} is within blocks of {found.block} tokens: the "
                "rest says that parts of the text differ, and the exponent of the "
                "correlations counts it as memory"
            ]
    return []
