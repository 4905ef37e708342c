from __future__ import annotations

import json

from sandbox import city_on
from sandbox.people import canaries

PERSONAL = {
    "hotline__requests",
    "hotline__park_requests",
    "fire__calls",
    "buildings__permits",
    "finance__payments",
    "voice__forum",
}


def test_personal_strings_are_planted_where_real_systems_hold_them_and_nowhere_else() -> None:
    city = city_on(7, 0.2, 0)
    secrets = canaries(7, 0.2, 0)
    found = set()
    for feed, records in city.feeds.items():
        text = json.dumps(records[-1500:], ensure_ascii=False)
        if any(secret in text for secret in secrets):
            found.add(feed)
    assert found == PERSONAL


def test_names_numbers_and_mails_also_stand_in_running_text() -> None:
    city = city_on(7, 1, 0)
    texts = [r["description"] for r in city.records("hotline__requests")]
    texts += [r["memo"] for r in city.records("finance__payments")]
    texts += [r["summary"] for r in city.records("voice__forum")]
    text = "\n".join(texts)
    kinds = [secret for secret in canaries(7, 1, 0) if secret in text]
    assert any("@" in secret for secret in kinds)
    assert any(secret.startswith("(") for secret in kinds)
    assert any(secret.replace(" ", "").isalpha() and secret.isascii() for secret in kinds)
    assert any(not secret.isascii() for secret in kinds)


def test_canaries_are_the_same_people_on_every_day_and_scale() -> None:
    assert canaries(7, 1, 0) == canaries(7, 0.1, 5)
    assert canaries(7, 1, 0) != canaries(8, 1, 0)
