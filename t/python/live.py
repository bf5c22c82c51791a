"""
The Python client, as its users have it, against the running server: t/python.t makes organization and keys, and tells of
them in PURSER_GIVEN.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import threading
import time
import unittest
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, AsyncIterator, Dict, Iterator, List, Optional
from unittest import mock

import purser
from purser._connections import Connections, Reply
from purser._messages import Request

logging.getLogger("asyncio").setLevel(logging.ERROR)  # which tells of every slow step

given: Dict[str, Any] = json.loads(os.environ["PURSER_GIVEN"])
count = 0


def new_reference() -> str:
    global count
    count += 1
    return f"python-{os.getpid()}-{count}"


def line(quantity: purser.Number = 1, sku: str = "scene", credits: int = 2) -> purser.types.NewOrderLineInput:
    return {"sku": sku, "description": "A scene", "quantity": quantity, "unit_credits": credits}


def events(prefix: str, number: int) -> Iterator[purser.types.UsageEventInput]:
    for one in range(number):
        yield {"id": f"{prefix}-{one}", "metric": "requests", "quantity": 1}


async def events_awaited(prefix: str, number: int) -> AsyncIterator[purser.types.UsageEventInput]:
    for event in events(prefix, number):
        yield event


def peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Live(unittest.TestCase):
    def setUp(self) -> None:
        self.client = purser.Purser()
        self.addCleanup(self.client.close)

    def orders_by(self, reference: str) -> int:
        return sum(order.reference == reference for order in self.client.orders.list())


class Values(Live):
    def test_money(self) -> None:
        """credits are ints, money Decimal, times aware"""
        balance = self.client.billing.credits.balance()
        self.assertIs(type(balance.available), int)
        self.assertIs(type(balance.value), Decimal)
        self.assertEqual(balance.as_of.utcoffset(), datetime.now(timezone.utc).utcoffset())

    def test_fractions(self) -> None:
        """a quantity goes there and back exactly"""
        order = self.client.orders.create(reference=new_reference(), lines=[line(Decimal("2.500001"))])
        self.assertEqual(order.lines[0].quantity, Decimal("2.500001"))

    def test_decimal_number(self) -> None:
        """a number in JSON goes there and back without a double"""
        cap = Decimal("123456789.01")
        told = self.client.billing.set_auto_topup(
            enabled=False, threshold_credits=100, topup_amount_credits=1000, daily_charge_cap_aud=cap
        )
        self.assertEqual(told.daily_charge_cap_aud, cap)

    def test_times(self) -> None:
        """a list from a moment on begins there, to the microsecond"""
        order = self.client.orders.create(reference=new_reference(), lines=[line()])
        self.assertEqual(self.client.orders.list(from_=order.created_at).data[-1].id, order.id)


class Writes(Live):
    def test_same_key(self) -> None:
        """the same key and input give the first reply again, another input a problem"""
        reference = new_reference()
        first = self.client.orders.create(reference=reference, lines=[line()], idempotency_key=reference)
        again = self.client.orders.create(reference=reference, lines=[line()], idempotency_key=reference)
        self.assertEqual(first, again)
        with self.assertRaises(purser.problems.IdempotencyKeyReused) as told:
            self.client.orders.create(reference=reference, lines=[line(2)], idempotency_key=reference)
        self.assertEqual(told.exception.idempotency_key, reference)

    def killed(self, fault: str, retries: int) -> str:
        """Orders once, the first attempt with a fault on order; gives the reference."""
        reference = new_reference()
        faults = [fault]
        send = Connections.send

        def faulty(connections: Connections, request: Request, timeout: float) -> Reply:
            if faults:
                request = replace(request, headers={**request.headers, "X-Purser-Fault": faults.pop()})
            return send(connections, request, timeout)

        client = purser.Purser(retries=retries)
        with mock.patch.object(Connections, "send", faulty), client:
            client.orders.create(reference=reference, lines=[line()])
        return reference

    @unittest.skipUnless(given["faults"], "this build has no faults built in")
    def test_killed(self) -> None:
        """a worker that dies anywhere in a write costs a retry, and the deed is done once"""
        for trip in range(1, 8) if given["all"] else (1, 4):
            for fault in (f"{trip}:9", f"{trip}:-9", f"{trip}:-2013"):
                self.assertEqual(self.orders_by(self.killed(fault, 4)), 1, fault)

    @unittest.skipUnless(given["faults"], "this build has no faults built in")
    def test_killed_once(self) -> None:
        """without retries the failure is told, with the key that makes a repetition safe"""
        with self.assertRaises(purser.problems.BadGateway) as told:
            self.killed("1:9", 0)
        self.assertTrue(told.exception.idempotency_key)

    def test_threads(self) -> None:
        """threads share a client"""
        references = [new_reference() for _ in range(24)]
        failures: List[BaseException] = []

        def order(reference: str) -> None:
            try:
                self.client.orders.create(reference=reference, lines=[line()])
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=order, args=(reference,)) for reference in references]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(len({order.reference for order in self.client.orders.list()} & set(references)), 24)

    def test_forked(self) -> None:
        """a process that was forked off opens connections of its own"""
        self.client.billing.credits.balance()
        child = os.fork()
        if child == 0:
            os._exit(0 if self.client.billing.credits.balance().currency else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.client.billing.credits.balance()


class Refusals(Live):
    def test_faults(self) -> None:
        """all faults of an input are told at once"""
        with self.assertRaises(purser.problems.Invalid) as told:
            self.client.orders.create(reference="", lines=[line(credits=-1), line(sku="")])
        pointers = {fault.pointer for fault in told.exception.faults}
        self.assertEqual(pointers, {"/reference", "/lines/0/unit_credits", "/lines/1/sku"})

    def test_others(self) -> None:
        """what belongs to others is not found, and the request is named"""
        with self.assertRaises(purser.problems.NotFound) as told:
            self.client.orders.get(order_id=given["organization_id"])
        self.assertRegex(told.exception.request_id or "", r"\A[0-9A-Z]{26}\Z")

    def test_scope(self) -> None:
        """a missing scope is told by name"""
        with self.assertRaises(purser.problems.Forbidden) as told:
            self.client.with_api_key(given["narrow_key"]).orders.list()
        self.assertEqual(told.exception.members["required_scope"], "orders:read")

    def test_credits(self) -> None:
        """what can't be paid is told with what is there"""
        with self.assertRaises(purser.problems.InsufficientCredits) as told:
            self.client.orders.create(reference=new_reference(), lines=[line(credits=10**12)])
        self.assertIs(type(told.exception.members["available"]), int)

    def test_token(self) -> None:
        """a token that is none is told, by OAuth in its own words"""
        with self.assertRaises(purser.problems.Unauthenticated):
            self.client.with_api_key("gpra_nobody").billing.credits.balance()
        with self.assertRaises(purser.problems.InvalidGrant):
            self.client.oauth.token(grant_type="password", username="nobody@example.com", password="wrong")

    def test_rate(self) -> None:
        """a rate limit is told with the seconds to wait"""
        with purser.Purser(api_key=given["slow_key"], retries=0) as slow:
            with self.assertRaises(purser.problems.RateLimited) as told:
                for _ in range(3):
                    slow.billing.credits.balance()
        self.assertTrue(0 < (told.exception.retry_after or 0) <= 60)

    def test_signature(self) -> None:
        """a body with a signature that does not fit is refused for just that"""
        with self.assertRaises(purser.problems.BadRequest):
            self.client.webhooks.stripe(body=b"{}", headers={"Stripe-Signature": "t=1,v1=00"})


