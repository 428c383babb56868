"""How the C library keeps memory that was freed, where that can be chosen (glibc)."""

from __future__ import annotations

import ctypes
import functools
import sys
from typing import Any

import pyarrow as pa

ARENA_MAX = -8  # number of the option in mallopt(3)


def share_one_heap() -> None:
    """Let all threads of this process take memory from one heap; call it before the first thread starts.

    With a heap for each thread, what one thread has freed is of no use to the others, and a long clip takes a fifth
    more memory than a short one. The threads of an analysis wait for each other's pictures, not for memory.
    """
    library = _library()
    if library is not None:
        library.mallopt(ARENA_MAX, 1)


def give_back() -> None:
    """Hand memory that is free back to the system, that of tables too."""
    pa.default_memory_pool().release_unused()
    library = _library()
    if library is not None:
        library.malloc_trim(0)


@functools.cache
def _library() -> Any:
    """Return the C library where it is glibc, else None."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
