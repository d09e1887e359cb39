"""What stands otherwise after an undo than before the sync that it took back, by dumps of both simulators.

Not responsible for taking dumps, nor for what is done about a difference. What docs/undo.md names under «What is not as
before» is counted by its name; every other difference is one that nobody may expect.
"""
from __future__ import annotations

from collections import Counter

from check import norm

# What the portal moves itself with each write of a card, and what follows from a card's values.
MOVED_IN_BITRIX24 = {"DATE_MODIFY", "MODIFY_BY_ID", "LAST_ACTIVITY_TIME", "LAST_ACTIVITY_BY", "HAS_PHONE", "HAS_EMAIL"}
# What 1C moves itself, and what its handlers derive: the row a list shows for contact information, the check and the long
# form of numbers, the head of a counterparty that has none.
MOVED_IN_ONEC = {"DataVersion", "ВидДляСписка_Key", "ИННВведенКорректно", "КППВведенКорректно", "ГоловнойКонтрагент_Key",
                 "РасширенноеПредставлениеИНН", "РасширенноеПредставлениеКПП"}
# The same in УНФ, for its lists: phones and mailboxes of all rows, and all that is known of a client in one text.
MOVED_IN_ONEC |= {"НомерТелефонаДляПоиска", "АдресЭПДляПоиска", "ОсновныеСведения"}
DERIVED_SETS = {"InformationRegister_НаличиеДублейУКонтрагентов"}
NAMES = {"Description", "НаименованиеПолное", "ФИО", "Фамилия", "Имя", "Отчество"}
NAMES_IN_BITRIX24 = {"LAST_NAME", "NAME", "SECOND_NAME"}
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
NAMES_READ = "names in another order, with their parts filled in, or without what nobody sees"
CONTACTS = "КонтактнаяИнформация"
NIL = "00000000-0000-0000-0000-000000000000"
NEVER = "0001-01-01T00:00:00"
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
TABLES = {"contact": "contacts", "company": "companies", "requisite": "requisites", "address": "addresses",
          "bankdetail": "bankdetails"}


class Comparison:
    """The world before a sync and after its undo."""

    def __init__(self, before: dict, after: dict, told: list[dict]):
        self.told = {one["record"] for one in told}
        self.excepted: Counter[str] = Counter()
        self.differences: list[str] = []
        self.bitrix24(before["bitrix24"], after["bitrix24"])
        self.onec(before["onec"]["objects"], after["onec"]["objects"])

    def bitrix24(self, before: dict, after: dict) -> None:
        for entity, table in TABLES.items():
            for key, then, since in both(before[table], after[table], "ID"):
                name = f"{entity}:{key}"
                if said_in_bitrix24(then) == said_in_bitrix24(since):
                    continue
                if name in self.told:
                    self.excepted["told by the undo"] += 1
                elif entity == "requisite" and then is None and is_emptied(since):
                    self.excepted["requisites that stay in Bitrix24 without their numbers"] += 1
                elif entity == "address" and then is None and is_blank(since):
                    self.excepted["addresses that stay in Bitrix24 without a text"] += 1
                elif then and since and are_names_read(said_in_bitrix24(then), said_in_bitrix24(since)):
                    self.excepted[NAMES_READ] += 1
                else:
                    self.differs(name, said_in_bitrix24(then), said_in_bitrix24(since))

    def onec(self, before: dict, after: dict) -> None:
        marked = made_and_marked(before, after)
        for table in sorted((before.keys() | after.keys()) - DERIVED_SETS):
            then, since = before.get(table, []), after.get(table, [])
            if not all("Ref_Key" in row for row in (*then, *since)):
                kept = [row for row in since if marked.isdisjoint(map(str, row.values()))]
                if said_in_onec(then) != said_in_onec(kept):
                    self.differs(table, f"{len(then)} rows", f"{len(kept)} other rows")
                elif kept != since:
                    self.excepted[f"marked in {table}"] += len(since) - len(kept)
                continue
            for key, old, new in both(then, since, "Ref_Key"):
                if said_in_onec(old or {}) == said_in_onec(new or {}):
                    continue
                if key.lower() in self.told:
                    self.excepted["told by the undo"] += 1
                elif old is None and new.get("DeletionMark") is True:
                    self.excepted[f"marked in {table}"] += 1
                elif old is None and table == CONTRACTS and is_of_marked(new, after):
                    self.excepted["contracts that 1C made for marked counterparties"] += 1
                elif old and new and (reason := why_otherwise(said_in_onec(old), said_in_onec(new))):
                    self.excepted[reason] += 1
                else:
                    self.differs(f"{table} {key}", said_in_onec(old or {}), said_in_onec(new or {}))

    def differs(self, name: str, then: object, since: object) -> None:
        if isinstance(then, dict) and isinstance(since, dict):
            names = sorted(name for name in then.keys() | since.keys() if then.get(name) != since.get(name))
            then, since = ({name: one.get(name) for name in names} for one in (then, since))
        self.differences.append(f"{name}: {then} is {since} after the undo")


