"""What a city file may say, as typed models.

Every key is described here once; the JSON Schema for editors and the error messages come from these models.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import Field as option

from cities.alerting import Alerting
from cities.systems import Feed
from cities.terms import ExpectedData, Strict
from cities.values import Cron, Title, Words, Zone


class Contact(Strict):
    """Whom people ask."""

    name: str
    email: str


class Areas(Strict):
    """The districts that the city's records speak of."""

    kind: Words
    codes: list[str] = option(min_length=1)


class DepartmentFile(Strict):
    """One department's YAML."""

    title: Title
    steward: str
    schedule: Cron
    legal_basis: str
    feeds: dict[str, Feed]
    expected: dict[str, ExpectedData] = option({}, description="data sets that are owed and not connected yet")


class CityFile(Strict):
    """`city.yml`: what holds for all departments of the city."""

    title: Title
    time_zone: Zone
    languages: list[str] = ["en"]
    areas: Areas
    contact: Contact
    fiscal_year_month: int = option(
        1, ge=1, le=12, description="month with which the fiscal year begins; a year is named after the one it ends in"
    )
    delivery_days: int = option(30, ge=1, description="days that kept deliveries stay: they hold personal values")
    alerts: Alerting = Alerting.model_validate({})
    names: dict[str, Words] = option(
        {}, description="what records name in one language, in the city's other ones: `Old Town: {zh: 老城}`"
    )


class Department(DepartmentFile):
    """A department with its id, which is its file's name."""

    id: str


class City(CityFile):
    """A whole city: its own settings and its departments by id."""

    id: str
    departments: dict[str, Department]

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def feeds(self) -> dict[str, Feed]:
        """All feeds by their id `<department>__<feed>`, in the order of the files."""
        return {
            f"{department.id}__{name}": feed
            for department in self.departments.values()
            for name, feed in department.feeds.items()
        }

    @property
    def watched(self) -> list[str]:
        """The feeds that the monitoring reads every few minutes."""
        return [feed_id for feed_id, feed in self.feeds.items() if feed.watch]

    def department_of(self, feed_id: str) -> Department:
        """Return the department that answers for a feed id."""
        return self.departments[feed_id.split("__")[0]]
