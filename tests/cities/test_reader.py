from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from cities import CityError, SettingError, home, read_city, secret_key
from cities.clock import now
from cities.reader import CITY_DAGS
from cities.schema import write_schemas

SETTINGS = """\
title: {en: Testville}
time_zone: America/Chicago
areas: {kind: {en: district}, codes: ["1", "2"]}
contact: {name: Data Office, email: data@city.example}
"""
STREETS = """\
title: {en: Streets}
steward: streets@city.example
schedule: "0 5 * * *"
legal_basis: Municipal Code 2-100
feeds:
  requests:
    title: {en: Requests}
    contract: service_request
    system: socrata
    url: https://data.city.example/resource/abcd-1234.json
    cursor: creation_date
    due: "06:30"
    matters: 3
    fields:
      request_id: service_request_number
      status: {from: status, values: {Completed: closed}}
"""


@pytest.fixture
def city(tmp_path: Path) -> Path:
    (tmp_path / "city.yml").write_text(SETTINGS)
    (tmp_path / "streets.yml").write_text(STREETS)
    return tmp_path


def spoil(city: Path, old: str, new: str) -> str:
    file = city / "streets.yml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(CityError) as caught:
        read_city(str(city))
    return str(caught.value)


def test_a_department_is_one_file(city: Path) -> None:
    (city / "parks.yml").write_text(STREETS.replace("Streets", "Parks"))
    assert list(read_city(str(city)).feeds) == ["parks__requests", "streets__requests"]


def in_file(city: Path, system: str) -> str:
    return spoil(city, "system: socrata\n", f"system: {system}\n").partition("streets.yml:")[2]


@pytest.mark.parametrize(
    ("system", "told"),
    [
        ("csv\n    encoding: klingon", "'klingon' is no text encoding; write it like utf-8, gb18030 or cp1252"),
        ("csv\n    encoding: [utf-8, 3]", "3 is no text encoding"),
        ("csv\n    header_row: above", "write the number of the line that names the columns, 0 where none does"),
        ("csv\n    header_row: -1", "write the number of the line"),
        ("fixed_width", "`columns` belong to the format fixed_width, which needs them"),
        ("csv\n    columns: [{name: a, start: 1, width: 2}]", "`columns` belong to the format fixed_width"),
        ("fixed_width\n    columns: [{nam: a, start: 1, width: 2}]", "unknown key; allowed: name, start, width"),
        ("fixed_width\n    columns: [&a {name: a, start: 1, width: 2}, *a]", "two of the `columns` have one name"),
        ("tvs", "unknown system 'tvs'"),
        ("folder\n    glob: '*'\n    format: cvs", "did you mean 'csv'?"),
        ("folder\n    glob: '*'\n    format: csv\n    done: done.ok", 'write {name} for the name of the file'),
        ("folder\n    glob: '*'\n    format: csv\n    done: 'ok/{name}.ok'", "write it without a folder, like"),
        ("folder\n    glob: /srv/x/*.csv\n    format: csv", "write names of files in the folder that `url` names"),
        ("folder\n    glob: ../x/*.csv\n    format: csv", "write names of files in the folder"),
        ("folder\n    glob: ''\n    format: csv", "write names of files in the folder"),
        ("folder\n    glob: '**.csv'\n    format: csv", "** stands for folders alone; write it like **/*.csv"),
        ("sftp\n    glob: '*'\n    format: csv\n    password_env: A\n    host_key: SHA256:a", "as ssh-keygen -lf"),
    ],
)
def test_a_mistake_about_files_is_told_with_what_to_write(city: Path, system: str, told: str) -> None:
    text = (city / "streets.yml").read_text().replace("    cursor: creation_date\n", "")
    (city / "streets.yml").write_text(text)
    assert told in in_file(city, system)


def test_several_wordings_of_a_field_are_a_list(city: Path) -> None:
    text = (city / "streets.yml").read_text()
    (city / "streets.yml").write_text(text.replace("request_id: service_request_number", "request_id: [number, no.]"))
    assert read_city(str(city)).feeds["streets__requests"].fields["request_id"].wordings == ["number", "no."]


