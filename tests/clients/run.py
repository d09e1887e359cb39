#!/usr/bin/env python3
"""Runs published Bitrix24 clients of other authors, unmodified, against the simulated portal.

    cargo build --release && python3 tests/clients/run.py

Makes a Python environment with the clients of `requirements.txt` in the cache folder, starts `obmen sim bitrix24` for
each (binary: `OBMEN`, else target/release/obmen), runs the scenario and ends what it started. One line a check. Exit
code 1 after a failure, which is named. Apart from the installation it talks to 127.0.0.1 only.
"""
from __future__ import annotations

import sys

sys.dont_write_bytecode = True

import argparse
import hashlib
import json
import os
import subprocess
import tempfile
import venv
from pathlib import Path

import front
import portal

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CONTACTS = 20_000
HOSTS = ["demo.bitrix24.ru", "renamed.bitrix24.ru", "oauth.bitrix24.tech"]
SCENARIO_SECONDS = 600


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--time-scale", default="20", help="how much faster than real time the portal runs")
    parser.add_argument("--only", help="one scenario: fast_bitrix24 or b24pysdk")
    options = parser.parse_args()
    binary = Path(os.environ.get("OBMEN", ROOT / "target" / "release" / "obmen"))
    if not binary.is_file():
        print(f"there is no {binary}: build it or set OBMEN")
        return 1
    python = environment()
    failed = []
    with tempfile.TemporaryDirectory(prefix="obmen-clients-") as folder:
        data = Path(folder) / "contacts.jsonl"
        write_contacts(data)
        for name in ("fast_bitrix24", "b24pysdk"):
            if options.only not in (None, name):
                continue
            loaded = ["--data", str(data)] if name == "fast_bitrix24" else []
            with portal.running(binary, "--time-scale", options.time_scale, *loaded) as sim:
                if not passes(python, f"with_{name}.py", sim, Path(folder)):
                    failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all clients pass")
    return int(bool(failed))


def passes(python: Path, scenario: str, sim: portal.Portal, folder: Path) -> bool:
    """Whether a scenario ends well, run by the Python that has the clients."""
    chain, key = front.certificate(folder, HOSTS)
    with front.running(sim.control, chain, key) as proxy:
        surroundings = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "HTTPS_PROXY": proxy,
            "REQUESTS_CA_BUNDLE": str(chain),
            "NO_PROXY": "127.0.0.1",
        }
        command = [str(python), str(HERE / scenario), sim.webhook_url, sim.control]
        print(f"== {scenario}", flush=True)
        return subprocess.run(command, env=surroundings, timeout=SCENARIO_SECONDS).returncode == 0


def environment() -> Path:
    """The Python of an environment with exactly the wanted clients, made once for each list of them."""
    wanted = HERE / "requirements.txt"
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "obmen-clients"
    folder = cache / hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]
    python = folder / "bin" / "python"
    complete = folder / "complete"
    if not complete.exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(wanted)], check=True)
        complete.touch()
    return python


def write_contacts(path: Path) -> None:
    """A load file with as many contacts as a middling company has."""
    with path.open("w", encoding="utf-8") as lines:
        for number in range(1, CONTACTS + 1):
            contact = {
                "entity": "contact",
                "ID": str(number),
                "NAME": "Анна",
                "LAST_NAME": f"Петрова-{number}",
                "PHONE": [{"ID": str(number), "VALUE": f"+7912{number:07}", "VALUE_TYPE": "WORK"}],
            }
            lines.write(json.dumps(contact, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
