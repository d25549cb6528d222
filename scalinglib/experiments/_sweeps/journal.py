"""Files to which one process each appends: what was written is whole, or not there."""

import contextlib
import json
import os
import secrets
import socket
import threading
import weakref
import zlib

try:
    import fcntl
except ImportError:  # Windows: nobody can tell whether a process still writes
    fcntl = None

PATTERN = "*-*-????????.jsonl"  # host, process, and a word of its own

_open = weakref.WeakSet()  # a child of a fork must not hold the locks of its parent


class Journal:
    """A file of lines of this process, each with a checksum of its own.

    Its process holds a lock on it, which ends with the process however that ends: so
    others can tell whether it still runs. No two processes ever write to one file,
    for on file systems of a cluster appended lines of two machines may overlap.
    """

    def __init__(self, folder):
        """Make the file; on a full disk, or where nobody may write, an OSError."""
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}.jsonl"
        self.path = folder / name
        self._turn = threading.Lock()
        self.length = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file = os.open(self.path, flags | getattr(os, "O_BINARY", 0), 0o666)
        if fcntl:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(self._file, fcntl.LOCK_EX)
        _open.add(self)
        sync_folder(folder)

    def close(self):
        """End the lock; nothing more can be written."""
        if file := self.__dict__.pop("_file", None):
            os.close(file)

    __del__ = close

    def append(self, record, *, synced=True):
        """Write one record. Once this returns it survives anything, if `synced`.

        Raises OSError if it could not be written; then nothing of it is there.
        """
        text = json.dumps(record, separators=(",", ":")).encode()
        line = b"%08x %b\n" % (zlib.crc32(text), text)
        with self._turn:
            try:
                _write(self._file, line)
                if synced:
                    os.fsync(self._file)
                if os.fstat(self._file).st_nlink == 0:
                    raise FileNotFoundError(f"{self.path} was deleted")
            except OSError:
                os.ftruncate(self._file, self.length)  # no half of a line
                raise
            self.length += len(line)


def _left_to_the_parent():
    """Close what a process inherits: it has journals of its own."""
    for journal in [*_open]:
        journal.close()
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_left_to_the_parent)


def _write(file, data):
    """All of the bytes: on a disk that is nearly full, write takes some of them."""
    while data:
        data = data[os.write(file, data) :]


def records_in(path, start=0):
    """Records of a journal from a byte on, and the byte where they end.

    A last line without its end was cut off while it was written, and is not there yet.
    """
    with open(path, "rb") as file:
        file.seek(start)
        text = file.read()
    whole = text.rfind(b"\n") + 1
    found = [_record(path, line) for line in text[:whole].splitlines()]
    return found, start + whole


def _record(path, line):
    """What a line says, if its checksum holds."""
    try:
        checksum, text = line[:8], line[9:]
        if int(checksum, 16) == zlib.crc32(text):
            return json.loads(text)
    except ValueError:
        pass
    raise ValueError(
        f"checkpoint holds a damaged line in {path}: {line[:60]!r}; delete that line, "
        "and its trial is run again"
    )


def alive(path):
    """Whether the process that writes a journal still runs; False if none can tell."""
    if fcntl is None:
        return False
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def sync_folder(folder):
    """Make names in a folder survive a loss of power, where a system can do that."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_whole(path, content, *, first=False):
    """Make a file of bytes that is there as a whole or not at all.

    With `first` one that is there already stays, whoever was quicker.
    """
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not (first and _linked(part, path)):
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def _linked(part, path):
    """Give a file its name unless it is taken; False where there are no links."""
    try:
        os.link(part, path)
    except FileExistsError:
        return True
    except (OSError, AttributeError):
        return False
    return True
