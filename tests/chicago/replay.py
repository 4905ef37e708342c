"""Replays Chicago's public records through the protocols that its portal speaks: SODA, Open311 and plain files."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import duckdb

DATA_SETS = {
    "me59-5fac": "sanitation_complaints_snapshot_2014-11-10.csv.gz",
    "ijzp-q8t2": "crimes_burglary_2011-07_2014-11.csv.gz",
    "4ijn-s7e5": "food_inspections_2011-09_2014-12.csv.gz",
}
RENAMED = {"License": "license_"}
"""The portal's own names where the file's column differs by more than case."""

DEFAULT_LIMIT = 1000


class Portal:
    """The data sets as SODA tables: text, in the file's order, days as floating timestamps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = duckdb.connect()
        self.lock = threading.Lock()
        self.asked: list[str] = []
        for data_set, file in DATA_SETS.items():
            self._read(data_set, folder / file)

    def _read(self, data_set: str, file: Path) -> None:
        raw = self.database.read_csv(str(file), all_varchar=True)
        columns = ", ".join(_as_soda(name) for name in raw.columns)
        self.database.execute(f'CREATE TABLE "{data_set}" AS SELECT {columns}, row_number() OVER () AS _id FROM raw')

    def answer(self, data_set: str, options: dict[str, str]) -> bytes:
        """Answer a SODA 2.1 query; nulls are left out of the objects."""
        where = f" WHERE {options['$where']}".replace(":id", "_id") if "$where" in options else ""
        with self.lock:
            if options.get("$select", "").lower().startswith("count("):
                row = self.database.execute(f'SELECT count(*) FROM "{data_set}"{where}').fetchone()
                assert row is not None
                return json.dumps([{"count": str(row[0])}]).encode()
            order = options.get("$order", ":id").replace(":id", "_id")
            chosen = "* EXCLUDE _id" if options.get("$select") != ":id" else '_id AS ":id"'
            found = self.database.execute(
                f'SELECT {chosen} FROM "{data_set}"{where} ORDER BY {order}, _id '
                f"LIMIT {int(options.get('$limit', DEFAULT_LIMIT))} OFFSET {int(options.get('$offset', 0))}"
            )
            names = [column[0] for column in found.description or []]
            rows = found.fetchall()
        return json.dumps(
            [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in rows]
        ).encode()


def _as_soda(name: str) -> str:
    soda = RENAMED.get(name, name.lower())
    day = f"""CASE WHEN regexp_full_match("{name}", '\\d{{4}}-\\d\\d-\\d\\d') THEN "{name}" || 'T00:00:00.000'
        ELSE "{name}" END"""
    if name in ("Arrest", "Domestic"):
        return f'"{name}" = \'True\' AS {soda}'
    return f'{day if "Date" in name or name == "Updated_On" else chr(34) + name + chr(34)} AS "{soda}"'


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, Portal]]:
    """Serve the portal on a free loopback port; yields its address and the portal."""
    portal = Portal(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            options = {name: values[0] for name, values in parse_qs(address.query).items()}
            portal.asked.append(self.path)
            name = address.path.rsplit("/", 1)[-1]
            if name.removesuffix(".json") in DATA_SETS:
                body = portal.answer(name.removesuffix(".json"), options)
            elif name == "igwz-8jzy.geojson":
                body = (folder / "community_areas_converted.geojson").read_bytes()
            elif name == "requests.json":
                records = json.loads((folder / "open311_requests_extended.json").read_text())
                size, page = int(options.get("page_size", 50)), int(options.get("page", 1))
                body = json.dumps(records[(page - 1) * size : page * size]).encode()
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", portal
    finally:
        server.shutdown()
        server.server_close()
