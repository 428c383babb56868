"""Footage in, calls out: the chain of stages and the run folder that they fill.

A run folder is itself a scene folder: ``rulesight judge scene=RUN`` judges it again.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from ontologies import registry
from ontologies.checks import check_annotations, check_calibration, check_scene
from perception import decode
from perception.registration.marking import mark
from perception.registration.marks import check_keyframes
from pipeline import budget, inputs, judging
from pipeline.cache import Cache
from pipeline.contract import Stage
from pipeline.manifest import write_manifest
from pipeline.run import Runner
from pipeline.stages import detect, place, register, resolve, track, watch, zones
from pipeline.trace import Row, Trace
from records import calls as calls_format
from records import ids, tables
from records.calibration import Calibration
from records.calls import Calls
from records.errors import InputError, within
from records.scene import Scene, parse_field, scene_of, write_scene
from tracking.settings import tracker_settings

SCENE_TABLES = ("tracks", "events", "plays", "view", "errors")
AFTER_END_S = 0.5  # marks later than this after the last frame are mistakes
BESIDE_PICTURE = 0.5  # share of the picture's height that a mark may lie outside it
MODEL_SOURCES = {"detector": "model", "ball": "ball"}  # group of the configuration -> what stages call its file
KEPT = ("frames", "registrations", "detections", "observations", "links", "dropped", "zones")


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        folder: the run folder.
        video: the footage.
        calls: what was called.
    """

    folder: Path
    video: Path
    calls: Calls


@dataclass(frozen=True)
class Plan:
    """What the user asked for, checked.

    Attributes:
        sources: name to file: ``video``, ``model`` and, where given, ``ball``, ``calibration`` and ``annotations``.
        trials: the models that look at pictures, ``detector`` and maybe ``ball``, and what they really run on.
        out: the run folder.
        cache: where stage results are kept.
        clip: id of the clip.
        domain: sport.
        scene_keys: keys of scene.yaml for the scene that the run makes.
        info: size and length of the footage.
        config: the whole configuration, plain values.
    """

    sources: Mapping[str, Path]
    trials: Mapping[str, detect.Trial]
    out: Path
    cache: Path
    clip: str
    domain: str
    scene_keys: Mapping[str, Any]
    info: decode.VideoInfo
    config: Mapping[str, Any]


def analyze(config: Mapping[str, Any]) -> Run:
    """Analyse one clip.

    Args:
        config: as ``configs/analyze.yaml`` with its groups, plain values.

    Returns:
        The run, whose folder holds the tables, ``calls.json``, ``manifest.json`` and ``trace.parquet``.

    Raises:
        InputError: anything in the input is wrong; nothing was written.
    """
    fresh = [folder for folder in _folders(config) if not folder.exists()]
    try:
        return _run(make_plan(config))
    except InputError as error:
        if not isinstance(error.__cause__, OSError):  # what was done before a full disk is still good afterwards
            for folder in fresh:
                shutil.rmtree(folder, ignore_errors=True)
        raise


def _run(plan: Plan) -> Run:
    trace = Trace(plan.clip)
    spool_bytes = int(plan.config["limits"]["spool_gb"] * 1e9)
    runner = Runner(plan.sources, Cache(plan.cache), trace, plan.info.frames, spool_bytes)
    outcome = runner.run(stages_of(plan), keep={*SCENE_TABLES, *KEPT})
    scene = scene_from(plan, outcome.results)
    begun = time.perf_counter()
    calls = judging.judge(scene)
    first, last = float(decode.open_video(plan.sources["video"]).times[0]), plan.info.start_s + plan.info.duration_s
    rows = len(calls.calls)
    trace.add(Row("judge", 0, first, last, "ok", "", rows, time.perf_counter() - begun))
    _write(plan, scene, calls, outcome.results, trace, outcome.keys)
    return Run(plan.out, plan.sources["video"], calls)


