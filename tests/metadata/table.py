"""What a `$metadata` document must hold, from the text table of a configuration.

Reads the table by itself, so that a mistake of the simulator's reader is not repeated here.
"""
from __future__ import annotations

from pathlib import Path


def expected(path: Path) -> dict:
    sections, sets, target, prefixes = {}, {}, None, ("Ref_Key", "DataVersion", "DeletionMark")
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words or line.startswith(("#", "enum", "prefix")):
            continue
        if not line.startswith(" "):
            target = begin(words, sections, sets, prefixes)
        elif words[0] == "has":
            target["sections"][words[3] if len(words) > 2 else words[1]] = sections[words[1]]["properties"]
        elif words[0] not in ("kind", "item", "folder", "required"):
            attribute(words, target)
    for entity in sets.values():
        entity["properties"] += entity.pop("last")
    return document(sets)


def begin(words: list[str], sections: dict, sets: dict, prefixes: tuple[str, ...]) -> dict:
    kind, name, options = words[0], words[1], words[2:]
    entity = {"properties": [], "references": {}, "sections": {}, "key": ["Ref_Key"], "last": []}
    if kind == "section":
        entity["properties"] = ["LineNumber"]
        return sections.setdefault(name, entity)
    if kind == "constant":
        entity["key"] = ["SurrogateKey"]
        entity["properties"] = ["SurrogateKey", "Value"]
        return sets.setdefault(name, entity)
    if kind == "register":
        entity["key"] = ["Period"] if "periodic" in options else []
        entity["properties"] = list(entity["key"])
        return sets.setdefault(name, entity)
    entity["properties"] = list(prefixes)
    if "folders" in options or "items" in options:
        entity["properties"].append("Parent_Key")
        entity["references"]["Parent"] = name
    if "folders" in options:
        entity["properties"].append("IsFolder")
    if "code" in options or kind == "plan":
        entity["properties"].append("Code")
    entity["properties"].append("Description")
    entity["last"] = ["SentNo", "ReceivedNo", "ThisNode"] if kind == "plan" else ["Predefined", "PredefinedDataName"]
    return sets.setdefault(name, entity)


def attribute(words: list[str], target: dict) -> None:
    if words[0] == "dim":
        words = words[1:]
        target["key"].append(words[0])
    if words[1] == "storage":
        target["properties"] += [f"{words[0]}_Base64Data", f"{words[0]}_Type"]
        return
    target["properties"].append(words[0])
    if words[1] == "ref":
        target["references"][words[0].removesuffix("_Key")] = words[2]


def document(sets: dict) -> dict:
    types, complex_types = {}, {"TypeDescription": ["Types"]}
    for name, entity in sets.items():
        types[name] = {
            "key": sorted(entity["key"]),
            "properties": sorted(entity["properties"] + list(entity["sections"])),
            "references": sorted(entity["references"]),
        }
        for section, columns in entity["sections"].items():
            types[f"{name}_{section}"] = {
                "key": ["LineNumber", "Ref_Key"],
                "properties": sorted(["Ref_Key", *columns]),
                "references": [],
            }
            complex_types[f"{name}_{section}_RowType"] = sorted(columns)
    associations = sum(len(entity["references"]) for entity in sets.values())
    return {"types": types, "complex": complex_types, "sets": sorted(types), "associations": associations}
