"""Faults, one for each thing that a check is there for: how to make it in a copy, and what the check has to say.

Not responsible for running them (see `judge.py`).
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import checks
import contract

MODULE = "CommonModules/{}/Ext/Module.bsl"
SERVICE = "HTTPServices/обм_Служба"


@dataclass(frozen=True)
class Fault:
    """A fault, the check that is to notice it, and words of its complaint."""

    what: str
    check: Callable
    says: str
    make: Callable[[Path, Path], None]


def change(path: str, before: str, after: str) -> Callable[[Path, Path], None]:
    """Replaces a text that stands in a file of the build; the file has to have it."""

    def make(folder: Path, documents: Path) -> None:
        replace(folder / path, before, after)

    return make


def change_page(name: str, before: str, after: str) -> Callable[[Path, Path], None]:
    return lambda folder, documents: replace(documents / name, before, after)


def replace(file: Path, before: str, after: str) -> None:
    content = file.read_bytes()
    wanted = before.replace("\n", "\r\n").encode() if b"\r\n" in content else before.encode()
    assert wanted in content, f"{file.name} has no {before!r}"
    file.write_bytes(content.replace(wanted, after.replace("\n", "\r\n").encode(), 1))


def remove(path: str) -> Callable[[Path, Path], None]:
    return lambda folder, documents: (folder / path).unlink()


def add(path: str, content: bytes) -> Callable[[Path, Path], None]:
    def make(folder: Path, documents: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    return make


def strip_mark(path: str) -> Callable[[Path, Path], None]:
    def make(folder: Path, documents: Path) -> None:
        file = folder / path
        file.write_bytes(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))

    return make


def unix_line(path: str) -> Callable[[Path, Path], None]:
    def make(folder: Path, documents: Path) -> None:
        file = folder / path
        file.write_bytes(file.read_bytes().replace(b"\r\n", b"\n", 1))

    return make


def same_uuid(folder: Path, documents: Path) -> None:
    """Two constants with one uuid, as a copied file has."""
    one, other = (folder / f"Constants/{name}.xml" for name in ("обм_Оповещать", "обм_АдресОповещения"))
    uuid = one.read_text(encoding="utf-8-sig").split('<Constant uuid="')[1][:36]
    own = other.read_text(encoding="utf-8-sig").split('<Constant uuid="')[1][:36]
    replace(other, own, uuid)


def other_uuid(folder: Path, documents: Path) -> None:
    """A register with a new uuid: the platform would drop it with its data."""
    file = folder / "InformationRegisters/обм_Связи.xml"
    uuid = file.read_text(encoding="utf-8-sig").split('<InformationRegister uuid="')[1][:36]
    replace(file, uuid, "11111111-2222-4333-8444-555555555555")


EVENTS = MODULE.format("обм_События")
OF_LINKS = MODULE.format("обм_СобытияСвязей")
READING = MODULE.format("обм_Чтение")
WRITING = MODULE.format("обм_Запись")
STATE = MODULE.format("обм_Состояние")
REFUSAL = MODULE.format("обм_Отказ")
CHANGES = MODULE.format("обм_Изменения")
BUILD = MODULE.format("обм_Сборка")
LINKS = MODULE.format("обм_Связи")
SUBSCRIPTION = "EventSubscriptions/обм_ПриЗаписи.xml"

BREAKS = (
    Fault("a block that nobody closes", checks.grammar, "is no BSL", change(EVENTS, "\tКонецЕсли;\n", "")),
    Fault("«Тогда» is missing", checks.grammar, "is no BSL", change(REFUSAL, "> 0 Тогда", "> 0")),
    Fault("a line that is not indented", checks.formatting, "bslfmt", change(REFUSAL, "\tВозврат Метка()", "Возврат Метка()")),
    Fault("no byte order mark", checks.as_dumped, "has no byte order mark", strip_mark(EVENTS)),
    Fault("a line end of Unix", checks.as_dumped, "line ends of two kinds", unix_line(SUBSCRIPTION)),
    Fault("XML that is not well formed", checks.as_dumped, "is not well formed", change(SUBSCRIPTION, "</Event>", "")),
    Fault("a newer format", checks.as_dumped, "is not of format", change(SUBSCRIPTION, 'version="2.13"', 'version="2.20"')),
    Fault("a file that no dump has", checks.as_dumped, "is no file of a dump", add("notes.txt", b"\xef\xbb\xbf")),
    Fault("one uuid for two objects", checks.uuids, "stands 2 times", same_uuid),
    Fault("another uuid for a released register", checks.uuids, "was released with the uuid", other_uuid),
    Fault("what is no uuid", checks.uuids, "is no uuid", change("Constants/обм_Оповещать.xml", '<Constant uuid="', '<Constant uuid="x')),
    Fault("an object without its file", checks.listing, "has no file", remove("Constants/обм_Оповещать.xml")),
    Fault(
        "a file that is not listed",
        checks.listing,
        "is not listed",
        change("Configuration.xml", "<Constant>обм_Оповещать</Constant>", ""),
    ),
    Fault(
        "an object that is listed twice",
        checks.listing,
        "is listed 2 times",
        change("Configuration.xml", "<Constant>обм_Оповещать</Constant>", "<Constant>обм_Оповещать</Constant>" * 2),
    ),
    Fault("a file of another object", checks.listing, "is of another object", change(SUBSCRIPTION, "<Name>обм_ПриЗаписи", "<Name>обм_Запись")),
    Fault("a common module without its text", checks.listing, "is missing", remove(EVENTS)),
    Fault("a folder of nobody", checks.listing, "belongs to no object", add("CommonModules/обм_Старое/Ext/Module.bsl", b"\xef\xbb\xbf")),
    Fault(
        "an adopted object with the prefix",
        checks.prefixes,
        "is adopted",
        change("Constants/обм_Оповещать.xml", "<Name>", "<ObjectBelonging>Adopted</ObjectBelonging><Name>"),
    ),
    Fault("a handler that does not exist", checks.handlers, "is no exported procedure", change(SUBSCRIPTION, "ПриЗаписиОбъекта<", "ПриЗаписи<")),
    Fault("a handler that is not exported", checks.handlers, "is no exported procedure", change(EVENTS, "(Источник, Отказ) Экспорт", "(Источник, Отказ)")),
    Fault("a handler with another number of parameters", checks.handlers, "parameters in place of", change(EVENTS, "(Источник, Отказ) Экспорт", "(Источник) Экспорт")),
    Fault("a source that is not adopted", checks.handlers, "is not adopted", change(SUBSCRIPTION, "CatalogObject.Контрагенты", "CatalogObject.Партнеры")),
    Fault("an event that nobody knows", checks.handlers, "nothing is known of", change(SUBSCRIPTION, ">OnWrite<", ">OnSave<")),
    Fault("a handler of the service that is a procedure's name", checks.handlers, "is no function of one parameter", change(f"{SERVICE}.xml", "<Handler>ПоискPOST", "<Handler>ПоискGET")),
    Fault("a job that is on from the beginning", checks.handlers, "is not off", change("ScheduledJobs/обм_Оповещение.xml", "<Use>false", "<Use>true")),
    Fault("a call of a method that another module does not have", checks.calls, "is no exported method", change(READING, "обм_Значения.Положить(Объект", "обм_Значения.Поставить(Объект")),
    Fault("a call with an argument too many", checks.calls, "with 4 arguments", change(READING, "обм_Значения.Положить(Объект, Поле, Значение)", "обм_Значения.Положить(Объект, Поле, Значение, 1)")),
    Fault("a call of a method that is nowhere", checks.calls, "there is no", change(READING, "ПрочитатьСекцию(Чтение, Секция);\n", "ПрочестьСекцию(Чтение, Секция);\n")),
    Fault("a global function with an argument too few", checks.calls, "СтрЗаменить with 2 arguments", change(READING, 'СтрЗаменить(Текст, "~", "~~")', 'СтрЗаменить(Текст, "~")')),
    Fault("a type that nobody knows", checks.calls, "is not known", change(OF_LINKS, "Новый Запрос;", "Новый Вопрос;")),
    Fault("a variable with a slip of the pen", checks.names, "is never assigned", change(OF_LINKS, "Контакты.Вставить(Запись.Контакт", "Контакты.Вставить(Записи.Контакт")),
    Fault("a value that nobody uses", checks.names, "is never used", change(OF_LINKS, "\tКонтакты = Новый Соответствие;\n", "\tКонтакты = Новый Соответствие;\n\tЛишнее = 1;\n")),
    Fault("a method that nobody calls", checks.names, "is never called", change(SUBSCRIPTION, "ПриЗаписиОбъекта<", "ПередУдалениемОбъекта<")),
    Fault("a method called as a word of the language", checks.own_names, "is called as a method of the platform", change(READING, "Процедура ПрочитатьСекцию(", "Процедура Выполнить(")),
    Fault("a variable called as a method", checks.own_names, "the variable Признак", change(EVENTS, "\tЗапись = Регистры", "\tПризнак = 1;\n\tЗапись = Регистры")),
    Fault("a register that does not exist", checks.own_objects, "there is no", change(EVENTS, "РегистрыСведений.обм_Очередь.Создать", "РегистрыСведений.обм_Журнал.Создать")),
    Fault("a field that a register does not have", checks.own_objects, "has no field Номер", change(EVENTS, "Запись.Версия = ", "Запись.Номер = ")),
    Fault("a field that a queried register does not have", checks.own_objects, "has no field Время", change(CHANGES, "Очередь.Момент КАК", "Очередь.Время КАК")),
    Fault("a lock on a field that is none", checks.own_objects, "has no field Объект", change(CHANGES, 'УстановитьЗначение("ИдОбъекта"', 'УстановитьЗначение("Объект"')),
    Fault("a right to what is not there", checks.rights, "there is no InformationRegister.обм_Журнал", change("Roles/обм_Обмен/Ext/Rights.xml", "InformationRegister.обм_Ключи", "InformationRegister.обм_Журнал")),
    Fault("a method of the service without a right", checks.rights, "nobody may use", change("Roles/обм_Обмен/Ext/Rights.xml", ".Поиск.Method.POST", ".Поиск.Method.GET")),
    Fault("a connection in another module", checks.calls_outside, "opens a connection", change(OF_LINKS, "Запрос = Новый Запрос;", "Запрос = Новый HTTPСоединение;")),
    Fault("a handler that notifies in the user's transaction", checks.calls_outside, "reaches обм_Оповещение", change(EVENTS, '\tДобавитьВОчередь(Источник.Ссылка, "deleted");\n', "\tобм_Оповещение.ОповеститьОбмен();\n")),
    Fault("a key that is read under another name", contract.keys, "reads question", change(READING, '["questions"]', '["question"]')),
    Fault("a key of a request that nobody reads", contract.keys, "no module reads seconds", change(WRITING, 'Тело["seconds"] = Неопределено, 50, Мин(600, Тело["seconds"])', "Пара = Неопределено, 50, 600")),
    Fault("a key that is built under another name", contract.keys, "builds shows", change(WRITING, '"items, shown"', '"items, shows"')),
    Fault("a key of an answer that nobody builds", contract.keys, "no module builds more", change(CHANGES, '"rows, more"', '"rows, rows"')),
    Fault("a code that the contract does not have", contract.words, "says gone", change(WRITING, 'Текст("missing"', 'Текст("gone"')),
    Fault("a code that nobody says", contract.words, "no module says copy", change(STATE, '"copy"', '"notify-off"')),
    Fault("a code that the page does not explain", contract.words, "does not explain `busy`", lambda folder, documents: replace_all(documents / "onec-contract.md", "`busy`", "`waiting`")),
    Fault("an address that is not there", contract.addresses, "has no POST /v1/find", change(f"{SERVICE}.xml", "/v1/find", "/v1/search")),
    Fault("a method that info does not name", contract.addresses, "does not name these methods", change(STATE, "acknowledge,links", "acknowledge")),
    Fault("a set that the profile does not have", contract.sets, "which the profile does not have", change(BUILD, '"Catalog_Сотрудники"', '"Catalog_Зарплата"')),
    Fault("a set of the profile that is left out", contract.sets, "does not answer for", change(BUILD, '"Catalog_Сотрудники"', '"Catalog_Контрагенты"')),
    Fault("a set of which the page tells something else", contract.sets, "the page tells", change_page("onec-contract.md", "| `Catalog_Сотрудники` | – | read | read |", "| `Catalog_Сотрудники` | – | read | – |")),
    Fault("an OpenAPI file that is not valid", contract.page, "onec-contract.yaml", change_page("onec-contract.yaml", "operationId: find", "operationId: 7")),
    Fault("an example that is not what it says", contract.page, "is no WriteAnswer", change_page("onec-contract.md", '"outcome": "done", "repeated"', '"outcome": "good", "repeated"')),
    Fault("an example with a key of its own", contract.page, "has linked", change_page("onec-contract.md", '{"links": [', '{"linked": [], "links": [')),
)


def replace_all(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text, f"{file.name} has no {before!r}"
    file.write_text(text.replace(before, after), encoding="utf-8")
