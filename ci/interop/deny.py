"""Waits until the agent asks about a program, and denies it: deny.py, for the agent that OPWIRE_AGENT_SOCKET names."""

import json
import os
import socket
import struct
from typing import Any


def ask(kind: str, body: Any) -> Any:
    """Sends a command of the agent, as docs/agent.md describes it, and returns its result."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ["OPWIRE_AGENT_SOCKET"])
        text = json.dumps(body).encode()
        header = json.dumps({"call": 1, "kind": kind, "lengths": [len(text)]}).encode()
        connection.sendall(struct.pack("<I", len(header)) + header + text)
        stream = connection.makefile("rb")
        answer = json.loads(stream.read(struct.unpack("<I", stream.read(4))[0]))
        assert answer["ok"], stream.read(sum(answer["lengths"]))
        return json.loads(stream.read(answer["lengths"][0]))


shown = ask("pending", {"after": 0})
ask("answer", {"prompt": shown["request"]["id"], "allow": None})
