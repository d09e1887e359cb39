#!/usr/bin/env python3
"""Matches the two files of FEBRL4 with obmen's matcher and with Splink, and judges both by the true pairs.

    cargo build --release --workspace --examples && python3 tests/febrl/run.py

Makes a Python environment with the libraries of `requirements.txt` in the cache folder and runs `judge.py` in it
(binary of the matcher: `OBMEN_MATCHER`, else target/release/examples/match_people). Exit code 1 when obmen's precision
or recall is below its bound. Apart from the installation nothing is spoken to.
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
ROOT = HERE.parent.parent
SECONDS = 900


def main() -> int:
    matcher = Path(os.environ.get("OBMEN_MATCHER", ROOT / "target" / "release" / "examples" / "match_people"))
    if not matcher.is_file():
        print(f"there is no {matcher}: build it or set OBMEN_MATCHER")
        return 1
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    command = [str(python()), str(HERE / "judge.py"), str(matcher)]
    return subprocess.run(command, env=environment, timeout=SECONDS).returncode


def python() -> Path:
    """The Python of an environment with exactly the wanted libraries, made once for each list of them."""
    wanted = HERE / "requirements.txt"
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = home / "obmen-febrl" / hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]
    interpreter = folder / "bin" / "python"
    complete = folder / "complete"
    if not complete.exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(interpreter), "-m", "pip", "install", "--quiet", "-r", str(wanted)], check=True)
        complete.touch()
    return interpreter


if __name__ == "__main__":
    sys.exit(main())
