from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from extractors import Delivery, FetchError, Window
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]
STAMP = 1_792_900_000_000  # 2026-10-25T03:46:40Z


def layer(server: LittleServer, features: int, limit: int = 4, counts: bool = True, **metadata: Any) -> str:
    """Serve numbered features as a layer does: cut at its own limit, telling so."""

    def answer(call: Call) -> Reply:
        if not call.path.endswith("/query"):
            return Reply({"objectIdField": "OBJECTID", "maxRecordCount": limit, **metadata})
        if "returnCountOnly" in call.params and counts:
            return Reply({"count": features})
        found = re.search(r"OBJECTID > (\d+)", call.params["where"])
        after = int(found.group(1)) if found else 0
        rows = range(after + 1, features + 1)[:limit]
        attributes = [{"attributes": {"OBJECTID": row, "EditDate": STAMP + row}} for row in rows]
        return Reply({"features": attributes, "exceededTransferLimit": after + limit < features})

    server.answer = answer
    return f"{server.url}/arcgis/rest/services/Calls/FeatureServer/0"


def ids(delivery: Delivery) -> list[int]:
    pages = [json.loads(page.read_bytes()) for page in delivery.pages]
    return [feature["attributes"]["OBJECTID"] for page in pages for feature in page["features"]]


def conditions(server: LittleServer) -> list[str]:
    return [call.params["where"] for call in server.calls if "where" in call.params]


@pytest.mark.parametrize("features", [0, 3, 4, 5, 8, 11])
@pytest.mark.parametrize("counts", [True, False])
def test_all_features_come_from_servers_with_and_without_a_count(
    server: LittleServer, fetched: Fetched, features: int, counts: bool
) -> None:
    delivery = fetched(system="arcgis", url=layer(server, features, counts=counts))
    assert ids(delivery) == list(range(1, features + 1))
    assert delivery.receipt.source_count == (features if counts else None)
    assert delivery.receipt.layout.records == "features[].attributes"


def test_the_page_size_is_sent_only_where_the_layer_can_page(server: LittleServer, fetched: Fetched) -> None:
    fetched(system="arcgis", url=layer(server, 3))
    assert all("resultRecordCount" not in call.params for call in server.calls)
    url = layer(server, 3, advancedQueryCapabilities={"supportsPagination": True})
    fetched(system="arcgis", url=url, page_size=2, delivery_id="20261027T113000Z")
    assert server.calls[-1].params["resultRecordCount"] == "2"


def test_the_object_id_is_found_among_the_fields(server: LittleServer, fetched: Fetched) -> None:
    fields = [{"name": "OBJECTID", "type": "esriFieldTypeOID"}]
    assert ids(fetched(system="arcgis", url=layer(server, 5, objectIdField=None, fields=fields))) == [1, 2, 3, 4, 5]


def test_the_cursor_is_asked_for_as_a_timestamp_in_utc(server: LittleServer, fetched: Fetched) -> None:
    receipt = fetched(str(STAMP + 999), system="arcgis", url=layer(server, 3), cursor="EditDate").receipt
    assert conditions(server)[0] == "1=1 AND EditDate >= TIMESTAMP '2026-10-25 03:46:40'"
    assert receipt.cursor_to == str(STAMP + 3)


def test_a_window_names_both_ends(server: LittleServer, fetched: Fetched) -> None:
    window = Window(datetime(2026, 10, 1, 5, tzinfo=UTC), datetime(2026, 10, 2, 5, 0, 0, 1, tzinfo=UTC))
    fetched(None, window, system="arcgis", url=layer(server, 3), cursor="EditDate", where="Kind = 'A'")
    assert conditions(server)[0] == (
        "(Kind = 'A') AND EditDate >= TIMESTAMP '2026-10-01 05:00:00' AND EditDate < TIMESTAMP '2026-10-02 05:00:01'"
    )


def test_a_layer_that_compares_dates_in_another_zone_is_not_asked_by_date(
    server: LittleServer, fetched: Fetched
) -> None:
    url = layer(server, 3, dateFieldsTimeReference={"timeZone": "Central Standard Time"})
    with pytest.raises(FetchError, match="compares dates in 'Central Standard Time'"):
        fetched(str(STAMP), system="arcgis", url=url, cursor="EditDate")


STRANGE = {
    "maxRecordCount": ["10", 1.5, True], "advancedQueryCapabilities": ["x", [1]], "objectIdField": [7, ["OBJECTID"]],
    "fields": [{"name": "OBJECTID"}], "dateFieldsTimeReference": ["UTC"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in STRANGE.items() for value in values])
def test_a_layer_that_says_something_strange_of_itself_is_told(
    server: LittleServer, fetched: Fetched, name: str, value: Any
) -> None:
    url = layer(server, 3, **{name: value})
    with pytest.raises(FetchError, match=f"{url}: the layer's {name} is not an? ") as failure:
        fetched(system="arcgis", url=url)
    assert not failure.value.temporary


@pytest.mark.parametrize("name", ["maxRecordCount", "advancedQueryCapabilities", "fields", "dateFieldsTimeReference"])
def test_what_a_layer_leaves_blank_it_does_not_have(server: LittleServer, fetched: Fetched, name: str) -> None:
    assert ids(fetched(system="arcgis", url=layer(server, 5, **{name: None}))) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("error", [7, {"code": [498]}, {}])
def test_an_error_in_no_known_form_is_told(server: LittleServer, fetched: Fetched, error: object) -> None:
    server.answer = lambda call: Reply({"error": error})
    with pytest.raises(FetchError, match="the source reports error"):
        fetched(system="arcgis", url=server.url)


def test_attributes_that_are_no_object_are_told(server: LittleServer, fetched: Fetched) -> None:
    url = layer(server, 1)
    server.first = [Reply({"objectIdField": "OBJECTID"}), Reply({"count": 1}), Reply({"features": [{"attributes": 5}]})]
    with pytest.raises(FetchError, match="attributes are no object"):
        fetched(system="arcgis", url=url)


def test_an_error_inside_an_answer_with_status_200_is_asked_again(server: LittleServer, fetched: Fetched) -> None:
    url = layer(server, 3)
    server.first = [Reply({"error": {"code": 500, "message": "Failed to execute query."}})]
    receipt = fetched(system="arcgis", url=url).receipt
    assert (receipt.records, receipt.retries) == (3, 1)


@pytest.mark.parametrize(("code", "calls"), [(498, 1), (400, 3)])
def test_an_error_inside_an_answer_that_stays_is_a_failure(
    server: LittleServer, fetched: Fetched, code: int, calls: int
) -> None:
    server.answer = lambda call: Reply({"error": {"code": code, "message": "no", "details": []}})
    with pytest.raises(FetchError, match=f"error {code} inside an answer with status 200") as failure:
        fetched(system="arcgis", url=server.url)
    assert failure.value.temporary == (calls > 1)
    assert len(server.calls) == calls


def test_features_out_of_order_are_refused_since_some_would_be_lost(server: LittleServer, fetched: Fetched) -> None:
    url = layer(server, 3)
    rows = [{"attributes": {"OBJECTID": row}} for row in (1, 9, 4)]
    server.first = [Reply({"objectIdField": "OBJECTID"}), Reply({"count": 3}), Reply({"features": rows})]
    with pytest.raises(FetchError, match="did not come in the order of OBJECTID"):
        fetched(system="arcgis", url=url)


def test_a_layer_without_an_object_id_is_refused(server: LittleServer, fetched: Fetched) -> None:
    with pytest.raises(FetchError, match="names no object id"):
        fetched(system="arcgis", url=layer(server, 3, objectIdField=None))
