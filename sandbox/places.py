"""The invented map of Riverbend: twelve districts on a bent grid, their streets, and where things happen in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

WEST, SOUTH, CELL = -89.2200, 41.1200, 0.0280
COLUMNS, ROWS = 4, 3

STREETS = (
    "Alder Street", "Birch Avenue", "Cedar Lane", "Depot Road", "Elm Street", "Ferry Street", "Granary Road",
    "Harbor Drive", "Ironworks Avenue", "Juniper Court", "Kiln Street", "Levee Road", "Market Street", "Mill Street",
    "North Bank Drive", "Orchard Avenue", "Prairie Avenue", "Quarry Road", "Railroad Avenue", "South Bank Drive",
    "Tannery Lane", "Upland Road", "Viaduct Street", "Willow Street",
)  # fmt: skip


@dataclass(frozen=True)
class District:
    """One of the twelve areas: code, names, inhabitants in 2025, and its place on the grid."""

    code: str
    name: str
    name_zh: str
    inhabitants: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a district: street address, postal code and WGS 84 degrees."""

    district: District
    number: int
    street: str
    latitude: float
    longitude: float

    @property
    def address(self) -> str:
        """House number and street."""
        return f"{self.number} {self.street}"

    @property
    def block(self) -> str:
        """The block as police publish it, the last two digits of the number hidden."""
        return f"{self.number // 100:02d}XX {self.street.upper()}"

    @property
    def postcode(self) -> str:
        """An invented postal code, one a district."""
        return f"629{self.district.code[1:]}"


def _districts() -> tuple[District, ...]:
    rows = (
        ("Old Town", "老城", 11_840), ("Harbor", "港口", 8_910), ("Mill Quarter", "磨坊区", 10_230),
        ("North Bank", "北岸", 12_470), ("Station", "车站", 9_660), ("University", "大学城", 13_120),
        ("Granary", "粮仓", 7_380), ("Orchard Hills", "果园山", 10_950), ("South Bank", "南岸", 11_290),
        ("Ironworks", "铁厂", 8_140), ("Prairie Gate", "草原门", 9_470), ("Willow Park", "柳园", 6_640),
    )  # fmt: skip
    return tuple(
        District(f"D{i + 1:02d}", name, zh, inhabitants, i % COLUMNS, i // COLUMNS)
        for i, (name, zh, inhabitants) in enumerate(rows)
    )


DISTRICTS = _districts()
_WEIGHTS = [district.inhabitants for district in DISTRICTS]


def corner(column: int, row: int) -> tuple[float, float]:
    """Longitude and latitude of a grid corner; inner corners are bent so that districts are no rectangles."""
    bend = Random(f"corner/{column}/{row}")
    east, north = bend.uniform(-0.15, 0.15), bend.uniform(-0.15, 0.15)
    return round(WEST + (column + east) * CELL, 5), round(SOUTH + (row + north) * CELL, 5)


@cache
def outline(district: District) -> tuple[tuple[float, float], ...]:
    """The closed ring of a district, counter-clockwise as RFC 7946 asks."""
    c, r = district.column, district.row
    ring = (corner(c, r), corner(c + 1, r), corner(c + 1, r + 1), corner(c, r + 1))
    return (*ring, ring[0])


def any_district(dice: Random) -> District:
    """A district drawn in proportion to its inhabitants."""
    return dice.choices(DISTRICTS, _WEIGHTS)[0]


def place_in(district: District, dice: Random) -> Place:
    """A spot well inside a district."""
    return Place(
        district,
        dice.randrange(100, 2400),
        dice.choice(STREETS),
        round(SOUTH + (district.row + dice.uniform(0.2, 0.8)) * CELL, 6),
        round(WEST + (district.column + dice.uniform(0.2, 0.8)) * CELL, 6),
    )
