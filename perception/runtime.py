"""One way into ONNX Runtime: a session that says on what it really runs, or refuses.

``cpu``       the CPU; the same input gives the same bytes.
``cuda``      NVIDIA CUDA, inputs and outputs bound so that ONNX Runtime copies them once.
``tensorrt``  NVIDIA TensorRT, what it cannot run on CUDA.
``auto``      CUDA where a session really starts there, else the CPU.

ONNX Runtime falls back to the CPU on its own when a provider cannot start. Here that is an error, except
for ``auto``, whose choice `Session.provider` tells.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

from perception.packages import clashes
from records.errors import InputError

RUNTIMES = {
    "cpu": ("CPUExecutionProvider",),
    "cuda": ("CUDAExecutionProvider",),
    "tensorrt": ("TensorrtExecutionProvider", "CUDAExecutionProvider"),
}
"""What each runtime asks of ONNX Runtime, best first; the CPU takes the nodes that the others cannot."""

FAILURES = (
    native.EPFail,
    native.EngineError,
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NoModel,
    native.NoSuchFile,
    native.NotFound,
    native.NotImplemented,
    native.RuntimeException,
    RuntimeError,
    ValueError,
)
"""What ONNX Runtime raises; it has no common base."""

PROBE = bytes.fromhex(
    "0808120972756c6573696768743a86010a0f0a01780a01771201792204436f6e76120474696e792a3308010801080308"
    "0310014201774a240000803f0000803f0000803f0000803f0000803f0000803f0000803f0000803f0000803f5a1b0a01"
    "7812160a14080112100a0208010a0208010a0208040a020804621b0a017912160a14080112100a0208010a0208010a02"
    "08020a02080242040a00100d"
)
"""A model of one convolution, input ``x`` float32 (1, 1, 4, 4), 3x3 ones, output ``y`` (1, 1, 2, 2).
Written with onnx.helper; the tests build it again and compare."""

MOST_AT_ONCE = 4
"""Pictures in a model at the same time, each of which takes its memory."""

DTYPES = {
    "tensor(float)": np.dtype(np.float32),
    "tensor(float16)": np.dtype(np.float16),
    "tensor(double)": np.dtype(np.float64),
    "tensor(uint8)": np.dtype(np.uint8),
    "tensor(int32)": np.dtype(np.int32),
    "tensor(int64)": np.dtype(np.int64),
}


@dataclass(frozen=True)
class Tensor:
    """One input or output of a model: its name, shape (None where it may vary) and type."""

    name: str
    shape: tuple[int | None, ...]
    dtype: np.dtype

    def __str__(self) -> str:
        """Return for example ``images float32 [1, 3, 416, 416]``."""
        sides = ", ".join("?" if side is None else str(side) for side in self.shape)
        return f"{self.name} {self.dtype} [{sides}]"


@dataclass(frozen=True)
class Share:
    """How the cores are shared out: ``at_once`` pictures, each with ``inside`` threads inside an operator."""

    at_once: int
    inside: int


def shared_out(provider: str, threads: int | None = None) -> Share:
    """Say how a machine's cores look at pictures fastest.

    On a CPU every picture has a thread of its own, as far as memory allows: threads inside one operator wait for
    each other, and two of them on two cores are a third slower. A GPU is kept busy by one picture (or batch).

    Args:
        provider: what the session runs on.
        threads: CPU threads in all; None: one per core.

    >>> shared_out("cpu", 2), shared_out("cpu", 16), shared_out("cuda", 16)
    (Share(at_once=2, inside=1), Share(at_once=4, inside=4), Share(at_once=1, inside=16))
    """
    cores = threads or os.cpu_count() or 1
    at_once = min(cores, MOST_AT_ONCE) if provider == "cpu" else 1
    return Share(at_once, max(cores // at_once, 1))


class Session:
    """A model in ONNX Runtime.

    Attributes:
        path: the model's file.
        provider: what it really runs on: ``cpu``, ``cuda`` or ``tensorrt``.
        providers: ONNX Runtime's own names of the providers that this session has.
        inputs, outputs: what the model takes and gives.
        notes: what the file says of itself, by key.
    """

    def __init__(self, native_session: onnxruntime.InferenceSession, path: Path) -> None:
        self._session = native_session
        self.path = path
        self.providers = tuple(native_session.get_providers())
        self.provider = next(name for name, wanted in RUNTIMES.items() if wanted[0] == self.providers[0])
        self.inputs = tuple(_tensor(path, node) for node in native_session.get_inputs())
        self.outputs = tuple(_tensor(path, node) for node in native_session.get_outputs())
        self.notes: dict[str, str] = dict(native_session.get_modelmeta().custom_metadata_map)

    @property
    def batch(self) -> int | None:
        """How many pictures the model takes at once; None when any number."""
        return self.inputs[0].shape[0] if self.inputs[0].shape else None

    def require(self, inputs: Sequence[Sequence[int | None]], outputs: Sequence[Sequence[int | None]]) -> None:
        """Check the model's layout; None in an expected shape leaves that side open.

        Args:
            inputs: the shape expected of each input, in order.
            outputs: the shape expected of each output, in order.

        Raises:
            InputError: another number of inputs or outputs, or shapes that do not fit.
        """
        for what, tensors, shapes in (("input", self.inputs, inputs), ("output", self.outputs, outputs)):
            fits = len(tensors) == len(shapes) and all(map(_fits, tensors, shapes))
            if not fits:
                have = "; ".join(map(str, tensors))
                want = "; ".join(str([("?" if side is None else side) for side in shape]) for shape in shapes)
                raise InputError(
                    f"the model's {what} is {have}, the configuration says {want}",
                    str(self.path),
                    "choose the configuration that was written for this model",
                )

    def run(self, batch: np.ndarray, extra: Mapping[str, np.ndarray] | None = None) -> list[np.ndarray]:
        """Run a batch through the model's first input.

        Args:
            batch: array of shape (N, ...), of the type of the first input.
            extra: values of further inputs by name, the same for every part of the batch.

        Returns:
            One array per output, N rows each.

        Raises:
            InputError: the batch does not fit the model, or it failed on the device.
        """
        parts = list(self.parts(batch, extra))
        if not parts:
            return [np.zeros((0, *[side or 0 for side in out.shape[1:]]), out.dtype) for out in self.outputs]
        return [np.concatenate(column) if len(column) > 1 else column[0] for column in zip(*parts, strict=True)]

    def parts(self, batch: np.ndarray, extra: Mapping[str, np.ndarray] | None = None) -> Iterator[list[np.ndarray]]:
        """Run a batch as `run` does and yield the outputs of each run of the model.

        A model of a fixed batch size is run as often as it takes, the last time filled up with zeros.
        """
        first = self.inputs[0]
        if batch.dtype != first.dtype or not _fits(first, (None, *batch.shape[1:])):
            raise InputError(f"the model takes {first}, not {batch.dtype} {list(batch.shape)}", str(self.path))
        size = self.batch or max(len(batch), 1)
        for at in range(0, len(batch), size):
            yield self._part(batch[at : at + size], size, extra or {})

    def _part(self, part: np.ndarray, size: int, extra: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        count = len(part)
        if count < size:
            part = np.concatenate([part, np.zeros((size - count, *part.shape[1:]), part.dtype)])
        feeds = {self.inputs[0].name: np.ascontiguousarray(part), **extra}
        try:
            results = self._session.run(None, feeds) if self.provider == "cpu" else self._bound(feeds)
        except FAILURES as error:
            raise InputError(f"the model cannot be run: {_line(error)}", str(self.path)) from error
        return [result[:count] for result in results] if count < size else results

    def _bound(self, feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Run with inputs and outputs bound: one copy to the device and one back."""
        binding = self._session.io_binding()
        for name, value in feeds.items():
            binding.bind_cpu_input(name, value)
        for output in self.outputs:
            binding.bind_output(output.name, "cpu")
        self._session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()


