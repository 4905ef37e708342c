"""What the city bound itself to pay (OCDS: contracts that follow an award)."""

from __future__ import annotations

from datetime import date

import polars as pl

from contracts.fields import Instant, Record, field
from contracts.rules import rule


class Commitment(Record):
    """One row for each contract by which the city bound itself to pay."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {
            "version": "1.0.0", "subject": "supplier", "retention_years": 10, "grows": True, "standard": "OCDS 1.1",
        }

    commitment_id: str = field("Contract", "Number of the contract.", key=True)
    award_id: str = field("Award", "Number of the award that it follows.")
    budget_line_id: str = field("Budget line", "The line it is to be paid from.", required=True)
    title: str = field("Subject", "What is bought.")
    status: str = field(
        "Status", "Where the contract stands.", required=True, allowed=["pending", "active", "cancelled", "terminated"]
    )
    signed_date: date = field("Signed", "Day on which it was signed.", not_future=True)
    start_date: date = field("Begins", "First day of the contract.")
    end_date: date = field("Ends", "Last day of the contract.")
    amount_cents: int = field("Amount", "What is to be paid in all.", required=True, ge=0, unit="cents")
    supplier_name: str = field("Supplier's name", classification="personal", privacy="pseudonym", domain="person")
    supplier_kind: str = field(
        "Kind of supplier", "Whether a company or a person supplies.", allowed=["company", "person"]
    )
    updated_at: Instant = field("Updated at", "When finance last changed the contract.", stamp=True)

    @rule(
        "ends_before_start",
        field="end_date",
        en="A contract ends before it begins",
        zh="合同的终止日期早于起始日期",
    )
    def end_after_start(cls) -> pl.Expr:
        """A contract ends no earlier than it begins."""
        return pl.col("end_date") >= pl.col("start_date")

    @rule(
        "active_without_signature",
        field="signed_date",
        dimension="complete",
        strength="warn",
        en="A contract is in force and nobody says since when",
        zh="合同已生效，但没有签署日期",
    )
    def active_with_signature(cls) -> pl.Expr:
        """A contract in force was signed on a day."""
        return (pl.col("status") != "active") | pl.col("signed_date").is_not_null()
