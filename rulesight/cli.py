"""The command line: one Hydra application per subcommand, one line and exit 2 for bad input."""

from __future__ import annotations

import contextlib
import difflib
import errno
import hashlib
import importlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from records.errors import InputError
from records.names import unknown

COMMANDS: Mapping[str, tuple[str, str]] = {
    "analyze": ("rulesight.commands:analyze", "footage in, calls out: tables, calls.json, report, overlay"),
    "judge": ("rulesight.commands:judge", "tracking data in, calls out; needs no video"),
    "explain": ("rulesight.commands:explain", "the proof of one call as a tree: call=ID scene=FOLDER"),
    "calibrate": ("rulesight.commands:calibrate", "draw the projected field over the footage"),
    "convert": ("rulesight.workshop:convert", "tracking data of another format into scenes"),
    "evaluate": ("rulesight.measure:evaluate", "figures on real data that people labelled, beside their goals"),
    "simulate": ("rulesight.workshop:simulate", "plays of edge cases with the right calls, or the example as video"),
    "train": ("rulesight.workshop:train", "train a detector or landmark model on renders; needs the extra 'train'"),
    "demo": ("rulesight.demo:main", "analyse the embedded clip and print the calls beside the truth"),
    "doctor": ("rulesight.doctor:main", "what is installed, what really works, what clashes"),
}
PLAIN = frozenset({"demo", "doctor"})  # subcommands without a configuration
PATH_KEYS = re.compile(
    r"^(video|calibration|annotations|out|cache|scene|scenes|run|call|source|data|labels|folder|[\w.]*\.file)$"
)
# the name of a group of other subcommands is no key to Hydra
ALIASES = {("evaluate", "domain"): "domains", ("simulate", "domain"): "domains"}
OPEN_KEYS = ("options.",)  # keys below these are the user's own
HYDRA_NOISE = ("full_key", "object_type", "reference_type", "Set the environment", "To append to your config")
VALUE_FLAGS = frozenset({"--cfg", "-c", "--package", "-p", "--info", "-i", "--config-dir", "-cd"})
MULTIRUN_FLAGS = frozenset({"--multirun", "-m"})

KINDS: Sequence[tuple[type | tuple[type, ...], str]] = (
    (bool, "true or false"),
    (int, "a whole number"),
    ((int, float), "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a group of keys"),
)

