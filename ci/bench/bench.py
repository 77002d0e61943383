"""One scenario of ci/bench with the Python package in BENCH_PACKAGE: opwire's, or the public SDK's."""

import asyncio
import base64
import http.client
import importlib
import json
import os
import time
import urllib.parse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]

REPEATS = 5
FILE_BYTES, FILE_REPEATS = 8 << 20, 3


def read_lines() -> list[str]:
    return Path(os.environ["BENCH_REFERENCES"]).read_text(encoding="utf-8").split("\n")[:-1]


def read_request(variable: str) -> Any:
    return json.loads(Path(os.environ[variable]).read_text(encoding="utf-8"))


async def repeated(count: int, work: Callable[[int], Awaitable[Any]]) -> list[float]:
    times = []
    for n in range(count):
        began = time.perf_counter()
        await work(n)
        times.append((time.perf_counter() - began) * 1000)
    return times


async def one_by_one(secrets: Any, lines: list[str]) -> list[float]:
    again = lines * 4
    return await repeated(len(again), lambda n: secrets.resolve(again[n]))


async def at_once(secrets: Any, lines: list[str]) -> list[float]:
    return await repeated(REPEATS, lambda _: asyncio.gather(*(secrets.resolve(line) for line in lines)))


async def resolve_all(secrets: Any, lines: list[str]) -> list[float]:
    return await repeated(REPEATS, lambda _: secrets.resolve_all(lines))


async def repeated_for(seconds: float, work: Callable[[], Awaitable[int]]) -> Json:
    items = await work()
    times: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 3:
        began = time.perf_counter()
        await work()
        times.append((time.perf_counter() - began) * 1000)
    return {"items": items, "times": times}


async def list_items() -> Json:
    client_type = importlib.import_module(os.environ["BENCH_PACKAGE"]).Client
    client = await client_type.authenticate(os.environ["OP_SERVICE_ACCOUNT_TOKEN"], "Bench", "v1.0.0")

    async def work() -> int:
        return len(await client.items.list(os.environ["BENCH_VAULT"]))

    return await repeated_for(float(os.environ["BENCH_SECONDS"]), work)


async def bare_list() -> Json:
    """Fetches what a vault's list is made of, and decrypts it by OpenSSL, with nothing else done."""
    # Of a package that only this scenario needs.
    aead: Any = importlib.import_module("cryptography.hazmat.primitives.ciphers.aead")
    request = read_request("BENCH_LIST")
    url = urllib.parse.urlsplit(request["url"])
    connection = http.client.HTTPConnection(url.hostname, url.port)
    session, vault = (aead.AESGCM(decoded(request[key])) for key in ("sessionKey", "vaultKey"))

    def opened(key: Any, sealed: Json) -> Any:
        return key.decrypt(decoded(sealed["iv"]), decoded(sealed["data"]), None)

    async def work() -> int:
        connection.request("GET", url.path, headers=request["headers"])
        answer = json.loads(opened(session, json.loads(connection.getresponse().read())))
        for item in answer["items"]:
            opened(vault, item["encOverview"])
        return len(answer["items"])

    return await repeated_for(float(os.environ["BENCH_SECONDS"]), work)


async def files() -> Json:
    """Documents of random bytes, each created with its item and read."""
    sdk = importlib.import_module(os.environ["BENCH_PACKAGE"])
    client = await sdk.Client.authenticate(os.environ["OP_SERVICE_ACCOUNT_TOKEN"], "Bench", "v1.0.0")
    vault, content = read_lines()[0].split("/")[2], os.urandom(FILE_BYTES)
    document = sdk.DocumentCreateParams(name="bench.bin", content=content)
    params = sdk.ItemCreateParams(category=sdk.ItemCategory.DOCUMENT, vault_id=vault, title="Bench", document=document)
    made: list[Any] = []
    read: list[Any] = []

    async def make(_n: int) -> None:
        made.append(await client.items.create(params))

    async def read_last(_n: int) -> None:
        read.append(await client.items.files.read(vault, made[-1].id, made[-1].document))

    writes: list[float] = []
    reads: list[float] = []
    for _ in range(FILE_REPEATS):
        writes += await repeated(1, make)
        reads += await repeated(1, read_last)
        if bytes(read.pop()) != content:
            raise RuntimeError("other bytes came back")
        await client.items.delete(vault, made[-1].id)
    return {"writes": writes, "times": reads}


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def start(_secrets: Any, _lines: list[str]) -> list[float]:
    return []


SCENARIOS = {"start": start, "one_by_one": one_by_one, "at_once": at_once, "all": resolve_all}


async def scenario(name: str) -> Json:
    client_type = importlib.import_module(os.environ["BENCH_PACKAGE"]).Client
    started_ms = float(os.environ["BENCH_START_MS"])
    lines = read_lines()
    client = await client_type.authenticate(os.environ["OP_SERVICE_ACCOUNT_TOKEN"], "Bench", "v1.0.0")
    ready = time.time() * 1000 - started_ms
    await client.secrets.resolve(lines[0])
    first = time.time() * 1000 - started_ms
    return {"ready": ready, "first": first, "times": await SCENARIOS[name](client.secrets, lines)}


async def bare() -> Json:
    request = read_request("BENCH_REQUEST")
    url = urllib.parse.urlsplit(request["url"])
    connection = http.client.HTTPConnection(url.hostname, url.port)

    async def get(_n: int) -> None:
        connection.request("GET", url.path, headers=request["headers"])
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"status {response.status}")
        response.read()

    await get(0)
    return {"times": await repeated(200, get)}


if __name__ == "__main__":
    chosen = os.environ["BENCH_SCENARIO"]
    others = {"bare": bare, "list": list_items, "bare_list": bare_list, "files": files}
    print(json.dumps(asyncio.run(others[chosen]() if chosen in others else scenario(chosen))))
