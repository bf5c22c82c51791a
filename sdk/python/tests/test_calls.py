"""Calls against a server that misbehaves on order: retries, problems, pages, streams, connections."""

from __future__ import annotations

import gzip
import inspect
import io
import os
import pickle
import resource
import signal
import threading
import time
import unittest
from email.utils import formatdate
from typing import Any, Dict, Iterator, Optional
from unittest import mock

import purser
from purser import _catalogue, _connections, _messages, _operations, _retry
from purser._connections import failure
from purser._messages import Lines, seconds_of
from server import HANG_UP, SILENCE, Server, chunked, problem, reply

balance = {"balance": 1, "available": 1, "currency": "AUD", "value": "0.01", "lots": []}
order = {"id": "01M82QJG8YP0K29X1QBS7Y847P", "status": "reserved", "lines": []}
line: "purser.types.NewOrderLineInput" = {"sku": "a", "description": "b", "quantity": "1.5", "unit_credits": 2}
row = b'{"id":"01M82QJG8YP0K29X1QBS7Y847P","sequence":%d}\n'


class Calls(unittest.TestCase):
    def client(self, *script: Optional[bytes], **more: Any) -> purser.Purser:
        self.server = Server(*script)
        self.addCleanup(self.server.close)
        client = purser.Purser(self.server.url, "gpra_key", **more)
        self.addCleanup(client.close)
        return client

    def create(self, client: purser.Purser, **more: Any) -> purser.types.Order:
        return client.orders.create(reference="r", lines=[line], **more)


class Requests(Calls):
    def test_request(self) -> None:
        """a call is a POST to the operation's path with its input, token and key"""
        self.create(self.client(reply(202, order)))
        asked = self.server.asked[0]
        self.assertEqual(asked.path, "/v1/orders/create")
        self.assertEqual(asked.json, {"reference": "r", "lines": [{**line, "quantity": "1.5"}]})
        self.assertEqual(asked.headers["authorization"], "Bearer gpra_key")
        self.assertEqual(asked.headers["content-type"], "application/json")
        self.assertRegex(asked.headers["idempotency-key"], r"\A[0-9a-f-]{36}\Z")

    def test_help(self) -> None:
        """what help says of a parameter stands with it, on its line and indented behind it"""
        groups = [one for one in vars(_operations).values() if isinstance(one, type) and one.__module__ == _operations.__name__]
        methods = [one for group in groups for one in vars(group).values() if inspect.isfunction(one) and one.__doc__]
        self.assertGreater(len(methods), 100)
        for method in methods:
            _, param, told = (inspect.getdoc(method) or "").partition("\n:param ")
            for text in (f"{param}{told}".splitlines())[1:]:
                self.assertRegex(text, r"\A(:param \w+: |    \S)", method.__qualname__)

    def test_read_has_no_key(self) -> None:
        """a read carries no key, and a caller without a token no token"""
        self.client(reply(200, balance)).with_api_key(None).billing.credits.balance()
        self.assertNotIn("idempotency-key", self.server.asked[0].headers)
        self.assertNotIn("authorization", self.server.asked[0].headers)

    def test_bad_keys(self) -> None:
        """a key that could not be sent is refused here"""
        for key in ("", "a\nb", "a\n", "\u00e9", "a" * 256, " ", " a", "a "):
            with self.assertRaises(ValueError):
                self.create(self.client(), idempotency_key=key)
        with self.assertRaises(purser.ConfigurationError):
            self.client().with_api_key("a\r\nX: y")

    def test_keyword(self) -> None:
        """a field that Python has a word for has an underscore behind it"""
        self.client(reply(200, {"data": [], "next_cursor": None})).audit.list(from_="2026-01-01T00:00:00Z")
        self.assertEqual(self.server.asked[0].json, {"from": "2026-01-01T00:00:00Z"})

    def test_null_tells(self) -> None:
        """where null says something, None is null and ABSENT is nothing"""
        self.client(reply(200, {})).organizations.integrations.set(prom=None, loki=purser.ABSENT)
        self.assertEqual(self.server.asked[0].json, {"prom": None})

    def test_form(self) -> None:
        """OAuth takes a form, and tells its failures in members of its own"""
        client = self.client(reply(400, {"error": "invalid_grant", "error_description": "No."}))
        with self.assertRaises(purser.problems.InvalidGrant) as told:
            client.oauth.token(grant_type="password", username="a b@c", password="&=")
        self.assertEqual(told.exception.detail, "No.")
        self.assertEqual(self.server.asked[0].body, b"grant_type=password&username=a+b%40c&password=%26%3D")


