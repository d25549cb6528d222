"""Tables as people keep them become one curve, or an error that says what to do."""

import gzip
import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import examples

from scalinglib import fit_power_law
from scalinglib.laws import LAWS, compare, fit, read

# Three trials at 10, two at 100 and 1000: unequal, unsorted, one of them zero.
D = [100, 10, 1000, 10, 100, 1000, 10]
LOSS = [0.25, 0.5, 0.0, 0.75, 0.375, 0.25, 1.0]
SEED = [1, 2, 0, 0, 0, 1, 1]
CURVE = [[0.75, 1.0, 0.5], [0.375, 0.25, np.nan], [0.0, 0.25, np.nan]]
MEANS = [0.75, 0.3125, 0.125]
TABLE = {"D": D, "loss": LOSS, "seed": SEED}
FRAME = pd.DataFrame(TABLE)


def table(**columns):
    """Four runs, two at each of two sizes, with further columns."""
    return {"D": [1, 1, 9, 9], "loss": [5.0, 4.0, 2.0, 3.0], **columns}


def refusal(*args, **kwargs):
    """What the ValueError says."""
    with pytest.raises(ValueError, match=r".{20}") as caught:
        read(*args, **kwargs)
    return str(caught.value)


# ------------------------------------------------------------------ one curve


def test_sizes_are_sorted_and_repeats_are_trials():
    """Labelled trials keep their labels, missing ones are nan, zeros count."""
    curve = read(FRAME)
    assert curve.dims == ("D", "trial")
    assert curve.D.values.tolist() == [10, 100, 1000]
    assert curve.D.dtype.kind == "i"
    assert curve.trial.values.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(curve, CURVE)
    np.testing.assert_array_equal(curve.mean("trial"), MEANS)


def test_unlabelled_repeats_keep_their_order():
    """Without labels the trials of a size are numbered as they stand."""
    curve = read(FRAME.drop(columns="seed"))
    np.testing.assert_array_equal(curve.sel(D=10), [0.5, 0.75, 1.0])
    np.testing.assert_array_equal(curve.mean("trial"), MEANS)


@settings(max_examples=examples(50), deadline=None)
@given(st.permutations(range(len(D))))
def test_the_order_of_rows_does_not_matter(order):
    """Any order of the rows is the same curve."""
    xr.testing.assert_identical(read(FRAME.iloc[list(order)]), read(FRAME))


WAYS = {
    "data.csv": lambda path: FRAME.to_csv(path, index=False),
    "data.tsv": lambda path: FRAME.to_csv(path, sep="\t", index=False),
    "data.txt": lambda path: path.write_text(FRAME.to_string(index=False)),
    "data.jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "data.json": lambda path: FRAME.to_json(path, orient="records"),
    "data.parquet": lambda path: FRAME.to_parquet(path),
    "packed.csv.gz": lambda path: FRAME.to_csv(path, index=False),
    "european.csv": lambda path: FRAME.to_csv(path, sep=";", decimal=",", index=False),
    "tabs.csv": lambda path: FRAME.to_csv(path, sep="\t", index=False),
    "marked.csv": lambda path: FRAME.to_csv(path, index=False, encoding="utf-8-sig"),
    "windows.csv": lambda path: FRAME.to_csv(path, index=False, lineterminator="\r\n"),
    "numpy.txt": lambda path: np.savetxt(path, FRAME, header="D loss seed"),
    "trailing.csv": lambda path: path.write_text(
        FRAME.to_csv(index=False, lineterminator=",\n").replace("seed,", "seed")
    ),
    "excel.csv": lambda path: path.write_text(
        "sep=;\n" + FRAME.to_csv(sep=";", decimal=",", index=False)
    ),
    "indexed.csv": lambda path: FRAME.drop(columns="seed").to_csv(path),
}


@pytest.mark.parametrize("name", WAYS)
def test_every_kind_of_file_is_the_same_curve(tmp_path, name):
    """Separators, packing and encodings make no difference."""
    WAYS[name](tmp_path / name)
    plain = FRAME.drop(columns="seed") if name == "indexed.csv" else FRAME
    xr.testing.assert_identical(read(tmp_path / name), read(plain))
    xr.testing.assert_identical(read(str(tmp_path / name)), read(plain))


