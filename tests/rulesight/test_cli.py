"""The command line: one clear line and exit 2 for what a person gets wrong; nothing left behind."""

from pathlib import Path

import pytest

from rulesight import cli, commands

DEMO = Path(cli.__file__).parent / "examples" / "demo"
CLIP, MARKS = DEMO / "clip.mp4", DEMO / "calibration.yaml"


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Record the configuration that a subcommand would run with, in an empty folder."""
    seen = []
    monkeypatch.setattr(commands, "analyze", seen.append)
    monkeypatch.chdir(tmp_path)
    return seen


AWKWARD = ("my game, part 1.mp4", "a=b.mp4", "it's.mp4", "back\\slash.mp4", "${HOME}.mp4", "a,b.mp4", "(x) [y] {z}.mp4")


@pytest.mark.parametrize("name", AWKWARD)
def test_file_names_with_signs_pass_unchanged(asked, name):
    assert cli.main(["analyze", f"video={name}", "domain=hockey"]) == 0
    assert asked[0]["video"] == name


def test_groups_and_nested_overrides_compose(asked):
    arguments = ["domain=football", "report=none", "limits.duration_s=9", "detector.model.file=/a b/m.onnx"]
    assert cli.main(["analyze", "video=x.mp4", *arguments]) == 0
    config = asked[0]
    assert config["domain"]["name"] == "football"
    assert config["report"] == {"html": False, "overlay": False}
    assert config["limits"]["duration_s"] == 9
    assert config["detector"]["model"]["file"] == "/a b/m.onnx"


def test_a_sweep_runs_each_value_into_its_own_folder(asked):
    assert cli.main(["analyze", "domain=hockey", "video=x.mp4", "--multirun", "chunk_frames=10,20"]) == 0
    assert [config["chunk_frames"] for config in asked] == [10, 20]
    assert len({config["out"] for config in asked}) == 2


def test_no_stray_folders_after_a_single_run(asked, tmp_path):
    cli.main(["analyze", "video=x.mp4", "domain=hockey"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["analize"], "did you mean analyze"),
        (["analyze", "vido=x", "domain=hockey"], "unknown key 'vido' (rulesight analyze); did you mean 'video'?"),
        (["analyze", "domain=chess", "video=x"], "there are: basketball, football, hockey, soccer"),
        (["analyze", "domain=hokcey", "video=x"], "did you mean 'hockey'?"),
        (["analyze", "limits.durations=9"], "did you mean 'limits.duration_s'"),
        (["analyze", "video"], "missing EQUAL"),
        (["analyze", "detector=nothing"], "unknown detector 'nothing' (rulesight analyze); there are: detr, shipped"),
        (["simulate", "out="], "out is empty (rulesight simulate)"),
        (["evaluate", "domain=cricket", "data=/nowhere"], "unknown domain 'cricket'"),
        (["evaluate", "suite=clips", "domain=soccer", "data=/nowhere"], "there are: all, football, hockey"),
        (["evaluate", "suite=clips", "domain=football", "clips=[hockey]", "data=/"], "no clip of football"),
        (["judge"], "scene=FOLDER or scenes=FOLDER"),
        (["judge", "scene=/nowhere/at/all"], "/nowhere/at/all"),
        (["judge", "scene=a", "scenes=b"], "scene=FOLDER or scenes=FOLDER"),
        (["judge", "scenes=/nowhere"], "/nowhere"),
        (["explain", "call=a"], "scene=FOLDER or run=FOLDER"),
        (["explain", "scene=a", "run=b", "call=c"], "scene=FOLDER or run=FOLDER"),
        (["explain", "scene=a"], "call=ID"),
        (["explain", "scene=/nowhere/at/all", "call=a"], "/nowhere/at/all"),
        (["calibrate"], "video=FILE"),
        (["calibrate", "video=x.mp4"], "calibration=FILE"),
        (["calibrate", "video=x.mp4", "calibration=y", "landmarks=z"], "both given"),
        (["calibrate", "video=x.mp4", "landmarks=z.onnx"], "z.onnx"),
        (["calibrate", "video=x.mp4", "landmarks=z.onnx", "every_s=0"], "every_s"),
        (["calibrate", "video=x.mp4", "calibration=y", "frames=abc"], "frames is a whole number, not 'abc'"),
        (["judge", "scene=a", "k=abc"], "k is a number, not 'abc'"),
        (["analyze", "domain=hockey", "video=x", "limits.memory_gb=lots"], "limits.memory_gb is a number"),
        (["analyze", "domain=hockey", "video=x", "chunk_frames=1.5"], "chunk_frames is a whole number, not 1.5"),
        (["analyze", "domain=hockey", "video=x", "report.html=perhaps"], "report.html is true or false"),
        (["analyze", "domain=hockey", "video=x", "detector.strides=8"], "detector.strides is a list, not 8"),
        (["analyze", "domain=hockey", "video=x", "detector=yolox_nano"], "add detector.model.file="),
        (["analyze", "domain=hockey", f"video={CLIP}", "landmarks=z.onnx"], "give its path: landmarks="),
        (["analyze", "domain=soccer", f"video={CLIP}", "landmarks=hockey-landmarks.onnx"], "is of hockey, not soccer"),
        (["analyze", "domain=hockey", f"video={CLIP}", f"calibration={MARKS}", "landmarks=z.onnx"], "both given"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(arguments, told, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.strip().splitlines()) == 1
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_is_one_line(asked, capsys, monkeypatch):
    def stop(config):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "analyze", stop)
    assert cli.main(["analyze", "video=x.mp4", "domain=hockey"]) == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_a_full_disk_is_one_line(asked, capsys, monkeypatch):
    def fill(config):
        raise OSError(28, "No space left on device", "/full/calls.json")

    monkeypatch.setattr(commands, "analyze", fill)
    assert cli.main(["analyze", "video=x.mp4", "domain=hockey"]) == 2
    assert capsys.readouterr().err.strip() == (
        "rulesight: no space left on device (/full/calls.json); free some space or choose another folder with out="
    )


def test_help_and_version(capsys):
    assert cli.main(["--help"]) == 0
    assert "analyze" in capsys.readouterr().out
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == "0.1.0"
    assert cli.main([]) == 2


def test_the_package_speaks_of_no_machine():
    for path in Path(cli.__file__).parent.glob("*.py"):
        assert "/home/" not in path.read_text(encoding="utf-8")