class Retries(Calls):
    def test_retry_after(self) -> None:
        """429 and 503 are tried again, not before Retry-After, with the same key and body"""
        client = self.client(problem(429, "rate_limited", Retry_After="1"), problem(503, "busy", Retry_After="0"), reply(202, order))
        begin = time.monotonic()
        self.create(client)
        self.assertGreaterEqual(time.monotonic() - begin, 1)
        self.assertEqual(len({(one.headers["idempotency-key"], one.body) for one in self.server.asked}), 1)
        self.assertEqual(len(self.server.asked), 3)

    def test_connection(self) -> None:
        """a connection that ends is tried again, of reads and of writes with a key"""
        client = self.client(HANG_UP, reply(200, balance), HANG_UP, reply(202, order))
        self.assertEqual(client.billing.credits.balance().balance, 1)
        self.create(client, idempotency_key="mine")
        self.assertEqual([one.headers.get("idempotency-key") for one in self.server.asked], [None, None, "mine", "mine"])

    def test_in_progress(self) -> None:
        """a key whose first call is at work is asked for again"""
        client = self.client(HANG_UP, problem(409, "idempotency_in_progress", Retry_After="0"), reply(202, order))
        self.assertEqual(self.create(client).status, "reserved")

    def test_broken_body(self) -> None:
        """a reply that ends too early is none: it is tried again, and at last told"""
        half = reply(200, balance)[:-5]
        self.assertEqual(self.client(half, reply(200, balance)).billing.credits.balance().balance, 1)
        with self.assertRaises(purser.BrokenReply):
            self.client(half, retries=0).billing.credits.balance()
        with self.assertRaises(purser.BrokenReply):
            self.client(chunked(b"{}", ended=False), retries=0).billing.credits.balance()

    def test_never_unkeyed(self) -> None:
        """a write without a key is sent once, whatever happens"""
        for told in (HANG_UP, problem(503, "busy", Retry_After="0"), problem(429, "rate_limited", Retry_After="0")):
            client = self.client(told, reply(200, {}))
            with self.assertRaises(purser.PurserError):
                client.auth.sessions.switch(organization_id=order["id"])  # type: ignore[arg-type]
            self.assertEqual(len(self.server.asked), 1)

    def test_repeatable(self) -> None:
        """events count once however often they come: they are sent again, unless they come from an iterator"""
        events: "list[purser.types.UsageEventInput]" = [{"id": "1", "metric": "m", "quantity": 1}]
        client = self.client(HANG_UP, problem(503, "busy", Retry_After="0"), reply(200, {}))
        client.usage.record(events=events)
        self.assertEqual([one.body for one in self.server.asked], [b'{"id":"1","metric":"m","quantity":"1"}\n'] * 3)
        with self.assertRaises(purser.PurserError):
            self.client(problem(503, "busy", Retry_After="0")).usage.record(events=iter(events))
        self.assertEqual(len(self.server.asked), 1)

    def test_refusals(self) -> None:
        """what will not pass by itself is told at once"""
        for status, code in ((409, "conflict"), (402, "insufficient_credits"), (500, "internal"), (404, "not_found")):
            with self.assertRaises(purser.problems.PROBLEMS[code]):
                self.create(self.client(problem(status, code, Retry_After="0")))
            self.assertEqual(len(self.server.asked), 1)

    def test_gives_up(self) -> None:
        """after its retries it gives up, with the last problem and the key of the call"""
        client = self.client(*[problem(503, "unavailable", Retry_After="0")] * 3, retries=2)
        with self.assertRaises(purser.problems.Unavailable) as told:
            self.create(client)
        self.assertEqual(told.exception.idempotency_key, self.server.asked[0].headers["idempotency-key"])
        self.assertEqual(len(self.server.asked), 3)

    def test_too_long(self) -> None:
        """a server that wants to be left alone for an hour is"""
        with self.assertRaises(purser.problems.RateLimited) as told:
            self.client(problem(429, "rate_limited", Retry_After="3600")).billing.credits.balance()
        self.assertEqual(told.exception.retry_after, 3600)

    def test_pauses(self) -> None:
        """without Retry-After the pauses grow, up to some seconds"""
        patience = _retry.Patience(True, 9)
        pauses = [patience.wait_after(purser.ConnectionFailed()) or 0 for _ in range(9)]
        self.assertLess(max(pauses[:2]), 0.6)
        self.assertTrue(4 <= pauses[-1] <= 8)
        self.assertIsNone(patience.wait_after(purser.ConnectionFailed()))
        half = _retry.Patience(True, 0.5)  # type: ignore[arg-type]
        self.assertIsNotNone(half.wait_after(purser.ConnectionFailed()))
        self.assertIsNone(half.wait_after(purser.ConnectionFailed()))

    def test_date(self) -> None:
        """Retry-After may be a date"""
        client = self.client(problem(503, "busy", Retry_After="Thu, 01 Jan 1970 00:00:00 GMT"), reply(200, balance))
        self.assertEqual(client.billing.credits.balance().balance, 1)
        soon = seconds_of(formatdate(time.time() + 90, usegmt=True))
        self.assertTrue(soon is not None and 80 < soon <= 90)
        with mock.patch.dict(os.environ, {"TZ": "Australia/Sydney"}):
            time.tzset()
            self.addCleanup(time.tzset)
            old = seconds_of(time.asctime(time.gmtime(time.time() + 90)))
        self.assertTrue(old is not None and 80 < old <= 90, "one without a zone is of Greenwich")
        for nonsense in ("soon", "", " ", "-1", "\u00b2", "1e3", f"Thu, 01 Jan {'9' * 30} 00:00:00 GMT"):
            self.assertIsNone(seconds_of(nonsense), nonsense)
        self.assertGreater(seconds_of("9" * 400) or 0, _retry.LONGEST_WAIT)

    def test_timeout(self) -> None:
        """a server that says nothing is waited for as long as a call says"""
        begin = time.monotonic()
        with self.assertRaises(purser.TimedOut):
            self.client(SILENCE, retries=0).billing.credits.balance(timeout=0.2)
        self.assertLess(time.monotonic() - begin, 3)
        for never in (0, -1, float("nan"), float("inf")):
            with self.assertRaisesRegex(ValueError, "timeout"):
                self.client().billing.credits.balance(timeout=never)


