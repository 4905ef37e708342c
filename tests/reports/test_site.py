from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from reports import ReportError, site
from reports.pages.today import TodayPage
from tests.reports.morning import Morning


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(place for place in folder.rglob("*") if place.is_file())
    return {str(place.relative_to(folder)): hashlib.sha256(place.read_bytes()).hexdigest() for place in files}


def test_a_killed_publication_leaves_the_former_site_whole(morning: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(morning.publish())
    morning.run_id = "20261124T114200Z"

    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(site, "scores_csv", killed)
    with pytest.raises(KeyboardInterrupt):
        morning.publish()
    assert fingerprint(morning.out) == before
    monkeypatch.undo()
    morning.publish()
    assert (morning.out / "runs" / "20261124T114200Z" / "zh" / "index.html").is_file()


def test_past_runs_stay_as_they_were_to_the_byte(morning: Morning) -> None:
    first = morning.publish() / "runs" / morning.run_id
    before = fingerprint(first)
    pages = {f"{language}/{page}.html" for language in ("en", "zh") for page in ("index", f"runs/{morning.run_id}")}
    tables = {f"tables/{name}.csv" for name in TodayPage.tables}
    assert set(before) == {*pages, "report.json", "scores.csv", *tables}
    morning.run_id = "20261124T114200Z"
    morning.missing("police__calls")
    morning.publish()
    assert fingerprint(first) == before
    page = (morning.out / "en" / "index.html").read_text(encoding="utf-8")
    assert "../runs/20261123T114200Z/en/index.html" in page


def test_a_retried_run_replaces_its_own_report_and_keeps_its_predecessor(morning: Morning) -> None:
    morning.publish()
    morning.run_id = "20261124T114200Z"
    morning.publish()
    before = fingerprint(morning.out)
    morning.publish()
    assert fingerprint(morning.out) == before
    assert morning.report()["run"]["previous_run_id"] == "20261123T114200Z"


def test_only_the_former_site_is_kept_beside_the_new_one(morning: Morning) -> None:
    for number in range(4):
        morning.run_id = f"run-{number}"
        morning.publish()
    kept = [place for place in morning.folder.glob(".site.*") if place.is_dir()]
    assert len(kept) == 2


def test_a_folder_that_is_not_ours_is_never_replaced(morning: Morning) -> None:
    morning.out.mkdir()
    (morning.out / "someone's.txt").write_text("mine")
    with pytest.raises(ReportError, match="move it away"):
        morning.publish()
    assert (morning.out / "someone's.txt").read_text() == "mine"


def test_a_run_id_of_airflow_becomes_a_folder_name_without_leaving_the_site(morning: Morning) -> None:
    morning.run_id = "../scheduled__2026-11-23T11:42:00+00:00"
    assert [place.name for place in (morning.publish() / "runs").iterdir()] == ["scheduled__2026-11-23T11-42-00-00-00"]


def test_the_same_facts_give_the_same_pages(morning: Morning, tmp_path: Path) -> None:
    again = Morning(tmp_path / "again")
    assert fingerprint(morning.publish()) == fingerprint(again.publish())
