"""`civiclake explain`: rows on standard output that sum, remarks on standard error, exit codes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from civiclake.cli import commands
from lake import published_file
from tests.reports.metrics.requests import Request, publish

Run = Callable[..., Result]
DUE, CLOSED = "due_on_time_share", "closed_on_time_share"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command over published requests: seven of the streets, one of them a duplicate, and one of the parks."""
    monkeypatch.setenv("CIVICLAKE_HOME", str(tmp_path))
    monkeypatch.setenv("CIVICLAKE_CITY", "sandbox")
    published_file().parent.mkdir()
    publish(published_file().parent, [
        Request(due=30, closed=20), Request(due=30, closed=30), Request(due=30, closed=60), Request(due=30),
        Request(due=90, closed=80), Request(due=40), Request(due=30, closed=20, counting_class="duplicate"),
        Request(due=30, closed=31, department="parks", area="2"),
    ])  # fmt: skip
    return lambda *words: CliRunner().invoke(commands, ["explain", *words])


def test_the_parts_shown_sum_to_the_difference_shown(run: Run) -> None:
    told = run(DUE, "--b", CLOSED, "-o", "json")
    rows = json.loads(told.stdout)
    assert told.exit_code == 0 and "none is preferred" in told.stderr
    assert [row["kind"] for row in rows] == ["figure", "cause", "cause", "figure", "difference"]
    first, *causes, last, difference = rows
    assert (first["what"], first["records"], first["figure"], first["exact"]) == (DUE, 7, "0.4286", "3/7")
    assert (last["what"], last["records"], last["figure"], last["exact"]) == (CLOSED, 5, "0.6000", "3/5")
    assert difference["figure"] == "+0.1714"
    assert round(sum(float(row["figure"]) for row in causes), 4) == float(difference["figure"])
    assert sum(Fraction(row["exact"]) for row in causes) == Fraction(3, 5) - Fraction(3, 7)
    assert [(row["what"], row["from"], row["to"], row["records"]) for row in causes] == [
        ("Day", "by the day of the deadline", "by the day of closing", 0),
        ("Open late requests", "stay in", "left out", 2),
    ]


def test_a_table_is_for_people_and_csv_has_the_exact_parts(run: Run) -> None:
    table = run(DUE, "--a", DUE, "--b", CLOSED).stdout
    assert "Open late requests" in table and "+0.1714" in table and "3/5" not in table
    rows = list(csv.reader(io.StringIO(run(DUE, "--b", CLOSED, "-o", "csv").stdout)))
    assert rows[0] == ["kind", "what", "from", "to", "records", "figure", "exact"]
    assert rows[-1] == ["difference", "", "", "", "", "+0.1714", "6/35"]


def test_without_a_second_variant_all_are_listed(run: Run) -> None:
    rows = json.loads(run(CLOSED, "-o", "json").stdout)
    assert [(row["variant"], row["records"], row["figure"]) for row in rows[:3]] == [
        (DUE, 7, "0.4286"), ("strict_on_time_share", 7, "0.4286"), (CLOSED, 5, "0.6000"),
    ]  # fmt: skip
    assert rows[0]["meaning"].startswith("Of the requests whose deadline fell in the period")


def test_days_an_area_and_a_department_can_be_chosen(run: Run) -> None:
    rows = json.loads(run(DUE, "--to", "2026-11-02", "--area", "1", "--department", "streets", "-o", "json").stdout)
    assert (rows[0]["records"], rows[0]["figure"]) == (4, "0.5000")
    rows = json.loads(run(DUE, "--from", "2026-11-03", "-o", "json").stdout)
    assert (rows[0]["records"], rows[0]["figure"]) == (2, "0.5000")


def test_too_few_is_said_and_ends_with_1(run: Run) -> None:
    told = run("median_minutes_to_close", "--b", "median_minutes_to_close_with_internal", "-o", "json")
    assert told.exit_code == 1
    assert [row["figure"] for row in json.loads(told.stdout)] == ["too few", "too few"]
    assert told.stderr.startswith("too few: median_minutes_to_close rests on 5 records here, and is told from 30 on")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("due_on_tim_share",), "no metric 'due_on_tim_share'; did you mean due_on_time_share?"),
        (("quality_score",), "'quality_score' has no variants told by rules; these have: "),
        ((DUE, "--b", "closed_on_time_shar"), "'due_on_time_share' has no variant 'closed_on_time_shar'; did you mean"),
        ((DUE, "--b", "median_minutes_to_close"), "'due_on_time_share' has no variant 'median_minutes_to_close'; "),
        ((DUE, "--from", "2026-11-03", "--to", "2026-11-02"), "no day lies between 2026-11-03 and 2026-11-02"),
        (("median_response_minutes", "--b", "x"), "'median_response_minutes' has no variant"),
    ],
    ids=["metric", "without variants", "variant", "of another metric", "days", "response"],
)
def test_what_cannot_be_explained_ends_with_2(run: Run, words: tuple[str, ...], message: str) -> None:
    told = run(*words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith(message)
