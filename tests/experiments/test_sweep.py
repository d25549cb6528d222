"""The same numbers whatever the grid, the order and the workers; nothing lost."""

import functools

import joblib
import numpy as np
import pytest
import threadpoolctl
import xarray as xr
from thorough import first_of, long

from scalinglib import sweep


def trial(rng, D, P=1):
    """A loss that depends on the draw and on the setting."""
    return rng.standard_normal(D).sum() ** 2 / P


def curve(rng, P):
    """A loss at several sizes at once."""
    loss = np.cumsum(rng.random(4))[[0, 3]] / P
    return xr.DataArray(loss, coords={"D": [1, 4]})


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_grid_does_not_change_numbers(seed):
    """A part of the grid gives the same numbers as the whole of it."""
    whole = sweep.run(trial, trials=3, seed=seed, D=[1, 2, 8], P=[1, 5])
    part = sweep.run(trial, trials=3, seed=seed, P=[5], D=[8, 1])
    xr.testing.assert_identical(
        whole.sel(D=[8, 1], P=[5]), part.transpose("D", "P", ...)
    )


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_more_trials_keep_the_first(seed):
    """Trial t is the same whether or not there are trials after it."""
    few = sweep.run(trial, trials=2, seed=seed, D=[3, 4])
    many = sweep.run(trial, trials=6, seed=seed, D=[3, 4])
    xr.testing.assert_identical(few, many.sel(trial=[0, 1]))


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_workers_do_not_change_numbers(backend):
    """Two workers of any backend give the numbers of one."""
    alone = sweep.run(trial, trials=4, seed=7, D=[2, 5])
    with joblib.parallel_config(backend=backend, n_jobs=2):
        together = sweep.run(trial, trials=4, seed=7, D=[2, 5])
    xr.testing.assert_identical(alone, together)


def threads(rng, D):
    """How many threads the busiest library may start."""
    return max(pool["num_threads"] for pool in threadpoolctl.threadpool_info())


@long
@pytest.mark.parametrize(
    "workers",
    [
        {"backend": "sequential"},
        {"backend": "loky", "inner_max_num_threads": 2},  # else it sets one itself
        {"backend": "threading"},
    ],
    ids=lambda workers: workers["backend"],
)
def test_linear_algebra_has_one_thread_in_a_trial(workers):
    """Whoever runs the trials, no library starts threads in one; afterwards it may."""
    with threadpoolctl.threadpool_limits(2):
        with joblib.parallel_config(n_jobs=2, **workers):
            assert (sweep.run(threads, trials=3, seed=0, D=[1, 2]) == 1).all()
        assert threads(None, None) == 2


def test_trials_share_random_numbers():
    """Every grid point starts from the same stream: the first draws agree."""
    first = sweep.run(lambda rng, D: rng.random(D)[0], trials=5, seed=0, D=[1, 9])
    assert (first.sel(D=1) == first.sel(D=9)).all()
    assert len(np.unique(first.sel(D=1))) == 5


def test_value_is_that_of_the_documented_stream():
    """Trial t draws from default_rng([seed, t]), as anyone can check."""
    loss = sweep.run(trial, trials=3, seed=11, D=[4])
    by_hand = [trial(np.random.default_rng([11, t]), 4) for t in range(3)]
    np.testing.assert_array_equal(loss.values[0], by_hand)


def test_labelled_trial_adds_its_dimensions():
    """A trial may return a curve: grid, then its dimensions, then trial."""
    loss = sweep.run(curve, trials=3, seed=0, P=[1, 2])
    assert loss.dims == ("P", "D", "trial")
    by_hand = curve(np.random.default_rng([0, 2]), P=2)
    np.testing.assert_array_equal(loss.sel(P=2, trial=2), by_hand)


def test_no_grid_is_one_setting():
    """Without a grid the result has the trials only."""
    assert sweep.run(lambda rng: rng.random(), trials=4, seed=0).dims == ("trial",)


def test_loss_that_is_not_finite_is_kept_and_told():
    """A diverged run stays in the result, with a warning that says where."""
    with pytest.warns(RuntimeWarning, match=r"2 of 4 .* trial 0 at {'D': 2}"):
        loss = sweep.run(
            lambda rng, D: np.log(2.0 - D) if D < 2 else np.inf,
            trials=2,
            seed=0,
            D=[1, 2],
        )
    assert np.isinf(loss.sel(D=2)).all()
    assert (loss.sel(D=1) == 0).all()


