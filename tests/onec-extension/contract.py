"""The extension against its contract: keys of the JSON that modules read and build, codes, addresses, sets; and the contract's page
against its OpenAPI file.

Not responsible for what the keys mean.
"""
from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from tree import MD, Build

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = re.compile(r"@?[a-z]+(_[a-z]+)*")
# Schemas of the blocks of JSON in the page, in the order in which they stand.
BLOCKS = (
    "Info", "Schema", "FindRequest", "FindAnswer", "GetRequest", "GetAnswer", "WriteRequest", "WriteAnswer",
    "ChangesRequest", "ChangesAnswer", "AcknowledgeRequest", "AcknowledgeAnswer", "LinksRequest", "LinksAnswer", "SaveEvents",
)


class Contract:
    """The OpenAPI file and the page beside it."""

    def __init__(self, folder: Path) -> None:
        self.page = (folder / "onec-contract.md").read_text(encoding="utf-8")
        self.document = yaml.safe_load((folder / "onec-contract.yaml").read_text(encoding="utf-8"))
        self.schemas = self.document["components"]["schemas"]

    def keys(self, *endings: str) -> set[str]:
        """Keys of all schemas whose names end so."""
        found: set[str] = set()
        for name in self.schemas:
            if name.endswith(endings):
                self.gather(self.schemas[name], found, set())
        return found

    def gather(self, schema, found: set[str], seen: set[str]) -> None:
        if isinstance(schema, list):
            for one in schema:
                self.gather(one, found, seen)
        elif isinstance(schema, dict):
            reference = schema.get("$ref", "").rpartition("/")[2]
            if reference and reference not in seen:
                self.gather(self.schemas[reference], found, seen | {reference})
            found.update(schema.get("properties", {}))
            for name, one in schema.items():
                for part in one.values() if name == "properties" else [one]:
                    self.gather(part, found, seen)

    def words(self) -> set[str]:
        """Values of all enumerations that are told apart by programs; types of the schema are none."""
        found: set[str] = set()

        def walk(node) -> None:
            if isinstance(node, dict):
                values = node.get("enum")
                if isinstance(values, list):
                    found.update(values)
                for one in node.values():
                    walk(one)
            elif isinstance(node, list):
                for one in node:
                    walk(one)

        walk(self.schemas)
        return found


def keys(build: Build, contract: Contract) -> Iterator[str]:
    """What modules read and build is in the contract, and what is in the contract is read and built."""
    requests = contract.keys("Request")
    answers = contract.keys("Info", "Schema", "Answer", "Failure", "SaveEvents")
    read: dict[str, str] = {}
    built: dict[str, str] = {}
    for name, module in build.modules.items():
        for method in module.methods.values():
            for of_method, into in ((method.keys_read, read), (method.keys_built, built)):
                for key, line in of_method.items():
                    if KEY.fullmatch(key):
                        into.setdefault(key, f"{name}.{method.name}, line {line}")
    known = requests | answers | {"@mutual_id"}
    yield from (f"{place} reads {key}, which the contract does not have" for key, place in read.items() if key not in known)
    yield from (f"{place} builds {key}, which the contract does not have" for key, place in built.items() if key not in known)
    yield from (f"no module reads {key} of a request" for key in sorted(requests - read.keys()))
    yield from (f"no module builds {key} of an answer" for key in sorted(answers - built.keys()))


def words(build: Build, contract: Contract) -> Iterator[str]:
    """Codes and outcomes are those of the contract, all of them."""
    wanted = contract.words()
    said: dict[str, str] = {}
    everywhere: set[str] = set()
    for name, module in build.modules.items():
        for method in module.methods.values():
            everywhere.update(text for text, _ in method.strings)
            for call in method.calls:
                if (call.on, call.name) == ("обм_Отказ", "Текст") and call.texts[0] is not None:
                    said[call.texts[0]] = f"{name}.{method.name}, line {call.line}"
    yield from (f"{place} says {word}, which the contract does not have" for word, place in said.items() if word not in wanted)
    builds = {"ut11", "bp30", "unf"}
    yield from (f"no module says {word}" for word in sorted(wanted - everywhere - builds))
    yield from (f"the page does not explain `{word}`" for word in sorted(wanted) if f"`{word}`" not in contract.page and f'"{word}"' not in contract.page)


