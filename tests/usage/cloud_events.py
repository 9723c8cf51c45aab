"""Sends CloudEvents as the Python SDK makes them, and prints what each was told."""

import json
import os
from datetime import datetime, timezone

import requests
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

ADDRESS = os.environ["PALIER_USAGE"]
TOKEN = {"authorization": "Bearer " + os.environ["PALIER_TOKEN"]}


def event(identity, **attributes):
    """One of the meter `hours`; the source has what headers cannot have as it is."""
    given = {
        "id": identity,
        "source": "//hpc/cœurs de calcul",
        "type": "hours",
        "subject": "forge",
        "time": datetime(2026, 9, 20, 10, tzinfo=timezone.utc),
    }
    return CloudEvent(given | attributes, {"quantity": 1.25, "queue": "gpu"})


def send(body, headers):
    answer = requests.post(ADDRESS, data=body, headers=headers | TOKEN, timeout=60)
    print(json.dumps([answer.status_code, answer.json()]))


def send_message(message):
    send(message.body, message.headers)


send_message(to_structured_event(event("structured")))
send_message(to_structured_event(event("typed", datacontenttype="application/json")))
# As the SDK's own example has it, without a content type; then with one.
send_message(to_binary_event(event("binary")))
send_message(to_binary_event(event("binary-typed", datacontenttype="application/json")))
# The same event in the other mode is the same event.
send_message(to_binary_event(event("structured")))
# The SDK writes no batches: they are what it writes, as a list.
batch = [JSONFormat().write(event(identity)) for identity in ("a", "b", "binary")]
send(
    b"[" + b",".join(batch) + b"]",
    {"content-type": "application/cloudevents-batch+json"},
)
# What it does not say, the SDK leaves out.
send_message(to_structured_event(CloudEvent({"source": "/s", "type": "hours"}, {})))
