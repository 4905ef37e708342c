from __future__ import annotations

import gzip
import io
import struct
import warnings
import zipfile
from typing import Any

import pytest

from extractors.source import Layout
from extractors.unpacking import UnpackError, unpacked


def packed(*members: tuple[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(name, content)
    return body.getvalue()


def taken(body: bytes, **told: Any) -> list[tuple[str, bytes]]:
    layout = Layout(format="csv", **told)
    return [(name, b"".join(chunks)) for name, chunks in unpacked(io.BytesIO(body), layout)]


FEED = packed(("b/stops.txt", b"2"), ("a/stops.txt", b"1"), ("__MACOSX/a/._stops.txt", b"x"), ("trips.txt", b"3"))


def test_members_are_taken_by_name_or_pattern_in_the_order_of_their_names() -> None:
    assert taken(FEED, member="stops.txt") == [("a/stops.txt", b"1"), ("b/stops.txt", b"2")]
    assert taken(FEED, member="b/*") == [("b/stops.txt", b"2")]
    assert [name for name, _ in taken(FEED, member="*.txt")] == ["a/stops.txt", "b/stops.txt", "trips.txt"]


def test_a_member_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UnpackError, match=r"no member 'routes.txt'; it has b/stops.txt, a/stops.txt, trips.txt"):
        taken(FEED, member="routes.txt")


def test_two_members_of_one_name_are_refused() -> None:
    with pytest.raises(UnpackError, match="two members of one name"):
        taken(packed(("a.csv", b"1"), ("a.csv", b"2")), member="*.csv")


@pytest.mark.parametrize("size", [2**20 + 1, 50 * 2**20])
def test_a_bomb_is_refused_by_what_it_declares_and_by_what_comes_out(size: int) -> None:
    bomb = packed(("a.csv", b"0" * size))
    assert len(bomb) < size / 500
    with pytest.raises(UnpackError, match="over the limit of 1 MB; .* raise the feed's `limit_mb`") as failure:
        taken(bomb, member="a.csv", limit_mb=1)
    assert not failure.value.temporary
    with pytest.raises(UnpackError, match="over the limit of 1 MB"):
        taken(gzip.compress(b"0" * size), limit_mb=1)
    with pytest.raises(UnpackError, match="over the limit of 1 MB"):
        taken(packed(*((f"{at}.csv", b"0" * (size // 2)) for at in range(3))), member="*.csv", limit_mb=1)


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_declares() -> None:
    bomb = bytearray(packed(("a.csv", b"0" * 5 * 2**20)))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = bomb.index(mark) + offset
        bomb[at : at + 4] = struct.pack("<I", 10)
    with pytest.raises(UnpackError, match="damaged or was cut off"):
        taken(bytes(bomb), member="a.csv", limit_mb=1)


@pytest.mark.parametrize("cut", range(1, len(FEED), 7))
def test_a_zip_cut_off_anywhere_is_noticed(cut: int) -> None:
    with pytest.raises(UnpackError) as failure:
        taken(FEED[:-cut], member="stops.txt")
    assert failure.value.temporary


def test_gzip_cut_off_or_spoilt_anywhere_is_noticed() -> None:
    content = b"code,text\n" + b"1,abc\n" * 50
    body = gzip.compress(content, mtime=0)
    assert taken(body) == [("", content)]
    for cut in range(1, len(body) - 2):
        with pytest.raises(UnpackError, match="damaged or was cut off") as failure:
            taken(body[:-cut])
        assert failure.value.temporary
    for at in range(10, len(body)):
        spoilt = body[:at] + bytes([body[at] ^ 0x55]) + body[at + 1 :]
        with pytest.raises(UnpackError, match="damaged|over the limit"):
            taken(spoilt, limit_mb=1)


def test_a_spoilt_member_is_noticed() -> None:
    body = bytearray(packed(("a.csv", bytes(range(256)) * 20)))
    body[60] ^= 0x55
    with pytest.raises(UnpackError, match="damaged"):
        taken(bytes(body), member="a.csv")


def test_a_member_that_wants_a_password_is_told() -> None:
    body = bytearray(packed(("a.csv", b"1")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + offset] |= 1
    with pytest.raises(UnpackError, match="wants a password"):
        taken(bytes(body), member="a.csv")


def test_what_is_no_zip_is_told() -> None:
    with pytest.raises(UnpackError, match="no zip, or only a part of one"):
        taken(b"code\n1\n", member="a.csv")
