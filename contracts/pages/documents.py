"""Reads JSON: documents that hold a list of records, GeoJSON, and one object a line.

DuckDB parses the kept text several times faster than any Python parser. Values come as the text that JSON writes,
nested ones as JSON text; the names of the fields are matched to the letter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl

from contracts.engine import closed_connection, run
from contracts.pages.page import Page, Sheaf, UnreadablePage

GEOJSON = "features[].properties"
BESIDE = "geometry"
"""A feature's geometry lies beside its properties, and is a field of its record like they are."""

STRUCTURES = "SELECT page, json_structure(text) AS structure FROM records ORDER BY page"
NAMES = """
    SELECT DISTINCT unnest(json_keys(record, $member)) AS name
    FROM (SELECT unnest(from_json(text, '["JSON"]')) AS record FROM records WHERE page = $page)"""
VALUES = "SELECT page, unnest(from_json(text, $shape)) AS record FROM records"
INNER = "SELECT page, json_extract(text, $path)::VARCHAR AS text FROM records ORDER BY page"

LINES = """
    (SELECT page, CASE WHEN json_valid(line) THEN line END AS line
     FROM (SELECT page, unnest(string_split(text, chr(10))) AS line FROM records) WHERE trim(line) <> '')"""
LINE_NAMES = f"SELECT DISTINCT unnest(json_keys(line)) AS name FROM {LINES}"
LINE_VALUES = f"""
    SELECT page, from_json(line, $shape) AS record, coalesce(json_type(line), '') <> 'OBJECT' AS broken FROM {LINES}"""


def read_json(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read pages that are JSON documents; `layout.records` says where their list of records lies.

    It is a path like `result.records`, empty when the document is the list; `features[].attributes` says that each
    element of the list keeps its record in `attributes`.
    """
    outer, _, member = (GEOJSON if layout.format == "geojson" else layout.records).partition("[]")
    member = member.lstrip(".")
    with closed_connection() as connection:
        lists = _lists(connection, pages, outer)
        names = _names(connection, lists, pages, outer, member)
        asked = sorted(names & wanted)
        table = run(connection, VALUES, lists, {"shape": json.dumps([_shape(asked, member)])})
    records = _columns(table["record"], asked, member)
    yield Sheaf(records, pl.repeat(False, len(table), eager=True), sorted(names), _counts(table["page"], pages))


def read_lines(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read pages that hold one JSON object a line; a line that is none is a broken record."""
    texts = _texts(pages)
    with closed_connection() as connection:
        names = set(run(connection, LINE_NAMES, texts)["name"])
        asked = sorted(names & wanted)
        table = run(connection, LINE_VALUES, texts, {"shape": json.dumps(_shape(asked, ""))})
    yield Sheaf(_columns(table["record"], asked, ""), table["broken"], sorted(names), _counts(table["page"], pages))


def _texts(pages: list[Page]) -> pl.DataFrame:
    return pl.DataFrame({"page": range(len(pages)), "text": [page.text() for page in pages]})


def _path(dotted: str) -> str:
    return "".join(["$", *(f'."{step}"' for step in dotted.split(".") if step)])


def _shape(names: list[str], member: str) -> dict[str, Any]:
    """Return what `from_json` is to take out of one record; it wants one field at least."""
    if not member:
        return dict.fromkeys(names or [""], "VARCHAR")
    inside = [name for name in names if name != BESIDE]
    return {member: _shape(inside, ""), BESIDE: "VARCHAR"}


def _columns(record: pl.Series, names: list[str], member: str) -> pl.DataFrame:
    if not member:
        return record.struct.unnest().select(names)
    outer = record.struct.unnest()
    inner = outer[member].struct.unnest()
    return inner.with_columns(outer[BESIDE]).select(names)


def _counts(page: pl.Series, pages: list[Page]) -> list[tuple[str, int]]:
    counted = dict(page.value_counts().rows())
    return [(one.name, counted.get(at, 0)) for at, one in enumerate(pages)]


def _lists(connection: duckdb.DuckDBPyConnection, pages: list[Page], outer: str) -> pl.DataFrame:
    """Return of each page the text of its list of records."""
    texts = _texts(pages)
    return _run(connection, INNER, texts, pages, path=_path(outer)) if outer else texts


def _names(
    connection: duckdb.DuckDBPyConnection, lists: pl.DataFrame, pages: list[Page], outer: str, member: str
) -> set[str]:
    """Return the names of all fields of the records.

    Raises UnreadablePage for a page that is not JSON or has no list of records where it should be.
    """
    names = {BESIDE} if member else set()
    for at, structure in _run(connection, STRUCTURES, lists, pages).rows():
        shape = json.loads(structure or "null")
        if not isinstance(shape, list):
            raise UnreadablePage(pages[at].name, f"no list of records at {outer or 'the top of the document'}")
        record = shape[0].get(member) if member and isinstance(shape[0], dict) else shape[0]
        if isinstance(record, dict):
            names |= set(record)
        elif record == "JSON":
            # elements that are no objects lie between the records, or records differ beyond a common structure
            names |= set(run(connection, NAMES, lists, {"member": _path(member), "page": at})["name"])
    return names


def _run(
    connection: duckdb.DuckDBPyConnection, query: str, texts: pl.DataFrame, pages: list[Page], **values: object
) -> pl.DataFrame:
    """Run a query over the pages' texts; raises UnreadablePage where one of them is not JSON."""
    try:
        return run(connection, query, texts, values)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        # what DuckDB says holds the beginning of the page
        damaged = run(connection, "SELECT min(page) FROM records WHERE NOT json_valid(text)", texts).item()
        raise UnreadablePage(pages[damaged].name, "not JSON; it may have been cut off") from None
