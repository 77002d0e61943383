"""Clients and the life of a process: Ctrl-C, forks, its end, and a fresh install."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from .conftest import Server, SilentServer, token_for

INTERRUPTED = """
import signal, sys
from opwire import SyncClient

# A shell's background job is started with SIGINT ignored, and Python leaves it so.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    SyncClient.authenticate(sys.argv[1], "opwire tests", "v1")
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_ends_a_waiting_call(silent: SilentServer) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, token_for(silent.url)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert silent.arrived.wait(30)
    started = time.monotonic()
    program.send_signal(signal.SIGINT)
    output, _ = program.communicate(timeout=30)
    assert time.monotonic() - started < 5
    assert output == "interrupted\n"
    assert program.returncode == 0


FORKED = """
import asyncio, os, sys, threading
from opwire import Client, SyncClient

REFERENCE = "op://Development/Example/password"
names = {"integration_name": "opwire tests", "integration_version": "v1"}
token = os.environ["OP_SERVICE_ACCOUNT_TOKEN"]
sync = SyncClient.authenticate(token, **names)
client = asyncio.run(Client.authenticate(token, **names))
secret = sync.secrets.resolve(REFERENCE)

stop = threading.Event()
def work():
    while not stop.is_set():
        sync.secrets.resolve(REFERENCE)
workers = [threading.Thread(target=work) for _ in range(4)]
for worker in workers:
    worker.start()

for _ in range(3):
    child = os.fork()
    if child == 0:
        assert sync.secrets.resolve(REFERENCE) == secret
        assert asyncio.run(client.secrets.resolve(REFERENCE)) == secret
        assert SyncClient.authenticate(token, **names).vaults.list()
        del sync, client
        os._exit(7)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7, status

stop.set()
for worker in workers:
    worker.join()
assert sync.secrets.resolve(REFERENCE) == secret
assert asyncio.run(client.secrets.resolve(REFERENCE)) == secret
print("both work")
"""


def test_a_client_works_in_the_children_of_a_fork(server: Server) -> None:
    program = subprocess.run(
        [sys.executable, "-c", FORKED],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert program.stdout == "both work\n", program.stderr


ENDED = """
import asyncio, sys
from opwire import Client

async def main():
    asyncio.create_task(Client.authenticate(sys.argv[1], "opwire tests", "v1"))
    await asyncio.sleep(0.3)
    print("ended")

asyncio.run(main())
"""


def test_a_program_ends_while_calls_are_under_way(silent: SilentServer) -> None:
    program = subprocess.run(
        [sys.executable, "-c", ENDED, token_for(silent.url)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (program.returncode, program.stdout) == (0, "ended\n"), program.stderr
    assert program.stderr == ""


def test_the_built_wheel_works_in_a_clean_environment(tmp_path: Path) -> None:
    [wheel] = (Path(__file__).parents[1] / "dist").glob("opwire-*-abi3-*.whl")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--no-index", str(wheel)]
    subprocess.run(install, check=True)
    check = (
        "import importlib.metadata, opwire, opwire.client, opwire.defaults;"
        "from opwire import *;"
        "Secrets.validate_secret_reference('op://a/b/c');"
        "assert importlib.metadata.version('opwire') == opwire.__version__"
    )
    subprocess.run([python, "-I", "-c", check], check=True, cwd=tmp_path)


REFUSED = """
import asyncio
from opwire import Client

asyncio.run(Client.authenticate("ops_x", "opwire tests", "v1"))
"""


def test_a_program_may_end_right_after_a_call() -> None:
    for _ in range(15):
        program = subprocess.run(
            [sys.executable, "-c", REFUSED], capture_output=True, text=True, timeout=30
        )
        assert program.returncode == 1, program.stderr
        assert "InvalidServiceAccountTokenException" in program.stderr
