"""The runner: chains are checked, results are cached by content, and a killed run goes on."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from pipeline import fingerprint
from pipeline.cache import Cache
from pipeline.contract import Stage, Work, check_chain
from pipeline.run import Runner
from pipeline.trace import Trace
from records import tables
from records.errors import InputError

CALLS: list[str] = []
FRAMES = 25


def watch(work: Work):
    CALLS.append(f"watch {work.span[0]}")
    start, stop = work.span[0], min(work.span[1], FRAMES)
    frame = np.arange(start, stop)
    shot = work.before["frames"].num_rows if work.before else 0
    work.advance(len(frame))
    return {
        "frames": tables.table(
            "frames",
            {
                "frame": frame,
                "t": frame * 0.04,
                "shot": np.full(len(frame), shot),
                "quality": ["ok"] * len(frame),
                "width": np.full(len(frame), 4),
                "height": np.full(len(frame), 4),
            },
        )
    }


def detect(work: Work):
    CALLS.append("detect")
    if work.config.get("fail"):
        raise RuntimeError("killed")
    work.note("degraded", "dark")
    frames = tables.column(work.tables["frames"], "frame")
    return {
        "dropped": tables.table(
            "dropped",
            {
                "detection": [f"d{frame}" for frame in frames],
                "frame": frames,
                "t": frames * 0.04,
                "reason": [str(work.config.get("why", "small"))] * len(frames),
            },
        )
    }


WATCH = Stage("watch", watch, reads=("video",), writes=("frames",), chunk_frames=10)
DETECT = Stage("detect", detect, reads=("frames",), writes=("dropped",), config={"why": "small"})


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"pixels")
    CALLS.clear()
    return path


def run(video: Path, *stages: Stage, folder: str = "cache", keep=("frames", "dropped")):
    trace = Trace("clip")
    runner = Runner({"video": video}, Cache(video.parent / folder), trace, frames=FRAMES)
    return runner.run(stages, keep=keep), trace


def test_chunks_join_and_the_open_end_is_found(video):
    outcome, trace = run(video, WATCH, DETECT)
    assert tables.column(outcome.results["frames"], "frame").tolist() == list(range(FRAMES))
    assert CALLS == ["watch 0", "watch 10", "watch 20", "detect"]
    assert tables.column(outcome.results["frames"], "shot").tolist()[::10] == [0, 10, 10]
    rows = trace.table().to_pylist()
    assert [(row["stage"], row["chunk"]) for row in rows] == [
        ("watch", 0),
        ("watch", 1),
        ("watch", 2),
        ("detect", 0),
    ]
    assert rows[1]["from"] == pytest.approx(0.4)
    assert rows[3]["status"] == "degraded"
    assert rows[3]["reason"] == "dark"


def test_a_second_run_works_nothing_and_gives_the_same(video):
    first, _ = run(video, WATCH, DETECT)
    CALLS.clear()
    second, trace = run(video, WATCH, DETECT)
    assert CALLS == []
    assert second.results["dropped"].equals(first.results["dropped"])
    assert all("from the cache" in row["reason"] for row in trace.table().to_pylist())
    assert trace.table().to_pylist()[-1]["status"] == "degraded"


def test_only_what_depends_on_a_change_is_made_again(video):
    run(video, WATCH, DETECT)
    CALLS.clear()
    outcome, _ = run(video, WATCH, dataclasses.replace(DETECT, config={"why": "large"}))
    assert CALLS == ["detect"]
    assert set(tables.column(outcome.results["dropped"], "reason")) == {"large"}
    video.write_bytes(b"other pixels")
    CALLS.clear()
    run(video, WATCH, DETECT)
    assert CALLS[:3] == ["watch 0", "watch 10", "watch 20"]


def test_a_killed_run_goes_on_where_it_stopped(video):
    with pytest.raises(RuntimeError):
        run(video, WATCH, dataclasses.replace(DETECT, config={"fail": True}))
    CALLS.clear()
    resumed, _ = run(video, WATCH, DETECT)
    assert CALLS == ["detect"]
    undisturbed, _ = run(video, WATCH, DETECT, folder="elsewhere")
    assert resumed.digests == undisturbed.digests


def test_a_damaged_entry_is_made_again_and_leftovers_go(video):
    run(video, WATCH, DETECT)
    damaged = next((video.parent / "cache" / "detect").glob("*/dropped.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-9])
    half = video.parent / "cache" / "detect" / ".new-x"
    half.mkdir()
    CALLS.clear()
    run(video, WATCH, DETECT)
    assert CALLS == ["detect"]
    assert not half.exists()


def test_the_chain_is_checked_before_the_first_frame(video):
    with pytest.raises(InputError, match="stage detect reads frames"):
        run(video, DETECT)
    with pytest.raises(InputError, match="both write frames"):
        check_chain([WATCH, dataclasses.replace(WATCH, name="again")], ["video"])
    assert CALLS == []


def test_a_stage_that_writes_a_wrong_table_is_refused(video):
    wrong = dataclasses.replace(DETECT, work=wrong_table)
    with pytest.raises(InputError, match="column"):
        run(video, WATCH, wrong)


def wrong_table(work: Work):
    return {"dropped": work.tables["frames"]}


def test_the_code_key_covers_what_a_stage_imports(tmp_path, monkeypatch):
    (tmp_path / "outer_part.py").write_text("import inner_part_pkg.inner\n")
    package = tmp_path / "inner_part_pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "inner.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(fingerprint, "ROOMS", fingerprint.ROOMS | {"inner_part_pkg"})
    before = fingerprint.of_code("outer_part")
    (package / "inner.py").write_text("VALUE = 2\n")
    assert fingerprint.of_code("outer_part") != before
    (package / "inner.py").write_text("VALUE = 1\n")
    assert fingerprint.of_code("outer_part") == before


def test_imports_inside_functions_count():
    assert "records.errors" in fingerprint.imported_modules("records.tables")
    assert "numpy" not in fingerprint.imported_modules("records.tables")


def test_tables_that_nobody_reads_any_more_are_let_go(video):
    outcome, _ = run(video, WATCH, DETECT, keep=())
    assert set(outcome.results) == {"frames"}


class Begun:
    def __init__(self, work: Work):
        CALLS.append(f"begin with {' '.join(sorted(work.tables))}")

    def close(self):
        CALLS.append("close")


def follow(work: Work):
    CALLS.append("follow" if isinstance(work.begun, Begun) else "follow alone")
    if work.config.get("fail"):
        raise RuntimeError("killed")
    dropped = work.tables["dropped"]
    columns = {name: dropped[name] for name in ("detection", "frame", "t")}
    return {"links": tables.table("links", {**columns, "entity": dropped["reason"]})}


FOLLOW = Stage("follow", follow, reads=("frames", "dropped"), writes=("links",), begin=Begun)


def test_a_stage_begins_beside_the_one_before_and_is_closed_after_it(video):
    first, _ = run(video, WATCH, DETECT, FOLLOW, keep=("links",))
    assert CALLS[3:] == ["begin with frames", "detect", "follow", "close"]
    CALLS.clear()
    second, _ = run(video, WATCH, DETECT, FOLLOW, keep=("links",))
    assert CALLS == []
    assert second.digests == first.digests


def test_what_was_begun_is_closed_when_a_run_fails(video):
    with pytest.raises(RuntimeError):
        run(video, WATCH, dataclasses.replace(DETECT, config={"fail": True}), FOLLOW)
    assert CALLS[3:] == ["begin with frames", "detect", "close"]
    CALLS.clear()
    with pytest.raises(RuntimeError):
        run(video, WATCH, DETECT, dataclasses.replace(FOLLOW, config={"fail": True}))
    assert CALLS == ["begin with frames", "detect", "follow", "close"]


def test_resumed_a_stage_begins_in_its_turn(video):
    run(video, WATCH, DETECT)
    CALLS.clear()
    run(video, WATCH, DETECT, FOLLOW)
    assert CALLS == ["begin with dropped frames", "follow", "close"]


def test_a_piece_that_is_changed_during_the_run_is_told(video):
    def spoiled(work: Work):
        for entry in (video.parent / "cache" / "watch").glob("*/frames.parquet"):
            entry.write_bytes(b"")
        return watch(work)

    with pytest.raises(InputError, match="changed during the run"):
        run(video, dataclasses.replace(WATCH, work=spoiled))