def test_arrays_mappings_and_labelled_arrays_are_tables():
    """A pair, columns, and what `read` returned itself."""
    x, losses = [100, 10], np.array([[0.25, 0.375], [0.5, np.nan]])
    np.testing.assert_array_equal(read((x, losses)), [[0.5, np.nan], [0.25, 0.375]])
    masked = np.ma.masked_invalid(np.where(np.isnan(losses), np.inf, losses))
    xr.testing.assert_identical(read((x, masked)), read((x, losses)))
    records = FRAME.to_dict("records")
    xr.testing.assert_identical(read(records), read(FRAME))
    np.testing.assert_array_equal(read((x, losses[:, 0])).squeeze(), [0.5, 0.25])
    xr.testing.assert_identical(read(TABLE), read(FRAME))
    xr.testing.assert_identical(read(read(FRAME)), read(FRAME))


def test_wide_tables_have_a_column_for_each_trial():
    """Names one by one or as a pattern; the other columns stay what they are."""
    wide = pd.DataFrame({"D": [9, 1], "t0": [1.0, 2.0], "t1": [np.nan, 3.0]})
    for loss in (["t0", "t1"], "t*"):
        curve = read(wide, loss=loss)
        np.testing.assert_array_equal(curve, [[2, 3], [1, np.nan]])
        assert curve.trial.values.tolist() == ["t0", "t1"]


def test_wide_tables_may_have_repetitions_too():
    """A fold in each row and a seed in each column: six trials."""
    wide = pd.DataFrame({"D": [9, 9, 1, 1], "fold": [0, 1, 0, 1]})
    wide = wide.assign(a=[1.0, 2, 5, 6], b=[3.0, 4, 7, 8])
    curve = read(wide, loss=["a", "b"], trial="fold")
    np.testing.assert_array_equal(curve, [[5, 7, 6, 8], [1, 3, 2, 4]])
    seeds = read(wide.rename(columns={"fold": "seed"}), loss=["a", "b"])
    np.testing.assert_array_equal(seeds, curve)


def test_words_for_nothing_are_missing_in_numbers_alone(tmp_path):
    """An optimiser may be called None."""
    path = tmp_path / "words.csv"
    path.write_text(
        "D,opt,loss,note\n1,None,NA,\n1,adam,3,\n2,None,2,late\n2,adam,1,\n"
    )
    curve = read(path, where={"opt": "None"})
    assert curve.D.values.tolist() == [2]


def test_numbers_may_be_text_and_columns_of_any_kind():
    """What pandas made of a column does not matter while it holds numbers."""
    text = FRAME.astype({"D": str, "loss": str})
    loose = FRAME.astype({"D": "Int64", "loss": "Float64", "seed": "category"})
    for frame in (text, loose, FRAME.astype(object)):
        np.testing.assert_array_equal(read(frame), CURVE)


def test_complete_curves_are_fitted_at_once():
    """A curve is what the fits of the package take."""
    rng, x = np.random.default_rng(0), 2.0 ** np.arange(4, 10)
    losses = 3 * x[:, None] ** -0.5 * rng.normal(1, 0.01, (6, 5))
    found = fit_power_law(read((x[::-1], losses[::-1])), rng=0)
    assert found.exponent == pytest.approx(0.5, abs=0.02)


def test_curves_of_tables_are_fitted_with_what_is_known():
    """Missing trials and a zero among them, errors, and the setting that was best."""
    rng, x = np.random.default_rng(0), 2.0 ** np.arange(4, 12)
    rows = pd.DataFrame({"D": np.repeat(x, 8), "lr": np.tile([0.1, 0.2], 32)})
    noise = rng.normal(1, 0.03, len(rows))
    rows["loss"] = 3 * rows["D"] ** -0.5 * (1 + (rows["lr"] > 0.1)) * noise
    rows.loc[[3, 41], "loss"] = np.nan  # of the worse setting
    rows["se"] = 0.03 * rows["loss"].fillna(1)
    by_trials = fit(read(rows, ignore="se", where={"lr": 0.2}), "power")
    by_errors = fit(read(rows, best="lr", error="se"), "power")
    assert by_trials.test == by_errors.test == "chi-square"
    for found in (by_trials, by_errors):
        low, high = found.interval("exponent")
        assert low < 0.5 < high < low + 0.1
    assert found.residuals.dims == ("D",)
    assert compare(read(rows, best="lr", ignore="se")).best.law.name in LAWS


