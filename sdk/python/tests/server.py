"""A server of a test: it answers what it was told to, one reply after the other, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass
from typing import Any, BinaryIO, Dict, List, Optional, Union


@dataclass
class Asked:
    path: str
    headers: Dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def reply(status: int, body: Union[bytes, Any] = b"", **headers: str) -> bytes:
    """A whole reply as bytes; what is not bytes goes out as JSON. `retry_after` is the header Retry-After."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def problem(status: int, code: str, **headers: str) -> bytes:
    told = {"type": f"/problems/{code}", "title": code, "status": status, "detail": "It is so.", "code": code}
    return reply(status, {**told, "instance": "request-1"}, **headers)


def chunked(*chunks: bytes, ended: bool = True) -> bytes:
    head = b"HTTP/1.1 200 Told\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in chunks) + (b"0\r\n\r\n" if ended else b"")


# Instead of a reply the connection ends behind the request, or nothing comes at all.
HANG_UP = b""
SILENCE = None


class Server:
    """`script` holds the replies. One that is not whole ends its connection, and so does one with a header X-Last."""

    def __init__(self, *script: Optional[bytes]) -> None:
        self.script: List[Optional[bytes]] = list(script)
        self.asked: List[Asked] = []
        self.connections = 0
        self.ended = threading.Event()  # a connection has
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._connection, args=(connection,), daemon=True).start()

    def _connection(self, connection: socket.socket) -> None:
        self._serve(connection)
        self.ended.set()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while True:
                try:
                    asked = _read(stream)
                except (OSError, ValueError):  # it left in the middle of its request
                    asked = None
                if asked is None:
                    return
                self.asked.append(asked)
                told = self.script.pop(0)
                if told is SILENCE:
                    self._stopped.wait(10)
                    return
                connection.sendall(told)
                if not _is_whole(told):
                    return

    def close(self) -> None:
        self._stopped.set()
        self._listener.close()


def _read(stream: BinaryIO) -> Optional[Asked]:
    first = stream.readline().split()
    if len(first) < 2:
        return None
    headers = {}
    for line in iter(stream.readline, b"\r\n"):
        if not line:
            return None
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while True:
            size = int(stream.readline(), 16)
            body += stream.read(size)
            stream.readline()
            if size == 0:
                break
    else:
        body = stream.read(int(headers.get("content-length", 0)))
    return Asked(first[1].decode(), headers, body)


def _is_whole(told: bytes) -> bool:
    head, _, body = told.partition(b"\r\n\r\n")
    if b"X-Last" in head:
        return False
    if b"chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return b"Content-Length: %d" % len(body) in head
