"""The command line: what it prints where, and with which exit code it ends."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cities import read_city
from civiclake.cli import commands
from contracts import fit
from lake import published_file
from tests.civiclake.verbs import Run, civiclake

HELP = """\
Usage: civiclake [OPTIONS] COMMAND [ARGS]...

  A city's data lake: collect, check, load, build, report.

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
  action     List actions, and say who sees to them.
  alert      List alerts, and say what became of them.
  check      Check the city files against the contracts.
  demo       Run the sandbox city's next morning.
  emergency  Declare an emergency, end it, report on it.
  explain    Show why two true figures of one thing differ.
  ls         List departments and feeds as the city files have them.
  query      Ask the published marts in SQL, read-only.
  replay     Judge set-aside records again, then build and report.
  report     Write the morning report again and print its place.
  run        Fetch, check and load feeds, then build and report.
  serve      Show the report to a browser on this machine; Ctrl-C stops it.
  start      Open the real Airflow on this machine; Ctrl-C stops it.
  status     Show each feed's last delivery, or the findings of one feed's.
"""


@pytest.fixture
def run() -> Run:
    return civiclake


@pytest.fixture
def published() -> None:
    published_file().parent.mkdir()
    with duckdb.connect(str(published_file())) as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute(
            """CREATE TABLE marts.days AS SELECT 1 AS number, 'a, "b"' AS words, DATE '2026-10-26' AS day
            UNION ALL SELECT 2, NULL, NULL"""
        )


@pytest.fixture
def broken_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A city whose only department has a mistake in line 5."""
    (tmp_path / "city.yml").write_text(
        "title: {en: Testville}\ntime_zone: America/Chicago\nareas: {kind: {en: district}, codes: ['1']}\n"
        "contact: {name: Data Office, email: data@city.example}\n"
    )
    (tmp_path / "streets.yml").write_text(
        "title: {en: Streets}\nsteward: s@city.example\nschedule: '0 5 * * *'\nlegal_basis: law\nfeedz: {}\nfeeds: {}\n"
    )
    monkeypatch.setenv("CIVICLAKE_CITY", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("replay", "hotline__request"), "did you mean hotline__requests?"),
        (("replay", "hotline", "--accept", "row_count"), "--accept wants a --note"),
        (("replay", "hotline", "--accept", "row_cont", "--note", "n"), "did you mean row_count?"),
        (("replay", "hotline", "--accept", "row_count", "--note", "n"), "name it with --delivery"),
        (("replay", "hotline", "--delivery", "d1"), "nothing of a delivery d1"),
    ],
)
def test_a_replay_that_cannot_be_ends_with_2_and_says_what_to_do(run: Run, words: tuple[str, ...], told: str) -> None:
    ended = run(*words)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert told in ended.stderr


def test_where_nothing_waits_nothing_is_replayed(run: Run) -> None:
    ended = run("replay")
    assert (ended.exit_code, ended.stderr) == (0, "no record waits to be replayed\n")


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_lists_the_verbs(run: Run, word: str) -> None:
    told = run(word)
    assert (told.exit_code, told.stdout) == (0, HELP)


@pytest.mark.parametrize("verb", sorted(commands.commands))
def test_every_verb_explains_itself(run: Run, verb: str) -> None:
    told = run(verb, "--help")
    assert told.exit_code == 0
    assert told.stdout.startswith(f"Usage: civiclake {verb} ")


