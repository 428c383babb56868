"""The trace of a run: one row per stage and chunk, so that nothing is skipped in silence."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from records import tables

FROM_CACHE = "from the cache"  # the last part of a row's reason when nothing was computed


@dataclass(frozen=True)
class Row:
    """What became of one piece of work.

    Attributes:
        stage: name of the stage.
        chunk: number of the chunk, 0 for stages that see the whole clip.
        start: presentation time of its first frame, seconds.
        stop: presentation time of its last frame, seconds.
        status: ``ok``, ``degraded``, ``missing`` or ``failed``.
        reason: why it is not ``ok``, or that it was taken from the cache.
        rows: rows written, over all tables of the stage.
        seconds: wall-clock time that it took in this run.
    """

    stage: str
    chunk: int
    start: float
    stop: float
    status: str
    reason: str
    rows: int
    seconds: float


@dataclass
class Trace:
    """Rows in the order in which work finished."""

    clip: str
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Append one row."""
        self.rows.append(row)

    def table(self) -> pa.Table:
        """Return the rows as the ``trace`` table."""
        return tables.table(
            "trace",
            {
                "stage": [row.stage for row in self.rows],
                "chunk": [row.chunk for row in self.rows],
                "clip": [self.clip for _ in self.rows],
                "from": [row.start for row in self.rows],
                "to": [row.stop for row in self.rows],
                "status": [row.status for row in self.rows],
                "reason": [row.reason for row in self.rows],
                "rows": [row.rows for row in self.rows],
                "seconds": [row.seconds for row in self.rows],
            },
        )


def remark(reason: str | None) -> str:
    """Return what a reason says of the result; whether it came from the cache says only how this run went.

    >>> remark("2 of 9 frames are marked black; from the cache"), remark("from the cache")
    ('2 of 9 frames are marked black', '')
    """
    return (reason or "").removesuffix(FROM_CACHE).removesuffix("; ")
