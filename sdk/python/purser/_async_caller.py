"""Calls to be awaited, by httpx: what the generated methods lean on."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any, AsyncIterable, AsyncIterator, Awaitable, BinaryIO, Callable, Iterable, Iterator
from typing import Mapping, Optional, TypeVar, Union

from ._caller import following
from ._codec import Record
from ._errors import (
    BrokenReply,
    ConfigurationError,
    ConnectionFailed,
    PurserError,
    TimedOut,
    UnreadableReply,
    UntrustedServer,
)
from ._messages import (
    LINES,
    ItemsFailed,
    Request,
    begins_anew,
    check_type,
    document,
    line_of,
    pieces_of,
    problem_of,
    record,
    request,
    request_of_bytes,
    request_of_items,
)
from ._operation import Operation
from ._pages import AsyncPage, AsyncRows, AsyncStream
from ._retry import Patience
from ._settings import Settings

if TYPE_CHECKING:
    import httpx

Given = TypeVar("Given", bound=Record)
Result = TypeVar("Result")
Body = Callable[[], AsyncIterator[bytes]]


def failure(error: BaseException) -> PurserError:
    """What an exception of httpx means to a caller."""
    import httpx

    cause: Optional[BaseException] = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UntrustedServer(f"The server's certificate is not trusted: {cause.verify_message}.")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return TimedOut("No reply came in time.")
    if isinstance(error, httpx.RemoteProtocolError) and "incomplete" in str(error):
        return BrokenReply("The reply ended too early.")
    if isinstance(error, httpx.DecodingError):
        return UnreadableReply(f"The reply is not packed as it says: {error}.")
    return ConnectionFailed(f"No reply: {str(error) or type(error).__name__}.")


class AsyncConnections:
    """What may not be sent twice goes out on a connection of its own: none that the server just gave up."""

    def __init__(self, where: Settings) -> None:
        try:
            import httpx
        except ImportError as error:
            raise ConfigurationError("AsyncPurser needs httpx: pip install httpx.") from error
        self._timeout = where.timeout
        self._tls: Union[ssl.SSLContext, bool] = where.tls() if where.secure else False
        self._limits = [httpx.Limits(max_connections=100, max_keepalive_connections=most) for most in (20, 0)]
        self._of: dict[asyncio.AbstractEventLoop, tuple[httpx.AsyncClient, httpx.AsyncClient]] = {}

    def _new(self, limits: httpx.Limits) -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=self._timeout, limits=limits)

    def client(self, repeatable: bool) -> httpx.AsyncClient:
        """A connection lives and ends with the loop that it was made in: each loop has its own."""
        loop = asyncio.get_running_loop()
        if loop not in self._of:
            for ended in [one for one in list(self._of) if one.is_closed()]:
                self._of.pop(ended, None)
            self._of[loop] = (self._new(self._limits[0]), self._new(self._limits[1]))
        kept, fresh = self._of[loop]
        return kept if repeatable else fresh

    async def close(self) -> None:
        """Those of this loop. Whoever calls on gets new ones."""
        for client in self._of.pop(asyncio.get_running_loop(), ()):
            await client.aclose()


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _lines(items: AsyncIterable[Any], operation: Operation[Any]) -> AsyncIterator[bytes]:
    try:
        async for item in items:
            yield line_of(item, operation.items)
    except Exception as error:
        raise ItemsFailed(error) from error


def _body_of(items: Union[Iterable[Any], AsyncIterable[Any], BinaryIO, bytes], operation: Operation[Any]) -> Optional[Body]:
    """What goes out instead of bytes that are there already; begun anew with each attempt."""
    if isinstance(items, bytes):
        return None
    if isinstance(items, AsyncIterable):
        awaited = items
        return lambda: _lines(awaited, operation)
    plain = items
    return lambda: _awaited(pieces_of(plain, operation.items))


class AsyncCaller:
    def __init__(self, where: Settings, connections: Optional[AsyncConnections] = None) -> None:
        self.where = where
        self.connections = connections if connections is not None else AsyncConnections(where)

    async def _open(
        self, request: Request, timeout: Optional[float], body: Optional[Body]
    ) -> httpx.Response:
        import httpx

        wait = self.where.timeout_of(timeout)
        client = self.connections.client(request.repeatable)
        content = body() if body is not None else request.body if isinstance(request.body, bytes) else None
        root = self.where.url[: len(self.where.url) - len(self.where.base)]
        sent = client.build_request(
            "POST", root + request.path, headers=dict(request.headers), content=content, timeout=wait
        )
        try:
            reply = await client.send(sent, stream=True)
        except (httpx.TransportError, OSError) as error:  # a failed handshake comes as it is in some versions
            raise failure(error) from error
        if 200 <= reply.status_code < 300:
            try:
                check_type(request, reply.headers.get("Content-Type"))
            except UnreadableReply:
                await reply.aclose()
                raise
            return reply
        try:
            told = b"".join([piece async for piece in _pieces(reply)])
        except UnreadableReply:  # the status says enough
            told = b""
        raise problem_of(reply.status_code, reply.headers.get, told)

    async def _patiently(self, request: Request, attempt: Callable[[], Awaitable[Result]]) -> Result:
        patience = Patience(request.repeatable, self.where.retries)
        while True:
            try:
                return await attempt()
            except PurserError as error:
                error.idempotency_key = request.key
                pause = patience.wait_after(error)
                if pause is None:
                    raise
            await asyncio.sleep(pause)

    async def _read(self, request: Request, timeout: Optional[float]) -> bytes:
        async def attempt() -> bytes:
            reply = await self._open(request, timeout, None)
            return b"".join([piece async for piece in _pieces(reply)])

        return await self._patiently(request, attempt)

    async def _record(
        self, request: Request, gives: type[Given], timeout: Optional[float], body: Optional[Body] = None
    ) -> Given:
        """One that can't be read is told like any failure: with the key that was sent."""

        async def attempt() -> Given:
            reply = await self._open(request, timeout, body)
            return record(gives, document(b"".join([piece async for piece in _pieces(reply)])))

        return await self._patiently(request, attempt)

    async def one(
        self,
        operation: Operation[Given],
        given: Mapping[str, Any],
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Given:
        return await self._record(request(self.where, operation, given, key=idempotency_key), operation.gives, timeout)

    async def page(
        self, operation: Operation[Given], given: Mapping[str, Any], *, timeout: Optional[float] = None
    ) -> AsyncPage[Given]:
        told = document(await self._read(request(self.where, operation, given), timeout))
        return AsyncPage(
            operation.gives,
            told,
            lambda cursor: self.page(operation, following(given, cursor), timeout=timeout),
        )

    def rows(
        self, operation: Operation[Given], given: Mapping[str, Any], *, timeout: Optional[float] = None
    ) -> AsyncRows[Given]:
        return self._stream(operation.gives, request(self.where, operation, given, LINES), timeout)

    def lines(
        self,
        operation: Operation[Any],
        given: Mapping[str, Any],
        line: type[Given],
        *,
        timeout: Optional[float] = None,
    ) -> AsyncRows[Given]:
        return self._stream(line, request(self.where, operation, given, LINES), timeout)

    def _stream(self, gives: type[Given], sent: Request, timeout: Optional[float]) -> AsyncRows[Given]:
        async def open_stream() -> AsyncStream:
            reply = await self._patiently(sent, lambda: self._open(sent, timeout, None))
            return AsyncStream(_pieces(reply), reply.aclose)

        return AsyncRows(gives, open_stream)

    async def rendering(
        self,
        operation: Operation[Given],
        given: Mapping[str, Any],
        media_type: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> bytes:
        return await self._read(request(self.where, operation, given, media_type, idempotency_key), timeout)

    async def send(
        self,
        operation: Operation[Given],
        items: Union[Iterable[Any], AsyncIterable[Any], BinaryIO, bytes],
        *,
        timeout: Optional[float] = None,
    ) -> Given:
        sent = request_of_items(self.where, operation, items if isinstance(items, bytes) else b"", begins_anew(items))
        try:
            return await self._record(sent, operation.gives, timeout, _body_of(items, operation))
        except ItemsFailed as failed:
            raise failed.error from None

    async def raw(
        self,
        operation: Operation[Given],
        body: bytes,
        headers: Mapping[str, str],
        *,
        timeout: Optional[float] = None,
    ) -> Given:
        return await self._record(request_of_bytes(self.where, operation, body, headers), operation.gives, timeout)


async def _pieces(reply: httpx.Response) -> AsyncIterator[bytes]:
    import httpx

    try:
        async for piece in reply.aiter_bytes():
            yield piece
    except (httpx.RequestError, OSError) as error:
        raise failure(error) from error
    finally:
        await reply.aclose()