def test_missing_and_vanishing_trials_are_said_to_fits():
    """Fits resample whole trials; without them the mean is left."""
    curve = read(FRAME)
    with pytest.raises(ValueError, match=r"loss .* trials missing.*curve\.mean"):
        fit_power_law(curve)
    with pytest.raises(ValueError, match=r"loss .* zero at .*curve\.mean"):
        fit_power_law(curve.dropna("trial"))
    assert fit_power_law(curve.mean("trial")).exponent > 0


# ------------------------------------------------- several sizes, known errors


def test_several_sizes_are_coordinates_of_the_runs():
    """Runs are sorted by the sizes in their order; repeats are trials."""
    runs = {"N": [2, 1, 2, 1], "D": [8, 8, 4, 8], "loss": [1, 4, 2, 5]}
    curve = read(runs, ["N", "D"])
    assert curve.dims == ("run", "trial")
    assert curve.N.values.tolist() == [1, 2, 2]
    assert curve.D.values.tolist() == [8, 4, 8]
    np.testing.assert_array_equal(curve, [[4, 5], [2, np.nan], [1, np.nan]])
    xr.testing.assert_identical(read(curve, ["N", "D"]), curve)
    read(runs | {"C": np.multiply(runs["N"], runs["D"])}, ["N", "D"])  # of both


def test_errors_become_those_of_the_means():
    """Two independent runs, each known to 3 %: their mean is known to 2.1 %."""
    curve = read(table(se=[0.3, 0.4, 0.1, 0.1]), error="se")
    np.testing.assert_allclose(curve.error, [0.25, 0.1 / 2**0.5])
    assert curve.error.dims == ("D",)
    curve = read(table(se=0.2 * np.ones(4), lr=[1, 2, 1, 2]), error="se", mean="lr")
    np.testing.assert_allclose(curve.error, 0.2 / 2**0.5)
    xr.testing.assert_identical(read(curve, error="error"), curve)  # of the means
    wide = {"D": [1, 9], "a": [3.0, 2.0], "b": [3.0, 2.0], "se": [0.2, 0.1]}
    np.testing.assert_allclose(
        read(wide, loss=["a", "b"], error="se").error, wide["se"]
    )
    tiny = read(table(se=[1e-200] * 4), error="se")
    np.testing.assert_allclose(tiny.error, 1e-200 / 2**0.5)


# ------------------------------------------------------------------- settings


def test_best_and_mean_of_settings_are_asked_for():
    """The best is chosen at each size, by the mean of its trials, and is said."""
    runs = table(lr=[0.1, 0.2, 0.1, 0.2])
    best = read(runs, best="lr")
    np.testing.assert_array_equal(best.squeeze(), [4, 2])
    assert best.lr.values.tolist() == [0.2, 0.1]
    np.testing.assert_array_equal(read(runs, mean="lr").squeeze(), [4.5, 2.5])
    np.testing.assert_array_equal(read(runs, where={"lr": 0.2}).squeeze(), [4, 3])
    np.testing.assert_array_equal(read(runs, ignore="lr"), [[5, 4], [2, 3]])
    # One lucky run of the worse setting does not make it the best.
    noisy = {"D": [1] * 4, "lr": [1, 1, 2, 2], "seed": [0, 1, 0, 1]}
    curve = read(noisy | {"loss": [2.0, 9.0, 4.0, 4.0]}, best="lr")
    assert curve.lr.item() == 2
    score = read(noisy | {"loss": [0.2, 0.9, 0.6, 0.6]}, best="lr", score=True)
    assert score.lr.item() == 2  # of a score the largest is best


