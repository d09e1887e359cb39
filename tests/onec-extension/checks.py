"""What a build of the extension has to hold, as far as it can be known without the platform.

Each check is a function of a build that yields complaints, none where all is well. Not responsible for the contract (see
`contract.py`). What only a platform knows (rights, locks, whether a type has a property) is not checked.
"""
from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bsl import of_types, text_of
from platform_names import FURTHER_METHODS, GLOBAL_METHODS, GLOBAL_NAMES, LIBRARY_METHODS, NEW_TYPES, RESERVED
from tree import MD, ROLES, Build

HERE = Path(__file__).resolve().parent
FORMAT = "2.13"
# How many parameters the handler of an event has.
EVENT_PARAMETERS = {
    ("CatalogObject", "OnWrite"): 2,
    ("CatalogObject", "BeforeDelete"): 2,
    ("InformationRegisterRecordSet", "BeforeWrite"): 3,
}
CLASSES_OF_BSL = {"РегистрыСведений": "InformationRegister", "Константы": "Constant", "РегламентныеЗадания": "ScheduledJob"}


def grammar(build: Build) -> Iterator[str]:
    """Every module parses without an error node."""
    for module in build.modules.values():
        yield from (f"{build.short(module.path)}:{line} is no BSL" for line in module.errors)


def formatting(build: Build) -> Iterator[str]:
    """`bslfmt` finds nothing to change."""
    paths = [str(module.path) for module in build.modules.values()]
    command = [str(Path(sys.executable).parent / "bslfmt"), "--check", *paths]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    if done.returncode:
        yield f"bslfmt: {done.stdout.strip()}"


def as_dumped(build: Build) -> Iterator[str]:
    """Files are UTF-8 with a byte order mark and line ends of Windows; XML is well formed and of one format."""
    for path in build.files:
        content = path.read_bytes()
        if not content.startswith(b"\xef\xbb\xbf"):
            yield f"{build.short(path)} has no byte order mark"
        if content.count(b"\n") != content.count(b"\r\n"):
            yield f"{build.short(path)} has line ends of two kinds"
        if path.suffix not in (".xml", ".bsl"):
            yield f"{build.short(path)} is no file of a dump"
    for path, root in build.documents.items():
        if isinstance(root, ET.ParseError):
            yield f"{build.short(path)} is not well formed: {root}"
        elif root.attrib.get("version") != FORMAT:
            yield f"{build.short(path)} is not of format {FORMAT}"


def uuids(build: Build) -> Iterator[str]:
    """Every uuid is one, stands once, and is the one that was released."""
    for place, uuid in build.uuids:
        if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uuid):
            yield f"{place}: {uuid!r} is no uuid"
    counted = Counter(uuid for _, uuid in build.uuids)
    yield from (f"the uuid {uuid} stands {times} times" for uuid, times in counted.items() if times > 1)
    for line in (HERE / "uuids.txt").read_text(encoding="utf-8").splitlines():
        of_build, place, uuid = line.split()
        if of_build == build.name and build.named_uuids.get(place) != uuid:
            yield f"{place} was released with the uuid {uuid} and has {build.named_uuids.get(place)}"


def listing(build: Build) -> Iterator[str]:
    """Every object listed has its file, every file its object, and both agree about the name."""
    counted = Counter(build.listed)
    yield from (f"{kind}.{name} is listed {times} times" for (kind, name), times in counted.items() if times > 1)
    yield from (f"{kind}.{name} is listed and has no file" for kind, name in counted if (kind, name) not in build.objects)
    for (kind, name), element in build.objects.items():
        if (kind, name) not in counted:
            yield f"{kind}.{name} has a file and is not listed"
        if element.tag != f"{MD}{kind}" or build.property(kind, name, "Name") != name:
            yield f"the file of {kind}.{name} is of another object"
    expected = {build.folder / "Configuration.xml"}
    for kind, name in build.objects:
        folder = build.folder / f"{kind}s"
        expected.add(folder / f"{name}.xml")
        parts = {
            "CommonModule": ["Module.bsl"],
            "HTTPService": ["Module.bsl"],
            "Role": ["Rights.xml"],
            "ScheduledJob": ["Schedule.xml"],
            "ExchangePlan": ["Content.xml"],
        }
        expected.update(folder / name / "Ext" / part for part in parts.get(kind, []))
    yield from (f"{build.short(path)} is missing" for path in sorted(expected - set(build.files)))
    yield from (f"{build.short(path)} belongs to no object" for path in sorted(set(build.files) - expected))


def prefixes(build: Build) -> Iterator[str]:
    """What is our own begins with the prefix, and nothing that is adopted does."""
    for kind, name in build.objects:
        is_adopted = build.property(kind, name, "ObjectBelonging") == "Adopted"
        if is_adopted == name.startswith("обм_"):
            yield f"{kind}.{name} is {'adopted' if is_adopted else 'our own'}, which its name does not say"


