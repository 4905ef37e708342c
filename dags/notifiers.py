"""The doors through which messages leave: Airflow's notifiers for mail, a webhook and a file.

Mail and webhooks deliver at least once: killed between the answer of the other side and our note of it, a message goes
out again, under the same Message-ID or Idempotency-Key, by which the receiver knows it. A file is written once.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import requests
from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk import BaseNotifier

from cities import City, home
from reports.alert_message import cap, html, subject
from reports.digest import Digest

SECONDS = 15


class NotSent(RuntimeError):
    """A message could not be sent; the text holds neither an address nor what the other side said."""


def notifier_of(channel: str, recipient: str, content: Mapping[str, Any], city: City) -> Any:
    """Return the notifier that carries a message to a recipient."""
    if channel == "email":
        return SmtpNotifier(
            to=recipient, from_email=content["sender"], subject=subject(content), html_content=html(content),
            mime_subtype="alternative", smtp_conn_id=city.alerts.smtp,
            custom_headers={"Message-ID": f"<{content['identifier']}@{_host(str(content['sender']))}>"},
        )  # fmt: skip
    if channel == "webhook":
        return WebhookNotifier(recipient, content["identifier"], cap(content))
    return FileNotifier(content["identifier"], cap(content))


def digest_notifier(digest: Digest, week: date, city: City) -> Any:
    """Return the notifier that carries a weekly digest to its steward; sent again it has the same Message-ID."""
    mark = hashlib.sha256(digest.steward.encode()).hexdigest()[:16]
    return SmtpNotifier(
        to=digest.steward, from_email=city.contact.email, subject=digest.subject, html_content=digest.html,
        mime_subtype="alternative", smtp_conn_id=city.alerts.smtp,
        custom_headers={"Message-ID": f"<digest-{city.id}-{week}-{mark}@{_host(city.contact.email)}>"},
    )  # fmt: skip


def _host(sender: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "", sender.rpartition("@")[2]) or "civiclake"


class WebhookNotifier(BaseNotifier):
    """Posts a CAP document to the address that an environment variable holds."""

    def __init__(self, variable: str, message_id: str, document: bytes) -> None:
        super().__init__()
        self.variable, self.message_id, self.document = variable, message_id, document

    def notify(self, context: Any) -> None:
        """Post, and take any answer but a 2xx for a failure."""
        address = os.environ.get(self.variable)
        if not address:
            raise NotSent(f"{self.variable} is not set: it must hold the webhook's address")
        headers = {"Content-Type": "application/cap+xml", "Idempotency-Key": self.message_id}
        try:
            answer = requests.post(
                address, data=self.document, headers=headers, timeout=SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            # its text repeats the address, which may hold a secret
            raise NotSent(f"the webhook of {self.variable} cannot be reached: {type(error).__name__}") from None
        if not 200 <= answer.status_code < 300:
            raise NotSent(f"the webhook of {self.variable} answered {answer.status_code}")


class FileNotifier(BaseNotifier):
    """Writes a CAP document under `CIVICLAKE_HOME/alerts/`, whole or not at all."""

    def __init__(self, message_id: str, document: bytes) -> None:
        super().__init__()
        self.message_id, self.document = message_id, document

    def notify(self, context: Any) -> None:
        """Write beside the place, then rename; the same message again leaves the same file."""
        folder = home() / "alerts"
        folder.mkdir(mode=0o700, exist_ok=True)
        draft = folder / f".{self.message_id}.draft"
        with draft.open("wb") as out:
            out.write(self.document)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(folder / f"{self.message_id}.xml")
