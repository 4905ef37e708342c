"""A Socrata-style portal on loopback whose pages are made and encoded beforehand, and the city that collects from it.

A record has 25 fields and some 800 bytes. One in a hundred is spoilt, in ten ways by turns; one in ten thousand is an
exact copy of the record before it. The same numbers give the same bytes.

Run: .venv/bin/python benchmarks/portal.py <folder> <records>    makes the pages
     .venv/bin/python benchmarks/portal.py <folder>              serves them, and says its address
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import PIPE, Popen
from urllib.parse import parse_qs, urlsplit

PAGE = 10_000
FIRST = re.compile(r":id (>=?) 'row-(\d+)'")
SPOILT = "n % 100 = 7"
PAGES_AT_ONCE = 20

# every value of a record follows from its number alone; no clock time falls in the hours when clocks are changed
DRAW = "CREATE TEMP MACRO draw(n, what, most) AS (hash(n, what) % most)::BIGINT"
RECORDS = f"""
    WITH numbers AS (
        SELECT CASE WHEN range % 10000 = 9999 THEN range - 1 ELSE range END AS n FROM range(?::BIGINT, ?::BIGINT)),
    drawn AS (
        SELECT n, draw(n, 'kind', 12) AS kind, draw(n, 'district', 77) + 1 AS district,
            draw(n, 'word', 1000000000) AS word,
            TIMESTAMP '2020-01-01 08:00:00' + to_days((n // 500 % 2300)::INT) + to_minutes(n % 600) AS made,
            TIMESTAMP '2026-06-01 09:00:00' + to_days(draw(n, 'day', 160)::INT) + to_seconds(draw(n, 'second', 30000))
                AS done,
            CASE WHEN {SPOILT} THEN n // 100 % 10 END AS fault
        FROM numbers)
    SELECT json_merge_patch('{{}}', to_json(struct_pack(
        sr_number := format('SR26-{{:08d}}', n),
        created_date := CASE fault WHEN 0 THEN NULL WHEN 1 THEN 'soon' WHEN 2 THEN '2099-01-01T00:00:00.000'
            ELSE strftime(made, '%Y-%m-%dT%H:%M:%S.000') END,
        last_modified_date := strftime(done, '%Y-%m-%dT%H:%M:%S.000'),
        due_date := strftime(made + INTERVAL 10 DAY, '%Y-%m-%dT%H:%M:%S.000'),
        closed_date := CASE WHEN fault = 3 THEN '2019-01-01T00:00:00.000' WHEN n % 4 > 0 OR fault IS NOT NULL
            THEN strftime(done, '%Y-%m-%dT%H:%M:%S.000') END,
        status := CASE WHEN fault = 4 THEN 'Lost' WHEN n % 4 > 0 OR fault IS NOT NULL THEN 'Completed' ELSE 'Open' END,
        sr_short_code := 'SC' || kind,
        sr_type := (['Street Light Out', 'Pothole in Street', 'Graffiti Removal', 'Tree Trim', 'Rodent Baiting',
            'Garbage Cart', 'Abandoned Vehicle', 'Sewer Cleaning', 'Sign Repair', 'Alley Light Out',
            'Water On Street', 'Sidewalk Inspection'])[kind + 1],
        details := 'Reported near the ' || (['school', 'station', 'library', 'park', 'market'])[word % 5 + 1] || ', '
            || (['second', 'third', 'fourth'])[word % 3 + 1] || ' time this year; please send someone to look at '
            || word % 90 || ' metres of it.',
        origin := CASE WHEN fault = 5 THEN 'pigeon'
            ELSE (['Phone Call', 'Internet', 'Mobile Device'])[word % 3 + 1] END,
        owner_department := (['Streets and Sanitation', 'Transportation', 'Water Management'])[kind % 3 + 1],
        outcome := CASE WHEN n % 4 > 0 THEN 'DONE' || kind END,
        duplicate := CASE WHEN fault = 6 THEN 'maybe' ELSE (n % 20 = 3)::VARCHAR END,
        parent_sr_number := CASE WHEN n % 20 = 3 THEN format('SR26-{{:08d}}', n - 3) END,
        community_area := CASE WHEN fault = 7 THEN 'Z9' ELSE district::VARCHAR END,
        latitude := CASE fault WHEN 8 THEN '941.5' WHEN 9 THEN 'north'
            ELSE format('{{:.12f}}', 41.65 + draw(n, 'north', 370000) / 1000000.0) END,
        longitude := format('{{:.12f}}', -87.85 + draw(n, 'east', 320000) / 1000000.0),
        street_address := format('{{}} {{}} {{}} Street', word % 9000 + 1, (['N', 'S', 'W', 'E'])[word % 4 + 1],
            (['Lincoln', 'Halsted', 'Ashland', 'Western', 'Pulaski', 'Cicero', 'Damen'])[word % 7 + 1]),
        caller_name := 'Caller Number ' || word % 100000,
        caller_phone := CASE WHEN n % 3 > 0 THEN format('312-555-{{:04d}}', word % 10000) END,
        caller_email := CASE WHEN n % 5 = 0 THEN format('caller{{}}@mail.example', word % 100000) END,
        ward := (draw(n, 'ward', 50) + 1)::VARCHAR,
        zip_code := (60601 + district)::VARCHAR,
        police_district := (district % 25 + 1)::VARCHAR,
        created_hour := hour(made)::VARCHAR
    )))::VARCHAR FROM drawn ORDER BY n"""

FIELDS = {
    "request_id": "sr_number", "requested_at": "created_date", "updated_at": "last_modified_date",
    "expected_at": "due_date", "closed_at": "closed_date",
    "status": {"from": "status", "values": {"Open": "open", "Completed": "closed", "Canceled": "cancelled"}},
    "service_code": "sr_short_code", "service_name": "sr_type", "description": "details",
    "channel": {"from": "origin", "values": {"Phone Call": "phone", "Internet": "web", "Mobile Device": "app"}},
    "responsible": "owner_department", "outcome_code": "outcome", "is_duplicate": "duplicate",
    "parent_request_id": "parent_sr_number", "area_code": "community_area", "latitude": "latitude",
    "longitude": "longitude", "address": "street_address", "requester_name": "caller_name",
    "requester_phone": "caller_phone", "requester_email": "caller_email",
}  # fmt: skip
SENT = [*(held["from"] if isinstance(held, dict) else held for held in FIELDS.values()),
        "ward", "zip_code", "police_district", "created_hour"]  # fmt: skip


def make_pages(folder: Path, records: int, first: int = 0) -> int:
    """Write the pages of so many records, those numbered from `first` on, and return their bytes."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    size = 0
    with duckdb.connect() as connection:
        connection.execute(DRAW)
        for start in range(0, records, PAGE * PAGES_AT_ONCE):
            end = min(start + PAGE * PAGES_AT_ONCE, records)
            found = connection.execute(RECORDS, [first + start, first + end]).to_arrow_table()
            lines = found.column(0).to_pylist()
            for at in range(0, len(lines), PAGE):
                page = folder / f"{(start + at) // PAGE:05}.json"
                size += page.write_bytes(("[" + "\n,".join(lines[at : at + PAGE]) + "]").encode())
    (folder / "records").write_text(str(records))
    return size


def write_city(folder: Path, url: str) -> None:
    """Write the city whose one feed, `streets__requests`, comes from the portal."""
    folder.mkdir(parents=True, exist_ok=True)
    city = {
        "title": {"en": "Portal"}, "time_zone": "America/Chicago",
        "areas": {"kind": {"en": "area"}, "codes": [str(number) for number in range(1, 78)]},
        "contact": {"name": "Data Office", "email": "data@city.example"},
    }  # fmt: skip
    feed = {
        "title": {"en": "Requests"}, "contract": "service_request", "system": "socrata", "url": url, "due": "06:30",
        "page_size": PAGE, "cursor": "last_modified_date", "keep": ["ward", "zip_code"], "fields": FIELDS,
    }  # fmt: skip
    department = {
        "title": {"en": "Streets"}, "steward": "s@city.example", "schedule": "0 5 * * *", "legal_basis": "Code 1",
        "feeds": {"requests": feed},
    }  # fmt: skip
    # JSON is YAML
    (folder / "city.yml").write_text(json.dumps(city))
    (folder / "streets.yml").write_text(json.dumps(department))


class _Answers(BaseHTTPRequestHandler):
    """Answers `$select=count(*)`, lists keys, and gives whole pages by `$offset` or by the first key of a range."""

    protocol_version = "HTTP/1.1"
    folder: Path

    def do_GET(self) -> None:
        """Send one page from its file, or the count."""
        asked = parse_qs(urlsplit(self.path).query)
        count = int((self.folder / "records").read_text())
        select, (where,) = asked.get("$select", [""]), asked.get("$where", [""])
        first = FIRST.search(where)
        start = int(first.group(2)) + (first.group(1) == ">") if first else int(asked.get("$offset", ["0"])[0])
        if select == ["count(*)"]:
            return self._send(json.dumps([{"count": str(count)}]).encode())
        if select == [":id"]:
            keys = range(start, min(start + int(asked["$limit"][0]), count))
            return self._send(json.dumps([{":id": f"row-{key:010}"} for key in keys]).encode())
        page = self.folder / f"{start // PAGE:05}.json"
        return self._send(page.read_bytes() if page.exists() else b"[]")

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder of pages from a process of its own; yields the address."""
    with Popen([sys.executable, __file__, str(folder)], stdout=PIPE, text=True) as server:
        try:
            assert server.stdout
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _serve(folder: Path) -> None:
    _Answers.folder = folder
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        print(f"http://127.0.0.1:{server.server_port}/requests.json", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(make_pages(Path(sys.argv[1]), int(sys.argv[2])), "bytes")
    else:
        _serve(Path(sys.argv[1]))
