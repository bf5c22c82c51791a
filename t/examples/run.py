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
from typing import Any, Dict, Iterator, List

from purser import _connections
from purser._messages import Request

calls: List[Dict[str, Any]] = []
send = _connections.Connections.send


def noting(self: _connections.Connections, request: Request, timeout: float) -> _connections.Reply:
    reply = send(self, request, timeout)
    call = {"path": request.path, "status": reply.status, "type": reply.headers.get("Content-Type", ""), "body": b""}
    pieces = reply.pieces

    def noted() -> Iterator[bytes]:
        for piece in pieces():
            call["body"] += piece
            yield piece

    calls.append(call)
    setattr(reply, "pieces", noted)
    return reply


setattr(_connections.Connections, "send", noting)


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