def open_session(model_path: str | Path, runtime: str = "auto", threads: int | None = None) -> Session:
    """Open a model.

    Args:
        model_path: an ``.onnx`` file; nothing else is executed.
        runtime: ``cpu``, ``cuda``, ``tensorrt`` or ``auto``.
        threads: CPU threads inside one operator; None: one per core.

    Raises:
        InputError: no such file, not an ONNX model, an unknown runtime, or one that cannot start here.
    """
    path = Path(model_path)
    if path.suffix != ".onnx":
        raise InputError(
            f"only ONNX models are executed, not {path.suffix or 'a file without suffix'}",
            str(path),
            "export the model as .onnx",
        )
    if not path.is_file():
        raise InputError("no such model file", str(path), "give the path of an .onnx file")
    return Session(_start(str(path), choose(runtime), threads), path)


def choose(runtime: str) -> str:
    """Return the runtime that will be used: the one asked for, or what ``auto`` comes to on this machine.

    Raises:
        InputError: an unknown runtime, or one that cannot start here.
    """
    if runtime == "auto":
        return "cuda" if why_not("cuda") is None else "cpu"
    if runtime not in RUNTIMES:
        raise InputError(f"unknown runtime {runtime!r}", "runtime", f"choose of auto, {', '.join(RUNTIMES)}")
    reason = why_not(runtime)
    if reason:
        raise InputError(f"runtime {runtime} does not work here: {reason}", "runtime", _remedy(runtime))
    return runtime


