"""One scenario of ci/bench with the Python package in BENCH_PACKAGE: opwire's, or the public SDK's."""

import asyncio
import http.client
import importlib
import json
import os
import time
import urllib.parse

REPEATS = 5


def read_lines() -> list:
    with open(os.environ["BENCH_REFERENCES"], encoding="utf-8") as file:
        return file.read().split("\n")[:-1]


async def repeated(count: int, work) -> list:
    times = []
    for n in range(count):
        began = time.perf_counter()
        await work(n)
        times.append((time.perf_counter() - began) * 1000)
    return times


async def one_by_one(secrets, lines: list) -> list:
    again = lines * 4
    return await repeated(len(again), lambda n: secrets.resolve(again[n]))


async def at_once(secrets, lines: list) -> list:
    return await repeated(REPEATS, lambda _: asyncio.gather(*(secrets.resolve(line) for line in lines)))


async def resolve_all(secrets, lines: list) -> list:
    return await repeated(REPEATS, lambda _: secrets.resolve_all(lines))


async def start(_secrets, _lines: list) -> list:
    return []


SCENARIOS = {"start": start, "one_by_one": one_by_one, "at_once": at_once, "all": resolve_all}


async def scenario(name: str) -> dict:
    client_type = importlib.import_module(os.environ["BENCH_PACKAGE"]).Client
    started_ms = float(os.environ["BENCH_START_MS"])
    lines = read_lines()
    client = await client_type.authenticate(os.environ["OP_SERVICE_ACCOUNT_TOKEN"], "Bench", "v1.0.0")
    ready = time.time() * 1000 - started_ms
    await client.secrets.resolve(lines[0])
    first = time.time() * 1000 - started_ms
    return {"ready": ready, "first": first, "times": await SCENARIOS[name](client.secrets, lines)}


async def bare() -> dict:
    with open(os.environ["BENCH_REQUEST"], encoding="utf-8") as file:
        request = json.load(file)
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
    print(json.dumps(asyncio.run(bare() if chosen == "bare" else scenario(chosen))))
