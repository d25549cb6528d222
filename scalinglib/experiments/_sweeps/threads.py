"""Linear algebra with one thread, for as long as any trial runs in this process."""

import contextlib
import functools
import itertools
import sys
import threading

from threadpoolctl import ThreadpoolController

_turn = threading.Lock()
_limits = contextlib.ExitStack()
_here = threading.local()  # what this thread was last limited for
_stretches = itertools.count()
_stretch, _inside = next(_stretches), 0  # a stretch of time in which trials run


@contextlib.contextmanager
def one_thread():
    """Context in which BLAS and OpenMP do not start threads.

    Trials that run at once in threads share the limit: it ends with the last of them.
    It is set in each thread, as OpenMP knows a number for each.
    """
    global _stretch, _inside
    with _turn:
        modules = len(sys.modules)  # a library may have come
        if getattr(_here, "limited", None) != (_stretch, modules):
            _limits.enter_context(_pools(modules).limit(limits=1))
            _here.limited = _stretch, modules
        _inside += 1
    try:
        yield
    finally:
        with _turn:
            _inside -= 1
            if not _inside:
                _limits.close()
                _stretch = next(_stretches)


@functools.lru_cache(maxsize=1)
def _pools(modules):
    """Thread pools of the libraries loaded so far; `modules` says how many that are.

    To find them takes a millisecond, so they are looked for again only after imports.
    """
    return ThreadpoolController()
