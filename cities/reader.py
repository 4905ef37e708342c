"""Reads a city folder into typed models; a mistake is told with its file and line."""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from cities.alerting import Alerting, AlertOwner
from cities.errors import CityError
from cities.model import City, CityFile, Department, DepartmentFile
from cities.systems import Feed
from cities.terms import Column, Coverage, ExpectedData, FeedTerms, FieldMap, Layout, Rows
from cities.yaml_files import read_yaml

FOLDER = Path(__file__).resolve().parent
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
"""Of cities, departments and feeds; `__` parts the latter two where they stand together."""

HOW_TO_NAME = "use a-z, 0-9 and single _ between them, starting with a letter"
CITY_DAGS = ("build", "digest", "maintain", "replay", "report", "watch")
"""DAGs of the city itself, after which no department can be named: its DAG has its name."""

FIRST_TASK = "ask"
"""The task beside a department's feeds, after which no feed can be named."""


def city_folder(city: str | None = None) -> Path:
    """Return the folder of a city, named like a folder of `cities/` or by a path.

    Without a name it is that of `CIVICLAKE_CITY`, then the sandbox.
    """
    name = city or os.environ.get("CIVICLAKE_CITY") or "sandbox"
    folder = FOLDER / name if NAME.fullmatch(name) else Path(name)
    if not (folder / "city.yml").is_file():
        known = sorted(place.parent.name for place in FOLDER.glob("*/city.yml"))
        raise CityError(f"no city {name!r}: {folder}/city.yml does not exist; known cities are {', '.join(known)}")
    return folder


def read_city(city: str | None = None, *, only: str | None = None) -> City:
    """Read all files of a city, or its settings and the one department `only`: a task needs no more.

    Raises CityError with file, line, what is wrong, what is allowed and the nearest match.
    """
    folder = city_folder(city)
    settings = read_yaml(folder / "city.yml", CityFile, CityError, _keys_at)
    if only is None:
        _refuse_overlooked(folder)
    _check_owners(folder, settings)
    departments = {
        path.stem: _department(path)
        for path in sorted(folder.glob(f"{only or '*'}.yml"))
        if path.name != "city.yml"
    }
    if not departments:
        raise CityError(f"{folder}: no department; add {only or 'one'}.yml beside city.yml")
    return City.model_construct(**dict(settings), id=folder.name, departments=departments)


def _refuse_overlooked(folder: Path) -> None:
    """Raise CityError where a department's file would be passed over for its name's ending."""
    for path in sorted(folder.iterdir()):
        if path.suffix != ".yml" and path.suffix.lower() in (".yml", ".yaml"):
            raise CityError(f"{path}: a city's files end in .yml; rename it to {path.stem}.yml, or take it away")


def _check_owners(folder: Path, settings: CityFile) -> None:
    """Raise CityError where alerts are to go to a department that is not there: nobody would be told."""
    known = sorted(path.stem for path in folder.glob("*.yml") if path.name != "city.yml")
    for name in settings.alerts.owners:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise CityError(f"{folder / 'city.yml'}: alerts.owners: no department {name!r}{hint}")


def _department(path: Path) -> Department:
    told = read_yaml(path, DepartmentFile, CityError, _keys_at)
    for name in [path.stem, *told.feeds, *told.expected]:
        if not NAME.fullmatch(name):
            raise CityError(f"{path}: {name!r} cannot be a name; {HOW_TO_NAME}")
    if path.stem in CITY_DAGS:
        raise CityError(f"{path}: {path.stem} is a DAG of the city itself; name the department's file otherwise")
    if FIRST_TASK in told.feeds:
        raise CityError(f"{path}: feeds.{FIRST_TASK}: a department's first task has this name; name the feed otherwise")
    if both := sorted(set(told.feeds) & set(told.expected)):
        raise CityError(f"{path}: {', '.join(both)} is a feed already; take it out of `expected`")
    feeds = {name: feed.model_copy(update={"url": _at_origin(feed.url)}) for name, feed in told.feeds.items()}
    return Department.model_construct(**{**dict(told), "feeds": feeds}, id=path.stem)


def _at_origin(url: str) -> str:
    """Move a URL to the place that `CIVICLAKE_ORIGINS` gives for its origin: a mirror, a proxy or a replay."""
    for pair in os.environ.get("CIVICLAKE_ORIGINS", "").split():
        origin, _, place = pair.partition("=")
        if url == origin or url.startswith(origin + "/"):
            return place + url.removeprefix(origin)
    return url


def _keys_at(loc: tuple[Any, ...]) -> list[str]:
    """Return the keys that may stand where an unknown one was found, from the models themselves."""
    if "fields" in loc[:-1]:
        models: list[Any] = [FieldMap]
    elif loc[0] == "feeds" and len(loc) > 3:
        inner: Any = {"layout": Layout, "rows": Rows, "columns": Column, "coverage": Coverage}.get(str(loc[3]))
        models = [inner] if inner and len(loc) > 4 else _kinds_of_system(loc[2])
    elif loc[0] == "expected" and len(loc) > 2:
        models = [ExpectedData]
    elif loc[0] == "alerts":
        models = [AlertOwner if len(loc) > 3 else Alerting]
    else:
        models = [DepartmentFile, CityFile]
    return [info.alias or name for model in models for name, info in model.model_fields.items()]


def _kinds_of_system(system: str) -> list[Any]:
    kinds = get_args(get_args(Feed)[0])
    return [kind for kind in kinds if system in get_args(kind.model_fields["system"].annotation)] or [FeedTerms]
