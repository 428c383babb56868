"""The public functions: the same as the subcommands, for use from Python."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ontologies import registry
from ontologies.checks import check_scene
from pipeline import judging
from records import calls as calls_format
from records.calls import Calls
from records.errors import InputError
from records.names import unknown
from records.scene import Scene, read_scene

if TYPE_CHECKING:
    from pipeline.analyze import Run

KEPT_ROWS = 3_000_000  # of tracks, some 300 MB


def analyze(
    video: str | Path,
    domain: str,
    calibration: str | Path | None = None,
    annotations: str | Path | None = None,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
) -> Run:
    """Analyse one clip, as ``rulesight analyze`` does.

    Args:
        video: the footage.
        domain: ``hockey``, ``football``, ``soccer`` or ``basketball``.
        calibration: keyframes with named landmarks; or let a model mark them: ``landmarks=FILE`` among ``overrides``.
        annotations: what a person adds: kits, points, events.
        out: the run folder; default ``runs/<name of the video>``.
        overrides: further settings in Hydra's grammar, e.g. ``["detector=yolox_nano", "report=none"]``.

    Returns:
        The run: its folder and its calls.

    Raises:
        InputError: anything in the input is wrong.
    """
    config = composed([f"domain={domain}", *overrides])
    paths = {"video": video, "calibration": calibration, "annotations": annotations, "out": out}
    return analyze_config(config | {name: None if path is None else str(path) for name, path in paths.items()})


def composed(overrides: Sequence[str]) -> dict[str, Any]:
    """Return the configuration of ``analyze``; inside another Hydra application too, which it leaves as it was.

    Args:
        overrides: settings in Hydra's grammar, e.g. ``["domain=soccer", "detector=yolox_nano"]``.
    """
    from hydra import compose, initialize_config_module
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf

    outer = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with initialize_config_module("configs", version_base="1.3"):
            chosen = compose("analyze", overrides=list(overrides))
    finally:
        GlobalHydra.instance().hydra = outer
    plain: Any = OmegaConf.to_container(chosen, resolve=True, throw_on_missing=True)
    return dict(plain)


def analyze_config(config: Mapping[str, Any]) -> Run:
    """Analyse one clip from a whole configuration, then write what a person looks at."""
    from pipeline.analyze import analyze as run_analysis
    from rulesight import settings

    settings.check_ranges(config, "rulesight analyze")
    run = run_analysis(config)
    wanted = config["report"]
    if wanted["html"] or wanted["overlay"]:
        from review import overlay, report
        from review.view import RunView

        view = RunView(run.folder)
        if wanted["overlay"]:
            overlay.write_overlay(view, run.video, _graphics(config["calibration"]))
        if wanted["html"]:
            report.write_report(view, run.video)
    return run


def _graphics(calibration: str | None) -> list[tuple[float, float, float, float]]:
    """Return the boxes that a calibration says hold graphics, some or all of the time."""
    from records.calibration import read_calibration

    return [mask.box for mask in read_calibration(calibration).masks] if calibration else []


def judge(
    scene: Scene | str | Path, out: str | Path | None = None, edition: str | None = None, k: float = 2.0
) -> Calls:
    """Judge tracking data.

    Args:
        scene: a scene or the folder of one.
        out: folder to write ``calls.json`` to; nothing is written when None.
        edition: rulebook to judge under instead of the scene's own.
        k: sigmas that a margin must exceed to be certain.

    Returns:
        One call per opportunity, and what every rule could and could not judge.

    Raises:
        InputError: anything in the scene is wrong.
    """
    read = scene if isinstance(scene, Scene) else read_scene(Path(scene))
    calls = judging.judge(_under(read, edition), k=k)
    if out is not None:
        calls_format.write(Path(out) / "calls.json", calls)
    return calls


def explain(scene: Scene | str | Path, call: str, edition: str | None = None, k: float = 2.0) -> str:
    """Return the proof of one call as a tree of text: what had to hold, what did, and what that rests on.

    The scene is judged again.

    Args:
        scene: a scene or the folder of one; a run folder is one.
        call: id of the call, as in ``calls.json``.
        edition: rulebook to judge under instead of the scene's own.
        k: sigmas that a margin must exceed to be certain.

    Raises:
        InputError: anything in the scene is wrong, or it has no such call; it names the nearest.
    """
    from rules.explain import tell

    read = scene if isinstance(scene, Scene) else read_scene(Path(scene))
    judged = judging.judged(_under(read, edition), k)
    found = {one.id: (one, opportunity) for one, opportunity in judged}
    if not found:
        raise InputError("no opportunity for a call was seen in it", where=f"scene {read.id}")
    if call not in found:
        raise unknown("call", call, found, f"scene {read.id}")
    return tell(*found[call])


def _under(scene: Scene, edition: str | None) -> Scene:
    """Return a scene under another rulebook, or as it is."""
    if edition is None:
        return scene
    registry.edition(edition, scene.domain, "edition=")
    return dataclasses.replace(scene, edition=edition)


def judge_many(scenes: str | Path, out: str | Path, edition: str | None = None, k: float = 2.0) -> int:
    """Judge every scene folder in a folder, and write ``<out>/<scene folder>/calls.json`` for each.

    Returns:
        How many scenes were judged.

    Raises:
        InputError: there is no scene, or anything in one of them is wrong; it names the scene.
    """
    root = Path(scenes)
    if not root.is_dir():
        raise InputError("no such folder of scenes", where=str(root), mend="check the path")
    folders = sorted(path.parent for path in root.glob("*/scene.yaml"))
    if not folders:
        raise InputError("no scene in the folder", where=str(root), mend="each scene is a folder with scene.yaml")
    kept: dict[Path, Scene] = {}  # read once, as long as that takes little memory
    rows = 0
    for folder in folders:
        scene = check_scene(read_scene(folder))  # a wrong one is told before the first file is written
        rows += scene.tracks.num_rows
        if rows <= KEPT_ROWS:
            kept[folder] = scene
    for folder in folders:
        judge(kept.pop(folder, folder), Path(out) / folder.name, edition, k)
    return len(folders)
