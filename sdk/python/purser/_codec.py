"""
From JSON to the types of this package and back: decimals are never floats, times always know their zone, and what a newer
server says beyond what is known here is passed over.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Callable, ClassVar, Final, Iterator, Mapping, Sequence, TypeVar, Union

# An amount, a quantity or another exact number, as a caller gives it. A float is refused: it is not exact.
Number = Union[Decimal, int, str]
# A moment, as a caller gives it: with its zone, or as RFC 3339 writes it.
Instant = Union[datetime, str]

Writer = Callable[[Any], Any]
Writers = Mapping[str, Writer]
Reader = Callable[[Any], Any]
_most_digits = 100
# Of a record: an attribute's name in JSON, and how it is read.
Members = Mapping[str, "tuple[str, Reader]"]


class Absent(Enum):
    """Stands for what is left out, where ``None`` says something else."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

# ---- records ------------------------------------------------------------------------------------------------------

Some = TypeVar("Some", bound="Record")


class Record:
    """What replies are made of: frozen, with attributes named like the members in JSON."""

    __slots__: tuple[str, ...] = ()
    _members: ClassVar[Members] = {}

    @classmethod
    def from_json(cls: type[Some], value: object) -> Some:
        """Makes one of an object that was read from JSON. What is missing is None, what is unknown is passed over."""
        if not isinstance(value, dict):
            raise ValueError(f"{cls.__name__} is no object")
        made = cls.__new__(cls)
        for attribute, (name, reader) in cls._members.items():
            given = value.get(name)
            object.__setattr__(made, attribute, None if given is None else reader(given))
        return made

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)


# ---- reading ------------------------------------------------------------------------------------------------------


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def loads(text: Union[str, bytes]) -> Any:
    """JSON whose numbers are int or Decimal; ValueError where it is none."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("this is no string")
    return value


def read_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("this is no integer")
    return value


def read_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("this is neither true nor false")
    return value


def read_decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError("this is no decimal number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("this is no decimal number") from None
    if not number.is_finite():
        raise ValueError("this is no finite number")
    return number


_instant = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)


def read_instant(value: Any) -> datetime:
    match = _instant.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("this is no time")
    day, time, fraction, utc, sign, hours, minutes = match.groups()
    moment = datetime.fromisoformat(f"{day}T{time}.{(fraction or '')[:6]:0<6}")
    if utc:
        return moment.replace(tzinfo=timezone.utc)
    behind = timedelta(hours=int(hours), minutes=int(minutes))
    return moment.replace(tzinfo=timezone(behind if sign == "+" else -behind))


def read_document(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("this is no object")
    return value


def read_texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("this is no array")
    return tuple(map(read_text, value))


def read_one(record: type[Some]) -> Callable[[Any], Some]:
    return record.from_json


def read_rows(record: type[Some]) -> Callable[[Any], tuple[Some, ...]]:
    def read(value: Any) -> tuple[Some, ...]:
        if not isinstance(value, list):
            raise ValueError("this is no array")
        return tuple(map(record.from_json, value))

    return read


# ---- writing ------------------------------------------------------------------------------------------------------


class OrNull:
    """A writer of what may also be null, which says something else than nothing."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def __call__(self, value: Any) -> Any:
        return None if value is None else self._writer(value)


def write_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a str is needed, not {type(value).__name__}")
    return value


def write_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"an int is needed, not {type(value).__name__}")
    return value


def write_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"a bool is needed, not {type(value).__name__}")
    return value


def write_number(value: Any) -> Decimal:
    """A number in JSON, digit by digit."""
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise TypeError(f"a Decimal, an int or a str is needed, not {type(value).__name__}: a float is not exact")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no decimal number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is no finite number")
    return number


def write_decimal(value: Any) -> str:
    """A string in JSON that holds the digits."""
    return _digits(write_number(value))


def _digits(number: Decimal) -> str:
    if abs(number.adjusted()) > _most_digits:  # a few characters could stand for gigabytes
        raise ValueError(f"{number} has too many digits")
    return format(number, "f")


def write_instant(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, datetime):
        raise TypeError(f"a datetime is needed, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise ValueError("this datetime has no zone: give it one, such as datetime.now(timezone.utc)")
    return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def write_document(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"a mapping is needed, not {type(value).__name__}")
    return value


def _sequence(value: Any) -> Sequence[Any]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise TypeError(f"a sequence is needed, not {type(value).__name__}")
    return value


def write_texts(value: Any) -> Sequence[str]:
    return [write_text(one) for one in _sequence(value)]


def write_members(value: Any, writers: Writers) -> dict[str, Any]:
    """An input by its members; those that are None are left out. One that is unknown here goes out as it is."""
    made = {}
    for name, given in write_document(value).items():
        writer = writers.get(name, _as_it_is)
        if given is ABSENT or (given is None and not isinstance(writer, OrNull)):
            continue
        try:
            made[name] = writer(given)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}: {error}") from None
    return made


def _as_it_is(value: Any) -> Any:
    return value


def write_one(writers: Writers) -> Writer:
    return lambda value: write_members(value, writers)


def write_rows(writers: Writers) -> Writer:
    return lambda value: [write_members(one, writers) for one in _sequence(value)]


def dumps(value: Any) -> str:
    """JSON in one line; a Decimal goes out as its digits."""
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, Decimal):
        yield _digits(value)
    elif isinstance(value, Mapping):
        before = "{"
        for name, member in value.items():
            yield f"{before}{json.dumps(write_text(name))}:"
            yield from _pieces(member)
            before = ","
        yield "}" if before == "," else "{}"
    elif isinstance(value, (list, tuple)):
        before = "["
        for item in value:
            yield before
            yield from _pieces(item)
            before = ","
        yield "]" if before == "," else "[]"
    else:
        yield json.dumps(value, allow_nan=False)
