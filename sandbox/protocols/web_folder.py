"""Plain files on a web server: the planning office's folder and the downloads of the statistics office."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

from sandbox.city import City
from sandbox.feed import Record
from sandbox.protocols.message import Answer, Request, as_file, not_found
from sandbox.protocols.workbook import Cell, write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV, GEOJSON, HTML = "text/csv; charset=utf-8", "application/geo+json", "text/html; charset=utf-8"
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"

Writer = Callable[[Sequence[Record]], bytes]


def _csv_lines(records: Sequence[Record]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(records[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(records)
    return buffer.getvalue()


def plain_csv(records: Sequence[Record]) -> bytes:
    """CSV as RFC 4180 has it."""
    return _csv_lines(records).encode()


def office_csv(records: Sequence[Record]) -> bytes:
    """CSV as a spreadsheet exports it: a byte order mark and two title lines above the header."""
    titles = "City plan 2026: what was reached\r\nPlanning office; internal figures, monthly\r\n"
    return (BYTE_ORDER_MARK + titles + _csv_lines(records)).encode()


def office_workbook(records: Sequence[Record]) -> bytes:
    """A workbook as an office keeps it: three title rows, one of them of merged group headings, then the header row."""
    header = list(records[0])
    groups: list[Cell] = ["Measure", *[None] * 5, "Target", *[None] * 3, "Plan", *[None] * 5]
    rows: list[list[Cell]] = [
        ["City plan 2026: targets by quarter"],
        ["Adopted by the council on 15 January 2026"],
        groups,
        [*header],
    ]
    rows += [list(row.values()) for row in records]
    return write_workbook("Targets", rows, ("A1:P1", "A3:F3", "G3:J3", "K3:P3"))


def feature_collection(records: Sequence[Record]) -> bytes:
    """A GeoJSON FeatureCollection (RFC 7946)."""
    return json.dumps({"type": "FeatureCollection", "features": list(records)}, ensure_ascii=False).encode()


class WebFolder:
    """A folder of files, each written from one feed; a folder with a title lists them on an index page."""

    def __init__(self, files: Mapping[str, tuple[str, Writer, str]], title: str | None = None) -> None:
        self.files, self.title = files, title

    def answer(self, request: Request, city: City) -> Answer:
        """Answer a file, or the index page."""
        if request.path == "" and self.title:
            return as_file(request, city, self._index(self.title), HTML)
        if request.path not in self.files:
            return not_found(request)
        feed, write, content_type = self.files[request.path]
        return as_file(request, city, write(city.records(feed)), content_type)

    def _index(self, title: str) -> bytes:
        links = "".join(f'<li><a href="{name}">{name}</a></li>' for name in self.files)
        return f"<!doctype html><html><head><title>{title}</title></head><body><ul>{links}</ul></body></html>".encode()