class Trust(Live):
    def test_other_authority(self) -> None:
        """a server of another authority is told at once, and no key goes there"""
        begin = time.monotonic()
        with self.assertRaises(purser.UntrustedServer):
            purser.Purser(ca=given["other_ca"]).billing.credits.balance()
        self.assertLess(time.monotonic() - begin, 2)

    def test_system(self) -> None:
        """without a CA the system's are asked, which do not know ours"""
        with mock.patch.dict(os.environ):
            del os.environ["PURSER_CA"]
            with self.assertRaises(purser.UntrustedServer):
                purser.Purser().billing.credits.balance()

    def test_nobody(self) -> None:
        """where nobody listens the connection fails, after the retries"""
        with self.assertRaises(purser.ConnectionFailed):
            purser.Purser(given["nobody"], retries=1).billing.credits.balance()


class People(Live):
    def test_session(self) -> None:
        """a person signs in, and acts by the access token"""
        session = self.client.auth.sessions.create(email=os.environ["PURSER_EMAIL"], password=os.environ["PURSER_PASSWORD"])
        whoami = self.client.with_api_key(session.access_token).auth.whoami()
        self.assertEqual((whoami.principal_type, whoami.role), ("user", "owner"))


class Lists(Live):
    def ledger(self) -> purser.Purser:
        return self.client.with_api_key(given["ledger_key"])

    def test_pages_and_stream(self) -> None:
        """pages and a stream give the same rows, all of them, in the same order"""
        pages = [row.sequence for row in self.ledger().billing.credits.transactions(limit=1000)]
        stream = [row.sequence for row in self.ledger().billing.credits.transactions_stream()]
        self.assertEqual(len(pages), given["rows"])
        self.assertEqual(pages, stream)

    def test_memory(self) -> None:
        """a stream of all rows takes a few MiB, however many there are"""
        for _ in self.ledger().billing.credits.transactions_stream(limit=1000):
            pass
        before = peak_kib()
        number = sum(1 for _ in self.ledger().billing.credits.transactions_stream())
        self.assertEqual(number, given["rows"])
        self.assertLess(peak_kib() - before, 4096)

    def test_refused_stream(self) -> None:
        """a stream is refused where it is asked for, not with its first row"""
        with self.assertRaises(purser.problems.Invalid):
            self.ledger().billing.credits.transactions_stream(limit=-1)


