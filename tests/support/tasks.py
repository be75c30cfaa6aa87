"""What worker processes are asked to do in tests. Importable there, and small."""

from __future__ import annotations

import mmap
import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from lxml import etree

from aggregator.errors import ParseError

_kept: list[mmap.mmap] = []


class Unrestorable(Exception):
    """Cannot be made from what it was pickled with."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


class Unsendable(Exception):
    """Cannot be pickled."""

    def __init__(self) -> None:
        super().__init__("holds a function")
        self.function = lambda: None


def add(one: int, other: int, *, times: int = 1) -> int:
    return (one + other) * times


def pid() -> int:
    return os.getpid()


def raise_it(error: Exception) -> NoReturn:
    raise error


def raise_unrestorable() -> NoReturn:
    raise Unrestorable("a", "b")


def raise_unsendable() -> NoReturn:
    raise Unsendable


def unsendable() -> object:
    return lambda: None


class Unwritable(BaseException):
    """No Exception, as a panic of compiled code; cannot be pickled, nor written."""

    def __init__(self) -> None:
        super().__init__(lambda: None)

    def __str__(self) -> str:
        raise ValueError("no text")


def raise_unwritable() -> NoReturn:
    raise Unwritable


def raise_ours_unsendable() -> NoReturn:
    """One of our own, with something in it that cannot be pickled."""
    error = ParseError("ours, with a function")
    error.function = lambda: None  # type: ignore[attr-defined]
    raise error


def raise_syntax_error() -> NoReturn:
    """lxml's, which cannot be restored from what it is pickled as."""
    etree.fromstring("<a b:c='d'/>")
    raise AssertionError("it was well-formed")


def raise_long(size: int) -> NoReturn:
    raise ValueError("x" * size + "\nsecond line")


def spin() -> NoReturn:
    """Never give the control back, nor answer a polite signal."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass


def hold(name: str) -> NoReturn:
    """Write this process's id into the file ``name``, then run for ever."""
    with open(name, "w", encoding="ascii") as file:  # noqa: PTH123 - nothing more is imported
        file.write(str(os.getpid()))
    search_for_ever()


def search_for_ever() -> NoReturn:
    """Python runs nothing else meanwhile: no thread, no handler of a signal."""
    re.fullmatch(r"(a*)*b", "a" * 100)
    raise AssertionError("it ended")


def catch_everything() -> NoReturn:
    """Go on whatever is raised, as libraries do."""
    while True:
        with suppress(BaseException):
            while True:
                pass


def work(seconds: float) -> int:
    """Take so much CPU time; this process's id."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return os.getpid()


def wait() -> NoReturn:
    """Never end, and do nothing."""
    while True:
        signal.pause()


def grow(size: int) -> int:
    return len(bytearray(size))


def keep(size: int) -> int:
    """Hold so much memory from now on; this process's id."""
    _kept.append(mmap.mmap(-1, size))  # nothing of it is touched: address space is what counts
    return os.getpid()


def spend_on_entries(what: str, function: Callable[..., Any], body: bytes, **named: Any) -> Any:
    """Read a document at the cost, in time or memory, of a feed whose entries are heavy."""
    read = named["max_entries"] if what != "time for ever" else 1_000_000
    spent = grow(read * (20 << 20)) if what == "memory" else time.process_time() + read * 0.04
    while what != "memory" and time.process_time() < spent:
        pass
    return function(body, **named)


def abort() -> NoReturn:
    """End as compiled code does that is refused memory."""
    os.abort()


def exit_at_once(status: int) -> NoReturn:
    os._exit(status)


def crash() -> None:
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)


def until_told(here: str, end: str) -> int:
    """Write this process's id into the file ``here``, and return it once the file ``end`` is there."""
    with open(here, "w", encoding="ascii") as file:  # noqa: PTH123 - nothing more is imported
        file.write(str(os.getpid()))
    while not os.path.exists(end):  # noqa: PTH110
        time.sleep(0.01)
    return os.getpid()