REMEDIES = {
    "cpu": "install onnxruntime-gpu again",
    "cuda": "install the NVIDIA driver and the CUDA and cuDNN that ONNX Runtime asks for, or use runtime=cpu",
    "tensorrt": "install TensorRT beside CUDA and cuDNN, or use runtime=cuda or cpu",
}
"""What to do when a runtime does not start."""


def _remedy(runtime: str) -> str:
    """Say what to do; two ONNX Runtimes over each other are the likeliest cause where there are two."""
    twice = clashes().get("ONNX Runtime")
    return f"uninstall {' and '.join(twice)} and install one of them again" if twice else REMEDIES[runtime]


@lru_cache(maxsize=8)
def why_not(runtime: str) -> str | None:
    """Return why a runtime cannot be used here, found by running a tiny model on it; None when it can."""
    wanted = RUNTIMES[runtime][0]
    if wanted not in onnxruntime.get_available_providers():
        return f"this ONNX Runtime was built without {wanted}"
    if runtime != "cpu" and not _has_driver():
        return "no NVIDIA driver (libcuda) is installed"
    try:
        session = _start(PROBE, runtime, threads=1)
        total = session.run(None, {"x": np.ones((1, 1, 4, 4), np.float32)})[0]
    except InputError as error:
        return error.what
    except FAILURES as error:
        return _line(error)
    return None if np.allclose(total, 9.0) else "a convolution came out wrong"


def _has_driver() -> bool:
    """Look for the driver first, since ONNX Runtime complains at length on the terminal without it."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def _start(model: str | bytes, runtime: str, threads: int | None) -> onnxruntime.InferenceSession:
    wanted = RUNTIMES[runtime]
    where = model if isinstance(model, str) else "the built-in test model"
    if runtime != "cpu":
        onnxruntime.preload_dlls()
    try:
        session = onnxruntime.InferenceSession(
            model, _options(threads), providers=[*_with_options(wanted)], enable_fallback=0
        )
    except FAILURES as error:
        raise InputError(
            f"not a model that ONNX Runtime can load: {_line(error)}", where, "export it again as ONNX"
        ) from error
    if session.get_providers()[0] != wanted[0]:
        raise InputError(
            f"ONNX Runtime fell back to {session.get_providers()[0]} when asked for {wanted[0]}",
            where,
            REMEDIES[runtime],
        )
    return session


def _with_options(wanted: Sequence[str]) -> list[str | tuple[str, dict[str, str]]]:
    """Choose algorithms by a fixed rule instead of by timing them, so that runs on a GPU repeat."""
    fixed = {"cudnn_conv_algo_search": "HEURISTIC"}
    return [(name, fixed) if name == "CUDAExecutionProvider" else name for name in wanted]


def _options(threads: int | None) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 4  # what goes wrong is raised; the rest is talk about graph optimization
    return options


def _tensor(path: Path, node: onnxruntime.NodeArg) -> Tensor:
    if node.type not in DTYPES:
        raise InputError(f"the model's {node.name} is of type {node.type}", str(path), "export it as float32")
    shape = tuple(side if isinstance(side, int) and side > 0 else None for side in node.shape)
    return Tensor(node.name, shape, DTYPES[node.type])


def _fits(tensor: Tensor, shape: Sequence[int | None]) -> bool:
    return len(tensor.shape) == len(shape) and all(
        have is None or want is None or have == want for have, want in zip(tensor.shape, shape, strict=True)
    )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file as lower-case hex."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
