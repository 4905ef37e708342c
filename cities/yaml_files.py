"""Reads a YAML file into a typed model; a mistake is told with its file and line, and the nearest allowed thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
KeysAt = Callable[[tuple[Any, ...]], Iterable[str]]
"""Tells the keys that may stand where pydantic found an unknown one."""


class _Loader(yaml.CSafeLoader):
    """YAML in which what YAML allows and no file here can mean is a mistake with its line."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for name, _ in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise _mistake_at(name, "a key must be one word; put a text that begins with { or [ in quotes")
            # the last one would win
            if name.value in seen:
                raise _mistake_at(name, f"key {name.value!r} is given twice")
            seen.add(name.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            # 2026-02-30 looks like a date to YAML
            raise _mistake_at(node, f"{node.value!r} cannot be read ({error}); correct it or quote it") from None


def _mistake_at(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def read_yaml(path: Path, model: type[Model], error_type: type[ValueError], keys_at: KeysAt) -> Model:
    """Read a file into a model; raises `error_type` with one line a mistake."""
    text = _read_text(path, error_type)
    try:
        return model.model_validate(yaml.load(text, _Loader))  # noqa: S506 - a safe loader, see its base
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        told = f"the invisible character U+{error.character:04X} stands here; remove it"
        raise error_type(f"{path}:{line}: {told}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise error_type(f"{path}:{line}: {error.problem}") from None
    except ValidationError as error:
        raise error_type("\n".join(_mistake(path, text, found, keys_at) for found in error.errors())) from None


def _read_text(path: Path, error_type: type[ValueError]) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise error_type(f"{path}: cannot be read ({error.strerror}); make it a file that you may read") from None
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise error_type(f"{path}:{line}: is not written in UTF-8; save the file again in that encoding") from None


def _mistake(path: Path, text: str, found: Any, keys_at: KeysAt) -> str:
    """Tell one mistake of a file: where it is, what is wrong, and the nearest thing that is allowed."""
    line, where = locate(text, found["loc"])
    allowed = _allowed(found, keys_at)
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


def _allowed(found: Any, keys_at: KeysAt) -> list[str]:
    context = found.get("ctx", {})
    if found["type"] == "union_tag_invalid":
        return re.findall(r"'([^']+)'", context["expected_tags"])
    if found["type"] == "literal_error":
        return re.findall(r"'([^']+)'", context["expected"])
    if found["type"] == "extra_forbidden":
        return sorted(keys_at(found["loc"]))
    return []


def locate(text: str, loc: tuple[Any, ...]) -> tuple[int, str]:
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
