#!/usr/bin/env python3
"""Scores a whole sync: both simulators, the built binary, a prepared base with its truth, and the checker.

    cargo build --release && python3 tests/score.py --set clean
    python3 tests/score.py --noise hostile --seeds 1-10
    python3 tests/score.py --set medium --undo
    python3 tests/score.py --set medium --kind extension

Unpacks a set of tests/data, or has a base generated (`obmen sim bases`), runs `obmen setup`, `obmen plan` and `obmen
sync` between `obmen sim bitrix24` and `obmen sim onec`, and judges the two dumps and the reviews with tests/data/check.
Then what no single dump shows: the preview has the digest of the sync after it, a second sync writes nothing, fifty
edits on each side reach exactly their fifty counterparts, and no limit of the portal was met. With `--undo` all this is
measured after another sync was taken back, which has to leave both systems as they were. Needs Python 3.11 and
nothing else; talks to 127.0.0.1 only; ends the processes it started.

Exit code 1, with a sentence for each requirement that is not met.
"""
from __future__ import annotations

import sys

sys.dont_write_bytecode = True

import argparse
import collections
import contextlib
import json
import lzma
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
sys.path.insert(0, str(DATA))

from check import __main__ as checker  # noqa: E402
from check import norm  # noqa: E402
from undone import Comparison  # noqa: E402

ID_ATTRIBUTE = "ИдентификаторБитрикс24"
PASSWORD = "demo"
EDITS = 50
START_SECONDS = 60
COMMAND_SECONDS = 1500

# Figures that have to be zero, and shares of `entities_linkable` that others may reach.
ZERO = (
    "wrong", "dangling_links", "double_links", "twins_bitrix24", "twins_onec", "silent_links", "inner_twins_silent",
    "not_brought", "lost_records", "lost_values", "wrong_company_links", "not_for_sync", "ids_missing", "diverging",
    "silent_copies ambiguous",
)
# `asked` are entities that a review of kind `match` names instead of a link. Twins inside a side, conflicts of values
# and the like do not count: other figures want a review of each of them.
TIDY = {"missed": 0.01, "needless_reviews": 0.01, "asked": 0.10}
SHARES = {
    "clean": TIDY,
    "medium": TIDY,
    "medium-ut11": TIDY,
    "medium-unf": TIDY,
    "hostile": {"missed": 0.05, "needless_reviews": 0.05, "asked": 0.10},
}
# Levels of the generator; what each has to meet is what the set of its name has.
LEVELS = ("clean", "medium", "hostile")
# Whose catalogs a set has; the others are of «Бухгалтерия предприятия».
CONFIGURATION = {"medium-ut11": "ut11", "medium-unf": "unf"}


class Unmet(Exception):
    """Something without which scoring cannot go on."""


def main() -> int:
    options = arguments().parse_args()
    # A terminated script ends its simulators as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.noise is None:
        return one_score(options)
    options.set = options.noise
    codes = []
    for options.seed in options.seeds or [1]:
        codes.append(one_score(options))
    return max(codes)


def one_score(options: argparse.Namespace) -> int:
    """A whole sync on one base; 1 when something required is not met."""
    complaints: list[str] = []
    try:
        with contextlib.ExitStack() as stack:
            result = score(options, stack, complaints)
    except Unmet as reason:
        print(f"score: {reason}", file=sys.stderr)
        return 1
    if options.json:
        Path(options.json).write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for complaint in complaints:
        print(f"score: {complaint}", file=sys.stderr)
    print(f"score {shown(options)}: {'NOT MET' if complaints else 'ok'}", flush=True)
    return 1 if complaints else 0


def shown(options: argparse.Namespace) -> str:
    base = f"{options.noise}, seed {options.seed}" if options.noise else options.set
    return base if options.kind == "odata" else f"{base}, {options.kind}"