def make_plan(config: Mapping[str, Any]) -> Plan:
    """Check everything that can be checked before the first frame.

    Raises:
        InputError: a file is missing or wrong, the domain is unknown, or the clip is above a limit.
    """
    domain = config["domain"]["name"]
    cache, out = _folders(config)
    sources = _sources(config)
    info = decode.probe(sources["video"])
    size = budget.Size(info.frames, info.width, info.height, info.duration_s)
    budget.check_caps(size, config["limits"], str(sources["video"]))
    clip = ids.clip_id(sources["video"])
    if config["landmarks"] is not None:
        sources["calibration"] = _marked(config, sources, out / "calibration.yaml")
    scene_keys = _scene_keys(config, sources, clip, domain)
    if config["edition"] is not None:
        registry.edition(config["edition"], domain, "edition=")
    if "calibration" in sources:
        _check_calibration(sources["calibration"], domain, decode.open_video(sources["video"]))
    _check_marks(sources, info, float(decode.open_video(sources["video"]).times[-1]))
    check_scene(scene_of(scene_keys, {}, where=str(sources.get("annotations", f"domain {domain}"))))
    trials = _tried_out(config, domain, (info.height, info.width))
    sources |= {MODEL_SOURCES[name]: trial.path for name, trial in trials.items()}
    seconds = sum(trial.seconds for trial in trials.values())
    needed = budget.estimate(size, seconds * (1 + budget.OVERHEAD))
    budget.check_room(needed, config["limits"], out)
    names, provider = " and ".join(trial.name for trial in trials.values()), trials["detector"].provider
    print(f"analysing {info.frames} frames with {names} on {provider}: {needed}", file=sys.stderr)
    return Plan(sources, trials, out, cache, clip, domain, scene_keys, info, config)


def _tried_out(config: Mapping[str, Any], domain: str, size: tuple[int, int]) -> dict[str, detect.Trial]:
    """Open and run every model that looks at pictures of a size (height, width); by name."""
    trials = {}
    for name in MODEL_SOURCES:
        if config[name]["model"] is not None:
            _check_model_domain(config[name]["model"], domain, name)
            trials[name] = detect.try_out(config[name], config["runtime"], size, name)
    return trials


def stages_of(plan: Plan) -> Sequence[Stage]:
    """Return the chain for a plan, in order."""
    config = plan.config
    chunk = int(config["chunk_frames"])
    field = {name: plan.scene_keys[name] for name in ("domain", "edition", "field")}
    barrier_m = tracker_settings(config["tracker"]).filtering.barrier_m
    return (
        watch.stage(chunk, config["registration"]),
        register.stage(field, config["registration"]),
        detect.stage(
            chunk,
            field,
            {name: config[name] for name in plan.trials},
            config["runtime"],
            plan.trials["detector"].provider,
            barrier_m,
        ),
        place.stage(chunk, field, config["tracker"]),
        track.stage(field, config["tracker"]),
        resolve.stage(),
        zones.stage(plan.scene_keys, config["domain"]["zones"]),
    )


def scene_from(plan: Plan, results: Mapping[str, pa.Table]) -> Scene:
    """Return the checked scene of a run: what the rules may see of it."""
    content = {name: results[name] for name in SCENE_TABLES}
    return check_scene(scene_of(plan.scene_keys, content, where=f"run {plan.clip}"))


def _folders(config: Mapping[str, Any]) -> tuple[Path, Path]:
    """Return the folders of the cache and of the run, not yet made."""
    out = Path(config["out"] or Path("runs") / Path(config["video"]).stem)
    cache = Path(config["cache"] or out / "cache")
    _check_folder(out, "out")
    _check_folder(cache, "cache")
    return cache, out


def _marked(config: Mapping[str, Any], sources: Mapping[str, Path], path: Path) -> Path:
    """Let a landmark model mark keyframes on the field that the annotations or the edition say; return the file."""
    if "calibration" in sources:
        raise InputError("calibration and landmarks are both given", "rulesight analyze", "give one of them")
    domain = config["domain"]["name"]
    given = _annotated_keys(sources, domain)
    edition = config["edition"] or given.get("edition") or config["domain"]["edition"]
    said = parse_field(given.get("field"), "annotations, field")
    choice = replace(said, preset=registry.field(domain, said, edition).name)
    return mark(sources["video"], config["landmarks"], config["every_s"], choice, path, domain)


def _sources(config: Mapping[str, Any]) -> dict[str, Path]:
    sources = {"video": Path(config["video"])}
    for name in ("calibration", "annotations"):
        if config[name] is not None:
            sources[name] = Path(config[name])
    for name, path in sources.items():
        if not path.is_file():
            raise InputError(f"no such {name} file", str(path), "check the path")
    return sources


