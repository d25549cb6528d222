"""The games of the lab that a page has, and the two players who have played them."""

import functools
import json

import numpy as np
from playing import given, hosts

from scalinglib import forecast, lab, laws
from scalinglib.lab.answers import answer
from scalinglib.lab.cards import strangers

KIND = "scaling-lab"
SEEDS = range(13, 21)
SMALL = {16: 682, 32: 341, 64: 170, 128: 85, 256: 42, 512: 21}
EVEN = {16 * 2**k: 256 // 2**k for k in range(8)} | {4096: 2, 8192: 1, 16384: 1}
PLAYERS = {"small": SMALL, "even": EVEN}
TEXT = """<p><em>On the web page this is a game: the lab's games 13 to 20, to be played
with sliders and buttons. Two players have played before you, one with small runs only,
one with runs at every octave; both forecast with the package. Their points, up to 100 a
game:</em></p>"""


# ------------------------------------------------------------ what is stored


def played(seed, runs):
    """A game, after these runs were bought."""
    game = lab.start(seed)
    game.buy(list(runs), list(runs.values()))
    return game


def answers(seed, runs):
    """What the package says of these runs if one of its laws holds, and the card."""
    game = played(seed, runs)
    loss = answer("loss", forecast(game.curve, at=game.at, assume="law"))
    size = laws.size_for(game.curve, game.target, assume="law")
    size = answer("size", size)
    return [loss.low, loss.value, loss.high, size.low, size.value, size.high]


def rounded(x, digits):
    """A float with so many digits; None if it is infinite."""
    return float(f"{x:.{digits}g}") if np.isfinite(x) else None


def points(seed, said):
    """Points of answers in a game, by the package."""
    said = [np.inf if x is None else x for x in said]
    card = played(seed, {16: 1, 1024: 1}).submit(said[:3], said[3:])
    return card.total


def written():
    """The element of the page, as the package would have it."""
    games, rows = [], ""
    for seed in SEEDS:
        card = played(seed, EVEN).submit((1, 1, 1), (1, 1, 1))
        game = {
            "seed": seed,
            "expected": [rounded(x, 9) for x in card.expected.values.tolist()],
        }
        for who, runs in PLAYERS.items():
            game[who] = [rounded(x, 4) for x in answers(seed, runs)]
        games.append(game)
        cells = "".join(f"<td>{points(seed, game[who]):.0f}</td>" for who in PLAYERS)
        rows += f"<tr><td>{seed}</td>{cells}</tr>"
    text = json.dumps(games, separators=(",", ":"))
    unknown = [rounded(x, 9) for x in strangers().tolist()]
    head = "<tr><th>game</th><th>small runs</th><th>every octave</th></tr>"
    return (
        f'<div class="{KIND}" data-stranger="{json.dumps(unknown)}" '
        f"data-games='{text}'>{' '.join(TEXT.split())}<table>{head}{rows}</table></div>"
    )


@functools.cache
def host():
    """The element as the book has it."""
    return hosts()[KIND]


@functools.cache
def stored():
    """The games as the book has them, by their seeds."""
    return {game["seed"]: game for game in json.loads(given(host(), "games"))}


def kind_of(truth):
    """What the page calls a kind of law."""
    both = truth.law.name == "break" and truth.parameters["floor"]
    return "both" if both else truth.law.name
