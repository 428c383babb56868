"""Plain data from yaml and json, taken apart with errors that name the key."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from records.errors import InputError
from records.names import unknown

T = TypeVar("T")


def mapping(value: Any, where: str, known: Iterable[str] | None = None, required: Iterable[str] = ()) -> dict[str, Any]:
    """Return a mapping with text keys, all of them known, the required ones there.

    Raises:
        InputError: if it is none, or a key is unknown or missing.
    """
    if not isinstance(value, Mapping):
        raise InputError(f"keys and values are needed here, not {shown(value)}", where=where)
    result = {text(key, where): item for key, item in value.items()}
    if known is not None:
        names = list(known)
        for key in result:
            if key not in names:
                raise unknown("key", key, names, where)
    missing = [key for key in required if key not in result]
    if missing:
        raise InputError("missing key " + ", ".join(f"'{key}'" for key in missing), where=where)
    return result


def sequence(value: Any, where: str) -> list[Any]:
    """Return a list.

    Raises:
        InputError: if it is none.
    """
    if not isinstance(value, (list, tuple)):
        raise InputError(f"a list is needed here, not {shown(value)}", where=where)
    return list(value)


def text(value: Any, where: str) -> str:
    """Return text; a plain number is taken as a name.

    Raises:
        InputError: if it is anything else.
    """
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise InputError(f"text with half a character is not text: {value!r}", where=where)
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise InputError(f"text is needed here, not {shown(value)}", where=where)


def name(value: Any, where: str) -> str:
    """Return text that is not empty.

    Raises:
        InputError: if it is none.
    """
    result = text(value, where)
    if not result.strip():
        raise InputError("a name is needed here, not nothing", where=where)
    return result


def number(value: Any, where: str, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a finite number within limits.

    Raises:
        InputError: if it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"a number is needed here, not {shown(value)}", where=where)
    if not math.isfinite(value):
        raise InputError(f"a finite number is needed here, not {value}", where=where)
    if not low <= value <= high:
        limits = f"at least {low:g}" if high == math.inf else f"between {low:g} and {high:g}"
        raise InputError(f"a number {limits} is needed here, not {value:g}", where=where)
    return float(value)


def whole(value: Any, where: str, low: int = 0) -> int:
    """Return a whole number of at least ``low``.

    Raises:
        InputError: if it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"a whole number is needed here, not {shown(value)}", where=where)
    if value < low:
        raise InputError(f"a whole number of at least {low} is needed here, not {value}", where=where)
    return value


def choice(value: Any, options: Iterable[str], where: str) -> str:
    """Return one of the options.

    Raises:
        InputError: if it is none of them.
    """
    names = list(options)
    if not isinstance(value, str) or value not in names:
        raise InputError(f"one of {', '.join(names)} is needed here, not {shown(value)}", where=where)
    return value


def numbers(value: Any, count: int, where: str) -> tuple[float, ...]:
    """Return so many finite numbers.

    Raises:
        InputError: if it is not a list of them.
    """
    items = sequence(value, where)
    if len(items) != count:
        raise InputError(f"{count} numbers are needed here, not {len(items)}", where=where)
    return tuple(number(item, where) for item in items)


def version(value: Any, known: int, what: str, where: str) -> None:
    """Check the number of a format.

    Raises:
        InputError: if it is not the known one.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value != known:
        raise InputError(
            f"{what} version {shown(value)} is not known", where=where, mend=f"this version reads schema: {known}"
        )


def optional(value: Any, parse: Callable[[Any, str], T], where: str) -> T | None:
    """Return what ``parse`` makes of it, or None for null."""
    return None if value is None else parse(value, where)


def shown(value: Any) -> str:
    """Return a value as short text for an error."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "keys and values"
    if isinstance(value, (list, tuple)):
        return "a list"
    told = repr(value)
    return told if len(told) <= 60 else told[:57] + "..."