def test_best_over_one_setting_and_mean_over_another():
    """Both at once, trial by trial."""
    grid = pd.MultiIndex.from_product(
        [[1, 9], [0.1, 0.2], ["a", "b"], [0, 1]], names=["D", "lr", "data", "seed"]
    )
    runs = grid.to_frame(index=False)
    runs["loss"] = np.r_[9.0:17, 1:9]
    curve = read(runs, best="lr", mean="data")
    np.testing.assert_array_equal(curve, [[10, 11], [2, 3]])
    assert curve.trial.values.tolist() == [0, 1]


@pytest.mark.parametrize(
    "column",
    [
        {"lr": [0.1, 0.2, 0.1, 0.2]},
        {"optimiser": ["sgd", "adam", "sgd", "adam"]},
        {"lr": [0.1, 0.2, 0.1, 0.2], "seed": [0, 1, 2, 3]},  # seeds are all unique
        {"lr": [0.1, 0.2, 0.3, 0.4]},  # drawn at random
        {"lr": [0.1, np.nan, 0.1, np.nan]},
        {"flag": [True, False, True, False]},
        {"config": [{"lr": 1}, {"lr": 2}, {"lr": 1}, {"lr": 2}]},
    ],
)
def test_settings_are_never_mixed_unasked(column):
    """The error names the column and every remedy."""
    said = refusal(table(**column))
    name = next(iter(column))
    for remedy in ("trial", "best", "mean", "ignore"):
        assert f"{remedy}={name!r}" in said
    assert f"where={{{name!r}:" in said


def test_curves_are_never_mixed_although_their_sizes_differ():
    """The name of a curve groups the rows; so does a number that returns."""
    name = {"D": [1, 2, 3, 4], "loss": [4.0, 9.0, 3.0, 8.0]}
    assert "'curve'" in refusal(name | {"curve": ["a", "b", "a", "b"]})
    assert "'N'" in refusal(name | {"N": [7, 8, 7, 8]})


@pytest.mark.parametrize(
    "column",
    [
        {"accuracy": [0.1, 0.2, 0.3, 0.4], "of": [0, 1, 0, 1]},  # measured, too
        {"name": ["w", "x", "y", "z"], "of": [0, 1, 0, 1]},  # of a run
        {"host": ["a"] * 4},
        {"batch": [1, 1, 2, 2]},  # a function of the size
    ],
)
def test_columns_that_tell_nothing_are_no_trouble(column):
    """What is constant, goes with the size, or was measured."""
    trial = "of" if "of" in column else None
    curve = read(table(**column), trial=trial)
    np.testing.assert_array_equal(curve, [[5, 4], [2, 3]])


# ---------------------------------------------------------------------- scores


def test_scores_become_losses():
    """An accuracy its complement, a negative score its opposite."""
    rising = {"D": [1, 2, 3], "loss": [0.5, 0.75, 0.875]}
    np.testing.assert_array_equal(
        read(rising, score=True).squeeze(), [0.5, 0.25, 0.125]
    )
    negative = {"D": [1, 2, 3], "loss": [-3.0, -2.0, -1.0]}
    np.testing.assert_array_equal(read(negative, score=True).squeeze(), [3, 2, 1])
    assert "score=True" in refusal(rising)
    assert "score=True" in refusal(negative)
    np.testing.assert_array_equal(read(rising, score=False).squeeze(), rising["loss"])
    assert "100 − a" in refusal({"D": [1, 2], "loss": [40.0, 60.0]}, score=True)


# --------------------------------------------------------------------- hostile

