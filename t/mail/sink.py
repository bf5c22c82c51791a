#!/usr/bin/python3
"""A mail server for tests (aiosmtpd), with STARTTLS and AUTH where it is asked for. It keeps every mail as a line of JSON before
it says that it has taken it. What the recipient's address begins with says what else it does: refused-: 550; later-: 450 the
first time; never-: 450 each time; drop-: the first time it ends the connection within DATA; late-: the first time it keeps the mail, and ends
the connection instead of saying so; content-: 554 behind the content; hang-: it falls silent; slow-: it keeps the mail, and says so four seconds later; wait-N-: so many later;
leave-: the first time 421, which ends the connection. A line on standard output tells
its port. Usage: sink.py FILE [--tls CERTIFICATE KEY] [--auth USER PASSWORD] [--mails-a-connection COUNT]"""
import argparse
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--tls", nargs=2)
parser.add_argument("--auth", nargs=2)
parser.add_argument("--mails-a-connection", type=int, default=0)
options = parser.parse_args()
seen = set()
connections = 0


def is_first(address):
    first = address not in seen
    seen.add(address)
    return first


class Handler:
    def __init__(self):
        global connections
        connections += 1
        self.number = connections
        self.mails = 0

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if options.mails_a_connection and self.mails == options.mails_a_connection:
            return "421 too many mails in one connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("refused-"):
            return "550 5.1.1 nobody of that name"
        if address.startswith("never-") or address.startswith("later-") and is_first(address):
            return "450 4.2.0 come again"
        if address.startswith("leave-") and is_first(address):
            return "421 4.3.2 going down"
        if address.startswith("hang-"):
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def keep(self, session, envelope):
        with open(options.file, "a", encoding="ascii") as out:
            out.write(json.dumps({
                "from": envelope.mail_from, "to": envelope.rcpt_tos, "content": envelope.content.decode("latin-1"),
                "tls": session.ssl is not None, "user": session.auth_data, "connection": self.number}) + "\n")

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        if address.startswith("content-"):
            return "554 5.6.0 not such a text"
        if address.startswith("drop-") and is_first(address):
            server.transport.abort()
            return "451 never sent"
        self.keep(session, envelope)
        self.mails += 1
        if address.startswith("slow-"):
            await asyncio.sleep(4)
        if address.startswith("wait-"):
            await asyncio.sleep(int(address.split("-")[1]))
        if address.startswith("late-") and is_first(address):
            server.transport.abort()
            return "451 never sent"
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    given = [data.login.decode(), data.password.decode()]
    return AuthResult(success=given == options.auth, handled=False, auth_data=given[0])


def new_session():
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
    return SMTP(Handler(), hostname="sink.test", tls_context=context, require_starttls=context is not None,
                authenticator=authenticate if options.auth else None, auth_required=options.auth is not None,
                auth_require_tls=context is not None)


async def main():
    server = await asyncio.get_running_loop().create_server(new_session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    asyncio.get_running_loop().run_in_executor(None, sys.stdin.read).add_done_callback(lambda _: server.close())
    try:
        await server.serve_forever()
    except asyncio.CancelledError:
        pass


asyncio.run(main())
