"""Values on their way to JSON and back."""

from __future__ import annotations

import copy
import pickle
import unittest
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Dict

from purser import ABSENT, types
from purser import _codec as codec

lot: Dict[str, Any] = {"source": "paid", "remaining": 3, "expires_at": None}
balance: Dict[str, Any] = {
    "balance": 9007199254740993,
    "reserved": 0,
    "available": 1,
    "debt": 0,
    "currency": "AUD",
    "value": "0.000001",
    "as_of": "2026-11-22T06:12:32.000001Z",
    "lots": [lot],
}


class Reading(unittest.TestCase):
    def test_exact(self) -> None:
        """amounts are decimals, credits beyond 2^53 exact, times know their zone to the microsecond"""
        read = types.Balance.from_json(codec.loads(codec.dumps(balance)))
        self.assertEqual(read.value, Decimal("0.000001"))
        self.assertEqual(read.balance, 9007199254740993)
        self.assertEqual(read.as_of, datetime(2026, 11, 22, 6, 12, 32, 1, timezone.utc))
        self.assertEqual(read.lots, (types.Lot(source="paid", remaining=3, expires_at=None),))

    def test_decimal_number(self) -> None:
        """a number with a point is read from its digits"""
        self.assertEqual(codec.loads("0.1000000000000000000001"), Decimal("0.1000000000000000000001"))

    def test_newer_server(self) -> None:
        """members and choices of a newer server do no harm"""
        read = types.Balance.from_json({**balance, "mood": "fine", "lots": [{**lot, "source": "found", "colour": 1}]})
        self.assertEqual(read.lots[0].source, "found")
        self.assertFalse(hasattr(read, "mood"))

    def test_missing(self) -> None:
        """a member that is missing is None"""
        self.assertIsNone(types.Balance.from_json({}).value)

    def test_wrong(self) -> None:
        """a member of another kind is refused"""
        wrong: Dict[str, Any] = {"balance": "1", "debt": True, "value": "NaN-", "as_of": "today", "lots": {}}
        for name, value in [*wrong.items(), ("lots", [1]), ("value", "NaN"), ("value", "-Infinity")]:
            with self.assertRaises(ValueError, msg=name):
                types.Balance.from_json({**balance, name: value})

    def test_times(self) -> None:
        """times of any zone and any precision are read"""
        east = timezone(timedelta(hours=5, minutes=30))
        for text, wanted in {
            "2026-01-02T03:04:05Z": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
            "2026-01-02T03:04:05.5Z": datetime(2026, 1, 2, 3, 4, 5, 500000, timezone.utc),
            "2026-01-02T03:04:05.1234567+05:30": datetime(2026, 1, 2, 3, 4, 5, 123456, east),
        }.items():
            self.assertEqual(codec.read_instant(text), wanted)

    def test_frozen(self) -> None:
        """a reply can't be changed, but copied and pickled"""
        read = types.Balance.from_json(balance)
        with self.assertRaises(AttributeError):
            read.debt = 5  # type: ignore[misc]
        self.assertEqual(pickle.loads(pickle.dumps(read)), read)
        self.assertEqual(copy.deepcopy(read), read)


class Writing(unittest.TestCase):
    def test_numbers(self) -> None:
        """decimals go out digit by digit, never with an exponent"""
        self.assertEqual(codec.write_decimal(Decimal("1E+3")), "1000")
        self.assertEqual(codec.dumps({"cap": codec.write_number(Decimal("1E-6"))}), '{"cap":0.000001}')

    def test_float(self) -> None:
        """a float is refused where money is meant, and so is what is no number"""
        for wrong in (0.1, True, None):
            with self.assertRaises(TypeError):
                codec.write_decimal(wrong)
        for text in ("a", "NaN", "Infinity", "1e999999999", "1e-999999999"):
            with self.assertRaises(ValueError):
                codec.write_decimal(text)

    def test_naive(self) -> None:
        """a time without a zone is refused; one of another zone goes out as UTC"""
        with self.assertRaises(ValueError):
            codec.write_instant(datetime(2026, 1, 1))
        west = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-10)))
        self.assertEqual(codec.write_instant(west), "2026-01-01T10:00:00Z")

    def test_left_out(self) -> None:
        """None leaves a member out, unless null says something"""
        writers: codec.Writers = {"a": codec.write_text, "b": codec.OrNull(codec.write_text), "c": codec.OrNull(codec.write_text)}
        self.assertEqual(codec.write_members({"a": None, "b": None, "c": ABSENT}, writers), {"b": None})

    def test_faults_are_named(self) -> None:
        """a value of a wrong type is told by its place"""
        writers = {"lines": codec.write_rows({"quantity": codec.write_decimal})}
        with self.assertRaisesRegex(TypeError, "lines: quantity: "):
            codec.write_members({"lines": [{"quantity": 0.5}]}, writers)
        with self.assertRaisesRegex(TypeError, "a sequence is needed"):
            codec.write_texts("one text is no list of texts")

    def test_json(self) -> None:
        """what goes out is JSON whatever it holds"""
        value: Dict[str, Any] = {"a\"\n": ["\u2028", None, True, -1, Decimal("0.10"), {}, []], "deep": {"x": [[{"y": "é"}]]}}
        self.assertEqual(codec.loads(codec.dumps(value)), value)
        with self.assertRaises(ValueError):
            codec.dumps({"x": float("nan")})


if __name__ == "__main__":
    unittest.main()
