"""What a message about alerts looks like: CAP 1.2 for machines, a short page in two languages for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from reports.render import fill
from reports.words import LANGUAGES, say, title

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
CAP_LANGUAGES = {"en": "en", "zh": "zh-Hans"}


def cap(content: Mapping[str, Any]) -> bytes:
    """Return a message as a CAP 1.2 document; a digest has the information of several alerts."""
    alert = ElementTree.Element("alert", xmlns=CAP)
    for name in ("identifier", "sender", "sent", "status", "msgType"):
        _add(alert, name, content["msg_type" if name == "msgType" else name])
    _add(alert, "scope", "Restricted")
    _add(alert, "restriction", "For the departments of the city.")
    _add(alert, "note", content["note"])
    _add(alert, "references", " ".join(f"{content['sender']},{name},{sent}" for name, sent in content["references"]))
    if content["kind"] == "digest":
        _add(alert, "incidents", " ".join(one["alert_id"] for one in content["alerts"]))
    for one in content["alerts"]:
        for language in LANGUAGES:
            _add_info(alert, content, one, language)
    ElementTree.indent(alert)
    return bytes(ElementTree.tostring(alert, encoding="utf-8", xml_declaration=True)) + b"\n"


def subject(content: Mapping[str, Any]) -> str:
    """Return the subject line of a mail, in English: what it is, and the first headline."""
    [first, *others] = content["alerts"]
    kind = say(f"alert.kind.{content['kind']}")["en"]
    exercise = "" if content["status"] == "Actual" else f"[{content['status'].upper()}] "
    return f"{exercise}{kind}: " + (f"{1 + len(others)} alerts" if others else first["headline"])


def html(content: Mapping[str, Any]) -> str:
    """Return a message as a page of a mail, in every language."""
    return fill(
        "alert.html",
        content=content,
        kind=say(f"alert.kind.{content['kind']}"),
        exercise=say("alert.exercise") if content["status"] != "Actual" else None,
        department=title(content["department"]),
        words={name: say(f"alert.{name}") for name in ("since", "area", "evidence", "answer")},
        areas=[area(content, one) for one in content["alerts"]],
    )


def area(content: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, str]:
    """Return where an alert holds, in each language."""
    if one["area_code"] == "city":
        return title(content["city"])
    if one["area_code"] == "unplaced":
        return say("alert.unplaced")
    kind = title(content["area_kind"])
    return {language: f"{kind[language]} {one['area_code']}" for language in LANGUAGES}


def _add_info(alert: ElementTree.Element, content: Mapping[str, Any], one: Mapping[str, Any], language: str) -> None:
    suffix = "_zh" if language == "zh" else ""
    info = ElementTree.SubElement(alert, "info")
    _add(info, "language", CAP_LANGUAGES[language])
    _add(info, "category", one["category"])
    _add(info, "event", one[f"event{suffix}"])
    for name in ("urgency", "severity", "certainty"):
        _add(info, name, one[name])
    _add(info, "onset", one["onset_at"])
    _add(info, "senderName", content["sender_name"])
    _add(info, "headline", one[f"headline{suffix}"])
    _add(info, "description", one[f"description{suffix}"])
    for name in ("alert_id", "rule", "department", "snapshot_id"):
        _add_pair(info, "parameter", name, str(one[name]))
    _add_pair(info, "parameter", "figures", json.dumps(one["figures"], ensure_ascii=False, sort_keys=True))
    place = ElementTree.SubElement(info, "area")
    _add(place, "areaDesc", area(content, one)[language])
    if one["area_code"] not in ("city", "unplaced"):
        _add_pair(place, "geocode", "area_code", one["area_code"])


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    """Add an element with a text; CAP wants none that is empty."""
    if text:
        ElementTree.SubElement(parent, name).text = text


def _add_pair(parent: ElementTree.Element, name: str, key: str, value: str) -> None:
    pair = ElementTree.SubElement(parent, name)
    _add(pair, "valueName", key)
    _add(pair, "value", value)
