"""`civiclake check --sample`: what it prints where, and with which exit code it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cities import home
from civiclake.cli import commands
from extractors import session
from extractors.session import Patience

RECORDS = """\
service request id,requested datetime,status,service code,reporter,tel,where from
1,2026-10-20T08:00:00Z,open,A,Mary Smith,312-555-0199,Mary Smith
2,2026-10-21T08:00:00Z,closed,A,John Miller,312-555-0142,jm@mail.example
3,2026-10-21T09:00:00Z,312 555 0177,B,Ann Lee,,
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, words, prog_name="civiclake")


def test_a_draft_is_on_standard_output_and_doubts_are_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "requests.csv").write_text(RECORDS)
    result = run("check", "--sample", str(tmp_path / "requests.csv"))
    assert result.exit_code == 0
    assert result.stdout.startswith("# file: cities/sandbox/department.yml\n")
    assert "contract: service_request" in result.stdout
    assert result.stderr.startswith("3 records, system folder\n")
    assert "set aside" in result.stderr


def test_nothing_of_a_person_is_printed_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "requests.csv").write_text(RECORDS)
    result = run("check", "--sample", str(tmp_path / "requests.csv"))
    for value in ("Mary", "Smith", "Miller", "Lee", "555", "mail.example"):
        assert value not in result.output
    assert list((home() / "deliveries").glob("*")) == []


@pytest.mark.parametrize("source", ["http://127.0.0.1:1/x.csv", "http://127.0.0.1:1/resource/abcd-1234.json"])
def test_an_address_where_nobody_answers_ends_with_1(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "PATIENCE", Patience(attempts=1))
    result = run("check", "--sample", source)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("nothing could be drafted: ")


def test_a_file_without_records_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "requests.csv").write_text("a,b\n")
    result = run("check", "--sample", str(tmp_path / "requests.csv"))
    assert (result.exit_code, result.stdout) == (1, "")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--sample", "/nowhere/x.csv"], "no such file"),
        (["--sample", "http://[::1"], "the address cannot be read (Invalid IPv6 URL); write it like"),
        (["--sample", "http://127.0.0.1:1/x", "--contract", "incidnt"], "did you mean incident?"),
        (["--contract", "incident"], "give --sample"),
    ],
)
def test_what_cannot_be_started_ends_with_2(words: list[str], why: str) -> None:
    result = run("check", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert why in result.stderr
