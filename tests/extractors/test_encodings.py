from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import fastexcel
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.encodings import PLAUSIBLE, WESTERN, Encoding, UnknownEncoding, find_encoding, plausible

KOREAN = [
    "가로등이 사흘째 꺼져 있어 밤길이 어둡습니다. 빠른 점검 부탁드립니다.",
    "시청 앞 횡단보도의 신호등이 고장 났습니다.",
    "쓰레기 수거 일정이 언제 바뀌었는지 알려 주세요. 똠방각하, 펲시콜라.",
]
CHINESE = ["A市西湖建筑集团占道施工有安全隐患", "路灯坏了三天，晚上很黑，请尽快维修。", "汽车检测站要开业了！㐀𠀀"]
JAPANESE = ["市役所前の街灯が消えています。早急に修理をお願いします。", "ゴミの収集日はいつ変わりましたか。"]
WESTERN_TEXTS = ["Die Straßenlaterne vor dem Rathaus ist ausgefallen", "L’éclairage public est en panne, à côté"]
RUSSIAN = ["Уличный фонарь перед зданием мэрии не горит уже три дня, просим срочно починить его"]


def found(body: bytes, candidates: list[str], size: int = 2**16) -> Encoding:
    return find_encoding(lambda: (body[at : at + size] for at in range(0, len(body), size)), candidates)


def table(texts: Iterable[str]) -> str:
    return "id,text\r\n" + "".join(f'{at},"{text}"\r\n' for at, text in enumerate(texts))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 2**16])
@pytest.mark.parametrize(
    ("texts", "encoding", "zone"),
    [
        (CHINESE, "gb18030", "Asia/Shanghai"),
        (KOREAN, "cp949", "Asia/Seoul"),
        (JAPANESE, "cp932", "Asia/Tokyo"),
        (JAPANESE, "euc_jp", "Asia/Tokyo"),
        (WESTERN_TEXTS, "cp1252", "America/Chicago"),
        (RUSSIAN, "cp1251", "Europe/Moscow"),
        (RUSSIAN, "koi8_r", "Europe/Moscow"),
    ],
)
def test_an_encoding_of_the_city_is_found_and_told_as_a_guess(
    texts: list[str], encoding: str, zone: str, size: int
) -> None:
    assert found(table(texts).encode(encoding), plausible(None, zone), size) == Encoding(encoding, is_guess=True)


@pytest.mark.parametrize("size", [1, 3, 2**16])
@pytest.mark.parametrize("zone", [*PLAUSIBLE, "America/Chicago"])
def test_utf8_and_marked_utf16_are_certain_whatever_the_city(zone: str, size: int) -> None:
    for texts in (CHINESE, KOREAN, ["plain"]):
        for encoding, name in [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16")]:
            assert found(table(texts).encode(encoding), plausible(None, zone), size) == Encoding(name)
    assert found("﻿a,b\n路,灯\n".encode("utf-16-be"), plausible(None, zone), size) == Encoding("utf-16")


def test_a_given_list_takes_the_place_of_the_time_zone() -> None:
    assert plausible(["cp949", "gb18030"], "America/Chicago") == ["cp949", "gb18030"]
    body = table(KOREAN * 20).encode("cp949")
    assert found(body, ["big5hkscs", "cp949"]) == Encoding("cp949", is_guess=True)
    assert plausible("gb18030", "America/Chicago") == WESTERN


@pytest.mark.parametrize("cut", [1, 2, 5])
def test_utf8_that_was_cut_or_spoilt_is_refused_and_not_read_as_something_else(cut: int) -> None:
    body = table(WESTERN_TEXTS * 5).encode().replace("é".encode(), b"\xc3", 1)
    with pytest.raises(UnknownEncoding, match="damaged or cut off at byte"):
        found(body, WESTERN)
    body = "路灯坏了".encode()
    if len(body[:-cut].decode(errors="ignore").encode()) < len(body[:-cut]):
        with pytest.raises(UnknownEncoding, match="damaged or cut off"):
            found(body[:-cut], ["gb18030"])


def test_a_text_that_two_encodings_explain_is_refused() -> None:
    # one Chinese word in GB18030 that is valid UTF-8 too
    with pytest.raises(UnknownEncoding, match="more than one way"):
        found("名,隆\n".encode("gb18030")[3:], ["gb18030"])
    assert found("café".encode(), WESTERN) == Encoding("utf-8")


def test_bytes_that_no_encoding_of_the_city_has_are_refused() -> None:
    with pytest.raises(UnknownEncoding, match="none of the usual ways"):
        found(b"caf\x81", WESTERN)
    with pytest.raises(UnknownEncoding, match="begins with the mark of utf-16"):
        found(b"\xff\xfea", WESTERN)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), size=st.integers(1, 40))
def test_a_text_is_read_back_exactly_or_refused(data: st.DataObject, size: int) -> None:
    encoding, zone, letters = data.draw(
        st.sampled_from(
            [
                ("gb18030", "Asia/Shanghai", st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)),
                ("cp949", "Asia/Seoul", st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)),
                ("cp950", "Asia/Taipei", st.sampled_from("臺北市政府路燈故障請儘快派員維修道路坑洞")),
                ("cp1252", "America/Chicago", st.sampled_from("äöüÄÖÜßéèêàçñ€’")),
                ("utf-8", "Asia/Shanghai", st.characters(exclude_categories=["Cs", "Cc"])),
                ("utf-8", "America/Chicago", st.characters(exclude_categories=["Cs", "Cc"])),
            ]
        )
    )
    text = data.draw(st.text(st.one_of(letters, st.sampled_from("ab ,1\n")), min_size=1, max_size=60))
    try:
        told = found(text.encode(encoding), plausible(None, zone), size)
    except UnknownEncoding:
        return
    assert text.encode(encoding).decode(told.name).removeprefix("\ufeff") == text.removeprefix("\ufeff")
    assert told.is_guess == (told.name != "utf-8")


def test_real_messages_are_read_back_exactly_from_every_encoding_of_their_city(public_data: Path) -> None:
    book = fastexcel.read_excel(public_data / "text_zh" / "messages_with_replies_2816.xlsx")
    cells = book.load_sheet(0, dtypes="string").to_polars()["留言详情"].drop_nulls().to_list()
    with (public_data / "text_zh" / "labelled_messages_even_ids.csv").open(encoding="utf-8-sig", newline="") as file:
        cells += [line[4] for line in csv.reader(file)]
    assert len(cells) > 2_800
    for encoding in ("utf-8", "gb18030", "utf-16"):
        bodies = [cell.encode(encoding) for cell in cells]
        assert {found(body, ["gb18030"]).name for body in bodies if not body.isascii()} == {encoding}
        assert found("".join(cells).encode(encoding), ["gb18030"]).name == encoding
