"""Clients whose calls the public desktop app makes, which ci/desktop/library/app.c
plays.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from opwire import (
    Client,
    DesktopAuth,
    DocumentCreateParams,
    FileAttributes,
    ItemCategory,
    ItemCreateParams,
    Secrets,
    SyncClient,
)
from opwire._app_messages import RETRYABLE
from opwire._numbers import from_numbers, with_numbers
from opwire.errors import (
    AgentUnavailableException,
    ClientClosedException,
    DesktopSessionExpiredException,
    InternalException,
    InvalidConfigurationException,
    InvalidResponseException,
    OpwireError,
    RateLimitExceededException,
    TimeoutException,
)

from .apps import AT_ITS_PLACE, App, build_app
from .conftest import (
    PROGRAM,
    REFERENCE,
    ROOT,
    SECRET,
    Server,
    command,
    serving_with_agent,
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> App:
    return build_app(tmp_path_factory.mktemp("app"))


@pytest.fixture(autouse=True)
def app(built: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("APP_LOG", str(built.log))
    # No agent listens there.
    monkeypatch.setenv("OPWIRE_AGENT_SOCKET", str(tmp_path / "agent.sock"))
    return built


def connect(app: App, account: str, **options: Any) -> SyncClient:
    scope = {
        name: options.pop(name) for name in ("vaults", "read_only") if name in options
    }
    auth = DesktopAuth(account, library=app.library, **scope)
    return SyncClient.authenticate(auth=auth, **PROGRAM, **options)


async def connect_async(app: App, account: str, **options: Any) -> Client:
    auth = DesktopAuth(account, library=app.library)
    return await Client.authenticate(auth=auth, **PROGRAM, **options)


def test_each_call_goes_to_its_own_account(app: App) -> None:
    one, two = connect(app, "One"), connect(app, "Two")
    answers = [client.secrets.resolve(REFERENCE) for client in (one, two, one)]
    assert answers == ["One by client 1", "Two by client 1", "One by client 1"]
    config = json.loads(app.requests("One")[0][1])
    assert config["programmingLanguage"] == "Python"
    assert config["integrationName"] == PROGRAM["integration_name"]
    # Those that the core requires, without the account, a token or a scope.
    assert len(config) == 9
    assert all(isinstance(value, str) for value in config.values())


def test_calls_at_once(app: App) -> None:
    async def main() -> None:
        client = await connect_async(app, "base64 at once")
        calls = [client.secrets.resolve(REFERENCE) for _ in range(50)]
        assert set(await asyncio.gather(*calls)) == {"base64 at once by client 1"}

    asyncio.run(main())


def test_bytes_pass_as_numbers(app: App) -> None:
    client = connect(app, "Files")
    attributes = FileAttributes(name="a", id="f", size=5)
    assert client.items.files.read("v", "i", attributes) == b"\x00\x01\x7f\x80\xff"
    params = ItemCreateParams(
        category=ItemCategory.DOCUMENT,
        vaultId="v",
        title="t",
        document=DocumentCreateParams(name="a", content=b"\x00\x07\xff"),
    )
    with pytest.raises(OpwireError, match="does not have this method"):
        client.items.create(params)
    sent = json.loads(app.requests("Files")[-1][1])["invocation"]["parameters"]
    assert sent["parameters"]["params"]["document"]["content"] == [0, 7, 255]


def test_bytes_and_numbers() -> None:
    value = {"a": {"attachment": 0}, "b": [{"attachment": 1}], "c": {"attachment": 2}}
    for text in (json.dumps(value), json.dumps(value, separators=(",", ":"))):
        written = json.loads(with_numbers(text, [b"\x01\x02", b""]))
        assert written == {"a": [1, 2], "b": [[]], "c": {"attachment": 2}}
    text = json.dumps({"text": '{"attachment":0} \\{"attachment": 0}'})
    assert with_numbers(text, [b"x"]) == text
    assert from_numbers([0, 255]) == b"\x00\xff"
    for other in (None, "AA==", [256], [-1], [1.5], ["1"], {"0": 1}, 3):
        with pytest.raises(InvalidResponseException):
            from_numbers(other)


def failure(app: App, account: str) -> OpwireError:
    with pytest.raises(OpwireError) as caught:
        connect(app, account).secrets.resolve(REFERENCE)
    return caught.value


def test_failures_have_their_name(app: App) -> None:
    limited = failure(app, 'error {"name":"RateLimitExceeded","message":"too many"}')
    assert isinstance(limited, RateLimitExceededException)
    assert (limited.message, limited.retryable) == ("too many", True)
    unknown = failure(app, 'error {"name":"SomethingNew","message":"what it is"}')
    assert (type(unknown), unknown.message) == (OpwireError, "what it is")
    for text in ("it went wrong", "[]", "7"):
        plain = failure(app, f"error {text}")
        assert (type(plain), plain.message) == (OpwireError, text)
    for account in ("garbled", "nameless"):
        assert isinstance(failure(app, account), InvalidResponseException)


def test_which_failures_may_be_retried() -> None:
    contract = json.loads((ROOT / "packages/contract/contract.json").read_text())
    kinds = [error["name"] for error in contract["errors"] if error["retryable"]]
    assert list(RETRYABLE) == kinds


def test_return_codes(app: App) -> None:
    for account in ("code -2", "code -5", "init code -2"):
        unavailable = failure(app, account)
        assert isinstance(unavailable, AgentUnavailableException)
        assert unavailable.retryable
        assert "the 1Password app cannot be reached" in unavailable.message
        assert "Integrate with other apps" in unavailable.message
    internal = failure(app, "code 7")
    assert isinstance(internal, InternalException)
    assert internal.message.endswith("return code: 7")


def test_an_approval_ends(app: App) -> None:
    async def main() -> None:
        client = await connect_async(app, "expired once")
        calls = [client.secrets.resolve(REFERENCE) for _ in range(20)]
        assert set(await asyncio.gather(*calls)) == {"expired once by client 2"}

    asyncio.run(main())
    assert app.kinds("expired once").count("init_client") == 2


def test_a_call_is_repeated_once_only(app: App) -> None:
    client = connect(app, "expired always")
    with pytest.raises(DesktopSessionExpiredException) as caught:
        client.secrets.resolve(REFERENCE)
    assert caught.value.retryable
    expected = ["init_client", "invoke", "init_client", "invoke"]
    assert app.kinds("expired always") == expected


def test_a_call_is_given_up(app: App) -> None:
    async def main() -> None:
        client = await connect_async(app, "hang")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.secrets.resolve(REFERENCE), 0.1)
        # More than the threads of asyncio's own executor: they stay free.
        calls = [client.secrets.resolve(REFERENCE) for _ in range(100)]
        tasks = [asyncio.ensure_future(call) for call in calls]
        loop = asyncio.get_running_loop()
        assert await asyncio.wait_for(loop.run_in_executor(None, int), 5) == 0
        for task in tasks:
            task.cancel()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(connect_async(app, "init hang"), 0.1)
        with pytest.raises(TimeoutException, match=r"not answer within 0\.1 seconds"):
            await connect_async(app, "init hang", request_timeout=0.1)

    asyncio.run(main())
    with pytest.raises(TimeoutException) as caught:
        connect(app, "init hang", request_timeout=0.1)
    assert caught.value.retryable


def test_ctrl_c_ends_the_wait(app: App) -> None:
    interrupt = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        connect(app, "init hang")


def test_a_call_that_hangs_does_not_keep_the_program(app: App) -> None:
    program = """
