"""The arrows between the rooms are checked over every module there is."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
ROOMS = (
    "records",
    "ontologies",
    "perception",
    "tracking",
    "rules",
    "simulation",
    "pipeline",
    "evaluation",
    "review",
    "rulesight",
    "configs",
)


def modules_on_disk() -> set[str]:
    found = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph(*ROOMS, include_external_packages=True, cache_dir=None)


def test_the_graph_saw_every_module(graph):
    assert modules_on_disk() - graph.modules == set()
    assert len(modules_on_disk()) > 40


def test_the_contracts_hold():
    program = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8").count("[[tool.importlinter.contracts]]")
    assert f"{contracts} kept, 0 broken" in result.stdout


def test_every_folder_with_python_is_a_package():
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            assert (path.parent / "__init__.py").exists(), path.parent


def test_the_rule_rooms_import_nothing_of_pixels(graph):
    for heavy in ("cv2", "onnxruntime", "av", "torch"):
        if heavy in graph.modules:
            importers = graph.find_modules_that_directly_import(heavy)
            rooms = {name.partition(".")[0] for name in importers}
            assert rooms <= {"perception", "simulation", "pipeline", "review", "evaluation", "rulesight"}


@pytest.mark.parametrize("statement", ["import rulesight; rulesight.judge", "import pipeline.judging"])
def test_judging_loads_no_video_package(statement):
    code = f"{statement}\nimport sys\nprint([m for m in ('cv2', 'av', 'onnxruntime', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