EXIT_OK, EXIT_INPUT, EXIT_INTERRUPTED = 0, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``rulesight``.

    Args:
        argv: arguments after the program's name; those of the process when None.

    Returns:
        0 when it ran, whatever the verdicts; 2 when the input was wrong; 130 when it was interrupted.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices are small here, and threads cost more than they give
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(arguments)
    except BrokenPipeError:  # who read the output has seen enough
        return EXIT_OK
    except (InputError, OSError) as error:
        return _refuse(_explain(error))
    except KeyboardInterrupt:
        print("rulesight: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return EXIT_INTERRUPTED


def _dispatch(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(_usage())
        return EXIT_OK if arguments else EXIT_INPUT
    if arguments[0] == "--version":
        import rulesight

        print(rulesight.__version__)
        return EXIT_OK
    name = arguments[0]
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        mend = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(COMMANDS)}"
        raise InputError(f"there is no subcommand {name!r}", where="command line", mend=mend)
    module, _, function = COMMANDS[name][0].partition(":")
    task = getattr(importlib.import_module(module), function)
    if name in PLAIN:
        if {"--help", "-h"} & set(arguments):
            print(f"usage: rulesight {name}{' [out=FOLDER]' if name == 'demo' else ''}\n\n{COMMANDS[name][1]}")
            return EXIT_OK
        return int(task(arguments[1:]))
    if {"--help", "-h"} & set(arguments):
        from rulesight import settings

        print(settings.help_text(name, COMMANDS[name][1], arguments[1:]))
        return EXIT_OK
    return _run_hydra(name, task, arguments[1:])


def _usage() -> str:
    lines = ["usage: rulesight SUBCOMMAND [key=value ...]", ""]
    lines += [f"  {name:10} {about}" for name, (_, about) in COMMANDS.items()]
    lines += ["", "rulesight SUBCOMMAND --help shows its keys; --multirun sweeps over key=a,b,c."]
    return "\n".join(lines)


def _run_hydra(name: str, task: Callable[[dict[str, Any]], int | None], arguments: Sequence[str]) -> int:
    import hydra
    from hydra.core.hydra_config import HydraConfig
    from hydra.errors import HydraException
    from hydra.types import RunMode
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    from rulesight import settings

    failures: list[InputError | OSError] = []  # kept from Hydra, which would add lines of its own
    status = [EXIT_OK]

    def application(config: DictConfig) -> None:
        job = HydraConfig.get()
        try:
            _require_domain(name, config)
            plain: Any = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
            check_types(plain, _defaults(name, job), f"rulesight {name}")
            settings.check_ranges(plain, f"rulesight {name}")
            _refuse_empty_paths(plain, f"rulesight {name}")
            if job.mode == RunMode.MULTIRUN and plain["out"] is None:
                plain["out"] = job.runtime.output_dir
            status.append(task(plain) or EXIT_OK)
        except (InputError, OSError) as error:
            failures.append(error)
        except OmegaConfBaseException as error:
            failures.append(_explain_hydra_error(error, name))

    OmegaConf.register_new_resolver("sweep_folder", lambda: sweep_folder(name, arguments), replace=True)
    sweeping = bool(MULTIRUN_FLAGS & set(arguments))
    wrapped = hydra.main(version_base="1.3", config_path="pkg://configs", config_name=name)(application)
    flags, overrides = _split(arguments)
    ordered = [*flags, "--", *(quote(_renamed(item, name), sweeping) for item in overrides)]
    saved, sys.argv = sys.argv, [f"rulesight {name}", *ordered]
    full_error, os.environ["HYDRA_FULL_ERROR"] = os.environ.get("HYDRA_FULL_ERROR"), "1"
    try:
        wrapped()
    except (HydraException, OmegaConfBaseException) as error:
        raise _explain_hydra_error(error, name) from error
    except SystemExit as error:
        return EXIT_INPUT if error.code else EXIT_OK
    finally:
        sys.argv = saved
        if full_error is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = full_error
    for error in failures[:-1]:
        _refuse(_explain(error))
    if failures:
        raise failures[-1]
    return max(status)


def sweep_folder(name: str, arguments: Sequence[str]) -> str:
    """Return the folder of a sweep: another one for other values, the same when the same command goes on.

    >>> sweep_folder("analyze", ["k=1,2"]) == sweep_folder("analyze", ["k=1,3"])
    False
    """
    text = "\0".join([name, *sorted(arguments)])
    return f"runs/sweep-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _renamed(override: str, command: str) -> str:
    """Return an override as Hydra needs it: other names for some keys, new keys where they are left open."""
    key, equals, value = override.partition("=")
    renamed = f"{ALIASES.get((command, key), key)}{equals}{value}"
    return f"++{renamed}" if key.startswith(OPEN_KEYS) else renamed


def _require_domain(name: str, config: Any) -> None:
    """Refuse a configuration that should name a domain and does not; other groups take values from it."""
    from rulesight import settings

    if "domain" not in settings.groups(name) or config.get("domain"):
        return
    choices = "|".join(settings.choices("domain"))
    raise InputError("no domain was given", f"rulesight {name}", f"add domain={choices}")


def _defaults(name: str, job: Any) -> Any:
    """Return the configuration as it is without the values that the user gave, but with the groups."""
    from hydra import compose
    from omegaconf import OmegaConf

    groups = {item.split("=", 1)[0] for item in job.runtime.choices}
    chosen = [item for item in job.overrides.task if item.split("=", 1)[0] in groups]
    return OmegaConf.to_container(compose(name, overrides=chosen), resolve=True)


def check_types(given: Any, default: Any, where: str, key: str = "") -> None:
    """Refuse values of another type than the default's; a default of null takes anything.

    Args:
        given: the configuration, or a part of it.
        default: the same part without the user's values.
        where: named in errors.
        key: the part's name.

    Raises:
        InputError: naming the key and what it takes.
    """
    if isinstance(default, dict) and isinstance(given, dict):
        for name, value in given.items():
            if name in default:
                check_types(value, default[name], where, f"{key}.{name}".lstrip("."))
        return
    if default is None or default == "???" or given is None:
        return
    for kind, told in KINDS:
        if isinstance(default, kind):
            if not isinstance(given, kind) or (isinstance(given, bool) and kind is not bool):
                raise InputError(f"{key} is {told}, not {given!r}", where)
            return


def _refuse_empty_paths(config: Mapping[str, Any], where: str) -> None:
    for key, value in config.items():
        if value == "" and PATH_KEYS.match(key):
            raise InputError(f"{key} is empty", where, f"give {key}=PATH, or leave it out")


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part Hydra's flags, with the values they take, from the overrides, wherever they stand."""
    flags: list[str] = []
    overrides: list[str] = []
    for item in arguments:
        takes_value = bool(flags) and flags[-1] in VALUE_FLAGS and "=" not in item
        (flags if item.startswith("-") or takes_value else overrides).append(item)
    return flags, overrides


def quote(argument: str, sweeping: bool = False) -> str:
    """Quote the value of an override that names a file, so that spaces, commas and ``=`` are part of it.

    Args:
        argument: an override as the user wrote it.
        sweeping: whether commas separate the values of a sweep, unless a file of that name exists.

    >>> quote("video=my game, part 1.mp4")
    "video='my game, part 1.mp4'"
    >>> quote("video=a.mp4,b.mp4", sweeping=True)
    'video=a.mp4,b.mp4'
    """
    key, equals, value = argument.partition("=")
    if not equals or not PATH_KEYS.match(key.lstrip("+")) or value[:1] in {"'", '"'} or value in {"", "null"}:
        return argument
    if sweeping and not Path(value).exists():
        return argument
    # in Hydra's grammar a backslash is itself, unless it stands before a quote
    escaped = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), value)
    escaped = escaped.replace("${", "\\${")
    return f"{key}='{escaped}'"


