"""The parts into which long tests are divided: each is some run's, and new ones all."""

from types import SimpleNamespace

import pytest
import thorough
from whereabouts import ROOT, lately

OLD, NEW = ROOT / "tests" / "test_of_long_ago.py", ROOT / "tests" / "test_new.py"


def made(name, marker, path=OLD):
    """What pytest tells of a test."""
    marked = lambda asked: asked == marker or None  # noqa: E731
    node = f"{path.relative_to(ROOT)}::{name}"
    return SimpleNamespace(nodeid=node, path=path, get_closest_marker=marked)


@pytest.mark.parametrize("marker", ["long", "exhaustive"])
def test_each_long_test_is_in_one_part_of_six(marker):
    """None is in no part, and no part has more than twice its share."""
    items = [made(f"test_{i}", marker) for i in range(600)]
    runs = [
        [item for item in items if not thorough.kept_back(item, (k, 6))]
        for k in range(1, 7)
    ]
    assert sorted(item.nodeid for run in runs for item in run) == sorted(
        item.nodeid for item in items
    )
    assert max(map(len, runs)) < 200
    assert not any(thorough.kept_back(item, (1, 1)) for item in items)


def test_what_is_short_or_new_is_in_every_part(monkeypatch):
    """A change is tested by the run that sees it first."""
    monkeypatch.setattr(thorough, "lately", lambda: {"tests/test_new.py"})
    for k in range(1, 7):
        assert not thorough.kept_back(made("test_short", "parametrize"), (k, 6))
        assert not thorough.kept_back(made("test_long", "long", NEW), (k, 6))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the history")
def test_what_the_last_commits_changed_is_known():
    """Files by their paths from the top."""
    assert {name.split("/")[0] for name in lately()} & {"tests", "book", "scalinglib"}


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "", "a/b", "1/4/2", "-1/4"])
def test_no_part(text):
    """What is no part of a whole is said, with what is."""
    with pytest.raises(pytest.UsageError, match="write 1/4 for the first of four"):
        thorough.share(text)
