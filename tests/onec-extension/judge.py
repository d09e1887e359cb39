"""Runs inside the environment with the parsers: judges the builds, then breaks copies of one and wants each fault named.

Exit code 1 after a complaint, or after a fault that nobody complained about.
"""
from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import checks
import contract
from breaks import BREAKS
from tree import Build

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXTENSION = ROOT / "onec-extension"
BUILDS = ("ut11", "bp30", "unf")


def main() -> int:
    if sys.argv[1:] == ["--keep-uuids"]:
        return keep_uuids()
    faults = [f"{name}: {fault}" for name in BUILDS for fault in complaints(EXTENSION / name, ROOT / "docs")]
    generated = subprocess.run([sys.executable, str(EXTENSION / "build.py"), "--check"], stdout=subprocess.PIPE, text=True)
    faults += [f"the builds are not what build.py writes: {line}" for line in generated.stdout.splitlines()]
    for fault in faults:
        print(fault)
    if faults:
        return 1
    figures = [f"{name}: {len(Build(EXTENSION / name).objects)} objects" for name in BUILDS]
    print(f"{len(checks.CHECKS) + len(contract.CHECKS)} checks hold ({', '.join(figures)})")
    return breaking()


def complaints(folder: Path, documents: Path) -> list[str]:
    build, page = Build(folder), contract.Contract(documents)
    found = [fault for check in checks.CHECKS for fault in check(build)]
    return found + [fault for check in contract.CHECKS for fault in check(build, page)]


def breaking() -> int:
    """Each fault is made in a copy of its own, and has to be named by the check it is for."""
    unnamed = []
    for fault in BREAKS:
        with tempfile.TemporaryDirectory(prefix="obmen-extension-") as folder:
            copy, documents = Path(folder) / "unf", Path(folder) / "docs"
            shutil.copytree(EXTENSION / "unf", copy)
            documents.mkdir()
            for name in ("onec-contract.md", "onec-contract.yaml"):
                shutil.copy(ROOT / "docs" / name, documents / name)
            fault.make(copy, documents)
            build = Build(copy)
            named = list(fault.check(build) if fault.check in checks.CHECKS else fault.check(build, contract.Contract(documents)))
        if not any(fault.says in one for one in named):
            unnamed.append(f"{fault.check.__name__} does not notice: {fault.what}; it says {named}")
    for line in unnamed:
        print(line)
    tried = {fault.check for fault in BREAKS}
    untried = [check.__name__ for check in (*checks.CHECKS, *contract.CHECKS) if check not in tried]
    if untried:
        print(f"no broken copy for {', '.join(untried)}")
    if unnamed or untried:
        return 1
    print(f"{len(BREAKS)} broken copies are refused")
    return 0


def keep_uuids() -> int:
    """Writes down the uuids of a release: from then on none of them may change."""
    lines = [f"{name} {place} {uuid}" for name in BUILDS for place, uuid in sorted(Build(EXTENSION / name).named_uuids.items())]
    (HERE / "uuids.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
