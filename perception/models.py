"""Models by registry entry: a configuration names a file or an address and what must be in it.

An entry is a mapping with these keys:

``name``        what tables and the manifest call the model.
``file``        a path, or the name of a model that ships with this package (``perception/weights``).
``url``         where to fetch it from instead; needs ``sha256``. Fetched once and kept in the user's cache.
``sha256``      the hash of the file; null for a file of the user's own, whose hash is then only recorded.
``licence``, ``version``, ``domain``, ``provenance``   where it comes from and what it is for, as text.

Exactly one of ``file`` and ``url`` is given. Only ``.onnx`` is accepted: pickled weights are never loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pooch

from perception.runtime import sha256
from records.errors import InputError

WEIGHTS = Path(__file__).parent / "weights"
"""The models that ship with this package."""

KEYS = ("name", "file", "url", "sha256", "licence", "version", "domain", "provenance")


@dataclass(frozen=True)
class Model:
    """A model that lies on this machine and is the one that was meant.

    Attributes:
        name: what tables call it.
        path: the ``.onnx`` file.
        sha256: the hash of that file.
        licence, version, domain, provenance: as the entry says; empty where it says nothing.
    """

    name: str
    path: Path
    sha256: str
    licence: str = ""
    version: str = ""
    domain: str = ""
    provenance: str = ""


def find(entry: Mapping[str, object], cache: str | Path | None = None, group: str = "detector") -> Model:
    """Return the model that an entry names, fetching it where needed.

    Args:
        entry: see the module.
        cache: folder for fetched models; None: the user's cache folder.
        group: the part of the configuration that the entry stands in, for messages.

    Raises:
        InputError: an entry that is incomplete, no such file, a file that cannot be fetched, the wrong file.
    """
    name, key = _check(entry, group), f"{group}.model.file="
    path = _fetched(entry, name, cache) if entry.get("url") else locate(str(entry["file"]), name, key)
    found, wanted = sha256(path), entry.get("sha256")
    if wanted and found != str(wanted).lower():
        raise InputError(
            f"model {name} has SHA-256 {found}, not {wanted}",
            str(path),
            f"get that file, or set {group}.model.sha256=null and choose the {group}= that fits the one you have",
        )
    texts = {key: str(entry.get(key) or "") for key in KEYS[4:]}
    return Model(name, path, found, **texts)


def _check(entry: Mapping[str, object], group: str) -> str:
    unknown = sorted(set(entry) - set(KEYS))
    if unknown:
        raise InputError(f"unknown key {unknown[0]}", "model", f"a model has {', '.join(KEYS)}")
    name = str(entry.get("name") or "")
    if not name:
        raise InputError("a model needs a name", "model.name")
    if bool(entry.get("file")) == bool(entry.get("url")):
        raise InputError(
            f"model {name} needs a file or an address",
            f"{group}.model.file",
            f"give one of {group}.model.file= and {group}.model.url=",
        )
    place = str(entry.get("file") or entry.get("url"))
    if not place.endswith(".onnx"):
        raise InputError(
            f"model {name} is not an .onnx file", place, "export it as ONNX; pickled weights are never loaded"
        )
    if entry.get("url") and not entry.get("sha256"):
        raise InputError(f"model {name} is fetched and needs a sha256", "model.sha256")
    return name


def locate(file: str, name: str, key: str = "detector.model.file=") -> Path:
    """Return the path of a model file: a path, or the name of one that ships with this package.

    Args:
        file: which.
        name: what the model is called in messages.
        key: what its path follows where it is given, for messages.

    Raises:
        InputError: there is no such file.
    """
    given = Path(file).expanduser()
    shipped = WEIGHTS / file
    path = shipped if given.name == file and shipped.is_file() else given
    if not path.is_file():
        raise InputError(f"no file of model {name}", str(path), f"give its path: {key}")
    return path


def _fetched(entry: Mapping[str, object], name: str, cache: str | Path | None) -> Path:
    url, wanted = str(entry["url"]), str(entry["sha256"]).lower()
    folder = Path(cache) if cache else Path(pooch.os_cache("rulesight")) / "models"
    log = pooch.get_logger()
    level = log.level
    log.setLevel("ERROR")
    try:
        # named by hash, so that another version at the same address is another file
        path = pooch.retrieve(
            url,
            f"sha256:{wanted}",
            f"{wanted[:16]}-{url.rsplit('/', 1)[-1]}",
            folder,
            progressbar=sys.stderr.isatty(),
        )
    except ValueError as error:  # another hash than the configured one (both are named), or no web address
        raise InputError(f"model {name}: {error}", url, "correct model.url or model.sha256") from error
    except OSError as error:
        raise InputError(
            f"model {name} cannot be fetched: {_root(error)}", url, "fetch it yourself and give model.file"
        ) from error
    finally:
        log.setLevel(level)
    return Path(path)


def _root(error: OSError) -> str:
    """Say in a few words what the network's long tale comes down to."""
    return type(error).__name__ if len(str(error)) > 120 else str(error)
