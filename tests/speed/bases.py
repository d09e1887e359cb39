"""Bases of the wanted size, put together from what `obmen sim bases` generates."""
from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

# What the generator makes at once; a larger base takes several seeds.
PEOPLE = 14_000
COMPANIES = 1_400
CLIENTS = {"Catalog_Контрагенты", "Catalog_КонтактныеЛица", "Catalog_ФизическиеЛица"}


class Generated:
    """Generated bases by seed, each made once."""

    def __init__(self, obmen: str, folder: Path) -> None:
        self.obmen, self.folder = obmen, folder

    def lines(self, seed: int, side: str, companies: int = COMPANIES) -> Iterator[dict]:
        folder = self.folder / f"base-{seed}-{companies}"
        if not folder.exists():
            command = [self.obmen, "sim", "bases", "--noise", "clean", "--people", str(PEOPLE),
                       "--companies", str(companies), "--seed", str(seed), "--out", str(folder)]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=600)
        with open(folder / f"{side}.jsonl", encoding="utf-8") as file:
            yield from map(json.loads, file)

    def portal(self, name: str, contacts: int, linked: bool = False, companies: int = COMPANIES) -> Path:
        """A portal with so many contacts: without companies, or with the companies they belong to."""
        return self.write(f"portal-{name}", self.portal_lines(contacts, linked, companies))

    def portal_lines(self, contacts: int, linked: bool, companies: int) -> Iterator[dict]:
        yield from (line for line in self.lines(1, "b24", companies) if line["entity"] in ("user", "userfield"))
        left, seed, shift, top = contacts, 0, 0, 0
        while left:
            seed, shift = seed + 1, top
            lines = list(self.lines(seed, "b24", companies))
            for line in lines:
                entity = line["entity"]
                if entity not in ("contact", "company", "requisite") or (entity != "contact" and not linked):
                    continue
                if entity == "contact":
                    if not left:
                        continue
                    left -= 1
                shifted(line, shift, linked)
                top = max(top, int(line["ID"]))
                yield line

    def empty_infobase(self) -> Path:
        """An infobase with users, kinds of contact information and attributes, and no client."""
        return self.write("infobase-empty", (line for line in self.lines(1, "onec") if line["entity"] not in CLIENTS))

    def infobase(self, name: str, people: int) -> Path:
        """An infobase with so many counterparties that are persons. A portal of the same seeds, with one company, knows most
        of them."""
        return self.write(f"infobase-{name}", self.infobase_lines(people))

    def infobase_lines(self, people: int) -> Iterator[dict]:
        yield from (line for line in self.lines(1, "onec", companies=1) if line["entity"] not in CLIENTS)
        seed = 0
        while people:
            seed += 1
            for line in self.lines(seed, "onec", companies=1):
                if people and line["entity"] == "Catalog_Контрагенты" and not line["object"].get("DeletionMark"):
                    people -= 1
                    yield line

    def write(self, name: str, lines: Iterator[dict]) -> Path:
        path = self.folder / f"{name}.jsonl"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        return path


def shifted(line: dict, shift: int, linked: bool) -> None:
    """Moves all ids of a record up, so that bases of several seeds stand side by side."""
    names = ["ID"]
    if line["entity"] == "requisite":
        names.append("ENTITY_ID")
    if linked:
        names.append("COMPANY_ID")
        if "COMPANY_IDS" in line:
            line["COMPANY_IDS"] = [str(int(one) + shift) for one in line["COMPANY_IDS"]]
    else:
        line.pop("COMPANY_ID", None)
        line.pop("COMPANY_IDS", None)
    for name in names:
        if line.get(name) not in (None, "", "0"):
            line[name] = str(int(line[name]) + shift)
    for rows in (line.get("PHONE"), line.get("EMAIL"), line.get("WEB")):
        for row in rows or ():
            row["ID"] = str(int(row["ID"]) + shift)
