"""What the city paid."""

from __future__ import annotations

from datetime import date

from contracts.fields import Instant, Record, area, field


class Payment(Record):
    """One row for each payment out of a budget line."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {
            "version": "1.1.0", "subject": "payee", "retention_years": 10, "grows": True,
            "standard": "Fiscal Data Package 1",
        }

    payment_id: str = field("Payment", "Number of the payment.", key=True)
    budget_line_id: str = field("Budget line", "The line it is paid from.", required=True)
    commitment_id: str = field("Commitment", "The contract that the payment fulfils, where there is one.")
    paid_date: date = field("Paid", "Day of the payment.", required=True, not_future=True)
    payee_name: str = field("Payee's name", classification="personal", privacy="pseudonym", domain="person")
    payee_kind: str = field("Kind of payee", "Whether a company or a person was paid.", allowed=["company", "person"])
    amount_cents: int = field("Amount", "What was paid.", required=True, ge=0, unit="cents")
    area_code: str = area()
    memo: str = field("Memo", "What it was for.", classification="personal", privacy="mask")
    updated_at: Instant = field("Updated at", "When finance last changed the payment.", stamp=True)
