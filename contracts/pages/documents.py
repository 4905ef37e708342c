"""Reads JSON: documents that hold a list of records, GeoJSON, and one object a line.

DuckDB parses the kept text several times faster than any Python parser. Values come as the text that JSON writes,
nested ones as JSON text; the names of the fields are matched to the letter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from contracts.engine import closed_connection, run
from contracts.pages.elements import NoList, elements_of
from contracts.pages.page import Page, Sheaf, UnreadablePage, broken_by_nul
from extractors.quoting import literal

GEOJSON = "features[].properties"
BESIDE = "geometry"
"""A feature's geometry lies beside its properties, and is a field of its record like they are."""

ELEMENTS = "SELECT file_index AS page, json FROM read_json_objects($files, format = 'array')"
INNER_ELEMENTS = """
    SELECT list_position($files, filename) - 1 AS page,
        unnest(from_json(json_extract(ltrim(content, chr(65279)), $path), '["JSON"]')) AS json
    FROM read_text($files)"""
VALID = "SELECT page, CASE WHEN json_valid(json) THEN json END AS json FROM records"
VALID_ELEMENTS = "SELECT page, json FROM valid"
"""These give the elements of the pages' lists in order, each with the number of its page."""

NAMES = """
    SELECT DISTINCT unnest(names) AS name FROM (SELECT DISTINCT json_keys(json, $member) AS names FROM ({elements}))"""
FIRST_NAMES = "SELECT DISTINCT unnest(json_keys(json)) AS name FROM ({elements} LIMIT 1000)"
PLAIN_VALUES = """
    SELECT file_index, * FROM read_json($files, format = 'array', records = 'true', columns = {{{columns}}})"""
VALUES = "SELECT page, {columns} FROM (SELECT page, from_json(json, {shape}) AS record FROM ({elements}))"
CUT = "not JSON; it may have been cut off"
QUOTE, COLON, BLANK = b'": '
ENDING = 4096
"""Bytes in which the end of a page is sought first."""

ESCAPED_NUL = rb"\u0000"
HELD_NUL = r"\x00|^\s*[\[{](?s:.*[^\\])(?:\\\\)*\\u0000"
"""NUL in a value, or in what a value that is JSON itself holds."""

LINES = """
    (SELECT page, CASE WHEN json_valid(line) THEN line END AS line
     FROM (SELECT page, unnest(string_split(text, chr(10))) AS line FROM records) WHERE trim(line) <> '')"""
LINE_NAMES = f"SELECT DISTINCT unnest(json_keys(line)) AS name FROM {LINES}"
LINE_VALUES = f"""
    SELECT page, from_json(line, $shape) AS record, coalesce(json_type(line), '') <> 'OBJECT' AS broken FROM {LINES}"""


