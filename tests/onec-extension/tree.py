"""One build of the extension on disk: its files, metadata objects and modules.

Not responsible for judging any of it (see `checks.py`).
"""
from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import cached_property
from pathlib import Path

from bsl import Module

MD = "{http://v8.1c.ru/8.3/MDClasses}"
XR = "{http://v8.1c.ru/8.3/xcf/readable}"
ROLES = "{http://v8.1c.ru/8.2/roles}"
UUID_TAGS = {f"{XR}TypeId", f"{XR}ValueId", f"{XR}ObjectId", f"{XR}ThisNode"}


class Build:
    """A build: a folder as the Designer dumps it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @cached_property
    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def short(self, path: Path) -> str:
        return str(path.relative_to(self.folder))

    @cached_property
    def documents(self) -> dict[Path, ET.Element | ET.ParseError]:
        """XML by file; the error of what is not well formed."""
        found: dict[Path, ET.Element | ET.ParseError] = {}
        for path in self.files:
            if path.suffix == ".xml":
                try:
                    found[path] = ET.fromstring(path.read_bytes())
                except ET.ParseError as error:
                    found[path] = error
        return found

    @cached_property
    def objects(self) -> dict[tuple[str, str], ET.Element]:
        """Metadata objects by class and name of their file; the configuration is none of them."""
        found = {}
        for path, root in self.documents.items():
            if isinstance(root, ET.Element) and root.tag == f"{MD}MetaDataObject" and path.parent != self.folder:
                found[(path.parent.name.removesuffix("s"), path.stem)] = root[0]
        return found

    @cached_property
    def listed(self) -> list[tuple[str, str]]:
        root = self.documents.get(self.folder / "Configuration.xml")
        if not isinstance(root, ET.Element):
            return []
        children = root.find(f"{MD}Configuration/{MD}ChildObjects")
        return [(child.tag.removeprefix(MD), child.text or "") for child in children]

    @cached_property
    def modules(self) -> dict[str, Module]:
        """Common modules by name, modules of services by the name of the service."""
        paths = [path for path in self.files if path.suffix == ".bsl"]
        return {path.parent.parent.name: Module(path) for path in paths}

    def property(self, kind: str, name: str, wanted: str) -> str:
        found = self.objects[(kind, name)].find(f"{MD}Properties/{MD}{wanted}")
        return "" if found is None else (found.text or "")

    def named(self, kind: str) -> list[str]:
        return [name for of_kind, name in self.objects if of_kind == kind]

    def fields(self, register: str) -> set[str]:
        """Dimensions and resources of a register of the extension's own."""
        element = self.objects.get(("InformationRegister", register))
        if element is None:
            return set()
        return {name.text or "" for name in element.findall(f"{MD}ChildObjects/*/{MD}Properties/{MD}Name")}

    @cached_property
    def uuids(self) -> list[tuple[str, str]]:
        """Every uuid of our own, with the place it stands at."""
        found = []
        for path, root in self.documents.items():
            if isinstance(root, ET.Element):
                for number, element in enumerate(root.iter()):
                    place = f"{self.short(path)}#{number}"
                    if "uuid" in element.attrib:
                        found.append((place, element.attrib["uuid"]))
                    if element.tag in UUID_TAGS:
                        found.append((place, (element.text or "").strip()))
        return found

    @cached_property
    def named_uuids(self) -> dict[str, str]:
        """The uuids that must never change: of objects, and of the fields of registers."""
        found = {}
        for (kind, name), element in self.objects.items():
            found[f"{kind}.{name}"] = element.attrib.get("uuid", "")
            for child in element.findall(f"{MD}ChildObjects/*"):
                title = child.find(f"{MD}Properties/{MD}Name")
                if title is not None:
                    found[f"{kind}.{name}.{title.text}"] = child.attrib.get("uuid", "")
        return found
