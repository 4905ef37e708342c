"""A department whose every record is known, served by a server on this machine as a Socrata portal and as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from tests.extractors.little_portal import queried
from tests.extractors.little_server import Call, LittleServer, Reply

Row = dict[str, Any]


def request(number: int, changed: str, **changes: Any) -> Row:
    """Return a good service request as the department sends it; None leaves a field out."""
    row = {
        "id": f"R{number:06}", "opened": "2026-10-20T08:00:00-05:00", "changed": changed, "status": "open",
        "kind": "pothole", "area": "1", "phone": "+1 312 555 0100", **changes,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def lamp(number: int, **changes: Any) -> Row:
    """Return a good lamp post as the department sends it."""
    row = {"id": f"L{number}", "name": f"post {number}", "base": "false", "lat": "41.1", "lon": "-87.1", **changes}
    return {name: value for name, value in row.items() if value is not None}


@dataclass
class Department:
    """What the department has at the moment, and how it answers."""

    server: LittleServer
    requests: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)

    def answer(self, call: Call) -> Reply:
        """Answer a question as a portal does; `/posts.json` is a whole file."""
        if call.path == "/posts.json":
            return Reply(self.posts)
        return Reply(queried(_identified(self.requests), call.params))


def _identified(rows: list[Row]) -> list[Row]:
    """Return rows with the identifier of their own that a portal gives each, also to copies."""
    came: Counter[str] = Counter()
    identified = []
    for row in rows:
        came[row["id"]] += 1
        identified.append({":id": f"row-{row['id']}-{came[row['id']]}", **row})
    return identified


@contextmanager
def served() -> Iterator[Department]:
    """Serve a department without records yet."""
    server = LittleServer()
    department = Department(server)
    server.answer = department.answer
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield department
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
