"""The same morning on a laptop's files and on production's servers: the same marts.

The servers are PostgreSQL, for the lake's catalogue and the finance department's books, and an S3 store for its data.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from cities import read_city
from tests.faults import object_store
from tests.mornings import SMALL, after_first_morning
from tests.postgresql import new_database
from tests.story.office import Office

PASSWORD = "simsalabim"


@dataclass(frozen=True)
class SetOffice(Office):
    """An office with settings of its own."""

    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | self.settings


@pytest.fixture(scope="module")
def on_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetOffice]:
    folder = tmp_path_factory.mktemp("store")
    with new_database() as catalogue, new_database() as finance, object_store.running(folder) as store:
        settings = store.settings | {
            "CIVICLAKE_CATALOGUE": catalogue.replace("root@", f"root:{PASSWORD}@"),
            "CIVICLAKE_SANDBOX_FINANCE": finance,
        }
        yield SetOffice(tmp_path_factory.mktemp("on_servers"), settings)


@pytest.fixture(scope="module")
def mornings(on_servers: SetOffice, tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, SetOffice]:
    """Both offices after the same morning."""
    on_files = Office(after_first_morning(tmp_path_factory, tmp_path_factory.mktemp("on_files") / "home"))
    (on_servers.home / "secrets").mkdir()
    for key in (on_files.home / "secrets").iterdir():
        shutil.copy2(key, on_servers.home / "secrets")
    morning = on_servers.do(*SMALL)
    assert morning.returncode == 0, morning.stderr
    assert "finance__payments: load done" in morning.stderr and "build done" in morning.stderr
    return on_files, on_servers


def test_every_mart_is_the_same(mornings: tuple[Office, SetOffice]) -> None:
    on_files, on_servers = (office.marts_in_any_order_of_loads() for office in mornings)
    assert on_files.keys() == on_servers.keys()
    assert [mart for mart, rows in on_files.items() if rows != on_servers[mart]] == []
    assert sum(map(len, on_files.values())) > 1000


def test_the_ledger_is_the_same(mornings: tuple[Office, SetOffice]) -> None:
    ledger = """SELECT feed, delivery_id, verdict, received, accepted, unchanged, duplicate, set_aside FROM ops.delivery
        ORDER BY ALL"""
    on_files, on_servers = (office.ask(ledger) for office in mornings)
    assert on_servers == on_files
    assert len(on_files) == len(read_city("sandbox").feeds)


def test_nothing_of_lake_or_finance_lies_in_the_home_of_the_office_on_servers(
    mornings: tuple[Office, SetOffice],
) -> None:
    files = ("lake/catalogue.sqlite", "lake/data", "sandbox/finance.db")
    assert [[(office.home / name).exists() for name in files] for office in mornings] == [[True] * 3, [False] * 3]
    with psycopg.connect(mornings[1].settings["CIVICLAKE_CATALOGUE"]) as catalogue:
        tables = catalogue.execute("SELECT count(*) FROM ducklake_table WHERE end_snapshot IS NULL").fetchone()
    assert tables is not None and tables[0] > 20


def test_no_password_is_in_any_file(mornings: tuple[Office, SetOffice]) -> None:
    """Tasks log their environment readily."""
    home = mornings[1].home
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    secrets = [PASSWORD.encode(), object_store.KEYS["AWS_SECRET_ACCESS_KEY"].encode()]
    assert [path for path in files if any(secret in path.read_bytes() for secret in secrets)] == []
