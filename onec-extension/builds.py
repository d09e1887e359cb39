"""What differs between the builds of the extension: a table, and nothing else.

`sets` are what the service answers for; the same names stand in the profiles of obmen (`crates/onec/src/profiles`), which a
test compares. `write` says whether they are written, `links` whether their objects have an id of the portal, `watch`
whether a write of them goes into the outbox. The uuids are those of the configurations' own objects, as their published
dumps have them; mapping goes by name, so an unknown one is zero.
"""
from __future__ import annotations

from dataclasses import dataclass

ZERO = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Set:
    """A set of the contract."""

    name: str
    write: bool = False
    links: bool = False
    watch: bool = False


@dataclass(frozen=True)
class Build:
    """One build: for which configurations it is, and what it adopts."""

    name: str
    title: str
    language: str
    adopted: dict[str, str]
    sets: tuple[Set, ...]


def party(name: str) -> Set:
    return Set(name, write=True, links=True, watch=True)


COMMON = (
    Set("Catalog_ВидыКонтактнойИнформации"),
    Set("ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения"),
    Set("Catalog_НаборыДополнительныхРеквизитовИСведений"),
    Set("Catalog_ЗначенияСвойствОбъектов"),
    Set("Catalog_ЗначенияСвойствОбъектовИерархия"),
    Set("Catalog_Пользователи"),
    Set("Catalog_СтраныМира"),
    Set("Catalog_ДоговорыКонтрагентов"),
)

BUILDS = (
    Build(
        name="ut11",
        title="Управление торговлей 11.5, Комплексная автоматизация 2, ERP 2",
        language="0663bf5b-bcba-4a40-a862-a0b3baa2d884",
        adopted={
            "Catalog.Контрагенты": "4259c461-12b1-4f3e-8283-5927c75afdb6",
            "Catalog.Партнеры": "bf75bcc5-82ee-4bd0-89e1-420b42c99454",
            "Catalog.КонтактныеЛицаПартнеров": "877a04b6-4c0b-4715-b826-6ac77909e040",
            "Catalog.ФизическиеЛица": "92d7cba0-7873-47d5-9b94-61cc91a45609",
        },
        sets=(
            party("Catalog_Контрагенты"),
            Set("Catalog_Партнеры", write=True, watch=True),
            party("Catalog_КонтактныеЛицаПартнеров"),
            party("Catalog_ФизическиеЛица"),
            *COMMON,
            Set("Catalog_ГруппыДоступаПартнеров"),
            Set("Constant_ОграничиватьДоступНаУровнеЗаписей"),
            Set("Document_ЗаказКлиента"),
            Set("Document_РеализацияТоваровУслуг"),
            Set("Document_ПриобретениеТоваровУслуг"),
        ),
    ),
    Build(
        name="bp30",
        title="Бухгалтерия предприятия 3.0",
        language="db4a9ccb-9ef5-4b3c-8577-b6fe5db1b62e",
        adopted={
            "Catalog.Контрагенты": "51b9a2d4-bd53-4f40-824e-e3b4e323279e",
            "Catalog.КонтактныеЛица": "e0e863f9-8c16-453e-b505-f9511b4e4e53",
            "Catalog.ФизическиеЛица": "9e9264c4-8a41-4db8-8562-c562e38975b8",
        },
        sets=(
            party("Catalog_Контрагенты"),
            party("Catalog_КонтактныеЛица"),
            party("Catalog_ФизическиеЛица"),
            *COMMON,
            Set("Catalog_Сотрудники"),
            Set("Document_СчетНаОплатуПокупателю"),
            Set("Document_РеализацияТоваровУслуг"),
            Set("Document_ПоступлениеТоваровУслуг"),
        ),
    ),
    Build(
        name="unf",
        title="Управление нашей фирмой 3.0, Розница 3",
        language="af1b61ff-d1b9-4053-ad85-8259b6626adc",
        adopted={
            "Catalog.Контрагенты": "d31edcfb-c254-4df6-813c-45d97556c9a4",
            "Catalog.КонтактныеЛица": "9b49c443-8e43-46e8-9f78-e79366f16edc",
            "Catalog.ФизическиеЛица": "e362a3ee-cbd4-427e-ba1c-135d2ac64280",
            "InformationRegister.СвязиКонтрагентКонтакт": "e2861b7a-4d37-4d36-a5b4-2245e8ec61da",
        },
        sets=(
            party("Catalog_Контрагенты"),
            party("Catalog_КонтактныеЛица"),
            party("Catalog_ФизическиеЛица"),
            Set("InformationRegister_СвязиКонтрагентКонтакт", write=True, watch=True),
            *COMMON,
            Set("Catalog_Сотрудники"),
            Set("InformationRegister_СотрудникиПользователя"),
            Set("Catalog_ГруппыДоступаКонтрагентов"),
            Set("Constant_ОграничиватьДоступНаУровнеЗаписей"),
            Set("Document_ЗаказПокупателя"),
            Set("Document_СчетНаОплату"),
            Set("Document_РасходнаяНакладная"),
            Set("Document_ПриходнаяНакладная"),
        ),
    ),
)
