"""Webhooks: what is believed, and what is not."""

from __future__ import annotations

import base64
import json
import unittest
from typing import Any

from purser import ConfigurationError, Webhook, WebhookError, types

old = "whsec_" + base64.b64encode(b"old" * 10).decode()
new = "whsec_" + base64.b64encode(b"new" * 10).decode()
event = {
    "event_id": "01M82QJG8YP0K29X1QBS7Y847P",
    "event_type": "limit.soft",
    "timestamp": "2026-11-22T06:12:32.000000Z",
    "organization_id": "01M82QJG8YP0K29X1QBS7Y847P",
    "entity_type": "organization",
    "entity_id": "01M82QJG8YP0K29X1QBS7Y847P",
    "data": {"spent": 5, "limit": 4},
}
body = json.dumps(event).encode()
now = 1800000000


def signed(secret: str = new, what: bytes = body, at: int = now) -> "dict[str, str]":
    return Webhook(secret).sign(what, "msg_1", at)


class Verification(unittest.TestCase):
    def refused(self, why: str, headers: "dict[str, str]", what: bytes = body, secrets: Any = new) -> None:
        with self.assertRaisesRegex(WebhookError, why):
            Webhook(secrets).verify(what, headers, now=now)

    def test_known_answer(self) -> None:
        """a signature is that of the Standard Webhooks scheme"""
        headers = {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }
        with self.assertRaisesRegex(WebhookError, "no event"):
            Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").verify('{"test": 2432232314}', headers, now=1614265330)

    def test_event(self) -> None:
        """an event comes with its data by its type"""
        got = Webhook(new).verify(body, signed(), now=now)
        self.assertEqual(got.data, types.EVENTS["limit.soft"].from_json({"spent": 5, "limit": 4}))
        self.assertEqual((got.event_id, got.timestamp.utcoffset().__str__()), (event["event_id"], "0:00:00"))

    def test_unknown_type(self) -> None:
        """a type of a newer server comes with its data as they are"""
        later = json.dumps({**event, "event_type": "moon.full"}).encode()
        self.assertEqual(Webhook(new).verify(later, signed(what=later), now=now).data, event["data"])

    def test_headers(self) -> None:
        """headers are found whatever their case, and a missing one is told"""
        shouted = {name.upper(): value for name, value in signed().items()}
        self.assertEqual(Webhook(new).verify(body, shouted, now=now).event_type, "limit.soft")
        for name in signed():
            self.refused("missing", {other: value for other, value in signed().items() if other != name})

    def test_rotation(self) -> None:
        """while a secret is rotated either fits, signed by one or by both"""
        both = Webhook([new, old])
        for headers in (signed(old), signed(new), both.sign(body, "msg_1", now)):
            self.assertEqual(both.verify(body, headers, now=now).event_type, "limit.soft")
        self.assertEqual(Webhook(old).verify(body, both.sign(body, "msg_1", now), now=now).event_type, "limit.soft")
        self.refused("No signature fits", signed(old))

    def test_tampered(self) -> None:
        """another body, id, time, key or scheme does not fit"""
        self.refused("No signature fits", signed(), body + b" ")
        self.refused("No signature fits", {**signed(), "webhook-id": "msg_2"})
        self.refused("No signature fits", {**signed(), "webhook-timestamp": str(now - 1)})
        self.refused("No signature fits", {**signed(), "webhook-signature": signed()["webhook-signature"].replace("v1", "v2")})
        for parsed in (event, 5, None, [1]):
            with self.assertRaises(TypeError):
                Webhook(new).verify(parsed, signed(), now=now)  # type: ignore[arg-type]
        self.assertTrue(Webhook(new).verify(bytearray(body), signed(), now=now))
        self.refused("missing", {**signed(), "webhook-id": None})  # type: ignore[dict-item]
        self.refused("No signature fits", {**signed(), "webhook-signature": "v1,\u00e9 v1, v1"})
        self.refused("No signature fits", {**signed(), "webhook-id": "\udce9", "webhook-signature": "v1,\udce9"})

    def test_old(self) -> None:
        """what is older or newer than the tolerance is refused, signed or not"""
        for at in (now - 301, now + 301):
            self.refused("too far", signed(at=at))
        for at in (now - 300, now + 300):
            self.assertTrue(Webhook(new).verify(body, signed(at=at), now=now))
        with self.assertRaisesRegex(WebhookError, "too far"):
            Webhook(new, tolerance=float("nan")).verify(body, signed(), now=now)
        for text in ("", "now", "-5", "1e9", "\u0661", "9" * 40):
            self.refused("time is none|missing", {**signed(), "webhook-timestamp": text})

    def test_secrets(self) -> None:
        """a secret that is none is told when it is given"""
        for wrong in ("", "whsec_", "whsec_?", []):
            with self.assertRaises(ConfigurationError):
                Webhook(wrong)


if __name__ == "__main__":
    unittest.main()