def test_a_bare_name_is_the_senders_field(city: Path) -> None:
    feed = read_city(str(city)).feeds["streets__requests"]
    assert feed.fields["request_id"].wordings == ["service_request_number"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("system: socrata", "system: socrta", 6, "did you mean 'socrata'?"),
        ("cursor:", "corsor:", 11, "did you mean 'cursor'?"),
        ("matters: 3", "matters: 9", 13, "less than or equal to 3"),
        ('due: "06:30"', 'due: "6.30"', 12, "write the local time in quotes"),
        ("values:", "valeus:", 16, "did you mean 'values'?"),
        ("    matters: 3", "    matters: 3\n    matters: 2", 14, "given twice"),
        ("from: status, ", "", 16, "exactly one of `from` and `sql`"),
        ("    matters: 3", "    time_zone: Amerika/Chicago", 13, "not a time zone of the IANA"),
        ("{Completed: closed}", "{Completed: closed}, zone: Nowhere/X", 16, "zone: not a time zone of the IANA"),
        ("{Completed: closed}", "{Completed: closed}, scale: 0", 16, "scale: 0 would make every number 0"),
        ("https://data.city.example/", "http://[::1/", 10, "url: no address (Invalid IPv6 URL); correct it"),
        ("    matters: 3", "    overlap: -P2D", 13, "overlap: it goes back by itself, and a minus would pass over"),
        ("0 5 * * *", "61 5 * * *", 3, "is no schedule (is not acceptable, out of range)"),
        ("0 5 * * *", "0 5 30 2 *", 3, 'write minute, hour, day, month and weekday, like "0 6 * * *"'),
        ("    matters: 3", "    schedule: daily", 13, "'daily' is no schedule"),
        ("{en: Streets}", "{zh: 街道}", 1, "title: give it in English too, as `en`"),
        ("{en: Requests}", "{en: ''}", 7, "feeds.requests.title: give it in English too"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_the_nearest_match(
    city: Path, old: str, new: str, line: int, said: str
) -> None:
    message = spoil(city, old, new)
    assert f"streets.yml:{line}:" in message
    assert said in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (STREETS.replace("url: https:", "url: {{ base }} #"), "10: a key must be one word"),
        (STREETS.replace("2-100", "2-100 §").encode("latin-1"), "4: is not written in UTF-8; save the file again"),
        (STREETS.encode("utf-16"), "1: is not written in UTF-8"),
        (STREETS.replace("2-100", "§\0"), "4: the invisible character U+0000 stands here; remove it"),
        (STREETS.replace("Municipal Code 2-100", "2026-02-30"), "4: '2026-02-30' cannot be read (day is out of range"),
    ],
    ids=["braces", "Latin-1", "UTF-16", "control character", "no day"],
)
def test_what_no_file_can_hold_is_told_with_its_line(city: Path, content: str | bytes, told: str) -> None:
    (city / "streets.yml").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CityError, match=re.escape(f"streets.yml:{told}")):
        read_city(str(city))


@pytest.mark.parametrize("name", ["parks.yaml", "parks.YML"])
def test_a_file_that_would_be_passed_over_is_a_mistake(city: Path, name: str) -> None:
    (city / name).write_text(STREETS)
    with pytest.raises(CityError, match=f"{name}: a city's files end in .yml; rename it to parks.yml"):
        read_city(str(city))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("parks_", "'parks_' cannot be a name; use a-z, 0-9 and single _ between them"),
        ("parks__north", "'parks__north' cannot be a name"),
        ("Parks", "'Parks' cannot be a name"),
        *((name, f"{name} is a DAG of the city itself") for name in CITY_DAGS),
    ],
)
def test_a_department_cannot_have_every_name(city: Path, name: str, told: str) -> None:
    (city / f"{name}.yml").write_text(STREETS)
    with pytest.raises(CityError, match=re.escape(f"{name}.yml: {told}")):
        read_city(str(city))


def test_a_feed_cannot_have_the_name_of_the_first_task(city: Path) -> None:
    assert "streets.yml: feeds.ask: " in spoil(city, "  requests:\n", "  ask:\n")


