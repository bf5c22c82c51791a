"""
Lists. A page is what one call gave, and iterating over it goes on through the pages that follow; rows are a stream, one
by one as they come. Neither holds more in memory than a page, or a row.
"""

from __future__ import annotations

from types import TracebackType
from typing import (
    Any,
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Generic,
    Iterator,
    Mapping,
    Optional,
    TypeVar,
)

from ._codec import Record
from ._errors import UnreadableReply
from ._messages import Lines, document, record

Row = TypeVar("Row", bound=Record)
AnyPage = TypeVar("AnyPage", bound="_PageData[Any]")


class _PageData(Generic[Row]):
    """What a page says."""

    def __init__(self, gives: type[Row], told: Any) -> None:
        if not isinstance(told, Mapping) or not isinstance(told.get("data"), list):
            raise UnreadableReply("The reply is no page of a list.")
        self.data: tuple[Row, ...] = tuple(record(gives, row) for row in told["data"])
        """The rows of this page."""
        self.next_cursor: Optional[str] = told.get("next_cursor") or None
        """What to send as ``cursor`` for the next page; None on the last one."""
        if not isinstance(self.next_cursor, (str, type(None))):
            raise UnreadableReply("The reply is no page of a list.")
        self.total: Optional[int] = told.get("total")
        """How many there are in all, where that is counted."""

    def _before(self, page: AnyPage) -> AnyPage:
        if page.next_cursor is not None and page.next_cursor == self.next_cursor:
            raise UnreadableReply("The list does not move on.")
        return page

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.data)}{', more follow' if self.next_cursor else ''}>"


class Page(_PageData[Row]):
    """A page of a list. ``for row in page`` goes on with the pages behind it."""

    def __init__(self, gives: type[Row], told: Any, follow: Callable[[str], Page[Row]]) -> None:
        super().__init__(gives, told)
        self._follow = follow

    def next_page(self) -> Optional[Page[Row]]:
        """The page behind this one; None behind the last."""
        return self._before(self._follow(self.next_cursor)) if self.next_cursor else None

    def __iter__(self) -> Iterator[Row]:
        page: Optional[Page[Row]] = self
        while page is not None:
            yield from page.data
            page = page.next_page()


class AsyncPage(_PageData[Row]):
    """A page of a list. ``async for row in page`` goes on with the pages behind it."""

    def __init__(self, gives: type[Row], told: Any, follow: Callable[[str], Awaitable[AsyncPage[Row]]]) -> None:
        super().__init__(gives, told)
        self._follow = follow

    async def next_page(self) -> Optional[AsyncPage[Row]]:
        """The page behind this one; None behind the last."""
        return self._before(await self._follow(self.next_cursor)) if self.next_cursor else None

    async def __aiter__(self) -> AsyncIterator[Row]:
        page: Optional[AsyncPage[Row]] = self
        while page is not None:
            for row in page.data:
                yield row
            page = await page.next_page()


class Rows(Generic[Row]):
    """Rows of a stream. Whoever does not take all of them closes it, best by ``with``."""

    def __init__(self, gives: type[Row], pieces: Iterator[bytes], close: Callable[[], None]) -> None:
        self._close = close
        self._rows = self._read(gives, pieces)

    def _read(self, gives: type[Row], pieces: Iterator[bytes]) -> Generator[Row, None, None]:
        lines = Lines()
        try:
            for piece in pieces:
                for line in lines.add(piece):
                    yield record(gives, document(line))
            lines.end()
        finally:
            self._close()

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        return next(self._rows)

    def close(self) -> None:
        self._rows.close()
        self._close()

    def __enter__(self) -> Rows[Row]:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()


class AsyncStream:
    """An open reply, as the caller of a stream sees it."""

    def __init__(self, pieces: AsyncIterator[bytes], close: Callable[[], Awaitable[None]]) -> None:
        self.pieces = pieces
        self.close = close


class AsyncRows(Generic[Row]):
    """Rows of a stream, which is opened with the first one. Whoever does not take all closes it, best by ``async with``."""

    def __init__(self, gives: type[Row], open_stream: Callable[[], Awaitable[AsyncStream]]) -> None:
        self._stream: Optional[AsyncStream] = None
        self._rows = self._read(gives, open_stream)

    async def _read(
        self, gives: type[Row], open_stream: Callable[[], Awaitable[AsyncStream]]
    ) -> AsyncGenerator[Row, None]:
        lines = Lines()
        self._stream = await open_stream()
        try:
            async for piece in self._stream.pieces:
                for line in lines.add(piece):
                    yield record(gives, document(line))
            lines.end()
        finally:
            await self._stream.close()

    def __aiter__(self) -> AsyncIterator[Row]:
        return self

    async def __anext__(self) -> Row:
        return await self._rows.__anext__()

    async def close(self) -> None:
        await self._rows.aclose()
        if self._stream is not None:
            await self._stream.close()

    async def __aenter__(self) -> AsyncRows[Row]:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self.close()
