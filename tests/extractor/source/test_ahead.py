"""Pages begun ahead: in order, one at a time, and with what goes wrong told in its own page's turn."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from extractor.source.ahead import one_ahead

LONG = 30.0  # seconds: what is waited for comes at once


def test_the_next_page_is_begun_while_one_is_in_hand() -> None:
    begun = [threading.Event() for _ in range(4)]

    def begin(number: int) -> int:
        begun[number].set()
        return 10 * number

    seen = []
    with closing(one_ahead([1, 2, 3], begin, ahead=True)) as pages:
        for page in pages:
            seen.append(page)
            assert begun[min(3, len(seen) + 1)].wait(LONG)
    assert seen == [10, 20, 30]


def test_no_more_than_one_page_is_begun_ahead() -> None:
    begun: list[int] = []
    pages = one_ahead(range(1, 9), lambda number: begun.append(number) or number, ahead=True)
    with closing(pages):
        assert next(pages) == 1
        assert next(pages) == 2
    assert begun in ([1, 2], [1, 2, 3])


def test_what_a_page_raises_comes_after_the_pages_before_it() -> None:
    def begin(number: int) -> int:
        if number == 2:
            raise ValueError("the second")
        return number

    pages = one_ahead([1, 2, 3], begin, ahead=True)
    with closing(pages):
        assert next(pages) == 1
        with pytest.raises(ValueError, match="the second"):
            next(pages)


@pytest.mark.parametrize(("numbers", "ahead"), [([1, 2], False), ([1], True), ([], True)])
def test_without_leave_or_a_next_page_all_is_done_in_the_caller_s_thread(numbers: list[int], ahead: bool) -> None:
    threads = list(one_ahead(numbers, lambda _: threading.current_thread(), ahead=ahead))
    assert threads == [threading.current_thread()] * len(numbers)
