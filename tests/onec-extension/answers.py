"""Runs inside the environment with the parsers: asks the simulated extension of each configuration everything the contract has, and
holds every answer against the OpenAPI file.

    answers.py BINARY        the binary `obmen`

The simulator is written from the contract as well; a key that one of both spells otherwise shows here. Not responsible for what the
answers say (see the tests of `crates/sim`). Exit code 1 after a difference.
"""
from __future__ import annotations

import base64
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

from openapi_schema_validator import OAS31Validator

from contract import Contract

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests" / "clients"))
import simulator  # noqa: E402

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
FIRM, PERSON, NOBODY = (f"10000000-0000-0000-0000-00000000000{number}" for number in (1, 2, 9))
COUNTERPARTIES = "Catalog_Контрагенты"
PERSONS = {"ut11": "Catalog_КонтактныеЛицаПартнеров", "bp30": "Catalog_КонтактныеЛица", "unf": "Catalog_КонтактныеЛица"}


def main() -> int:
    contract = Contract(ROOT / "docs")
    differences = 0
    for configuration, persons in PERSONS.items():
        with simulator.running(Path(sys.argv[1]), "onec", "--configuration", configuration, "--password", "p") as base:
            service = Service(base, contract)
            service.act({"do": "extend"})
            converse(service, persons)
        for line in service.differences:
            print(f"{configuration}: {line}")
        differences += len(service.differences)
        print(f"{configuration}: {service.answers} answers, {len(service.outcomes)} outcomes and codes")
    return int(differences > 0)


def converse(service: Service, persons: str) -> None:
    """Asks everything once, well and badly."""
    service.ask("info", None)
    service.ask("schema", None)
    create = {"set": COUNTERPARTIES, "ref": FIRM, "version": "", "mutual_id": "company:7", "fields": {"Description": "Ромашка"}}
    person = {"set": persons, "ref": PERSON, "version": "", "fields": {"Description": "Анна"}}
    show = [{"set": COUNTERPARTIES, "with": [{"set": "Catalog_ДоговорыКонтрагентов", "by": "Ref_Key", "to": "Ref_Key"}]}]
    items = [
        {"key": "1", "objects": [create, person]},
        {"key": "1", "objects": [create, person]},
        {"key": "2", "objects": [create]},
        {"key": "3", "objects": [{**create, "version": "AAAA"}]},
        {"key": "4", "objects": [{**create, "ref": NOBODY, "version": "AAAA"}]},
        {"key": "5", "objects": [{**create, "ref": NOBODY}]},
        {"key": "6", "objects": [{**create, "mutual_id": "", "ref": NOBODY, "fields": {"Description": "я" * 200}}]},
        {"key": "7", "objects": [{"set": COUNTERPARTIES}]},
    ]
    service.ask("write", {"pair": "main", "items": items, "show": show})
    question = {"set": COUNTERPARTIES, "limit": 1, "count": True, "with": show[0]["with"]}
    bad = [{"set": "Catalog_Нет"}, {"set": persons, "fields": ["Нет"]}, {"set": persons, "all": [{"is": {"DeletionMark": ["x"]}}]}]
    questions = [{"id": str(number), **one} for number, one in enumerate([question, *bad])]
    service.ask("find", {"pair": "main", "questions": questions})
    service.ask("get", {"pair": "main", "wanted": [{"set": persons, "refs": [PERSON, NOBODY]}, {"set": "Catalog_Нет", "refs": []}]})
    service.act({"do": "mark", "set": COUNTERPARTIES, "ref": FIRM})
    rows = service.ask("changes", {"limit": 10})["rows"]
    service.ask("acknowledge", {"rows": [{**row, "version": NOBODY} for row in rows]})
    put = [{"set": persons, "ref": PERSON, "mutual_id": "company:7"}, {"set": persons, "ref": NOBODY, "mutual_id": "contact:1"}]
    service.ask("links", {"pair": "main", "mutual_ids": ["company:7"], "put": put})
    service.ask("find", {}, status=400)
    service.ask("write", {"items": [{"key": "k"}] * 501}, status=413)


class Service:
    """The service of one simulated infobase."""

    def __init__(self, base: dict, contract: Contract) -> None:
        self.root = base["odata_url"].removesuffix("/odata/standard.odata") + "/hs/obmen/v1"
        self.control = base["control"]
        self.login = base64.b64encode(f"{base['user']}:p".encode()).decode()
        self.contract = contract
        self.differences: list[str] = []
        self.outcomes: set[str] = set()
        self.answers = 0

    def ask(self, method: str, body: dict | None, status: int = 200) -> dict:
        answer = self.send(f"{self.root}/{method}", body, status)
        operation = next(iter(self.contract.document["paths"][f"/{method}"].values()))
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"] if status == 200 else None
        schema = schema or {"$ref": "#/components/schemas/Failure"}
        self.judge(method, {**schema, "components": self.contract.document["components"]}, answer)
        return answer

    def judge(self, method: str, schema: dict, answer: dict) -> None:
        self.answers += 1
        for error in OAS31Validator(schema).iter_errors(answer):
            self.differences.append(f"{method}: {'/'.join(map(str, error.path))}: {error.message}")
        name = schema["$ref"].rpartition("/")[2]
        for key in unknown(answer, self.contract.keys(name)):
            self.differences.append(f"{method}: {key} is no key of {name}")
        self.outcomes |= set(words_of(answer))

    def act(self, action: dict) -> None:
        self.send(self.control + "act", action, 200)

    def send(self, url: str, body: dict | None, status: int) -> dict:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, content, {"Authorization": f"Basic {self.login}", "Content-Type": "application/json"})
        try:
            with DIRECT.open(request, timeout=30) as answer:
                found, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            found, text = error.code, error.read()
        assert found == status, f"{url} answers {found}: {text[:300]!r}"
        return json.loads(text)


def unknown(value: object, known: set[str]) -> set[str]:
    """Keys in small Latin letters that the contract does not have; names of 1C are none."""
    if isinstance(value, list):
        return {key for one in value for key in unknown(one, known)}
    if not isinstance(value, dict):
        return set()
    own = {key for key in value if key.isascii() and key.islower() and key not in known | {"@mutual_id"}}
    return own | {key for one in value.values() for key in unknown(one, known)}


def words_of(value: object) -> list[str]:
    if isinstance(value, list):
        return [word for one in value for word in words_of(one)]
    if not isinstance(value, dict):
        return []
    own = [value[key] for key in ("outcome", "code") if isinstance(value.get(key), str)]
    return own + [word for one in value.values() for word in words_of(one)]


if __name__ == "__main__":
    sys.exit(main())
