"""``rulesight doctor``: what is installed, what really works, what clashes, and the remedy for each.

Exit code 0: everything that an analysis needs works. 1: something is broken (the lines marked so say what).
"""

from __future__ import annotations

import importlib
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

from perception.packages import CLASHES, clashes, installed

OK, NOTE, BROKEN = "ok", "note", "broken"

PACKAGES = {
    "numpy": ("numpy",),
    "pyarrow": ("pyarrow",),
    "yaml": ("pyyaml",),
    "scipy": ("scipy",),
    "av": ("av",),
    "cv2": CLASHES["OpenCV"],
    "onnxruntime": CLASHES["ONNX Runtime"],
    "filterpy": ("filterpy",),
    "hydra": ("hydra-core",),
    "pooch": ("pooch",),
    "tqdm": ("tqdm",),
    "jinja2": ("jinja2",),
}
"""What an analysis imports, and the distributions that bring it."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        topic: what it is about.
        status: ``ok``, ``note`` (works without it) or ``broken``.
        text: what was found.
        remedy: what to do about it; empty when there is nothing to do.
    """

    topic: str
    status: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return one line, and the remedy on the next."""
        remedy = f"\n{'':8}{'':18}-> {self.remedy}" if self.remedy else ""
        return f"{self.status:8}{self.topic:18}{self.text}{remedy}"


def doctor() -> list[Finding]:
    """Look at everything; a check that cannot be made is a finding, not an error."""
    checks = (_python, _packages, _clashes, _runtimes, _video, _models)
    return [finding for check in checks for finding in check()]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the findings; return 1 when something is broken, else 0."""
    findings = doctor()
    print("\n".join(map(str, findings)))
    broken = sum(finding.status == BROKEN for finding in findings)
    print(f"\n{broken} broken" if broken else "\nEverything that an analysis needs works.")
    return 1 if broken else 0


def _python() -> Iterator[Finding]:
    version, cores = platform.python_version(), os.cpu_count() or 1
    text = f"{version} on {platform.system()} {platform.machine()}, {cores} CPU cores"
    yield Finding("python", OK, text)


def _packages() -> Iterator[Finding]:
    good = []
    for module, names in PACKAGES.items():
        versions = installed(names)
        found, problem = _import(module)
        if found is not None:
            good.append(" ".join([*(versions or {module: ""})][:1] + [*versions.values()][:1]))
        else:
            yield Finding(module, BROKEN, problem, _import_remedy(module, names, versions, problem))
    yield Finding("packages", OK, ", ".join(good))


def _import(name: str) -> tuple[ModuleType | None, str]:
    try:
        return importlib.import_module(name), ""
    except ImportError as error:
        return None, " ".join(str(error).split())


def _import_remedy(module: str, names: Sequence[str], versions: dict[str, str], problem: str) -> str:
    if module == "cv2" and ("libGL" in problem or "libgthread" in problem or "libxcb" in problem):
        return "install the system's libgl1 (apt-get install libgl1), or opencv-python-headless instead"
    if not versions:
        return f"pip install {names[1] if module == 'onnxruntime' else names[0]}"
    return f"pip install --force-reinstall {next(iter(versions))}"


def _clashes() -> Iterator[Finding]:
    found = clashes()
    for family, versions in found.items():
        names = list(versions)
        text = f"{len(names)} packages of {family} over each other: {', '.join(names)}"
        keep = "onnxruntime-gpu" if "onnxruntime-gpu" in names else names[0]
        yield Finding("clash", BROKEN, text, f"pip uninstall {' '.join(names)}; pip install {keep}")
    if not found:
        yield Finding("clashes", OK, "one OpenCV, one ONNX Runtime at most")


def _runtimes() -> Iterator[Finding]:
    if _import("onnxruntime")[0] is None:
        return  # told among the packages
    runtime = importlib.import_module("perception.runtime")
    for name in runtime.RUNTIMES:
        reason = runtime.why_not(name)
        if reason is None:
            yield Finding(f"runtime={name}", OK, "a small model ran on it")
        else:
            yield Finding(f"runtime={name}", BROKEN if name == "cpu" else NOTE, reason, runtime.REMEDIES[name])


def _video() -> Iterator[Finding]:
    av, _ = _import("av")
    if av is None:
        return  # told among the packages
    for codec, purpose in (("h264", "most footage"), ("hevc", "much footage of phones"), ("av1", "some web footage")):
        if codec not in av.codecs_available:
            yield Finding("video", NOTE, f"no decoder for {codec} ({purpose})", "pip install --force-reinstall av")
    if "libx264" in av.codecs_available:
        yield Finding("video", OK, "overlays are written with libx264")
    else:
        remedy = "pip install av from PyPI, whose build has libx264"
        yield Finding("video", NOTE, "no libx264: overlays are written as MPEG-4, larger and not in browsers", remedy)


def _models() -> Iterator[Finding]:
    if _import("onnxruntime")[0] is None or _import("pooch")[0] is None:
        return  # told among the packages
    weights = importlib.import_module("perception.models").WEIGHTS
    names = sorted(path.name for path in weights.glob("*.onnx"))
    if names:
        yield Finding("models", OK, f"shipped: {', '.join(names)}")
    else:
        yield Finding("models", BROKEN, f"no model in {weights}", "install rulesight again")
