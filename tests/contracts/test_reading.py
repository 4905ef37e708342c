from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cities import FieldMap
from contracts import ContractError, get
from contracts.reading import read
from tests.contracts.city import request

CHICAGO = "America/Chicago"
LAMP, BUDGET, REQUEST = get("lamp_post"), get("budget_line"), get("service_request")


def value(text: str, contract: Any, field: str, **told: Any) -> Any:
    """Read one text the way a field of a contract is read."""
    terms = FieldMap(**{"from": "x", **told})
    return read(pl.Series([text]), contract.field(field), terms, CHICAGO).values[0]


@pytest.mark.parametrize(
    ("text", "told", "instant"),
    [
        ("2026-07-01T10:00:00.000", {}, datetime(2026, 7, 1, 15, tzinfo=UTC)),
        ("2026-01-01T10:00", {}, datetime(2026, 1, 1, 16, tzinfo=UTC)),
        ("2026-01-01 10:00:00.25", {}, datetime(2026, 1, 1, 16, 0, 0, 250000, tzinfo=UTC)),
        ("2026-01-01", {}, datetime(2026, 1, 1, 6, tzinfo=UTC)),
        ("2026-01-01T10:00:00Z", {}, datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("2026-01-01T10:00:00+08:00", {}, datetime(2026, 1, 1, 2, tzinfo=UTC)),
        ("2026-01-01T10:00:00-0330", {}, datetime(2026, 1, 1, 13, 30, tzinfo=UTC)),
        ("2026-01-01 10:00:00-06", {}, datetime(2026, 1, 1, 16, tzinfo=UTC)),
        ("2026-01-01T10:00", {"zone": "Asia/Shanghai"}, datetime(2026, 1, 1, 2, tzinfo=UTC)),
        ("07/01/2026 10:00:00 PM", {"format": "%m/%d/%Y %I:%M:%S %p"}, datetime(2026, 7, 2, 3, tzinfo=UTC)),
        ("01.07.2026 10:00 +0200", {"format": "%d.%m.%Y %H:%M %z"}, datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("1767261600000", {"format": "epoch_ms"}, datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("1767261600", {"format": "epoch_s"}, datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("2026-1-1T10:00:00", {}, None), ("2026-02-30", {}, None), ("20260101", {}, None), ("1e9", {}, None),
        ("2026-01-01T25:00", {}, None), ("2026-01-01", {"format": "epoch_s"}, None),
    ],
)  # fmt: skip
def test_an_instant_is_read_as_written_or_not_at_all(text: str, told: dict[str, Any], instant: Any) -> None:
    assert value(text, REQUEST, "requested_at", **told) == instant


@pytest.mark.parametrize(
    ("text", "told", "day"),
    [
        ("2026-11-01", {}, date(2026, 11, 1)),
        ("2026-11-01T23:59:00.000", {}, date(2026, 11, 1)),
        ("2026-11-02T02:00:00Z", {}, date(2026, 11, 1)),
        ("11/01/2026", {"format": "%m/%d/%Y"}, date(2026, 11, 1)),
        ("1793491200000", {"format": "epoch_ms", "zone": "UTC"}, date(2026, 11, 1)),
        ("1793491200000", {"format": "epoch_ms"}, date(2026, 10, 31)),
        ("13/01/2026", {"format": "%m/%d/%Y"}, None),
    ],
)
def test_a_date_is_the_local_day(text: str, told: dict[str, Any], day: Any) -> None:
    assert value(text, LAMP, "installed_date", **told) == day


@pytest.mark.parametrize(
    "zone",
    [CHICAGO, "Africa/Casablanca", "America/Havana", "Asia/Tehran", "Atlantic/Azores", "Australia/Lord_Howe",
     "Europe/London", "Pacific/Apia", "UTC"],
)  # fmt: skip
def test_every_half_hour_of_sixty_years_is_read_as_the_zone_has_it(zone: str) -> None:
    local = pl.datetime_range(datetime(1970, 1, 1), datetime(2030, 1, 1), "30m", eager=True)
    told = read(local.dt.strftime("%Y-%m-%dT%H:%M:%S"), REQUEST.field("requested_at"), FieldMap(**{"from": "x"}), zone)
    first = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    last = local.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    assert told.values.equals(first.dt.convert_time_zone("UTC"), null_equal=True)
    assert told.skipped is not None and told.skipped.equals(first.is_null())
    assert told.twice is not None and told.twice.equals((first != last).fill_null(False))


def test_a_local_time_that_the_clocks_skip_is_set_aside(office: Any) -> None:
    page = [request(1, created_date="2026-03-08T02:30:00"), request(2, created_date="2026-03-08T03:00:00")]
    checked = office().judge([page])
    told = [(row["rec"], row["rule"], row["field"], row["sender_field"]) for row in checked.table("findings")]
    assert told == [(0, "local_time_missing", "requested_at", "created_date")]


def test_a_local_time_that_comes_twice_is_taken_as_the_first_and_told(office: Any) -> None:
    page = [request(1, created_date="2026-11-01T01:30:00"), request(2, created_date="2026-11-01T01:30:00-06:00")]
    checked = office().judge([page])
    assert [(row["rec"], row["rule"]) for row in checked.table("findings")] == [(0, "local_time_twice")]
    hours = [instant.hour for instant in checked.accepted["requested_at"]]
    assert hours == [6, 7]


@pytest.mark.parametrize(
    ("text", "told", "cents"),
    [
        ("12", {}, 12), ("12.0", {}, 12), ("-3", {}, -3), ("12.5", {}, None), ("1e3", {}, None), ("", {}, None),
        ("99999999999999999999", {}, None),
        ("12.50", {"scale": 100}, 1250), ("-0.01", {"scale": 100}, -1), (".5", {"scale": 100}, 50),
        ("12.50", {"scale": -100}, -1250), ("-0.01", {"scale": -100}, 1),
        ("0.29", {"scale": 100}, 29), ("4.35", {"scale": 100}, 435), ("12.345", {"scale": 100}, None),
        ("1.10000000000", {"scale": 100}, 110), ("0.1234567891", {"scale": 100}, None),
        ("90071992547409.93", {"scale": 100}, 9007199254740993), ("92233720368547758.08", {"scale": 100}, None),
        ("1,234,567.50", {"format": "1,234.5", "scale": 100}, 123456750),
        ("1234.50", {"format": "1,234.5", "scale": 100}, 123450),
        ("12,34", {"format": "1,234.5", "scale": 100}, None), ("1,2345", {"format": "1,234.5"}, None),
        ("1.234.567,50", {"format": "1.234,5", "scale": 100}, 123456750),
        ("$1,234.50", {"format": "$1,234.5", "scale": 100}, 123450), ("1,234", {}, None),
    ],
)  # fmt: skip
def test_a_whole_number_is_exact_or_not_read(text: str, told: dict[str, Any], cents: int | None) -> None:
    assert value(text, BUDGET, "approved_cents", **told) == cents


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False))
def test_amounts_become_cents_without_rounding(amount: Any) -> None:
    assert value(f"{amount:f}", BUDGET, "approved_cents", scale=100) == int(amount * 100)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8.5", 8.5),
        ("1e1", 10.0),
        ("-.5", -0.5),
        ("NaN", None),
        ("inf", None),
        ("1e400", None),
        ("0x10", None),
        ("1_0", None),
    ],
)
def test_a_number_is_finite_or_not_read(text: str, number: float | None) -> None:
    assert value(text, LAMP, "height_metres") == number


def test_a_format_of_numbers_that_shows_nothing_is_refused() -> None:
    with pytest.raises(ContractError, match=r"must show 1234\.5"):
        value("1", BUDGET, "approved_cents", format="comma")


@pytest.mark.parametrize(("text", "truth"), [("true", True), ("False", False), ("Y", True), ("0", False), ("on", None)])
def test_true_and_false_are_read_from_their_usual_words_only(text: str, truth: bool | None) -> None:
    assert value(text, LAMP, "is_base_station") is truth


def test_blanks_around_a_value_mean_nothing_and_leading_zeros_stay(office: Any) -> None:
    accepted = office().judge([[request(1, sr_short_code=" 007 ", community_area="32 ")]]).accepted
    assert accepted.select("service_code", "area_code").row(0) == ("007", "32")