class Problems(Calls):
    def test_faults(self) -> None:
        """a refusal names all faults, the request and members of its own"""
        faults = [{"pointer": "/lines/0/sku", "code": "missing", "detail": "This is required.", "loc": ["body", "lines", 0, "sku"]}]
        told = {"status": 422, "code": "invalid", "detail": "No.", "instance": "r1", "errors": faults, "extra": 5}
        with self.assertRaises(purser.problems.Invalid) as got:
            self.create(self.client(reply(422, told)))
        error = got.exception
        self.assertEqual(error.faults[0].loc, ("body", "lines", 0, "sku"))
        self.assertEqual((error.request_id, error.members["extra"], error.status), ("r1", 5, 422))
        self.assertIn("/lines/0/sku: This is required.", str(error))

    def test_unknown_code(self) -> None:
        """a kind of problem of a newer server is a plain Problem"""
        with self.assertRaises(purser.Problem) as told:
            self.client(problem(418, "teapot")).billing.credits.balance()
        self.assertIs(type(told.exception), purser.Problem)
        self.assertEqual(told.exception.code, "teapot")

    def test_no_problem_document(self) -> None:
        """what a proxy says in HTML is a Problem with its status"""
        with self.assertRaises(purser.Problem) as told:
            self.client(reply(403, b"<html>", X_Request_Id="r2")).billing.credits.balance()
        self.assertEqual((told.exception.status, told.exception.request_id), (403, "r2"))
        for body in (b"", b"null", b"[" * 100000, b'{"instance":[1],"errors":[null],"detail":{}}'):
            with self.assertRaises(purser.Problem) as told:
                self.client(reply(403, body, X_Request_Id="r2")).billing.credits.balance()
            self.assertEqual((told.exception.status, told.exception.request_id), (403, "r2"))

    def test_packed(self) -> None:
        """a reply that is packed, though nobody asked for that, is not taken for what it says; a refusal keeps its status"""
        with self.assertRaises(purser.UnreadableReply):
            self.client(reply(200, gzip.compress(b"%PDF-"), Content_Encoding="gzip")).billing.invoices.get_pdf(invoice_id=order["id"])  # type: ignore[arg-type]
        with self.assertRaises(purser.Problem) as told:
            self.client(reply(503, gzip.compress(b"{}"), Content_Encoding="gzip"), retries=0).billing.credits.balance()
        self.assertEqual(told.exception.status, 503)

    def test_page_between(self) -> None:
        """a page that somebody between answers with is not taken for a document, nor for rows"""
        html, lines = reply(200, b"<html>", Content_Type="text/html"), reply(200, row % 1, Content_Type="application/x-ndjson; charset=utf-8")
        client = self.client(html, reply(200, {"data": [], "next_cursor": None}, Content_Type="application/json"), lines)
        with self.assertRaisesRegex(purser.UnreadableReply, "text/html, not application/pdf"):
            client.billing.invoices.get_pdf(invoice_id=str(order["id"]))
        with self.assertRaisesRegex(purser.UnreadableReply, "application/json, not"):
            client.billing.credits.transactions_stream()
        self.assertEqual([got.sequence for got in client.billing.credits.transactions_stream()], [1])

    def test_pickled(self) -> None:
        """a refusal comes whole out of another process"""
        with self.assertRaises(purser.problems.Conflict) as told:
            self.create(self.client(problem(409, "conflict", Retry_After="7")))
        copied = pickle.loads(pickle.dumps(told.exception))
        self.assertIs(type(copied), purser.problems.Conflict)
        self.assertEqual(vars(copied), vars(told.exception))
        self.assertEqual((copied.retry_after, copied.idempotency_key), (7, self.server.asked[0].headers["idempotency-key"]))

    def test_unreadable(self) -> None:
        """a success that can't be read is told as such, with the key that was sent, and not tried again"""
        for body in (b"", b"<html>", b"[]", b"[" * 100000, b'{"balance":"many"}', b'{"value":"NaN"}', b'{"value":NaN}'):
            with self.assertRaises(purser.UnreadableReply):
                self.client(reply(200, body)).billing.credits.balance()
            self.assertEqual(len(self.server.asked), 1)
        with self.assertRaises(purser.UnreadableReply) as told:
            self.create(self.client(reply(202, b"<html>")))
        self.assertEqual(told.exception.idempotency_key, self.server.asked[0].headers["idempotency-key"])

    def test_redirects(self) -> None:
        """a redirection is not followed: the key would go along"""
        with self.assertRaises(purser.Problem):
            self.client(reply(302, b"", Location="https://elsewhere.example/")).billing.credits.balance()


