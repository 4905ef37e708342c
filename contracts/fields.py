"""How a kind of record declares one field: `field(...)` beside the field's type.

Types are `str`, `int`, `float`, `bool`, `date` and `Instant`. pandera keeps what it can judge (nullability, allowed
values, range, pattern); everything else that is known of a field goes into its metadata and is read by `Contract`.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import pandera.polars as pa
import polars as pl

Instant = Annotated[pl.Datetime, "us", "UTC"]
"""A point in time, in UTC, to the microsecond."""

Classification = Literal["public", "internal", "personal", "sensitive", "secret"]
Privacy = Literal["drop", "pseudonym", "mask", "generalise"]


class Record(pa.DataFrameModel):
    """What all kinds of record share: no column beyond the declared ones, and nothing is ever coerced."""

    _zone: ClassVar[str] = "UTC"

    class Config:
        """Read by pandera."""

        strict = True
        coerce = False


def field(
    title: str,
    description: str = "",
    *,
    key: bool = False,
    required: bool = False,
    stamp: bool = False,
    allowed: list[str] | None = None,
    ge: float | None = None,
    le: float | None = None,
    pattern: str | None = None,
    unit: str | None = None,
    classification: Classification = "public",
    privacy: Privacy | None = None,
    domain: str | None = None,
    decimals: int | None = None,
    cut: int | None = None,
    reference: Literal["area"] | None = None,
    not_future: bool = False,
) -> Any:
    """Declare one field.

    key: part of what names the record (and so required); stamp: orders the versions of a record; privacy: what
    happens to the value before it may enter the lake (drop it, put a keyed pseudonym of `domain` in its place, mask
    personal values in the text, or generalise to `decimals`); cut: the characters kept of a long text; reference:
    the city's list the value must be on; not_future: it cannot lie after the fetch.
    """
    facts = {
        "key": key, "stamp": stamp, "unit": unit, "classification": classification, "privacy": privacy,
        "domain": domain, "decimals": decimals, "cut": cut, "reference": reference, "not_future": not_future,
    }  # fmt: skip
    return pa.Field(
        nullable=not (key or required), isin=allowed, ge=ge, le=le, str_matches=pattern,
        title=title, description=description or f"{title}.", metadata=facts,
    )  # fmt: skip


def area() -> Any:
    """Declare the district a record belongs to, by the city's own code."""
    return field("District", "Code of the district, as on the city's list.", reference="area")


def latitude(*, coarse: bool = False, required: bool = False) -> Any:
    """Declare a WGS 84 latitude; a coarse one is kept to three decimals, about a hundred metres."""
    return _degrees("Latitude", 90, coarse, required)


def longitude(*, coarse: bool = False, required: bool = False) -> Any:
    """Declare a WGS 84 longitude; a coarse one is kept to three decimals, about a hundred metres."""
    return _degrees("Longitude", 180, coarse, required)


def _degrees(title: str, most: int, coarse: bool, required: bool) -> Any:
    kept = {"classification": "personal", "privacy": "generalise", "decimals": 3} if coarse else {}
    return field(title, f"{title} in WGS 84.", ge=-most, le=most, unit="degrees", required=required, **kept)  # type: ignore[arg-type]
