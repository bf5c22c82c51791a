"""The client to be awaited, against a server that misbehaves on order: what it shares with the other is proven there."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import unittest
import warnings
from typing import Any, AsyncIterator, Optional

import purser
from server import HANG_UP, SILENCE, Server, chunked, problem, reply

try:
    import httpx
except ImportError:
    raise unittest.SkipTest("httpx is not installed") from None

logging.getLogger("asyncio").setLevel(logging.ERROR)  # which tells of every slow step

balance = {"balance": 1, "available": 1, "currency": "AUD", "value": "0.01", "lots": []}
order = {"id": "01M82QJG8YP0K29X1QBS7Y847P", "status": "reserved", "lines": []}
line: "purser.types.NewOrderLineInput" = {"sku": "a", "description": "b", "quantity": "1.5", "unit_credits": 2}
row = b'{"id":"01M82QJG8YP0K29X1QBS7Y847P","sequence":%d}\n'
recorded = {"accepted": 1, "duplicates": 0, "rejected_total": 0, "rejected": []}


class Awaited(unittest.IsolatedAsyncioTestCase):
    def client(self, *script: Optional[bytes], **more: Any) -> purser.AsyncPurser:
        self.server = Server(*script)
        self.addCleanup(self.server.close)
        client = purser.AsyncPurser(self.server.url, "gpra_key", **more)
        self.addAsyncCleanup(client.close)
        return client

    async def create(self, client: purser.AsyncPurser) -> purser.types.Order:
        return await client.orders.create(reference="r", lines=[line])

    async def test_retries(self) -> None:
        """awaited, too: reads and writes with a key are tried again, with the same key"""
        client = self.client(HANG_UP, problem(503, "busy", Retry_After="0"), reply(202, order), HANG_UP, reply(200, balance))
        self.assertEqual((await self.create(client)).status, "reserved")
        self.assertEqual(len({one.headers["idempotency-key"] for one in self.server.asked}), 1)
        self.assertEqual((await client.billing.credits.balance()).balance, 1)

    async def test_never_unkeyed(self) -> None:
        """awaited, too: a write without a key is sent once, on a connection of its own"""
        for told in (HANG_UP, problem(503, "busy", Retry_After="0"), problem(429, "rate_limited", Retry_After="0")):
            client = self.client(reply(200, balance), told)
            await client.billing.credits.balance()
            with self.assertRaises(purser.PurserError):
                await client.auth.sessions.switch(organization_id="01M82QJG8YP0K29X1QBS7Y847P")
            self.assertEqual((len(self.server.asked), self.server.connections), (2, 2))

    async def test_repeatable(self) -> None:
        """awaited, too: events are sent again, unless they come from an iterator"""
        events: "list[purser.types.UsageEventInput]" = [{"id": "1", "metric": "m", "quantity": 1}]
        client = self.client(HANG_UP, reply(200, recorded))
        await client.usage.record(events=events)
        self.assertEqual([one.body for one in self.server.asked], [b'{"id":"1","metric":"m","quantity":"1"}\n'] * 2)
        with self.assertRaises(purser.PurserError):
            await self.client(problem(503, "busy", Retry_After="0")).usage.record(events=iter(events))
        self.assertEqual(len(self.server.asked), 1)

    async def test_problem(self) -> None:
        """awaited, too: a refusal is raised with what it says"""
        with self.assertRaises(purser.problems.Conflict) as told:
            await self.create(self.client(problem(409, "conflict")))
        self.assertEqual(told.exception.request_id, "request-1")
        self.assertEqual(told.exception.idempotency_key, self.server.asked[0].headers["idempotency-key"])

    async def test_unreadable(self) -> None:
        """awaited, too: a success that can't be read is told with the key, however it is packed"""
        for told in (reply(202, b"<html>"), reply(202, order, Content_Encoding="gzip")):
            with self.assertRaises(purser.UnreadableReply) as error:
                await self.create(self.client(told))
            self.assertEqual(error.exception.idempotency_key, self.server.asked[0].headers["idempotency-key"])
            self.assertEqual(len(self.server.asked), 1)
        with self.assertRaises(purser.Problem) as refused:
            await self.create(self.client(reply(503, b"{}", Content_Encoding="gzip"), retries=0))
        self.assertEqual(refused.exception.status, 503)

    async def test_page_between(self) -> None:
        """awaited, too: a page that somebody between answers with is not taken for a document, nor for rows"""
        page = reply(200, b"{}\n", Content_Type="text/html")
        client = self.client(page, page)
        with self.assertRaises(purser.UnreadableReply):
            await client.billing.invoices.get_pdf(invoice_id=str(order["id"]))
        with self.assertRaises(purser.UnreadableReply):
            [got async for got in client.billing.credits.transactions_stream()]

    async def test_timeout(self) -> None:
        """awaited, too: a server that says nothing is waited for as long as a call says"""
        with self.assertRaises(purser.TimedOut):
            await self.client(SILENCE, retries=0).billing.credits.balance(timeout=0.2)

    async def test_closed(self) -> None:
        """what shares the connections of a client can be closed, and the client used on"""
        client = self.client(reply(200, balance), reply(200, balance))
        async with client.with_api_key("gpra_other") as other:
            await other.billing.credits.balance()
        self.assertEqual((await client.billing.credits.balance()).balance, 1)

    async def test_stuck(self) -> None:
        """awaited, too: a list that does not move on is told"""
        page = reply(200, {"data": [{"sequence": 1}], "next_cursor": "c1"})
        with self.assertRaisesRegex(purser.UnreadableReply, "move on"):
            [row async for row in await self.client(page, page, page).billing.credits.transactions()]

    async def test_cancelled(self) -> None:
        """a call can be cancelled, and the client used on"""
        client = self.client(SILENCE, reply(200, balance))
        call = asyncio.ensure_future(client.billing.credits.balance())
        while not self.server.asked:
            await asyncio.sleep(0.01)
        call.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await call
        self.assertEqual((await client.billing.credits.balance()).balance, 1)

    async def test_pages(self) -> None:
        """awaited, too: iterating over a page goes on through the pages behind it"""
        one, two = ({"data": [{"sequence": n}], "next_cursor": cursor} for n, cursor in ((1, "c1"), (2, None)))
        page = await self.client(reply(200, one), reply(200, two)).billing.credits.transactions(limit=1)
        self.assertEqual([got.sequence async for got in page], [1, 2])
        self.assertEqual(self.server.asked[1].json, {"limit": 1, "cursor": "c1"})

    async def test_stream(self) -> None:
        """awaited, too: rows come one by one, and a stream that breaks is told"""
        client = self.client(chunked(row % 1 + b'{"sequ', b'ence":2}\n'), chunked(row % 1, ended=False), chunked(row % 1))
        async with client.billing.credits.transactions_stream() as rows:
            self.assertEqual([got.sequence async for got in rows], [1, 2])
        with self.assertRaises(purser.ConnectionFailed):
            async for got in client.billing.credits.transactions_stream():
                self.assertEqual(got.sequence, 1)
        async with client.billing.credits.transactions_stream() as rows:
            await rows.__anext__()
        self.assertEqual([got async for got in rows], [])

    async def test_items(self) -> None:
        """items of an iterable, of one to be awaited, of a file and bytes go out as lines"""

        async def events() -> AsyncIterator[purser.types.UsageEventInput]:
            for number in ("1", "2"):
                yield {"id": number, "metric": "m", "quantity": 1}

        async def broken() -> AsyncIterator[purser.types.UsageEventInput]:
            yield {"id": "1", "metric": "m", "quantity": 1}
            raise FileNotFoundError("mine")

        client = self.client(*[reply(200, recorded)] * 4)
        await client.usage.record(events=events())
        await client.usage.record(events=[event async for event in events()])
        lines = self.server.asked[0].body
        self.assertEqual(lines, b'{"id":"1","metric":"m","quantity":"1"}\n{"id":"2","metric":"m","quantity":"1"}\n')
        await client.usage.record(events=io.BytesIO(lines))
        await client.usage.record(events=lines)
        self.assertEqual({one.body for one in self.server.asked}, {lines})
        with self.assertRaisesRegex(FileNotFoundError, "mine"):
            await client.usage.record(events=broken())


class Loops(unittest.TestCase):
    def test_loops(self) -> None:
        """a client outlives the loop that it was first used in"""
        server = Server(*[reply(200, balance)] * 3)
        self.addCleanup(server.close)
        client = purser.AsyncPurser(server.url, "gpra_key", retries=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # of the connections that ended with their loop
            for _ in range(3):
                self.assertEqual(asyncio.run(self.balance(client)), 1)
            gc.collect()

    async def balance(self, client: purser.AsyncPurser) -> int:
        return (await client.billing.credits.balance()).balance


if __name__ == "__main__":
    unittest.main()