class Lists(Calls):
    def test_pages(self) -> None:
        """iterating over a page goes on through the pages behind it, with the same filter"""
        one, two = ({"data": [{"sequence": n}], "next_cursor": cursor} for n, cursor in ((1, "c1"), (2, None)))
        client = self.client(reply(200, one), reply(200, two))
        page = client.billing.credits.transactions(reason="order", limit=1, offset=3)  # type: ignore[arg-type]
        self.assertEqual(len(page.data), 1)
        self.assertEqual([got.sequence for got in page], [1, 2])
        self.assertEqual(self.server.asked[1].json, {"reason": "order", "limit": 1, "cursor": "c1"})

    def test_stuck(self) -> None:
        """a list that does not move on, or whose cursor is none, is told and not followed for ever"""
        page = reply(200, {"data": [{"sequence": 1}], "next_cursor": "c1"})
        with self.assertRaisesRegex(purser.UnreadableReply, "move on"):
            list(self.client(page, page, page).billing.credits.transactions())
        with self.assertRaises(purser.UnreadableReply):
            self.client(reply(200, {"data": [], "next_cursor": 5})).billing.credits.transactions()

    def test_stream(self) -> None:
        """rows come one by one, however the pieces are cut, and the connection is used again"""
        rows = b"".join(row % n for n in range(5))
        client = self.client(chunked(rows[:7], rows[7:100], rows[100:]), reply(200, balance))
        with client.billing.credits.transactions_stream() as stream:
            self.assertEqual([got.sequence for got in stream], [0, 1, 2, 3, 4])
        self.assertEqual(self.server.asked[0].headers["accept"], "application/x-ndjson")
        client.billing.credits.balance()
        self.assertEqual(self.server.connections, 1)

    def test_broken_stream(self) -> None:
        """a stream that breaks is told behind the rows that came, at a row's end, too"""
        for pieces in ((row % 1, row % 2), (row % 1 + row % 2 + b'{"se',)):
            got = []
            with self.assertRaises(purser.BrokenReply):
                for one in self.client(chunked(*pieces, ended=False)).billing.credits.transactions_stream():
                    got.append(one.sequence)
            self.assertEqual(got, [1, 2])

    def test_cut_row(self) -> None:
        """nor does a stream end in the middle of a row"""
        with self.assertRaises(purser.BrokenReply):
            list(self.client(chunked(row % 1 + b'{"se')).billing.credits.transactions_stream())

    def test_long_row(self) -> None:
        """a row of many megabytes is put together in a time that grows with it alone"""
        lines = Lines()
        piece = b"x" * 16384
        begin = time.process_time()
        for _ in range(4096):
            lines.add(piece)
        self.assertEqual(len(lines.add(b"\n")[0]), 64 << 20)
        self.assertLess(time.process_time() - begin, 2)

    def test_left_stream(self) -> None:
        """a stream that is left early gives no more rows, and its connection up"""
        client = self.client(chunked(row % 1 + row % 2, row % 3), reply(200, balance))
        with client.billing.credits.transactions_stream() as stream:
            self.assertEqual(next(stream).sequence, 1)
        self.assertEqual(list(stream), [])
        client.billing.credits.balance()
        self.assertEqual(self.server.connections, 2)

    def test_stream_retry(self) -> None:
        """a stream that is refused at first is opened again"""
        client = self.client(problem(503, "busy", Retry_After="0"), chunked(row % 1))
        self.assertEqual(len(list(client.billing.credits.transactions_stream())), 1)


