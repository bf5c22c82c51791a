"""
Runs examples in Python, one after the other in one process, as t/examples.t hands them over: a line {"text", "environment"}
each, answered by a line {"ok", "why", "printed", "calls"}; an empty one is the end. What a call was answered is noted where it comes in.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
from typing import Any, AsyncIterator, Dict, Iterator, List

import httpx

from purser import _connections
from purser._messages import Request

calls: List[Dict[str, Any]] = []
send = _connections.Connections.send
send_awaited = httpx.AsyncClient.send


def note(path: str, status: int, media_type: str) -> Dict[str, Any]:
    calls.append({"path": path, "status": status, "type": media_type, "body": b""})
    return calls[-1]


def noting(self: _connections.Connections, request: Request, timeout: float) -> _connections.Reply:
    reply = send(self, request, timeout)
    call = note(request.path, reply.status, reply.headers.get("Content-Type", ""))
    pieces = reply.pieces

    def noted() -> Iterator[bytes]:
        for piece in pieces():
            call["body"] += piece
            yield piece

    setattr(reply, "pieces", noted)
    return reply


async def noting_awaited(self: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
    reply = await send_awaited(self, request, **options)
    call = note(request.url.path, reply.status_code, reply.headers.get("Content-Type", ""))
    pieces = reply.aiter_bytes

    async def noted() -> AsyncIterator[bytes]:
        async for piece in pieces():
            call["body"] += piece
            yield piece

    setattr(reply, "aiter_bytes", noted)
    return reply


setattr(_connections.Connections, "send", noting)
setattr(httpx.AsyncClient, "send", noting_awaited)


def run(text: str, environment: Dict[str, str]) -> Dict[str, Any]:
    printed = io.StringIO()
    why = ""
    for name in [name for name in os.environ if name.startswith("PURSER_")]:
        del os.environ[name]
    os.environ.update(environment)
    calls.clear()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(text, "example", "exec"), {"__name__": "__main__"})
    except BaseException:
        why = traceback.format_exc()
    return {
        "ok": not why,
        "why": why,
        "printed": printed.getvalue(),
        "calls": [dict(call, body=call["body"].decode()) for call in calls],
    }


for line in sys.stdin:
    if line == "\n":
        break
    print(json.dumps(run(**json.loads(line))), flush=True)
