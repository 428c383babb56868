import numpy as np
import onnxruntime
import pytest
from model_files import brightness, probe

from perception import packages, runtime
from perception.packages import clashes, installed
from perception.runtime import choose, open_session, why_not
from records.errors import InputError


@pytest.fixture(autouse=True)
def forget():
    why_not.cache_clear()
    yield
    why_not.cache_clear()


def pictures(count, size=4):
    return np.random.default_rng(3).random((count, 3, size, size)).astype(np.float32)


def test_the_built_in_model_is_what_its_comment_says():
    assert probe() == runtime.PROBE


def test_the_cpu_works_and_the_session_says_so(tmp_path):
    session = open_session(brightness(tmp_path / "m.onnx"), "cpu")
    assert (session.provider, session.providers) == ("cpu", ("CPUExecutionProvider",))
    assert str(session.inputs[0]) == "x float32 [?, 3, 4, 4]"


@pytest.mark.parametrize("batch", ["n", 1, 4])
@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_any_number_of_pictures_through_any_batch_size(tmp_path, batch, count):
    session = open_session(brightness(tmp_path / "m.onnx", batch), "cpu")
    assert session.batch == (None if batch == "n" else batch)
    data = pictures(count)
    mean, twice = session.run(data)
    assert mean.shape == (count, 1, 1, 1)
    assert mean[:, 0, 0, 0] == pytest.approx(data.mean(axis=(1, 2, 3)))
    assert np.array_equal(twice, data * 2)


def test_bound_inputs_and_outputs_give_the_same(tmp_path, monkeypatch):
    session = open_session(brightness(tmp_path / "m.onnx", 2), "cpu")
    plain = session.run(pictures(5))
    monkeypatch.setattr(session, "provider", "cuda")
    assert all(np.array_equal(a, b) for a, b in zip(plain, session.run(pictures(5)), strict=True))


def test_the_same_input_gives_the_same_bytes(tmp_path):
    path = brightness(tmp_path / "m.onnx", "n", 64)
    runs = [open_session(path, "cpu", threads=2).run(pictures(8, 64))[0].tobytes() for _ in range(3)]
    assert len(set(runs)) == 1


def test_a_provider_that_is_not_built_in_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(InputError, match=r"runtime cuda does not work here: .* without CUDAExecutionProvider"):
        open_session(brightness(tmp_path / "m.onnx"), "cuda")
    assert open_session(brightness(tmp_path / "m.onnx"), "auto").provider == "cpu"


def test_a_silent_fall_back_is_refused(tmp_path, monkeypatch):
    """ONNX Runtime starts on the CPU when the libraries of a provider are missing; that must not pass."""
    started = onnxruntime.InferenceSession

    def falls_back(model, options, providers, enable_fallback):
        return started(model, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnxruntime, "InferenceSession", falls_back)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    available = [provider for wanted in runtime.RUNTIMES.values() for provider in wanted]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
    monkeypatch.setattr(runtime, "_has_driver", lambda: True)
    for name in ("cuda", "tensorrt"):
        with pytest.raises(InputError, match="fell back to CPUExecutionProvider"):
            open_session(brightness(tmp_path / "m.onnx"), name)
    assert choose("auto") == "cpu"


def test_no_driver_is_named(monkeypatch):
    available = [provider for wanted in runtime.RUNTIMES.values() for provider in wanted]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
    monkeypatch.setattr(runtime, "_has_driver", lambda: False)
    assert "libcuda" in why_not("tensorrt")
    with pytest.raises(InputError, match="libcuda"):
        choose("cuda")


def test_what_is_asked_for_is_what_one_gets(tmp_path):
    """On a machine with a GPU this runs there; elsewhere it must be refused."""
    path = brightness(tmp_path / "m.onnx")
    for name in ("cuda", "tensorrt"):
        if why_not(name) is None:
            session = open_session(path, name)
            assert session.provider == name
            assert session.run(pictures(3))[0][:, 0, 0, 0] == pytest.approx(pictures(3).mean(axis=(1, 2, 3)), abs=1e-4)
        else:
            with pytest.raises(InputError, match=f"runtime {name} does not work here"):
                open_session(path, name)


def test_an_unknown_runtime(tmp_path):
    with pytest.raises(InputError, match=r"unknown runtime 'gpu' .* auto, cpu, cuda, tensorrt"):
        open_session(brightness(tmp_path / "m.onnx"), "gpu")


@pytest.mark.parametrize("content", [b"", b"not a model at all\n" * 20])
def test_a_file_that_is_no_model(tmp_path, content):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"m\.onnx") as caught:
        open_session(path, "cpu")
    assert "\n" not in str(caught.value)


def test_a_truncated_model(tmp_path):
    path = brightness(tmp_path / "m.onnx")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="not a model that ONNX Runtime can load"):
        open_session(path, "cpu")


def test_pickled_weights_are_not_touched(tmp_path):
    path = tmp_path / "yolo.pt"
    path.write_bytes(b"pickle")
    with pytest.raises(InputError, match=r"only ONNX models are executed, not \.pt"):
        open_session(path)


def test_no_such_model(tmp_path):
    with pytest.raises(InputError, match="no such model file"):
        open_session(tmp_path / "m.onnx")


def test_the_layout_is_checked(tmp_path):
    session = open_session(brightness(tmp_path / "m.onnx", 1), "cpu")
    session.require([(1, 3, 4, 4)], [(None, 1, 1, 1), (1, 3, None, None)])
    with pytest.raises(InputError, match=r"input is x float32 \[1, 3, 4, 4\], the configuration says \[1, 3, 8, 8\]"):
        session.require([(1, 3, 8, 8)], [(None, 1, 1, 1), (1, 3, 4, 4)])
    with pytest.raises(InputError, match="output is mean"):
        session.require([(1, 3, 4, 4)], [(None, 1, 1, 1)])


def test_a_batch_of_another_shape_or_type_is_refused(tmp_path):
    session = open_session(brightness(tmp_path / "m.onnx"), "cpu")
    with pytest.raises(InputError, match=r"the model takes x float32 \[\?, 3, 4, 4\], not float64"):
        session.run(pictures(1).astype(float))
    with pytest.raises(InputError, match=r"\[1, 3, 8, 8\]"):
        session.run(pictures(1, 8))


def test_two_of_a_kind_are_found_and_named_in_the_remedy(monkeypatch):
    have = {"onnxruntime": "1.2", "onnxruntime-gpu": "1.3", "opencv-python": "4.0"}
    monkeypatch.setattr(packages, "installed", lambda names: {n: have[n] for n in names if n in have})
    assert clashes() == {"ONNX Runtime": {"onnxruntime": "1.2", "onnxruntime-gpu": "1.3"}}
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(InputError, match="uninstall onnxruntime and onnxruntime-gpu"):
        choose("cuda")


def test_installed_leaves_out_what_is_not_there():
    assert list(installed(["numpy", "no-such-distribution-anywhere"])) == ["numpy"]