def handlers(build: Build) -> Iterator[str]:
    """Handlers that objects name exist, are exported where they have to be, and have the parameters of their event."""
    for name in build.named("EventSubscription"):
        event = build.property("EventSubscription", name, "Event")
        types = build.objects[("EventSubscription", name)].findall(f"{MD}Properties/{MD}Source/*")
        if not types:
            yield f"EventSubscription.{name} has no source"
        for source in types:
            kind, _, of = (source.text or "").removeprefix("cfg:").partition(".")
            wanted = EVENT_PARAMETERS.get((kind, event))
            adopted = "Catalog" if kind == "CatalogObject" else "InformationRegister"
            if (adopted, of) not in build.objects:
                yield f"EventSubscription.{name}: {kind}.{of} is not adopted"
            if wanted is None:
                yield f"EventSubscription.{name}: nothing is known of {event} of {kind}"
            else:
                handler = build.property("EventSubscription", name, "Handler")
                yield from handler_faults(build, f"EventSubscription.{name}", handler, wanted)
    for name in build.named("ScheduledJob"):
        method = build.property("ScheduledJob", name, "MethodName")
        yield from handler_faults(build, f"ScheduledJob.{name}", method, 0)
        if build.property("ScheduledJob", name, "Use") != "false":
            yield f"ScheduledJob.{name} is not off from the beginning"
    for name in build.named("HTTPService"):
        methods = build.modules[name].methods if name in build.modules else {}
        for element in build.objects[("HTTPService", name)].iter(f"{MD}Handler"):
            method = methods.get(element.text or "")
            if method is None or not method.is_function or len(method.parameters) != 1:
                yield f"HTTPService.{name}: {element.text} is no function of one parameter"


def handler_faults(build: Build, owner: str, place: str, parameters: int) -> Iterator[str]:
    _, module, name = (place.split(".") + ["", "", ""])[:3]
    method = build.modules[module].methods.get(name) if module in build.modules else None
    if method is None or not method.is_exported or method.is_function:
        yield f"{owner}: {place} is no exported procedure"
    elif len(method.parameters) != parameters:
        yield f"{owner}: {place} has {len(method.parameters)} parameters in place of {parameters}"


def calls(build: Build) -> Iterator[str]:
    """Calls lead somewhere and have arguments that fit; types made with «Новый» are known."""
    for name, module in build.modules.items():
        for method in module.methods.values():
            for call in method.calls:
                fault = call_fault(build, name, call)
                if fault:
                    yield f"{name}.{method.name}, line {call.line}: {fault}"
        for node in of_types(module.root, ("new_expression",)):
            made = text_of(node.child_by_field_name("type"))
            if made not in NEW_TYPES:
                yield f"{name}: «Новый {made}» is not known"


def call_fault(build: Build, module: str, call) -> str | None:
    what = f"{call.on}.{call.name}" if call.on else call.name
    if call.on.startswith("обм_"):
        target = build.modules.get(call.on)
        method = target.methods.get(call.name) if target else None
        if method is None or not method.is_exported:
            return f"{what} is no exported method"
    elif (call.on, call.name) in LIBRARY_METHODS:
        least, most = LIBRARY_METHODS[(call.on, call.name)]
        return None if least <= call.arguments <= most else f"{what} with {call.arguments} arguments"
    elif call.on.startswith("ОбщегоНазначения"):
        return f"{what} is not known in the library"
    elif call.on:
        return None
    elif call.name in GLOBAL_METHODS and call.name not in build.modules[module].methods:
        least, most = GLOBAL_METHODS[call.name]
        return None if least <= call.arguments <= most else f"{what} with {call.arguments} arguments"
    else:
        method = build.modules[module].methods.get(call.name)
        if method is None:
            return f"there is no {what}"
    return None if method.takes(call.arguments) else f"{what} with {call.arguments} arguments"


def names(build: Build) -> Iterator[str]:
    """Variables are assigned before anybody can use them, and used; functions return; no method lies idle."""
    called = {(call.on, call.name) for module in build.modules.values() for m in module.methods.values() for call in m.calls}
    named = handler_names(build)
    for name, module in build.modules.items():
        for method in module.methods.values():
            parameters = {parameter for parameter, _ in method.parameters}
            known = parameters | method.assigned.keys() | GLOBAL_NAMES | build.modules.keys()
            library = {on for on, _ in LIBRARY_METHODS}
            for used, line in method.used.items():
                if used not in known | library:
                    yield f"{name}.{method.name}, line {line}: {used} is never assigned"
            for assigned, line in method.assigned.items():
                if assigned not in method.used and assigned not in parameters:
                    yield f"{name}.{method.name}, line {line}: {assigned} is never used"
            is_called = ((name if method.is_exported else ""), method.name) in called or ("", method.name) in called
            if not is_called and (name, method.name) not in named:
                yield f"{name}.{method.name} is never called"


