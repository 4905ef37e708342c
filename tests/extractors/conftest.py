"""A small server that misbehaves as it is told, little patience, and feeds of few words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from cities import Feed
from extractors import Delivery, fetch, session
from extractors.session import Patience
from tests.extractors.little_server import LittleServer, serving

DELIVERY = "20261026T113000Z"


@pytest.fixture(autouse=True)
def morning(lake_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it 06:30 on 26 October, without a proxy between."""
    monkeypatch.setenv("CIVICLAKE_NOW", "2026-10-26T06:30:00-05:00")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[LittleServer]:
    with serving() as started:
        yield started


@pytest.fixture
def other_server() -> Iterator[LittleServer]:
    with serving() as started:
        yield started


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> Patience:
    patience = Patience(connect=2, silence=5, answer=10, attempts=3, first_wait=0.01, longest_wait=1)
    monkeypatch.setattr(session, "PATIENCE", patience)
    return patience


@pytest.fixture
def read_feed() -> Callable[..., Any]:
    """Reads a feed from the few keys that a test is about."""

    def read(**told: Any) -> Any:
        terms = {"title": {"en": "Feed"}, "contract": "any", "due": "06:30", "fields": {}}
        return TypeAdapter(Feed).validate_python({**terms, **told})

    return read


@pytest.fixture
def fetched(read_feed: Callable[..., Any]) -> Callable[..., Delivery]:
    """Fetches a feed of few words and opens its delivery."""

    def get(
        cursor_at: str | None = None,
        window: Any = None,
        delivery_id: str = DELIVERY,
        known_by: str | None = None,
        **told: Any,
    ) -> Delivery:
        place = fetch(
            "office__feed",
            read_feed(**told),
            delivery_id,
            cursor=cursor_at,
            validator=known_by,
            window=window,
            time_zone="America/Chicago",
        )
        return Delivery.read(place)

    return get
