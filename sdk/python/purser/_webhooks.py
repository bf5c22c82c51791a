"""Webhooks that Purser sends: who sent them, and what they say (the Standard Webhooks scheme)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Mapping, Optional, Sequence, Union

from ._codec import Record, loads, read_document, read_instant, read_text
from ._errors import ConfigurationError, WebhookError
from ._types import EVENTS

TOLERANCE = 300.0
_prefix = "whsec_"


@dataclass(frozen=True)
class WebhookEvent:
    """What happened."""

    event_id: str
    """The same however often it comes: what was handled is told by it."""
    event_type: str
    timestamp: datetime
    """When it became true."""
    organization_id: str
    entity_type: str
    entity_id: str
    data: Union[Record, Mapping[str, Any]]
    """By its type one of ``purser.types``; as it came where the type is not known here."""


def _bytes(text: str) -> bytes:
    """Of any text: what no UTF-8 could have been fits no signature."""
    return text.encode(errors="replace")


def _body(given: Union[bytes, str]) -> bytes:
    if isinstance(given, str):
        return _bytes(given)
    if not isinstance(given, (bytes, bytearray, memoryview)):
        raise TypeError(f"the body has to be the bytes that came, not {type(given).__name__}")
    return bytes(given)


def _key_of(secret: str) -> bytes:
    text = secret[len(_prefix) :] if secret.startswith(_prefix) else secret
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ConfigurationError("A webhook's secret is whsec_ and base64.") from None
    if not key:
        raise ConfigurationError("A webhook's secret is empty.")
    return key


class Webhook:
    """
    Verifies what comes to an endpoint. While a secret is rotated give both: ``Webhook([new, old])``.

    :param secrets: what ``event_subscriptions.create`` and ``rotate_secret`` gave
    :param tolerance: how many seconds a webhook's time may be from now
    """

    def __init__(self, secrets: Union[str, Sequence[str]], *, tolerance: float = TOLERANCE) -> None:
        self._keys = [_key_of(secret) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
        if not self._keys:
            raise ConfigurationError("A webhook can't be verified without a secret.")
        self._tolerance = tolerance

    def verify(self, body: Union[bytes, str], headers: Mapping[str, str], *, now: Optional[float] = None) -> WebhookEvent:
        """
        The event, if a secret fits and the time is near; else WebhookError.

        :param body: exactly as it came
        :param headers: whatever their case
        :param now: seconds since 1970; the clock's where it is left out
        """
        raw = _body(body)
        told = {name.lower(): value for name, value in headers.items()}
        name, sent_at, signatures = (
            (told.get(f"webhook-{which}") or "").strip() for which in ("id", "timestamp", "signature")
        )
        if not (name and sent_at and signatures):
            raise WebhookError("A header is missing: webhook-id, webhook-timestamp and webhook-signature are needed.")
        self._check_time(sent_at, time.time() if now is None else now)
        if not self._fits(_bytes(f"{name}.{sent_at}.") + raw, signatures):
            raise WebhookError("No signature fits.")
        return _event(raw)

    def _check_time(self, sent_at: str, now: float) -> None:
        if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= 12):
            raise WebhookError("The time is none.")
        if not abs(now - int(sent_at)) <= self._tolerance:
            raise WebhookError("The time is too far from now.")

    def _fits(self, content: bytes, signatures: str) -> bool:
        """Every signature is compared with every key, in the same time whether one fits or not."""
        given = [_bytes(text[3:]) for text in signatures.split() if text.startswith("v1,")]
        fits = False
        for key in self._keys:
            wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
            for one in given:
                fits |= hmac.compare_digest(one, wanted)
        return fits

    def sign(self, body: Union[bytes, str], message_id: str, sent_at: int) -> dict[str, str]:
        """The headers that such a body would come with: for tests of a receiver."""
        raw = _body(body)
        content = f"{message_id}.{sent_at}.".encode() + raw
        signatures = (base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in self._keys)
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(sent_at),
            "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
        }


def _event(raw: bytes) -> WebhookEvent:
    try:
        told = read_document(loads(raw))
        kind = EVENTS.get(read_text(told.get("event_type")))
        data = read_document(told.get("data"))
        return WebhookEvent(
            event_id=read_text(told.get("event_id")),
            event_type=read_text(told.get("event_type")),
            timestamp=read_instant(told.get("timestamp")),
            organization_id=read_text(told.get("organization_id")),
            entity_type=read_text(told.get("entity_type")),
            entity_id=read_text(told.get("entity_id")),
            data=data if kind is None else kind.from_json(data),
        )
    except ValueError as error:
        raise WebhookError(f"It is signed, but no event: {error}.") from error
