"""PyOData1C, an object mapper made for 1C: reads, filters, pages and writes catalogs of the simulated base."""
from __future__ import annotations

import sys
from urllib.parse import urlsplit

from base import Base
from pydantic import Field
from PyOData1C.exeptions import ResponseError
from PyOData1C.http import Connection, auth
from PyOData1C.models import ODataModel
from PyOData1C.odata import OData, ODataManager, Q
from scenario import run

WRITTEN = 60
PREDEFINED = "Розничный покупатель"


class Partner(ODataModel):
    key: str = Field(alias="Ref_Key", exclude=True)
    # What a create answers has no version yet.
    version: str = Field("", alias="DataVersion", exclude=True)
    code: str = Field(alias="Code", exclude=True)
    deleted: bool = Field(alias="DeletionMark")
    name: str = Field(alias="Description")
    tax_number: str = Field(alias="ИНН")


class Partners(OData):
    entity_model = Partner
    entity_name = "Catalog_Контрагенты"


def partners(sim: Base) -> ODataManager:
    address = urlsplit(sim.odata_url)
    Partners.database = address.path.strip("/").split("/")[0]
    login = auth.HTTPBasicAuth(sim.user, sim.password)
    return Partners.manager(Connection(address.netloc, address.scheme, login))


def number(n: int) -> str:
    return f"77{n:08}"


def it_writes(sim: Base) -> str:
    made = [partners(sim).create({"Description": f"ООО «Ромашка» {n}", "ИНН": number(n)}) for n in range(WRITTEN)]
    assert len({one.key for one in made}) == len({one.code for one in made}) == WRITTEN, made
    assert not any(one.deleted for one in made), made
    return f"{WRITTEN} partners, codes {made[0].code} to {made[-1].code}"


def it_reads_all_of_them_and_one(sim: Base) -> str:
    rows = partners(sim).all()
    own = [row for row in rows if row.tax_number]
    assert sorted(row.tax_number for row in own) == [number(n) for n in range(WRITTEN)], own
    # A new infobase has one counterparty of its own.
    assert [row.name for row in rows if row not in own] == [PREDEFINED], rows
    one = partners(sim).get(own[7].key)
    assert one == own[7], (one, own[7])
    return f"{len(rows)} partners"


def it_filters(sim: Base) -> str:
    (one,) = partners(sim).filter(tax_number=number(5)).all()
    assert one.name == "ООО «Ромашка» 5", one
    few = partners(sim).filter(tax_number__in=[number(1), number(2)]).all()
    assert {row.tax_number for row in few} == {number(1), number(2)}, few
    (same,) = partners(sim).filter(key__eq__guid=one.key).all()
    assert same == one, same
    mixed = Q(tax_number__ge=number(50)) & ~Q(tax_number=number(55)) & (Q(deleted=False) | Q(name="нет"))
    rest = partners(sim).filter(mixed).all()
    assert {row.tax_number for row in rest} == {number(n) for n in range(50, WRITTEN) if n != 55}, rest
    return f"{len(few)} of a list, {len(rest)} of a tree of conditions"


def it_pages(sim: Base) -> str:
    pages = [partners(sim).skip(n).top(25).all() for n in range(0, WRITTEN + 1, 25)]
    assert [len(page) for page in pages] == [25, 25, 11], pages
    assert len({row.key for page in pages for row in page}) == WRITTEN + 1
    return f"{len(pages)} pages"


def it_updates(sim: Base) -> str:
    (one,) = partners(sim).filter(tax_number=number(3)).all()
    changed = partners(sim).update(one.key, {"Description": "ООО «Лютик» & Ко"})
    assert changed.name == "ООО «Лютик» & Ко" and changed.tax_number == number(3), changed
    assert changed.version != one.version and changed.code == one.code, (one, changed)
    marked = partners(sim).update(one.key, Partner(**{**changed.model_dump(by_alias=True), "DeletionMark": True,
        "Ref_Key": one.key, "DataVersion": one.version, "Code": one.code}))
    assert marked.deleted and marked.version != changed.version, (changed, marked)
    read = partners(sim).get(one.key)
    assert read.deleted and read.name == marked.name, read
    return f"{marked.code}, and marked for deletion"


def it_is_told_of_errors(sim: Base) -> str:
    refused(404, lambda: partners(sim).get("00000000-0000-0000-0000-000000000001"))
    refused(400, lambda: partners(sim).create({"DeletionMark": "может быть"}))
    stranger = partners(sim)
    stranger.connection.auth = auth.HTTPBasicAuth(sim.user, "wrong")
    refused(401, stranger.all)
    return "a missing record, a value of a wrong type, a wrong password"


def refused(status: int, call) -> None:
    try:
        answer = call()
    except ResponseError as error:
        assert str(status) in str(error), error
    else:
        raise AssertionError(f"status {status} expected, and there was an answer: {answer}")


CHECKS = [
    it_writes,
    it_reads_all_of_them_and_one,
    it_filters,
    it_pages,
    it_updates,
    it_is_told_of_errors,
]

if __name__ == "__main__":
    sys.exit(run(CHECKS, Base(*sys.argv[1:])))
