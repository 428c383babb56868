"""The tracker under disturbed detections, on a short analysis whose own tracks serve as labels."""

import numpy as np
import pyarrow.compute as pc
import pytest
import yaml

import rulesight
from evaluation import disturbed
from evaluation.people import PeopleScore
from records import tables
from records.errors import InputError


@pytest.fixture(scope="module")
def run(tmp_path_factory, short_clip, short_calibration):
    folder = tmp_path_factory.mktemp("disturbed") / "run"
    return rulesight.analyze(
        short_clip, "hockey", short_calibration, out=folder, overrides=["runtime=cpu", "report=none", "chunk_frames=10"]
    ).folder


@pytest.fixture(scope="module")
def labels(run, tmp_path_factory):
    """Everybody whom the run tracks at some instants, where the detector saw their feet."""
    read = {name: tables.read(run / f"{name}.parquet", name) for name in ("tracks", "links", "observations")}
    tracks = read["tracks"].filter(pc.is_in(read["tracks"].column("kind"), pc.cast(["player", "goalie"], "string")))
    players = set(tracks.column("entity").to_pylist())
    entity = dict(zip(*(read["links"].column(name).to_pylist() for name in ("detection", "entity")), strict=True))
    frames = {}
    for row in read["observations"].to_pylist():
        who = entity.get(row["detection"])
        if row["frame"] % 5 == 2 and who in players:
            frames.setdefault(row["t"], []).append(
                {"id": who, "team": "home", "kind": "player", "at": [row["u"], row["v"]]}
            )
    folder = tmp_path_factory.mktemp("labels")
    content = {"frames": [{"t": t, "people": people} for t, people in sorted(frames.items())]}
    (folder / "people.yaml").write_text(yaml.safe_dump(content))
    return folder


def test_a_run_is_tracked_again_and_disturbed(run, labels):
    footage = disturbed.read(run, labels)
    whole = disturbed.tracked(footage, footage.tables)
    assert whole.labelled > 10
    assert (whole.recall, whole.switches) == (1.0, 0)
    one, other = disturbed.draws(footage, 2, share=0.3)
    assert [vars(one), vars(other)] == [vars(each) for each in disturbed.draws(footage, 2, share=0.3)]
    assert vars(one) != vars(other)
    assert one.recall > 0.5
    nobody = disturbed.tracked(footage, disturbed.thinned(footage.tables, 1.0, np.random.default_rng(0)))
    assert nobody.found == 0


def test_what_is_missing_is_missing_in_both_tables(run, labels):
    content = disturbed.read(run, labels).tables
    thin = disturbed.thinned(content, 0.25, np.random.default_rng(5))
    names = [thin[name].column("detection").to_pylist() for name in ("detections", "appearance")]
    assert set(names[1]) <= set(names[0])
    before = {name: content[name].num_rows for name in ("detections", "appearance")}
    assert len(names[0]) == pytest.approx(0.75 * before["detections"], rel=0.15)
    assert len(names[1]) == pytest.approx(0.75 * before["appearance"], rel=0.15)


def test_a_run_without_its_cache_is_refused(run, labels, monkeypatch):
    monkeypatch.setattr(disturbed.Cache, "get", lambda *_: None)
    with pytest.raises(InputError, match="cache"):
        disturbed.read(run, labels)


def test_figures_are_means_with_their_error():
    scores = [PeopleScore(labelled=10, found=9, team_right=9, switches=switches, strangers=0) for switches in (1, 2, 6)]
    *others, switches = disturbed.figures(scores, "hockey")
    assert all(figure.good for figure in others)
    assert switches.value == pytest.approx(3.0)
    assert "1.53" in switches.name
    assert not switches.good
