"""Requests and replies as data: what goes out for a call, and what to make of what comes back. No connection here."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, Callable, Iterable, Iterator, Mapping, Optional, TypeVar, Union
from urllib.parse import urlencode

from ._codec import Record, Writers, dumps, loads, write_members
from ._errors import BrokenReply, Fault, Problem, UnreadableReply
from ._operation import Operation
from ._problems import PROBLEMS
from ._settings import VERSION, Settings

JSON = "application/json"
LINES = "application/x-ndjson"
_form = "application/x-www-form-urlencoded"
_piece = 65536
# Blanks around a key would not arrive: it would be another one.
_key = re.compile(r"(?! )[\x20-\x7e]{1,255}(?<! )")
_name, _value = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"), re.compile(r"[\t\x20-\x7e]*")
# Those of a connection, which are not passed on with a body.
_connection = ("accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "te", "transfer-encoding", "upgrade")

Given = TypeVar("Given", bound=Record)


# ---- requests -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: Union[bytes, Callable[[], Iterator[bytes]]]
    repeatable: bool
    key: Optional[str] = None
    accept: str = JSON


def _headers(who: Settings, accept: str, content_type: str) -> dict[str, str]:
    headers = {"Accept": accept, "Content-Type": content_type, "User-Agent": f"purser-python/{VERSION}"}
    if who.api_key is not None:
        headers["Authorization"] = f"Bearer {who.api_key}"
    return headers


def _form_text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def request(
    who: Settings,
    operation: Operation[Given],
    given: Mapping[str, Any],
    accept: str = JSON,
    key: Optional[str] = None,
) -> Request:
    members = write_members(given, operation.takes or {})
    headers = _headers(who, accept, _form if operation.form else JSON)
    if operation.keyed:
        key = str(uuid.uuid4()) if key is None else key
        if not _key.fullmatch(key):
            raise ValueError("idempotency_key: this must be 1 to 255 printable ASCII characters, no blank first or last")
        headers["Idempotency-Key"] = key
    if operation.form:
        body = urlencode({name: _form_text(value) for name, value in members.items()})
    else:
        body = dumps(members)
    return Request(who.base + operation.path, headers, body.encode(), operation.repeatable, key, accept)


def request_of_bytes(
    who: Settings, operation: Operation[Given], body: bytes, headers: Mapping[str, str]
) -> Request:
    """The caller's own headers win, whatever their case, but for those of the connection that they came by."""
    for name, value in headers.items():
        if not _name.fullmatch(name) or not _value.fullmatch(value):  # the value may be secret
            raise ValueError(f"headers: {name!r} can't be sent")
    own = {name: value for name, value in headers.items() if name.lower() not in _connection}
    given = {name.lower() for name in own}
    standard = {name: value for name, value in _headers(who, JSON, JSON).items() if name.lower() not in given}
    return Request(who.base + operation.path, {**standard, **own}, body, operation.repeatable)


def request_of_items(
    who: Settings,
    operation: Operation[Given],
    body: Union[bytes, Callable[[], Iterator[bytes]]],
    again: bool = True,
) -> Request:
    """`again`: the body can be begun anew."""
    return Request(who.base + operation.path, _headers(who, JSON, LINES), body, operation.repeatable and again)


def begins_anew(items: object) -> bool:
    """Can these be gone through a second time? An iterator or a file is spent after the first."""
    if isinstance(items, bytes):
        return True
    return isinstance(items, Iterable) and not isinstance(items, Iterator) and not hasattr(items, "read")


def line_of(item: Any, writers: Optional[Writers]) -> bytes:
    return dumps(write_members(item, writers or {})).encode() + b"\n"


class ItemsFailed(Exception):
    """Carries what the caller's items raised past those who would take it for a failure of the connection."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def pieces_of(items: Union[Iterable[Any], BinaryIO], writers: Optional[Writers]) -> Iterator[bytes]:
    """Items as lines, or a file as it is, in pieces of a size that is good to send."""
    try:
        yield from _pieces(items, writers)
    except Exception as error:
        raise ItemsFailed(error) from error


def _pieces(items: Union[Iterable[Any], BinaryIO], writers: Optional[Writers]) -> Iterator[bytes]:
    reader = getattr(items, "read", None)
    if reader is not None:
        while True:
            piece = reader(_piece)
            if not isinstance(piece, bytes):
                raise TypeError("the file has to be opened in binary mode")
            if not piece:
                return
            yield piece
    gathered = bytearray()
    for item in items:
        gathered += line_of(item, writers)
        if len(gathered) >= _piece:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


# ---- replies ------------------------------------------------------------------------------------------------------


def seconds_of(retry_after: Optional[str]) -> Optional[float]:
    """What Retry-After says: seconds, or a date."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.strip().isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
        return max(0.0, moment.timestamp() - time.time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _fault(value: Any) -> Fault:
    told = value if isinstance(value, dict) else {}
    loc = told.get("loc")
    return Fault(
        pointer=str(told.get("pointer", "")),
        code=str(told.get("code", "")),
        detail=str(told.get("detail", "")),
        loc=tuple(loc) if isinstance(loc, list) else (),
    )


def problem_of(status: int, header: Callable[[str], Optional[str]], body: bytes) -> Problem:
    """Of a reply that tells no success; of OAuth's as well, and of what a proxy says in a language of its own."""
    try:
        told = loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        told = {}
    code = str(told.get("code") or told.get("error") or "unknown")
    faults, request_id = told.get("errors"), told.get("instance")
    return PROBLEMS.get(code, Problem)(
        status,
        code,
        str(told.get("title") or f"The server answered {status}"),
        str(told.get("detail") or told.get("error_description") or ""),
        request_id=request_id if request_id and isinstance(request_id, str) else header("X-Request-Id"),
        retry_after=seconds_of(header("Retry-After")),
        faults=tuple(map(_fault, faults)) if isinstance(faults, list) else (),
        members=told,
    )


def check_type(request: Request, told: Optional[str]) -> None:
    """What stands between may answer with a page of its own: that is neither a document nor rows. (Nor JSON, as its reader sees.)"""
    given = (told or request.accept).partition(";")[0].strip().lower()
    if given != request.accept and request.accept != JSON:
        raise UnreadableReply(f"The reply is {given}, not {request.accept}.")


def document(body: bytes) -> Any:
    try:
        return loads(body)
    except ValueError as error:
        raise UnreadableReply(f"The reply is no JSON: {error}.") from error


def record(gives: type[Given], value: Any) -> Given:
    try:
        return gives.from_json(value)
    except ValueError as error:
        raise UnreadableReply(f"The reply does not fit: {error}.") from error


class Lines:
    """Rows out of pieces that end anywhere."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []

    def add(self, piece: bytes) -> list[bytes]:
        *whole, rest = piece.split(b"\n")
        if whole:
            whole[0] = b"".join([*self._begun, whole[0]])
            self._begun = []
        self._begun.append(rest)
        return [line for line in whole if line]

    def end(self) -> None:
        if any(self._begun):
            raise BrokenReply("The stream ended in the middle of a row.")
