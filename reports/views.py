"""Can I use it this morning? Each view's label and reason in words, as the build judged it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from cities import City
from reports.city_views import headline_words, read_declared_views, view_page
from reports.facts import Facts, Table, View
from reports.words import Names, Words, both, listed, say, title

USES = ("do_not_use", "care", "ready")


def read_views_entries(views: Sequence[View], city: City, facts: Facts, today: date) -> list[dict[str, Any]]:
    """Return the `views` of report.json, those not to be used first."""
    entries = [_entry(_by_now(view, facts, today), city, facts) for view in views]
    return sorted(entries, key=lambda entry: (USES.index(entry["use"]), entry["slug"]))


def why(view: View, city: City) -> Words:
    """Say why a view has its label, with the feeds by their titles."""
    feeds = [title(city.feeds[feed].title) if feed in city.feeds else both(feed) for feed in view.about]
    if view.reason == "set_aside":
        return say("view.set_aside", share=f"{view.waiting_share or 0:.0%}", feed=feeds[0])
    return say(f"view.{view.reason}", feeds=listed(feeds), n=len(feeds)) if feeds else say(f"view.{view.reason}")


def _by_now(view: View, facts: Facts, today: date) -> View:
    """Take the morning into account: what was ready on the day of its build is not when today's build did not run."""
    table = facts.tables.get(view.slug)
    if table and table.built_for.date() < today and view.use != "do_not_use":
        return replace(view, use="care", reason="old_figures", about=())
    return view


def _entry(view: View, city: City, facts: Facts) -> dict[str, Any]:
    page = _page(view, facts)
    return {
        "slug": view.slug,
        "name": title(view.title),
        "use": view.use,
        "why": why(view, city),
        "latest": _latest(view, facts.tables.get(view.slug)),
        "last_good_day": view.last_good.isoformat() if view.last_good else None,
        "sources": list(view.feeds),
        "headline": None if view.use == "do_not_use" else _headline(view, page, city, facts),
        "page": page,
    }


def _latest(view: View, table: Table | None) -> Words:
    if view.use == "do_not_use":
        return say("view.last_good", day=view.last_good) if view.last_good else say("view.no_figure")
    return say("view.up_to", day=table.latest) if table and table.latest else say("view.no_figure")


def _page(view: View, facts: Facts) -> dict[str, Any] | None:
    """Return what a view's own page shows, of one that is declared and could be asked."""
    answers = facts.answers.get(view.slug)
    return view_page(read_declared_views()[view.slug], answers) if answers else None


def _headline(view: View, page: dict[str, Any] | None, city: City, facts: Facts) -> Words | None:
    return headline_words(read_declared_views()[view.slug], page, Names(facts.area_names, city.names)) if page else None
