"""The rate limits that a server reports."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from opwire import SyncClient

from .conftest import Server
from .counting import Counting


def test_limits_are_told_as_the_server_says_them(server: Server) -> None:
    transport = Counting()
    with SyncClient.authenticate(
        **server.credentials, http_transport=transport
    ) as client:
        client.vaults.list()
        assert client.account.rate_limit().reads is None
        transport.headers = [
            ("RateLimit-Policy", '"reads";q=100;w=3600'),
            ("RateLimit", '"reads";r=7;t=1800'),
        ]
        client.vaults.list()
        before = transport.count
        reads = client.account.rate_limit().reads
        assert transport.count == before
        assert reads is not None
        assert (reads.limit, reads.remaining) == (100, 7)
        assert reads.resets_at > datetime.now(timezone.utc) + timedelta(minutes=25)
