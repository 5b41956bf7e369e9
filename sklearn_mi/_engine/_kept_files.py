"""Files of a folder that outlive a kill: written whole or not at all, by one process at a time."""

import hashlib
import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None
    import msvcrt

MAGIC, SIZE = b"sklearn_mi checkpoint\n", 16  # bytes of the digest that follows
LOCK = "lock"
CANNOT_WRITE = (
    "checkpoint={folder!r} cannot be used: {error}. Choose a folder that can be made and written "
    "to, on a disk with room."
)
IN_USE = (
    "checkpoint={folder!r} is in use by another fit. Give each fit that runs at the same time a "
    "folder of its own, or wait until the other has ended."
)
DAMAGED = (
    "{path} is damaged: it {found}. Delete it to start from the beginning, or put a whole copy in "
    "its place."
)


class KeptFolder:
    """A folder, made if it is missing, that one fit has to itself inside of ``with``.

    The system lets go of the lock when a process dies, however it dies.

    Parameters
    ----------
    folder : str or path

    Raises
    ------
    ValueError
        If it cannot be written to, or is in use.
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    def __enter__(self):
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise self.cannot_write(error) from error
        try:
            _lock(self.lock)
        except OSError as error:
            os.close(self.lock)
            raise ValueError(IN_USE.format(folder=str(self.folder))) from error
        return self

    def __exit__(self, *_):
        os.close(self.lock)  # which unlocks

    def cannot_write(self, error):
        """The error to raise instead of one of the system."""
        return ValueError(CANNOT_WRITE.format(folder=str(self.folder), error=error))

    def probe(self, content):
        """Write so many bytes and take them away again."""
        try:
            self._write_aside("probe", content)
        except OSError as error:
            raise self.cannot_write(error) from error
        finally:
            self._aside("probe").unlink(missing_ok=True)

    def write(self, name, content):
        """Put a file in its place, which holds all of the bytes after a kill, or what it held.

        Raises
        ------
        OSError
            If it cannot be written; what was there is there still.
        """
        try:
            os.replace(self._write_aside(name, content), self.folder / name)
        except BaseException:
            self._aside(name).unlink(missing_ok=True)
            raise
        self._sync_folder()

    def read(self, name):
        """The bytes of a file, or None where there is none.

        Raises
        ------
        ValueError
            If they are not those that were written.
        """
        path = self.folder / name
        try:
            whole = path.read_bytes()
        except FileNotFoundError:
            return None
        head = len(MAGIC) + SIZE
        if not whole.startswith(MAGIC):
            raise ValueError(DAMAGED.format(path=path, found="is no checkpoint of sklearn_mi"))
        if whole[len(MAGIC) : head] != _digest(whole[head:]):
            found = "was cut, edited or overwritten, for its digest differs"
            raise ValueError(DAMAGED.format(path=path, found=found))
        return whole[head:]

    def remove(self, name):
        """Take a file away, if there is one."""
        (self.folder / name).unlink(missing_ok=True)
        self._sync_folder()

    def names(self, pattern):
        """Names of files, in order."""
        return sorted(path.name for path in self.folder.glob(pattern))

    def _aside(self, name):
        return self.folder / f"{name}.part"

    def _write_aside(self, name, content):
        path = self._aside(name)
        with open(path, "wb") as file:
            for part in (MAGIC, _digest(content), content):
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        return path

    def _sync_folder(self):
        """So that the names of its files outlive a power failure too."""
        if fcntl is None:
            return
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        except OSError:  # of file systems that cannot
            pass
        finally:
            os.close(folder)


def _lock(file):
    if fcntl is None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _digest(content):
    return hashlib.blake2b(content, digest_size=SIZE).digest()
