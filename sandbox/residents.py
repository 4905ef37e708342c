"""The invented inhabitants who report, apply, are paid and post, and whose names and numbers must never be seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from sandbox.places import Place, any_district, place_in
from sandbox.world import World

RESIDENTS = 1500

_AREA_CODES = (217, 224, 309, 312, 331, 447, 464, 618, 630, 708, 730, 773, 779, 815, 847, 872)
_FIRST = """
    Adaline Alonzo Amparo Anselm Beatrix Benicio Calista Casimir Cordelia Dashiell Delphine Eamon Elspeth Esteban
    Farrukh Fenella Gideon Ginevra Hollis Ingrid Isidro Jemima Joaquin Katarzyna Kwame Lavinia Leocadia Lysander
    Marisol Mehmet Nadezhda Ngozi Octavia Oswin Percival Petronella Quillon Rosalind Sanjana Silvester Tamsin
    Thaddeus Ulrika Valentin Winifred Xiomara Yolanda Zebulon
"""
_LAST = """
    Abernethy Ashgrove Balderas Blackwood Brzezinski Castellanos Coldwater Dunsmore Eberhardt Eldritch Fairweather
    Featherstone Galbraith Greenhalgh Hathersage Hollingworth Ibarrola Jankowiak Kettleby Kilbride Langstaff Lovelock
    Macquarie Merriweather Nakasone Northcott Okonkwo Ollerenshaw Pemberton Penhaligon Quintanilla Ravenscroft
    Rutherglen Satterthwaite Skarsgaard Thistlewood Tregonning Underhay Villanueva Wainwright Wolstenholme Yarborough
    Zamoyski Zielinski
"""
_LAST_ZH = "欧阳 司马 上官 诸葛 慕容 东方 皇甫 尉迟 端木 令狐"
_GIVEN_ZH = "静怡 浩然 雨桐 子轩 欣妍 俊杰 思远 佳琪 博文 晓岚 明轩 若曦 志强 秀英 建国 海燕"


@dataclass(frozen=True, slots=True)
class Resident:
    """One invented person with everything about them that a system may hold."""

    name: str
    phone: str
    email: str
    home: Place
    language: str

    @property
    def phone_in_text(self) -> str:
        """The same telephone number as people write it in running text."""
        return f"({self.phone[:3]}) {self.phone[4:]}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every string that would give this person away."""
        return (self.name, self.phone, self.phone_in_text, self.email, self.home.address)


def _names(dice: Random) -> list[tuple[str, str]]:
    english = [(f"{first} {last}", "en") for first in _FIRST.split() for last in _LAST.split()]
    chinese = [(last + first, "zh") for last in _LAST_ZH.split() for first in _GIVEN_ZH.split()]
    names = dice.sample(english, RESIDENTS - len(chinese)) + chinese
    dice.shuffle(names)
    return names


def _resident(number: int, name: str, language: str, dice: Random) -> Resident:
    area, line = divmod(number, 100)
    phone = f"{_AREA_CODES[area]}-555-{100 + line:04d}"
    mailbox = name.lower().replace(" ", ".") if language == "en" else f"linhe{number:04d}"
    home = place_in(any_district(dice), dice)
    return Resident(name, phone, f"{mailbox}{line}@mail.example", home, language)


@lru_cache(maxsize=4)
def _pool(seed: int) -> tuple[Resident, ...]:
    dice = World(seed, 1, 0).dice("residents")
    names = _names(dice)
    return tuple(_resident(n, name, language, dice) for n, (name, language) in enumerate(names))


def residents(world: World) -> tuple[Resident, ...]:
    """Everyone who can turn up in this world's records; the same people at every scale and on every day."""
    return _pool(world.seed)
