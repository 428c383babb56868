"""What settings there are, what each means and may hold: read from the configuration files themselves.

A key's meaning is the comment behind it, or the lines of comment above it; what several files share is in
``configs/settings.yaml``, and so is what numbers a key may hold.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib.resources
import itertools
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from records import yamls
from records.errors import InputError

LINE = re.compile(r"^(?P<indent> *)(?P<key>[\w/]+):(?P<value>(?:[^#'\"]|'[^']*'|\"[^\"]*\")*)(?:#(?P<about>.*))?$")
HIDDEN = frozenset({"defaults", "hydra"})
KEY_WIDTH, WIDTH = 44, 120  # characters
LEAST, MOST = 0.0, float("inf")


@dataclass(frozen=True)
class Setting:
    """One key of a configuration file.

    Attributes:
        key: dotted.
        value: its default as it is written; empty for a group of keys.
        about: what it means.
    """

    key: str
    value: str
    about: str


def settings_in(text: str, prefix: str = "") -> list[Setting]:
    r"""Return the keys of a configuration file with what their comments say; the lines that it begins with say nothing.

    >>> settings_in("# all\nlimits:   # refused before\n  # of one frame\n  size: 9.0")[1]
    Setting(key='limits.size', value='9.0', about='of one frame')
    """
    found: list[Setting] = []
    above: list[str] = []
    open_keys: list[tuple[int, str]] = []
    lines = text.splitlines()
    for line in itertools.dropwhile(lambda line: line.startswith("#"), lines):
        if line.lstrip().startswith("#"):
            above.append(line.lstrip("# ").strip())
            continue
        match = LINE.match(line)
        if match is None:
            above = []
            continue
        indent = len(match["indent"])
        while open_keys and open_keys[-1][0] >= indent:
            open_keys.pop()
        open_keys.append((indent, match["key"]))
        path = [key for _, key in open_keys]
        if path[0] not in HIDDEN:
            key = ".".join([*([prefix] if prefix else []), *path])
            about = (match["about"] or "").strip() or " ".join(above) or _meaning(key)
            found.append(Setting(key, match["value"].strip(), about))
        above = []
    return found


def help_text(command: str, about: str, arguments: Sequence[str]) -> str:
    """Return what ``rulesight COMMAND --help`` prints.

    Args:
        command: name of the subcommand.
        about: what it does.
        arguments: the rest of the command line; a group chosen there is the one that is shown.
    """
    lines = [f"usage: rulesight {command} [key=value ...]", "", about, ""]
    lines += _told(settings_in(_text(f"{command}.yaml")))
    for group, default in groups(command).items():
        chosen = next((item.split("=", 1)[1] for item in arguments if item.startswith(f"{group}=")), default)
        options = choices(group)
        lines += ["", f"{group}={'|'.join(options)}" + (f"   (if nothing is said: {default})" if default else "")]
        if chosen in options:
            text = _text(f"{group}/{chosen}.yaml")
            lines += [f"  {line}" for line in _headline(text)]
            lines += _told(settings_in(text, group))
    lines += ["", "--multirun key=a,b runs once for each value; --cfg job prints the whole configuration."]
    return "\n".join(lines)


def groups(command: str) -> dict[str, str | None]:
    """Return the groups of a subcommand's configuration and the choice of each when nothing is said."""
    listed = yamls.loads(_text(f"{command}.yaml")).get("defaults") or []
    pairs = [pair for item in listed if isinstance(item, Mapping) for pair in item.items()]
    return {key: value for key, value in pairs if not key.startswith("override ")}


def choices(group: str) -> list[str]:
    """Return what can be chosen in a group."""
    names = [item.name for item in (importlib.resources.files("configs") / group).iterdir()]
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def keys(command: str) -> list[str]:
    """Return every key of a subcommand, those of all choices of its groups too."""
    found = {one.key for one in settings_in(_text(f"{command}.yaml"))}
    for group in groups(command):
        found |= {group}
        for choice in choices(group):
            found |= {one.key for one in settings_in(_text(f"{group}/{choice}.yaml"), group)}
    return sorted(found)


def check_ranges(config: Mapping[str, Any], where: str) -> None:
    """Refuse numbers that a setting cannot hold.

    Args:
        config: plain values.
        where: named in errors.

    Raises:
        InputError: naming the key, the number and what is allowed.
    """
    for key, value in _numbers(config, ""):
        least, most = _range(key)
        if not least <= value <= most:
            raise InputError(f"{key} is {value:g}", where, _allowed(key, least, most))


def _numbers(value: Any, key: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _numbers(inner, f"{key}.{name}".lstrip("."))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _numbers(inner, key)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield key, value


def _range(key: str) -> tuple[float, float]:
    least, most = _fitting(key, "ranges") or (LEAST, None)
    return (-MOST if least is None else least), (MOST if most is None else most)


def _meaning(key: str) -> str:
    return _fitting(key, "meanings") or ""


def _fitting(key: str, what: str) -> Any:
    """Return what the first pattern that fits a key says, else None."""
    found = (said for pattern, said in _shared()[what].items() if fnmatch.fnmatchcase(key, pattern))
    return next(found, None)


def _allowed(key: str, least: float, most: float) -> str:
    if most == MOST:
        return f"{key} is {'not negative' if least == 0 else f'at least {least:g}'}"
    return f"{key} is from {least:.10g} to {most:.10g}"


@functools.cache
def _shared() -> Mapping[str, Mapping[str, Any]]:
    return yamls.loads(_text("settings.yaml"))


def _text(name: str) -> str:
    return importlib.resources.files("configs").joinpath(name).read_text(encoding="utf-8")


def _headline(text: str) -> list[str]:
    """Return the comment that a file begins with."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# @package"):
            lines.append(line.lstrip("# "))
    return lines


def _told(found: Sequence[Setting]) -> list[str]:
    """Return a line per setting, two where it is long."""
    names = [f"{one.key}={one.value}" if one.value else f"{one.key}:" for one in found]
    wide = min(max(map(len, names), default=0), KEY_WIDTH)
    lines = []
    for name, one in zip(names, found, strict=True):
        told = textwrap.wrap(one.about, WIDTH - wide - 4) or [""]
        if len(name) > wide:
            lines.append(f"  {name}")
            name = ""
        lines += [
            f"  {start:{wide}}  {text}".rstrip() for start, text in zip([name, *[""] * len(told)], told, strict=False)
        ]
    return lines