@pytest.mark.parametrize(
    "words",
    [
        ("runn",), ("ls", "-o", "xml"), ("demo", "--scale", "0"), ("demo", "--day", "-1"), ("query",),
        ("serve", "--port", "99999"), ("start", "--port", "65536"),
    ],
)  # fmt: skip
def test_words_that_mean_nothing_end_with_2(run: Run, words: tuple[str, ...]) -> None:
    told = run(*words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith("Usage: civiclake ")


def test_the_feeds_of_the_city_are_listed(run: Run) -> None:
    feeds = [row["feed"] for row in json.loads(run("ls", "-o", "json").stdout)]
    assert feeds == list(read_city("sandbox").feeds)
    table = run("ls")
    assert table.exit_code == 0
    assert all(feed in table.stdout for feed in feeds)
    assert table.stderr == ""


def test_rows_as_json_and_as_csv_are_the_same(run: Run) -> None:
    as_json = json.loads(run("ls", "-o", "json").stdout)
    as_csv = list(csv.DictReader(io.StringIO(run("ls", "-o", "csv").stdout)))
    assert as_csv == [{name: str(value) for name, value in row.items()} for row in as_json]


def test_a_city_without_mistakes_ends_with_0(run: Run) -> None:
    told = run("check")
    assert (told.exit_code, told.stderr) == (0, "")
    assert "no mistake found" in told.stdout


@pytest.mark.parametrize("words", [("ls",), ("check",), ("status",), ("run",), ("start",)])
def test_a_city_file_that_cannot_be_read_is_told_with_file_and_line(
    run: Run, broken_city: Path, words: tuple[str, ...]
) -> None:
    told = run(*words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith(f"{broken_city}/streets.yml:5: feedz: unknown key;")
    assert "did you mean 'feeds'?" in told.stderr


def test_an_unknown_city_names_the_known_ones(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICLAKE_CITY", "atlantis")
    told = run("ls")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "no city 'atlantis'" in told.stderr and "sandbox" in told.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("status", "hotline__request"), "no feed 'hotline__request'; did you mean hotline__requests?\n"),
        (("run", "hotlin"), "no department or feed 'hotlin'; did you mean hotline?\n"),
        (("run", "hotline", "zzz"), "no department or feed 'zzz'; `civiclake ls` lists them\n"),
        (("run", "--from", "2026-10-26"), "'2026-10-26' is not an instant with offset"),
        (("run", "--to", "yesterday"), "'yesterday' is not an instant with offset"),
    ],
)
def test_what_cannot_start_ends_with_2_and_says_what_to_write(run: Run, words: tuple[str, ...], message: str) -> None:
    told = run(*words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith(message)


@pytest.mark.parametrize("words", [("query", "SELECT 1"), ("report",), ("explain", "due_on_time_share")])
def test_before_anything_is_published_there_is_nothing_to_ask(run: Run, words: tuple[str, ...]) -> None:
    told = run(*words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith("nothing is published yet: run ")


def test_an_answer_is_json_csv_or_a_table(run: Run, published: None) -> None:
    ask = ("query", "FROM marts.days ORDER BY number", "-o")
    assert json.loads(run(*ask, "json").stdout) == [
        {"number": 1, "words": 'a, "b"', "day": "2026-10-26"},
        {"number": 2, "words": None, "day": None},
    ]
    rows = list(csv.reader(io.StringIO(run(*ask, "csv").stdout)))
    assert rows == [["number", "words", "day"], ["1", 'a, "b"', "2026-10-26"], ["2", "", ""]]
    assert 'a, "b"' in run(*ask, "table").stdout


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a", {"a": 1, "a_2": 2, "a_1": 3, "a_3": 4}),
        (
            "SELECT 'nan'::DOUBLE AS n, ['inf'::FLOAT, 1] AS l, {'x': '-inf'::DOUBLE} AS s",
            {"n": None, "l": [None, 1], "s": {"x": None}},
        ),
        ("SELECT MAP {DATE '2026-10-26': 1.5} AS m, 1::DECIMAL(3, 1) AS d", {"m": {"2026-10-26": "1.5"}, "d": "1.0"}),
    ],
    ids=["names", "no numbers", "keys"],
)
def test_an_answer_in_json_has_every_column_and_can_be_read_by_any_reader(
    run: Run, published: None, sql: str, told: dict[str, Any]
) -> None:
    def no_json(word: str) -> None:
        raise ValueError(word)

    assert json.loads(run("query", sql, "-o", "json").stdout, parse_constant=no_json) == [told]


@pytest.mark.parametrize(
    ("sql", "count"),
    [("", 0), (" ;", 0), ("/* ; */", 0), ("SELECT 1; SELECT 2", 2), ("FROM marts.days; DROP TABLE x; SELECT 'é'", 3)],
)
def test_one_query_is_asked_at_a_time(run: Run, published: None, sql: str, count: int) -> None:
    told = run("query", sql)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr == f"{count} queries were given; give one at a time, in quotes\n"


@pytest.mark.parametrize("sql", ["SELECT 'é;' AS x; -- done;", "PIVOT marts.days ON words USING sum(number)"])
def test_one_query_is_one_whatever_it_is_made_of(run: Run, published: None, sql: str) -> None:
    assert run("query", sql).exit_code == 0


