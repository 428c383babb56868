"""The subcommands for those who build: what they write, and what they refuse in one line."""

import importlib
import os
import subprocess
import sys

import pytest

from evaluation.sequences import score
from records.scene import read_scene
from rulesight import cli, measure

MOT = "1,1,100,100,20,40,1,-1,-1,-1\n2,1,102,100,20,40,1,-1,-1,-1\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["convert"], "add source=FILE"),
        (["convert", "source=x"], "add format="),
        (["convert", "source=x", "format=motor"], "did you mean 'mot'"),
        (["convert", "source=/nowhere", "format=mot"], "/nowhere"),
        (["evaluate", "domain=chess"], "unknown domain 'chess' (rulesight evaluate suite=sequences)"),
        (["evaluate", "suite=clip"], "did you mean 'clips'"),
        (["evaluate", "data=/nowhere"], "/nowhere"),
        (["evaluate", "data=.", "suite=clips", "clips=[hokey]"], "did you mean 'hockey'"),
        (["evaluate", "data=.", "suite=clips", "domain=soccer"], "unknown domain 'soccer'"),
        (["evaluate", "data=.", "suite=clips", "labels=/nowhere"], "/nowhere"),
        (["simulate", "play=final"], "unknown play 'final'"),
        (["simulate", "keyframes_s=[99.0]"], "times from 0 to 10 s"),
        (["simulate", "keyframes_s=[]"], "one or more"),
        (["train", "recipe.stps=5"], "did you mean 'recipe.steps'"),
        (["train", "recipe.steps=0"], "recipe.steps is at least 1"),
        (["train", "recipe.steps=many"], "recipe.steps is a whole number"),
        (["train", "model=landmark"], "did you mean 'landmarks'"),
        (["train", "model=landmarks", "landmarks.domain=chess"], "unknown domain 'chess'"),
        (["train", "model=torchvison"], "did you mean 'torchvision'"),
        (["train", "model=torchvision", "recipe.domain=chess"], "unknown domain 'chess'"),
        (["train", "model=ultralytics", "ultralytics.crops=0"], "ultralytics.crops is at least 1"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(arguments, told, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_without_the_training_extra_it_says_what_to_install(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    works = importlib.import_module

    def missing(name, *rest):
        if name.startswith("simulation.training"):
            raise ImportError("No module named 'torch'")
        return works(name, *rest)

    monkeypatch.setattr(importlib, "import_module", missing)
    for model in ("detector", "torchvision", "ultralytics"):
        assert cli.main(["train", f"model={model}"]) == 2
        assert "pip install '.[train]'" in capsys.readouterr().err


def test_torch_and_torchvision_that_do_not_fit_are_named(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    works = importlib.import_module

    def unfit(name, *rest):
        if name.startswith("simulation.training.through"):
            raise RuntimeError("operator torchvision::nms does not exist")
        return works(name, *rest)

    monkeypatch.setattr(importlib, "import_module", unfit)
    assert cli.main(["train", "model=torchvision"]) == 2
    told = capsys.readouterr().err
    assert "do not fit" in told
    assert len(told.strip().splitlines()) == 1


def test_formats_are_listed(capsys):
    assert cli.main(["convert", "format=list"]) == 0
    assert "mot: " in capsys.readouterr().out


def test_converted_data_is_a_scene(tmp_path, capsys):
    source = tmp_path / "tracks.txt"
    source.write_text(MOT)
    matrix = "[[0.1,0,-30],[0,0.1,-10],[0,0,1]]"
    out = tmp_path / "scenes"
    given = [f"source={source}", "format=mot", f"out={out}", "options.domain=soccer", "options.fps=25"]
    status = cli.main(["convert", *given, f"options.matrix={matrix}"])
    assert status == 0, capsys.readouterr().err
    (scene,) = (read_scene(path.parent) for path in out.glob("*/scene.yaml"))
    assert scene.domain == "soccer"
    assert scene.tracks.num_rows == 2


def test_one_bad_file_leaves_no_scene_of_the_good_ones(tmp_path, capsys):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.txt").write_text(MOT)
    (folder / "b.txt").write_text("frame,id\n")
    given = ["options.domain=soccer", "options.fps=25", "options.matrix=[[0.1,0,-30],[0,0.1,-10],[0,0,1]]"]
    assert cli.main(["convert", f"source={folder}", "format=mot", f"out={tmp_path / 'scenes'}", *given]) == 2
    assert "b.txt, line 1); a line holds frame, id, left" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_an_evaluation_prints_figures_and_fails_when_one_misses_its_goal(monkeypatch, tmp_path, capsys):
    asked = []

    def scored(domain, data, out):
        asked.append((domain, data, out))
        return score.Score(domain, (score.at_least("recall", 0.7 if domain == "hockey" else 0.9, 0.8),), ("a note",))

    monkeypatch.setattr(score, "evaluate", scored)
    assert cli.main(["evaluate", "domain=football", f"data={tmp_path}", f"out={tmp_path / 'kept'}"]) == 0
    assert asked == [("football", tmp_path, tmp_path / "kept" / "football")]
    assert cli.main(["evaluate", f"data={tmp_path}", "notes=true"]) == 1
    told = capsys.readouterr().out
    assert "MISSED" in told
    assert "a note" in told
    assert len(asked) == 1 + len(score.DOMAINS)


def test_every_clip_of_the_suite_has_labels():
    assert all((measure.LABELS / name / "people.yaml").is_file() for name in measure.CLIPS)


def test_a_script_ends_with_the_programs_exit_code():
    script = measure.LABELS.parents[1] / "scripts" / "judge.py"
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert done.returncode == 2
    assert "scene=FOLDER" in done.stderr


def test_a_reader_who_has_seen_enough_is_no_error():
    command = [sys.executable, "-u", "-m", "rulesight", "simulate", "case=list", "domain=football"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as listing:
        assert listing.stdout.readline().startswith("delay_of_game")
        listing.stdout.close()
        assert (listing.stderr.read(), listing.wait()) == ("", 0)
