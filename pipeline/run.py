"""Run a checked chain of stages over one clip: from the cache where the key is known, else by working."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
from tqdm import tqdm

from perception.spool import Spool
from perception.threads import opencv_in_line
from pipeline import fingerprint, memory
from pipeline.cache import Cache, Entry
from pipeline.contract import Begun, Stage, Work, check_chain
from pipeline.trace import FROM_CACHE, Row, Trace
from records import tables
from records.errors import InputError

STATUSES = ("ok", "degraded", "missing", "failed")  # from best to worst


@dataclass(frozen=True)
class Outcome:
    """What a chain made.

    Attributes:
        results: the tables that were to be kept.
        keys: stage name to the keys of its pieces of work.
        digests: table name to a hash over its stored files.
    """

    results: Mapping[str, pa.Table]
    keys: Mapping[str, Sequence[str]]
    digests: Mapping[str, str]


class Runner:
    """Runs stages one after the other and remembers what they made.

    Args:
        sources: name to file, for everything that stages read besides tables.
        cache: where results are kept.
        trace: where each piece of work is noted.
        frames: number of frames of the clip.
        spool_bytes: decoded pictures that are kept on disk during the run at most, so that the clip need not be
            decoded once more by every stage that looks at it.
    """

    def __init__(
        self, sources: Mapping[str, Path], cache: Cache, trace: Trace, frames: int, spool_bytes: int = 0
    ) -> None:
        self.sources = sources
        self.cache = cache
        self.trace = trace
        self.frames = frames
        self.spool = Spool(cache.folder, spool_bytes)
        self.results: dict[str, pa.Table] = {}
        self.keys: dict[str, list[str]] = {}
        self._begun: dict[str, Begun] = {}
        self.digests = {name: fingerprint.of_file(path) for name, path in sorted(sources.items())}

    def run(self, stages: Sequence[Stage], keep: Collection[str]) -> Outcome:
        """Run the chain.

        Args:
            stages: in order.
            keep: tables that are wanted at the end; others are let go once no later stage reads them.

        Raises:
            InputError: the chain does not fit together, or a stage found its input unusable.
        """
        check_chain(stages, tuple(self.sources))
        self.cache.sweep()
        with self.spool, opencv_in_line(), contextlib.ExitStack() as at_the_end:
            at_the_end.callback(self._close)
            for place, stage in enumerate(stages):
                self._run_stage(stage, stages[place + 1] if place + 1 < len(stages) else None)
                needed = {name for later in stages[place + 1 :] for name in later.reads}
                for name in set(self.results) - needed - set(keep) - {"frames"}:
                    del self.results[name]
        return Outcome(self.results, self.keys, self.digests)

    def _run_stage(self, stage: Stage, following: Stage | None) -> None:
        base = self._base_key(stage)
        self.keys[stage.name] = []
        entries: list[Entry] = []  # the tables of all but the last one are on disk only
        total = self.frames if stage.chunk_frames else None
        with tqdm(total=total, desc=stage.name, unit="frame", disable=None) as bar:
            for span in self._spans(stage):
                started = time.perf_counter()
                before = entries[-1] if entries else Entry({}, {})
                key = fingerprint.of_values({**base, "span": span, "before": dict(before.digests)})
                entry = self.cache.get(stage.name, key)
                cached = entry is not None
                if entry is None:
                    self._begin(stage)
                    self._begin(following)
                    entry = self.cache.put(stage.name, key, self._work(stage, span, before, bar))
                elif span is not None:
                    bar.update(span[1] - span[0])
                entries[-1:] = [*(replace(one, results={}) for one in entries[-1:]), entry]
                self.keys[stage.name].append(key)
                self._note(stage, len(entries) - 1, entry, cached, time.perf_counter() - started)
                del before, entry
                memory.give_back()
        self._collect(stage, entries)
        self._close(stage.name)

    def _begin(self, stage: Stage | None) -> None:
        """Begin what a stage can do before its turn, or before its first piece where its turn has come."""
        if stage is None or stage.begin is None or stage.name in self._begun:
            return
        self._begun[stage.name] = stage.begin(self._whole(stage))

    def _close(self, *names: str) -> None:
        """Close what these stages began; without a name, what any did."""
        for name in names or tuple(self._begun):
            if (begun := self._begun.pop(name, None)) is not None:
                begun.close()

    def _base_key(self, stage: Stage) -> dict[str, object]:
        read = [*stage.reads, *(name for name in stage.optional if name in self.digests)]
        return {
            "stage": stage.name,
            "code": fingerprint.of_code(stage.work.__module__),
            "config": dict(stage.config),
            "inputs": {name: self.digests[name] for name in sorted(read)},
            "versions": dict(fingerprint.versions()),
        }

    def _work(self, stage: Stage, span: tuple[int, int] | None, before: Entry, bar: tqdm) -> Entry:
        said: list[tuple[str, str]] = []
        work = replace(
            self._whole(stage),
            span=span,
            before=before.results,
            begun=self._begun.get(stage.name),
            note=lambda status, reason: said.append((status, reason)),
            advance=bar.update,
        )
        made = stage.work(work)
        for name in stage.writes:
            tables.check(name, made[name])
        status = max((status for status, _ in said), key=STATUSES.index, default="ok")
        reasons = dict.fromkeys(reason for _, reason in said if reason)
        return Entry({name: made[name] for name in stage.writes}, {}, status, "; ".join(reasons))

    def _whole(self, stage: Stage) -> Work:
        """Return the work on a whole clip, with those tables that are there."""
        read = [*stage.reads, *stage.optional]
        return Work(
            tables={name: self.results[name] for name in read if name in self.results},
            sources={name: self.sources[name] for name in read if name in self.sources},
            config=stage.config,
            spool=self.spool,
        )

    def _spans(self, stage: Stage) -> list[tuple[int, int] | None]:
        """Return the pieces of a stage, in order; the whole clip is None."""
        step = stage.chunk_frames
        if not step:
            return [None]
        return [(start, min(start + step, self.frames)) for start in range(0, self.frames, step)]

    def _collect(self, stage: Stage, entries: Sequence[Entry]) -> None:
        keys = self.keys[stage.name][:-1]
        pieces = [*(self._stored(stage, key) for key in keys), *(entry.results for entry in entries[-1:])]
        for name in stage.writes:
            self.results[name] = pa.concat_tables(piece[name] for piece in pieces) if pieces else tables.empty(name)
            self.digests[name] = fingerprint.of_values([entry.digests[name] for entry in entries])

    def _stored(self, stage: Stage, key: str) -> Mapping[str, pa.Table]:
        """Return the tables of a piece that was stored before."""
        entry = self.cache.get(stage.name, key)
        if entry is None:
            where = str(self.cache.folder / stage.name / key)
            raise InputError("a stored result was changed during the run", where, "run it again, one run at a time")
        return entry.results

    def _note(self, stage: Stage, chunk: int, entry: Entry, cached: bool, seconds: float) -> None:
        start, stop = self._times(stage, chunk, entry)
        reason = "; ".join(part for part in (entry.reason, FROM_CACHE if cached else "") if part)
        rows = sum(table.num_rows for table in entry.results.values())
        self.trace.add(Row(stage.name, chunk, start, stop, entry.status, reason, rows, seconds))

    def _times(self, stage: Stage, chunk: int, entry: Entry) -> tuple[float, float]:
        frames = entry.results.get("frames", self.results.get("frames"))
        times = tables.column(frames, "t") if frames is not None else ()
        if stage.chunk_frames and "frames" not in entry.results:
            times = times[chunk * stage.chunk_frames : (chunk + 1) * stage.chunk_frames]
        return (float(times[0]), float(times[-1])) if len(times) else (0.0, 0.0)
