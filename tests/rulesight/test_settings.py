"""Every setting says what it means and what it may hold; what it may not hold is one line and exit 2."""

import pytest

from rulesight import cli, settings

HYDRA = [name for name in cli.COMMANDS if name not in cli.PLAIN]


@pytest.mark.parametrize("command", HYDRA)
def test_help_tells_every_key_with_its_meaning(command, capsys):
    assert cli.main([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert cli.COMMANDS[command][1] in told
    for one in settings.settings_in(settings._text(f"{command}.yaml")):
        assert one.key in told
        assert one.about, one.key
    assert all(len(line) <= settings.WIDTH + 60 for line in told.splitlines())


@pytest.mark.parametrize("group", ["detector", "registration", "runtime", "report"])
def test_every_key_of_a_group_says_what_it_means(group):
    for choice in settings.choices(group):
        for one in settings.settings_in(settings._text(f"{group}/{choice}.yaml"), group):
            assert one.about, f"{choice}: {one.key}"


def test_help_shows_the_choice_that_was_made(capsys):
    cli.main(["analyze", "--help", "detector=yolox_nano"])
    told = capsys.readouterr().out
    assert "yolox_nano_416_coco.onnx" in told
    assert "detector=detr|shipped|torchvision|ultralytics|yolox_nano" in told


def test_the_defaults_are_within_their_ranges():
    from hydra import compose, initialize_config_module
    from omegaconf import OmegaConf

    with initialize_config_module("configs", version_base="1.3"):
        for domain in settings.choices("domain"):
            for detector in settings.choices("detector"):
                chosen = [f"domain={domain}", f"detector={detector}", "++detector.model.file=m.onnx"]
                config = OmegaConf.to_container(compose("analyze", overrides=chosen), resolve=True)
                settings.check_ranges(config, "analyze")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["registration.lost_m=-2"], "registration.lost_m is at least 0.001"),
        (["detector.iou=1.5"], "detector.iou is from 0 to 1"),
        (["detector.input.width=0"], "detector.input.width is from 16 to 8192"),
        (["tracker.linking.gap_s=-1"], "tracker.linking.gap_s is not negative"),
        (["++tracker.output.least_s=-1"], "tracker.output.least_s is not negative"),
        (["limits.memory_gb=0"], "limits.memory_gb is at least"),
        (["runtime.threads=0"], "runtime.threads is from 1 to 1024"),
        (["registration.lost=2"], "did you mean 'registration.lost_m'"),
        (["detector.modle.file=x"], "did you mean 'detector.model.file'"),
    ],
)
def test_what_a_setting_may_not_hold(arguments, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["analyze", "domain=hockey", "video=x.mp4", *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_sweeps_of_other_values_go_to_other_folders_and_the_same_goes_on():
    first = cli.sweep_folder("analyze", ["video=a", "k=1,2", "--multirun"])
    assert first == cli.sweep_folder("analyze", ["--multirun", "k=1,2", "video=a"])
    assert first != cli.sweep_folder("analyze", ["video=a", "k=1,3", "--multirun"])