def _explain_hydra_error(error: Exception, name: str) -> InputError:
    """Return what is wrong with the configuration, in one line, with the nearest key that exists."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(HYDRA_NOISE)]
    text = " ".join(dict.fromkeys(told)).partition("Config search path")[0].partition(" See https")[0].strip()
    if "Missing mandatory value" in text:
        key = getattr(error, "full_key", None) or text.split()[-1]
        return InputError(f"{key} is missing", f"rulesight {name}", f"add {key}=...")
    from rulesight import settings

    choice = re.search(r"Could not find '([\w-]+)/([^']*)'", text)
    if choice is not None:
        return unknown(choice[1], choice[2], settings.choices(choice[1]), where=f"rulesight {name}")
    missing = re.match(r"Could not override '([^']+)'", text)
    if missing is None:
        return InputError(text, where=f"rulesight {name}")
    return unknown("key", missing.group(1), settings.keys(name), where=f"rulesight {name}")


def _explain(error: InputError | OSError) -> str:
    return str(error) if isinstance(error, InputError) else _explain_os_error(error)


def _explain_os_error(error: OSError) -> str:
    remedies = {
        errno.ENOSPC: "free some space or choose another folder with out=",
        errno.EDQUOT: "free some space or choose another folder with out=",
        errno.EACCES: "choose a folder that you may write to, with out=",
        errno.EROFS: "choose a folder that you may write to, with out=",
        errno.ENOENT: "check the path",
    }
    where = str(error.filename) if error.filename else ""
    what = error.strerror.lower() if error.strerror else str(error)
    return str(InputError(what, where=where, mend=remedies.get(error.errno or 0, "")))


def _refuse(line: str) -> int:
    print(f"rulesight: {line}", file=sys.stderr)
    return EXIT_INPUT


def run(*command: str) -> NoReturn:
    """Run ``rulesight`` as a program.

    Args:
        command: a subcommand and arguments that stand before those of the process; scripts give theirs.

    The process ends without the tear-down of native libraries: their thread pools have been seen to abort it
    there, when all work was done and written.
    """
    status = main([*command, *sys.argv[1:]])
    with contextlib.suppress(BrokenPipeError):  # who read the output has seen enough
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)
