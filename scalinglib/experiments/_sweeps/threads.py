"""Linear algebra with one thread, for as long as any trial runs in this process."""

import contextlib
import functools
import sys
import threading

from threadpoolctl import ThreadpoolController

_turn = threading.Lock()
_limits = contextlib.ExitStack()
_inside, _limited = 0, 0  # trials that run, and modules at the last limit


@contextlib.contextmanager
def one_thread():
    """Context in which BLAS and OpenMP do not start threads.

    Trials that run at once in threads share the limit: it ends with the last of them.
    """
    global _inside, _limited
    with _turn:
        if not _inside or len(sys.modules) != _limited:  # a library may have come
            _limited = len(sys.modules)
            _limits.enter_context(_pools(_limited).limit(limits=1))
        _inside += 1
    try:
        yield
    finally:
        with _turn:
            _inside -= 1
            if not _inside:
                _limits.close()


@functools.lru_cache(maxsize=1)
def _pools(modules):
    """Thread pools of the libraries loaded so far; `modules` says how many that are.

    To find them takes a millisecond, so they are looked for again only after imports.
    """
    return ThreadpoolController()
