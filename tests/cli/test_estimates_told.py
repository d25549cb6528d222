"""The commands of dimensions and spectra: the package's numbers, files, errors."""

import json

import numpy as np
import pandas as pd
import pytest
from thorough import long
from typer.testing import CliRunner

from scalinglib.cli import estimates
from scalinglib.geometry import dimension, sphere
from scalinglib.spectra import exponent

RUN = CliRunner()
RNG = np.random.default_rng(0)
SPHERE = sphere(2).sample(150, rng=0)
F = RNG.standard_normal((500, 200)) * np.arange(1, 201) ** -0.6


def said(*words):
    """What the command prints, if it succeeds."""
    done = RUN.invoke(estimates.app, [*map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def saved(X, path):
    """Points in a file of the kind that its name says."""
    table = pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])])
    kinds = {
        ".npy": lambda: np.save(path, X),
        ".npz": lambda: np.savez(path, points=X),
        ".csv": lambda: table.to_csv(path, index=False),
        ".txt": lambda: np.savetxt(path, X),
        ".gz": lambda: np.savetxt(path, X, delimiter=","),
        ".parquet": lambda: table.to_parquet(path),
    }
    kinds[path.suffix]()
    return path


@pytest.mark.parametrize(
    "name", ["a.npy", "a.npz", "a.csv", "a.txt", "a.csv.gz", "a.parquet"]
)
def test_the_dimension_of_a_file(tmp_path, name):
    """The number of the package, from whatever file; text with and without names."""
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    file = saved(SPHERE, tmp_path / name)
    found = json.loads(said("dimension", file, "--json"))
    d = dimension.estimate(SPHERE, rng=0)
    assert found["value"] == pytest.approx(d.value, rel=1e-6)
    assert (found["low"], found["high"]) == pytest.approx(d.interval(), rel=1e-6)
    assert found["status"] == "resolved"
    assert len(found["scales"]) == len(d.scales)


def test_the_dimension_is_told(tmp_path):
    """With what was found, for people; and drawn."""
    file = saved(np.vstack([SPHERE, SPHERE[:20]]), tmp_path / "a.npy")
    picture = tmp_path / "d.svg"
    text = said("dimension", file, "--level", "0.8", "--picture", picture)
    assert "170 rows, 3 columns" in text
    assert "80 % interval" in text
    assert "found: 20 of 170 rows dropped" in text
    assert "<svg" in picture.read_text()


@long
def test_a_trajectory_has_a_column_of_time(tmp_path):
    """It is no coordinate; labels are dropped by name."""
    t = np.arange(1000) * 0.1
    walk = np.stack([np.cos(0.7 * t), np.sin(0.7 * t), np.cos(1.3 * t)], axis=1)
    walk += 0.01 * RNG.standard_normal(walk.shape)
    table = pd.DataFrame(walk, columns=["a", "b", "c"]).assign(t=t, run="one")
    table.to_csv(tmp_path / "walk.csv", index=False)
    words = "--time", "t", "--drop", "run", "--theiler", "1.0", "--json"
    found = json.loads(said("dimension", tmp_path / "walk.csv", *words))
    own = dimension.estimate(walk, times=t, theiler=1.0, rng=0)
    assert found["value"] == pytest.approx(own.value, rel=1e-6)
    assert "3 columns" in found["data"]


@long
def test_the_exponent_of_a_file(tmp_path):
    """Of features, of a Gram matrix, of eigenvalues, in a window."""
    file = saved(F, tmp_path / "f.npy")
    found = json.loads(said("spectrum", file, "--centred", "--json"))
    a = exponent(features=F, centred=True)
    assert found["value"] == a.value
    text = said("spectrum", file, "--not-centred", "--picture", tmp_path / "a.png")
    assert "power law" in text
    assert (tmp_path / "a.png").stat().st_size > 1000
    gram = saved(F @ F.T, tmp_path / "k.npy")
    words = "--not-centred", "--holds", "gram", "--columns", 200, "--json"
    assert json.loads(said("spectrum", gram, *words))["value"] == pytest.approx(
        exponent(features=F, centred=False).value, rel=1e-5
    )
    lam = np.linalg.eigvalsh(F.T @ F)[:, None]
    words = "--holds", "eigenvalues", "--points", 500, "--columns", 200, "--not-centred"
    alone = json.loads(
        said("spectrum", saved(lam, tmp_path / "e.npy"), *words, "--json")
    )
    assert alone["value"] == pytest.approx(a.value, rel=0.02)
    window = json.loads(
        said("spectrum", file, "--centred", "--first", 6, "--last", 20, "--json")
    )
    assert len(window["scales"]) < len(found["scales"])


BAD = [
    (["dimension", "{folder}/none.npy"], "there is no file"),
    (["dimension", "{folder}/two.npz"], "name one of a, b"),
    (["dimension", "{folder}/two.npz", "--array", "c"], "array must be one of a, b"),
    (["dimension", "{folder}/f.npy", "--array", "a"], "array is for .npz"),
    (["dimension", "{folder}/words.csv"], "'name' must hold numbers, got 'one'"),
    (["dimension", "{folder}/words.csv", "--drop", "nam"], "did you mean 'name'"),
    (["dimension", "{folder}/words.csv", "--drop", "name"], "row 1 .* has none"),
    (["dimension", "{folder}/f.npy", "--time", "t"], "--time 't' is no column"),
    (["dimension", "{folder}/f.npy", "--level", "95"], "level must be"),
    (["dimension", "{folder}/f.npy", "--picture", "d.jpeg"], "must end in .svg"),
    (["dimension", "{folder}/text.npy"], "holds no array"),
    (["dimension", "{folder}/words.npy"], "must hold real numbers"),
    (["spectrum", "{folder}/f.npy", "--centred", "--points", "3"], "points is for"),
    (["spectrum", "{folder}/f.npy", "--centred", "--first", "3"], "go together"),
    (
        ["spectrum", "{folder}/f.npy", "--centred", "--holds", "eigenvalues"],
        "one column or one row",
    ),
    (["spectrum", "{folder}/f.npy", "--centred", "--holds", "gram"], "gram must be"),
]


@pytest.mark.parametrize(("words", "told"), BAD)
def test_what_is_wrong_is_said_in_a_line(tmp_path, words, told):
    """On the error stream, with exit code 1, without a traceback."""
    np.save(tmp_path / "f.npy", F)
    np.savez(tmp_path / "two.npz", a=F, b=F)
    (tmp_path / "words.csv").write_text("a,name\n1,one\n,two\n3,three\n")
    (tmp_path / "text.npy").write_text("no array")
    np.save(tmp_path / "words.npy", np.array([["a", "b"]]))
    done = RUN.invoke(estimates.app, [w.format(folder=tmp_path) for w in words])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert pd.Series([done.stderr]).str.contains(told).all(), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_whether_it_is_centred_is_asked(tmp_path):
    """A usage error, as for every word that is missing."""
    file = saved(F, tmp_path / "f.npy")
    done = RUN.invoke(estimates.app, ["spectrum", str(file)])
    assert done.exit_code == 2
    assert "--centred" in done.stderr
