"""What a web server may give out of a published site, and how: one file a request, never a list of them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
}
"""What a site holds; anything else is not given out."""

HEADERS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOTHING_ELSE = "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')


@dataclass(frozen=True)
class Served:
    """A file's content and the headers that go with it."""

    content: bytes
    headers: dict[str, str]


def served(site: Path, path: str) -> Served | None:
    """Return what an address inside the site leads to, None where that is nothing to be shown.

    An address that ends with a slash means the `index.html` there. `site` may be a link that is put on another folder
    at any time: one answer is of one folder.
    """
    if "\0" in path:
        return None
    root = site.resolve()
    place = (root / (path + "index.html" if path.endswith("/") or not path else path).lstrip("/")).resolve()
    if place.suffix not in TYPES or not place.is_relative_to(root) or not place.is_file():
        return None
    content = place.read_bytes()
    return Served(content, {"Content-Type": TYPES[place.suffix], **HEADERS, **_headers_of(place, content)})


def _headers_of(place: Path, content: bytes) -> dict[str, str]:
    """Return a page's own policy as a header too, and let any other file be kept rather than opened in its place."""
    if place.suffix == ".html":
        found = _POLICY.search(content[:4096].decode("utf-8", "ignore"))
        own = html.unescape(found[1]) if found else "default-src 'none'"
        return {"Content-Security-Policy": f"{own}; {NOTHING_ELSE}"}
    return {
        "Content-Security-Policy": f"default-src 'none'; {NOTHING_ELSE}",
        "Content-Disposition": f'attachment; filename="{place.name}"',
    }
