"""What was decided about a delivery, kept beside its pages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """The decision about one delivery and its counts: received = accepted + duplicate + set aside.

    refused_because names the rules that refused it; layout_change tells how the sender's fields differ from before;
    fields are the sender's fields known so far; mapping_sha256 names the terms it was judged by (contract, mapping,
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

    @property
    def is_accepted(self) -> bool:
        """Whether the delivery may be loaded."""
        return self.verdict == "accepted"

    @classmethod
    def read(cls, checked: Path) -> Verdict:
        """Read the verdict of a `checked` folder.

        Raises FileNotFoundError when the delivery was not checked.
        """
        return cls(**json.loads((checked / "verdict.json").read_text(encoding="utf-8")))

    def write(self, checked: Path) -> None:
        """Write it into a `checked` folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (checked / "verdict.json").write_text(text + "\n", encoding="utf-8")
