"""Finance: the budget by programme and the payments made from it, in an old database that keeps amounts as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sandbox.clock import at, date_of, local_text, now_on
from sandbox.feed import Event, Feed, Record
from sandbox.places import any_district
from sandbox.residents import Resident, residents
from sandbox.world import World

RATE, WEEKEND_SHARE = 25, 0.1
FISCAL_YEAR = 2026
ADOPTED_AT = at(-294, 9 * 3600)
DEPARTMENTS = {
    "STR": "Streets", "LGT": "Lighting", "SAN": "Sanitation", "HLT": "Health", "POL": "Police",
    "FIR": "Fire", "WAT": "Water", "BLD": "Buildings", "PRK": "Parks", "ADM": "City Hall",
}  # fmt: skip
PROGRAMMES = (
    "Staff", "Upkeep", "New works", "Vehicles", "Energy", "Information systems", "Training", "Grants", "Reserve",
)  # fmt: skip
REVISED_ON, REVISED_LINES = 3, (4, 23, 57)
SUPPLIERS = (
    "Prairie Paving LLC", "Levee Electric Co", "Granary Fleet Service Inc", "Ironworks Steel Supply LLC",
    "Blue Heron Cleaning Co", "Midriver Software Inc", "Tallgrass Energy Co", "Station Print Shop LLC",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine(Event):
    """One programme of one department in one year; `revised_at` is when the council changed the sum, if it did."""

    department: str
    programme: int
    approved_cents: int
    revised_cents: int
    revised_at: datetime | None

    def revised(self, now: datetime) -> int | None:
        """The changed sum in cents, None before it was changed."""
        return self.revised_cents if self.revised_at and self.revised_at <= now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Event):
    """One payment; `known_at` is when it was entered, on the day on which it was paid."""

    line: BudgetLine
    paid_date: date
    payee: str
    payee_kind: str
    amount_cents: int
    area: str | None
    memo: str


def budget_lines(world: World) -> list[BudgetLine]:
    """The 90 lines of the year's budget, in the order of their number."""
    dice = world.dice("finance", "budget")
    codes = [(department, number) for department in DEPARTMENTS for number in range(1, len(PROGRAMMES) + 1)]
    return [_line(i, department, number, dice) for i, (department, number) in enumerate(codes)]


def _line(i: int, department: str, number: int, dice: Random) -> BudgetLine:
    approved = dice.randrange(80, 4_000) * 1_000_000
    return BudgetLine(
        key=f"{FISCAL_YEAR}-{department}-{number:02d}",
        known_at=ADOPTED_AT,
        department=department,
        programme=number,
        approved_cents=approved,
        revised_cents=int(approved * dice.choice((0.9, 1.1, 1.25))),
        revised_at=now_on(REVISED_ON) - timedelta(hours=14) if i in REVISED_LINES else None,
    )


def _memo(payee: Resident | None, line: BudgetLine, dice: Random) -> str:
    programme = PROGRAMMES[line.programme - 1].lower()
    if payee is None:
        return f"Invoice {dice.randrange(10_000, 99_999)}, {programme}"
    if payee.language == "zh":
        return f"退款 {payee.name}，电话 {payee.phone}"
    return dice.choice(
        (f"Refund to {payee.name}", f"Reimbursement, ask {payee.email}", f"Refund, phone {payee.phone_in_text}")
    )


def _payment(world: World, key: str, day: int, lines: Sequence[BudgetLine], dice: Random) -> Payment:
    line = dice.choice(lines)
    person = dice.choice(residents(world)) if dice.random() < 0.3 else None
    return Payment(
        key=key,
        known_at=at(day, dice.randrange(9 * 3600, 17 * 3600)),
        line=line,
        paid_date=date_of(day),
        payee=person.name if person else dice.choice(SUPPLIERS),
        payee_kind="person" if person else "company",
        amount_cents=int(dice.lognormvariate(6 if person else 8.5, 1) * 100),
        area=any_district(dice).code if dice.random() < 0.6 else None,
        memo=_memo(person, line, dice),
    )


def payments(world: World) -> list[Payment]:
    """Every payment made so far, the oldest first; few at weekends, none from the reserve."""
    lines = [line for line in budget_lines(world) if line.programme < len(PROGRAMMES)]
    found = []
    for day, dice, count in world.daily("payments", RATE):
        held = count if date_of(day).weekday() < 5 else max(1, round(count * WEEKEND_SHARE))
        made = [_payment(world, f"PAY-{300 + day:03d}{i:04d}", day, lines, dice) for i in range(held)]
        found.extend(sorted(made, key=lambda payment: payment.known_at))
    return found


def _amount(cents: int | None) -> str | None:
    return None if cents is None else f"{cents // 100}.{cents % 100:02d}"


def line_record(line: BudgetLine, now: datetime) -> Record:
    """One row of the table `budget_lines`."""
    revised = line.revised(now)
    return {
        "line_id": line.key,
        "fiscal_year": str(FISCAL_YEAR),
        "dept_code": line.department,
        "programme_code": f"{line.programme:02d}",
        "programme_name": PROGRAMMES[line.programme - 1],
        "approved": _amount(line.approved_cents),
        "revised": _amount(revised),
        "changed_at": local_text(line.known_at if revised is None or line.revised_at is None else line.revised_at),
    }


def payment_record(payment: Payment, _now: datetime) -> Record:
    """One row of the table `payments`."""
    return {
        "payment_id": payment.key,
        "line_id": payment.line.key,
        "pay_date": payment.paid_date.isoformat(),
        "payee_name": payment.payee,
        "payee_kind": payment.payee_kind,
        "amount": _amount(payment.amount_cents),
        "district": payment.area,
        "memo": payment.memo,
        "changed_at": local_text(payment.known_at),
    }


BUDGET_LINES = Feed("finance__budget_lines", budget_lines, line_record, "changed_at", local_text)
PAYMENTS = Feed("finance__payments", payments, payment_record, "changed_at", local_text)
