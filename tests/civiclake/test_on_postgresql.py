"""The same morning on a laptop's SQLite and on PostgreSQL, lake and finance department both: the same marts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from tests.postgresql import new_database
from tests.story.office import Office

MORNING = ("demo", "--scale", "0.1")
SHARED = {"CIVICLAKE_PSEUDONYM_KEY": "of-both-offices", "CIVICLAKE_CITY": "sandbox"}
PASSWORD = "open-sesame"


@dataclass(frozen=True)
class SetOffice(Office):
    """An office with settings of its own."""

    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | SHARED | self.settings


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetOffice]:
    with new_database() as catalogue, new_database() as finance:
        settings = {
            "CIVICLAKE_CATALOGUE": catalogue.replace("root@", f"root:{PASSWORD}@"),
            "CIVICLAKE_SANDBOX_FINANCE": finance,
        }
        yield SetOffice(tmp_path_factory.mktemp("on_postgresql"), settings)


@pytest.fixture(scope="module")
def mornings(on_postgresql: SetOffice, tmp_path_factory: pytest.TempPathFactory) -> tuple[SetOffice, SetOffice]:
    """Both offices after the same morning, run side by side."""
    offices = SetOffice(tmp_path_factory.mktemp("on_sqlite")), on_postgresql
    for morning in [office.start(*MORNING) for office in offices]:
        _, said = morning.communicate(timeout=1200)
        assert morning.returncode == 0, said
        assert "finance__payments: load done" in said and "build done" in said
    return offices


def test_every_mart_is_the_same(mornings: tuple[SetOffice, SetOffice]) -> None:
    on_sqlite, on_postgresql = (office.marts() for office in mornings)
    assert on_sqlite.keys() == on_postgresql.keys()
    assert [mart for mart, rows in on_sqlite.items() if rows != on_postgresql[mart]] == []
    assert sum(map(len, on_sqlite.values())) > 1000


def test_the_postgresql_office_left_no_sqlite_file_of_lake_or_finance(mornings: tuple[SetOffice, SetOffice]) -> None:
    on_sqlite, on_postgresql = mornings
    files = ("lake/catalogue.sqlite", "sandbox/finance.db")
    assert [(on_sqlite.home / name).exists() for name in files] == [True, True]
    assert [(on_postgresql.home / name).exists() for name in files] == [False, False]
    with psycopg.connect(on_postgresql.settings["CIVICLAKE_CATALOGUE"]) as catalogue:
        tables = catalogue.execute("SELECT count(*) FROM ducklake_table WHERE end_snapshot IS NULL").fetchone()
    assert tables is not None and tables[0] > 20


def test_the_password_of_the_catalogue_is_in_no_file(mornings: tuple[SetOffice, SetOffice]) -> None:
    """Tasks log their environment readily."""
    home = mornings[1].home
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []
