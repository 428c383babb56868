import functools
import gc
import http.server
import threading
from pathlib import Path

import pytest
from model_files import brightness

from perception.models import find
from perception.runtime import sha256
from records.errors import InputError


@pytest.fixture
def model(tmp_path) -> Path:
    (tmp_path / "web").mkdir()
    return brightness(tmp_path / "web" / "tiny.onnx")


@pytest.fixture
def web(model):
    """An address that serves the model's folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Quiet, directory=str(model.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_local_file_with_its_hash(model):
    entry = {"name": "tiny", "file": str(model), "sha256": sha256(model), "licence": "Apache-2.0"}
    found = find(entry)
    assert (found.path, found.sha256, found.licence, found.provenance) == (
        model,
        sha256(model),
        "Apache-2.0",
        "",
    )


def test_a_file_of_the_users_own_has_its_hash_recorded(model):
    assert find({"name": "mine", "file": str(model), "sha256": None}).sha256 == sha256(model)


def test_a_wrong_hash_names_both(model):
    with pytest.raises(InputError, match=f"has SHA-256 {sha256(model)}, not {'0' * 64}"):
        find({"name": "tiny", "file": str(model), "sha256": "0" * 64})


def test_a_model_is_fetched_once_and_checked(model, web, tmp_path):
    entry = {"name": "tiny", "url": f"{web}/tiny.onnx", "sha256": sha256(model)}
    first = find(entry, tmp_path / "cache")
    assert first.path.read_bytes() == model.read_bytes()
    model.unlink()
    assert find(entry, tmp_path / "cache") == first


def test_a_fetched_file_with_the_wrong_hash_names_both_and_is_not_kept(model, web, tmp_path):
    with pytest.raises(InputError) as caught:
        find({"name": "tiny", "url": f"{web}/tiny.onnx", "sha256": "0" * 64}, tmp_path / "cache")
    assert sha256(model) in str(caught.value)
    assert "0" * 64 in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "cache").glob("*.onnx"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pooch leaves the answer open
@pytest.mark.parametrize("address", ["{web}/absent.onnx", "http://127.0.0.1:9/tiny.onnx"])
def test_an_address_that_does_not_answer(web, tmp_path, address):
    entry = {"name": "tiny", "url": address.format(web=web), "sha256": "0" * 64}
    with pytest.raises(InputError, match=r"cannot be fetched: .* model\.file"):
        find(entry, tmp_path / "cache")
    gc.collect()


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"file": "a.onnx"}, "needs a name"),
        ({"name": "tiny"}, "needs a file or an address"),
        ({"name": "tiny", "file": "a.onnx", "url": "http://x/a.onnx"}, "needs a file or an address"),
        ({"name": "tiny", "file": "weights.pt"}, "not an .onnx file"),
        ({"name": "tiny", "url": "http://x/a.onnx"}, "needs a sha256"),
        ({"name": "tiny", "file": "nowhere/a.onnx"}, "no file of model tiny"),
        ({"name": "tiny", "file": "a.onnx", "hash": "1"}, "unknown key hash"),
    ],
)
def test_entries_that_cannot_be_used(entry, line):
    with pytest.raises(InputError, match=line):
        find(entry)
