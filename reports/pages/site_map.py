"""Which pages a report has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.pages.about import AccessibilityPage, GlossaryPage, PrivacyPage
from reports.pages.actions import ActionsPage
from reports.pages.catalogue import CatalogueIndexPage, ConnectPage, TablePage
from reports.pages.changes import ChangesPage
from reports.pages.departments import DepartmentPage, DepartmentsPage
from reports.pages.edition import FROZEN, LIVE
from reports.pages.feeds import FeedPage, FeedsPage
from reports.pages.gaps import GapsPage
from reports.pages.method import MethodPage
from reports.pages.page import Page
from reports.pages.runs import RunPage, RunsPage
from reports.pages.today import TodayPage
from reports.pages.views import ViewPage, ViewsPage


def site_pages(report: Mapping[str, Any], language: str) -> Iterator[Page]:
    """Yield every page of today's site in one language."""
    yield TodayPage(report, language, LIVE)
    yield ActionsPage(report, language)
    yield DepartmentsPage(report, language)
    for department in report["departments"]:
        yield DepartmentPage(report, language, department["slug"])
    yield FeedsPage(report, language)
    for feed in report["feeds"]:
        yield FeedPage(report, language, feed["slug"])
    yield CatalogueIndexPage(report, language)
    yield ConnectPage(report, language)
    yield from (TablePage(report, language, table) for table in report["catalogue"])
    yield RunsPage(report, language)
    yield RunPage(report, language)
    for page in (MethodPage, PrivacyPage, AccessibilityPage, GlossaryPage):
        yield page(report, language)
    yield ViewsPage(report, language)
    yield from (ViewPage(report, language, view["slug"]) for view in report["views"] if view["page"])
    yield GapsPage(report, language)
    yield ChangesPage(report, language)


def frozen_pages(report: Mapping[str, Any], language: str) -> Iterator[Page]:
    """Yield the pages of a run that stay as they were."""
    yield TodayPage(report, language, FROZEN)
    yield RunPage(report, language, FROZEN)
