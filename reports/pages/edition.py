"""Where the pages of a report lie: today's whole site, or the few pages of a past run that are kept as they were."""

from __future__ import annotations

from dataclasses import dataclass

RUNS = "runs"


@dataclass(frozen=True)
class Edition:
    """One set of pages; `to_site` leads from its folder to the folder of the whole site.

    A page of a past run outlives departments, feeds and views, so it links to none of their pages.
    """

    to_site: str = "."
    is_frozen: bool = False

    def runs(self) -> str:
        """Return where the past runs are kept, as seen from the edition's own folder."""
        return f"{self.to_site}/{RUNS}"


LIVE = Edition()
FROZEN = Edition(to_site="../..", is_frozen=True)
