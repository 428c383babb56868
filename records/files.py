"""Files written whole or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from records.errors import InputError


def write_whole(path: str | Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a file beside ``path`` and then put it in its place in one step.

    A reader sees the old file or the new one, never half of one; after a failure or an interrupt
    nothing is left behind.

    Args:
        path: where the file is to lie; its folder is made where missing.
        fill: writes the content to the path that it is given.

    Raises:
        InputError: if the folder cannot be made or written to, or the disk is full.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    os.close(handle)
    part = Path(name)
    try:
        fill(part)
        part.chmod(0o666 & ~_umask())
        part.replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        part.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text whole or not at all, with the line ends that it has.

    Raises:
        InputError: if it cannot be written.
    """
    write_whole(path, lambda part: _put(part, text.encode("utf-8")))


def read_text(path: str | Path) -> str:
    """Read a UTF-8 text file.

    Raises:
        InputError: if it is missing, cannot be read or is not UTF-8.
    """
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError("no such file", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("not a UTF-8 text file", where=str(path)) from error
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path)) from error


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"cannot be written: {error.strerror or error}",
        where=str(path),
        mend="check the folder, its permissions and the free space",
    )