class Items(Calls):
    recorded = {"accepted": 1, "duplicates": 0, "rejected_total": 0, "rejected": []}

    def test_iterable(self) -> None:
        """items go out as lines while they are made"""
        seen = []

        def events() -> Iterator[purser.types.UsageEventInput]:
            for number in range(5000):
                seen.append(len(self.server.asked))
                yield {"id": str(number), "metric": "m", "quantity": 1}

        self.client(reply(200, self.recorded)).usage.record(events=events())
        asked = self.server.asked[0]
        self.assertEqual(asked.headers["content-type"], "application/x-ndjson")
        self.assertEqual(asked.headers["transfer-encoding"], "chunked")
        self.assertEqual(asked.body.count(b"\n"), 5000)
        self.assertEqual(asked.body.split(b"\n")[4999], b'{"id":"4999","metric":"m","quantity":"1"}')

    def test_file(self) -> None:
        """a file of lines goes out as it is, and bytes do"""
        lines = b'{"id":"1","metric":"m","quantity":1}\n' * 4000
        client = self.client(reply(200, self.recorded), reply(200, self.recorded))
        client.usage.record(events=io.BytesIO(lines))
        client.usage.record(events=lines)
        self.assertEqual([one.body for one in self.server.asked], [lines, lines])

    def test_faulty_iterable(self) -> None:
        """what an iterable raises comes through, and nothing is recorded"""

        def events(error: Exception) -> Iterator[purser.types.UsageEventInput]:
            yield {"id": "1", "metric": "m", "quantity": 1}
            raise error

        for mine in (KeyError("mine"), FileNotFoundError("mine"), BrokenPipeError("mine")):
            with self.assertRaises(type(mine)) as told:
                self.client(reply(200, self.recorded)).usage.record(events=events(mine))
            self.assertIs(told.exception, mine)

    def test_raw(self) -> None:
        """a raw body goes out byte for byte, with the caller's headers"""
        self.client(reply(200, {})).webhooks.stripe(body=b'{ "a":1}', headers={"Stripe-Signature": "t=1", "content-type": "text/x"})
        asked = self.server.asked[0]
        self.assertEqual((asked.body, asked.headers["stripe-signature"], asked.headers["content-type"]), (b'{ "a":1}', "t=1", "text/x"))

    def test_raw_headers(self) -> None:
        """a body is passed on without the headers of the connection that it came by, and not with what no header can hold"""
        client = self.client(reply(200, {}))
        client.webhooks.stripe(body=b"{}", headers={"Host": "a.example", "Content-Length": "7", "Accept-Encoding": "gzip", "X-A": "1"})
        asked = self.server.asked[0]
        self.assertEqual((asked.headers["host"], asked.headers["content-length"]), (self.server.url[7:], "2"))
        self.assertEqual((asked.headers["accept-encoding"], asked.headers["x-a"]), ("identity", "1"))
        for name, value in (("X-A", "secret\r\nX: y"), ("X-A", "secret\n"), ("X-A", "\u20ac secret"), ("X A", "secret")):
            with self.assertRaises(ValueError) as told:
                client.webhooks.stripe(body=b"{}", headers={name: value})
            self.assertNotIn("secret", str(told.exception))


