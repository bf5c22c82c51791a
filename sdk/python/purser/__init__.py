"""
Purser: organizations, prepaid credits and billing.

    import purser

    client = purser.Purser()  # PURSER_URL, PURSER_API_KEY, PURSER_CA
    print(client.billing.credits.balance().available)

Every operation is a method by its name. What the API refuses is raised as a ``Problem``; each kind has a class of its own
in ``purser.problems``. Types of replies are in ``purser.types``.
"""

from . import problems, types
from ._async_client import AsyncPurser
from ._client import Purser
from ._codec import ABSENT, Absent, Instant, Number
from ._errors import (
    BrokenReply,
    ConfigurationError,
    ConnectionFailed,
    Fault,
    Problem,
    PurserError,
    TimedOut,
    UnreadableReply,
    UntrustedServer,
    WebhookError,
)
from ._pages import AsyncPage, AsyncRows, Page, Rows
from ._settings import VERSION as __version__
from ._webhooks import Webhook, WebhookEvent

__all__ = [
    "ABSENT",
    "Absent",
    "AsyncPage",
    "AsyncPurser",
    "AsyncRows",
    "BrokenReply",
    "ConfigurationError",
    "ConnectionFailed",
    "Fault",
    "Instant",
    "Number",
    "Page",
    "Problem",
    "Purser",
    "PurserError",
    "Rows",
    "TimedOut",
    "UnreadableReply",
    "UntrustedServer",
    "Webhook",
    "WebhookError",
    "WebhookEvent",
    "__version__",
    "problems",
    "types",
]
