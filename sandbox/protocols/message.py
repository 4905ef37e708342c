"""What every protocol takes and gives: a request for a path, and an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Protocol

from sandbox.city import City


@dataclass(frozen=True)
class Request:
    """One HTTP request below a system's root: the rest of the path, the parameters, the headers in lower case."""

    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    root: str

    def number(self, name: str, default: int, most: int | None = None) -> int:
        """A whole number that is not negative, at most `most`; ValueError when it is anything else."""
        value = int(self.params.get(name) or default)
        if value < 0:
            raise ValueError(f"{name} must not be negative")
        return value if most is None else min(value, most)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class System(Protocol):
    """A department's system: it answers requests about the city of the day."""

    def answer(self, request: Request, city: City) -> Answer:
        """Answer one request; every refusal is an answer too, in the words of the protocol."""


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(body, "application/json; charset=utf-8", status, headers or {})


def as_file(request: Request, city: City, body: bytes, content_type: str) -> Answer:
    """A file of a web folder with ETag and Last-Modified; 304 when the reader holds the same bytes."""
    tag = f'"{sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Last-Modified": format_datetime(city.world.now, usegmt=True)}
    if request.headers.get("if-none-match") == tag:
        return Answer(b"", content_type, 304, headers)
    return Answer(body, content_type, 200, headers)


def not_found(request: Request) -> Answer:
    """Nothing lies at this path."""
    return as_json({"error": f"nothing at {request.path}"}, 404)
