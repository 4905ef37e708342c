from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractors import Delivery, FetchError, drops, fetch, files, folder

Fetched = Callable[..., Delivery]


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    place = tmp_path / "drop of files"
    place.mkdir()
    return place


def told(drop: Path) -> dict[str, Any]:
    return {"system": "folder", "url": drop.as_uri(), "glob": "*.csv", "format": "csv", "settle": 0}


def test_all_files_that_match_are_one_delivery_in_the_order_of_their_names(drop: Path, fetched: Fetched) -> None:
    for name in ("2026-10.csv", "2026-09.csv", "notes.txt", ".2026-11.csv", "2026-11.csv.part"):
        (drop / name).write_text(f"code\n{name}\n")
    delivery = fetched(**told(drop))
    assert [page.read_text() for page in delivery.pages] == ["code\n2026-09.csv\n", "code\n2026-10.csv\n"]
    assert delivery.receipt.layout.format == "csv"
    assert (drop / "2026-10.csv").exists()


def test_a_folder_without_a_file_is_a_delivery_that_did_not_come(drop: Path, fetched: Fetched) -> None:
    with pytest.raises(FetchError, match=r"no file matches '\*.csv' yet") as failure:
        fetched(**told(drop))
    assert failure.value.temporary


def test_a_folder_that_is_not_there_is_told(drop: Path, fetched: Fetched) -> None:
    with pytest.raises(FetchError, match="no such folder"):
        fetched(**told(drop / "nowhere"))


