"""Things made a little ahead of their use, in a thread of their own."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

LOOK_S = 0.05
"""How often a thread whose queue is full looks whether anybody still wants what it makes."""


@dataclass(frozen=True)
class _Item(Generic[T]):
    value: T


@dataclass(frozen=True)
class _End:
    """Nothing more comes: all was made, or this went wrong."""

    error: BaseException | None = None


@contextlib.contextmanager
def ahead(items: Iterable[T], depth: int) -> Iterator[Iterator[T]]:
    """Give the items in order while a thread makes up to `depth` of them ahead.

    The iterator is begun, driven and closed in that thread, which has ended when the context is left, however it
    is left. What goes wrong in it is raised where the item was to come.

    >>> with ahead(range(3), depth=2) as numbers:
    ...     list(numbers)
    [0, 1, 2]
    """
    ready: queue.Queue[_Item[T] | _End] = queue.Queue(maxsize=depth)
    unwanted = threading.Event()
    thread = threading.Thread(target=_make, args=(items, ready, unwanted), name="ahead", daemon=True)
    thread.start()
    try:
        yield _given(ready)
    finally:
        unwanted.set()
        thread.join()


def _given(ready: queue.Queue[_Item[T] | _End]) -> Iterator[T]:
    while isinstance(item := ready.get(), _Item):
        yield item.value
    if item.error is not None:
        raise item.error


def _make(items: Iterable[T], ready: queue.Queue[_Item[T] | _End], unwanted: threading.Event) -> None:
    error: BaseException | None = None
    source = iter(items)
    try:
        while not unwanted.is_set():
            try:
                item = _Item(next(source))
            except StopIteration:
                break
            _offer(item, ready, unwanted)
    except BaseException as caught:  # told by whoever waits for the item
        error = caught
    finally:
        if isinstance(source, Generator):
            source.close()
        _offer(_End(error), ready, unwanted)


def _offer(item: _Item[T] | _End, ready: queue.Queue[_Item[T] | _End], unwanted: threading.Event) -> None:
    while not unwanted.is_set():
        with contextlib.suppress(queue.Full):
            ready.put(item, timeout=LOOK_S)
            return
