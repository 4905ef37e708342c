"""The department and the office that most faults befall."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.books import assert_sound
from tests.faults.department import Department, served
from tests.faults.kills import fork_server
from tests.faults.office import Office


@pytest.fixture(scope="module")
def forks() -> Iterator[None]:
    """A server that gives a test new processes in which everything heavy is imported already."""
    with fork_server():
        yield


@pytest.fixture
def department() -> Iterator[Department]:
    """A department without records yet."""
    with served() as department:
        yield department


@pytest.fixture
def office(tmp_path: Path, department: Department) -> Iterator[Office]:
    """An office whose books are sound when the test has ended."""
    office = Office.opened(tmp_path, department)
    yield office
    assert_sound(office.ask, office.home)
