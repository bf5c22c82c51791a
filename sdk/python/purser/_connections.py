"""
Connections to the API by the standard library: kept open between calls, checked before they are used again, shared by
threads and never by processes.
"""

from __future__ import annotations

import http.client
import os
import select
import socket
import ssl
import sys
from collections import deque
from typing import Deque, Iterator, Optional, Union

from ._errors import BrokenReply, ConnectionFailed, PurserError, TimedOut, UntrustedServer
from ._messages import Request
from ._settings import Settings

_kept_most = 8
_piece = 65536


def failure(error: BaseException) -> PurserError:
    """What an exception of the library means to a caller."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return UntrustedServer(f"The server's certificate is not trusted: {error.verify_message}.")
    if isinstance(error, socket.timeout):
        return TimedOut("No reply came in time.")
    if isinstance(error, http.client.IncompleteRead):
        return BrokenReply("The reply ended too early.")
    return ConnectionFailed(f"No reply: {str(error) or type(error).__name__}.")


class Reply:
    """A reply whose head is there. Its connection goes back where it came from once the body was read."""

    def __init__(self, home: Connections, connection: http.client.HTTPConnection, response: http.client.HTTPResponse):
        self._home = home
        self._connection: Optional[http.client.HTTPConnection] = connection
        self._response = response
        self.status = response.status
        self.headers = response.headers
        # Only a chunked body can be had as it comes: read1 does not count what Content-Length leaves.
        self._chunked = response.headers.get("Transfer-Encoding", "").lower() == "chunked"

    def read(self) -> bytes:
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes. One that ends too early is told by an exception, never by an end."""
        try:
            while True:
                piece = self._response.read1(_piece) if self._chunked else self._response.read(_piece)
                if not piece:
                    break
                yield piece
            if self._response.length:  # what Content-Length promised and nobody sent
                raise BrokenReply("The reply ended too early.")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise failure(error) from error
        except BaseException:
            self.close()
            raise
        connection, self._connection = self._connection, None
        if connection is not None:
            self._home.keep(connection, self._response)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Connections:
    def __init__(self, where: Settings) -> None:
        self._where = where
        self._tls = where.tls() if where.secure else None
        # Without a lock: one that a thread held while its process was forked would never be given back to the child.
        self._idle: tuple[int, Deque[http.client.HTTPConnection]] = (os.getpid(), deque())

    def _new(self, timeout: float) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._where.host, self._where.port, timeout=timeout)
        return http.client.HTTPSConnection(self._where.host, self._where.port, timeout=timeout, context=self._tls)

    def _own(self) -> Deque[http.client.HTTPConnection]:
        """Those of this process: behind a fork the others are the parent's."""
        process, idle = self._idle
        if process != os.getpid():
            self._idle = (os.getpid(), deque())
        return self._idle[1]

    def _kept(self) -> Optional[http.client.HTTPConnection]:
        while True:
            try:
                connection = self._own().pop()
            except IndexError:
                return None
            if _is_quiet(connection):
                return connection
            connection.close()

    def _take(self, repeatable: bool, timeout: float) -> http.client.HTTPConnection:
        """What may not be sent twice goes out on a connection of its own: none that the server just gave up."""
        connection = self._kept() if repeatable else None
        if connection is None:
            return self._new(timeout)
        connection.timeout = timeout
        connection.sock.settimeout(timeout)
        return connection

    def keep(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        idle = self._own()
        if not response.will_close and connection.sock is not None and len(idle) < _kept_most:
            idle.append(connection)
        else:
            connection.close()

    def send(self, request: Request, timeout: float) -> Reply:
        """One attempt, up to the head of the reply."""
        connection = self._take(request.repeatable, timeout)
        try:
            return Reply(self, connection, _exchange(connection, request))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise failure(error) from error
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        idle = self._own()
        while idle:
            idle.pop().close()


def _is_quiet(connection: http.client.HTTPConnection) -> bool:
    """Something to read on an idle connection is its end."""
    try:
        return not _is_readable(connection.sock)
    except (OSError, ValueError):
        return False


def _is_readable(one: socket.socket) -> bool:
    if sys.platform == "win32":
        return bool(select.select([one], [], [], 0)[0])
    poll = select.poll()  # which takes descriptors of any number
    poll.register(one, select.POLLIN)
    return bool(poll.poll(0))


def _exchange(connection: http.client.HTTPConnection, request: Request) -> http.client.HTTPResponse:
    body: Union[bytes, Iterator[bytes]] = request.body if isinstance(request.body, bytes) else request.body()
    try:
        connection.request(
            "POST", request.path, body, dict(request.headers), encode_chunked=not isinstance(body, bytes)
        )
    except (BrokenPipeError, ConnectionResetError):
        # A server that refuses a long body says so and reads no further; nothing else can be sent behind that.
        if isinstance(body, bytes) and len(body) < _piece:
            raise
        response = connection.getresponse()
        response.will_close = True
        return response
    return connection.getresponse()
