"""What a source says of its own failure, as far as a message may repeat it.

Two documents are known: problem details (RFC 9457, which NGSI-LD uses), and OData's `{"error": {"code": ...}}`. Only
the kind of the problem is repeated: details may hold a value.
"""

from __future__ import annotations

import json
from typing import Any

import requests

MOST_BYTES = 2**16
MOST_LETTERS = 60


def problem_in(response: requests.Response) -> str:
    """Return the kind of problem that an answer names, in brackets; nothing where it names none."""
    if "json" not in response.headers.get("Content-Type", ""):
        return ""
    try:
        kind = _kind(json.loads(next(response.iter_content(MOST_BYTES), b"")))
    except (ValueError, RecursionError, requests.RequestException):
        return ""
    return f" ({kind[:MOST_LETTERS]})" if kind else ""


def _kind(document: Any) -> str:
    """Return the last step of a problem's `type`, an address, or its title, or an OData error's code."""
    if not isinstance(document, dict):
        return ""
    error = document.get("error")
    told = error.get("code") if isinstance(error, dict) else document.get("type") or document.get("title")
    kind = str(told or "").rstrip("/").rpartition("/")[2]
    return str(document.get("title") or "") if kind == "about:blank" else kind