HOSTILE = {
    "empty": (pd.DataFrame(), {}, "hold rows"),
    "no rows": (FRAME[:0], {}, "hold rows"),
    "no column": (FRAME.rename(columns={"loss": "Loss"}), {}, "did you mean 'Loss'"),
    "twice": (pd.concat([FRAME, FRAME["D"]], axis=1), {}, "two columns 'D'"),
    "text": (table(loss=[1, "abc", 2, 3]), {}, "got 'abc' in row 1"),
    "truth": (table(loss=[True, False] * 2), {}, "loss.*numbers, got bool"),
    "dates": (table(D=pd.date_range("2020", periods=4)), {}, "numbers, got datetime"),
    "complex": (table(loss=[1j, 1, 1, 1]), {}, "numbers, got complex"),
    "zero size": (table(D=[1, 0, 9, 9]), {}, "positive, got 0 in row 1"),
    "negative size": (table(D=[1, -2, 9, 9]), {}, "positive, got -2 in row 1"),
    "no size": (table(D=[1, np.nan, 9, 9]), {}, "positive, got nan in row 1"),
    "infinite": (table(loss=[1, np.inf, 2, 3]), {}, "got inf in row 1"),
    "too large": (table(loss=[1e305, 1, 2, 3]), {}, "up to 1e300, got 1e.305"),
    "huge whole": (table(D=[1, 10**400, 2, 3]), {}, "numbers, got 1000.* in row 1"),
    "levels": (pd.concat({"a": FRAME}, axis=1), {}, "one level"),
    "series": (FRAME["loss"], {}, "reset_index"),
    "dataset": (xr.Dataset({"loss": ("D", [1.0])}), {}, "one of its variables"),
    "name taken": (table(error=[1, 2, 3, 4]), {"sizes": "error"}, "rename"),
    "rising": ({"D": [1, 2], "loss": [50.0, 60.0]}, {}, "score=True"),
    "where's list": (table(o=[*"abab"]), {"where": {"o": ["a", "b"]}}, "trial='o'"),
    "where's typo": (table(o=[*"abab"]), {"where": {"o": ["a", "c"]}}, "= 'c'"),
    "spread": (table(s_a=[1] * 4, s_std=[1] * 4), {"loss": "s_*"}, "s_std"),
    "negative": (table(loss=[1, -1, 2, 3]), {}, "negative, got -1 in row 1"),
    "zero": (table(loss=[0, 0, 2, 3]), {}, "zero on average, as at D = 1"),
    "nothing": (table(loss=[np.nan] * 4), {}, "empty cells alone"),
    "same trial": (table(seed=[3, 3, 0, 1]), {}, "row 0 and row 1 are the same trial"),
    "bare number": (3, {}, "table must be"),
    "one part": (([1, 2],), {}, "got 1 parts"),
    "zipped": ([(10, 0.5), (20, 0.4)], {}, "table must be"),
    "shapes": (([1, 2], [1, 2, 3]), {}, "shapes"),
    "ragged": ({"D": [1, 2], "loss": [1]}, {}, "as long as each other"),
    "stranger": (xr.DataArray([1.0], dims="x"), {}, "as coordinates"),
    "error zero": (table(se=[1, 0, 1, 1]), {"error": "se"}, "positive, got 0"),
    "error gone": (table(), {"error": "se"}, "error 'se' is no column"),
    "nowhere": (table(lr=[1, 2, 1, 2]), {"where": {"lr": 3}}, "no row has 'lr' = 3"),
    "where": (table(), {"where": "D"}, "where must be a dict"),
    "named twice": (
        table(lr=[1, 2, 1, 2]),
        {"best": "lr", "mean": "lr"},
        "best and mean",
    ),
    "no size named": (table(), {"sizes": ()}, "sizes must name"),
    "number named": (table(), {"trial": 3}, "trial must be a name"),
    "no fit": (table(), {"loss": "x*"}, "fits none"),
    "score": (table(), {"score": "yes"}, "score must be True, False or None"),
    "unequal": (table(lr=[1, 2, 1, 3]), {"mean": "lr"}, "mean=.*D = 1 has others"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_tables_are_refused_with_a_remedy(case):
    """A short error that names column, row and value."""
    given_, options, said = HOSTILE[case]
    message = refusal(given_, **options)
    assert re.search(said, message), message
    assert len(message) < 500


FILES = {
    "directory.csv": (None, "is a directory"),
    "nothing.csv": (b"", "is not a table"),
    "binary.csv": (bytes(range(256)) * 9, "is not a table"),
    "not.parquet": (b"D,loss\n1,2\n", "is not a table"),
    "broken.json": (b'{"D": [1', "is not a table"),
    "broken.jsonl": (b"[1\n", "is not a table"),
    "not.csv.gz": (b"D,loss\n1,2\n", "is not a table"),
    "cut.csv.gz": (gzip.compress(b"D,loss\n1,2\n" * 999)[:40], "is not a table"),
    "table.xls": (b"x", "must be a file .csv"),
    "longer.csv": (b"D,loss\n10,0.5,7\n20,0.4\n", "more cells than the header"),
    "shorter.csv": (b"D,lr,loss\n10,0.1,0.5\n20,0.4\n", "line 3 holds fewer"),
    "gap.txt": (b"D loss se\n10 0.5 0.1\n20  0.2\n", "line 3 holds fewer"),
    "latin.csv": ("D,loss\n10,ü\n".encode("latin-1"), "no text in UTF-8"),
    "twice.csv": (b"D,loss,loss\n10,1,2\n", "same name"),
    "bad.csv.zip": (b"no zip", "is not a table"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_tables_are_refused(tmp_path, name):
    """Never a traceback of somebody else's."""
    content, said = FILES[name]
    path = tmp_path / name
    path.mkdir() if content is None else path.write_bytes(content)
    assert said in refusal(path)


def test_a_missing_file_and_a_bad_line_are_named(tmp_path):
    """The path, and the line of the file as an editor counts."""
    with pytest.raises(FileNotFoundError, match=r"no\.csv"):
        read(tmp_path / "no.csv")
    path = tmp_path / "typo.csv"
    path.write_text("D,loss\n10,0.5\n20,O.4\n")
    assert "'O.4' in line 3" in refusal(path)


def test_points_between_thousands_are_no_decimal_points(tmp_path):
    """In a file whose decimals are commas; in another they are decimal points."""
    for text, sizes in {
        "D;loss\n500;0,6\n1.000;0,5\n10.000;0,3\n": [500, 1000, 10_000],
        "D;loss\n1.5;0.5\n2.125;0.4\n": [1.5, 2.125],
        "D;loss\n10;1\n20;0,5\n": [10, 20],
    }.items():
        path = tmp_path / "european.csv"
        path.write_text(text)
        assert read(path).D.values.tolist() == sizes


def test_blank_lines_do_not_shift_the_count(tmp_path):
    """Lines are those of an editor."""
    path = tmp_path / "blank.csv"
    path.write_text("\nD,loss\n\n\n10,0.6\n20,x\n")
    assert "'x' in line 6" in refusal(path)


def test_settings_that_diverged_are_not_the_best():
    """A lucky survivor does not win for its setting."""
    runs = {"D": [1] * 4, "lr": [1, 1, 2, 2], "loss": [0.5, 0.5, 0.3, np.nan]}
    assert read(runs, best="lr").lr.item() == 1
    runs["loss"] = [0.5, np.nan, 0.3, np.nan]
    assert "every setting has an empty loss" in refusal(runs, best="lr")


def test_what_would_fill_the_memory_is_refused():
    """A million sizes and one with ten thousand trials: almost all cells empty."""
    sizes = np.r_[np.arange(1, 20_001), np.ones(20_000)]
    assert "take means by size" in refusal((sizes, np.ones(len(sizes))))


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 9) | st.floats(1e-300, 1e300),
            st.none() | st.floats(1e-300, 1e300),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_nothing_is_lost(rows):
    """Every number that went in comes out, at its size, and no other."""
    frame = pd.DataFrame(rows, columns=["D", "loss"]).astype(float)
    if frame["loss"].isna().all():
        assert "empty cells" in refusal(frame)
        return
    curve = read(frame, score=False)
    kept = frame.dropna()
    assert curve.notnull().sum() == len(kept)
    for size, group in kept.groupby("D"):
        found = curve.sel(D=size).dropna("trial")
        np.testing.assert_array_equal(found, group["loss"])
