"""A bar for who watches, one thread for who runs, and folders that are put together."""

import io
import shutil
import sys
import threading
import types

import numpy as np
import pytest
import threadpoolctl
import xarray as xr

from scalinglib.experiments import sweep
from scalinglib.experiments._sweeps import progress
from scalinglib.experiments._sweeps.threads import one_thread


class Terminal(io.StringIO):
    """What a person looks at."""

    def isatty(self):
        """Yes."""
        return True


def noise(rng, D):
    """A loss."""
    return rng.random() / D


@pytest.fixture
def shown(monkeypatch):
    """Bars may be shown, as for a user: tests hide them elsewhere."""
    monkeypatch.delenv("TQDM_DISABLE", raising=False)

    def looked_at_by(stream):
        monkeypatch.setattr(sys, "stderr", stream)
        return stream

    return looked_at_by


def test_a_terminal_has_a_bar(shown, tmp_path):
    """It begins with what is kept, and ends with all."""
    given = {"seed": 0, "D": [1, 2], "checkpoint": tmp_path}
    sweep.run(noise, trials=1, **given)
    terminal = shown(Terminal())
    sweep.run(noise, trials=3, **given)
    assert "2/6" in terminal.getvalue()
    assert "6/6" in terminal.getvalue()


def test_a_log_has_none(shown):
    """Nobody reads a hundred lines of it."""
    log = shown(io.StringIO())
    sweep.run(noise, trials=3, seed=0, D=[1, 2])
    assert log.getvalue() == ""


@pytest.mark.parametrize(("config", "said"), [({"IPKernelApp": {}}, True), ({}, False)])
def test_a_notebook_has_one_after_a_while(config, said, shown, monkeypatch):
    """Not for a second's work; and IPython on a terminal is no notebook."""
    shell = types.SimpleNamespace(config=config)
    known = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", known)
    page = shown(io.StringIO())
    with progress.bar_of(4, 0) as bar:
        bar.update()
        assert page.getvalue() == ""
        for clock in ("start_t", "last_print_t"):  # as if it had begun before
            setattr(bar, clock, getattr(bar, clock, 0) - 2)
        bar.update()
        assert ("2/4" in page.getvalue()) is said


def test_it_can_be_hidden_everywhere(shown, monkeypatch):
    """By the variable of tqdm."""
    terminal = shown(Terminal())
    monkeypatch.setenv("TQDM_DISABLE", "1")
    sweep.run(noise, trials=3, seed=0, D=[1, 2])
    assert terminal.getvalue() == ""


def busiest():
    """How many threads a library may start now."""
    return max(pool["num_threads"] for pool in threadpoolctl.threadpool_info())


def test_threads_that_end_first_leave_one_thread_to_the_others():
    """The limit ends with the last trial of a process."""
    with threadpoolctl.threadpool_limits(limits=2):
        before = busiest()
        first, second = threading.Event(), threading.Event()

        def early():
            with one_thread():
                first.set()
                second.wait(10)

        other = threading.Thread(target=early)
        other.start()
        first.wait(10)
        with one_thread():
            second.set()
            other.join()
            assert busiest() == 1
        assert busiest() == before == 2


def test_two_folders_of_one_trial_make_one(tmp_path):
    """As of two clusters, which share no disk: copied together they are one sweep."""
    one, other = tmp_path / "one", tmp_path / "other"
    sweep.run(noise, trials=2, seed=0, D=[1, 2], checkpoint=one)
    sweep.run(noise, trials=2, seed=0, D=[4], checkpoint=other)
    shutil.copytree(other, one, dirs_exist_ok=True)
    both = sweep.run(noise, trials=2, seed=0, D=[1, 2, 4], checkpoint=one)
    xr.testing.assert_identical(both, sweep.run(noise, trials=2, seed=0, D=[1, 2, 4]))
    assert np.isfinite(both).all()
    done = sum(p.read_text().count('{"done":') for p in one.glob("*.jsonl"))
    assert done == 6
