from __future__ import annotations

from typing import Any

import pytest

from contracts.drafting.recognise import has_credential, recognise


@pytest.mark.parametrize(
    ("url", "terms"),
    [
        ("https://c.example/resource/me59-5fac.json?$where=ward>3&$limit=5",
         {"system": "socrata", "url": "https://c.example/resource/me59-5fac.json", "where": "ward>3"}),
        ("https://c.example/resource/me59-5fac", {"system": "socrata", "url": "https://c.example/resource/me59-5fac.json"}),
        ("https://c.example/resource/me59-5fac.geojson", None),
        ("https://c.example/x/MapServer/12/query?where=1=1&f=json",
         {"system": "arcgis", "url": "https://c.example/x/MapServer/12"}),
        ("https://c.example/x/FeatureServer", None),
        ("https://c.example/api/3/action/datastore_search?resource_id=a-b&limit=5",
         {"system": "ckan", "url": "https://c.example/api/3/action/datastore_search", "resource_id": "a-b"}),
        ("https://c.example/api/3/action/datastore_search", None),
        ("https://c.example/open311/v2/requests.xml?jurisdiction_id=x&page=3",
         {"system": "open311", "url": "https://c.example/open311/v2/requests.xml", "format": "xml",
          "params": {"jurisdiction_id": "x"}}),
        ("https://c.example/FROST/v1.1/Observations",
         {"system": "sensorthings", "url": "https://c.example/FROST/v1.1/Observations",
          "expand": "Datastream($expand=Thing)"}),
        ("https://c.example/FROST/v1.1/Things?$expand=Datastreams",
         {"system": "sensorthings", "url": "https://c.example/FROST/v1.1/Things", "expand": "Datastreams"}),
        ("https://c.example/data.csv", None),
    ],
)  # fmt: skip
def test_a_system_is_recognised_by_its_address(url: str, terms: dict[str, Any] | None) -> None:
    assert recognise(url) == terms


@pytest.mark.parametrize("url", ["https://me:you@c.example/x", "https://c.example/x?api_key=1", "https://c.example/?Token=1"])
def test_an_address_with_a_credential_is_known(url: str) -> None:
    assert has_credential(url)
    assert not has_credential("https://c.example/x?jurisdiction_id=1")


def test_a_key_is_no_part_of_what_is_drafted_for_open311() -> None:
    terms = recognise("https://c.example/requests.json?api_key=secret&jurisdiction_id=x")
    assert terms is not None
    assert terms["params"] == {"jurisdiction_id": "x"}