@pytest.mark.parametrize(
    "sql", ["FROM marts.nights", "SELEC 1", "FROM read_text('/etc/hostname')", "DROP TABLE marts.days"]
)
def test_a_query_that_fails_ends_with_1(run: Run, published: None, sql: str) -> None:
    told = run("query", sql)
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("the query failed: ")


@pytest.mark.parametrize(
    "sql", ["FROM marts.days", "SELECT (SELECT count(*) FROM marts.Days)", "WITH d AS (FROM marts.days) FROM d"]
)
def test_a_mart_that_is_not_ready_is_told_beside_the_answer(run: Run, published: None, sql: str) -> None:
    with duckdb.connect(str(published_file())) as connection:
        connection.execute("""CREATE SCHEMA ops; CREATE TABLE marts.nights AS SELECT 1 AS number;
            CREATE TABLE ops.edition AS
                SELECT unnest(['days', 'nights']) AS mart, 'care' AS use, 'missing' AS reason,
                    DATE '2026-10-26' AS built_for;
            CREATE TABLE marts.mart_readiness AS SELECT 'days' AS mart, [{'feeds': ['fire__calls']}] AS reasons""")
    told = run("query", sql)
    assert told.exit_code == 0
    assert told.stderr == "use with care: marts.days: missing (fire__calls); its figures are of 2026-10-26\n"


def test_feeds_that_never_arrived_are_told_and_end_with_1(run: Run) -> None:
    feeds = list(read_city("sandbox").feeds)
    told = run("status", "-o", "json")
    assert told.exit_code == 1
    assert told.stderr == f"never arrived: {', '.join(feeds)}\n"
    rows = json.loads(told.stdout)
    assert [(row["feed"], row["delivery_id"]) for row in rows] == [(feed, None) for feed in feeds]


def test_the_findings_of_a_feed_that_never_arrived_are_none(run: Run) -> None:
    told = run("status", "hotline__requests", "-o", "csv")
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.startswith("rule,field,sender_field,") and told.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("settings", "words", "told"),
    [
        ({"CIVICLAKE_DATA": "/srv/lake"}, ("status",), "CIVICLAKE_DATA is set and CIVICLAKE_CATALOGUE is not"),
        ({"CIVICLAKE_DATA": "/srv/lake"}, ("action", "ls"), "CIVICLAKE_DATA is set and CIVICLAKE_CATALOGUE is not"),
        ({"CIVICLAKE_NOW": "tomorrow"}, ("run",), "CIVICLAKE_NOW='tomorrow' is no instant with offset; write it like"),
        ({"CIVICLAKE_HOME": "/dev/null/x"}, ("query", "SELECT 1"), "the folder /dev/null/x cannot be made (Not a dir"),
        ({"CIVICLAKE_HOME": "/proc"}, ("status",), "the folder /proc/lake cannot be made (No such file"),
    ],
)
def test_a_setting_that_cannot_be_used_ends_with_2_and_says_what_to_write(
    run: Run, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: tuple[str, ...], told: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    ended = run(*words)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(told)


def test_a_mistake_of_the_program_is_not_taken_for_one_of_its_user(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(city: object) -> list[str]:
        raise ValueError("a bug")

    monkeypatch.setattr(fit, "misfits", broken)
    ended = run("check")
    assert (ended.exit_code, str(ended.exception)) == (1, "a bug")


@pytest.mark.parametrize("words", [("query", "SELECT 1"), ("report",), ("explain", "due_on_time_share")])
def test_a_damaged_published_file_ends_with_2_and_says_what_to_do(run: Run, words: tuple[str, ...]) -> None:
    published_file().parent.mkdir()
    published_file().write_text("damaged")
    ended = run(*words)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"the published file {published_file()} cannot be read (IO Error: ")
    assert "remove it and run `civiclake run`" in ended.stderr


def test_a_published_file_that_another_program_holds_is_told(run: Run, published: None) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); input()",
         str(published_file())], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        holder.stdout.readline()
        ended = run("query", "SELECT 1")
        holder.communicate(b"\n")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "is held by another program" in ended.stderr and "end that, then try again" in ended.stderr


def test_a_lake_that_does_not_answer_ends_with_2_and_keeps_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVICLAKE_CATALOGUE", "postgresql://clerk:geheim@127.0.0.1:1/lake")
    told = run("status")
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith("the lake cannot be opened: ")
    assert "geheim" not in told.stderr
