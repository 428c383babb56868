"""Work that is done while what came before it is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar, cast

T = TypeVar("T")
_END = object()


def ahead(items: Iterable[T], depth: int = 2) -> Iterator[T]:
    """Make items in a thread of their own, a few before they are asked for; the same ones in the same order.

    Args:
        items: made one after the other.
        depth: how many wait at most.

    Yields:
        The items; what making one of them raises is raised in its place.

    >>> list(ahead(range(3)))
    [0, 1, 2]
    """
    source = iter(items)
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[Future[object]] = deque(pool.submit(next, source, _END) for _ in range(depth))
        while (item := waiting.popleft().result()) is not _END:
            waiting.append(pool.submit(next, source, _END))
            yield cast(T, item)
