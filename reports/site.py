"""Publishes the pages: a reader sees the whole site of before or the whole new one, and past runs never change."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reports.facts import ReportError
from reports.render import render_choice, render_today, scores_csv
from reports.words import LANGUAGES

RUNS = "runs"


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
    _write_edition(report, folder, f"../{RUNS}")
    _write_edition(report, frozen, "../..")
    _write_text(folder / "index.html", render_choice(report))
    return folder


def _write_edition(report: Mapping[str, Any], folder: Path, runs: str) -> None:
    """Write one whole edition; `runs` is where the folder of past runs lies, as seen from its pages."""
    for language in LANGUAGES:
        _write_text(folder / language / "index.html", render_today(report, language, runs))
    _write_text(folder / "report.json", json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    _write_text(folder / "scores.csv", scores_csv(report))


def _write_text(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
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
