"""The words by which senders call the fields of the contracts, and what two names have in common.

Sources of the words: Open311 GeoReport v2, the Socrata portals of Chicago and New York, BLDS 1.2, GTFS Schedule, OGC
SensorThings 1.1, RSS 2.0 and Atom.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache

PHRASES: dict[str, list[str]] = {
    "request_id": ["service request id", "service request number", "sr number", "case id", "ticket number",
                   "unique key", "case enquiry id"],
    "requested_at": ["requested datetime", "created date", "creation date", "open date", "opened", "date created",
                     "submitted", "request date", "requested"],
    "updated_at": ["updated datetime", "last modified date", "updated on", "last update", "modified", "edit date",
                   "changed at", "last edited date", "result time"],
    "expected_at": ["expected datetime", "target date", "sla date", "due date"],
    "closed_at": ["closed datetime", "closed date", "completion date", "completed date", "resolved", "close date"],
    "status": ["state", "status current", "current status"],
    "service_code": ["sr short code", "request type", "type of service request", "sr type", "complaint type"],
    "service_name": ["sr type", "type of service request", "request type", "complaint type", "subject"],
    "description": ["details", "complaint", "comments", "what is the nature of this code violation"],
    "channel": ["origin", "method received", "open data channel type", "reported via"],
    "responsible": ["agency responsible", "owner department", "agency", "assigned department"],
    "outcome_code": ["outcome", "resolution", "resolution code"],
    "is_duplicate": ["duplicate"],
    "parent_request_id": ["duplicate of", "parent sr number"],
    "area_code": ["community area", "district", "area number", "borough", "neighborhood", "ward"],
    "latitude": ["lat", "stop lat", "y coordinate wgs84"],
    "longitude": ["lon", "lng", "long", "stop lon"],
    "address": ["street address", "site address", "location address", "incident address"],
    "requester_name": ["reporter name", "caller name", "requestor name"],
    "requester_phone": ["reporter phone", "caller phone", "phone"],
    "requester_email": ["reporter email", "caller email", "email"],
    "permit_id": ["permit number", "permit num", "permit no"],
    "permit_type": ["permit class", "work type"],
    "applied_date": ["application date", "application start date", "applied"],
    "issued_date": ["issue date", "issued"],
    "completed_date": ["completed", "final date", "completion date"],
    "estimated_cost_cents": ["est cost", "est project cost", "reported cost", "estimated cost"],
    "applicant_name": ["contact name", "owner name"],
    "inspection_date": ["date", "day", "inspected on", "inspection day"],
    "inspection_type": ["reason"],
    "result": ["results", "outcome", "finding"],
    "establishment_id": ["license", "licence number", "business id"],
    "establishment_name": ["dba name", "business name", "facility name", "playground"],
    "incident.incident_id": ["incident number", "incident"],
    "case_number": ["case", "rd number"],
    "occurred_at": ["date", "occurred on", "occurrence date", "date of occurrence"],
    "reported_at": ["report date", "reported on"],
    "category_code": ["iucr", "offense code"],
    "category": ["primary type", "offense", "offense type", "crime type"],
    "location_kind": ["location description", "premise type"],
    "is_arrest": ["arrest"],
    "is_domestic": ["domestic"],
    "call_id": ["incident number", "call number"],
    "unit_id": ["unit", "apparatus"],
    "received_at": ["received date", "call received", "alarm time", "received"],
    "dispatched_at": ["dispatch date", "dispatched", "dispatch time"],
    "en_route_at": ["en route date", "enroute time"],
    "on_scene_at": ["on scene date", "arrival time", "arrived"],
    "cleared_at": ["cleared date", "clear time"],
    "call_type": ["nature", "type of call"],
    "datastream_id": ["datastream id", "series"],
    "phenomenon_at": ["phenomenon time", "measured at", "measurement time", "timestamp"],
    "result_at": ["result time"],
    "observation.result": ["result", "value", "reading"],
    "observation.lamp_post_id": ["thing id", "node id"],
    "property_code": ["property code", "parameter", "observed property"],
    "unit_code": ["unit", "unit of measurement symbol", "symbol", "units"],
    "quality": ["result quality"],
    "lamp_kind": ["lamp type", "lamp kind"],
    "height_metres": ["height", "height m"],
    "installed_date": ["installed", "installation date"],
    "is_base_station": ["base station"],
    "item_id": ["guid", "entry id", "post id"],
    "source_code": ["source"],
    "published_at": ["published", "pub date", "publication date"],
    "opinion_item.updated_at": ["updated"],
    "body": ["summary", "content", "text"],
    "opinion_item.area_code": ["category"],
    "url": ["link"],
    "payment_id": ["voucher number", "payment number"],
    "budget_line_id": ["line id", "budget line"],
    "paid_date": ["pay date", "payment date", "check date"],
    "payee_name": ["vendor name", "payee"],
    "payee_kind": ["payee type"],
    "amount_cents": ["amount", "payment amount"],
    "memo": ["purpose"],
    "department_code": ["dept code", "responsible department"],
    "approved_cents": ["approved", "appropriation", "budget"],
    "revised_cents": ["revised"],
    "measure_id": ["measure code"],
    "measure_name": ["measure"],
    "period_date": ["month", "period"],
    "reported_date": ["reported on"],
    "area_name": ["community", "district name", "neighborhood name"],
    "area_name_zh": ["name zh", "chinese name"],
    "geometry": ["the geom", "shape"],
    "area.area_code": ["code", "area numbe"],
    "population.area_code": ["code", "ca"],
    "age_group": ["age", "agegp"],
    "sex_group": ["sex", "gender", "sexgp"],
    "population": ["pop", "persons", "inhabitants"],
    "location_type": ["location type"],
}  # fmt: skip
"""What senders call a field, named by itself or, where the kind of record matters, by its contract too."""

SAME = {
    "number": "id", "no": "id", "num": "id", "nr": "id", "identifier": "id", "lat": "latitude", "lon": "longitude",
    "lng": "longitude", "long": "longitude", "datetime": "date", "time": "date", "timestamp": "date", "day": "date",
    "at": "date", "dept": "department", "addr": "address", "tel": "phone", "telephone": "phone", "mobile": "phone",
    "mail": "email", "desc": "description", "modified": "updated", "changed": "updated", "edited": "updated",
    "edit": "updated", "kind": "type", "license": "licence", "program": "programme",
}  # fmt: skip
"""Words that mean the same in a field's name."""

