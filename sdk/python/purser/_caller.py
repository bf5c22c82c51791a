"""Calls that wait: what the generated methods lean on."""

from __future__ import annotations

import time
from typing import Any, BinaryIO, Callable, Iterable, Mapping, Optional, TypeVar, Union

from ._codec import Record
from ._connections import Connections, Reply
from ._errors import PurserError, UnreadableReply
from ._messages import (
    LINES,
    ItemsFailed,
    Request,
    begins_anew,
    check_type,
    document,
    pieces_of,
    problem_of,
    record,
    request,
    request_of_bytes,
    request_of_items,
)
from ._operation import Operation
from ._pages import Page, Rows
from ._retry import Patience
from ._settings import Settings

Given = TypeVar("Given", bound=Record)
Result = TypeVar("Result")


class Caller:
    def __init__(self, where: Settings, connections: Optional[Connections] = None) -> None:
        self.where = where
        self.connections = connections if connections is not None else Connections(where)

    def _open(self, request: Request, timeout: Optional[float]) -> Reply:
        reply = self.connections.send(request, self.where.timeout_of(timeout))
        if not 200 <= reply.status < 300:
            raise problem_of(reply.status, reply.headers.get, reply.read())
        try:
            check_type(request, reply.headers.get("Content-Type"))
            packed = reply.headers.get("Content-Encoding", "identity")
            if packed.lower() != "identity":  # which nobody asked for
                raise UnreadableReply(f"The reply is packed: {packed}.")
        except UnreadableReply:
            reply.close()
            raise
        return reply

    def _patiently(self, request: Request, attempt: Callable[[], Result]) -> Result:
        patience = Patience(request.repeatable, self.where.retries)
        while True:
            try:
                return attempt()
            except PurserError as error:
                error.idempotency_key = request.key
                pause = patience.wait_after(error)
                if pause is None:
                    raise
            time.sleep(pause)

    def _read(self, request: Request, timeout: Optional[float]) -> bytes:
        return self._patiently(request, lambda: self._open(request, timeout).read())

    def _record(self, request: Request, gives: type[Given], timeout: Optional[float]) -> Given:
        """One that can't be read is told like any failure: with the key that was sent."""
        return self._patiently(request, lambda: record(gives, document(self._open(request, timeout).read())))

    def one(
        self,
        operation: Operation[Given],
        given: Mapping[str, Any],
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Given:
        return self._record(request(self.where, operation, given, key=idempotency_key), operation.gives, timeout)

    def page(
        self, operation: Operation[Given], given: Mapping[str, Any], *, timeout: Optional[float] = None
    ) -> Page[Given]:
        told = document(self._read(request(self.where, operation, given), timeout))
        return Page(
            operation.gives,
            told,
            lambda cursor: self.page(operation, following(given, cursor), timeout=timeout),
        )

    def rows(
        self, operation: Operation[Given], given: Mapping[str, Any], *, timeout: Optional[float] = None
    ) -> Rows[Given]:
        return self._stream(operation.gives, request(self.where, operation, given, LINES), timeout)

    def lines(
        self,
        operation: Operation[Any],
        given: Mapping[str, Any],
        line: type[Given],
        *,
        timeout: Optional[float] = None,
    ) -> Rows[Given]:
        return self._stream(line, request(self.where, operation, given, LINES), timeout)

    def _stream(self, gives: type[Given], sent: Request, timeout: Optional[float]) -> Rows[Given]:
        reply = self._patiently(sent, lambda: self._open(sent, timeout))
        return Rows(gives, reply.pieces(), reply.close)

    def rendering(
        self,
        operation: Operation[Given],
        given: Mapping[str, Any],
        media_type: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> bytes:
        return self._read(request(self.where, operation, given, media_type, idempotency_key), timeout)

    def send(
        self,
        operation: Operation[Given],
        items: Union[Iterable[Any], BinaryIO, bytes],
        *,
        timeout: Optional[float] = None,
    ) -> Given:
        if isinstance(items, bytes):
            sent = request_of_items(self.where, operation, items)
        else:
            lines = items
            sent = request_of_items(
                self.where, operation, lambda: pieces_of(lines, operation.items), begins_anew(items)
            )
        try:
            return self._record(sent, operation.gives, timeout)
        except ItemsFailed as failed:
            raise failed.error from None

    def raw(
        self,
        operation: Operation[Given],
        body: bytes,
        headers: Mapping[str, str],
        *,
        timeout: Optional[float] = None,
    ) -> Given:
        return self._record(request_of_bytes(self.where, operation, body, headers), operation.gives, timeout)


def following(given: Mapping[str, Any], cursor: str) -> Mapping[str, Any]:
    """The same list from there on: what said where to begin is spent."""
    return {**{name: value for name, value in given.items() if name not in ("offset", "after")}, "cursor": cursor}
