"""Whether a city's files fit the contracts, before any department is asked."""

from __future__ import annotations

from difflib import get_close_matches

import polars as pl

from cities import City, Feed
from contracts.contract import Contract, all_contracts, get
from contracts.errors import ContractError
from contracts.mapping import Mapping
from contracts.reading import read


def misfits(city: City) -> list[str]:
    """Return in words what does not fit: contracts and fields that do not exist, codes that are not allowed."""
    return [told for feed_id, feed in city.feeds.items() for told in _misfits(city, feed_id, feed)]


def _misfits(city: City, feed_id: str, feed: Feed) -> list[str]:
    names = [contract.name for contract in all_contracts()]
    if feed.contract not in names:
        near = get_close_matches(feed.contract, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return [f"{feed_id}: no contract {feed.contract!r}; known kinds are {', '.join(names)}{hint}"]
    try:
        mapping = Mapping.of(feed_id, feed, city)
        for name, held in feed.fields.items():
            mapping.read_by(name)
            read(pl.Series(dtype=pl.String), mapping.contract.field(name), held, mapping.zone)
    except ContractError as error:
        return [str(error) if feed_id in str(error) else f"{feed_id}: {error}"]
    contract = get(feed.contract)
    return [*_codes(feed_id, feed, contract), *_uncovered(city, feed_id, feed, contract)]


def _uncovered(city: City, feed_id: str, feed: Feed, contract: Contract) -> list[str]:
    """Tell what a feed promises to cover and cannot: by fields that it does not map, or in areas that are none."""
    if feed.coverage is None:
        return []
    told = [
        f"{feed_id}: coverage: {name!r} is not mapped; mapped fields are {', '.join(feed.fields)}"
        for name in (feed.coverage.field, *feed.coverage.filled)
        if name not in feed.fields
    ]
    if not told and contract.field(feed.coverage.field).type not in ("date", "instant", "int"):
        told.append(f"{feed_id}: coverage: {feed.coverage.field!r} is no date, instant or year")
    unknown = sorted(set(feed.coverage.areas) - set(city.areas.codes)) if feed.coverage.areas != "all" else []
    if feed.coverage.areas and "area_code" not in feed.fields:
        told.append(f"{feed_id}: coverage: `areas` need the field area_code, which is not mapped")
    return told + ([f"{feed_id}: coverage: {', '.join(unknown)}: no area of the city"] if unknown else [])


def _codes(feed_id: str, feed: Feed, contract: Contract) -> list[str]:
    told = []
    for name, held in feed.fields.items():
        allowed = contract.field(name).allowed
        wrong = sorted(set((held.values or {}).values()) - set(allowed)) if allowed else []
        if wrong:
            told.append(f"{feed_id}: {name}: {', '.join(wrong)} is not allowed; allowed are {', '.join(allowed)}")
    return told
