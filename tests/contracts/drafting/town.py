"""A town into which drafts are put, as a person would put them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cities import City, read_city
from contracts.drafting import Draft


def make_town(folder: Path, codes: list[str]) -> City:
    """Write and read a city of one department that sends nothing of interest."""
    folder.mkdir(parents=True, exist_ok=True)
    city = {
        "title": {"en": "Town"},
        "time_zone": "America/Chicago",
        "contact": {"name": "Data office", "email": "data@town.example"},
        "areas": {"kind": {"en": "district"}, "codes": codes},
    }
    mayor = {"title": {"en": "Mayor"}, "steward": "m@town.example", "schedule": "0 5 * * *", "legal_basis": "Code 1"}
    (folder / "city.yml").write_text(yaml.safe_dump(city))
    (folder / "mayor.yml").write_text(yaml.safe_dump({**mayor, "feeds": {}}))
    return read_city(str(folder))


def put(draft: Draft, folder: Path, name: str = "office") -> tuple[City, str, Any]:
    """Put a drafted department into the city and return the city, and the new feed with its id."""
    (folder / f"{name}.yml").write_text(next(iter(draft.files.values())), encoding="utf-8")
    city = read_city(str(folder))
    [feed_id] = [one for one in city.feeds if one.startswith(f"{name}__")]
    return city, feed_id, city.feeds[feed_id]


def shown(draft: Draft) -> str:
    """Return all that a person sees of a draft."""
    return "\n".join([draft.text, *draft.told])
