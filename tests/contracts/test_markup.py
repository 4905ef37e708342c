from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from contracts.pages import UnreadablePage, markup
from contracts.pages.markup import read_syndication, read_xml
from contracts.pages.page import Page
from extractors.source import Layout


def read(place: Path, body: bytes, records: str = "", *wanted: str) -> list[dict[str, Any]]:
    (place / "page").write_bytes(body)
    layout = Layout(format="xml", records=records)
    sheaves = list(read_xml([Page("page", place / "page")], layout, set(wanted)))
    return [record for sheaf in sheaves for record in sheaf.records.to_dicts()]


def test_records_are_found_by_their_name_however_deep_they_lie(tmp_path: Path) -> None:
    body = b"""<a:feed xmlns:a="urn:a" xmlns="urn:b"><note>x</note><a:list><lamp><id>1</id></lamp>
        <other><id>9</id></other><group><lamp><id>2</id></lamp></group></a:list></a:feed>"""
    assert read(tmp_path, body, "lamp", "id") == [{"id": "1"}, {"id": "2"}]
    assert read(tmp_path, body, "post", "id") == []


def test_attributes_are_fields(tmp_path: Path) -> None:
    body = b'<r xmlns:x="urn:x"><row id="1" x:kind="a"><h unit="m">8.5</h><at/></row><row id="2"><h>7</h></row></r>'
    assert read(tmp_path, body, "row", "@id", "@kind", "h", "h@unit") == [
        {"@id": "1", "@kind": "a", "h": "8.5", "h@unit": "m"}, {"@id": "2", "@kind": None, "h": "7", "h@unit": None},
    ]  # fmt: skip


