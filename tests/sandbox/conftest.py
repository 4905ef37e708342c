"""A small city served on a free port, and the shortest way to ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandbox import SandboxServer, running

SEED, SCALE = 7, 0.2

Ask = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    with running(SEED, SCALE, 0) as started:
        yield started


@pytest.fixture
def ask(server: SandboxServer) -> Iterator[Ask]:
    """Ask the city of day 0; a test may move `server.day`, it is moved back."""
    with requests.Session() as session:

        def get(path: str, headers: dict[str, str] | None = None, **params: Any) -> requests.Response:
            return session.get(server.url + path, params=params, headers=headers, timeout=10)

        yield get
    server.day = 0