import asyncio, sys
from opwire import Client, DesktopAuth
async def main():
    auth = DesktopAuth("hang", library=sys.argv[1])
    client = await Client.authenticate(
        auth=auth, integration_name="opwire tests", integration_version="v1.0.0")
    try:
        await asyncio.wait_for(client.secrets.resolve("op://a/b/c"), 0.1)
    except asyncio.TimeoutError:
        print("given up")
asyncio.run(main())
"""
    printed = run_python(["-c", program, app.library], {})
    assert printed == "given up\n"


def test_closing_ends_the_session(app: App) -> None:
    client = connect(app, "Closed")
    client.secrets.resolve(REFERENCE)
    client.close()
    with pytest.raises(ClientClosedException):
        client.secrets.resolve(REFERENCE)
    wait_until(lambda: app.requests("Closed")[-1] == ("release_client", "1"))

    forgotten = connect(app, "Forgotten")
    del forgotten
    wait_until(lambda: app.kinds("Forgotten") == ["init_client", "release_client"])


def test_closing_waits_for_calls(app: App) -> None:
    client = connect(app, "hang closed", request_timeout=0.5)
    with ThreadPoolExecutor(1) as thread:
        call = thread.submit(client.secrets.resolve, REFERENCE)
        wait_until(lambda: "invoke" in app.kinds("hang closed"))
        client.close()
        assert "release_client" not in app.kinds("hang closed")
        assert isinstance(call.exception(), TimeoutException)
    wait_until(lambda: "release_client" in app.kinds("hang closed"))


def wait_until(condition: Any) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_signs_in_for_itself(app: App) -> None:
    client = connect(app, "Forked")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if client.secrets.resolve(REFERENCE).startswith("Forked") else 1
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert app.kinds("Forked") == ["init_client", "init_client", "invoke"]


def test_what_the_app_cannot_do_is_refused(app: App) -> None:
    scopes: List[Dict[str, Any]] = [
        {"vaults": ["Development"]},
        {"vaults": []},
        {"read_only": True},
    ]
    for scope in scopes:
        with pytest.raises(InvalidConfigurationException) as caught:
            connect(app, "Scoped", **scope)
        assert caught.value.field == next(iter(scope))
        assert "cannot limit a program to some vaults" in caught.value.message
        assert "`opwire agent`" in caught.value.message
    for option in ({"cache": True}, {"max_retries": 0}):
        with pytest.raises(InvalidConfigurationException) as caught:
            connect(app, "Scoped", **option)
        assert caught.value.field == next(iter(option))
    assert app.requests("Scoped") == []


def test_a_library_that_others_can_change_is_refused(app: App, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir(mode=0o755)
    copy = folder / "app.so"
    shutil.copy(app.library, copy)

    def refused(library: Path, pattern: str) -> None:
        with pytest.raises(InvalidConfigurationException, match=pattern) as caught:
            connect(App(str(library), app.log), "Acme")
        assert caught.value.field == "library"

    copy.chmod(0o775)
    refused(copy, r"other users can change .*app\.so: prevent it with `chmod go-w`")
    copy.chmod(0o755)
    connect(App(str(copy), app.log), "Acme")
    folder.chmod(0o777)
    refused(copy, "other users can change .*copy:")
    folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(copy, 65534, 65534)
        refused(copy, "belongs to another user")
    refused(folder / "nothing.so", r"nothing\.so cannot be read")
    (folder / "text.so").write_text("text")
    refused(folder / "text.so", r"text\.so cannot be loaded")


def test_a_variable_names_the_library_too(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = DesktopAuth("Variable")
    monkeypatch.setenv("OPWIRE_DESKTOP_LIBRARY", app.library)
    client = SyncClient.authenticate(auth=auth, **PROGRAM)
    assert client.secrets.resolve(REFERENCE) == "Variable by client 1"
    monkeypatch.setenv("OPWIRE_DESKTOP_LIBRARY", str(tmp_path / "nothing.so"))
    connect(app, "Variable")
    with pytest.raises(InvalidConfigurationException):
        SyncClient.authenticate(auth=auth, **PROGRAM)


def test_static_methods_stay_in_the_core() -> None:
    with pytest.raises(OpwireError):
        Secrets.validate_secret_reference("nonsense")


def test_neither_agent_nor_app() -> None:
    with pytest.raises(AgentUnavailableException) as caught:
        SyncClient.authenticate(auth=DesktopAuth("Acme"), **PROGRAM)
    assert caught.value.retryable
    assert "no agent listens on" in caught.value.message
    assert "start one with `opwire agent`" in caught.value.message
    assert "/opt/1Password/libop_sdk_ipc_client.so" in caught.value.message


PROGRAM_OF_EITHER = f"""
from opwire import DesktopAuth, SyncClient
client = SyncClient.authenticate(
    auth=DesktopAuth("Acme"),
    integration_name="opwire tests",
    integration_version="v1.0.0",
)
print(client.secrets.resolve("{REFERENCE}"))
"""


def run_python(words: List[str], variables: Dict[str, str], *wrapper: str) -> str:
    return subprocess.run(
        [*wrapper, sys.executable, *words],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
        cwd=ROOT / "python",
        timeout=60,
    ).stdout


def test_the_app_is_found_at_its_place() -> None:
    words = ["-c", PROGRAM_OF_EITHER]
    assert run_python(words, {}, str(AT_ITS_PLACE)) == "Acme by client 1\n"


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from serving_with_agent(tmp_path_factory.mktemp("agent") / "env")


def test_the_agent_is_preferred(person: Server) -> None:
    words = ["-c", PROGRAM_OF_EITHER]
    socket = {"OPWIRE_AGENT_SOCKET": person.variables["OPWIRE_AGENT_SOCKET"]}
    assert run_python(words, socket, str(AT_ITS_PLACE)) == f"{SECRET}\n"


def test_the_library_of_opwire_reaches_the_agent(
    person: Server, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = command().parent / "libop_desktop_ipc.so"
    if not ours.exists():
        pytest.skip("opwire's own library is not built")
    monkeypatch.setenv("OPWIRE_AGENT_SOCKET", person.variables["OPWIRE_AGENT_SOCKET"])
    client = connect(App(str(ours), app.log), person.variables["OPWIRE_ACCOUNT"])
    assert client.secrets.resolve(REFERENCE) == SECRET
    content = bytes(range(256)) * 4
    item = client.items.create(
        ItemCreateParams(
            category=ItemCategory.DOCUMENT,
            vaultId=person.vault_id,
            title="Through the library",
            document=DocumentCreateParams(name="bytes.bin", content=content),
        )
    )
    assert item.document is not None
    assert client.items.files.read(item.vault_id, item.id, item.document) == content
    client.items.delete(item.vault_id, item.id)
