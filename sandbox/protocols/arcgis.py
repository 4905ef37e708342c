"""ArcGIS REST feature service, "Query (Feature Service/Layer)" in Esri's REST API reference.

Dates are epoch milliseconds in UTC; errors come as `{"error": ...}` inside HTTP 200.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sandbox.city import City
from sandbox.feed import Record
from sandbox.mishaps import ERROR_ONCE
from sandbox.protocols.conditions import Condition, parse_conditions, parse_order
from sandbox.protocols.message import Answer, Request, as_json

MOST_RECORDS = 500
SPATIAL_REFERENCE = {"wkid": 4326, "latestWkid": 4326}


def _error(message: str, *details: str, code: int = 400) -> Answer:
    return as_json({"error": {"code": code, "message": message, "details": list(details)}})


class FeatureLayer:
    """Layer 0 of a feature service; `fields` maps field names to Esri types, `key` is the object id field."""

    def __init__(self, feed: str, path: str, name: str, key: str, fields: Mapping[str, str]) -> None:
        self.feed, self.path, self.name, self.key, self.fields = feed, path, name, key, fields
        self._days_failed: set[int] = set()

    def answer(self, request: Request, city: City) -> Answer:
        """Answer the layer's description and `query`."""
        if request.path == self.path:
            return as_json(self._description())
        if request.path != f"{self.path}/query":
            return _error("Invalid URL", request.path)
        if city.mishap(self.feed) == ERROR_ONCE and city.world.day not in self._days_failed:
            self._days_failed.add(city.world.day)
            return _error("Failed to execute query.", "The service is starting.", code=500)
        try:
            return as_json(self._queried(request, city.records(self.feed)))
        except ValueError as error:
            return _error("Cannot perform query. Invalid query parameters.", str(error))

    def _described_fields(self, names: Sequence[str]) -> list[Record]:
        return [{"name": name, "type": f"esriFieldType{self.fields[name]}", "alias": name} for name in names]

    def _description(self) -> Record:
        return {
            "currentVersion": 11.3,
            "id": 0,
            "name": self.name,
            "type": "Feature Layer",
            "geometryType": "esriGeometryPoint",
            "objectIdField": self.key,
            "maxRecordCount": MOST_RECORDS,
            "fields": self._described_fields(list(self.fields)),
            "advancedQueryCapabilities": {"supportsPagination": True, "supportsOrderBy": True},
            "capabilities": "Query",
            "supportedQueryFormats": "JSON",
        }

    def _queried(self, request: Request, rows: list[Record]) -> Record:
        params = request.params
        rows = self._filtered(rows, params)
        if params.get("returnCountOnly") == "true":
            return {"count": len(rows)}
        if params.get("returnIdsOnly") == "true":
            return {"objectIdFieldName": self.key, "objectIds": sorted(row[self.key] for row in rows)}
        for field, falls in reversed(parse_order(params.get("orderByFields", self.key))):
            self._check(field)
            rows = sorted(rows, key=lambda row: (row[field] is not None, row[field]), reverse=falls)
        offset = request.number("resultOffset", 0)
        size = request.number("resultRecordCount", MOST_RECORDS, MOST_RECORDS)
        return self._feature_set(rows[offset : offset + size], params, len(rows) > offset + size)

    def _feature_set(self, rows: list[Record], params: Mapping[str, str], has_more: bool) -> Record:
        asked = params.get("outFields", self.key)
        names = list(self.fields) if asked == "*" else [self._check(name.strip()) for name in asked.split(",")]
        with_geometry = params.get("returnGeometry", "true") != "false"
        answer: Record = {
            "objectIdFieldName": self.key,
            "geometryType": "esriGeometryPoint",
            "spatialReference": SPATIAL_REFERENCE,
            "fields": self._described_fields(names),
            "features": [self._feature(row, names, with_geometry) for row in rows],
        }
        return answer | {"exceededTransferLimit": True} if has_more else answer

    def _feature(self, row: Record, names: Sequence[str], with_geometry: bool) -> Record:
        feature = {"attributes": {name: row[name] for name in names}}
        if with_geometry:
            feature["geometry"] = {"x": row["Longitude"], "y": row["Latitude"]}
        return feature

    def _check(self, field: str) -> str:
        if field not in self.fields:
            raise ValueError(f"'Invalid field: {field}' parameter is invalid")
        return field

    def _filtered(self, rows: list[Record], params: Mapping[str, str]) -> list[Record]:
        if not (params.get("where") or params.get("objectIds")):
            raise ValueError("'where' clause or 'objectIds' must be given")
        if params.get("objectIds"):
            wanted = {int(number) for number in params["objectIds"].split(",")}
            rows = [row for row in rows if row[self.key] in wanted]
        for condition in parse_conditions(params.get("where", "")):
            literal = self._typed(self._check(condition.field), condition.value)
            rows = [row for row in rows if self._holds(row, condition, literal)]
        return rows

    def _holds(self, row: Record, condition: Condition, literal: Any) -> bool:
        value = row[condition.field]
        try:
            return value is not None and condition.compare(value, literal)
        except TypeError:
            return False

    def _typed(self, field: str, text: str) -> Any:
        """A literal as the field's type; a date is written TIMESTAMP '2026-10-25 18:05:00' and means UTC."""
        kind = self.fields[field]
        if kind == "Date" and not text.isdigit():
            moment = datetime.fromisoformat(text)
            return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
        return text if kind == "String" else json.loads(text)
