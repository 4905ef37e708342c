"""Statistics: the outlines of the districts, and their inhabitants by age and sex with totals among the parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sandbox.clock import at
from sandbox.feed import Event, Feed, Record
from sandbox.places import DISTRICTS, District, outline
from sandbox.world import World

YEARS = (2022, 2023, 2024, 2025)
AGE_SHARES = {"0-14": 0.18, "15-64": 0.65, "65+": 0.17}
FEMALE_SHARE = 0.51
WHOLE_CITY, ALL_AGES, ALL_SEXES = "ALL", "TOTAL", "ALL"
PUBLISHED_AT = at(-200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area(Event):
    """One district as published."""

    district: District


@dataclass(frozen=True, slots=True, kw_only=True)
class Population(Event):
    """One row of the table: inhabitants of an area in a year, of an age group and a sex or of all."""

    area: str
    year: int
    age_group: str
    sex: str
    inhabitants: int


def areas(_world: World) -> list[Area]:
    """The twelve districts."""
    return [Area(key=district.code, known_at=PUBLISHED_AT, district=district) for district in DISTRICTS]


def inhabitants_in(district: District, year: int) -> int:
    """All inhabitants of a district in a year: one hundredth fewer each year back."""
    return round(district.inhabitants * (1 - 0.01 * (max(YEARS) - year)))


def _parts(total: int) -> dict[tuple[str, str], int]:
    """One area and year split by age and sex; the parts add up to the total."""
    young, old = round(total * AGE_SHARES["0-14"]), round(total * AGE_SHARES["65+"])
    by_age = {"0-14": young, "15-64": total - young - old, "65+": old}
    split = {}
    for age, count in by_age.items():
        split[age, "F"] = round(count * FEMALE_SHARE)
        split[age, "M"] = count - split[age, "F"]
        split[age, ALL_SEXES] = count
    for sex in ("F", "M", ALL_SEXES):
        split[ALL_AGES, sex] = sum(split[age, sex] for age in by_age)
    return split


def population(_world: World) -> list[Population]:
    """The whole table, by year and area; the whole city has rows of its own."""
    return [row for year in YEARS for row in _population_in(year)]


def _population_in(year: int) -> Iterator[Population]:
    splits = {district.code: _parts(inhabitants_in(district, year)) for district in DISTRICTS}
    groups = list(next(iter(splits.values())))
    splits[WHOLE_CITY] = {group: sum(split[group] for split in splits.values()) for group in groups}
    for area, split in splits.items():
        for (age, sex), count in split.items():
            key = f"{area}/{year}/{age}/{sex}"
            yield Population(
                key=key, known_at=PUBLISHED_AT, area=area, year=year, age_group=age, sex=sex, inhabitants=count
            )


def area_record(area: Area, _now: datetime) -> Record:
    """One GeoJSON feature."""
    district = area.district
    return {
        "type": "Feature",
        "properties": {"code": district.code, "name": district.name, "name_zh": district.name_zh},
        "geometry": {"type": "Polygon", "coordinates": [[list(corner) for corner in outline(district)]]},
    }


def population_record(row: Population, _now: datetime) -> Record:
    """One line of population.csv."""
    return {
        "code": row.area,
        "year": str(row.year),
        "age_group": row.age_group,
        "sex": row.sex,
        "population": str(row.inhabitants),
    }


AREAS = Feed("statistics__areas", areas, area_record)
POPULATION = Feed("statistics__population", population, population_record)
