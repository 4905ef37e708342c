"""From an address or a file to a feed that `civiclake check` accepts, and what a human must still decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import polars as pl

from cities import City
from cities.reader import HOW_TO_NAME, NAME
from contracts.check import check
from contracts.contract import all_contracts
from contracts.drafting.columns import Column, columns_of
from contracts.drafting.feed import NOTHING, feed_lines, feed_terms, field_terms, inline, new_feed_lines, unread_lines
from contracts.drafting.kind import draft_fields, kind_module
from contracts.drafting.match import Fit, Match, fit
from contracts.drafting.sample import Sample, read_feed, sampled

MOST_TOLD = 12


@dataclass(frozen=True)
class Draft:
    """Texts of files by their names, and what was seen and doubted on the way, line by line."""

    files: dict[str, str]
    told: list[str]

    @property
    def text(self) -> str:
        """All files, each under its name."""
        return "\n".join(f"# file: {name}\n{text}" for name, text in self.files.items())


def draft(source: str, city: City, contract: str | None = None, department: str | None = None) -> Draft:
    """Draft a feed from a sample of what lies at an address or path.

    `contract` names the kind of record, a new one too; without it the one that fits best is taken. Raises FetchError
    or ContractError where nothing can be read.
    """
    with sampled(source, city) as sample:
        columns = columns_of(sample.records)
        told = [f"{len(sample.records)} records, system {sample.terms['system']}", *_profile(columns)]
        fits = sorted((fit(one, columns, city) for one in all_contracts()), key=lambda one: -one.rank)
        known = {one.contract.name: one for one in fits}
        chosen = known.get(contract) if contract else fits[0] if fits[0].fits else None
        told.append(f"contracts that come nearest: {', '.join(_told(one) for one in fits[:3])}")
        if chosen is None:
            return _new_kind(contract or _name(source), sample, columns, city, department, told)
        return _feed_of(chosen, sample, columns, city, department, told)


def unusable(source: str, contract: str | None, department: str | None) -> str | None:
    """Return in words why nothing can be drafted from what was asked for; None where it can be tried."""
    if "://" in source and not source.startswith(("http://", "https://")):
        return f"{source.partition('://')[0]}:// cannot be sampled; give an http address or the path of a file"
    if "://" in source and (told := _misspelt(source)):
        return told
    if "://" not in source and not Path(source).is_file():
        return f"{source}: no such file; give the path of a file or an http address"
    for name in filter(None, (contract, department)):
        if not NAME.fullmatch(name):
            return f"{name!r} cannot be a name; {HOW_TO_NAME}"
    known = [one.name for one in all_contracts()]
    near = get_close_matches(contract, known, n=1, cutoff=0.8) if contract and contract not in known else []
    return f"no contract {contract!r}; did you mean {near[0]}?" if near else None


def _misspelt(address: str) -> str | None:
    try:
        urlsplit(address)
    except ValueError as error:
        # the address itself may hold a credential
        return f"the address cannot be read ({error}); write it like https://data.city.example/records.csv"
    return None


def _told(one: Fit) -> str:
    count = sum(field.required for field in one.contract.fields)
    return f"{one.contract.name} ({count - len(one.absent)} of {count} required fields, {len(one.matches)} in all)"


def _profile(columns: list[Column]) -> list[str]:
    """Tell each column without a value of it."""
    return [
        f"  {column.name}: {column.share:.0%} given, {column.distinct} different"
        + (", looks personal" if column.looks_personal else "")
        for column in columns
        if not column.is_whole
    ]


def _feed_of(
    chosen: Fit, sample: Sample, columns: list[Column], city: City, department: str | None, told: list[str]
) -> Draft:
    contract, matches = chosen.contract, chosen.matches
    stamp = matches.get(contract.stamp or "")
    terms = feed_terms(sample.terms, columns, stamp)
    file, head = _department(department, city)
    lines = feed_lines(_feed_name(contract.name, department, city), contract, terms, matches, city)
    lines += unread_lines(columns, matches)
    return Draft({file: "\n".join([*head, *lines, ""])}, [*told, *_doubts(chosen, sample, city)])


def _new_kind(
    name: str, sample: Sample, columns: list[Column], city: City, department: str | None, told: list[str]
) -> Draft:
    """Draft a contract of the columns themselves, and the feed for it."""
    fields = draft_fields(columns, city.time_zone)
    module = kind_module(name, fields)
    stamps = [Match(field.column, 0) for field in fields if "update" in field.name and field.type == "instant"]
    terms = feed_terms(sample.terms, columns, stamps[0] if stamps else None)
    file, head = _department(department, city)
    lines = new_feed_lines(_feed_name(name, department, city), name, terms, fields, city)
    told.append(f"no contract fits: {name} is drafted; put both files in place, decide what is marked `# ?`, and run "
                f"this again with --contract {name} to see what the contract says of the sample")  # fmt: skip
    return Draft({file: "\n".join([*head, *lines, ""]), f"contracts/kinds/{name}.py": module}, told)


def _doubts(chosen: Fit, sample: Sample, city: City) -> list[str]:
    """Judge the sample by what was drafted, and tell what would be set aside: the findings show no personal value."""
    told = [f"{field.name}: no column looks like it, and the contract requires it" for field in chosen.absent]
    fields = {name: field_terms(chosen.contract.field(name), match, city)[0] for name, match in chosen.matches.items()}
    fields |= {field.name: NOTHING for field in chosen.absent}
    feed = read_feed(sample.terms, contract=chosen.contract.name, fields=fields)
    verdict = check(sample.place, sample.place.parent.name, feed, city)
    told.append(f"of {verdict.received} records {verdict.accepted} would be accepted, {verdict.set_aside} set aside")
    if verdict.refused_because:
        told.append(f"the delivery would be refused: {', '.join(verdict.refused_because)}")
    hidden = {name for name, match in chosen.matches.items() if match.column.looks_personal}
    return told + _findings(pl.read_parquet(sample.place / "checked" / "findings.parquet"), hidden)


def _findings(findings: pl.DataFrame, hidden: set[str]) -> list[str]:
    groups = findings.group_by("rule", "field", "sender_field", "message", maintain_order=True)
    rows = groups.agg(pl.len(), pl.col("example").drop_nulls().first(), pl.col("expected").first()).to_dicts()
    return [_finding(row, row["field"] in hidden) for row in sorted(rows, key=lambda row: -row["len"])[:MOST_TOLD]]


def _finding(row: dict[str, Any], is_hidden: bool) -> str:
    where = f"{row['field']} (from {row['sender_field']}): " if row["field"] else ""
    example = f", like {row['example']!r}" if row["example"] and not is_hidden else ""
    expected = f"; expected is {row['expected']}" if row["expected"] else ""
    return f"  {row['len']} times {where}{row['message']}{example}{expected}"


def _department(given: str | None, city: City) -> tuple[str, list[str]]:
    """Return the file of a department, and the lines above its new feed; none for a department that is there."""
    name = given or "department"
    if name in city.departments:
        return f"cities/{city.id}/{name}.yml, at its end", []
    return f"cities/{city.id}/{name}.yml", [
        f"title: {{en: {inline(name.replace('_', ' ').capitalize())}}} # ?",
        f"steward: {inline(city.contact.email)} # ? who answers for the records",
        'schedule: "0 6 * * *" # ?',
        "legal_basis: unknown # ? what allows to collect them",
        "feeds:",
    ]


def _feed_name(name: str, department: str | None, city: City) -> str:
    taken = city.departments[department].feeds if department in city.departments else {}
    return next(one for one in [name, *(f"{name}_{at}" for at in range(2, 99))] if one not in taken)


def _name(source: str) -> str:
    """Return a name for a kind of record after the file or the end of the address that it came from."""
    path = PurePosixPath(unquote(urlsplit(source).path) if "://" in source else source)
    words = re.findall(r"[a-z]+", path.name.partition(".")[0].lower()) or ["record"]
    # a kind is named in the singular
    return "_".join([*words[:-1], re.sub(r"(?<![su])s$", "", re.sub(r"ies$", "y", words[-1]))])
