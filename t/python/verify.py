"""Reads lines {"secrets": […], "headers": {…}, "body": base64, "now": seconds}, and says of each what the client makes of it."""

from __future__ import annotations

import base64
import json
import sys

import purser

for line in sys.stdin:
    told = json.loads(line)
    try:
        event = purser.Webhook(told["secrets"]).verify(base64.b64decode(told["body"]), told["headers"], now=told["now"])
        print(f"ok {event.event_type} {event.event_id} {type(event.data).__name__}", flush=True)
    except purser.WebhookError as error:
        print(error, flush=True)
