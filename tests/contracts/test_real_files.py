"""Files as departments publish them, from the fetch to the verdict, or straight through their reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastexcel
import pytest

from contracts.pages.page import Page, Sheaf
from contracts.pages.workbooks import read_workbook
from extractors import fetch
from extractors.delivery import Receipt
from extractors.source import Layout

READINGS = ["Escherichia coli", "Reading 1", "Reading 2", "Sample 1", "Sample 2", "Sample-2"]
SPELT = {"Humboldt": "Humbolt", "Humboltd": "Humbolt"}
"""How some day sheets spell a beach of the summary."""


def read(workbook: Path, sheet: str, *wanted: str, **told: Any) -> Iterator[Sheaf]:
    layout = Layout(format="workbook", sheet=sheet, **told)
    return read_workbook([Page("page", workbook)], layout, {*wanted, "_sheet"})


def readings(workbook: Path, **told: Any) -> list[dict[str, Any]]:
    sheaves = read(workbook, "* [0-9]*", "Client ID", *READINGS, **told)
    return [record for sheaf in sheaves for record in sheaf.records.to_dicts()]


@pytest.mark.parametrize("row", [1, "auto"])
def test_the_summary_of_a_season_agrees_with_its_day_sheets(public_data: Path, row: int | str) -> None:
    workbook = public_data / "chicago" / "park_district_beach_lab_results_2014.xls"
    days = {
        (record["_sheet"], (record["Client ID"] or "").strip()): record["Escherichia coli"]
        for record in readings(workbook, header_row=row)
        if record["Client ID"]
    }
    [summary] = read(workbook, "Summary")
    [summary] = read(workbook, "Summary", *summary.fields)
    agree, differ = 0, []
    for record in summary.records.to_dicts():
        for name in summary.fields[3:-1]:
            if (record[name] or "").strip():
                day = dt.datetime.fromisoformat(name[:19])
                at = (f"{day:%B} {day.day}", record["column 1"].strip())
                agree += days.get(at) == record[name]
                differ += [(name, *at, record[name])] if days.get(at) != record[name] else []
    assert agree == 1660
    # a second column of 1 July is its afternoon, and three day sheets spell a beach otherwise: these agree too
    spelt = {(sheet, SPELT.get(beach, beach)): value for (sheet, beach), value in days.items()}
    elsewhere = [spelt.get((sheet + " PM" * name.endswith("(49)"), beach)) for name, sheet, beach, _ in differ]
    assert elsewhere == [value for *_, value in differ]
    assert len(differ) == 24


def test_every_day_sheet_is_read_under_each_wording_of_its_header(public_data: Path) -> None:
    place = public_data / "chicago"
    headers = [set(sheaf.fields) for sheaf in read(place / "park_district_beach_lab_results_2014.xls", "* [0-9]*")]
    assert [sum(name in header for header in headers) for name in ("Reading 1", "Sample 1")] == [41, 87]
    assert [sum(name in header for header in headers) for name in ("Reading 2", "Sample 2", "Sample-2")] == [41, 81, 6]
    values = [
        value
        for record in readings(place / "park_district_beach_lab_results_2006.xls")
        for name in ("Reading 1", "Reading 2", "Escherichia coli")
        if (value := record.get(name))
    ]
    told = [values.count(value) for value in ("<1", ">2419.6", ">2419.60", "Not Sampled", "#NUM!")]
    assert told == [379, 30, 31, 213, 71]


STOPS = {
    "stop_id": "stop_id", "stop_code": "stop_code", "stop_name": "stop_name", "platform_code": "platform_code",
    "zone_id": "zone_id", "parent_station": "parent_station", "latitude": "stop_lat", "longitude": "stop_lon",
    "location_type": {
        "sql": "(['stop', 'station', 'entrance', 'node', 'boarding_area'])[coalesce(location_type, '0')::int + 1]"
    },
    "wheelchair_boarding": {"from": "wheelchair_boarding", "values": {"0": "unknown", "1": "some", "2": "none"}},
}  # fmt: skip


def dropped(office: Any, delivery_id: str = "20261123T120000Z", zone: str = "America/Chicago", **feed: Any) -> Any:
    bench = office(system="folder", settle=0, **feed)
    place = fetch("streets__requests", bench.feed, delivery_id, cursor=None, time_zone=zone)
    return bench.check(place)


def test_the_stops_of_a_transit_feed_are_read_from_its_zip(office: Any, public_data: Path) -> None:
    drop = {"url": (public_data / "protocol_samples" / "gtfs").as_uri(), "glob": "caltrain-*.zip"}
    told = {"format": "csv", "member": "stops.txt", "layout": {"added": "ignore"}}
    checked = dropped(office, contract="transit_stop", fields=STOPS, **drop, **told)
    assert (checked.verdict.received, checked.verdict.accepted) == (64, 64)
    gilroy = checked.accepted.row(-3, named=True)
    assert (gilroy["stop_id"], gilroy["stop_name"], gilroy["latitude"]) == ("70322", "Gilroy Caltrain", 37.003485)
    assert (gilroy["location_type"], gilroy["wheelchair_boarding"], gilroy["platform_code"]) == ("stop", "some", "SB")


MESSAGES = {
    "request_id": "留言编号", "requested_at": {"from": "留言时间", "format": "%Y/%m/%d %H:%M:%S"},
    "status": {"sql": "'open'"}, "service_code": {"sql": "'message'"}, "description": "留言主题",
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_real_messages_in_every_encoding_of_their_city_are_the_same_records(
    office: Any, public_data: Path, tmp_path: Path, encoding: str
) -> None:
    book = fastexcel.read_excel(public_data / "text_zh" / "messages_with_replies_2816.xlsx")
    table = book.load_sheet(0, dtypes="string").to_polars().select("留言编号", "留言时间", "留言主题")
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "messages.csv").write_text(table.write_csv(), encoding=encoding)
    told = {"url": (tmp_path / "drop").as_uri(), "glob": "*.csv", "format": "csv", "fields": MESSAGES}
    checked = dropped(office, zone="Asia/Shanghai", **told)
    page = Receipt.read(checked.folder.parent).pages[0]
    assert (page.encoding, page.is_guess) == (encoding.removesuffix("-sig"), encoding == "gb18030")
    titles = [text.strip() for text in table["留言主题"]]
    accepted = checked.accepted
    assert len(accepted) > 2_000
    assert accepted["description"].to_list() == [titles[rec] for rec in accepted["_rec"]]
    assert {row["rule"] for row in checked.table("findings") if row["strength"] == "set_aside"} == {"unreadable"}
    guessed = checked.found("encoding_guessed")
    assert [(row["strength"], "gb18030" in row["message"]) for row in guessed] == [("warn", True)] * page.is_guess
    checks = [row["status"] for row in checked.table("checks") if row["rule"] == "encoding_guessed"]
    assert checks == ["warn" if page.is_guess else "pass"]
    named = dropped(office, "20261124T120000Z", zone="Asia/Shanghai", **told, encoding=encoding)
    assert named.found("encoding_guessed") == []
    assert named.accepted["description"].to_list() == checked.accepted["description"].to_list()


SANITATION = {
    "request_id": "Service_Request_Number", "requested_at": "Creation_Date", "closed_at": "Completion_Date",
    "updated_at": {"sql": "coalesce(Completion_Date, Creation_Date)"},
    "description": "What_is_the_Nature_of_this_Code_Violation",
    "status": {"from": "Status", "values": {
        "Completed": "closed", "Completed - Dup": "closed", "Open": "open", "Open - Dup": "open"}},
    "service_code": {"sql": "lower(replace(Type_of_Service_Request, ' ', '_'))"}, "address": "Street_Address",
    "service_name": "Type_of_Service_Request", "latitude": "Latitude", "longitude": "Longitude",
    "is_duplicate": {"sql": "Status like '%Dup'"},
}  # fmt: skip


def test_a_snapshot_in_gzip_loses_nothing_but_the_header_inside_it(office: Any, public_data: Path) -> None:
    drop = {"url": (public_data / "chicago").as_uri(), "glob": "sanitation_complaints_snapshot_*.csv.gz"}
    checked = dropped(office, **drop, format="csv", fields=SANITATION, layout={"added": "ignore"})
    verdict = checked.verdict
    assert (verdict.received, verdict.accepted, verdict.duplicate, verdict.set_aside) == (72_847, 72_843, 3, 1)
    assert ("unknown_code", "STATUS") in {(row["rule"], row["example"]) for row in checked.table("findings")}
    assert Receipt.read(checked.folder.parent).pages[0].file == "sanitation_complaints_snapshot_2014-11-10.csv.gz"


LINE = """Fund || '-' || "Department ID" || '-' || Department"""
"""What names a line of the county's budget: a fund uses some numbers of departments twice."""


