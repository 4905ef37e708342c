from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cities import CityError, home, read_city, secret_key
from cities.clock import now
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


def test_a_bare_name_is_the_senders_field(city: Path) -> None:
    feed = read_city(str(city)).feeds["streets__requests"]
    assert feed.fields["request_id"].from_ == "service_request_number"


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
    ],
)
def test_a_mistake_is_told_with_file_line_and_the_nearest_match(
    city: Path, old: str, new: str, line: int, said: str
) -> None:
    message = spoil(city, old, new)
    assert f"streets.yml:{line}:" in message
    assert said in message


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


def test_a_rehearsed_now_needs_an_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICLAKE_NOW", "2026-10-26T06:42:00")
    with pytest.raises(ValueError, match="no offset"):
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
