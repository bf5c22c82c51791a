"""The client that waits."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import Optional

from ._caller import Caller
from ._operations import Operations
from ._settings import RETRIES, TIMEOUT, checked_key, settings


class Purser(Operations):
    """
    Purser's API. What is not given comes from the environment: ``PURSER_URL``, ``PURSER_API_KEY``, ``PURSER_CA``.

    :param url: where it is, such as ``https://billing.example.com``
    :param api_key: who calls: an API key, or the access token of a person; not needed for what is public
    :param ca: a file with the certificates to trust instead of the system's
    :param timeout: seconds that any wait for the server may last; a call can say otherwise
    :param retries: how often a call that may be repeated is made again

    A call that heeds an idempotency key makes one up, and tells it where it fails, unless it is given as
    ``idempotency_key``: with the same key and input it happens once, and gives the first reply again.

    Threads can share a client, and so can processes that are forked off. It keeps connections open: ``close()`` it, or use it in a ``with``.
    """

    def __init__(
        self,
        url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        ca: Optional[str] = None,
        timeout: float = TIMEOUT,
        retries: int = RETRIES,
    ) -> None:
        super().__init__(Caller(settings(url, api_key, ca, timeout, retries)))

    def with_api_key(self, api_key: Optional[str]) -> Purser:
        """The same API by another key or token, over the same connections; None: by none."""
        other = Purser.__new__(Purser)
        where = replace(self._caller.where, api_key=checked_key(api_key))
        Operations.__init__(other, Caller(where, self._caller.connections))
        return other

    def close(self) -> None:
        self._caller.connections.close()

    def __enter__(self) -> Purser:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Purser at {self._caller.where.url}>"