def test_error_in_a_trial_says_where():
    """An exception of the trial passes through with the setting noted on it."""

    def broken(rng, D):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        sweep.run(broken, trials=1, seed=3, D=[17])
    assert caught.value.__notes__ == ["in trial 0 of seed 3 at {'D': 17}"]


def test_partial_fixes_a_setting():
    """functools.partial is the way to hold an argument fixed."""
    fixed = sweep.run(functools.partial(trial, P=5), trials=2, seed=0, D=[3])
    free = sweep.run(trial, trials=2, seed=0, D=[3], P=[5])
    np.testing.assert_array_equal(fixed.values, free.values[:, 0])


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"D": [1], "width": [2]}, "unknown grid name 'width'; trial takes D, P"),
        ({"P": [1]}, "must give 'D'"),
        ({"D": 5}, "D must be a 1-D sequence"),
        ({"D": []}, "D must be a 1-D sequence with at least one"),
        ({"D": [[1, 2]]}, "D must be a 1-D sequence"),
        ({"D": [4, 4]}, r"D must hold distinct values, got \[4, 4\]"),
        ({"D": [1.0, np.nan]}, "D must hold finite values"),
        ({"D": [[1, 2], [3]]}, "D must be a 1-D sequence"),
        ({"D": [1, 2.5]}, "of one type, got"),
        ({"D": [1, "a"]}, "of one type, got"),
        ({"D": [{}, {}]}, "D must"),
        ({"D": [1], "trials": True}, "trials must be a whole number, got True"),
        ({"D": [1], "trials": 0}, "trials must be at least 1, got 0"),
        ({"D": [1], "trials": 2.5}, "trials must be a whole number, got 2.5"),
        ({"D": [1], "seed": -1}, "seed must be at least 0, got -1"),
        ({"D": [1], "seed": None}, "seed must be a whole number, got None"),
    ],
)
def test_bad_input_is_named(grid, message):
    """The error names the argument, its value and what is accepted."""
    with pytest.raises(ValueError, match=message):
        sweep.run(trial, **{"trials": 2, "seed": 0} | grid)


def test_names_that_clash_are_refused():
    """A trial may not return a dimension that the grid has."""
    with pytest.raises(ValueError, match="the dimension 'D', a name taken"):
        sweep.run(lambda rng, D: curve(rng, 1), trials=1, seed=0, D=[1])


def test_dimension_trial_is_taken():
    """A trial may not return a dimension named trial, or a grid name as coordinate."""
    with pytest.raises(ValueError, match="dimension 'trial', a name taken"):
        sweep.run(lambda rng: xr.DataArray([1.0], dims="trial"), trials=1, seed=0)
    with pytest.raises(ValueError, match="dimension 'D', a name taken"):
        sweep.run(
            lambda rng, D: xr.DataArray(1.0, coords={"D": D}), trials=1, seed=0, D=[1]
        )


def test_coordinates_that_differ_are_refused():
    """With other coordinates it is another curve; the message shows them."""
    with pytest.raises(
        ValueError, match=r"returned {'i': \[0, 2\]}, not {'i': \[0, 1\]}"
    ):
        sweep.run(
            lambda rng, D: xr.DataArray([1.0, 2.0], coords={"i": [0, D]}),
            trials=1,
            seed=0,
            D=[1, 2],
        )


def test_any_callable_is_a_trial():
    """Open-ended functions get the whole grid; builtins are called unchecked."""
    open_ended = sweep.run(lambda rng, **s: s["Q"], trials=1, seed=0, Q=[3])
    assert open_ended.item() == 3
    with pytest.raises(ValueError, match="trial must be a function"):
        sweep.run(3, trials=1, seed=0)


def test_result_says_what_it_is():
    """The result is named, and carries its seed."""
    loss = sweep.run(lambda rng: 1.0, trials=1, seed=5)
    assert (loss.name, loss.attrs) == ("loss", {"seed": 5})


def test_partly_infinite_curve_is_told():
    """One infinite entry of a returned curve is enough for the warning."""
    with pytest.warns(RuntimeWarning, match="1 of 1 losses"):
        sweep.run(lambda rng: xr.DataArray([1.0, np.inf], dims="i"), trials=1, seed=0)


def test_shapes_that_differ_are_refused():
    """All trials return the same sizes."""

    def ragged(rng, D):
        return xr.DataArray(np.ones(D), dims="i", coords={"i": range(D)})

    with pytest.raises(ValueError, match="same dimensions and coordinates"):
        sweep.run(ragged, trials=1, seed=0, D=[1, 2])