def test_a_link_out_of_the_folder_is_refused(drop: Path, tmp_path: Path, fetched: Fetched) -> None:
    (tmp_path / "secret.csv").write_text("code\n1\n")
    (drop / "a.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(FetchError, match="leads out of the folder"):
        fetched(**told(drop))


def test_a_file_that_is_still_being_written_is_left_for_later(
    drop: Path, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drop / "a.csv").write_text("code\n1\n")

    def slow(answer: object, *told: object) -> object:
        page = files.as_page(answer, *told)  # type: ignore[arg-type]
        with (drop / "a.csv").open("a") as file:
            file.write("2\n")
        return page

    monkeypatch.setattr(folder, "as_page", slow)
    with pytest.raises(FetchError, match="still being written") as failure:
        fetched(**told(drop))
    assert failure.value.temporary


def test_a_file_without_its_marker_is_left_and_nothing_is_taken_for_withdrawn(drop: Path, fetched: Fetched) -> None:
    for name in ("a.csv", "a.csv.ok", "b.csv"):
        (drop / name).write_text("code\n1\n")
    delivery = fetched(**told(drop), done="{name}.ok")
    assert [page.file for page in delivery.receipt.pages] == ["a.csv"]
    assert not delivery.receipt.complete_snapshot
    (drop / "b.csv.ok").touch()
    delivery = fetched(**told(drop), done="{name}.ok", delivery_id="20261026T114000Z")
    assert [page.file for page in delivery.receipt.pages] == ["a.csv", "b.csv"]
    assert delivery.receipt.complete_snapshot


def test_a_file_that_changed_a_moment_ago_is_looked_at_again(
    drop: Path, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drop / "a.csv").write_text("code\n1\n")
    waited: list[float] = []
    monkeypatch.setattr(drops, "sleep", waited.append)
    assert len(fetched(**{**told(drop), "settle": 30}).pages) == 1
    assert waited == [30]
    os.utime(drop / "a.csv", (1_700_000_000, 1_700_000_000))
    fetched(**{**told(drop), "settle": 30}, delivery_id="20261026T114000Z")
    assert waited == [30]


def test_a_file_that_goes_on_changing_is_left_and_nothing_is_taken_for_withdrawn(
    drop: Path, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drop / "a.csv").write_text("code\n1\n")

    def grow(seconds: float) -> None:
        with (drop / "a.csv").open("a") as file:
            file.write("2\n")

    monkeypatch.setattr(drops, "sleep", grow)
    with pytest.raises(FetchError, match="a.csv is not finished yet, nor is any other; it needs 30 s") as failure:
        fetched(**{**told(drop), "settle": 30})
    assert failure.value.temporary
    (drop / "b.csv").write_text("code\n1\n")
    delivery = fetched(**{**told(drop), "settle": 30})
    assert [page.file for page in delivery.receipt.pages] == ["b.csv"]
    assert not delivery.receipt.complete_snapshot


def test_a_drop_that_is_the_same_as_last_time_is_not_read_again(drop: Path, read_feed: Callable[..., Any]) -> None:
    (drop / "a.csv").write_text("code\n1\n")

    def get(number: int, validator: str | None, **changed: Any) -> Any:
        feed, delivery_id = read_feed(**{**told(drop), **changed}), f"2026102{number}T113000Z"
        zone = "America/Chicago"
        place = fetch("office__feed", feed, delivery_id, cursor=None, validator=validator, time_zone=zone)
        return Delivery.read(place).receipt

    first = get(1, None)
    again = get(2, first.validator)
    assert (again.not_modified, again.pages, again.validator) == (True, [], first.validator)
    assert not again.complete_snapshot
    # mended terms of the city file must reach files that lie there already
    assert not get(3, first.validator, header_row=2).not_modified
    (drop / "b.csv").write_text("code\n2\n")
    second = get(4, first.validator)
    assert (second.not_modified, len(second.pages)) == (False, 2)
    (drop / "b.csv").unlink()
    assert get(5, second.validator).validator == first.validator


def test_a_file_replaced_by_another_of_the_same_size_while_read_is_refused(
    drop: Path, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drop / "a.csv").write_text("code\n1\n")
    times = (drop / "a.csv").stat().st_atime_ns, (drop / "a.csv").stat().st_mtime_ns

    def replaced(answer: object, *told: object) -> object:
        page = files.as_page(answer, *told)  # type: ignore[arg-type]
        (drop / "new").write_text("code\n2\n")
        os.utime(drop / "new", ns=times)
        (drop / "new").rename(drop / "a.csv")
        return page

    monkeypatch.setattr(folder, "as_page", replaced)
    with pytest.raises(FetchError, match="changed while it was read"):
        fetched(**told(drop))


def test_a_file_over_the_limit_is_refused_before_it_is_read(drop: Path, fetched: Fetched) -> None:
    with (drop / "a.csv").open("wb") as file:
        file.truncate(2**20 + 1)
    with pytest.raises(FetchError, match="a.csv is over the limit of 1 MB") as failure:
        fetched(**told(drop), limit_mb=1)
    assert not failure.value.temporary


def test_files_of_different_encodings_each_say_their_own(drop: Path, read_feed: Callable[..., Any]) -> None:
    for name, encoding in {"a.csv": "utf-8", "b.csv": "gb18030", "c.csv": "utf-16"}.items():
        (drop / name).write_text("代码,名称\n1,路灯坏了\n", encoding=encoding)
    place = fetch("office__feed", read_feed(**told(drop)), "20261026T113000Z", cursor=None, time_zone="Asia/Shanghai")
    told_of = [(page.encoding, page.is_guess) for page in Delivery.read(place).receipt.pages]
    assert told_of == [("utf-8", False), ("gb18030", True), ("utf-16", False)]


def test_a_name_that_is_not_utf8_is_kept_in_text(drop: Path, fetched: Fetched) -> None:
    latin = drop / os.fsdecode(b"caf\xe9.csv")
    for file in (drop / "a.csv", latin):
        file.write_text("code\n1\n")
    delivery = fetched(**told(drop))
    assert [page.file for page in delivery.receipt.pages] == ["a.csv", r"caf\xe9.csv"]
    latin.write_bytes(b"\xe9" * 2**20 + b"1")
    with pytest.raises(FetchError, match=r"caf\\xe9.csv is over the limit"):
        fetched(**told(drop), limit_mb=1, delivery_id="20261026T114000Z")
    latin.unlink()
    latin.symlink_to("/etc/hostname")
    with pytest.raises(FetchError, match=r"caf\\xe9.csv leads out of the folder"):
        fetched(**told(drop), delivery_id="20261026T114000Z")
