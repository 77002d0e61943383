import asyncio
import json
import os
import statistics
import time


async def main() -> None:
    from opwire import Client

    start = float(os.environ["BENCH_START_MS"])
    with open(os.environ["BENCH_REFERENCES"], encoding="utf-8") as file:
        references = file.read().split()
    client = await Client.authenticate(os.environ["OP_SERVICE_ACCOUNT_TOKEN"], "Bench", "v1.0.0")
    ready = time.time() * 1000 - start
    await client.secrets.resolve(references[0])
    first = time.time() * 1000 - start

    async def timed(reference: str) -> float:
        began = time.perf_counter()
        await client.secrets.resolve(reference)
        return (time.perf_counter() - began) * 1000

    warm = statistics.median([await timed(reference) for reference in references])
    began = time.perf_counter()
    await asyncio.gather(*(client.secrets.resolve(reference) for reference in references))
    fifty = (time.perf_counter() - began) * 1000
    print(json.dumps({"ready": ready, "first": first, "warm": warm, "fifty": fifty}))


asyncio.run(main())
