"""Answers that stop at any byte, that never come to their end, or that unpack without end: none is taken for whole."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from extractors import FetchError
from extractors.question import Tally
from extractors.session import Patience, Session

BODY = b"code,value\nM1,1\nM2,2\n"
HEAD = b"HTTP/1.1 200 OK\r\n"
Say = Callable[[socket.socket], None]


def chunked(body: bytes, size: int = 7) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def counted(body: bytes, more: bytes = b"") -> bytes:
    return HEAD + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


ANSWERS = {
    "counted": counted(BODY),
    "chunked": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(BODY),
    "packed": HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(gzip.compress(BODY)),
}


@contextmanager
def saying(say: Say) -> Iterator[str]:
    """Answer each connection by what `say` writes to it, then hang up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            Thread(target=answer, args=(caller,), daemon=True).start()

    def answer(caller: socket.socket) -> None:
        with caller:
            caller.recv(2**16)
            try:
                say(caller)
            except OSError:
                return

    Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/plan.csv"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def ask(url: str, folder: Path, patience: Patience) -> bytes:
    session = Session(url, folder, Tally(), patience=replace(patience, attempts=1))
    return session.get(url, {}, lambda answer: answer.body.read())


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_cut_at_any_byte_is_whole_or_refused(
    tmp_path: Path, hurried: Patience, kind: str
) -> None:
    whole = ANSWERS[kind]
    told = {"bytes": 0}
    refused = 0
    with saying(lambda caller: caller.sendall(whole[: told["bytes"]])) as url:
        for told["bytes"] in range(len(whole)):
            try:
                assert ask(url, tmp_path, hurried) == BODY
            except FetchError:
                refused += 1
        told["bytes"] = len(whole)
        assert ask(url, tmp_path, hurried) == BODY
    # all that may be missing is the end mark's own end
    assert refused >= len(whole) - len(b"\r\n\r\n")


@pytest.mark.parametrize("sent", [0, 5, len(HEAD) + 5, len(ANSWERS["counted"]) - 5])
def test_a_source_that_falls_silent_at_any_stage_is_left(tmp_path: Path, hurried: Patience, sent: int) -> None:
    over = Event()

    def stall(caller: socket.socket) -> None:
        caller.sendall(ANSWERS["counted"][:sent])
        over.wait()

    with saying(stall) as url, pytest.raises(FetchError, match=r"no answer within 0\.1 s") as failure:
        ask(url, tmp_path, replace(hurried, silence=0.1))
    over.set()
    assert failure.value.temporary


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 ", HEAD + b"X-Slow: ", HEAD + b"Content-Length: 1000000\r\n\r\n"])
def test_a_source_that_drips_is_left_when_its_time_is_over(tmp_path: Path, hurried: Patience, start: bytes) -> None:
    over = Event()

    def drip(caller: socket.socket) -> None:
        caller.sendall(start)
        while not over.wait(0.01):
            caller.sendall(b"x")

    with saying(drip) as url, pytest.raises(FetchError, match=r"still not complete after 0\.3 s") as failure:
        ask(url, tmp_path, replace(hurried, answer=0.3))
    over.set()
    assert failure.value.temporary


def test_an_answer_that_unpacks_beyond_the_limit_is_refused_for_good(tmp_path: Path, hurried: Patience) -> None:
    bomb = counted(gzip.compress(bytes(10_000_000)), b"Content-Encoding: gzip\r\n")
    assert len(bomb) < 100_000
    with (
        saying(lambda caller: caller.sendall(bomb)) as url,
        pytest.raises(FetchError, match="over the limit of 100,000 bytes") as failure,
    ):
        ask(url, tmp_path, replace(hurried, max_bytes=100_000))
    assert not failure.value.temporary


@pytest.mark.parametrize("lacking", [1, 8, 12, 20])
def test_a_packed_answer_without_its_end_is_a_failure_though_all_promised_bytes_came(
    tmp_path: Path, hurried: Patience, lacking: int
) -> None:
    cut = counted(gzip.compress(BODY * 100)[:-lacking], b"Content-Encoding: gzip\r\n")
    with saying(lambda caller: caller.sendall(cut)) as url, pytest.raises(FetchError, match="broke off") as failure:
        ask(url, tmp_path, hurried)
    assert failure.value.temporary
