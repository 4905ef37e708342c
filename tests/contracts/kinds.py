"""One good record of each kind, as a sender would write it with the contract's own names."""

from __future__ import annotations

from typing import Any

GOOD: dict[str, dict[str, Any]] = {
    "service_request": {
        "request_id": "R-1", "requested_at": "2026-11-20T08:00:00Z", "updated_at": "2026-11-21T08:00:00Z",
        "expected_at": "2026-11-22T08:00:00Z", "answered_at": "2026-11-20T09:00:00Z",
        "closed_at": "2026-11-21T08:00:00Z", "status": "closed", "outcome": "fixed",
        "service_code": "LIGHT", "channel": "web", "area_code": "32", "latitude": "41.8812",
        "longitude": "-87.6234", "requester_phone": "312-555-0199", "is_duplicate": "false", "description": "Lamp out",
    },
    "service_rating": {
        "rating_id": "S-1", "request_id": "R-1", "service_code": "LIGHT", "month": "2026-11-01", "satisfaction": "4",
        "reason_code": "good_work",
    },
    "incident": {
        "incident_id": "I-1", "occurred_at": "2026-11-20T08:00:00Z", "updated_at": "2026-11-21T08:00:00Z",
        "category_code": "0486", "category": "BATTERY", "area_code": "32", "latitude": "41.8", "longitude": "-87.6",
        "is_arrest": "true",
    },
    "emergency_call": {
        "call_id": "C-1", "unit_id": "E7", "received_at": "2026-11-20T08:00:00Z",
        "dispatched_at": "2026-11-20T08:01:00Z", "on_scene_at": "2026-11-20T08:06:00Z", "call_type": "fire",
        "priority": "1", "area_code": "32", "caller_phone": "312-555-0199",
    },
    "permit": {
        "permit_id": "P-1", "permit_type": "NEW", "status": "issued", "applied_date": "2026-10-01",
        "issued_date": "2026-11-01", "estimated_cost_cents": "1250000", "applicant_name": "Mary Ellen Smith",
        "area_code": "32", "updated_at": "2026-11-02T00:00:00Z",
    },
    "inspection": {
        "inspection_id": "N-1", "inspection_date": "2026-11-01", "result": "pass", "area_code": "32",
        "latitude": "41.8", "longitude": "-87.6",
    },
    "lamp_post": {
        "lamp_post_id": "L-1", "height_metres": "8.5", "installed_date": "2019-05-01", "is_base_station": "true",
        "area_code": "32", "latitude": "41.8", "longitude": "-87.6",
    },
    "observation": {
        "datastream_id": "D-1", "phenomenon_at": "2026-11-20T08:00:00Z", "result_at": "2026-11-20T08:00:01Z",
        "lamp_post_id": "L-1", "property_code": "pm2_5", "unit_code": "ug/m3", "result": "12.5",
    },
    "budget_line": {
        "budget_line_id": "B-1", "fiscal_year": "2026", "department_code": "57", "programme_code": "4310",
        "approved_cents": "100000", "revised_cents": "90000",
    },
    "payment": {
        "payment_id": "Y-1", "budget_line_id": "B-1", "paid_date": "2026-11-01", "payee_name": "Mary Ellen Smith",
        "payee_kind": "person", "amount_cents": "5000", "area_code": "32", "memo": "grant",
    },
    "commitment": {
        "commitment_id": "K-1", "award_id": "A-1", "budget_line_id": "B-1", "title": "Lamps", "status": "active",
        "signed_date": "2026-03-02", "start_date": "2026-04-01", "end_date": "2026-12-31", "amount_cents": "90000",
        "supplier_name": "Mary Ellen Smith", "supplier_kind": "person", "updated_at": "2026-03-02T00:00:00Z",
    },
    "plan_task": {
        "task_id": "T-1", "measure_id": "M-1", "task_name": "Order the lamps", "department_code": "57",
        "status": "done", "due_date": "2026-03-31", "done_date": "2026-03-20", "is_milestone": "true",
        "updated_at": "2026-03-21T00:00:00Z",
    },
    "plan_target": {
        "measure_id": "M-1", "year": "2026", "quarter": "4", "measure_name": "Lamps mended", "department_code": "57",
        "unit_code": "lamps", "direction": "up", "target": "1200",
    },
    "plan_measure": {
        "measure_id": "M-1", "period_date": "2026-10-01", "value": "1111", "reported_date": "2026-11-03",
    },
    "opinion_item": {
        "item_id": "O-1", "source_code": "herald", "published_at": "2026-11-20T08:00:00Z", "title": "Lamps",
        "body": "They are out", "language": "en", "author": "Mary Ellen Smith", "area_code": "32",
    },
    "area": {"area_code": "32", "area_name": "Loop", "geometry": '{"type":"Point","coordinates":[0,0]}'},
    "transit_stop": {
        "stop_id": "T-1", "stop_name": "City Hall", "location_type": "stop", "latitude": "41.8", "longitude": "-87.6",
        "wheelchair_boarding": "some", "area_code": "32",
    },
    "population": {
        "area_code": "32", "year": "2020", "age_group": "total", "sex_group": "all", "population": "42298",
    },
}  # fmt: skip


def sender_name(field: str) -> str:
    """Return the name under which the sender of these records keeps a field."""
    return f"their_{field}"


def record(kind: str, number: int = 0, **changed: Any) -> dict[str, Any]:
    """Return the good record of a kind with a key of its own, changed as told by the contract's names."""
    good = dict(GOOD[kind])
    first = next(iter(good))
    told = {**good, first: f"{good[first]}{number or ''}", **changed}
    return {sender_name(name): value for name, value in told.items() if value is not None}


def fields(kind: str, *more: str) -> dict[str, str]:
    """Return the mapping of these records."""
    return {name: sender_name(name) for name in [*GOOD[kind], *more]}
