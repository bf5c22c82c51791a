"""Where the API is, who calls, and how patient a client is: from arguments, else from the environment."""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field
from typing import Optional
from urllib.parse import urlsplit

from ._errors import ConfigurationError

VERSION = "1.0.0"

# A little longer than the server waits for itself, so that its own answer is heard.
TIMEOUT = 70.0
RETRIES = 4
_longest_timeout = 7 * 86400.0

_path = re.compile(r"[\x21-\x7e]*")
_this_machine = ("localhost", "127.0.0.1", "::1")


def checked_timeout(seconds: float) -> float:
    if not 0 < seconds <= _longest_timeout:  # NaN is neither
        raise ValueError("timeout: this must be more than 0 seconds, and a week at most")
    return seconds


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    secure: bool
    base: str
    """What stands before each path, without a host: empty, unless the API is served below one."""
    api_key: Optional[str] = field(repr=False)
    ca: Optional[str]
    timeout: float
    retries: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}{self.base}"

    def timeout_of(self, call: Optional[float]) -> float:
        """What a call says, else what the client does."""
        return self.timeout if call is None else checked_timeout(call)

    def tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.ca)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"The certificates in {self.ca} can't be read: {error}") from error


def checked_key(key: Optional[str]) -> Optional[str]:
    """The key, if it could be one. An empty one is none."""
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise ConfigurationError("The API key holds a character that none can hold.")
    return key or None


def settings(
    url: Optional[str], api_key: Optional[str], ca: Optional[str], timeout: float, retries: int
) -> Settings:
    where = url if url is not None else os.environ.get("PURSER_URL")
    if not where:
        raise ConfigurationError("Where is the API? Give url=…, or set PURSER_URL.")
    if "@" in where:  # which is not repeated: it may hold a password
        raise ConfigurationError("An address holds nobody's name or password: a key says who calls.")
    try:
        parts = urlsplit(where)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError as error:
        raise ConfigurationError(f"{where!r} is no address: {error}.") from None
    if parts.scheme not in ("https", "http") or not host or parts.query or parts.fragment or not _path.fullmatch(parts.path):
        raise ConfigurationError(f"{where!r} is no address such as https://billing.example.com.")
    secure = parts.scheme == "https"
    if not secure and host not in _this_machine:
        raise ConfigurationError("A key may go to another machine by https alone.")
    try:
        checked_timeout(timeout)
    except ValueError as error:
        raise ConfigurationError(f"{error}.") from None
    if not retries >= 0:
        raise ConfigurationError("Retries are 0 or more.")
    return Settings(
        host=host,
        port=port or (443 if secure else 80),
        secure=secure,
        base=parts.path.rstrip("/"),
        api_key=checked_key(api_key if api_key is not None else os.environ.get("PURSER_API_KEY")),
        ca=ca or os.environ.get("PURSER_CA") or None,
        timeout=timeout,
        retries=retries,
    )
