import threading

import pytest

from perception.ahead import ahead


class Source:
    """Numbers without end that remember which thread began, drove and closed them."""

    def __init__(self):
        self.threads = set()
        self.made = 0
        self.closed = False

    def items(self):
        try:
            while True:
                self.threads.add(threading.get_ident())
                self.made += 1
                yield self.made
        finally:
            self.threads.add(threading.get_ident())
            self.closed = True


def workers():
    return [thread for thread in threading.enumerate() if thread.name == "ahead"]


def test_the_order_is_kept_and_no_thread_is_left():
    with ahead(iter(range(100)), depth=2) as numbers:
        assert list(numbers) == list(range(100))
    assert not workers()


def test_one_thread_begins_drives_and_closes_the_source_and_stays_within_its_depth():
    source = Source()
    with ahead(source.items(), depth=2) as numbers:
        assert [next(numbers) for _ in range(5)] == [1, 2, 3, 4, 5]
    assert source.closed
    assert len(source.threads) == 1
    assert threading.get_ident() not in source.threads
    assert source.made <= 5 + 2 + 1
    assert not workers()


def test_what_goes_wrong_is_raised_where_the_item_was_to_come():
    def broken():
        yield 1
        raise ValueError("torn")

    with ahead(broken(), depth=3) as numbers:
        assert next(numbers) == 1
        with pytest.raises(ValueError, match="torn"):
            next(numbers)
    assert not workers()


def test_an_error_of_the_user_ends_the_thread():
    source = Source()

    def used():
        with ahead(source.items(), depth=1) as numbers:
            next(numbers)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        used()
    assert source.closed
    assert not workers()