class Documents(Live):
    def test_statement(self) -> None:
        """a statement comes as an object, as PDF, as CSV, and line by line"""
        of = {"organization_id": given["organization_id"], "period": datetime.now(timezone.utc).strftime("%Y-%m")}
        statement = self.client.organizations.commitments.statement(**of)
        self.assertEqual(statement.organization_id, of["organization_id"])
        self.assertEqual(self.client.organizations.commitments.statement_pdf(**of)[:5], b"%PDF-")
        self.assertTrue(self.client.organizations.commitments.statement_csv(**of).startswith(b"section,"))
        with self.client.organizations.commitments.statement_ndjson(**of) as lines:
            self.assertTrue(next(lines).kind)


class Items(Live):
    def test_many(self) -> None:
        """many events of an iterable go in one call, in constant memory; again, they are duplicates"""
        prefix = new_reference()
        self.client.usage.record(events=events(new_reference(), 1000))
        before = peak_kib()
        told = self.client.usage.record(events=events(prefix, given["many"]))
        self.assertEqual((told.accepted, told.duplicates), (given["many"], 0))
        self.assertLess(peak_kib() - before, 4096)
        self.assertEqual(self.client.usage.record(events=events(prefix, 100)).duplicates, 100)

    def test_rejected(self) -> None:
        """an event that can't be counted is named, and the others stand"""
        prefix = new_reference()
        wrong: purser.types.UsageEventInput = {"id": "x", "metric": "nothing of the kind", "quantity": 1}
        told = self.client.usage.record(events=[*events(prefix, 2), wrong])
        self.assertEqual((told.accepted, [one.index for one in told.rejected]), (2, [2]))

    def test_too_many(self) -> None:
        """more than a call takes is refused with the server's words, though it reads no further"""
        if given["all"]:
            with self.assertRaises(purser.problems.TooLarge):
                self.client.usage.record(events=events(new_reference(), 100001))
        with self.assertRaises(purser.problems.TooLarge):
            self.client.usage.record(events=b" " * (65 << 20))


class Awaited(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.client = purser.AsyncPurser()
        self.addAsyncCleanup(self.client.close)

    async def test_many_at_once(self) -> None:
        """awaited: many calls at the same moment"""
        told = await asyncio.gather(*(self.client.billing.credits.balance() for _ in range(40)))
        self.assertEqual({one.currency for one in told}, {"AUD"})

    async def test_write(self) -> None:
        """awaited: a write happens once by its key, and a refusal is raised"""
        reference = new_reference()
        both = [
            await self.client.orders.create(reference=reference, lines=[line()], idempotency_key=reference)
            for _ in range(2)
        ]
        self.assertEqual(both[0], both[1])
        with self.assertRaises(purser.problems.Invalid):
            await self.client.orders.create(reference="", lines=[])

    async def test_lists(self) -> None:
        """awaited: pages and a stream give the same rows"""
        ledger = self.client.with_api_key(given["ledger_key"])
        pages = [row.sequence async for row in await ledger.billing.credits.transactions(limit=1000)]
        async with ledger.billing.credits.transactions_stream() as rows:
            self.assertEqual(pages, [row.sequence async for row in rows])
        self.assertEqual(len(pages), given["rows"])

    async def test_documents(self) -> None:
        """awaited: documents, and their lines"""
        of = {"organization_id": given["organization_id"], "period": datetime.now(timezone.utc).strftime("%Y-%m")}
        self.assertEqual((await self.client.organizations.commitments.statement_pdf(**of))[:5], b"%PDF-")
        lines = [line async for line in self.client.organizations.commitments.statement_ndjson(**of)]
        self.assertTrue(lines)

    async def test_items(self) -> None:
        """awaited: events of an iterable, awaited or not"""
        told = await self.client.usage.record(events=events_awaited(new_reference(), 2000))
        self.assertEqual(told.accepted, 2000)
        told = await self.client.usage.record(events=events(new_reference(), 2000))
        self.assertEqual(told.accepted, 2000)

    async def test_trust(self) -> None:
        """awaited: a server of another authority is told at once"""
        async with purser.AsyncPurser(ca=given["other_ca"]) as client:
            with self.assertRaises(purser.UntrustedServer):
                await client.billing.credits.balance()
