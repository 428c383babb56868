"""The one error for bad input: what is wrong, where, and how to mend it."""

from collections.abc import Iterator
from contextlib import contextmanager


class InputError(Exception):
    """Input that cannot be used, told in one line.

    Args:
        what: what is wrong.
        where: the file, key, row or option it was found in.
        mend: what the user can do about it.
    """

    def __init__(self, what: str, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(what, where, mend)

    def __str__(self) -> str:
        """Return one line: ``what (where); mend``."""
        place = f" ({self.where})" if self.where else ""
        remedy = f"; {self.mend}" if self.mend else ""
        return " ".join(f"{self.what}{place}{remedy}".split())


@contextmanager
def within(place: str) -> Iterator[None]:
    """Put a place, such as a file, before where errors inside say that they are.

    >>> with within("game.yaml"):
    ...     raise InputError("the marks lie on one line", "keyframe at 0 s")
    Traceback (most recent call last):
    records.errors.InputError: the marks lie on one line (game.yaml, keyframe at 0 s)
    """
    try:
        yield
    except InputError as error:
        where = ", ".join(part for part in (place, error.where) if part)
        raise InputError(error.what, where, error.mend) from error
