"""What was decided about a delivery, kept beside its pages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from contracts.errors import ContractError


@dataclass(frozen=True)
class Verdict:
    """The decision about one delivery and its counts: received = accepted + duplicate + set aside.

    refused_because names the rules that refused it; layout_change tells how the sender's fields differ from before;
    fields are the sender's fields known so far, and shapes how the values of the contract's fields are written
    (`contracts.shapes`); mapping_sha256 names the terms it was judged by (contract, mapping,
    city), and sha256 the pages.
    """

    feed: str
    delivery_id: str
    contract: str
    contract_version: str
    mapping_sha256: str
    verdict: str
    refused_because: list[str]
    received: int
    accepted: int
    duplicate: int
    set_aside: int
    layout_change: dict[str, Any] | None
    sha256: str
    checked_at: str
    fields: list[str] = field(default_factory=list)
    shapes: dict[str, str] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        """Whether the delivery may be loaded."""
        return self.verdict == "accepted"

    @classmethod
    def read(cls, checked: Path) -> Verdict:
        """Read the verdict of a `checked` folder.

        Raises FileNotFoundError when the delivery was not checked, ContractError when it cannot be read.
        """
        place = checked / "verdict.json"
        try:
            return cls(**json.loads(place.read_bytes()))
        except (ValueError, TypeError):
            raise ContractError(
                f"{place} cannot be read; remove the folder {checked} and run the feed again"
            ) from None

    def write(self, checked: Path) -> None:
        """Write it into a `checked` folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (checked / "verdict.json").write_text(text + "\n", encoding="utf-8")