def made_and_marked(before: dict, after: dict) -> set[str]:
    """References of objects that came into being since and are marked for deletion."""
    known = {row.get("Ref_Key") for rows in before.values() for row in rows}
    return {row["Ref_Key"] for rows in after.values() for row in rows
            if row.get("DeletionMark") is True and row["Ref_Key"] not in known}


def both(before: list, after: list, key: str):
    """Rows of both dumps by their key; one that is on one side only is None on the other."""
    then, since = ({str(row[key]): row for row in rows} for rows in (before, after))
    for name in sorted(then.keys() | since.keys()):
        yield name, then.get(name), since.get(name)


def said_in_bitrix24(row: dict | None) -> dict:
    return {name: value for name, value in (row or {}).items() if name not in MOVED_IN_BITRIX24}


def said_in_onec(value: object) -> object:
    """1C shows what is missing as the default of its type."""
    if isinstance(value, dict):
        kept = {name: said_in_onec(one) for name, one in value.items() if name not in MOVED_IN_ONEC}
        return {name: one for name, one in kept.items() if one not in (None, "", False, NIL, NEVER, [], {})}
    if isinstance(value, list):
        return [said_in_onec(one) for one in value]
    return value


def why_otherwise(then: dict, since: dict) -> str | None:
    """Why an object may say the same otherwise; nothing where it says something else."""
    names = changed(then, since)
    if names <= {"ИНН"} and since.get("ОбособленноеПодразделение"):
        return "branches to which 1C gave the INN of their head"
    if not names <= NAMES | {CONTACTS} or words(then) != words(since) or contacts(then) != contacts(since):
        return None
    return NAMES_READ if names & NAMES else "phones in the form of contact information"


def are_names_read(then: dict, since: dict) -> bool:
    return changed(then, since) <= NAMES_IN_BITRIX24 and words(then) == words(since)


def changed(then: dict, since: dict) -> set[str]:
    return {name for name in then.keys() | since.keys() if then.get(name) != since.get(name)}


def words(item: dict) -> set[str]:
    """The words of a name in whatever order and parts, without what nobody sees."""
    texts = (str(item.get(name) or "") for name in NAMES | NAMES_IN_BITRIX24)
    return {word for text in texts for word in text.translate(INVISIBLE).lower().split()}


def contacts(item: dict) -> set:
    rows = item.get(CONTACTS) or ()
    return {one for row in rows for one in norm.phones(row.get("Представление")) or {row.get("Представление")}}


def is_emptied(requisite: dict | None) -> bool:
    numbers = ("RQ_INN", "RQ_KPP", "RQ_OGRN", "RQ_OGRNIP", "RQ_COMPANY_FULL_NAME")
    return requisite is not None and not any(requisite.get(name) for name in numbers)


def is_blank(address: dict | None) -> bool:
    parts = ("ADDRESS_1", "ADDRESS_2", "CITY", "POSTAL_CODE", "REGION", "PROVINCE", "COUNTRY")
    return address is not None and not any(address.get(name) for name in parts)


def is_of_marked(contract: dict, objects: dict) -> bool:
    owner = str(contract.get("Owner_Key") or contract.get("Контрагент_Key")).lower()
    return any(one["Ref_Key"].lower() == owner and one.get("DeletionMark") is True
               for one in objects["Catalog_Контрагенты"])
