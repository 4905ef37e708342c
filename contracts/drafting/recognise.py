"""Tells from an address which kind of system answers there, and from a file's first bytes which format it is.

Sources of the patterns: the addresses of SODA 2.1 resources (dev.socrata.com), ArcGIS layers (developers.arcgis.com),
CKAN's action API (docs.ckan.org), GeoReport v2 (wiki.open311.org) and SensorThings 1.1 (OGC 18-088, section 9).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

Terms = dict[str, Any]
"""What a feed says of its system, as a city file writes it."""

SOCRATA = re.compile(r"(?P<place>.*/resource/\w{3,4}-\w{4})(\.json)?$")
ARCGIS = re.compile(r"(?P<place>.*/(Feature|Map)Server/\d+)(/query)?/?$")
CKAN = re.compile(r"(?P<place>.*/datastore_search)/?$")
OPEN311 = re.compile(r"(?P<place>.*/requests\.(?P<format>json|xml))$")
SENSORTHINGS = re.compile(r"(?P<place>.*/v1\.\d/(?P<entities>[A-Z]\w+))$")

LINKED = {"Things": "Locations", "Observations": "Datastream($expand=Thing)", "Datastreams": "Thing,ObservedProperty"}
"""What is asked for beside the entities of a set, which alone seldom make a record."""

PAGING = {"page", "page_size", "start_date", "end_date", "updated_after", "updated_before"}
CREDENTIAL = re.compile(r"key|token|secret|passw|auth|sig", re.IGNORECASE)


def recognise(url: str) -> Terms | None:
    """Return the terms of the system that answers at an address; None where only the answer can tell."""
    parts = urlsplit(url)
    params = dict(parse_qsl(parts.query))
    if found := SOCRATA.match(parts.path):
        return _told("socrata", parts, found["place"] + ".json", where=params.get("$where"))
    if found := ARCGIS.match(parts.path):
        where = params.get("where", "1=1")
        return _told("arcgis", parts, found["place"], where=None if where == "1=1" else where)
    if (found := CKAN.match(parts.path)) and "resource_id" in params:
        return _told("ckan", parts, found["place"], resource_id=params["resource_id"])
    if found := OPEN311.match(parts.path):
        asked = {name: value for name, value in params.items() if name not in PAGING and not CREDENTIAL.search(name)}
        return _told("open311", parts, found["place"], format=found["format"], params=asked)
    if found := SENSORTHINGS.match(parts.path):
        expand = params.get("$expand") or LINKED.get(found["entities"])
        return _told("sensorthings", parts, found["place"], expand=expand)
    return None


def has_credential(url: str) -> bool:
    """Whether an address holds a name and password, or a parameter that looks like a key: no file may show it."""
    parts = urlsplit(url)
    return "@" in parts.netloc or any(CREDENTIAL.search(name) for name, _ in parse_qsl(parts.query))


def _told(system: str, parts: SplitResult, path: str, **terms: Any) -> Terms:
    url = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    return {"system": system, "url": url, **{name: value for name, value in terms.items() if value}}
