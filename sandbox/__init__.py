"""Riverbend, the demo city: its departments' own systems, speaking their real protocols, seeded, with known faults."""

from __future__ import annotations

from sandbox.city import City, city_on
from sandbox.server import SandboxServer, running, serving
from sandbox.truth import truth

__all__ = ["City", "SandboxServer", "city_on", "running", "serving", "truth"]
