"""Charts as inline SVG: drawn by altair, written by vl-convert, without a script and with a sentence for each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from html import escape
from typing import Any, ParamSpec

import altair as alt
import vl_convert
from markupsafe import Markup

P = ParamSpec("P")
INK, MUTED, LINE, TARGET_DASH = "#17212b", "#4d5a66", "#d8dee4", "#7b8794"
TONES = {"good": "#1b4f8f", "care": "#7a4a00", "act": "#a01c2c", "unknown": "#4d5a66"}
SPARK_SCALE = [70, 101]
USUAL_BAND = "#dbe6f3"
BARS_WIDTH = 330
FIGURE_WIDTH = 11
FEWEST_DAYS = 7
LINE_WIDTH = 285


def _once(draw: Callable[P, Markup]) -> Callable[P, Markup]:
    """Let what was drawn be kept: each chart stands on several pages, and takes longer than all the rest of a page."""

    @lru_cache(maxsize=256)
    def drawn(told: str) -> Markup:
        args, named = json.loads(told)
        return draw(*args, **named)

    @wraps(draw)
    def kept(*args: P.args, **named: P.kwargs) -> Markup:
        return drawn(json.dumps([args, named]))

    return kept


@_once
def spark(series: Sequence[Mapping[str, Any]], band: str, target: float) -> Markup:
    """Return 30 days as a line on the one scale that all departments share; the words beside it say the change."""
    colour = TONES["act"] if band == "act" else TONES["good"]
    points = [{"x": place, "y": point["value"]} for place, point in enumerate(series)]
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[min(0, len(points) - 30), len(points)]))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=SPARK_SCALE, clamp=True))
    base = alt.Chart(alt.Data(values=points), width=96, height=28).encode(x=x, y=y)
    last = base.transform_filter(f"datum.x == {len(points) - 1}").mark_circle(size=34, color=colour, opacity=1)
    return _svg(_target(target, y) + base.mark_line(color=colour, strokeWidth=2) + last)


@_once
def score_line(
    points: Sequence[Mapping[str, Any]],
    target: float,
    target_label: str,
    marked_days: Sequence[str],
    label: str,
) -> Markup:
    """Return a line with its target and a square on each of the marked days, whose words stand beside the chart.

    `points` are {day, value, shown}, where `shown` is the day as its language writes it.
    """
    rows = [{"x": place, "y": point["value"], "day": point["day"]} for place, point in enumerate(points)]
    first = min(0, len(rows) - FEWEST_DAYS)
    x = alt.X("x:Q", scale=alt.Scale(domain=[first, len(rows) - 1], nice=False), axis=_day_axis(points))
    y = _score_axis([*(row["y"] for row in rows), target])
    base = alt.Chart(alt.Data(values=rows), width=300, height=150).encode(x=x, y=y)
    colour = TONES["good"]
    last = base.transform_filter(f"datum.x == {len(rows) - 1}").mark_circle(size=90, color=colour, opacity=1)
    chart = _target(target, y) + _target_words(target, target_label, y) + base.mark_line(color=colour, strokeWidth=2.5)
    marked = base.transform_filter(alt.FieldOneOfPredicate(field="day", oneOf=list(marked_days)))
    return _svg(chart + last + marked.mark_square(size=90, color=TONES["act"], opacity=1), label)


@_once
def bars(rows: Sequence[Mapping[str, Any]], label: str) -> Markup:
    """Return sorted bars with their figures beside them; `rows` are {name, count, shown}, the greatest first."""
    data = [{"place": place, **row} for place, row in enumerate(rows)]
    # the renderer does not know the reader's font, and would cut a long figure beside the longest bar
    room = FIGURE_WIDTH * max(len(row["shown"]) for row in rows)
    whole = max(row["count"] for row in rows) * BARS_WIDTH / (BARS_WIDTH - room)
    scale = alt.Scale(domain=[0, whole or 1], nice=False)
    base = alt.Chart(alt.Data(values=data), width=BARS_WIDTH, height=alt.Step(46)).encode(
        y=alt.Y("place:O", axis=None), x=alt.X("count:Q", axis=None, scale=scale)
    )
    bar = base.mark_bar(color=TONES["good"], size=14, yOffset=9)
    figure = base.mark_text(align="left", dx=6, dy=10, fontSize=16, fontWeight="bold", color=INK).encode(text="shown:N")
    # above its bar a name may be as long as the bar: beside it, long ones would leave the bar no room
    name = base.mark_text(align="left", dy=-9, fontSize=16, color=INK).encode(text="name:N", x=alt.value(0))
    return _svg(bar + figure + name, label)


@_once
def volume_line(points: Sequence[Mapping[str, Any]], usual: Mapping[str, int] | None, label: str) -> Markup:
    """Return the records of each delivery as a line over the band of what is usual; it starts at zero.

    `points` are {day, value, shown}, one a day; a day that brought nothing is left out of the line.
    """
    rows = [{"x": place, "y": point["value"]} for place, point in enumerate(points) if point["value"]]
    first = min(0, len(points) - FEWEST_DAYS)
    x = alt.X("x:Q", scale=alt.Scale(domain=[first, len(points) - 1], nice=False), axis=_day_axis(points))
    most = max(*(row["y"] for row in rows), (usual or {"most": 0})["most"])
    axis = alt.Axis(
        title=None, tickCount=4, format=",d", domain=False, ticks=False, labelColor=MUTED, labelFontSize=14,
        gridColor="#e6eaee",
    )  # fmt: skip
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, most * 1.08], nice=False), axis=axis)
    base = alt.Chart(alt.Data(values=rows), width=320, height=170).encode(x=x, y=y)
    line = base.mark_line(color=TONES["good"], strokeWidth=2.5)
    last = base.transform_filter(f"datum.x == {rows[-1]['x']}").mark_circle(size=90, color=TONES["good"], opacity=1)
    if usual is None:
        return _svg(line + last, label)
    band = alt.Chart(alt.Data(values=[{"y": usual["least"], "to": usual["most"]}])).encode(y=y, y2="to:Q")
    return _svg(band.mark_rect(color=USUAL_BAND) + line + last, label)


@_once
def line(
    points: Sequence[Mapping[str, Any]],
    label: str,
    is_share: bool,
    target: tuple[float, str] | None = None,
) -> Markup:
    """Return a line over equal steps with its last point marked; `target` is a value and the words at its rule.

    `points` are {value, shown}, where `shown` is the step as its language writes it. A count starts at zero; a share
    (0-1) does not, because a line shows change.
    """
    rows = [{"x": place, "y": point["value"]} for place, point in enumerate(points)]
    first = min(0, len(rows) - FEWEST_DAYS)
    x = alt.X("x:Q", scale=alt.Scale(domain=[first, len(rows) - 1], nice=False), axis=_day_axis(points))
    y = _share_axis([*(row["y"] for row in rows), *([target[0]] if target else [])]) if is_share else _count_axis()
    base = alt.Chart(alt.Data(values=rows), width=LINE_WIDTH, height=190).encode(x=x, y=y)
    colour = TONES["good"]
    last = base.transform_filter(f"datum.x == {len(rows) - 1}").mark_circle(size=90, color=colour, opacity=1)
    drawn = base.mark_line(color=colour, strokeWidth=2.5) + last
    return _svg(_target(target[0], y) + _target_words(target[0], target[1], y) + drawn if target else drawn, label)


def _target(target: float, y: alt.Y) -> Any:
    return _at(target, y).mark_rule(color=TARGET_DASH, strokeDash=[4, 3])


def _target_words(target: float, words: str, y: alt.Y) -> Any:
    place = {"align": "left", "baseline": "bottom", "x": 2, "dy": -4}
    return _at(target, y).mark_text(text=words, color=MUTED, fontSize=14, **place)


def _at(value: float, y: alt.Y) -> Any:
    """Return a chart of one height; every layer must carry the same scale and axis or none is drawn."""
    return alt.Chart(alt.Data(values=[{"y": value}])).encode(y=y)


def _score_axis(values: Sequence[float]) -> alt.Y:
    """Return an axis around the scores: it does not start at zero, because a line shows change and not size."""
    scale = alt.Scale(domain=[min(values) - 1.5, min(max(values) + 1.5, 100.5)], nice=False, zero=False)
    axis = alt.Axis(
        title=None, tickCount=5, domain=False, ticks=False, labelColor=MUTED, labelFontSize=14, gridColor="#e6eaee"
    )
    return alt.Y("y:Q", scale=scale, axis=axis)


def _share_axis(values: Sequence[float]) -> alt.Y:
    low, high = min(values), max(values)
    room = max((high - low) / 10, 0.01)
    scale = alt.Scale(domain=[max(low - room, 0), min(high + room, max(1, high))], nice=False, zero=False)
    return alt.Y("y:Q", scale=scale, axis=_value_axis(".0%" if high - low > 0.05 else ".1%"))


def _count_axis() -> alt.Y:
    return alt.Y("y:Q", scale=alt.Scale(nice=True, zero=True), axis=_value_axis(",.0f"))


def _value_axis(written: str) -> alt.Axis:
    return alt.Axis(
        title=None, tickCount=4, domain=False, ticks=False, labelColor=MUTED, labelFontSize=14, gridColor="#e6eaee",
        format=written,
    )  # fmt: skip


def _day_axis(points: Sequence[Mapping[str, Any]]) -> alt.Axis:
    # counted from today, and half a chart apart: the days of a young lake would run into each other
    places = [*range(len(points) - 1, -1, -((max(len(points), FEWEST_DAYS) - 1) // 2))]
    shown = ", ".join(f"'{place}': '{points[place]['shown']}'" for place in places)
    return alt.Axis(
        title=None, values=places, labelExpr=f"{{{shown}}}[datum.value]", grid=False, domainColor=LINE, tickColor=LINE,
        labelColor=MUTED, labelFontSize=14, labelBound=False, labelFlush=False, labelOverlap=False,
    )  # fmt: skip


def _svg(chart: Any, label: str | None = None) -> Markup:
    """Return the drawing with one role and one sentence instead of the renderer's own marks for every shape."""
    styled = chart.configure(padding=1, aria=False, font="sans-serif").configure_view(stroke=None)
    # altair would check every layer against its schema, which takes longer than all the rest of a report
    drawing = str(vl_convert.vegalite_to_svg(styled.to_json(validate=False)))
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', drawing)
    assert size is not None, "vl-convert gives every drawing its size"
    width, height = size.groups()
    body = re.sub(r"^<svg[^>]*>(<rect[^>]*/>)?|</svg>$", "", drawing)
    for pattern, instead in _SHORTER:
        body = pattern.sub(instead, body)
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true" focusable="false"'
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return Markup(f'<svg xmlns="http://www.w3.org/2000/svg" {box} {said}>{body}</svg>')


_SHORTER = [
    (re.compile(pattern), instead)
    for pattern, instead in [
        (r' class="[^"]*"', ""),
        (r' (?:role|aria-[a-z]+)="[^"]*"', ""),
        (r' font-family="[^"]*"', ""),
        (r' (?:pointer-events|xml:space|xmlns:xlink|version)="[^"]*"', ""),
        (r'<path(?: d="M[^"]*")? display="none"/>|<path d="" display="none"/>', ""),
        (r"(\d+\.\d\d)\d+", r"\1"),
        (r"<g></g>", ""),
    ]
]
