"""What `civiclake status FEED` tells beside the findings: a changed layout's reach, and what waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from civiclake.status import feed_findings, last_deliveries, layout_words, waiting_words
from lake import connect, prepare
from tests.lake.conftest import Office

FEED = "streets__requests"
RECORD = {"opened": "2026-10-20T08:00:00-05:00", "changed": None, "status": "open", "kind": "pothole", "area": "1"}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office of feeds of requests, on which marts were built."""
    office = Office(tmp_path, monkeypatch)
    office.at("2026-10-26T11:42:00+00:00")
    prepare()
    with connect() as connection:
        connection.execute("""CREATE TABLE marts.mart_readiness AS
            SELECT unnest(['a_mart', 'other', 'some_mart']) AS mart,
                [{'feed': CASE mart WHEN 'other' THEN 'other__feed' ELSE 'streets__requests' END}] AS feeds""")
    return office


def requests(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [{"id": f"R{number}", **RECORD, **changes} for number in range(count)]


def test_a_renamed_field_is_told_with_what_is_made_from_it_and_who_is_touched(office: Office) -> None:
    records = [{("area_code" if name == "area" else name): value for name, value in one.items()} for one in requests(3)]
    office.mend("streets", "format: json", "format: csv")
    lines = [",".join(map(str, line)) for line in (records[0], *(record.values() for record in records))]
    (office.folder / "drop" / "requests.json").write_text("\n".join(lines))
    office.load("requests", office.keep("requests", "d1"))
    assert layout_words(office.city, FEED) == [
        "gone: area, perhaps now area_code; made from it: area_code",
        "gone: phone; made from it: requester_phone",
        "built on it: a_mart, some_mart; steward: s@city.example",
    ]


def test_a_retyped_field_is_told_by_the_shapes_of_its_values(office: Office) -> None:
    office.deliver("requests", "d1", requests(20))
    office.deliver("requests", "d2", requests(20, opened="20/10/2026"))
    assert layout_words(office.city, FEED)[0] == (
        "written another way: opened (99/99/9999, before 9999-99-99a99:99:99-99:99); made from it: requested_at"
    )


def test_where_the_layout_is_as_before_nothing_is_said_of_it(office: Office) -> None:
    office.deliver("requests", "d1", requests(1))
    assert layout_words(office.city, FEED) == []


def test_what_waits_is_told_with_the_line_that_replays_it(office: Office) -> None:
    office.deliver("requests", "d1", requests(2, area="3"))
    assert waiting_words(FEED) == [
        "set aside and waiting: 2; when what is wrong is mended: civiclake replay streets__requests"
    ]
    names, rows = last_deliveries(office.city)
    assert [dict(zip(names, row, strict=True))["waiting"] for row in rows] == [2, None, None]


def test_of_a_replayed_delivery_what_is_still_wrong_is_told(office: Office) -> None:
    office.deliver("requests", "d1", [*requests(1, area="3"), {**requests(2)[1], "area": "4"}])
    office.mend("city", 'codes: ["1", "2"]', 'codes: ["1", "2", "3"]')
    office.replay("requests")
    names, rows = feed_findings(FEED)
    assert [dict(zip(names, row, strict=True))["example"] for row in rows] == ["4"]


def test_what_expired_is_never_hidden(office: Office) -> None:
    office.deliver("requests", "d1", requests(1, area="3"))
    office.at("2027-10-26T11:42:00+00:00")
    from lake.maintenance import maintain

    maintain(30)
    assert waiting_words(FEED) == ["set aside and never mended until their pages were past their time: 1"]
