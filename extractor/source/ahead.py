"""One page ahead: while a page's lines are being read, the next one is loaded, set upright and laid out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

B = TypeVar("B")


def one_ahead(numbers: Sequence[int], begin: Callable[[int], B], *, ahead: bool) -> Generator[B, None, None]:
    """What `begin` makes of each page number, in order.

    With `ahead` it works on the next page in a thread of its own, one page at a time, while the caller goes on with the
    one it was given. What `begin` raises is raised in that page's turn; a caller that stops waits for the page begun.
    """
    if not ahead or len(numbers) < 2:
        yield from map(begin, numbers)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        coming = thread.submit(begin, numbers[0])
        for number in numbers[1:]:
            begun, coming = coming.result(), thread.submit(begin, number)
            yield begun
        del begun  # its pictures are done with
        yield coming.result()
