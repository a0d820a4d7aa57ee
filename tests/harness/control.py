"""A control server on a real Unix socket, its loop in a thread of its own, as the daemon runs it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inboxd.control.server import serve
from inboxd.control.wire import Backend


@contextmanager
def serving(backend_for: Callable[[str], Backend], path: Path, **options: Any) -> Iterator[None]:
    """Answer calls at `path` inside the `with` block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    executor = ThreadPoolExecutor(2)

    def run(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

    try:
        server = run(serve(path, backend_for, executor, **options))
        try:
            yield
        finally:
            run(server.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        executor.shutdown()