def own_names(build: Build) -> Iterator[str]:
    """Nothing of ours is called as a word of the language or as a method of the platform, and no variable as a method beside it."""
    platform = {name.lower() for name in GLOBAL_METHODS} | FURTHER_METHODS
    for name, module in build.modules.items():
        methods = {method.lower() for method in module.methods}
        for method in module.methods.values():
            if method.name.lower() in platform | RESERVED:
                yield f"{name}.{method.name} is called as a method of the platform or a word of the language"
            for variable in {parameter for parameter, _ in method.parameters} | method.assigned.keys():
                if variable.lower() in RESERVED | methods:
                    yield f"{name}.{method.name}: the variable {variable} is called as a method beside it or a word of the language"


def handler_names(build: Build) -> set[tuple[str, str]]:
    found = set()
    for kind, wanted in (("EventSubscription", "Handler"), ("ScheduledJob", "MethodName")):
        for name in build.named(kind):
            _, module, method = (build.property(kind, name, wanted).split(".") + ["", "", ""])[:3]
            found.add((module, method))
    for name in build.named("HTTPService"):
        found |= {(name, element.text or "") for element in build.objects[("HTTPService", name)].iter(f"{MD}Handler")}
    return found


def own_objects(build: Build) -> Iterator[str]:
    """Registers, constants and jobs of our own that modules and queries name exist, and so do the fields they name."""
    for name, module in build.modules.items():
        text = module.bytes.decode("utf-8-sig")
        for kind, own in re.findall(r"\b(РегистрыСведений|Константы|РегламентныеЗадания)\.(обм_\w+)", text):
            if (CLASSES_OF_BSL[kind], own) not in build.objects:
                yield f"{name}: there is no {kind}.{own}"
        for own in re.findall(r"РегистрСведений\.(обм_\w+)", text):
            if ("InformationRegister", own) not in build.objects:
                yield f"{name}: there is no РегистрСведений.{own}"
        yield from query_faults(build, name, module)
        yield from filter_faults(build, name, text)


def query_faults(build: Build, name: str, module) -> Iterator[str]:
    for method in module.methods.values():
        for query, line in method.strings:
            for register, alias in re.findall(r"РегистрСведений\.(обм_\w+) КАК (\w+)", query):
                for field in re.findall(rf"\b{alias}\.(\w+)", query):
                    if field not in build.fields(register):
                        yield f"{name}, line {line}: {register} has no field {field}"


def filter_faults(build: Build, name: str, text: str) -> Iterator[str]:
    """Fields of filters, of records and of locks of our own registers."""
    for register, body in re.findall(
        r"РегистрыСведений\.(обм_\w+)\.Создать(?:НаборЗаписей|МенеджерЗаписи)\(\);(.*?)(?=Создать|КонецФункции|КонецПроцедуры)",
        text,
        re.DOTALL,
    ):
        used = re.findall(r"НаборЗаписей\.Отбор\.(\w+)\.", body) + re.findall(r"\bЗапись\.(\w+) = ", body)
        yield from (f"{name}: {register} has no field {one}" for one in used if one not in build.fields(register))
    for register, body in re.findall(r'Добавить\("РегистрСведений\.(обм_\w+)"\);(.*?)Заблокировать', text, re.DOTALL):
        used = re.findall(r'УстановитьЗначение\("(\w+)"', body)
        yield from (f"{name}: {register} has no field {one}" for one in used if one not in build.fields(register))


def rights(build: Build) -> Iterator[str]:
    """Rights are given to objects of ours that exist, and every method of the service may be used by somebody."""
    usable = set()
    for path, root in build.documents.items():
        if path.name != "Rights.xml" or not isinstance(root, ET.Element):
            continue
        for element in root.findall(f"{ROLES}object/{ROLES}name"):
            parts = (element.text or "").split(".")
            if (parts[0], parts[1]) not in build.objects:
                yield f"{build.short(path)}: there is no {element.text}"
            usable.add(element.text)
    for name in build.named("HTTPService"):
        for template in build.objects[("HTTPService", name)].iter(f"{MD}URLTemplate"):
            title = template.findtext(f"{MD}Properties/{MD}Name")
            for method in template.iter(f"{MD}Method"):
                place = f"HTTPService.{name}.URLTemplate.{title}.Method.{method.findtext(f'{MD}Properties/{MD}Name')}"
                if place not in usable:
                    yield f"nobody may use {place}"


def calls_outside(build: Build) -> Iterator[str]:
    """Nothing speaks to the network but the job: least of all a handler, which is in the user's transaction."""
    for name, module in build.modules.items():
        if name != "обм_Оповещение" and "Новый HTTPСоединение" in module.bytes.decode("utf-8-sig"):
            yield f"{name} opens a connection"
    reached, waiting = set(), [(m, n) for m, n in handler_names(build) if m.startswith("обм_События")]
    while waiting:
        module, name = waiting.pop()
        if (module, name) in reached or module not in build.modules or name not in build.modules[module].methods:
            continue
        reached.add((module, name))
        for call in build.modules[module].methods[name].calls:
            waiting.append((call.on or module, call.name))
    yield from (f"a handler of an event reaches {module}.{name}" for module, name in sorted(reached) if module == "обм_Оповещение")


CHECKS = (
    grammar, formatting, as_dumped, uuids, listing, prefixes, handlers, calls, names, own_names, own_objects, rights, calls_outside,
)
