"""Draws what a table is made of and what uses it: layers of boxes, from left to right, as inline SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

MOST_BOXES = 8
WIDTH, HEIGHT, GAP, BETWEEN, HEAD = 236, 28, 9, 54, 26
MOST_CHARACTERS = 33


@dataclass(frozen=True)
class Layer:
    """One column of boxes with its heading; `is_here` marks the table that the picture is of."""

    head: str
    boxes: Sequence[str]
    is_here: bool = False

    @property
    def shown(self) -> list[str]:
        """The boxes that have room; the last tells how many have none."""
        if len(self.boxes) <= MOST_BOXES:
            return list(self.boxes)
        return [*self.boxes[: MOST_BOXES - 1], f"+ {len(self.boxes) - MOST_BOXES + 1}"]


def draw(layers: Sequence[Layer], links: set[tuple[str, str]], label: str) -> Markup:
    """Return the picture; `links` are pairs of boxes, and `label` says what it shows."""
    most = max(len(layer.shown) for layer in layers)
    height = HEAD + most * (HEIGHT + GAP)
    width = len(layers) * WIDTH + (len(layers) - 1) * BETWEEN
    places = dict(_places(layers, height))
    lines = "".join(_line(places[one], places[other]) for one, other in sorted(links) if {one, other} <= places.keys())
    boxes = "".join(_layer(at, layer, places) for at, layer in enumerate(layers))
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lineage" {box} role="img" aria-label="{escape(label)}">'
        f"{lines}{boxes}</svg>"
    )


def _places(layers: Sequence[Layer], height: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the left upper corner of each box; every layer stands in the middle."""
    for at, layer in enumerate(layers):
        top = HEAD + (height - HEAD - len(layer.shown) * (HEIGHT + GAP)) // 2
        for number, name in enumerate(layer.shown):
            yield name, (at * (WIDTH + BETWEEN), top + number * (HEIGHT + GAP))


def _line(one: tuple[int, int], other: tuple[int, int]) -> str:
    x, y = one[0] + WIDTH, one[1] + HEIGHT // 2
    to_x, to_y = other[0], other[1] + HEIGHT // 2
    middle = (x + to_x) // 2
    return f'<path d="M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}" fill="none" stroke="#7b8794"/>'


def _layer(at: int, layer: Layer, places: dict[str, tuple[int, int]]) -> str:
    head = f'<text x="{at * (WIDTH + BETWEEN)}" y="15" font-size="14" fill="#4d5a66">{escape(layer.head)}</text>'
    return head + "".join(_box(name, *places[name], layer.is_here) for name in layer.shown)


def _box(name: str, x: int, y: int, is_here: bool) -> str:
    look = 'fill="#e8f0fa" stroke="#1b4f8f" stroke-width="2"' if is_here else 'fill="#fff" stroke="#7b8794"'
    weight = ' font-weight="700"' if is_here else ""
    shown = name if len(name) <= MOST_CHARACTERS else f"{name[: MOST_CHARACTERS - 1]}…"
    return (
        f'<rect x="{x + 1}" y="{y + 1}" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="4" {look}/>'
        f'<text x="{x + 10}" y="{y + 19}" font-size="13" fill="#17212b"{weight}>{escape(shown)}</text>'
    )
