#!/usr/bin/env python3
"""Lets published EDMX parsers of other authors read the `$metadata` of the simulated 1C.

    cargo build --release && python3 tests/metadata/run.py

Makes a Python environment with the parsers of `requirements.txt` in the cache folder, asks `obmen sim onec` for the
document of each configuration (binary: `OBMEN`, else target/release/obmen), and compares what each parser found with the
text table that the simulator is made from. One line a comparison. Exit code 1 after a difference, which is named.
"""
from __future__ import annotations

import sys

sys.dont_write_bytecode = True

import base64
import hashlib
import json
import os
import subprocess
import tempfile
import urllib.request
import venv
from pathlib import Path

import table

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.append(str(ROOT / "tests" / "clients"))
import simulator  # noqa: E402

BINARY = Path(os.environ.get("OBMEN", ROOT / "target" / "release" / "obmen"))
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PARSERS = ("pyslet", "pyodata")
CONFIGURATIONS = ("bp30", "ut11", "unf")
PARSER_SECONDS = 120


def main() -> int:
    python = environment()
    differences = 0
    with tempfile.TemporaryDirectory(prefix="obmen-metadata-") as folder:
        for configuration in CONFIGURATIONS:
            path = Path(folder) / f"{configuration}.xml"
            path.write_bytes(metadata(configuration))
            expected = table.expected(ROOT / "crates/sim/src/onec/schema" / f"{configuration}.txt")
            for parser in PARSERS:
                found = json.loads(run([python, HERE / f"with_{parser}.py", path], PARSER_SECONDS))
                named = list(differing(expected, found, ""))
                differences += len(named)
                properties = sum(len(one["properties"]) for one in found["types"].values())
                figures = f"{len(found['types'])} types, {properties} properties, {found['associations']} associations"
                print(f"{configuration} {parser}: {'; '.join(named) or figures}")
    return int(differences > 0)


def metadata(configuration: str) -> bytes:
    """The schema document as a client of the simulated base gets it."""
    with simulator.running(BINARY, "onec", "--configuration", configuration, "--password", "p") as base:
        login = base64.b64encode(f"{base['user']}:p".encode()).decode()
        request = urllib.request.Request(base["odata_url"] + "/$metadata", headers={"Authorization": f"Basic {login}"})
        with DIRECT.open(request, timeout=PARSER_SECONDS) as answer:
            return answer.read()


def run(command: list, seconds: int) -> bytes:
    return subprocess.run(command, check=True, timeout=seconds, stdout=subprocess.PIPE).stdout


def differing(expected, found, where: str):
    """The places where two values differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() | found.keys()):
            if name not in expected or name not in found:
                yield f"{where}/{name} is only {'expected' if name in expected else 'found'}"
            else:
                yield from differing(expected[name], found[name], f"{where}/{name}")
    elif isinstance(expected, list) and isinstance(found, list):
        for name in sorted(set(expected) ^ set(found)):
            yield f"{where}/{name} is only {'expected' if name in expected else 'found'}"
        if set(expected) == set(found) and len(expected) != len(found):
            yield f"{where} holds something twice"
    elif expected != found:
        yield f"{where}: expected {expected}, found {found}"


def environment() -> Path:
    """The interpreter of an environment that has exactly the named parsers."""
    requirements = HERE / "requirements.txt"
    stamp = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "obmen-metadata" / stamp
    python, ready = cache / "bin" / "python", cache / "ready"
    if not ready.is_file():
        venv.create(cache, with_pip=True, clear=True)
        run([python, "-m", "pip", "install", "-q", "-r", requirements], 600)
        ready.touch()
    return python


if __name__ == "__main__":
    sys.exit(main())
