"""A program that signs in by the agent's socket and lists its vaults.

    program.py SOCKET CONFIG [inherit | leave]
    program.py SOCKET REQUEST desktop

Prints a line of JSON for the sign-in and one for the call: the result, or the error. With `inherit`, the process that
connects ends, and another one, which has inherited the socket, goes on. With `leave`, it ends once it has asked. With
`desktop`, it sends a request as the library of the public SDKs does.
"""

import json
import os
import socket
import struct
import sys


def send(connection, header, text):
    text = text.encode()
    header = json.dumps({**header, "lengths": [len(text)]}).encode()
    connection.sendall(struct.pack("<I", len(header)) + header + text)


def read(connection, length):
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            sys.exit("the agent closed the connection")
        data += part
    return data


def answer(connection):
    header = json.loads(read(connection, struct.unpack("<I", read(connection, 4))[0]))
    text = b"".join(read(connection, length) for length in header.get("lengths", []))
    print(json.dumps({"ok": header["ok"], "text": text.decode()}), flush=True)


def end_and_let_a_child_go_on():
    alive, ended = os.pipe()
    if os.fork():
        os._exit(0)
    os.close(ended)
    # Returns once the parent, which has the other end, ends.
    os.read(alive, 1)


path, config, *manner = sys.argv[1:]
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
if manner == ["desktop"]:
    send(connection, {"call": 1, "kind": "desktop"}, config)
    answer(connection)
    sys.exit()
if manner == ["inherit"]:
    end_and_let_a_child_go_on()
send(connection, {"call": 1, "kind": "signIn"}, config)
if manner == ["leave"]:
    # The prompt is open when the test writes a line.
    sys.stdin.readline()
    end_and_let_a_child_go_on()
answer(connection)
call = {"invocation": {"clientId": 0, "parameters": {"name": "VaultsList", "parameters": {}}}}
send(connection, {"call": 2, "kind": "invoke"}, json.dumps(call))
answer(connection)
