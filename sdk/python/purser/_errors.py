"""Everything that this package raises by itself. What the API refuses is a Problem; its kinds are in _problems.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Union


class PurserError(Exception):
    """Whatever goes wrong here."""

    idempotency_key: Optional[str] = None
    """The key that the call carried: with it, the same call can be made again, and happens once."""

    @property
    def temporary(self) -> bool:
        """Could the same call succeed a little later?"""
        return False


class ConfigurationError(PurserError):
    """The client can't be made as it was asked for."""


class ConnectionFailed(PurserError):
    """No reply came: whether anything was done is not known."""

    @property
    def temporary(self) -> bool:
        return True


class TimedOut(ConnectionFailed):
    """No reply came in time."""


class UntrustedServer(ConnectionFailed):
    """The server's certificate is not signed by a trusted authority, or is another host's. Nothing was sent."""

    @property
    def temporary(self) -> bool:
        return False


class BrokenReply(ConnectionFailed):
    """The reply ended too early."""


class UnreadableReply(PurserError):
    """What came is no reply of Purser's."""


class WebhookError(PurserError):
    """What came is not a webhook that may be trusted."""


@dataclass(frozen=True)
class Fault:
    """One fault of an input."""

    pointer: str
    """Where it is: a JSON pointer (RFC 6901) into the body."""
    code: str
    """What is wrong, for programs."""
    detail: str
    """What is wrong, as a sentence."""
    loc: tuple[Union[str, int], ...] = ()
    """The same place as a list: ``body`` or ``query``, then names and positions."""


class Problem(PurserError):
    """The API refused a call (RFC 9457). A kind that is not known here is a plain Problem with that ``code``."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        request_id: Optional[str] = None,
        retry_after: Optional[float] = None,
        faults: tuple[Fault, ...] = (),
        members: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(status, code, title, detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.request_id = request_id
        self.retry_after = retry_after
        """Seconds after which to try again."""
        self.faults = faults
        """Every fault of the input, where the code is ``invalid``."""
        self.members: Mapping[str, Any] = members if members is not None else {}
        """The whole document, with the members that only this kind has."""

    def __str__(self) -> str:
        lines = [f"{self.detail or self.title} ({self.status} {self.code})"]
        lines += [f"  {fault.pointer or '/'}: {fault.detail}" for fault in self.faults]
        return "\n".join(lines)

    @property
    def temporary(self) -> bool:
        return self.status in (429, 502, 503, 504) or self.code == "idempotency_in_progress"
