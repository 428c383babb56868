"""Ids that are stable and say what they are."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from records.errors import InputError


def clip_id(path: str | Path) -> str:
    """Return the id of a clip, from its bytes: the same file has the same id wherever it lies.

    Raises:
        InputError: if the file cannot be read.
    """
    try:
        with Path(path).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    return f"clip-{digest[:12]}"


def detection_id(frame: int, index: int) -> str:
    """Return the id of the ``index``-th detection of a frame.

    >>> detection_id(12, 3)
    'd000012-003'
    """
    return f"d{frame:06d}-{index:03d}"


def track_id(number: int) -> str:
    """Return the id of a track, which is the id of the entity that it follows.

    >>> track_id(7)
    'k0007'
    """
    return f"k{number:04d}"


def event_id(kind: str, t: float, who: str = "") -> str:
    """Return the id of an event.

    >>> event_id("touch", 3.95, "h17")
    'touch@3.950/h17'
    """
    return f"{kind}@{_instant(t)}" + (f"/{who}" if who else "")


def call_id(rule: str, t: float, who: str = "") -> str:
    """Return the id of a call: the rule, the instant to the millisecond, and the team or entity.

    >>> call_id("hockey.offside", 12.34, "home")
    'hockey.offside@12.340/home'
    """
    return f"{rule}@{_instant(t)}" + (f"/{who}" if who else "")


def numbered(ids: Iterable[str]) -> list[str]:
    """Tell equal ids apart by a number, in their order.

    >>> numbered(["a@1.000", "b@1.000", "a@1.000"])
    ['a@1.000', 'b@1.000', 'a@1.000#2']
    """
    seen: dict[str, int] = {}
    result = []
    for one in ids:
        seen[one] = seen.get(one, 0) + 1
        result.append(one if seen[one] == 1 else f"{one}#{seen[one]}")
    return result


def _instant(t: float) -> str:
    """Return seconds to the millisecond, without a minus before zero."""
    return f"{round(t, 3) + 0.0:.3f}"