class Connections(Calls):
    def test_silent_failure(self) -> None:
        """a failure that says nothing of itself is told by its kind"""
        self.assertEqual(str(failure(ConnectionResetError())), "No reply: ConnectionResetError.")

    def test_kept(self) -> None:
        """a connection is used again"""
        client = self.client(reply(200, balance), reply(200, balance))
        client.billing.credits.balance()
        client.billing.credits.balance()
        self.assertEqual(self.server.connections, 1)

    def test_stale(self) -> None:
        """a connection that ended while it was idle costs no retry"""
        client = self.client(reply(200, balance, X_Last="1"), reply(200, balance), retries=0)
        client.billing.credits.balance()
        self.assertTrue(self.server.ended.wait(10))
        client.billing.credits.balance()
        self.assertEqual(self.server.connections, 2)

    def test_many_files(self) -> None:
        """a connection is used again in a program that has a thousand files open"""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1024)]
        try:
            client = self.client(reply(200, balance), reply(200, balance))
            client.billing.credits.balance()
            client.billing.credits.balance()
        finally:
            for one in held:
                os.close(one)
        self.assertEqual(self.server.connections, 1)

    def test_forked(self) -> None:
        """a process that was forked off while a thread looked for a connection calls all the same"""
        client = self.client(reply(200, balance), reply(200, balance), reply(200, balance))
        client.billing.credits.balance()
        looking, forked = threading.Event(), threading.Event()

        def look(_: Any) -> bool:
            looking.set()
            return forked.wait(10)

        with mock.patch.object(_connections, "_is_quiet", look):
            thread = threading.Thread(target=client.billing.credits.balance)
            thread.start()
            looking.wait(10)
            child = os.fork()
            if child == 0:
                signal.alarm(5)  # which ends it
                os._exit(0 if client.billing.credits.balance().balance == 1 else 1)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            forked.set()
            thread.join()

    def test_fresh(self) -> None:
        """a write without a key goes out on a connection of its own"""
        client = self.client(reply(200, balance), reply(200, {}))
        client.billing.credits.balance()
        client.auth.sessions.switch(organization_id="01M82QJG8YP0K29X1QBS7Y847P")
        self.assertEqual(self.server.connections, 2)


class Configuration(unittest.TestCase):
    def settings(self, environment: Dict[str, str], *arguments: Any, **more: Any) -> str:
        with mock.patch.dict(os.environ, environment, clear=True):
            where = purser.Purser(*arguments, **more)._caller.where
            return f"{where.url} {where.api_key} {where.ca}"

    def test_environment(self) -> None:
        """what is not given comes from PURSER_URL, PURSER_API_KEY and PURSER_CA"""
        environment = {"PURSER_URL": "https://a.example/below/", "PURSER_API_KEY": "k"}
        self.assertEqual(self.settings(environment), "https://a.example:443/below k None")
        self.assertEqual(self.settings(environment, "https://[::1]:8443", "mine"), "https://[::1]:8443 mine None")

    def test_nonsense(self) -> None:
        """nonsense is told when the client is made"""
        for url in ("", "a.example", "https://a.example/b c", "https://a.example/\u00e9", "https://a..example", "ftp://a.example", "https://", "https://a.example?x", "https://a.example:port", "http://a.example"):
            with self.assertRaises(purser.ConfigurationError, msg=url):
                self.settings({}, url)
        more: Any = (("timeout", 0), ("timeout", float("nan")), ("timeout", float("inf")), ("retries", -1), ("retries", float("nan")), ("ca", "/nowhere"))
        for name, value in more:
            with self.assertRaises(purser.ConfigurationError, msg=name):
                self.settings({}, "https://a.example", **{name: value})

    def test_secret(self) -> None:
        """a key stands in no representation, and a password in no complaint"""
        for url in ("https://ada:secret@a.example", "https://:secret@a.example:port"):
            with self.assertRaises(purser.ConfigurationError) as told:
                self.settings({}, url)
            self.assertNotIn("secret", str(told.exception))
        client = purser.Purser("https://a.example", "gpra_secret")
        asked = _messages.request(client._caller.where, _catalogue.BILLING_CREDITS_BALANCE, {})
        self.assertIn("secret", str(asked.headers))
        self.assertNotIn("secret", repr(client) + repr(client._caller.where) + repr(asked))


if __name__ == "__main__":
    unittest.main()
