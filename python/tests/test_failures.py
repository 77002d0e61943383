"""What failures of the network and of callers say, over real sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import threading
import urllib.error
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Iterator

import httpx
import pytest

from opwire import Client, SyncClient
from opwire.errors import (
    ClientClosedException,
    InternalException,
    InvalidServiceAccountTokenException,
    NetworkException,
    OpwireError,
    TimeoutException,
)

from .conftest import PROGRAM, Server, SilentServer, command, token_for
from .test_transport import Recorder


def sign_in_fails(address: str, **options: Any) -> OpwireError:
    with pytest.raises(OpwireError) as caught:
        SyncClient.authenticate(token_for(address), **PROGRAM, **options)
    return caught.value


@pytest.fixture
def unused() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


class Refusing(BaseHTTPRequestHandler):
    def do_CONNECT(self) -> None:
        self.send_error(403)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def refusing_proxy() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_server_that_refuses_is_named(unused: str) -> None:
    error = sign_in_fails(unused)
    assert isinstance(error, NetworkException)
    start = (
        f"the account server could not be reached: {unused}, without a proxy: "
        "the server refuses connections"
    )
    assert error.message.startswith(start)
    assert isinstance(error.__cause__, ConnectionRefusedError)


def test_a_name_that_does_not_resolve_is_told() -> None:
    error = sign_in_fails("https://account.invalid")
    assert "https://account.invalid:443" in error.message
    assert "does not resolve" in error.message
    assert isinstance(error.__cause__, socket.gaierror)


def test_a_silent_server_is_named(silent: SilentServer) -> None:
    error = sign_in_fails(silent.url, request_timeout=0.1)
    assert isinstance(error, TimeoutException)
    assert error.message.startswith(f"request timeout: {silent.url}")
    assert isinstance(error.__cause__, TimeoutError)


def test_a_proxy_is_named_without_its_password(refusing_proxy: int) -> None:
    address = f"127.0.0.1:{refusing_proxy}"
    error = sign_in_fails(
        "https://account.invalid", proxy=f"http://wendy:hunter2@{address}"
    )
    told = f"https://account.invalid:443, through the proxy http://{address}"
    assert f"{told}: the proxy did not connect" in error.message
    assert "hunter2" not in repr(error) + repr(error.__cause__)


def test_the_command_names_the_environments_proxy(refusing_proxy: int) -> None:
    run = subprocess.run(
        [command(), "read", "op://Development/Example/password"],
        env={
            **os.environ,
            "OP_SERVICE_ACCOUNT_TOKEN": token_for("https://account.invalid"),
            "HTTPS_PROXY": f"http://wendy:hunter2@127.0.0.1:{refusing_proxy}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert f"through the proxy http://127.0.0.1:{refusing_proxy}" in run.stderr
    assert "hunter2" not in run.stderr


def test_a_transports_own_error_is_the_cause(unused: str) -> None:
    recorder = sign_in_fails(unused, http_transport=Recorder())
    assert isinstance(recorder.__cause__, urllib.error.URLError)
    with httpx.Client() as transport:
        by_httpx = sign_in_fails(unused, http_transport=transport)
    assert isinstance(by_httpx.__cause__, httpx.ConnectError)
    for error in (recorder, by_httpx):
        assert f"{unused}: the server refuses connections" in error.message


def test_an_untrusted_certificate_is_told(tmp_path: Path) -> None:
    pem = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj"]
        + ["/CN=localhost", "-days", "1", "-keyout", "-", "-out", "-"],
        capture_output=True,
        check=True,
    ).stdout
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (tmp_path / "pem").write_bytes(pem)
    context.load_cert_chain(tmp_path / "pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    error = sign_in_fails(f"https://localhost:{listener.getsockname()[1]}")
    listener.close()
    assert "TLS failed" in error.message
    assert "certificate" in error.message
    assert isinstance(error.__cause__, ssl.SSLError)


def test_a_token_may_have_quotes_and_line_ends_around_it(server: Server) -> None:
    SyncClient.authenticate(f' "{server.token}"\r\n', **PROGRAM).close()
    with pytest.raises(InvalidServiceAccountTokenException) as caught:
        SyncClient.authenticate(server.token[:300], **PROGRAM)
    assert "please create another token: it is cut off" in caught.value.message
    assert caught.value.field == "auth"
    assert server.token[4:40] not in repr(caught.value)


def test_fields_are_spelled_as_in_python(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        vault = client.vaults.list()[0]
        item = client.items.list(vault.id)[0]
        whole = client.items.get(vault.id, item.id)
        with pytest.raises(OpwireError, match="`Development`") as get:
            client.items.get("Development", item.id)
        assert get.value.field == "vault_id"
        whole.vault_id = "Development"
        with pytest.raises(OpwireError) as put:
            client.items.put(whole)
        assert put.value.field == "item.vault_id"


def test_a_call_after_close_is_an_error_of_its_own(server: Server) -> None:
    async def main() -> None:
        client = await Client.authenticate(**server.credentials)
        client.close()
        with pytest.raises(ClientClosedException) as caught:
            await client.vaults.list()
        assert not isinstance(caught.value, InternalException)

    asyncio.run(main())
