from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from extractors import Delivery, FetchError, files, folder

Fetched = Callable[..., Delivery]


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    place = tmp_path / "drop of files"
    place.mkdir()
    return place


def told(drop: Path) -> dict[str, str]:
    return {"system": "folder", "url": drop.as_uri(), "glob": "*.csv", "format": "csv"}


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

    def slow(answer: object, layout: object) -> object:
        page = files.as_page(answer, layout)  # type: ignore[arg-type]
        with (drop / "a.csv").open("a") as file:
            file.write("2\n")
        return page

    monkeypatch.setattr(folder, "as_page", slow)
    with pytest.raises(FetchError, match="still being written") as failure:
        fetched(**told(drop))
    assert failure.value.temporary
