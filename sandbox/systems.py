"""Which system each department runs, and at which path."""

from __future__ import annotations

from sandbox.departments.hotline_services import CITY_SERVICES, PARK_SERVICES
from sandbox.protocols.arcgis import FeatureLayer
from sandbox.protocols.ckan import Datastore
from sandbox.protocols.message import System
from sandbox.protocols.open311 import GeoReport
from sandbox.protocols.sensorthings import SensorService
from sandbox.protocols.soda import SodaView
from sandbox.protocols.syndication import Channels
from sandbox.protocols.web_folder import (
    CSV,
    GEOJSON,
    XLSX,
    WebFolder,
    feature_collection,
    office_csv,
    office_workbook,
    plain_csv,
)

INCIDENT_COLUMNS = (
    "id", "case_number", "date", "block", "iucr", "primary_type", "description", "location_description", "arrest",
    "domestic", "beat", "district", "latitude", "longitude", "updated_on",
)  # fmt: skip
CALL_FIELDS = {
    "OBJECTID": "OID", "IncidentNumber": "String", "UnitID": "String", "CallType": "String", "Priority": "Integer",
    "ReceivedDate": "Date", "DispatchDate": "Date", "EnRouteDate": "Date", "OnSceneDate": "Date",
    "ClearedDate": "Date", "District": "String", "CallerPhone": "String", "Latitude": "Double",
    "Longitude": "Double", "EditDate": "Date",
}  # fmt: skip


def systems() -> dict[str, System]:
    """Every system by the path at which it lies; each server has its own, for some remember their callers."""
    return {
        "/hotline/open311/v2/": GeoReport(
            {"riverbend": "hotline__requests", "parks": "hotline__park_requests"},
            {"riverbend": CITY_SERVICES, "parks": PARK_SERVICES},
            ratings="hotline__ratings",
        ),
        "/police/resource/": SodaView("police__incidents", "inc-1234", INCIDENT_COLUMNS, ("date", "updated_on")),
        "/fire/arcgis/rest/services/": FeatureLayer(
            "fire__calls", "Calls/FeatureServer/0", "Calls", "OBJECTID", CALL_FIELDS
        ),
        "/buildings/": Datastore("buildings__permits", "permits"),
        "/lighting/FROST/": SensorService(
            {
                "Things": ("lighting__lamp_posts", "Locations"),
                "Observations": ("lighting__observations", "Datastream"),
            }
        ),
        "/lighting/meters/": SensorService({"Observations": ("lighting__lamp_power", "Datastream")}),
        "/planning/plans/": WebFolder(
            {
                "targets-2026.xlsx": ("planning__targets", office_workbook, XLSX),
                "measures.csv": ("planning__measures", office_csv, CSV),
                "tasks.csv": ("planning__tasks", plain_csv, CSV),
            },
            title="Plans",
        ),
        "/voice/": Channels(),
        "/statistics/": WebFolder(
            {
                "areas.geojson": ("statistics__areas", feature_collection, GEOJSON),
                "population.csv": ("statistics__population", plain_csv, CSV),
            }
        ),
    }
