"""What a stage promises: what it reads, what it writes, and what its result depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from perception.spool import Spool
from records.errors import InputError


class Begun(Protocol):
    """What a stage began before its turn, and what all its pieces share; closed after its last piece."""

    def close(self) -> None:
        """Stop whatever still goes on, and wait until it has; a second time does nothing."""


@dataclass(frozen=True)
class Work:
    """Everything one call of a stage may look at.

    Attributes:
        tables: the tables named in the stage's ``reads``.
        sources: files named in the stage's ``reads`` (``video``, ``calibration``, ``annotations``, ``model``).
        config: the part of the configuration that the stage declared.
        span: first frame and the frame after the last one, for chunked stages; None for the whole clip.
        before: what the same stage wrote for the chunk before this one; empty for the first chunk.
        spool: where decoded pictures of the video are kept for later stages; None: nowhere.
        begun: what the stage's ``begin`` returned; None for a stage without one.
        note: report ``(status, reason)`` of this piece of work to the trace.
        advance: report that so many more frames are done.
    """

    tables: Mapping[str, pa.Table]
    sources: Mapping[str, Path]
    config: Mapping[str, Any]
    span: tuple[int, int] | None = None
    before: Mapping[str, pa.Table] = field(default_factory=dict)
    spool: Spool | None = None
    begun: Any = None
    note: Callable[[str, str], None] = lambda status, reason: None
    advance: Callable[[int], None] = lambda frames: None


@dataclass(frozen=True)
class Stage:
    """One step from tables to tables.

    Attributes:
        name: what the trace and the cache call it.
        work: a module-level function, so that the stage can be sent to another process. The source of its
            module and of every project module that it imports is part of the cache key.
        reads: tables and sources it needs.
        optional: sources that it uses when they are given.
        writes: tables it makes; all of them, every time.
        config: the settings its result depends on.
        chunk_frames: how many frames one call handles; 0 when it needs the whole clip.
        begin: a module-level function that begins, in threads of its own, what needs nothing from the stage before
            (whose turn it still is, and whose tables are not there yet). How far it comes must not show in results.
    """

    name: str
    work: Callable[[Work], Mapping[str, pa.Table]]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    optional: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    chunk_frames: int = 0
    begin: Callable[[Work], Begun] | None = None


def check_chain(stages: Sequence[Stage], given: Sequence[str]) -> None:
    """Check, before the first frame, that every stage finds what it reads.

    Args:
        stages: the stages in the order in which they will run.
        given: names of the sources that the user gave.

    Raises:
        InputError: a stage reads something that nobody before it writes, or two stages write one table.
    """
    available = set(given)
    writers: dict[str, str] = {}
    for stage in stages:
        missing = [name for name in stage.reads if name not in available]
        if missing:
            raise InputError(
                f"stage {stage.name} reads {', '.join(missing)}, which no stage before it writes",
                where="pipeline",
                mend=f"give {'/'.join(missing)} or put a stage that writes it first",
            )
        for name in stage.writes:
            if name in writers:
                raise InputError(f"stages {writers[name]} and {stage.name} both write {name}", where="pipeline")
            writers[name] = stage.name
            available.add(name)