def read_seeds(text: str) -> list[int]:
    """`7`, `1-10`"""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("score", description="Scores a whole sync on a prepared base.")
    parser.add_argument("--set", default="clean", choices=sorted(SHARES), help="the set of tests/data (default: clean)")
    parser.add_argument("--noise", choices=LEVELS, help="generate a base of this level, and require what its set has to meet")
    parser.add_argument("--seed", "--seeds", dest="seeds", type=read_seeds, metavar="N|N-M",
                        help="the seeds of generated bases (default: 1)")
    parser.add_argument("--json", metavar="FILE", help="also write everything that was measured")
    parser.add_argument("--keep", metavar="DIR", help="keep dumps, reviews and the checker's examples in this folder")
    parser.add_argument("--undo", action="store_true",
                        help="sync and take that back first, which has to leave both systems as they were")
    parser.add_argument("--kind", choices=("odata", "extension"), default="odata", help="how 1C is reached (default: odata)")
    parser.add_argument("--time-scale", type=float, default=20.0, metavar="X",
                        help="how many times faster than real both systems run (default: 20)")
    parser.add_argument("--real-limits", action="store_true",
                        help="a portal at its real pace: takes as long as with a customer")
    return parser


def score(options: argparse.Namespace, stack: contextlib.ExitStack, complaints: list[str]) -> dict:
    scale = 1.0 if options.real_limits else options.time_scale
    obmen = find_binary()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="obmen-score-")))
    base = generate(obmen, options, folder / "base") if options.noise else unpack(options.set, folder / options.set)
    common = ["--port", "0", "--time-scale", f"{scale:g}"]
    portal = start(stack, [obmen, "sim", "bitrix24", *common, "--data", base / "b24.jsonl"])
    product = CONFIGURATION.get(options.set, "bp30")
    infobase = start(stack, [obmen, "sim", "onec", *common, "--password", PASSWORD, "--configuration", product,
                             "--data", base / "onec.jsonl", *(["--extension"] if options.kind == "extension" else [])])
    world = World(portal["control"], infobase["control"])
    config = folder / "obmen.toml"
    config.write_text(configuration(portal, infobase, product, scale, kind=options.kind), encoding="utf-8")

    def run(*command: str) -> tuple[dict, float]:
        return run_obmen(obmen, config, *command)

    print(f"set {shown(options)}, both systems {scale:g} times faster than real, {obmen}")
    run("setup")
    if options.undo:
        complaints += taken_back(run, world)
    preview, _ = run("plan")
    first, seconds = run("sync", "--yes")
    print(f"first sync: {seconds:.1f} s")
    if first["plan_digest"] != preview["digest"]:
        complaints.append("`plan` and `sync` over an unchanged world have different digests, and have to have one")
    reviews, _ = run("review", "list")
    figures = judge(base, folder, world.dumps(), reviews)
    if options.keep:
        keep(folder, Path(options.keep))
    print_table(figures)
    complaints += unmet_figures(options.set, figures)

    complaints += second_sync(run, world)
    complaints += edited(run, world, reviews, scale, options.kind)
    counters = world.counters()
    for name in ("limited_503", "limited_429", "cut"):
        if counters["bitrix24"][name]:
            complaints.append(f"the portal's counter {name} is {counters['bitrix24'][name]}, and has to be 0")
    print(f"requests: Bitrix24 {counters['bitrix24']['requests']}, 1C {counters['onec']['requests']}; "
          f"refused by a limit: {counters['bitrix24']['limited_503']} + {counters['bitrix24']['limited_429']}")
    return {"set": shown(options), "time_scale": scale, "seconds": round(seconds, 1), "sync": first, "figures": figures,
            "counters": counters, "complaints": complaints}


# -- the parts of a run ---------------------------------------------------------------------------------------


