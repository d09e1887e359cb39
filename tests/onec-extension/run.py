#!/usr/bin/env python3
"""Checks the 1C extension without a 1C platform, and shows of each check that it refuses a broken file.

    python3 tests/onec-extension/run.py
    python3 tests/onec-extension/run.py --keep-uuids     at a release: the uuids written down may never change again
    python3 tests/onec-extension/run.py --simulator      the simulated extension in its place, against the same contract
                                                         (binary: OBMEN, else target/release/obmen)

Makes a Python environment with the parsers of `requirements.txt` in the cache folder and runs `judge.py` in it, or `answers.py`. Exit
code 1 after a complaint.
"""
from __future__ import annotations

import sys

sys.dont_write_bytecode = True

import hashlib
import os
import subprocess
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
BINARY = os.environ.get("OBMEN", str(HERE.parent.parent / "target" / "release" / "obmen"))


def main() -> int:
    wanted = ["judge.py", *sys.argv[1:]]
    if sys.argv[1:] == ["--simulator"]:
        wanted = ["answers.py", BINARY]
    return subprocess.run([str(environment()), "-B", str(HERE / wanted[0]), *wanted[1:]], timeout=600).returncode


def environment() -> Path:
    """The interpreter of an environment that has exactly the named parsers."""
    requirements = HERE / "requirements.txt"
    stamp = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "obmen-onec-extension" / stamp
    python, ready = cache / "bin" / "python", cache / "ready"
    if not ready.is_file():
        venv.create(cache, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", str(requirements)], check=True, timeout=600)
        ready.touch()
    return python


if __name__ == "__main__":
    sys.exit(main())
