"""One writer at a time: a file lock per shop, kept by the operating system, so that a killed process frees it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Locked(RuntimeError):
    """Another process is writing this shop's warehouse."""


@contextmanager
def exclusive(path: Path, wait_seconds: float = 600) -> Iterator[None]:
    """Hold `path` alone; wait for a holder up to `wait_seconds`, then raise Locked with the holder's process id."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+") as handle:
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    handle.seek(0)
                    raise Locked(
                        f"{path.parent} is being written by process {handle.read().strip() or 'unknown'}; "
                        f"waited {wait_seconds:.0f} s. Wait for that run to end, or stop it, then run again."
                    ) from None
                time.sleep(0.2)
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        yield
