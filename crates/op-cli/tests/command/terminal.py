"""Runs a command in a terminal of its own and types into it.

    terminal.py STEPS COMMAND...

STEPS is JSON: a list of [text to wait for, text to type]. An empty text to wait for types at once. Prints what the
terminal showed, and ends the command after the last step, once its text was shown.
"""

import json
import os
import pty
import select
import sys
import time

steps = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
deadline = time.monotonic() + 60
for expected, typed in steps:
    while expected.encode() not in shown:
        if time.monotonic() > deadline or not select.select([terminal], [], [], 60)[0]:
            sys.exit(f"the terminal does not show {expected!r}:\n{shown.decode(errors='replace')}")
        shown += os.read(terminal, 4096)
    shown = shown.split(expected.encode(), 1)[1] if expected else shown
    print(expected, flush=True)
    os.write(terminal, typed.encode())
os.kill(child, 9)
os.waitpid(child, 0)
