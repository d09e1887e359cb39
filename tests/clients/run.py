#!/usr/bin/env python3
"""Runs published clients of other authors, unmodified, against the simulated portal and the simulated 1C.

    cargo build --release && python3 tests/clients/run.py

Makes environments with the clients of `requirements.txt` (Python) and of `NPM_CLIENTS` (Node) in the cache folder, starts
`obmen sim` for each (binary: `OBMEN`, else target/release/obmen), runs the scenario and ends what it started. One line a
check. Exit code 1 after a failure, which is named. Apart from the installation it talks to 127.0.0.1 only.
"""
from __future__ import annotations

import sys

sys.dont_write_bytecode = True

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

import front
import portal
import simulator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CONTACTS = 20_000
HOSTS = ["demo.bitrix24.ru", "renamed.bitrix24.ru", "oauth.bitrix24.tech"]
NPM_CLIENTS = ("@bitrix24/b24jssdk@2.2.0",)
PASSWORD = "demo"
SCENARIO_SECONDS = 600


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--time-scale", default="20", help="how much faster than real time the portal runs")
    parser.add_argument("--only", help="one scenario, such as b24pysdk")
    options = parser.parse_args()
    binary = Path(os.environ.get("OBMEN", ROOT / "target" / "release" / "obmen"))
    if not binary.is_file():
        print(f"there is no {binary}: build it or set OBMEN")
        return 1
    runs = Runs(binary, options.time_scale)
    scenarios = {name.removeprefix("with_"): run for name, run in vars(Runs).items() if name.startswith("with_")}
    if options.only is not None and options.only not in scenarios:
        print(f"there is no scenario {options.only}: {', '.join(scenarios)}")
        return 2
    failed = []
    for name, run in scenarios.items():
        if options.only in (None, name):
            print(f"== {name}", flush=True)
            if not run(runs):
                failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all clients pass")
    return int(bool(failed))


class Runs:
    """One scenario a method: starts what it needs and tells whether it ended well."""

    def __init__(self, binary: Path, time_scale: str) -> None:
        self.binary = binary
        self.options = ["--time-scale", time_scale]

    def with_fast_bitrix24(self) -> bool:
        with tempfile.TemporaryDirectory(prefix="obmen-clients-") as folder:
            data = Path(folder) / "contacts.jsonl"
            write_contacts(data)
            with portal.running(self.binary, *self.options, "--data", str(data)) as sim:
                return passes([python(), HERE / "with_fast_bitrix24.py", sim.webhook_url, sim.control])

    def with_b24pysdk(self) -> bool:
        """The SDK knows host names alone: a proxy leads them all to the simulator."""
        with self.secure_portal() as (sim, chain), front.running(sim.control) as proxy:
            surroundings = {"HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": str(chain), "SSL_CERT_FILE": str(chain)}
            command = [python(), HERE / "with_b24pysdk.py", sim.webhook_url, sim.control]
            return passes(command, {**surroundings, "NO_PROXY": "127.0.0.1"})

    def with_b24jssdk(self) -> bool:
        """The SDK takes an address with a port, but speaks https only."""
        modules = node_modules()
        scenario = modules / "with_b24jssdk.mjs"
        shutil.copy(HERE / scenario.name, scenario)
        with self.secure_portal() as (sim, chain):
            return passes(["node", scenario, sim.webhook_url, sim.control], {"NODE_EXTRA_CA_CERTS": str(chain)})

    @contextlib.contextmanager
    def secure_portal(self) -> Iterator[tuple[portal.Portal, Path]]:
        """A portal that speaks https under its public names and its address, and the certificate to trust."""
        with tempfile.TemporaryDirectory(prefix="obmen-clients-") as folder:
            chain, key = front.certificate(Path(folder), HOSTS)
            with portal.running(self.binary, *self.options, "--tls-cert", str(chain), "--tls-key", str(key)) as sim:
                yield sim, chain

    def with_pyodata1c(self) -> bool:
        with simulator.running(self.binary, "onec", *self.options, "--password", PASSWORD) as base:
            return passes([python(), HERE / "with_pyodata1c.py", base["odata_url"], base["user"], PASSWORD])


def passes(command: list, surroundings: dict[str, str] | None = None) -> bool:
    """Whether a scenario ends well."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", **(surroundings or {})}
    arguments = [str(part) for part in command]
    return subprocess.run(arguments, env=environment, timeout=SCENARIO_SECONDS).returncode == 0


def python() -> Path:
    """The Python of an environment with exactly the wanted clients, made once for each list of them."""
    wanted = HERE / "requirements.txt"
    folder = cache(wanted.read_bytes())
    interpreter = folder / "bin" / "python"
    complete = folder / "complete"
    if not complete.exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(interpreter), "-m", "pip", "install", "--quiet", "-r", str(wanted)], check=True)
        complete.touch()
    return interpreter


def node_modules() -> Path:
    """A folder in which Node finds the wanted clients, made once for each list of them."""
    folder = cache(" ".join(NPM_CLIENTS).encode())
    complete = folder / "complete"
    if not complete.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(folder), "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([*command, *NPM_CLIENTS], check=True)
        complete.touch()
    return folder


def cache(wanted: bytes) -> Path:
    """The folder that is kept for a list of clients."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return home / "obmen-clients" / hashlib.sha256(wanted).hexdigest()[:12]


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