def county(office: Any, public_data: Path, contract: str, fields: dict[str, Any]) -> Any:
    """Check one year's columns of the county's wide sheet, which has a row for each department of a fund."""
    drop = {"url": (public_data / "cook_county").as_uri(), "glob": "budget_raw.csv", "format": "csv"}
    return dropped(office, **drop, contract=contract, fields=fields, layout={"added": "ignore"})


@pytest.mark.parametrize(
    ("year", "lines", "dollars", "below_zero"),
    [(2011, 155, 3_140_084_198, 1), (2013, 129, 3_319_839_154, 0), (2016, 128, 4_540_472_220, 0),
     (2017, 132, 4_826_689_241, 0)],
)  # fmt: skip
def test_a_year_of_a_countys_budget_is_read_to_the_cent(
    office: Any, public_data: Path, year: int, lines: int, dollars: int, below_zero: int
) -> None:
    """A department without a sum had no line in that year; a debt restructuring below zero is nothing to be spent."""
    checked = county(office, public_data, "budget_line", {
        "budget_line_id": {"sql": f"'{year}-' || {LINE}"}, "fiscal_year": {"sql": f"'{year}'"},
        "department_code": "Department ID", "programme_code": "Fund", "programme_name": "Fund",
        "approved_cents": {"from": f"Appropriations {year}", "format": "1,234.5", "scale": 100},
    })  # fmt: skip
    assert (checked.verdict.received, checked.verdict.accepted) == (178, lines)
    assert checked.accepted["approved_cents"].sum() == dollars * 100
    # of a department that is listed twice the second row is empty, so both are one department's
    aside = [row["rule"] for row in checked.table("findings") if row["field"] == "approved_cents"]
    assert (aside.count("out_of_range"), aside.count("blank")) == (below_zero, 178 - lines - below_zero)


def test_what_a_county_spent_is_read_to_the_cent_with_and_without_thousands_separators(
    office: Any, public_data: Path
) -> None:
    """One sum of 2016 is below zero and written with commas: income, which is no payment."""
    checked = county(office, public_data, "payment", {
        "payment_id": {"sql": f"'2016-' || {LINE}"}, "budget_line_id": {"sql": f"'2016-' || {LINE}"},
        "paid_date": {"sql": "'2016-11-30'"}, "payee_kind": {"sql": "'company'"},
        "amount_cents": {"from": "Expenditures 2016", "format": "1,234.5", "scale": 100},
    })  # fmt: skip
    assert (checked.verdict.received, checked.verdict.accepted) == (178, 130)
    assert checked.accepted["amount_cents"].sum() == 409_946_910_155
    [below] = checked.found("out_of_range")
    assert (below["sender_field"], below["example"]) == ("Expenditures 2016", "-17,790,841")