def test_a_file_that_cannot_be_opened_is_told(city: Path) -> None:
    (city / "parks.yml").mkdir()
    with pytest.raises(CityError, match=r"parks.yml: cannot be read \(Is a directory\)"):
        read_city(str(city))


@pytest.mark.parametrize("cron", ["@daily", "@quarterly", "0 6 L * *", "*/5 6-9 * jan-mar MON,fri"])
def test_whatever_airflow_takes_for_a_schedule_is_one(city: Path, cron: str) -> None:
    (city / "streets.yml").write_text(STREETS.replace("0 5 * * *", cron))
    assert read_city(str(city)).departments["streets"].schedule == cron


def test_a_city_needs_an_english_name_too(city: Path) -> None:
    (city / "city.yml").write_text(SETTINGS.replace("en: Testville", "zh: 测试市"))
    with pytest.raises(CityError, match="city.yml:1: title: give it in English too"):
        read_city(str(city))


def test_a_time_zone_that_does_not_exist_is_refused(city: Path) -> None:
    (city / "city.yml").write_text(SETTINGS.replace("America/Chicago", "America/Chikago"))
    with pytest.raises(CityError, match="city.yml:2: time_zone"):
        read_city(str(city))


def test_an_unknown_city_names_the_known_ones() -> None:
    with pytest.raises(CityError, match="known cities are"):
        read_city("atlantis")


def test_a_feed_is_asked_at_the_origin_that_the_environment_gives(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICLAKE_ORIGINS", "https://data.city.example=http://127.0.0.1:9")
    assert read_city(str(city)).feeds["streets__requests"].url == "http://127.0.0.1:9/resource/abcd-1234.json"


def test_an_origin_is_no_prefix_of_another_host(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICLAKE_ORIGINS", "https://data.city=http://127.0.0.1:9")
    assert read_city(str(city)).feeds["streets__requests"].url.startswith("https://data.city.example/")


@pytest.mark.parametrize("told", ["2026-10-26T06:42:00", "tomorrow"])
def test_a_rehearsed_now_needs_an_offset(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv("CIVICLAKE_NOW", told)
    with pytest.raises(SettingError, match="is no instant with offset"):
        now()


def test_a_kept_key_is_private_and_stays_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICLAKE_HOME", str(tmp_path / "home"))
    first = secret_key("pseudonym")
    place = home() / "secrets" / "pseudonym.key"
    assert secret_key("pseudonym") == first
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(home().stat().st_mode) == 0o700


def test_the_schemas_for_editors_are_those_of_the_models() -> None:
    assert write_schemas(check=True) == [], "run `make fix`"


@pytest.mark.parametrize(
    ("alerts", "told"),
    [
        ("{budgets: 3}", "did you mean 'budget'?"),
        ("{owners: {streets: {mail: a@city.example}}}", "did you mean 'email'?"),
        ("{owners: {street: {budget: 1}}}", "alerts.owners: no department 'street'; did you mean 'streets'?"),
        ("{status: Real}", "allowed: Actual, Exercise, Test"),
    ],
    ids=["key", "owner's key", "department", "status"],
)
def test_a_mistake_about_alerts_is_told_with_what_to_write(city: Path, alerts: str, told: str) -> None:
    with (city / "city.yml").open("a") as out:
        out.write(f"alerts: {alerts}\n")
    with pytest.raises(CityError, match=re.escape(told)):
        read_city(str(city))


def test_alerts_go_to_their_owner_and_escalated_ones_to_those_above(city: Path) -> None:
    with (city / "city.yml").open("a") as out:
        owners = "{streets: {email: a@c.example, budget: 0}}"
        out.write(f"alerts: {{budget: 9, escalate_to: chief@c.example, owners: {owners}}}")
    alerts = read_city(str(city)).alerts
    assert alerts.channels("streets") == [("file", ""), ("email", "a@c.example")]
    assert alerts.channels("streets", is_escalated=True)[1:] == [("email", "a@c.example"), ("email", "chief@c.example")]
    assert alerts.channels("other") == [("file", "")]
    assert (alerts.budget_of("streets"), alerts.budget_of("other")) == (0, 9)
