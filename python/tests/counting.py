"""A transport for tests that count requests."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import List

from opwire.transport import HttpRequest, HttpResponse


class Counting:
    """A transport that counts requests, and may add headers to the responses."""

    def __init__(self) -> None:
        self.count = 0
        self.headers: List[tuple[str, str]] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.count += 1
        outgoing = urllib.request.Request(
            request.url,
            data=request.body or None,
            headers=dict(request.headers),
            method=request.method,
        )
        try:
            with urllib.request.urlopen(outgoing, timeout=30) as answer:
                headers = [*answer.getheaders(), *self.headers]
                return HttpResponse(answer.status, headers, answer.read())
        except urllib.error.HTTPError as error:
            return HttpResponse(error.code, error.headers.items(), error.read())