def judge(base: Path, folder: Path, dumps: dict, reviews: dict) -> dict:
    """What the checker says of both dumps and the reviews."""
    with_links(dumps["onec"])
    files = {"b24": dumps["bitrix24"], "onec": dumps["onec"], "reviews": reviews}
    for name, document in files.items():
        (folder / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    given = checker.arguments().parse_args([
        str(base), "--b24-dump", str(folder / "b24.json"), "--onec-dump", str(folder / "onec.json"),
        "--reviews", str(folder / "reviews.json"), "--onec-id-property", ID_ATTRIBUTE,
    ])
    check = checker.Check(given)
    check.run()
    with open(folder / "report.txt", "w", encoding="utf-8") as report:
        check.report(50, report)
    return check.figures() | {"asked": asked(check)}


def with_links(dump: dict) -> None:
    """Ids of the extension's register of links, put where the checker looks for them: into the additional attribute."""
    chart = dump["objects"].get(checker.PROPERTIES, ())
    properties = [one["Ref_Key"] for one in chart if ID_ATTRIBUTE in (one.get("Имя"), one.get("Заголовок"), one.get("Description"))]
    items = flat_onec(dump)
    for link in dump.get("links", ()):
        row = {"Свойство_Key": properties[0], "Значение": link["mutual_id"]}
        items[f"{link['set']}:{link['ref'].lower()}"].setdefault("ДополнительныеРеквизиты", []).append(row)


def asked(check: checker.Check) -> int:
    """Linkable entities without a right link that a review of kind `match` names."""
    named = set().union(*(review.records for review in check.reviews if review.kind == "match"))
    return sum(1 for entity in check.entities.values()
               if entity.linkable and not check.right.get(entity.id) and entity.records() & named)


def taken_back(run, world: World) -> list[str]:
    """A sync that is taken back leaves both systems as they were, but for what is told."""
    before = world.dumps()
    first, _ = run("sync", "--yes")
    undone, seconds = run("undo", first["run"], "--yes")
    compared = Comparison(before, world.dumps(), undone["exceptions"])
    print(f"undo: {seconds:.1f} s, {undone['unlinked']} links, values in {undone['updated_bitrix24']} + "
          f"{undone['updated_onec']} records, {undone['marked_bitrix24']} deleted and {undone['marked_onec']} marked")
    reasons = Counter(one["reason"] for one in undone["exceptions"])
    for name, count in sorted((compared.excepted + reasons).items()):
        print(f"  not as before: {name}: {count}")
    made = first["created_bitrix24"], first["created_onec"]
    gone = undone["marked_bitrix24"], undone["marked_onec"]
    complaints = [f"after the undo {one}" for one in compared.differences[:10]]
    if len(compared.differences) > 10:
        complaints.append(f"{len(compared.differences)} records are not as before the sync that was taken back")
    if made != gone and not undone["exceptions"]:
        complaints.append(f"{made} records were made, {gone} taken back, and nothing is told")
    return complaints


def second_sync(run, world: World) -> list[str]:
    """A sync over an unchanged world writes nothing."""
    before = world.writes()
    _, seconds = run("sync", "--yes")
    written = world.written_since(before)
    print(f"second sync: {seconds:.1f} s, {written['bitrix24']} writes in Bitrix24, {written['onec']} in 1C")
    return [f"a second sync wrote {count} times in {side}, and has to write nothing"
            for side, count in written.items() if count]


def edited(run, world: World, reviews: dict, scale: float, kind: str) -> list[str]:
    """Edits of a person on one side reach their counterparts on the other, and nothing else is written."""
    dumps = world.dumps()
    pairs = Pairs(dumps, reviews)
    wanted = pairs.chosen(2 * EDITS)
    if len(wanted) < 2 * EDITS:
        return [f"only {len(wanted)} linked records can be edited without doubt, and {2 * EDITS} are needed"]
    in_bitrix24, in_onec = wanted[:EDITS], wanted[EDITS:]
    for number, pair in enumerate(in_bitrix24):
        world.edit_bitrix24(pair, pairs.new_phone(number))
    for number, pair in enumerate(in_onec, EDITS):
        world.edit_onec(pair, pairs.new_phone(number))
    # The portal's own dates have a resolution of one second: a sync within that second could not tell the edit.
    time.sleep(1.5 / scale)
    before, writes = world.dumps(), world.writes()
    _, seconds = run("sync", "--yes")
    after, written = world.dumps(), world.written_since(writes)
    print(f"{EDITS} edits on each side: {seconds:.1f} s, {written['bitrix24']} writes in Bitrix24, "
          f"{written['onec']} in 1C")

    complaints = []
    expected = {"bitrix24": {pair.bitrix24 for pair in in_onec}, "onec": {pair.onec for pair in in_bitrix24}}
    changed = {"bitrix24": changed_records(flat_bitrix24(before["bitrix24"]), flat_bitrix24(after["bitrix24"])),
               "onec": changed_records(flat_onec(before["onec"]), flat_onec(after["onec"]))}
    # A client of УТ is two objects, and a value that stands in both changes in both: a write for each, or one item of both.
    parts = {part for pair in in_bitrix24 if (part := pairs.partner(pair)) and part in changed["onec"]}
    for side, records in expected.items():
        if missing := records - changed[side]:
            complaints.append(f"{len(missing)} edits did not reach {side}, the first: {min(missing)}")
        if needless := changed[side] - records - parts:
            complaints.append(f"{len(needless)} records changed in {side} without an edit, the first: {min(needless)}")
        allowed = EDITS + (len(parts) if side == "onec" and kind == "odata" else 0)
        if written[side] != allowed:
            complaints.append(f"{EDITS} edits took {written[side]} writes in {side}, and have to take {allowed}")
    for number, pair in enumerate(wanted):
        if norm.phone_one(pairs.new_phone(number)) not in phones_of(after, pair):
            complaints.append(f"the new phone of {pair.bitrix24} did not arrive on both sides")
            break
    return complaints


def unmet_figures(name: str, figures: dict) -> list[str]:
    complaints = [f"{figure} is {found}, and has to be 0" for figure in ZERO if (found := amount(figures, figure))]
    for figure, share in SHARES[name].items():
        allowed = int(figures["entities_linkable"] * share)
        if figures[figure] > allowed:
            complaints.append(f"{figure} is {figures[figure]}, and may be {allowed} "
                              f"({share:.0%} of {figures['entities_linkable']} linkable)")
    return complaints


def amount(figures: dict, name: str) -> int:
    """A figure by its name, or one of its parts; a figure with parts is their sum."""
    name, _, part = name.partition(" ")
    value = figures[name]
    if isinstance(value, dict):
        return value.get(part, 0) if part else sum(value.values())
    return value


# -- records that can be edited ---------------------------------------------------------------------------------


class Pair:
    """A linked pair with one phone on each side."""

    def __init__(self, entity: str, record: dict, catalog: str, item: dict):
        self.entity, self.id, self.catalog, self.ref = entity, str(record["ID"]), catalog, item["Ref_Key"]
        self.bitrix24, self.onec = f"{entity}:{self.id}", f"{catalog}:{self.ref.lower()}"
        self.phone_row = record["PHONE"][0]["ID"]
        self.user = str(record.get("ASSIGNED_BY_ID") or "")
        self.kind = ""
        self.has_author = bool(str(item.get("Автор") or "").strip("0-"))


def numbers_of(item: dict) -> tuple[str, str]:
    return str(item.get("ИНН") or "").strip(), str(item.get("КПП") or "").strip()


class Pairs:
    """Linked pairs about which nothing is in doubt, in a fixed order."""

    def __init__(self, dumps: dict, reviews: dict):
        self.items = {key: item for key, item in flat_onec(dumps["onec"]).items()}
        self.kinds = {kind["Ref_Key"].lower(): kind.get("PredefinedDataName") or kind.get("ИмяПредопределенногоВида") or ""
                      for kind in dumps["onec"]["objects"].get(checker.KINDS_SET, ())}
        self.doubtful = {str(one).lower() for review in reviews["reviews"]
                         for one in (*review.get("bitrix24", ()), *review.get("onec", ()))}
        self.bitrix24 = dumps["bitrix24"]
        # 1C refuses a write of one of two objects with the same numbers, be the other one marked for deletion.
        self.numbers = collections.Counter(numbers_of(item) for item in self.items.values())

    def chosen(self, count: int) -> list[Pair]:
        """Contacts and companies in turn, so that both kinds are edited."""
        contacts = self.editable("contact", "contacts", "UF_CRM_1C_CONTACT_ID")
        companies = self.editable("company", "companies", "UF_CRM_1C_COMPANY_ID")
        mixed = [pair for both in zip(contacts, companies) for pair in both]
        rest = contacts[len(companies):] or companies[len(contacts):]
        return (mixed + rest)[:count]

    def editable(self, entity: str, table: str, field: str) -> list[Pair]:
        by_ref = {key.rsplit(":", 1)[1]: (key.rsplit(":", 1)[0], item) for key, item in self.items.items()}
        found = []
        for record in sorted(self.bitrix24[table], key=lambda record: int(record["ID"])):
            catalog, item = by_ref.get(str(record.get(field) or "").lower(), (None, None))
            if item is None or not self.is_plain(entity, record, item):
                continue
            pair = Pair(entity, record, catalog, item)
            pair.kind = self.kinds.get(str(phone_rows(item)[0].get("Вид_Key")).lower(), "")
            if pair.kind:
                found.append(pair)
        return found

    def is_plain(self, entity: str, record: dict, item: dict) -> bool:
        """One readable phone, the same on both sides, and no open question."""
        rows, other = record.get("PHONE") or (), phone_rows(item)
        if len(rows) != 1 or len(other) != 1 or item.get("DeletionMark") is True:
            return False
        if {f"{entity}:{record['ID']}", item["Ref_Key"].lower()} & self.doubtful:
            return False
        if numbers_of(item)[1] and self.numbers[numbers_of(item)] > 1:
            return False
        mine, theirs = norm.phones(rows[0].get("VALUE")), norm.phones(other[0].get("Представление"))
        return len(mine) == 1 and mine == theirs

    def partner(self, pair: Pair) -> str | None:
        """The partner of a counterparty, where the configuration has partners."""
        partner = self.items[pair.onec].get("Партнер_Key")
        return partner and f"{checker.PARTNERS}:{partner.lower()}"

    @staticmethod
    def new_phone(number: int) -> str:
        """Numbers of a range that the prepared bases do not use."""
        return f"+7 (958) 100-{number // 100:02d}-{number % 100:02d}"


def phone_rows(item: dict) -> list[dict]:
    return [row for row in item.get("КонтактнаяИнформация") or () if row.get("Тип") == "Телефон"]


def phones_of(dumps: dict, pair: Pair) -> set[str]:
    """Phones that both records of a pair hold."""
    record = flat_bitrix24(dumps["bitrix24"])[pair.bitrix24]
    item = flat_onec(dumps["onec"])[pair.onec]
    return checker.b24_values(record, pair.entity == "company")["phones"] & checker.onec_values(item)["phones"]


def flat_bitrix24(dump: dict) -> dict[str, dict]:
    tables = {"contact": "contacts", "company": "companies", "requisite": "requisites"}
    return {f"{entity}:{record['ID']}": record for entity, table in tables.items() for record in dump[table]}


def flat_onec(dump: dict) -> dict[str, dict]:
    return {f"{catalog}:{item['Ref_Key'].lower()}": item for catalog, items in dump["objects"].items()
            for item in items if "Ref_Key" in item}


def changed_records(before: dict, after: dict) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


# -- the simulators and the binary ------------------------------------------------------------------------------


class World:
    """Both simulators by their controls, which count as no request."""

    def __init__(self, portal: str, infobase: str):
        self.controls = {"bitrix24": portal, "onec": infobase}

    def dumps(self) -> dict:
        return {side: get_json(f"{control}dump") for side, control in self.controls.items()}

    def counters(self) -> dict:
        return {side: get_json(f"{control}counters") for side, control in self.controls.items()}

    def writes(self) -> dict[str, int]:
        return {side: counters["writes"] for side, counters in self.counters().items()}

    def written_since(self, before: dict[str, int]) -> dict[str, int]:
        return {side: count - before[side] for side, count in self.writes().items()}

    def edit_bitrix24(self, pair: Pair, phone: str) -> None:
        fields = {"PHONE": [{"ID": pair.phone_row, "VALUE": phone}]}
        action = {"do": "update", "entity": pair.entity, "id": pair.id, "fields": fields}
        if pair.user:
            action["user"] = pair.user
        get_json(f"{self.controls['bitrix24']}act", action)

    def edit_onec(self, pair: Pair, phone: str) -> None:
        fields = {"phones": [{"kind": pair.kind, "value": phone}]}
        if pair.catalog == checker.PARTNER_CONTACTS and not pair.has_author:
            # The form wants an author, which the interface does not: whoever edits the card fills it in.
            user = self.dumps()["onec"]["objects"]["Catalog_Пользователи"][0]["Ref_Key"]
            fields |= {"Автор": user, "Автор_Type": "StandardODATA.Catalog_Пользователи"}
        get_json(f"{self.controls['onec']}act", {"do": "update", "set": pair.catalog, "ref": pair.ref, "fields": fields})


# Simulators are on this machine: a proxy of the environment is none of their business.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get_json(url: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    try:
        with OPENER.open(request, timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        raise Unmet(f"{url} answers {refused.code}: {refused.read().decode(errors='replace')}") from None
    except OSError as error:
        raise Unmet(f"{url} does not answer: {error}") from None


def find_binary() -> str:
    given = os.environ.get("OBMEN") or str(Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "release" / "obmen")
    if shutil.which(given) is None:
        raise Unmet(f"there is no binary {given}: run `cargo build --release` or set OBMEN")
    return given


def start(stack: contextlib.ExitStack, command: list) -> dict:
    """Starts a simulator, to be ended with the stack, and waits for its line of addresses."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE)
    stack.callback(end, process)
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if ready else b""
    try:
        return json.loads(line)
    except ValueError:
        shown = " ".join(str(part) for part in command[1:3])
        raise Unmet(f"`obmen {shown}` did not say where it listens within {START_SECONDS} s") from None


def end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def run_obmen(obmen: str, config: Path, *command: str) -> tuple[dict, float]:
    """Runs a command to its end; 3 says that reviews wait, which is an ordinary end."""
    begun = time.monotonic()
    shown = f"obmen {' '.join(command)}"
    try:
        done = subprocess.run([obmen, *command, "--config", str(config), "--json"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=COMMAND_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unmet(f"`{shown}` did not end within {COMMAND_SECONDS} s") from None
    if done.returncode not in (0, 3):
        tail = "\n".join((done.stderr + done.stdout).strip().splitlines()[-20:])
        raise Unmet(f"`{shown}` ended with {done.returncode}:\n{tail}")
    try:
        return json.loads(done.stdout), time.monotonic() - begun
    except ValueError:
        raise Unmet(f"`{shown} --json` printed no JSON document: {done.stdout[:300]!r}") from None


def configuration(portal: dict, infobase: dict, product: str, scale: float, request_seconds: int = 60, kind: str = "odata") -> str:
    """Waiting shrinks with the scale; amounts of work do not, nor by itself the time of a request, against which the work
    put into a batch is weighed."""
    return f"""
[store]
url = "sqlite:obmen.db"

[[pair]]
name = "score"
persons = ["counterparty", "contact-person", "individual"]

[pair.bitrix24]
webhook_url = "{portal['webhook_url']}"
inn_field = "UF_CRM_INN"
limits = {{ per_second = {2 * scale:g}, burst = 50, execution_seconds = 480, window_seconds = {600 / scale:g}, request_seconds = {request_seconds} }}

[pair.onec]
kind = "{kind}"
url = "{infobase[f'{kind}_url']}"
user = "{infobase.get('user', 'obmen')}"
password = "{PASSWORD}"
configuration = "{product}"
request_seconds = {request_seconds}
store_id = "{'attribute' if kind == 'odata' else kind}"
id_attribute = "{ID_ATTRIBUTE}"
manager_attribute = "ОтветственныйМенеджер"
"""


# -- files and figures --------------------------------------------------------------------------------------------


def unpack(name: str, folder: Path) -> Path:
    folder.mkdir()
    for packed in sorted((DATA / name).glob("*.xz")):
        with lzma.open(packed) as source, open(folder / packed.stem, "wb") as target:
            shutil.copyfileobj(source, target)
    return folder


def generate(obmen: str, options: argparse.Namespace, folder: Path) -> Path:
    """A base of the generator's usual size."""
    command = [obmen, "sim", "bases", "--noise", options.noise, "--seed", str(options.seed), "--out", str(folder)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=COMMAND_SECONDS)
    return folder


def keep(folder: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in ("b24.json", "onec.json", "reviews.json", "report.txt"):
        shutil.copy(folder / name, target / name)


def print_table(figures: dict) -> None:
    rows = []
    for name, value in figures.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {count}" for key, count in value.items()) or "none"
        rows.append((name, str(value)))
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")


if __name__ == "__main__":
    sys.exit(main())
