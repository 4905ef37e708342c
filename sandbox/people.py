"""Who must never be seen: the personal values planted in the sandbox city."""

from __future__ import annotations

from sandbox.residents import residents
from sandbox.world import World


def canaries(seed: int, scale: float, day: int) -> list[str]:
    """Every personal string that can stand in a record of this city: names, telephone numbers, e-mails, home addresses.

    Telephone numbers come in the two notations in which they are planted, in fields of their own and in running text.
    """
    return sorted({secret for resident in residents(World(seed, scale, day)) for secret in resident.secrets})
