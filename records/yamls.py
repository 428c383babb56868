"""Yaml as people write it: ``on``, ``no``, ``12:30`` and dates are text, ``1e-3`` is a number.

PyYAML follows yaml 1.1, which turns those into other things; the rules of yaml's 1.2 core schema are
used instead (https://yaml.org/spec/1.2.2/#103-core-schema), but ``0012`` is a name. A key that is there
twice is an error.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from records.errors import InputError
from records.files import read_text

_BaseLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = (
    ("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    ("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")),
    (
        "tag:yaml.org,2002:float",
        re.compile(
            r"^(?:[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+"
            r"|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN))$"
        ),
        list("-+0123456789."),
    ),
)


class _Loader(_BaseLoader):  # type: ignore[misc]
    """Loads plain data only."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise _refused("a key must be a name", key_node)
            if key in seen:
                raise _refused(f"key '{key}' is there twice", key_node)
            seen.add(key)
        return dict(super().construct_mapping(node, deep=deep))


class _Dumper(yaml.SafeDumper):
    """Writes plain data so that the loader above reads the same, and readers of yaml 1.1 too."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _float(loader: Any, node: Any) -> float:
    return float(str(loader.construct_scalar(node)).lower().replace(".inf", "inf").replace(".nan", "nan"))


for _tag, _pattern, _first in _CORE:
    _Loader.add_implicit_resolver(_tag, _pattern, _first)
    _Dumper.add_implicit_resolver(_tag, _pattern, _first)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def loads(text: str, where: str = "") -> Any:
    """Read yaml text.

    Raises:
        InputError: if it is not yaml, naming line and column.

    >>> loads("on: [1e-3, no, 12:30]")
    {'on': [0.001, 'no', '12:30']}
    """
    try:
        return yaml.load(text, Loader=_Loader)  # a safe loader
    except yaml.YAMLError as error:
        raise InputError(f"not readable as yaml: {_told(error)}", where=where) from error
    except (RecursionError, ValueError) as error:
        raise InputError(f"not readable as yaml: {error}", where=where) from error


def dumps(content: Any) -> str:
    """Write yaml text, keys in the order given; the same content gives the same text."""
    text: str = yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )
    return text


def read_mapping(path: str | Path) -> dict[str, Any]:
    """Read a yaml file whose top level is keys and values.

    Raises:
        InputError: if it is missing, not yaml, or not a mapping.
    """
    content = loads(read_text(path), str(path))
    if not isinstance(content, dict):
        raise InputError("not a yaml file of keys and values", where=str(path))
    return content


def _refused(problem: str, node: Any) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _told(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"{problem}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(problem)
