from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lake import LakeUnreachable, connect, lake_place

ADDRESS = "postgresql://clerk:geheim@127.0.0.1:1/lake"


def test_a_lake_lies_under_the_home_unless_told(lake_home: Path) -> None:
    place = lake_place()
    assert place.attach_target == f"ducklake:sqlite:{lake_home}/lake/catalogue.sqlite"
    assert place.data == f"{lake_home}/lake/data/"
    assert place.extensions == ["ducklake", "sqlite_scanner"]


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_shared_lake_is_attached_through_postgresql(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICLAKE_CATALOGUE", f"{scheme}://clerk@db/lake")
    monkeypatch.setenv("CIVICLAKE_DATA", "s3://lake/data/")
    place = lake_place()
    assert place.attach_target == f"ducklake:postgres:{scheme}://clerk@db/lake"
    assert place.extensions == ["ducklake", "postgres_scanner", "httpfs"]


def test_a_message_loses_the_password_of_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICLAKE_CATALOGUE", ADDRESS)
    told = lake_place().without_password(f'Unable to connect to "{ADDRESS}": refused')
    assert told == 'Unable to connect to "postgresql://clerk@127.0.0.1:1/lake": refused'


def test_a_catalogue_that_does_not_answer_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICLAKE_CATALOGUE", ADDRESS)
    with pytest.raises(LakeUnreachable, match="the lake cannot be opened: .*refused") as failure, connect():
        pass
    assert "geheim" not in str(failure.value)


@pytest.mark.parametrize(
    ("address", "said", "shown"),
    [
        ("postgresql://h/db?user=u&password=geheim", 'bad "{}"', 'bad "postgresql://h/db?user=u&password=…"'),
        ("postgresql://u:in/ge@heim@h/db", 'bad "{}"', 'bad "postgresql://u@h/db"'),
        ("postgresql://u:in@geheim@h/db", "no host geheim@h", "no host …@h"),
        ("postgresql://u:ge%40heim@h/db", "refused: ge@heim", "refused: …"),
    ],
    ids=["in the query", "with a slash", "its tail for a host", "unquoted"],
)
def test_no_part_of_a_password_is_told(
    monkeypatch: pytest.MonkeyPatch, address: str, said: str, shown: str
) -> None:
    monkeypatch.setenv("CIVICLAKE_CATALOGUE", address)
    assert lake_place().without_password(said.format(address)) == shown


def test_a_store_setting_that_is_no_choice_shows_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"S3_KEY_ID": "clerk", "S3_SECRET": "geheim", "S3_USE_SSL": "yes", "DATA": "s3://lake/data/"}
    for name, value in {**settings, "CATALOGUE": f"sqlite:{tmp_path}/lake"}.items():
        monkeypatch.setenv(f"CIVICLAKE_{name}", value)
    with pytest.raises(LakeUnreachable, match="CIVICLAKE_S3_USE_SSL is 'yes'; set it to true or false"), connect():
        pass


@pytest.mark.parametrize("catalogue", ["postgresql"], indirect=True)
def test_a_shared_lake_whose_files_lie_elsewhere_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, catalogue: str
) -> None:
    """Two machines that mean different folders would each miss the other's files."""
    for folder in ("data", "data/"):
        monkeypatch.setenv("CIVICLAKE_DATA", f"{tmp_path}/{folder}")
        with connect():
            pass
    monkeypatch.setenv("CIVICLAKE_DATA", f"{tmp_path}/elsewhere")
    with pytest.raises(LakeUnreachable, match="does not match existing data path"), connect():
        pass


def test_an_embedded_lake_may_move(tmp_path: Path, lake_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect() as connection:
        connection.execute("CREATE TABLE numbers AS FROM range(1000)")
    shutil.copytree(lake_home, tmp_path / "moved")
    shutil.rmtree(lake_home)
    monkeypatch.setenv("CIVICLAKE_HOME", str(tmp_path / "moved"))
    with connect() as connection:
        assert connection.execute("SELECT sum(range) FROM numbers").fetchone() == (499_500,)