def test_a_field_that_comes_more_than_once_loses_nothing(tmp_path: Path) -> None:
    body = "<r><row><p>灯</p><p>b</p><q><s k='1'>x</s><s>y</s></q></row></r>".encode()
    assert read(tmp_path, body, "row", "p", "q") == [{"p": '["灯", "b"]', "q": '{"s": ["x", "y"], "s@k": "1"}'}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_markup_is_read_in_the_encoding_that_it_names(tmp_path: Path, encoding: str) -> None:
    body = f"<?xml version='1.0' encoding='{encoding}'?><r><row><name>Café</name></row></r>".encode(encoding)
    assert read(tmp_path, body, "row", "name") == [{"name": "Café"}]


WORDS = [("gb18030", "路灯"), ("GBK", "路灯"), ("euc-kr", "가로등"), ("Big5", "路燈")]


@pytest.mark.parametrize(("encoding", "word"), WORDS)
def test_markup_in_encodings_that_expat_does_not_know_is_read_too(tmp_path: Path, encoding: str, word: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>\n<r><row><name>{word}</name></row></r>'.encode(encoding)
    assert read(tmp_path, body, "row", "name") == [{"name": word}]
    with pytest.raises(UnreadablePage, match="not XML that can be trusted"):
        read(tmp_path, body.replace(word.encode(encoding), b"\xff\xff"), "row", "name")


@pytest.mark.parametrize("cut", [1, 5, 40, 600])
def test_markup_that_was_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    body = b"<r>" + b"<row><id>1</id></row>" * 100 + b"</r>"
    with pytest.raises(UnreadablePage):
        read(tmp_path, body[:-cut], "row", "id")


def test_bombs_and_unknown_encodings_are_refused(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;">]><r><row>&b;</row></r>'
    for body in (bomb, b'<?xml version="1.0" encoding="no-such"?><r/>', b""):
        with pytest.raises(UnreadablePage):
            read(tmp_path, body, "row", "id")


RSS = "<rss version='2.0'><channel>%s</channel></rss>"
FEEDS = {
    "rss": (RSS, "<item><guid>%d</guid><title>t</title></item>"),
    "atom": ("<feed xmlns='http://www.w3.org/2005/Atom'>%s</feed>", "<entry><id>%d</id><title>t</title></entry>"),
    "rdf": (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>%s</rdf:RDF>",
        "<item rdf:about='%d'><title>t</title></item>",
    ),
}


def item(number: int, title: str = "t") -> str:
    return f"<item><guid>{number}</guid><title>{title}</title></item>"


def entries(place: Path, body: str, encoding: str = "utf-8") -> int:
    (place / "page").write_bytes(body.encode(encoding))
    (sheaf,) = read_syndication([Page("page", place / "page")], None, {"id"})
    return len(sheaf.broken)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("dialect", FEEDS)
def test_a_feed_that_was_cut_off_is_refused_wherever_that_was(tmp_path: Path, dialect: str, encoding: str) -> None:
    around, entry = FEEDS[dialect]
    whole = f"<?xml version='1.0' encoding='{encoding}'?>" + around % "".join(entry % at for at in range(6))
    assert entries(tmp_path, whole, encoding) == 6
    for cut in (-1, whole.rindex("</"), whole.rindex("</title>"), whole.rindex(entry[:5]), whole.rindex(entry[:5]) + 3):
        with pytest.raises(UnreadablePage, match="the feed was cut off: </"):
            entries(tmp_path, whole[:cut], encoding)


FAULTS = ["a & b", "a < b", "a&nbsp;b", "a\x01b", "<x:y>a</x:y>", '<a href="x>y</a>', "<![CDATA[</rss><item>]]>"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_small_fault_in_a_feed_costs_no_entry(tmp_path: Path, fault: str) -> None:
    assert entries(tmp_path, RSS % (item(1, fault) + item(2))) == 2
    assert entries(tmp_path, "<br>Warning " + RSS % (item(1, fault) + item(2)) + "<br>") == 2


@pytest.mark.parametrize("nul", ["\0", "&#0;", "&#x0;"])
def test_nul_in_an_entry_breaks_it_alone(tmp_path: Path, nul: str) -> None:
    (tmp_path / "page").write_text(RSS % (item(1) + item(2, f"a{nul}b")))
    (sheaf,) = read_syndication([Page("page", tmp_path / "page")], None, {"title"})
    assert sheaf.broken.to_list() == [False, True]


@pytest.mark.parametrize("fault", ["<![CDATA[a", "<!-- a", "a</item><!--"])
def test_a_feed_of_which_a_fault_swallows_entries_is_refused(tmp_path: Path, fault: str) -> None:
    with pytest.raises(UnreadablePage):
        entries(tmp_path, RSS % (item(1, fault) + item(2)))


def test_a_feed_whose_entries_run_into_each_other_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePage, match="run into each other"):
        entries(tmp_path, RSS % ("<item><title>a</item>" + item(2)))


@pytest.mark.parametrize("encoding", ["hex", "base64", "zlib", "rot13", "undefined", "utf16"])
def test_an_encoding_that_the_page_is_not_written_in_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(UnreadablePage, match="not XML that can be trusted"):
        read(tmp_path, f'<?xml version="1.0" encoding="{encoding}"?><r><row><id>1</id></row></r>'.encode(), "row", "id")


def test_a_feed_that_is_not_written_in_its_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePage, match="not written in the encoding that it names"):
        entries(tmp_path, "<?xml version='1.0' encoding='punycode'?>" + RSS % item(1, "-"))


@pytest.mark.parametrize("depth", [2_000, 200_000])
def test_markup_that_is_nested_without_end_is_refused(tmp_path: Path, depth: int) -> None:
    body = b"<r><row><id>1</id>" + b"<a>" * depth + b"</a>" * depth + b"</row></r>"
    with pytest.raises(UnreadablePage, match="nested too deep"):
        read(tmp_path, body, "row", "id")


def peak(place: Path, count: int) -> int:
    """Return the most memory that reading a page of so many records took, in bytes."""
    with place.open("wb") as file:
        file.write(b"<r>")
        file.writelines(b"<row><id>%d</id><text>%s</text></row><gap/>\n" % (at, b"x" * 200) for at in range(count))
        file.write(b"</r>")
    tracemalloc.start()
    layout = Layout(format="xml", records="row")
    sizes = [len(sheaf.records) for sheaf in read_xml([Page("page", place)], layout, {"id"})]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(sizes) == count and max(sizes) == 500
    return most


def test_the_memory_that_a_page_takes_does_not_grow_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "SLICE", 500)
    assert peak(tmp_path / "page", 8_000) < 1.3 * peak(tmp_path / "page", 1_000)
