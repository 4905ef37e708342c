from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest

from extractors import Delivery, FetchError, drops, fetch, sftp
from tests.extractors.conftest import DELIVERY
from tests.extractors.little_sftp import PASSWORD, LittleSftp

Fetched = Callable[..., Delivery]
LARGE = b"code,text\n" + b"".join(b"%d,%s\n" % (at, b"x" * 90) for at in range(30_000))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LittleSftp]:
    (tmp_path / "served" / "out").mkdir(parents=True)
    server = LittleSftp(tmp_path / "served")
    yield server
    server.close()


@pytest.fixture
def drop(server: LittleSftp) -> Path:
    return server.folder / "out"


@pytest.fixture
def told(server: LittleSftp, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("LAKE_SFTP", PASSWORD)
    return {
        "system": "sftp", "url": server.url, "glob": "*.csv", "format": "csv", "settle": 0,
        "host_key": server.fingerprint, "password_env": "LAKE_SFTP",
    }  # fmt: skip


def test_only_finished_files_come_in_the_order_of_their_names(
    drop: Path, told: dict[str, Any], fetched: Fetched, tmp_path: Path
) -> None:
    for name in ("b.csv", "a.csv", ".c.csv", "d.csv.part", "e.csv.filepart", "notes.txt"):
        (drop / name).write_text(f"code\n{name}\n")
    (drop / "folder.csv").mkdir()
    (tmp_path / "elsewhere.csv").write_text("code\n1\n")
    (drop / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    delivery = fetched(**told)
    assert [page.read_text() for page in delivery.pages] == ["code\na.csv\n", "code\nb.csv\n"]
    assert [page.file for page in delivery.receipt.pages] == ["a.csv", "b.csv"]
    assert delivery.receipt.complete_snapshot
    assert (drop / "a.csv").exists()


def test_a_file_without_its_marker_is_left_and_then_nothing_is_taken_for_withdrawn(
    drop: Path, told: dict[str, Any], fetched: Fetched
) -> None:
    for name in ("a.csv", "a.csv.ok", "b.csv"):
        (drop / name).write_text("code\n1\n")
    delivery = fetched(**told, done="{name}.ok")
    assert [page.file for page in delivery.receipt.pages] == ["a.csv"]
    assert not delivery.receipt.complete_snapshot
    with pytest.raises(FetchError, match=r"b.csv is not finished yet.*marker file '\{name\}.ok' beside it") as failure:
        fetched(**{**told, "glob": "b*.csv"}, done="{name}.ok", delivery_id="20261026T114000Z")
    assert failure.value.temporary


def test_a_file_that_goes_on_changing_is_left_for_later(
    drop: Path, told: dict[str, Any], fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drop / "a.csv").write_text("code\n1\n")
    monkeypatch.setattr(drops, "sleep", lambda seconds: (drop / "a.csv").write_text("code\n1\n2\n"))
    with pytest.raises(FetchError, match="a.csv is not finished yet") as failure:
        fetched(**{**told, "settle": 30})
    assert failure.value.temporary
    monkeypatch.setattr(drops, "sleep", lambda seconds: None)
    assert len(fetched(**{**told, "settle": 30}).pages) == 1


def test_another_server_is_told_nothing(drop: Path, told: dict[str, Any], server: LittleSftp, fetched: Fetched) -> None:
    (drop / "a.csv").write_text("code\n1\n")
    other = paramiko.ECDSAKey.generate().fingerprint
    with pytest.raises(FetchError, match="which is not the feed's host_key") as failure:
        fetched(**{**told, "host_key": other})
    assert server.fingerprint in str(failure.value)
    assert (server.logins, failure.value.temporary) == (0, False)
    assert len(fetched(**{**told, "host_key": [other, server.fingerprint]}).pages) == 1


def test_a_wrong_password_is_told_without_it(
    told: dict[str, Any], fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKE_SFTP", "hunter2")
    with pytest.raises(FetchError, match="lake is not let in; check what the variable LAKE_SFTP holds") as failure:
        fetched(**told)
    assert "hunter2" not in str(failure.value)
    assert not failure.value.temporary
    monkeypatch.delenv("LAKE_SFTP")
    with pytest.raises(FetchError, match="the environment variable LAKE_SFTP is not set"):
        fetched(**told)


@pytest.mark.parametrize("passphrase", [None, "open sesame"])
def test_a_private_key_opens_the_door_by_its_text_or_its_file(
    drop: Path, told: dict[str, Any], server: LittleSftp, fetched: Fetched, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, passphrase: str | None,
) -> None:  # fmt: skip
    (drop / "a.csv").write_text("code\n1\n")
    server.user_key = paramiko.ECDSAKey.generate()
    server.user_key.write_private_key_file(str(tmp_path / "key"), password=passphrase)
    keyed = {name: value for name, value in told.items() if name != "password_env"} | {"key_env": "LAKE_KEY"}
    if passphrase:
        monkeypatch.setenv("LAKE_PASSPHRASE", passphrase)
        keyed["password_env"] = "LAKE_PASSPHRASE"
    for number, held in enumerate((str(tmp_path / "key"), (tmp_path / "key").read_text())):
        monkeypatch.setenv("LAKE_KEY", held)
        assert len(fetched(**keyed, delivery_id=f"20261026T11000{number}Z").pages) == 1
    monkeypatch.setenv("LAKE_KEY", "-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense")
    with pytest.raises(FetchError, match="LAKE_KEY: no private key") as failure:
        fetched(**keyed)
    assert "nonsense" not in str(failure.value)


# the library's own thread, which asks ahead, ends with a connection that is gone
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("after", [0, 1, 40_000, 1_500_000])
def test_a_connection_lost_in_the_middle_leaves_nothing_and_the_next_fetch_is_whole(
    drop: Path, told: dict[str, Any], server: LittleSftp, fetched: Fetched, lake_home: Path, after: int
) -> None:
    (drop / "a.csv").write_bytes(LARGE)
    server.hang_up_after = after
    with pytest.raises(FetchError, match="cannot be reached or hung up") as failure:
        fetched(**told)
    assert failure.value.temporary
    assert list((lake_home / "deliveries" / "office__feed").iterdir()) == []
    assert fetched(**told).pages[0].read_bytes() == LARGE


def test_a_file_that_grows_while_it_is_read_is_left_for_later(
    drop: Path, told: dict[str, Any], server: LittleSftp, fetched: Fetched
) -> None:
    (drop / "a.csv").write_bytes(LARGE)

    def grow(path: Path) -> None:
        with path.open("ab") as file:
            file.write(b"30000,late\n")

    server.on_open = grow
    with pytest.raises(FetchError, match="still being written") as failure:
        fetched(**told)
    assert failure.value.temporary
    server.on_open = lambda path: None
    assert fetched(**told).pages[0].read_bytes().endswith(b"30000,late\n")


def test_a_drop_that_is_the_same_as_last_time_is_not_read_again(
    drop: Path, told: dict[str, Any], server: LittleSftp, read_feed: Callable[..., Any]
) -> None:
    (drop / "a.csv").write_bytes(LARGE)

    def get(delivery_id: str, validator: str | None, **changed: Any) -> Any:
        feed = read_feed(**{**told, **changed})
        zone = "America/Chicago"
        return Delivery.read(
            fetch("office__feed", feed, delivery_id, cursor=None, validator=validator, time_zone=zone)
        ).receipt

    first = get(DELIVERY, None)
    read = server.sent
    again = get("20261027T113000Z", first.validator)
    assert (again.not_modified, again.pages, again.validator) == (True, [], first.validator)
    assert not again.complete_snapshot
    assert server.sent == read
    assert not get("20261028T113000Z", first.validator, delimiter=";").not_modified
    os.utime(drop / "a.csv", (1_700_000_000, 1_700_000_000))
    changed = get("20261029T113000Z", first.validator)
    assert (changed.not_modified, len(changed.pages)) == (False, 1)


def test_a_folder_that_is_not_there_or_empty_is_told(told: dict[str, Any], fetched: Fetched) -> None:
    with pytest.raises(FetchError, match=r"no file matches '\*.csv' yet"):
        fetched(**told)
    with pytest.raises(FetchError, match="no such folder") as failure:
        fetched(**{**told, "url": told["url"] + "/nowhere"})
    assert failure.value.temporary


def test_a_name_that_is_not_utf8_is_told(drop: Path, told: dict[str, Any], fetched: Fetched) -> None:
    (drop / "a.csv").write_text("code\n1\n")
    (drop / os.fsdecode("报表.csv".encode("gb18030"))).write_text("code\n2\n")
    with pytest.raises(FetchError, match="/out: the server writes a name that is not UTF-8"):
        fetched(**told)


def test_a_folder_may_lie_in_the_home_of_the_user(drop: Path, told: dict[str, Any], fetched: Fetched) -> None:
    (drop / "a.csv").write_text("code\n1\n")
    assert len(fetched(**{**told, "url": told["url"].replace("/out", "/~/out")}).pages) == 1


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    drop: Path, told: dict[str, Any], server: LittleSftp, fetched: Fetched
) -> None:
    (drop / "a.csv").write_bytes(LARGE)
    with pytest.raises(FetchError, match="over the limit of 1 MB"):
        fetched(**told, limit_mb=1)
    assert server.sent == 0


@pytest.mark.parametrize("url", ["sftp://lake:secret@host/out", "sftp://host/out", "ftp://lake@host/out"])
def test_an_address_that_cannot_be_used_is_told_without_its_password(
    told: dict[str, Any], fetched: Fetched, url: str
) -> None:
    with pytest.raises(FetchError, match="write an SFTP server's url as") as failure:
        fetched(**{**told, "url": url})
    assert "secret" not in str(failure.value)


def test_a_server_that_is_away_or_silent_is_waited_for_no_longer_than_agreed(
    told: dict[str, Any], fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp, "PATIENCE", sftp.Patience(connect=1, silence=0.3))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(FetchError, match="cannot be reached or hung up") as failure:
            fetched(**{**told, "url": f"sftp://lake@127.0.0.1:{port}/out"})
    assert failure.value.temporary
    with pytest.raises(FetchError, match="cannot be reached or hung up"):
        fetched(**{**told, "url": f"sftp://lake@127.0.0.1:{port}/out"})


def test_nothing_of_the_users_home_is_looked_at(
    drop: Path, told: dict[str, Any], fetched: Fetched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drop / "a.csv").write_text("code\n1\n")
    home = tmp_path / "user"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ecdsa").write_text("no key at all")
    (home / ".ssh" / "known_hosts").write_text("no host at all")
    (home / ".ssh").chmod(0)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "no-agent"))
    assert len(fetched(**told).pages) == 1
