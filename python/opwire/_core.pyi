"""The extension module: op-core with the network of this machine."""

import asyncio
from typing import Callable, List, Optional, Tuple

__version__: str
REQUEST_LIBRARY_VERSION: str

Result = Tuple[str, List[bytes]]
OnDone = Callable[[Optional[Result], Optional[str]], None]

class CoreError(Exception): ...

class Task:
    def cancel(self) -> None: ...

class Reply:
    def response(
        self, status: int, headers: List[Tuple[str, str]], body: bytes
    ) -> None: ...
    def failure(self, kind: str, message: str, cause: int) -> None: ...

Dispatch = Callable[
    [
        str,
        str,
        List[Tuple[str, str]],
        bytes,
        float,
        Optional[asyncio.AbstractEventLoop],
        Reply,
    ],
    Callable[[], object],
]

class Client:
    def __new__(
        cls,
        config: str,
        *,
        proxy: Optional[str] = None,
        ca_pem: Optional[bytes] = None,
        transport: Optional[Dispatch] = None,
    ) -> Client: ...
    @staticmethod
    def by_agent(config: str) -> Client: ...
    def connect(
        self, event_loop: asyncio.AbstractEventLoop, on_done: OnDone
    ) -> Task: ...
    def invoke(
        self,
        name: str,
        parameters: str,
        attachments: List[bytes],
        event_loop: asyncio.AbstractEventLoop,
        on_done: OnDone,
    ) -> Task: ...
    def connect_blocking(self) -> Result: ...
    def invoke_blocking(
        self, name: str, parameters: str, attachments: List[bytes]
    ) -> Result: ...
    def close(self) -> None: ...

def agent_absence() -> Optional[str]: ...
def invoke_offline(name: str, parameters: str) -> str: ...
