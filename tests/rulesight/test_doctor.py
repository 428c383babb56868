import pytest

from perception import models, packages, runtime
from rulesight import doctor


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A folder of shipped models that holds one."""
    (tmp_path / "some.onnx").write_bytes(b"")
    monkeypatch.setattr(models, "WEIGHTS", tmp_path)
    return tmp_path


def found(topic):
    return [finding for finding in doctor.doctor() if finding.topic.startswith(topic)]


def test_a_sound_machine_exits_with_0(weights, capsys):
    assert doctor.main() == 0
    told = capsys.readouterr().out
    for word in ("python", "numpy", "onnxruntime", "runtime=cpu", "runtime=tensorrt", "some.onnx", "works."):
        assert word in told


def test_each_runtime_is_tried(weights, monkeypatch):
    monkeypatch.setattr(runtime, "why_not", {"cpu": None, "cuda": None, "tensorrt": "no libnvinfer"}.get)
    cpu, cuda, tensorrt = found("runtime")
    assert (cpu.status, cuda.status, tensorrt.status) == ("ok", "ok", "note")
    assert "no libnvinfer" in tensorrt.text
    assert "TensorRT" in tensorrt.remedy
    monkeypatch.setattr(runtime, "why_not", lambda name: "a convolution came out wrong")
    assert found("runtime=cpu")[0].status == "broken"
    assert doctor.main() == 1


def test_two_of_a_kind_are_broken_with_a_remedy(weights, monkeypatch, capsys):
    have = {"opencv-python": "4.1", "opencv-python-headless": "4.2", "onnxruntime": "1", "onnxruntime-gpu": "2"}
    monkeypatch.setattr(packages, "installed", lambda names: {n: have[n] for n in names if n in have})
    runtimes, cameras = found("clash")
    assert "2 packages of ONNX Runtime" in runtimes.text
    assert runtimes.remedy == "pip uninstall onnxruntime onnxruntime-gpu; pip install onnxruntime-gpu"
    assert "opencv-python-headless" in cameras.text
    assert doctor.main() == 1
    assert "2 broken" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("module", "problem", "remedy"),
    [
        ("cv2", "libGL.so.1: cannot open shared object file", "libgl1"),
        ("scipy", "No module named 'scipy'", "pip install --force-reinstall scipy"),
    ],
)
def test_a_package_that_cannot_be_imported(weights, monkeypatch, module, problem, remedy):
    works = doctor._import
    monkeypatch.setattr(doctor, "_import", lambda name: (None, problem) if name == module else works(name))
    (finding,) = found(module)
    assert (finding.status, finding.text) == ("broken", problem)
    assert remedy in finding.remedy


def test_without_onnx_runtime_the_rest_is_still_told(weights, monkeypatch):
    works = doctor._import
    monkeypatch.setattr(doctor, "installed", lambda names: {})
    monkeypatch.setattr(doctor, "_import", lambda name: (None, "gone") if name == "onnxruntime" else works(name))
    assert found("onnxruntime")[0].remedy == "pip install onnxruntime-gpu"
    assert not found("runtime")
    assert found("video")


def test_no_shipped_model(weights):
    (weights / "some.onnx").unlink()
    assert found("models")[0].status == "broken"


def test_a_missing_encoder_is_a_note(weights, monkeypatch):
    import av

    monkeypatch.setattr(av, "codecs_available", {"h264", "hevc", "av1", "mpeg4"})
    (finding,) = found("video")
    assert (finding.status, "MPEG-4" in finding.text) == ("note", True)