def addresses(build: Build, contract: Contract) -> Iterator[str]:
    """The service has the addresses and methods of the contract, and says so."""
    wanted = {(f"/v1{path}", method.upper()) for path, item in contract.document["paths"].items() for method in item}
    for name in build.named("HTTPService"):
        element = build.objects[("HTTPService", name)]
        found = set()
        for template in element.iter(f"{MD}URLTemplate"):
            address = template.findtext(f"{MD}Properties/{MD}Template")
            for method in template.iter(f"{MD}Method"):
                found.add((address, method.findtext(f"{MD}Properties/{MD}HTTPMethod")))
        yield from (f"HTTPService.{name} has no {method} {path}" for path, method in sorted(wanted - found))
        yield from (f"HTTPService.{name} has {method} {path} besides" for path, method in sorted(found - wanted))
        if element.findtext(f"{MD}Properties/{MD}RootURL") != "obmen":
            yield f"HTTPService.{name} lies elsewhere than under obmen"
    methods = ",".join(path.removeprefix("/") for path in contract.document["paths"])
    strings = [text for module in build.modules.values() for m in module.methods.values() for text, _ in m.strings]
    if methods not in strings:
        yield f"info does not name these methods: {methods}"
    if contract.document["info"]["version"] not in strings:
        yield "info does not name the version of the contract"


def sets(build: Build, contract: Contract) -> Iterator[str]:
    """A build answers for the sets that obmen's profile of the same name has, and for no others."""
    profile = tomllib.loads((ROOT / "crates/onec/src/profiles" / f"{build.name}.toml").read_text(encoding="utf-8"))
    wanted: set[str] = set()

    def walk(node) -> None:
        if isinstance(node, dict):
            for name, one in node.items():
                if name in ("set", "groups", "users", "switch") and isinstance(one, str):
                    wanted.add(one)
                if name == "values" and isinstance(one, list):
                    wanted.update(one)
                walk(one)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(profile)
    module = build.modules["обм_Сборка"]
    calls = [call for call in module.methods["Наборы"].calls if call.name == "Добавить"]
    found = {call.texts[1] for call in calls}
    yield from (f"the build does not answer for {name} of the profile" for name in sorted(wanted - found))
    yield from (f"the build answers for {name}, which the profile does not have" for name in sorted(found - wanted))
    told = sets_of_page(contract.page, build.name)
    made = {call.texts[1]: call.texts[4] for call in calls}
    for name in sorted(found | told.keys()):
        is_watched = "changes" in told.get(name, "")
        if name not in found or name not in told or is_watched != bool(made[name]):
            yield f"the page tells {told.get(name)!r} of {name}, which the build does not"


def sets_of_page(text: str, build: str) -> dict[str, str]:
    """What the table of the page says of each set in a build."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    heading = next(row for row in rows if row[0] == "set" and f"`{build}`" in row)
    column = heading.index(f"`{build}`")
    sets_told = (row for row in rows[rows.index(heading) + 2 :] if len(row) == len(heading) and "_" in row[0])
    return {row[0].strip("`"): row[column] for row in sets_told if row[column] != "–"}


def page(build: Build, contract: Contract) -> Iterator[str]:
    """The OpenAPI file is valid, and the examples of the page are what it describes."""
    try:
        validate(contract.document)
    except OpenAPIValidationError as error:
        yield f"onec-contract.yaml: {error}"
        return
    blocks = re.findall(r"```json\n(.*?)```", contract.page, re.DOTALL)
    if len(blocks) != len(BLOCKS):
        yield f"the page has {len(blocks)} blocks of JSON in place of {len(BLOCKS)}"
    for number, (block, name) in enumerate(zip(blocks, BLOCKS), start=1):
        schema = {"$ref": f"#/components/schemas/{name}", "components": contract.document["components"]}
        for error in OAS31Validator(schema).iter_errors(json.loads(block)):
            yield f"block {number} of the page is no {name}: {'/'.join(map(str, error.path))}: {error.message}"
        known = contract.keys(name)
        if name in ("Info", "Schema") or name.endswith(("Request", "Answer", "Events")):
            for key in keys_of(json.loads(block)):
                if KEY.fullmatch(key) and key not in known | {"@mutual_id"}:
                    yield f"block {number} of the page has {key}, which {name} does not"


def keys_of(value) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from keys_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from keys_of(one)


CHECKS = (keys, words, addresses, sets, page)