GENERIC = {"id", "date", "name", "code", "type", "status", "description", "value", "title"}
"""Words that say little of what a field is about."""

EMPTY = {"the", "of", "a", "is", "iot", "s"}
PERSONAL = {
    "applicant", "requester", "requestor", "caller", "payee", "owner", "resident", "citizen", "reporter", "contact",
    "author", "surname", "person", "customer", "patient", "inspector", "officer", "employee", "phone", "email", "fax",
    "address", "birth", "dob", "ssn", "first", "last", "firstname", "lastname", "fullname", "complainant", "vendor",
    "name",
}  # fmt: skip
PERSONAL_ZH = ["姓名", "电话", "手机", "地址", "邮箱", "身份证", "联系人", "用户", "作者"]


@cache
def tokens(name: str) -> tuple[str, ...]:
    """Return the words of a name in the form in which they are compared."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.findall(r"[^\W_]+", spaced.lower())
    return tuple(SAME.get(word, word) for word in words if word not in EMPTY) or tuple(words)


def is_generic(words: tuple[str, ...]) -> bool:
    """Whether a name says little of what it is about."""
    return set(words) <= GENERIC


@cache
def likeness(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    """Return from 0 to 1 how much two names have in common; words that say little count less."""
    if ours == theirs:
        return 1.0
    shared = sum(_weight(word) for word in ours if any(_alike(word, other) for other in theirs))
    found = 2 * shared / max(sum(map(_weight, ours)) + sum(map(_weight, theirs)), shared * 2, 0.1)
    kinds = GENERIC & set(ours), GENERIC & set(theirs)
    # the number of a request is not its description
    return found * (0.6 if all(kinds) and not kinds[0] & kinds[1] else 1)


def _weight(word: str) -> float:
    return 0.3 if word in GENERIC else 1.0


def _alike(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) > 3 and SequenceMatcher(None, one, other).ratio() >= 0.85)
