"""Reads a city folder into typed models; a mistake is told with its file and line."""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from cities.errors import CityError
from cities.model import City, CityFile, Department, DepartmentFile, Feed, FeedTerms, FieldMap, Layout, Rows

FOLDER = Path(__file__).resolve().parent
NAME = re.compile(r"[a-z][a-z0-9_]*")
Model = TypeVar("Model", bound=BaseModel)


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


def read_city(city: str | None = None) -> City:
    """Read all files of a city.

    Raises CityError with file, line, what is wrong, what is allowed and the nearest match.
    """
    folder = city_folder(city)
    settings = _read(folder / "city.yml", CityFile)
    departments = {
        path.stem: _department(path) for path in sorted(folder.glob("*.yml")) if path.name != "city.yml"
    }
    if not departments:
        raise CityError(f"{folder}: no department; add one YAML file beside city.yml")
    return City.model_construct(**dict(settings), id=folder.name, departments=departments)


def _department(path: Path) -> Department:
    told = _read(path, DepartmentFile)
    for name in [path.stem, *told.feeds]:
        if not NAME.fullmatch(name) or "__" in name:
            raise CityError(f"{path}: {name!r} cannot be a name; use a-z, 0-9 and single _, starting with a letter")
    feeds = {name: feed.model_copy(update={"url": _at_origin(feed.url)}) for name, feed in told.feeds.items()}
    return Department.model_construct(**{**dict(told), "feeds": feeds}, id=path.stem)


def _at_origin(url: str) -> str:
    """Move a URL to the place that `CIVICLAKE_ORIGINS` gives for its origin: a mirror, a proxy or a replay."""
    for pair in os.environ.get("CIVICLAKE_ORIGINS", "").split():
        origin, _, place = pair.partition("=")
        if url == origin or url.startswith(origin + "/"):
            return place + url.removeprefix(origin)
    return url


class _Loader(yaml.CSafeLoader):
    """YAML whose repeated keys are mistakes instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for name, _ in node.value:
            if name.value in seen:
                problem = f"key {name.value!r} is given twice"
                raise yaml.constructor.ConstructorError(None, None, problem, name.start_mark)
            seen.add(name.value)
        return super().construct_mapping(node, deep)


def _read(path: Path, model: type[Model]) -> Model:
    text = path.read_text(encoding="utf-8")
    try:
        return model.model_validate(yaml.load(text, _Loader))  # noqa: S506 - a safe loader, see its base
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CityError(f"{path}:{line}: {error.problem}") from None
    except ValidationError as error:
        raise CityError("\n".join(_mistake(path, text, found) for found in error.errors())) from None


def _mistake(path: Path, text: str, found: Any) -> str:
    """Tell one mistake of a file: where it is, what is wrong, and the nearest thing that is allowed."""
    line, where = _locate(text, found["loc"])
    allowed = _allowed(found)
    given = found["loc"][-1] if found["type"] == "extra_forbidden" else found.get("input")
    near = get_close_matches(str(given), allowed, n=1) if allowed else []
    message = "unknown key" if found["type"] == "extra_forbidden" else found["msg"].removeprefix("Value error, ")
    if found["type"] == "union_tag_invalid":
        given = found["ctx"]["tag"]
        message, near = f"unknown system {given!r}", get_close_matches(given, allowed, n=1)
    parts = [f"{path}:{line}: {where}: {message}"]
    if allowed:
        parts.append(f"allowed: {', '.join(allowed)}")
    if near:
        parts.append(f"did you mean {near[0]!r}?")
    return "; ".join(parts)


def _allowed(found: Any) -> list[str]:
    context = found.get("ctx", {})
    if found["type"] == "union_tag_invalid":
        return re.findall(r"'([^']+)'", context["expected_tags"])
    if found["type"] == "literal_error":
        return re.findall(r"'([^']+)'", context["expected"])
    if found["type"] == "extra_forbidden":
        return _keys_at(found["loc"])
    return []


def _keys_at(loc: tuple[Any, ...]) -> list[str]:
    """Return the keys that may stand where an unknown one was found, from the models themselves."""
    if "fields" in loc[:-1]:
        models: list[Any] = [FieldMap]
    elif loc[0] == "feeds" and len(loc) > 3:
        inner: Any = {"layout": Layout, "rows": Rows}.get(str(loc[3]))
        models = [inner] if inner and len(loc) > 4 else _kinds_of_system(loc[2])
    else:
        models = [DepartmentFile, CityFile]
    return sorted({info.alias or name for model in models for name, info in model.model_fields.items()})


def _kinds_of_system(system: str) -> list[Any]:
    kinds = get_args(get_args(Feed)[0])
    return [kind for kind in kinds if system in get_args(kind.model_fields["system"].annotation)] or [FeedTerms]


def _locate(text: str, loc: tuple[Any, ...]) -> tuple[int, str]:
    """Return the line of a pydantic location and its path in words; a union's tag is not in the file."""
    node = yaml.compose(text, yaml.CSafeLoader)
    line, path = 1, []
    for step in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if found is None:
                continue
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            continue
        path.append(str(step))
    missing = [str(step) for step in loc[-1:] if not path or path[-1] != str(step)]
    return line, ".".join([*path, *missing]) or "file"
