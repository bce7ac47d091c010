"""The search for cycles waits for the end of a block and is then as it was before."""

import gc
import threading

import pytest

from aims_core.garbage import cycles_later


def test_the_search_is_off_within_blocks_and_on_after_the_last():
    with cycles_later():
        assert not gc.isenabled()
        with cycles_later():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_switches_it_on_again():
    with pytest.raises(ValueError, match="stop"), cycles_later():
        raise ValueError("stop")
    assert gc.isenabled()


def test_whoever_had_switched_it_off_finds_it_off():
    gc.disable()
    try:
        with cycles_later():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_of_two_threads_the_last_one_switches_it_on():
    inside, leave = threading.Event(), threading.Event()

    def other():
        with cycles_later():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with cycles_later():
        thread.start()
        assert inside.wait(10)
    assert not gc.isenabled()
    leave.set()
    thread.join()
    assert gc.isenabled()
