"""A mail server as others run them: PyPI's `aiosmtpd`, under an authority that is made on the spot.

    catcher.py --ca FILE [--tls starttls|implicit] [--name HOST] [--login USER:PASSWORD]

listens on a free port of 127.0.0.1 until its standard input ends. FILE gets the authority's certificate; the
server's own is for HOST. It prints a line of JSON for whatever happens:

    {"listening": 4711}
    {"login": "pole", "password": "…", "good": true, "tls": true}
    {"to": "a@example.org", "says": 451}
    {"took": "a@example.org", "from": "…", "tls": true, "login": "pole", "id": "<…>", "message": "base64"}

How it treats a message goes by whom it is for:

- `refused…`: 550, for good
- `grey…`: 451 the first time, as greylisting does
- `stalled…`: has the whole message the first time, and never says so
"""

import argparse
import asyncio
import base64
import email
import json
import logging
import ssl
import sys
import warnings

import trustme
from aiosmtpd.smtp import SMTP, AuthResult


def say(**what):
    print(json.dumps(what), flush=True)


class Catcher:
    """What aiosmtpd asks about each step."""

    def __init__(self, login):
        self.login = login
        self.seen = set()

    def authenticate(self, server, session, envelope, mechanism, login):
        user, password = login.login.decode(), login.password.decode()
        good = f"{user}:{password}" == self.login
        say(login=user, password=password, good=good, tls=is_tight(session))
        return AuthResult(success=good, handled=False, auth_data=user)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            say(to=address, says=550)
            return f"550 5.1.1 <{address}>: no such mailbox"
        if address.startswith("grey") and address not in self.seen:
            self.seen.add(address)
            say(to=address, says=451)
            return f"451 4.7.1 <{address}>: greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        stalls = address.startswith("stalled") and address not in self.seen
        self.seen.add(address)
        say(
            took=address,
            **{"from": envelope.mail_from},
            tls=is_tight(session),
            login=session.auth_data,
            id=email.message_from_bytes(envelope.content)["message-id"],
            message=base64.b64encode(envelope.content).decode(),
        )
        if stalls:
            await asyncio.Event().wait()
        return "250 2.0.0 OK: taken"


def is_tight(session):
    """Whether nobody can read along: by STARTTLS, or from the first byte."""
    return session.ssl is not None or session.over_tls


class Tight(SMTP):
    """Says whether a connection was TLS from its first byte, which aiosmtpd keeps to itself."""

    def _create_session(self):
        session = super()._create_session()
        session.over_tls = self.transport_is_tls
        return session

    def connection_made(self, transport):
        self.transport_is_tls = transport.get_extra_info("ssl_object") is not None
        super().connection_made(transport)


async def main():
    reader = argparse.ArgumentParser()
    reader.add_argument("--ca", required=True)
    reader.add_argument("--tls", choices=["starttls", "implicit"])
    reader.add_argument("--name", default="localhost")
    reader.add_argument("--login")
    told = reader.parse_args()

    # What it finds unwise in a server is what tests ask for.
    warnings.filterwarnings("ignore", "Requiring AUTH")
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(told.ca)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(told.name).configure_cert(tls)

    catcher = Catcher(told.login)
    settings = {
        "hostname": told.name,
        "enable_SMTPUTF8": True,
        "authenticator": catcher.authenticate if told.login else None,
        "auth_required": told.login is not None,
        # Some servers take a login from whoever sends one: whether that is sensible is the client's care.
        "auth_require_tls": False,
    }
    if told.tls == "starttls":
        settings["tls_context"] = tls
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Tight(catcher, loop=loop, **settings),
        host="127.0.0.1",
        port=0,
        ssl=tls if told.tls == "implicit" else None,
    )
    say(listening=server.sockets[0].getsockname()[1])
    # Whoever wants a catcher holds its standard input open, and ends it by ending.
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
