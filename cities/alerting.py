"""Who is told when something must be looked at, and how: `alerts:` of city.yml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as option

from cities.terms import OneOrMore, Strict


class AlertOwner(Strict):
    """Where a department's alerts go; a file under `CIVICLAKE_HOME/alerts/` is written in any case."""

    email: OneOrMore | None = option(None, description="addresses that are written to")
    webhook_env: str | None = option(None, description="environment variable that holds the address to post CAP to")
    budget: int | None = option(None, ge=0, description="alerts a day, when not the city's; further ones are folded")


class Alerting(Strict):
    """How the city sends alerts, and who answers for those of each department."""

    status: Literal["Actual", "Exercise", "Test"] = option("Actual", description="CAP status of all messages")
    smtp: str = option("smtp_default", description="Airflow connection of the mail server")
    budget: int = option(20, ge=0, description="alerts a day and department; further ones go out folded in digests")
    escalate_to: OneOrMore | None = option(None, description="addresses for critical alerts that nobody acknowledged")
    owners: dict[str, AlertOwner] = option({}, description="by department")

    def budget_of(self, department: str) -> int:
        """Return how many alerts of a department are sent one by one in a day."""
        owner = self.owners.get(department)
        return self.budget if owner is None or owner.budget is None else owner.budget

    def channels(self, department: str, is_escalated: bool = False) -> list[tuple[str, str]]:
        """Return (channel, recipient) of a department's messages: the file, its addresses, its webhook's variable."""
        owner = self.owners.get(department)
        addresses = [*(owner and owner.email or []), *(is_escalated and self.escalate_to or [])]
        return [
            ("file", ""),
            *(("email", address) for address in dict.fromkeys(addresses)),
            *([("webhook", owner.webhook_env)] if owner and owner.webhook_env else []),
        ]
