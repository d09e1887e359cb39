"""A running `obmen sim`, of either kind, and the addresses that it prints."""
from __future__ import annotations

import contextlib
import json
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

START_SECONDS = 30


@contextlib.contextmanager
def running(binary: Path, kind: str, *options: str) -> Iterator[dict]:
    """A simulator that lives as long as the block."""
    command = [str(binary), "sim", kind, "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
        line = process.stdout.readline() if ready else ""
        assert line, f"the simulator did not start: {' '.join(command)}"
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
