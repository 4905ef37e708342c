"""Writes the draft of a feed as a city file has it; `# ?` stands where a human must decide."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from cities import City, home
from contracts.contract import Contract, ContractField
from contracts.drafting.columns import Column
from contracts.drafting.kind import DraftField
from contracts.drafting.match import Match, coded, value_type
from contracts.drafting.recognise import Terms, has_credential

CURSORS = {"socrata", "arcgis"}
OPEN311_CURSORS = ("updated_datetime", "requested_datetime")

NOTHING = {"sql": "null"}
"""How a required field is read that nothing looks like: every record is set aside until a human says otherwise."""

SNAPSHOT = "snapshot: true, where each delivery holds all records: one that is gone was withdrawn"

Line = tuple[str, str | None]
"""One line of a draft and what a human must decide about it."""


def feed_terms(terms: Terms, columns: list[Column], stamp: Match | None) -> dict[str, Any]:
    """Return the system's part of a feed as it is to be run: without the sample's own terms, with a cursor."""
    told = {name: value for name, value in terms.items() if name != "settle"}
    if told["url"].startswith("file:"):
        told["url"] = _folder(told["url"])
    if has_credential(told["url"]):
        del told["url"]
        told["url_env"] = "SOURCE_ADDRESS"
    cursor = _cursor(terms, columns, stamp)
    return {**told, **({"cursor": cursor} if cursor else {})}


def _folder(url: str) -> str:
    """Return a folder's url relative to CIVICLAKE_HOME where it lies there."""
    path = Path(unquote(urlsplit(url).path))
    return f"file:{path.relative_to(home())}" if path.is_relative_to(home()) else url


def _cursor(terms: Terms, columns: list[Column], stamp: Match | None) -> str | None:
    """Return the sender's field that tells what changed since the last time, where its system can be asked by one."""
    names = [column.name for column in columns if column.sql is None and column.share == 1]
    if terms["system"] == "open311":
        return next((name for name in OPEN311_CURSORS if name in names), None)
    if terms["system"] == "sensorthings":
        return "resultTime" if "resultTime" in names else None
    if terms["system"] in CURSORS and stamp and stamp.column.name in names:
        return stamp.column.name
    return None


def field_terms(field: ContractField, match: Match, city: City) -> tuple[dict[str, Any], list[Line]]:
    """Return how a field is read from its column, and the lines about it that a human must look at."""
    column, told = match.column, dict[str, Any](match.column.origin)
    doubts: list[Line] = [] if match.is_sure else [("", "is this the right field?")]
    if field.allowed:
        sure = coded(column.codes, field.allowed)
        values = {code: ours for code, (ours, _) in sure.items() if ours}
        if any(code != ours for code, (ours, _) in sure.items()):
            told |= {"values": values} if values else {}
            doubts += [(code, _code_doubt(ours, field)) for code, (ours, is_sure) in sure.items() if not is_sure]
    elif field.type not in {"str", "bool"}:
        writing = column.writing(value_type(field), city.time_zone)
        told |= {"format": writing.format} if writing.format else {}
        doubts += [("", f"or {' or '.join(writing.also)}")] if writing.also else []
    if value_type(field) != field.type and "cents" not in column.name.lower():
        told["scale"] = 100
    return told, doubts


def _code_doubt(ours: str | None, field: ContractField) -> str:
    choice = ", ".join(field.allowed)
    return f"taken for {ours}; allowed are {choice}" if ours else f"not read until it is one of {choice}"


def feed_lines(name: str, contract: Contract, terms: Terms, matches: dict[str, Match], city: City) -> list[str]:
    """Return the lines of a feed in the file of its department."""
    fields = (_field_lines(field, matches.get(field.name), city) for field in contract.fields)
    return [*_head(name, contract.name, terms), *(line for lines in fields for line in lines)]


def unread_lines(columns: list[Column], matches: dict[str, Match]) -> list[str]:
    """Return the line that names the sender's fields of which nothing is read."""
    read = {match.column.sender for match in matches.values()}
    unread = dict.fromkeys(column.sender for column in columns if column.sender not in read)
    if not unread:
        return []
    return [f"    # ? not read; name under `keep` what is worth it: {', '.join(map(inline, unread))}"]


def new_feed_lines(name: str, contract: str, terms: Terms, fields: list[DraftField], city: City) -> list[str]:
    """Return the lines of a feed whose contract is drafted with it: each field has its column."""
    return [*_head(name, contract, terms), *(_new_field_line(field, city) for field in fields)]


def _new_field_line(field: DraftField, city: City) -> str:
    told: dict[str, Any] = dict(field.column.origin)
    writing = field.column.writing(field.type, city.time_zone) if field.type not in {"str", "bool"} else None
    told |= {"format": writing.format} if writing and writing.format else {}
    doubt = f" # ? or {' or '.join(writing.also)}" if writing and writing.also else ""
    return f"      {field.name}: {inline(_short(told))}{doubt}"


def _head(name: str, contract: str, terms: Terms) -> list[str]:
    return [
        f"  {name}:",
        f"    title: {{en: {contract.replace('_', ' ').capitalize()}}} # ? as people call it",
        f"    contract: {contract}",
        *(f"    {key}: {inline(value)}{_term_doubt(key, value)}" for key, value in terms.items()),
        *([] if "cursor" in terms else [f"    # ? {SNAPSHOT}"]),
        '    due: "06:30" # ? by when it must have arrived',
        "    matters: 1 # ? 1 to 3",
        "    fields:",
    ]


def _term_doubt(key: str, value: Any) -> str:
    if key == "url_env":
        return " # ? a variable that holds the address, because a credential stands in it"
    if key == "cursor":
        return " # ? a field that grows whenever a record changes"
    if key == "glob" and re.search(r"\d", value):
        return f" # ? the names of later files too, like {re.sub(r'[0-9]+([-_.]?[0-9]+)*', '*', value)}"
    return ""


def _field_lines(field: ContractField, match: Match | None, city: City) -> list[str]:
    if match is None:
        choice = f", one of {', '.join(field.allowed)}" if field.allowed else ""
        wanted = f"# ? {field.title}{choice}: nothing in the sample looks like it"
        return [f"      {field.name}: {inline(NOTHING)} {wanted}"] if field.required else []
    told, doubts = field_terms(field, match, city)
    here = [doubt for code, doubt in doubts if not code]
    lines = [f"      {field.name}: {inline(_short(told))}" + (f" # ? {'; '.join(filter(None, here))}" if here else "")]
    return lines + [f"      # ? {inline(code)}: {doubt}" for code, doubt in doubts if code]


def _short(told: dict[str, Any]) -> Any:
    return told["from"] if list(told) == ["from"] else told


def inline(value: Any) -> str:
    """Return a value as YAML writes it within a line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{inline(key)}: {inline(inner)}" for key, inner in value.items()) + "}"
    text = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9).strip()[1:-1]
    return json.dumps(value, ensure_ascii=False) if text.startswith("'") else text
