"""Today as a PDF: tagged for those who hear it, the same bytes for the same page."""

from __future__ import annotations

import hashlib
import logging
import sys
from functools import cache
from types import ModuleType

WHAT_TO_INSTALL = (
    "no PDF of the report: Pango cannot be loaded; install libpango-1.0-0 and libpangoft2-1.0-0, "
    "then write the report again"
)
NAME = "report.pdf"
"""What the file is called, in the folder of each language."""


def is_available() -> bool:
    """Return whether this system can make a PDF; where it cannot, standard error was told once what to install."""
    return _library() is not None


def as_pdf(html: str) -> bytes:
    """Return a page as a tagged PDF (PDF/UA-1) on A4, with the print styles of the page; its links are left out."""
    library = _library()
    assert library is not None, "asked only where it is available"
    mark = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
    document = library.HTML(string=html, url_fetcher=_refuse)
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=mark))


def _refuse(address: str, *_: object, **__: object) -> None:
    raise ValueError(f"a page asks for nothing, not {address[:60]}")


@cache
def _library() -> ModuleType | None:
    try:
        import weasyprint
    except OSError:
        print(WHAT_TO_INSTALL, file=sys.stderr)
        return None
    # what print does not know of the styles for screens is no news
    for name in ("weasyprint", "weasyprint.progress"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return weasyprint