def _scene_keys(config: Mapping[str, Any], sources: Mapping[str, Path], clip: str, domain: str) -> dict[str, Any]:
    """Return scene.yaml of the run: what the annotations say, over what the run itself knows."""
    given = _annotated_keys(sources, domain)
    calibration = inputs.calibration(sources["calibration"]) if "calibration" in sources else None
    edition = config["edition"] or given.get("edition") or config["domain"]["edition"]
    field = given.get("field") or (_chosen_field(calibration) if calibration else {})
    keys = {
        "schema": 1,
        "id": clip,
        "domain": domain,
        "edition": edition,
        "attacks": {},
        "source": f"video {sources['video'].name}",
        "field": field,
        "resolution": "box",
    }
    return keys | given | {"edition": edition, "field": field}


def _annotated_keys(sources: Mapping[str, Path], domain: str) -> dict[str, Any]:
    if "annotations" not in sources:
        return {}
    path = sources["annotations"]
    return dict(check_annotations(inputs.annotations(path), domain, str(path)).scene)


def _check_marks(sources: Mapping[str, Path], info: decode.VideoInfo, end_s: float) -> None:
    """Refuse marks of a person that lie far outside the picture or after the end of the clip."""
    if "annotations" not in sources:
        return
    given = inputs.annotations(sources["annotations"])
    examples = [one for kit in given.kits.values() for one in kit if one.at is not None]
    for one in (*given.points, *given.events, *examples):
        where = f"{sources['annotations']}, mark at {one.t:g} s"
        if one.t > end_s + AFTER_END_S:
            raise InputError(f"the clip ends at {end_s:.2f} s", where, "check the time of the mark")
        if one.at is not None and not _near_picture(one.at, info):
            raise InputError(
                f"the pixel {list(one.at)} is far outside the picture", where, f"it is {info.width}x{info.height}"
            )


def _near_picture(at: tuple[float, float], info: decode.VideoInfo) -> bool:
    """Whether a pixel is in the picture, or as near to it as feet can be that are cut off."""
    room = BESIDE_PICTURE * info.height
    return -room <= at[0] <= info.width + room and -room <= at[1] <= info.height + room


def _check_model_domain(model: Mapping[str, Any], domain: str, group: str) -> None:
    made_for = model.get("domain") or "any"
    if made_for not in ("any", domain):
        raise InputError(
            f"the {group}'s model {model['name']} was made for {made_for}, not {domain}",
            f"{group}.model.domain",
            f"choose another with {group}=, or set {group}.model.domain=any to use it all the same",
        )


def _check_folder(path: Path, key: str) -> None:
    if path.exists() and not path.is_dir():
        raise InputError(f"{key} is a file, not a folder", str(path), f"choose a folder with {key}=")


def _chosen_field(calibration: Calibration) -> dict[str, Any]:
    return {name: value for name, value in vars(calibration.field).items() if value is not None}


def _check_calibration(path: Path, domain: str, video: decode.Video) -> None:
    calibration, info = inputs.calibration(path), video.info
    field = check_calibration(calibration, str(path))
    if calibration.domain != domain:
        raise InputError(
            f"the calibration is for {calibration.domain}, not {domain}", str(path), f"give domain={calibration.domain}"
        )
    if (calibration.width, calibration.height) != (info.width, info.height):
        raise InputError(
            f"the calibration is for {calibration.width}x{calibration.height}, the video is {info.width}x{info.height}",
            str(path),
            "mark the keyframes on this video",
        )
    with within(str(path)):
        check_keyframes(calibration, video.times, field)


def _write(
    plan: Plan,
    scene: Scene,
    calls: Calls,
    results: Mapping[str, pa.Table],
    trace: Trace,
    keys: Mapping[str, Sequence[str]],
) -> None:
    """Fill the run folder; calls.json comes last, so that its presence means that all is there."""
    plan.out.mkdir(parents=True, exist_ok=True)
    for stale in ("calls.json", "report.html", "overlay.mp4"):
        (plan.out / stale).unlink(missing_ok=True)
    write_scene(scene, plan.out)
    for name in KEPT:
        tables.write(plan.out / f"{name}.parquet", name, results[name], {"clip": plan.clip, "table": name})
    tables.write(plan.out / "trace.parquet", "trace", trace.table(), {"clip": plan.clip, "table": "trace"})
    inputs = {name: path for name, path in plan.sources.items() if name not in MODEL_SOURCES.values()}
    about = {name: trial.about() for name, trial in plan.trials.items()}
    write_manifest(plan.out, plan.clip, inputs, about, plan.config, keys)
    calls_format.write(plan.out / "calls.json", calls)
