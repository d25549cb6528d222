"""Which notebook is executed first, where several workers share them."""


def pytest_collection_modifyitems(items):
    """Largest first, so that at the end no worker is alone with a long one."""
    items.sort(key=_place)


def _place(item):
    """Notebooks by falling size; all else keeps its place behind them."""
    notebook = item.path.suffix == ".ipynb"
    return -item.path.stat().st_size if notebook else 0
