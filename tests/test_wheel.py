"""The built wheel, installed into an empty environment and used from another folder."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Return the environment's folder; third-party packages are those of the environment that runs the tests."""
    place = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, ROOT, cwd=place)
    assert built.returncode == 0, built.stderr[-2000:]
    wheel = next(place.glob("rulesight-*.whl"))
    environment = place / "env"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    done = run(python, "-m", "pip", "install", "--no-deps", "--no-index", wheel, cwd=place)
    assert done.returncode == 0, done.stderr
    library = next((environment / "lib").glob("python3*")) / "site-packages"
    (library / "third-party.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return environment


def test_every_room_comes_from_the_wheel(installed, tmp_path):
    code = "import records, rules, configs, review, simulation, rulesight; print(records.__file__, rulesight.__file__)"
    done = run(installed / "bin" / "python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(part.startswith(str(installed)) for part in done.stdout.split())


def test_the_demo_runs_from_another_folder(installed, tmp_path):
    done = run(installed / "bin" / "rulesight", "demo", "out=here", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here" / "report.html").stat().st_size > 50_000
    assert (tmp_path / "here" / "overlay.mp4").stat().st_size > 50_000
    assert "violation" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"here"}


def test_data_files_are_in_the_wheel(installed):
    library = next((installed / "lib").glob("python3*")) / "site-packages"
    for pattern in ("configs/*.yaml", "configs/domain/*.yaml", "review/templates/*.j2", "perception/weights/*.onnx"):
        assert list(library.glob(pattern)), pattern
    assert not (library / "tests").exists()
