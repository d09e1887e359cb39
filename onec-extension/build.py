#!/usr/bin/env python3
"""Writes the three builds of the extension, as the Designer dumps one, from modules, a table of differences and this list of objects.

    python3 onec-extension/build.py            writes them into onec-extension/{ut11,bp30,unf}
    python3 onec-extension/build.py --check    only says what is not as it would be written; exit code 1 then

The builds are kept in the repository: whoever loads one into an infobase needs no Python.
"""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import objects  # noqa: E402
from builds import BUILDS, Build  # noqa: E402

HERE = Path(__file__).resolve().parent
NAME = "ОбменСБитрикс24"
TITLE = "Обмен с Битрикс24"
PREFIX = "обм_"
VERSION = "1.0.0"
EVERYBODY = "обм_РегистрацияИзменений"
# Only where contact persons are joined with companies by a register.
OF_LINKS = "обм_СобытияСвязей"

MODULES = {
    "обм_Отказ": "Отказы",
    "обм_События": "Обработчики событий",
    "обм_СобытияСвязей": "Обработчики событий регистра связей",
    "обм_НаборыПовтИсп": "Наборы (повторное использование)",
    "обм_Значения": "Значения",
    "обм_Чтение": "Чтение",
    "обм_Запись": "Запись",
    "обм_Связи": "Связи",
    "обм_Изменения": "Изменения",
    "обм_Состояние": "Состояние",
    "обм_Оповещение": "Оповещение",
    "обм_Сборка": "Сборка",
}
TEMPLATES = [
    ("Сведения", "/v1/info", "GET"),
    ("Схема", "/v1/schema", "GET"),
    ("Поиск", "/v1/find", "POST"),
    ("Чтение", "/v1/get", "POST"),
    ("Запись", "/v1/write", "POST"),
    ("Изменения", "/v1/changes", "POST"),
    ("Подтверждение", "/v1/acknowledge", "POST"),
    ("Связи", "/v1/links", "POST"),
]
CONSTANTS = {
    "обм_Оповещать": ("Оповещать обмен", objects.BOOLEAN_TYPE),
    "обм_АдресОповещения": ("Адрес оповещения", objects.string_type(300)),
    "обм_СекретОповещения": ("Секрет оповещения", objects.string_type(100)),
    "обм_СтрокаСоединения": ("База, из которой идет оповещение", objects.string_type(0)),
    "обм_ОповещениеНеРаньше": ("Следующая попытка оповещения (UTC)", objects.DATE_TYPE),
    "обм_ОповещениеНеудач": ("Неудач оповещения подряд", objects.number_type(5)),
}
# Register: title, and its fields as kind, name, title, type, indexed. Resources come before dimensions, as in a dump.
REGISTERS = {
    "обм_Очередь": (
        "Очередь изменений",
        [
            ("Resource", "Событие", "Событие", objects.string_type(10), False),
            ("Resource", "Версия", "Версия", objects.string_type(36), False),
            ("Resource", "Момент", "Момент (UTC)", objects.DATE_TYPE, True),
            ("Dimension", "Набор", "Набор", objects.string_type(100), False),
            ("Dimension", "ИдОбъекта", "Объект", objects.string_type(36), False),
        ],
    ),
    "обм_Связи": (
        "Связи с Битрикс24",
        [
            ("Resource", "ИдПортала", "Запись портала", objects.string_type(50), True),
            ("Dimension", "Пара", "Пара", objects.string_type(50), False),
            ("Dimension", "Набор", "Набор", objects.string_type(100), False),
            ("Dimension", "ИдОбъекта", "Объект", objects.string_type(36), True),
        ],
    ),
    "обм_Ключи": (
        "Ключи выполненных записей",
        [
            ("Resource", "Момент", "Момент (UTC)", objects.DATE_TYPE, True),
            ("Dimension", "Ключ", "Ключ", objects.string_type(150), False),
        ],
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    differences = []
    for build in BUILDS:
        folder = HERE / build.name
        wanted = {folder / path: as_dumped(text) for path, text in files_of(build).items()}
        kept = {path for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else set()
        differences += sorted(path for path in kept if path not in wanted)
        differences += sorted(path for path, bytes_of in wanted.items() if path not in kept or path.read_bytes() != bytes_of)
        if not options.check:
            for path in kept - wanted.keys():
                path.unlink()
            for path, bytes_of in wanted.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(bytes_of)
    for path in differences:
        print(f"{'differs' if options.check else 'written'}: {path.relative_to(HERE)}")
    return int(options.check and bool(differences))


def as_dumped(text: str) -> bytes:
    """UTF-8 with a byte order mark and the line ends of Windows."""
    return ("\ufeff" + text.replace("\n", "\r\n")).encode()


def files_of(build: Build) -> dict[str, str]:
    """All files of a build, by their paths in it."""
    subscriptions = subscriptions_of(build)
    files = {"Languages/Русский.xml": objects.file(objects.language(build.language))}
    for name, (title, granted) in roles(build).items():
        files[f"Roles/{name}.xml"] = objects.file(objects.role(name, title))
        files[f"Roles/{name}/Ext/Rights.xml"] = objects.rights(granted)
    has_links = any(handler.startswith(OF_LINKS) for *_, handler in subscriptions.values())
    for name, title in MODULES.items():
        if name == OF_LINKS and not has_links:
            continue
        files[f"CommonModules/{name}.xml"] = objects.file(
            objects.common_module(name, title, reuse=name.endswith("ПовтИсп"))
        )
        files[f"CommonModules/{name}/Ext/Module.bsl"] = module(build, name)
    plan = "обм_ПланОбмена"
    catalogs = [name for name in build.adopted if name.startswith("Catalog.")]
    files[f"ExchangePlans/{plan}.xml"] = objects.file(objects.exchange_plan(plan, TITLE))
    files[f"ExchangePlans/{plan}/Ext/Content.xml"] = objects.exchange_content(catalogs)
    files["HTTPServices/обм_Служба.xml"] = objects.file(
        objects.http_service("обм_Служба", TITLE, "obmen", TEMPLATES)
    )
    files["HTTPServices/обм_Служба/Ext/Module.bsl"] = source("обм_Служба")
    for name, (title, sources, event, handler) in subscriptions.items():
        files[f"EventSubscriptions/{name}.xml"] = objects.file(
            objects.event_subscription(name, title, sources, event, handler)
        )
    job = "обм_Оповещение"
    files[f"ScheduledJobs/{job}.xml"] = objects.file(
        objects.scheduled_job(job, "Оповещение обмена с Битрикс24", f"{job}.ОповеститьОбмен")
    )
    files[f"ScheduledJobs/{job}/Ext/Schedule.xml"] = objects.schedule(seconds=60)
    for name, (title, type_of) in CONSTANTS.items():
        files[f"Constants/{name}.xml"] = objects.file(
            objects.constant(name, title, type_of, secret=name == "обм_СекретОповещения")
        )
    for place, extended in build.adopted.items():
        kind, name = place.split(".")
        files[f"{kind}s/{name}.xml"] = objects.file(objects.adopted(kind, name, extended))
    for name, (title, fields) in REGISTERS.items():
        made = [objects.field(kind, name, *rest) for kind, *rest in fields]
        files[f"InformationRegisters/{name}.xml"] = objects.file(objects.information_register(name, title, made))
    children = children_of(files)
    files["Configuration.xml"] = objects.file(
        objects.configuration(NAME, TITLE, PREFIX, VERSION, EVERYBODY, children)
    )
    return files


def children_of(files: dict[str, str]) -> list[tuple[str, str]]:
    """The objects that have a file, by class and name, in the order in which they were listed."""
    found = []
    for path in files:
        folder, _, rest = path.partition("/")
        if rest.endswith(".xml") and "/" not in rest:
            found.append((folder.removesuffix("s"), rest.removesuffix(".xml")))
    classes = list(dict.fromkeys(kind for kind, _ in found))
    return sorted(found, key=lambda child: classes.index(child[0]))


def subscriptions_of(build: Build) -> dict[str, tuple[str, list[str], str, str]]:
    watched = [one.name.partition("_")[::2] for one in build.sets if one.watch]
    catalogs = [f"CatalogObject.{name}" for kind, name in watched if kind == "Catalog"]
    registers = [f"InformationRegisterRecordSet.{name}" for kind, name in watched if kind == "InformationRegister"]
    found = {
        "обм_ПриЗаписи": ("Запись клиентов", catalogs, "OnWrite", "обм_События.ПриЗаписиОбъекта"),
        "обм_ПередУдалением": ("Удаление клиентов", catalogs, "BeforeDelete", "обм_События.ПередУдалениемОбъекта"),
    }
    if registers:
        handler = f"{OF_LINKS}.ПередЗаписьюСвязейКонтактов"
        found["обм_ПередЗаписьюСвязей"] = ("Запись связей контактных лиц", registers, "BeforeWrite", handler)
    return found


def roles(build: Build) -> dict[str, tuple[str, dict[str, tuple[str, ...]]]]:
    """Name, title, and rights by object. Rights to objects of the configuration are its own roles' concern."""
    plan = "ExchangePlan.обм_ПланОбмена"
    registers = [f"InformationRegister.{name}" for name in REGISTERS]
    constants = [f"Constant.{name}" for name in CONSTANTS]
    methods = [f"HTTPService.обм_Служба.URLTemplate.{name}.Method.{method}" for name, _, method in TEMPLATES]
    see, change = ("Read", "View"), ("Read", "Update", "View", "Edit")
    service = {
        plan: ("Read", "Update"),
        **{name: ("Read", "Update") for name in registers},
        **{name: ("Read",) for name in constants if name != "Constant.обм_СекретОповещения"},
        **{name: ("Use",) for name in methods},
    }
    settings = {
        plan: ("Read", "Insert", "Update", "View", "InteractiveInsert", "Edit", "InputByString"),
        **{name: see for name in registers},
        **{name: change for name in constants},
    }
    return {
        EVERYBODY: ("Регистрация изменений для обмена", {plan: ("Read",), "InformationRegister.обм_Очередь": ("Read", "Update")}),
        "обм_Обмен": ("Обмен с Битрикс24", service),
        "обм_Настройка": ("Настройка обмена с Битрикс24", settings),
    }


def module(build: Build, name: str) -> str:
    return module_of_differences(build) if name == "обм_Сборка" else source(name)


def source(name: str) -> str:
    return (HERE / "modules" / f"{name}.bsl").read_text(encoding="utf-8")


def module_of_differences(build: Build) -> str:
    """The one module that is not the same in all builds."""
    lines = []
    subscriptions = subscriptions_of(build)
    for one in build.sets:
        kind, _, name = one.name.partition("_")
        of_set = [title for title, (_, sources, *_) in subscriptions.items() if any(s.endswith(f".{name}") for s in sources)]
        arguments = [quoted(one.name), truth(one.write), truth(one.links), quoted(",".join(of_set if one.watch else []))]
        lines.append(f"\tДобавить(Результат, {', '.join(arguments)});")
    text = source("обм_Сборка")
    values = {"СБОРКА": build.name, "РАСШИРЕНИЕ": NAME, "ВЕРСИЯ": VERSION, "ДЛЯ": build.title}
    for mark, value in values.items():
        text = text.replace(f"%{mark}%", value)
    return text.replace("\t// %НАБОРЫ%", "\n".join(lines))


def quoted(text: str) -> str:
    return f'"{text}"'


def truth(value: bool) -> str:
    return "Истина" if value else "Ложь"


if __name__ == "__main__":
    sys.exit(main())
