"""Finance: budget, contracts and payments, in an old database that keeps amounts as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from sandbox.clock import at, date_of, local_date, local_text, now_on
from sandbox.feed import Event, Feed, Record
from sandbox.places import any_district
from sandbox.residents import Resident, residents
from sandbox.world import World

RATE, WEEKEND_SHARE, CONTRACTS_RATE = 25, 0.1, 4
BOUGHT = (2, 3, 4, 6, 8)
"""Numbers of the programmes that buy from suppliers under contract."""

ODD_ON = 1
"""Day on which the payments come that somebody should look at."""

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
    commitment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment(Event):
    """One contract with a supplier; `known_at` is when it was awarded, some days before it is signed."""

    line: BudgetLine
    supplier: str
    signed_at: datetime
    cancelled_at: datetime | None
    days: int
    amount_cents: int

    def status(self, now: datetime) -> str:
        """Where the contract stands at an instant."""
        if self.cancelled_at and self.cancelled_at <= now:
            return "cancelled"
        return "active" if self.signed_at <= now else "pending"

    def changed_at(self, now: datetime) -> datetime:
        """The last change before an instant."""
        return max(one for one in (self.known_at, self.signed_at, self.cancelled_at) if one and one <= now)


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
    return _fulfilling(sorted([*found, *_odd(lines, world.day)], key=lambda one: one.known_at), commitments(world))


def _odd(lines: Sequence[BudgetLine], day: int) -> list[Payment]:
    """Payments that somebody should look at: entered twice, far too large, and just below the tender limit."""
    cents = {"A": 184_350, "B": 184_350, "C": 95_000_000, "D": 4_990_000}
    return [
        Payment(
            key=f"PAY-{300 + ODD_ON:03d}9{name}",
            known_at=at(ODD_ON, (10 + i) * 3600),
            line=lines[1],
            paid_date=date_of(ODD_ON),
            payee=SUPPLIERS[0],
            payee_kind="company",
            amount_cents=amount,
            area="D01",
            memo="Invoice 77001, upkeep",
        )
        for i, (name, amount) in enumerate(cents.items())
        if day >= ODD_ON
    ]


def _fulfilling(made: list[Payment], agreed: Sequence[Commitment]) -> list[Payment]:
    """The payments, with the contract that each fulfils: one of its supplier, from its line, in force by then."""
    known: dict[tuple[str, str], list[Commitment]] = {}
    for one in agreed:
        known.setdefault((one.line.key, one.supplier), []).append(one)
    return [replace(payment, commitment=_fulfilled(payment, known)) for payment in made]


def _fulfilled(payment: Payment, known: dict[tuple[str, str], list[Commitment]]) -> str | None:
    candidates = known.get((payment.line.key, payment.payee), [])
    return next((one.key for one in candidates if one.status(payment.known_at) == "active"), None)


def commitments(world: World) -> list[Commitment]:
    """Every contract awarded so far, the oldest first."""
    lines = [line for line in budget_lines(world) if line.programme in BOUGHT]
    return [
        _commitment(f"CON-{300 + day:03d}{i:02d}", day, lines, dice)
        for day, dice, count in world.daily("commitments", CONTRACTS_RATE)
        for i in range(count)
    ]


def _commitment(key: str, day: int, lines: Sequence[BudgetLine], dice: Random) -> Commitment:
    signed = day + dice.randrange(0, 9)
    return Commitment(
        key=key,
        known_at=at(day, 14 * 3600),
        line=dice.choice(lines),
        supplier=dice.choice(SUPPLIERS),
        signed_at=at(signed, 15 * 3600),
        cancelled_at=at(signed + 3, 16 * 3600) if dice.random() < 0.04 else None,
        days=dice.randrange(30, 200),
        amount_cents=int(dice.lognormvariate(9.5, 1) * 100),
    )


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
        "contract_no": payment.commitment,
        "district": payment.area,
        "memo": payment.memo,
        "changed_at": local_text(payment.known_at),
    }


def commitment_record(commitment: Commitment, now: datetime) -> Record:
    """One row of the table `contracts`."""
    status = commitment.status(now)
    signed = commitment.signed_at <= now
    first = local_date(commitment.signed_at)
    return {
        "contract_no": commitment.key,
        "award_no": commitment.key.replace("CON", "AWD"),
        "line_id": commitment.line.key,
        "subject": f"{PROGRAMMES[commitment.line.programme - 1]}, {DEPARTMENTS[commitment.line.department]}",
        "status": status,
        "signed": first.isoformat() if signed else None,
        "starts": first.isoformat() if signed else None,
        "ends": (first + timedelta(days=commitment.days)).isoformat() if signed else None,
        "amount": _amount(commitment.amount_cents),
        "supplier": commitment.supplier,
        "changed_at": local_text(commitment.changed_at(now)),
    }


BUDGET_LINES = Feed("finance__budget_lines", budget_lines, line_record, "changed_at", local_text)
COMMITMENTS = Feed("finance__commitments", commitments, commitment_record, "changed_at", local_text)
PAYMENTS = Feed("finance__payments", payments, payment_record, "changed_at", local_text)
