"""Publishes the pages: a reader sees the whole site of before or the whole new one, and past runs never change."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reports import pdf
from reports.city_views.csv import csv_path, view_csv
from reports.facts import ReportError
from reports.pages.edition import FROZEN, RUNS
from reports.pages.page import Page
from reports.pages.site_map import frozen_pages, site_pages
from reports.pages.today import TodayPage
from reports.render import render, render_choice, report_text, scores_csv
from reports.tables import table_csv
from reports.words import LANGUAGES


def read_published(out: Path) -> dict[str, Any] | None:
    """Return the report that is published now, or None before the first."""
    place = out / "report.json"
    return json.loads(place.read_text(encoding="utf-8")) if place.exists() else None


def publish(report: Mapping[str, Any], out: Path) -> Path:
    """Write all pages into a new folder and let `out`, a symbolic link, point to it in one step.

    Past runs are carried over as hard links to the same bytes; the run's own pages are also kept frozen under
    `runs/<run_id>/`. A killed publication leaves a folder that nobody sees, which the next one removes.
    Raises ReportError where `out` is something else than a link of ours. Returns the address of the first page.
    """
    if out.exists() and not out.is_symlink():
        raise ReportError(f"{out}: is not the link that a report publishes; move it away and run the report again")
    out.parent.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        before = out.resolve() if out.is_symlink() else None
        finished = _write(report, out, before)
        link = out.parent / f".{out.name}.link"
        link.unlink(missing_ok=True)
        link.symlink_to(finished.name)
        link.replace(out)
        _forget(out, {finished, before})
    return out / "index.html"


def _write(report: Mapping[str, Any], out: Path, before: Path | None) -> Path:
    number = int(before.name.rpartition(".")[2]) + 1 if before else 1
    folder = out.parent / f".{out.name}.{number:06}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if before and (before / RUNS).exists():
        shutil.copytree(before / RUNS, folder / RUNS, copy_function=os.link)
    frozen = folder / RUNS / report["run"]["run_id"]
    shutil.rmtree(frozen, ignore_errors=True)
    _write_edition(report, folder, site_pages)
    _write_edition(report, frozen, frozen_pages)
    for view in (one for one in report["views"] if one["page"]):
        _write_text(folder / csv_path(view["slug"]), view_csv(view["page"]))
    _write_text(folder / "index.html", render_choice(report))
    _write_pdfs(report, [folder, frozen])
    return folder


def _write_pdfs(report: Mapping[str, Any], folders: list[Path]) -> None:
    """Write Today as a PDF in every language, the same file into each folder, where this system can make one."""
    for language in LANGUAGES if pdf.is_available() else ():
        made = pdf.as_pdf(render(TodayPage(report, language, FROZEN)))
        for folder in folders:
            _write_bytes(folder / language / pdf.NAME, made)


def _write_edition(report: Mapping[str, Any], folder: Path, pages: Callable[..., Iterable[Page]]) -> None:
    """Write one whole edition: its pages in every language, and the files that they lead to."""
    tables: set[str] = set()
    for language in LANGUAGES:
        for page in pages(report, language):
            _write_text(folder / language / page.path, render(page))
            tables.update(page.tables)
    for name in sorted(tables):
        _write_text(folder / "tables" / f"{name}.csv", table_csv(name, report))
    _write_text(folder / "report.json", report_text(report))
    _write_text(folder / "scores.csv", scores_csv(report))


def _write_text(place: Path, text: str) -> None:
    _write_bytes(place, text.encode())


def _write_bytes(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _forget(out: Path, keep: set[Path | None]) -> None:
    """Remove older folders; the one before stays for those who are reading it."""
    names = {place.name for place in keep if place}
    for folder in out.parent.glob(f".{out.name}.[0-9]*"):
        if folder.name not in names:
            shutil.rmtree(folder)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the right to publish here; another publication waits."""
    with (out.parent / f".{out.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
