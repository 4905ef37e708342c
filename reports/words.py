"""Says a text of `texts/` in every language at once.

Every text of the reports stands there once, in each language: a key is `<file>.<name in it>`. A list of two is singular
and plural, chosen by {n}. Plain words, sentences of 25 words at most; a test keeps the words of engineers out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from reports import days

Words = dict[str, str]
"""One text by language."""

LANGUAGES = ("en", "zh")
TEXTS: dict[str, Any] = {
    file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))
    for file in sorted((Path(__file__).parent / "texts").glob("*.yml"))
}


def say(key: str, /, **values: Any) -> Words:
    """Return the text `key` (like `verdict.R3`) in each language, its gaps filled.

    A value may be another text in several languages, a number (thousands commas), a date or an instant of the
    city; `n` also chooses between singular and plural. A key that is not there raises KeyError.
    """
    found: Any = TEXTS
    for step in key.split("."):
        found = found[step]
    return {language: _fill(found[language], values, language) for language in LANGUAGES}


def listed(names: Sequence[Mapping[str, str]], at_most: int = 3) -> Words:
    """Return names as people say them, "A, B and 4 others", so that a sentence stays short."""
    shown = [dict(name) for name in names]
    if len(shown) > at_most:
        shown = [*shown[: at_most - 1], say("listed.more", n=len(shown) - at_most + 1)]
    if len(shown) == 1:
        return shown[0]
    comma = say("listed.comma")
    head = {language: comma[language].join(name[language] for name in shown[:-1]) for language in LANGUAGES}
    return say("listed.two", head=head, last=shown[-1])


def both(text: str) -> Words:
    """Return a name that is the same in every language."""
    return dict.fromkeys(LANGUAGES, text)


@dataclass(frozen=True)
class Names:
    """What records name in one language, in the city's other ones: `areas` by code, `others` by the records' text."""

    areas: Mapping[str, str]
    others: Mapping[str, Mapping[str, str]]

    def of(self, text: str) -> Words:
        """Return a text of the records in each language; where the city gives no name for it, as it is."""
        return both(text) | dict(self.others.get(text, {}))

    def of_area(self, code: str) -> Words:
        """Return an area's name in each language; its code where nobody names it."""
        return self.of(self.areas.get(code, code))


def title(words: Mapping[str, str]) -> Words:
    """Return a title of a city file in each language; where it lacks one, in the first that it has."""
    return {language: words.get(language) or next(iter(words.values())) for language in LANGUAGES}


def _fill(template: str | list[str], values: Mapping[str, Any], language: str) -> str:
    if isinstance(template, list):
        template = template[0 if values["n"] == 1 else 1]
    return template.format_map({name: _in(language, value) for name, value in values.items()})


def _in(language: str, value: Any) -> str:
    if isinstance(value, dict):
        return str(value[language])
    if isinstance(value, datetime):
        return days.moment(value, language)
    if isinstance(value, date):
        return days.short(value, language)
    return f"{value:,}" if isinstance(value, int) else str(value)