def read_json(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read pages that are JSON documents; `layout.records` says where their list of records lies.

    It is a path like `result.records`, empty when the document is the list; `features[].attributes` says that each
    element of the list keeps its record in `attributes`. A broken record is an element that holds half a character, or
    NUL.
    """
    outer, _, member = (GEOJSON if layout.format == "geojson" else layout.records).partition("[]")
    member, read = member.lstrip("."), None
    # what DuckDB says, if it can be read at all, holds the beginning of the page
    with suppress(duckdb.InvalidInputException, duckdb.ConversionException, UnicodeDecodeError):
        read = _read_whole(pages, outer, member, wanted)
    yield _read_each(pages, outer, member, wanted) if read is None else read


def _read_whole(pages: list[Page], outer: str, member: str, wanted: set[str]) -> Sheaf:
    elements = INNER_ELEMENTS if outer else ELEMENTS
    with closed_connection(files=[page.path for page in pages]) as connection:
        place, records, names = _Elements(connection, elements, pages, outer, member).read(wanted)
    _refuse_cut([] if outer else pages)
    counts = _counts(place, pages)
    for page, (_, count) in zip(pages, counts, strict=True):
        if not count:
            _elements_of(page, outer)
    broken = pl.repeat(False, len(place), eager=True)
    return _sheaf(pages, records.select(sorted(names & wanted)), broken, names, counts)


def _read_each(pages: list[Page], outer: str, member: str, wanted: set[str]) -> Sheaf:
    """Read pages element by element, since one of them cannot be read."""
    texts = pl.DataFrame({"page": range(len(pages)), "json": [_elements_of(page, outer) for page in pages]})
    texts = texts.explode("json", empty_as_null=False).cast({"json": pl.String})
    with closed_connection() as connection:
        valid = run(connection, VALID, texts)
        connection.register("valid", valid.to_arrow())
        elements = _Elements(connection, VALID_ELEMENTS, pages, outer, member)
        names = elements.names()
        place, records = elements.values(sorted(names & wanted))
    return _sheaf(pages, records.select(sorted(names & wanted)), valid["json"].is_null(), names, _counts(place, pages))


def read_lines(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read pages that hold one JSON object a line; a line that is none is a broken record, and so is one with NUL."""
    texts = pl.DataFrame({"page": range(len(pages)), "text": [page.text() for page in pages]})
    with closed_connection() as connection:
        names = set(run(connection, LINE_NAMES, texts)["name"])
        asked = sorted(names & wanted)
        table = run(connection, LINE_VALUES, texts, {"shape": json.dumps(_shaped(asked, "")[1])})
    records = table["record"].struct.unnest().select(asked)
    yield _sheaf(pages, records, table["broken"], names, _counts(table["page"], pages))


def _sheaf(
    pages: list[Page], records: pl.DataFrame, broken: pl.Series, names: set[str], counts: list[tuple[str, int]]
) -> Sheaf:
    if any(ESCAPED_NUL in page.path.read_bytes() for page in pages):
        broken = broken_by_nul(records, broken, HELD_NUL)
    return Sheaf(records, broken, sorted(names), counts)


@dataclass(frozen=True)
class _Elements:
    """The elements of some pages' lists, each of which is a record or keeps it in `member`; `query` gives them."""

    connection: duckdb.DuckDBPyConnection
    query: str
    pages: list[Page]
    outer: str
    member: str

    def read(self, wanted: set[str]) -> tuple[pl.Series, pl.DataFrame, set[str]]:
        """Return the records' pages by number, their wanted fields at least, and the names of all fields that came."""
        if self.outer or self.member:
            names = self.names()
            return *self.values(sorted(names & wanted)), names
        first = replace(self, pages=self.pages[:1])
        likely = {name for (name,) in first._run(FIRST_NAMES).fetchall()}
        place, records = self.values(sorted(wanted | likely))
        blank = records.null_count().row(0)
        given = {name: len(place) - blanks for name, blanks in zip(records.columns, blank, strict=True)}
        if sum(given.values()) == _most_names(self.pages):
            # every name has its value: no other field came
            return place, records, {name for name, count in given.items() if count}
        return place, records, self.names()

    def names(self) -> set[str]:
        """Return the names of all fields that came."""
        names = {name for (name,) in self._run(NAMES).fetchall()}
        return names | ({BESIDE} if self.member else set())

    def values(self, names: list[str]) -> tuple[pl.Series, pl.DataFrame]:
        """Return the records' pages by number, and their fields."""
        if self.query is ELEMENTS and not self.member and _are_plain(names):
            # half the work, but it stops at an element that is no record, or has a field twice
            with suppress(duckdb.InvalidInputException):
                kinds = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
                return _numbered(self._run(PLAIN_VALUES, columns=kinds), names)
        columns, shape = _shaped(names, self.member)
        told = literal(json.dumps(shape))
        return _numbered(self._run(VALUES, columns=", ".join(columns), shape=told), names)

    def _run(self, query: str, **parts: str) -> duckdb.DuckDBPyConnection:
        query = query.format(elements=self.query, **parts)
        files = [str(page.path) for page in self.pages]
        given = {"files": files, "path": _path(self.outer), "member": _path(self.member)}
        return self.connection.execute(query, {name: value for name, value in given.items() if f"${name}" in query})


def _are_plain(names: list[str]) -> bool:
    """Whether DuckDB can take these for names of columns, which it does not tell apart by case."""
    lower = {name.lower() for name in names}
    return len(lower) == len(names) > 0 and not lower & {"", "file_index"}


def _numbered(answer: duckdb.DuckDBPyConnection, names: list[str]) -> tuple[pl.Series, pl.DataFrame]:
    """Return the first column and, by these names, the others."""
    # by their places: a record may have a field `page` too
    found = answer.to_arrow_table().rename_columns([str(at) for at in range(len(answer.description))])
    table = pl.DataFrame(pl.from_arrow(found))
    return table["0"], table.select(pl.col(str(at)).alias(name) for at, name in enumerate(names, 1))


def _most_names(pages: list[Page]) -> int:
    """Return how many names of fields some pages can hold: a quote ends each, before a colon or a blank."""
    return sum(_ends_of_names(page.path.read_bytes()) for page in pages)


def _ends_of_names(text: bytes) -> int:
    signs = pl.Series(pa.UInt8Array.from_buffers(pa.uint8(), len(text), [None, pa.py_buffer(text)]))
    after = signs[1:]
    # tabs and line breaks are numbers below a blank
    return int((((after == COLON) | (after <= BLANK)) & (signs[:-1] == QUOTE)).sum())


def _refuse_cut(pages: list[Page]) -> None:
    """Raise UnreadablePage for a list without an end: one that was cut off behind a comma DuckDB takes for whole."""
    for page in pages:
        if not _end(page.path).endswith(b"]"):
            raise UnreadablePage(page.name, CUT)


def _end(path: Path) -> bytes:
    """Return how a file ends, blanks left out."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - ENDING))
        return file.read().rstrip() or path.read_bytes().rstrip()


def _elements_of(page: Page, outer: str) -> list[str]:
    """Return the elements of a page's list as they are written; raises UnreadablePage when it has no list there."""
    try:
        return elements_of(page.text(), outer)
    except ValueError:
        raise UnreadablePage(page.name, CUT) from None
    except RecursionError:
        raise UnreadablePage(page.name, "its values are nested too deep") from None
    except NoList:
        raise UnreadablePage(page.name, f"no list of records at {outer or 'the top of the document'}") from None


def _path(dotted: str) -> str:
    return "".join(["$", *(f'."{step}"' for step in dotted.split(".") if step)])


def _shaped(names: list[str], member: str) -> tuple[list[str], dict[str, Any]]:
    """Return the SQL of each named field of `record`, and what `from_json` is to take out; it wants one field at least.

    Fields are taken by their number, since DuckDB does not tell names apart that differ in case alone.
    """
    if not member:
        columns = [f"struct_extract_at(record, {at})" for at in range(1, len(names) + 1)]
        return columns or ["NULL"], dict.fromkeys(names or [""], "VARCHAR")
    inside = [name for name in names if name != BESIDE]
    places = {name: f"struct_extract_at(struct_extract_at(record, 1), {at})" for at, name in enumerate(inside, 1)}
    places[BESIDE] = "struct_extract_at(record, 2)"
    shape = {member: dict.fromkeys(inside or [""], "VARCHAR"), BESIDE: "VARCHAR"}
    return [places[name] for name in names] or ["NULL"], shape


def _counts(page: pl.Series, pages: list[Page]) -> list[tuple[str, int]]:
    counted = dict(page.value_counts().rows())
    return [(one.name, counted.get(at, 0)) for at, one in enumerate(pages)]
