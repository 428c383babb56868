"""Names that a person typed, checked against those that exist."""

import difflib
from collections.abc import Iterable

from records.errors import InputError


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the known names most like ``name``, best first, at most ``count`` of them.

    >>> nearest("rooster", ["roster", "strength", "segments"])
    ['roster']
    """
    return difflib.get_close_matches(str(name), sorted(known), n=count, cutoff=0.6)


def unknown(what: str, name: object, known: Iterable[str], where: str = "") -> InputError:
    """Build the error for a name that does not exist, with the nearest ones that do.

    >>> str(unknown("key", "rooster", ["roster", "strength"], "scene.yaml"))
    "unknown key 'rooster' (scene.yaml); did you mean 'roster'?"
    >>> str(unknown("domain", "chess", ["football", "hockey"]))
    "unknown domain 'chess'; there are: football, hockey"
    """
    names = sorted(known)
    close = nearest(str(name), names)
    if close:
        mend = "did you mean " + " or ".join(f"'{match}'" for match in close) + "?"
    elif len(names) > 30:
        mend = "there are: " + ", ".join(names[:30]) + " ..."
    else:
        mend = "there are: " + ", ".join(names)
    return InputError(f"unknown {what} '{name}'", where=where, mend=mend)
