"""The client to be awaited; it needs httpx."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import Optional

from ._async_caller import AsyncCaller
from ._operations_async import Operations
from ._settings import RETRIES, TIMEOUT, checked_key, settings


class AsyncPurser(Operations):
    """
    Purser's API, to be awaited: the methods and parameters of ``Purser``. It needs httpx.

    ``await close()`` it, or use it in an ``async with``.
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
        super().__init__(AsyncCaller(settings(url, api_key, ca, timeout, retries)))

    def with_api_key(self, api_key: Optional[str]) -> AsyncPurser:
        """The same API by another key or token, over the same connections; None: by none."""
        other = AsyncPurser.__new__(AsyncPurser)
        where = replace(self._caller.where, api_key=checked_key(api_key))
        Operations.__init__(other, AsyncCaller(where, self._caller.connections))
        return other

    async def close(self) -> None:
        await self._caller.connections.close()

    async def __aenter__(self) -> AsyncPurser:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncPurser at {self._caller.where.url}>"
