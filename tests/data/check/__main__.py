"""Judge of a finished sync run:
PYTHONPATH=tests/data python3 -m check DIR --b24-dump b24.json --onec-dump onec.json --reviews reviews.json"""
from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
from collections import Counter, defaultdict
from math import inf

from . import norm

COUNTERPARTIES, PARTNERS, PEOPLE = "Catalog_Контрагенты", "Catalog_Партнеры", "Catalog_ФизическиеЛица"
CONTACTS, PARTNER_CONTACTS = "Catalog_КонтактныеЛица", "Catalog_КонтактныеЛицаПартнеров"
PERSON_SETS = (COUNTERPARTIES, PEOPLE, CONTACTS, PARTNER_CONTACTS, PARTNERS)
KINDS_SET, PROPERTIES = "Catalog_ВидыКонтактнойИнформации", "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения"
LINKS_REGISTER, USERS_REGISTER = "InformationRegister_СвязиКонтрагентКонтакт", "InformationRegister_СотрудникиПользователя"
HAS_INN = (COUNTERPARTIES, PEOPLE)                   # the only catalogs with ИНН; КПП is on counterparties alone
EMPTY = "00000000-0000-0000-0000-000000000000"
SURE, UNCLEAR = ("sure", "probable"), ("weak", "ambiguous")
CI_TYPES = {"phone": "Телефон", "email": "АдресЭлектроннойПочты"}
DESCRIPTION = 100                                    # length of Description in every catalog judged here
FIGURES = ("wrong", "missed", "twins_bitrix24", "twins_onec", "double_links", "dangling_links", "lost_records", "lost_values",
           "not_brought", "wrong_company_links", "silent_links", "inner_twins_silent", "not_for_sync",
           "ids_missing", "needless_reviews")


def read_jsonl(path):
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.strip():
                yield json.loads(line)


def read_onec_sets(path):
    """{set: [object, ...]} of a 1C dump, JSON or JSONL"""
    with open(path, encoding="utf-8") as f:
        head = f.readline()
        f.seek(0)
        if head.startswith("{") and '"entity"' in head[:40] and '"object"' in head:
            out = defaultdict(list)
            for d in map(json.loads, (x for x in f if x.strip())):
                out[d["entity"]].append(d["object"])
            return out
        return defaultdict(list, json.load(f)["objects"])


def by_ref(sets):
    """{ref: (set, object)} of the synchronised catalogs"""
    return {o["Ref_Key"].lower(): (e, o) for e in PERSON_SETS for o in sets.get(e, ())}


def read_onec(path):
    return by_ref(read_onec_sets(path))


def read_b24(path):
    """{contact, company, requisite, user: [...]}; plural keys and JSONL are read too"""
    out = defaultdict(list)
    with open(path, encoding="utf-8") as f:
        head = f.readline()
        f.seek(0)
        if '"entity"' in head[:40]:
            for d in map(json.loads, (x for x in f if x.strip())):
                out[d.pop("entity")].append(d)
            return out
        doc = json.load(f)
    for one, many in (("contact", "contacts"), ("company", "companies"), ("requisite", "requisites"), ("user", "users")):
        out[one] = doc.get(many) or doc.get(one) or []
    return out


def read_reviews(path):
    with open(path, encoding="utf-8") as f:
        doc = json.load(f)
    return [Review(r) for r in (doc.get("reviews", ()) if isinstance(doc, dict) else doc or ())]


def b24_values(c, company):
    """phones and emails keep the order of the rows (the first is the primary one) in `rows`"""
    rows = {"phones": [norm.phones(v.get("VALUE")) for v in c.get("PHONE") or ()],
            "emails": [norm.emails(v.get("VALUE")) for v in c.get("EMAIL") or ()]}
    name = c.get("TITLE") or "" if company else " ".join(str(c.get(k) or "") for k in ("LAST_NAME", "NAME", "SECOND_NAME"))
    return {"phones": set().union(*rows["phones"]), "emails": set().union(*rows["emails"]), "name": name, "rows": rows}


def onec_values(o):
    ph, em = set(), set()
    for r in o.get("КонтактнаяИнформация") or ():
        vals = [r.get("Представление")]
        try:
            vals.append(json.loads(r["Значение"]).get("value"))
        except (KeyError, ValueError, TypeError, AttributeError):
            pass
        if r.get("Тип") == "Телефон":
            got = {p for v in vals for p in norm.phones(v)}
            ph |= got or norm.phones(r.get("НомерТелефона"))
        elif r.get("Тип") == "АдресЭлектроннойПочты":
            em |= {m for v in [*vals, r.get("АдресЭП")] for m in norm.emails(v)}
    return {"phones": ph, "emails": em, "name": o.get("Description") or ""}


def same_name(company, left, right, full=""):
    """a Bitrix24 name against Description (and НаименованиеПолное), cut at the length of Description"""
    if not company:
        a, b = norm.words(left), norm.words(right)
        return a == b or (len(right) >= DESCRIPTION and norm.text(left).startswith(norm.text(right)))
    a, b = norm.company(left), norm.company(right)
    return (a == b or bool(a[1]) and a[1] == norm.company(full)[1]
            or (len(right) >= DESCRIPTION and norm.text(left).startswith(norm.text(right))))


FIELD_NAMES = {"phones": "phone", "emails": "email", "e-mail": "email", "mail": "email", "title": "name", "last_name": "name", "first_name": "name",
               "responsible": "manager", "assigned": "manager", "tin": "inn", "owner": "company", "employer": "company"}


class Review:
    """A case that the product left to a person: its records as keys of this checker and its fields."""

    def __init__(self, doc):
        self.doc, self.kind = doc, doc.get("kind", "")
        self.records = set()
        for x in doc.get("bitrix24") or ():
            m = re.search(r"(contact|company)\D*(\d+)$", str(x).lower())
            self.records.add((m.group(1), m.group(2)) if m else ("unknown", str(x)))
        self.records |= {str(x).lower() for x in doc.get("onec") or ()}
        self.fields = {FIELD_NAMES.get(str(f).lower(), str(f).lower()) for f in doc.get("fields") or ()}
        self.excuses = False


class Entity:
    """A real person or company: its records in both bases, clustered by what a program can see."""

    def __init__(self, row, kind, scope):
        self.id, self.kind = row["id"], kind
        self.b24 = [(kind, i) for i in row["b24"]]
        self.live = [x["ref"] for x in row["onec"] if not x["marked"] and x["entity"] in scope]
        self.marked = [x["ref"] for x in row["onec"] if x["marked"]]
        self.catalog = {x["ref"]: x["entity"] for x in row["onec"]}
        self.parent = {r: r for r in (*self.b24, *self.live)}
        self.strength = {}

    def records(self):
        return {*self.b24, *self.live, *self.marked}

    def root(self, r):
        while self.parent[r] != r:
            r = self.parent[r]
        return r

    def add_pair(self, a, b, strength):
        if a in self.parent and b in self.parent:
            self.strength[a, b] = self.strength[b, a] = strength
            if strength in SURE:
                self.parent[self.root(a)] = self.root(b)

    def clusters(self):
        out = defaultdict(list)
        for r in self.parent:
            out[self.root(r)].append(r)
        return out

    def unclear_to(self, members):
        """records of other clusters that share something with these, but not enough"""
        roots = {self.root(m) for m in members}
        return {b for (a, b), s in self.strength.items() if a in members and s in UNCLEAR and self.root(b) not in roots}

    @property
    def linkable(self):
        return any({isinstance(r, tuple) for r in c} == {True, False} for c in self.clusters().values())


class Check:
    def __init__(self, o):
        self.o = o
        d = o.dir
        with open(os.path.join(d, "truth.json"), encoding="utf-8") as f:
            self.t = json.load(f)
        self.scope = set(o.scope.split(",")) if o.scope else set(PERSON_SETS)
        before = defaultdict(list)
        for r in read_jsonl(os.path.join(d, "b24.jsonl")):
            before[r["entity"]].append(r)
        after = read_b24(o.b24_dump)
        self.b0, self.rq0 = self.index_b24(before)
        self.b1, self.rq1 = self.index_b24(after)
        self.o0 = by_ref(read_onec_sets(os.path.join(d, "onec.jsonl")))
        self.sets = read_onec_sets(o.onec_dump)
        self.o1 = by_ref(self.sets)
        self.reviews = read_reviews(o.reviews) if getattr(o, "reviews", None) else []
        self.review_of = defaultdict(list)
        for r in self.reviews:
            for x in r.records:
                self.review_of[x].append(r)
        self.field = {"contact": o.contact_field, "company": o.company_field}
        self.res, self.ex = Counter(), defaultdict(list)
        self.cases = defaultdict(set)                # figure -> cases, each counted once
        self.excused = defaultdict(set)
        self.touch_cache = {}
        self.read_truth()
        self.read_shapes()

    @staticmethod
    def index_b24(rows):
        rec = {(k, str(c["ID"])): c for k in ("contact", "company") for c in rows[k]}
        rq = defaultdict(list)
        for r in rows["requisite"]:
            if str(r.get("ENTITY_TYPE_ID")) == "4":
                rq["company", str(r["ENTITY_ID"])].append(r)
        return rec, rq

    def read_truth(self):
        t = self.t
        self.entities, self.owner = {}, {}
        for kind, rows in (("contact", t["people"]), ("company", t["companies"])):
            for row in rows:
                e = self.entities[row["id"]] = Entity(row, kind, self.scope)
                for r in e.records():
                    self.owner[r] = e
        for p in t["pairs"]["same"]:
            e = self.entities[p["real"]]
            e.add_pair((e.kind, p["b24"]), p["ref"], p["strength"])
        for p in t["duplicates"]["b24"]:
            e = self.entities[p["real"]]
            e.add_pair((e.kind, p["a"]), (e.kind, p["b"]), p["strength"])
        for p in t["duplicates"]["onec"]:
            self.entities[p["real"]].add_pair(p["a"], p["b"], p["strength"])
        self.why_decoy = {("contact" if p["kind"] == "person" else "company", p["b24"], p["ref"]): p["why"] for p in t["pairs"]["decoys"]}
        self.either = {(p["b24"], p["ref"]) for p in t["pairs"]["either"]}
        n = t["not_for_sync"]
        self.never = {**{r: "folder" for r in n["onec_folders"]}, **{r: "predefined item" for r in n["onec_predefined"]}}
        self.empties = {("contact", x["id"]): x["why"] for x in n["b24_empty"]}

    def read_shapes(self):
        """what the 1C side can hold: contact kinds, partners, owners, managers, the property for ids"""
        kinds = {k["Ref_Key"].lower(): k for k in self.sets[KINDS_SET]}
        self.rooms = defaultdict(list)               # (set, Тип) -> [takes several values?]
        for k in kinds.values():
            folder = kinds.get(str(k.get("Parent_Key")).lower())
            if folder and not k.get("IsFolder"):
                name = folder.get("PredefinedDataName") or folder.get("ИмяПредопределенногоВида") or ""
                self.rooms["Catalog_" + name.removeprefix("Справочник"), k.get("Тип")].append(bool(k.get("РазрешитьВводНесколькихЗначений")))
        self.partner_of, self.clients = {}, defaultdict(list)
        for r, (e, o) in self.o1.items():
            p = str(o.get("Партнер_Key") or EMPTY).lower()
            if e == COUNTERPARTIES and p != EMPTY:
                self.partner_of[r] = p
                self.clients[p].append(r)
        self.employers = defaultdict(set)            # contact person -> owners
        newest = {}
        for r in sorted(self.sets[LINKS_REGISTER], key=lambda r: r.get("Period", "")):
            newest[str(r.get("Контакт_Key")).lower(), str(r.get("Контрагент_Key")).lower()] = r
        for (person, firm), r in newest.items():
            if not r.get("СвязьНедействительна"):
                self.employers[person].add(firm)
        for r, (e, o) in self.o1.items():
            if e == CONTACTS and o.get("ОбъектВладелец_Type") == "StandardODATA." + COUNTERPARTIES:
                self.employers[r].add(str(o.get("ОбъектВладелец")).lower())
            elif e == PARTNER_CONTACTS:
                self.employers[r].add(str(o.get("Owner_Key")).lower())
        self.user_of = {str(r.get("Сотрудник_Key")).lower(): str(r.get("Пользователь_Key")).lower() for r in self.sets[USERS_REGISTER]}
        want = getattr(self.o, "onec_id_property", None)
        self.id_property = {p["Ref_Key"].lower() for p in self.sets[PROPERTIES] if want and want in (p.get("Имя"), p.get("Заголовок"), p.get("Description"))}
        if want and not self.id_property:
            self.hit("no additional attribute of this name in 1C", want)

    # -- counting ---------------------------------------------------------------
    def hit(self, what, example=None, n=1):
        self.res[what] += n
        if example is not None:
            self.ex[what].append(example)

    def case(self, figure, key, what, example, records=(), field=None):
        """a fault, unless a review names exactly its records (and field)"""
        if records and self.reviewed(records, field):
            self.excused[figure].add(key)
            self.hit(f"EXCUSED by a review: {what}")
            return False
        self.cases[figure].add(key)
        self.hit(what, example)
        return True

    def touch(self, a, b):
        """do two records share a readable key or a full name, as they stood before the sync?"""
        k = (a, b) if str(a) < str(b) else (b, a)
        if k not in self.touch_cache:
            x, y = self.traits(a), self.traits(b)
            self.touch_cache[k] = bool(x and y and (x["keys"] & y["keys"] or x["name"] & y["name"]))
        return self.touch_cache[k]

    def traits(self, r):
        k = ("traits", r)
        if k not in self.touch_cache:
            b24 = isinstance(r, tuple)
            c = (self.b0.get(r) or self.b1.get(r)) if b24 else (self.o0.get(r) or self.o1.get(r) or (None, None))[1]
            out = None
            if c is not None:
                v = b24_values(c, r[0] == "company") if b24 else onec_values(c)
                inns = self.inns_b(r, 0) if b24 else {norm.inn(c.get("ИНН"))} - {""}
                w, core = norm.words(v["name"]), norm.company(v["name"])[1]
                out = {"keys": v["phones"] | v["emails"] | inns, "name": ({w} if len(w) > 1 else set()) | ({core} if core else set())}
            self.touch_cache[k] = out
        return self.touch_cache[k]

    def precise(self, review, records):
        """names nothing but these records and those that could be taken for them"""
        mine = review.records & records
        return bool(mine) and all(any(self.touch(x, m) for m in mine) for x in review.records - records)

    def reviewed(self, groups, field=None):
        """an exact review that names a record of each group; groups of one entity's records"""
        all_ = self.owned(groups)
        found = False
        for r in {r for g in groups[:1] for x in g for r in self.review_of.get(x, ())}:
            if all(r.records & set(g) for g in groups) and (field is None or field in r.fields) and self.precise(r, all_):
                r.excuses = found = True
        return found

    def owned(self, groups):
        out = set()
        for g in groups:
            for x in g:
                out.add(x)
                if x in self.owner:
                    out |= self.owner[x].records()
                if x in self.partner_of:
                    out.add(self.partner_of[x])
        return out

    # -- the run ------------------------------------------------------------------
    def run(self):
        self.read_links()
        self.copies("onec", self.made_o)
        self.copies("bitrix24", self.made_b)
        self.orphans()
        for e in self.entities.values():
            self.entity(e)
        self.lost_records()
        for pair in self.pairs:
            self.fields(*pair)
            self.company_link(*pair)
            self.written_id(*pair)
        self.unlinked_values()
        self.needless()
        return self.res

    def link_of(self, rec, c):
        v = c.get(self.field[rec[0]])
        v = v[0] if isinstance(v, list) and v else v
        return str(v or "").strip().lower()

    def read_links(self):
        self.linked_b, self.right, self.pairs = {}, defaultdict(list), []
        self.made_o, self.made_b, holders = defaultdict(list), defaultdict(list), defaultdict(list)
        for rec, c in self.b1.items():
            link = self.link_of(rec, c)
            if not link:
                continue
            self.linked_b[rec] = link
            if link not in self.o1:
                self.case("dangling_links", rec, "dangling links (no such 1C object)", [*rec, link])
                continue
            holders[rec[0], link].append(rec)
            self.one_link(rec, link)
        for (_, link), who in holders.items():
            reals = {self.owner[w].id if w in self.owner else w for w in who}
            if len(who) > len(reals):
                self.case("double_links", link, "one 1C object linked from several records of one entity", [link, who[:4]])
        self.linked_o = {link for _, link in holders}

    def one_link(self, rec, link):
        old_b, old_o = rec in self.b0, link in self.o0
        eb, eo = self.owner.get(rec), self.owner.get(link)
        if old_b and old_o:
            if eb is not None and eb is eo:
                if link in eb.marked:
                    self.hit("links to marked 1C objects", [*rec, link])
                    return
                self.right[eb.id].append((rec, link))
                self.pairs.append((rec, link, eb))
                self.hit("RIGHT LINKS")
                if eb.root(rec) != eb.root(link):
                    self.case("silent_links", eb.id, "UNCLEAR PAIRS LINKED WITHOUT A REVIEW",
                              [*rec, link, eb.strength.get((rec, link))], ([rec], [link]))
            elif (rec[1], link) in self.either and rec[0] == "contact":
                self.hit("links a human could accept (person and entrepreneur)", [*rec, link])
            else:
                why = self.why_decoy.get((*rec, link)) or self.never.get(link) or "unrelated"
                self.cases["wrong"].add((rec, link))
                self.hit("WRONG LINKS")
                self.hit(f"wrong links: {why}", [*rec, link, b24_values(self.b1[rec], rec[0] == "company")["name"].strip(),
                                                 self.o0[link][1].get("Description")])
        elif old_b:
            if eb is None:
                self.case("not_for_sync", rec, "1C objects made for empty or test contacts", [*rec, self.empties.get(rec)])
            else:
                self.made_o[eb.id].append((rec, link))
                self.pairs.append((rec, link, eb))
        elif old_o:
            if eo is None or link in eo.marked:
                why = self.never.get(link) or "marked object"
                self.case("not_for_sync", link, f"Bitrix24 records made from 1C: {why}", [*rec, link])
            else:
                self.made_b[eo.id].append((link, rec))
                self.pairs.append((rec, link, eo))
        else:
            self.hit("new Bitrix24 record linked to a new 1C object", [*rec, link])

    def copies(self, side, made):
        """copies of an entity's records made in `side`, judged by what a program could see"""
        there = (lambda r: not isinstance(r, tuple)) if side == "onec" else (lambda r: isinstance(r, tuple))
        where = "1C" if side == "onec" else "BITRIX24"
        for real, lst in made.items():
            e = self.entities[real]
            if side == "onec" and e.marked and not e.live:
                self.hit("created in 1C though the only 1C object is marked", [real, lst[0]])
            clusters, bycluster = e.clusters(), defaultdict(list)
            for source, new in lst:
                bycluster[e.root(source)].append((source, new))
            seen = set()
            for root, got in bycluster.items():
                had = [r for r in clusters[root] if there(r)]
                extra = got if had else got[1:]
                for source, new in extra:
                    self.case("twins_" + side, (source, new), f"TWINS CREATED IN {where}", [real, source, new, had[:2]])
                if had:
                    continue
                seen.add(root)
                near = e.unclear_to(set(clusters[root]))
                if any(there(r) or (e.root(r) in bycluster and e.root(r) not in seen) for r in near):
                    worst = "ambiguous" if any(e.strength.get((a, b)) == "ambiguous" for a in clusters[root] for b in near) else "weak"
                    self.case(f"silent_copies {worst}", (side, root), f"COPIES MADE IN {where} OF UNCLEAR PAIRS WITHOUT A REVIEW", [real, got[0], list(near)[:3]],
                              ([s for s, _ in got], list(near)))
                else:
                    self.hit(f"right copies made in {where}")

    def entity(self, e):
        live_clusters = e.clusters().values()
        links = self.right.get(e.id)
        brought_o, brought_b = e.id in self.made_o, e.id in self.made_b
        if e.linkable:
            self.hit("entities of both bases that can be linked (sure + probable)")
            if links:
                self.hit("LINKED ENTITIES")
            else:
                groups = [(b, o) for c in live_clusters for b in [[r for r in c if isinstance(r, tuple)]]
                          for o in [[r for r in c if not isinstance(r, tuple)]] if b and o]
                b, o = groups[0]
                self.case("missed", e.id, "MISSED LINKS", [e.id, b[:2], o[:2]], (b, o))
        elif e.b24 and e.live:
            near = any(s in UNCLEAR for s in e.strength.values())
            if not (near or links or brought_o or brought_b):
                self.case("not_brought", e.id, "in both bases with nothing in common: neither linked nor copied", [e.id, e.b24[:2], e.live[:2]],
                          (e.b24 + e.live,))
        elif e.b24 and not e.marked and not brought_o:
            self.case("not_brought", e.id, "ONLY IN BITRIX24, NOT BROUGHT TO 1C", [e.id, e.b24[:2]], (e.b24,))
        elif e.live and not e.b24 and not brought_b and {e.catalog[r] for r in e.live} != {PEOPLE}:
            self.case("not_brought", e.id, "ONLY IN 1C, NOT BROUGHT TO BITRIX24", [e.id, e.live[:2]], (e.live,))
        for c in live_clusters:
            self.inner_twins(e, c)

    def inner_twins(self, e, cluster):
        """several records of one entity in one catalog: one takes part, each other one needs a review"""
        rooms = defaultdict(lambda: defaultdict(list))
        for r in cluster:
            if isinstance(r, tuple):
                rooms["bitrix24"][r].append(r)
            else:                                    # a counterparty and its partner are one record
                unit = self.partner_of.get(r) if self.owner.get(self.partner_of.get(r)) is e else None
                rooms[PARTNERS if unit else e.catalog[r]][unit or r].append(r)
        for room, units in rooms.items():
            if len(units) < 2:
                continue
            free = [u for u in units.values() if not any(r in self.linked_b or r in self.linked_o for r in u)]
            if len(free) == len(units):
                free = free[1:]
            everyone = [r for u in units.values() for r in u]
            for u in free:
                others = [r for r in everyone if r not in u]
                self.case("inner_twins_silent", (e.id, u[0]), f"TWINS INSIDE {'BITRIX24' if room == 'bitrix24' else '1C'} WITHOUT A REVIEW",
                          [e.id, u, others[:2]], (u, others))

    # -- records nobody links to ------------------------------------------------------
    def content_owner(self, vals):
        if not hasattr(self, "_own"):
            self._own = defaultdict(set)
            for row in (*self.t["people"], *self.t["companies"]):
                for k in (*row["phones"], *(m.lower() for m in row["emails"])):
                    self._own[k].add(row["id"])
        c = Counter(x for k in vals["phones"] | vals["emails"] for x in self._own.get(k, ()))
        return self.entities[c.most_common(1)[0][0]] if c else None

    def orphans(self):
        for rec, c in self.b1.items():
            if rec not in self.b0 and rec not in self.linked_b:
                e = self.content_owner(b24_values(c, rec[0] == "company"))
                if e is not None and (e.b24 or e.id in self.made_b):
                    self.case("twins_bitrix24", rec, "TWINS CREATED IN BITRIX24", [*rec, "no link", e.id])
                else:
                    self.hit("new Bitrix24 records without a link", [*rec, e and e.id])
        for r, (s, o) in self.o1.items():
            if r in self.o0 or r in self.linked_o or s not in self.scope or r in self.clients:
                continue                             # a partner comes with its counterparty
            e = self.content_owner(onec_values(o))
            if e is not None and (e.live or e.id in self.made_o):
                self.case("twins_onec", r, "TWINS CREATED IN 1C", [s, r, "nobody links to it", e.id])
            else:
                self.hit("new 1C objects nobody links to", [s, r, e and e.id])

    def lost_records(self):
        for rec in self.b0:
            if rec not in self.b1:
                self.case("lost_records", rec, "RECORDS LOST IN BITRIX24", [*rec])
        for r, (s, o) in self.o0.items():
            if r not in self.o1:
                self.case("lost_records", r, "RECORDS LOST IN 1C", [s, r])
            elif self.o1[r][1].get("DeletionMark") and not o.get("DeletionMark"):
                self.case("lost_records", r, "RECORDS LOST IN 1C", [s, r, "marked for deletion"])

    # -- fields of linked records -------------------------------------------------------
    def inns_b(self, rec, which):
        c, rq = (self.b1, self.rq1) if which else (self.b0, self.rq0)
        c = c.get(rec) or {}
        return {x for x in [norm.inn(c.get(self.o.inn_field)), *(norm.inn(r.get("RQ_INN")) for r in rq.get(rec, ()))] if x}

    def kpps_b(self, rec, which):
        return {k for r in (self.rq1 if which else self.rq0).get(rec, ()) for k in [norm.kpp(r.get("RQ_KPP"))] if k}

    def capacity(self, sets, typ):
        rooms = [several for s in sets for several in self.rooms.get((s, typ), ())]
        return inf if not rooms or any(rooms) else len(rooms)

    def group(self, ref, e):
        """(objects that hold this party, objects that may hold values of others too)"""
        own, shared = [ref], []
        p = self.partner_of.get(ref)
        if p in self.o1:
            others = [c for c in self.clients[p] if c != ref and self.owner.get(c) is not e]
            (shared if others and self.owner.get(p) is not e else own).append(p)
        if ref in self.clients:
            own += [c for c in self.clients[ref] if self.owner.get(c, e) is e]
        return own, shared

    def fields(self, rec, ref, e):
        company = rec[0] == "company"
        c, o = self.b1[rec], self.o1[ref][1]
        own, shared = self.group(ref, e)
        b = b24_values(c, company)
        was_b = b24_values(self.b0[rec], company) if rec in self.b0 else None
        self.hit("pairs compared")

        def differ(field, left, right):
            self.case(f"diverging {field}", e.id, f"DIVERGING {field}", [*rec, ref, left, right], ([rec], own), field)
        for field, many in (("phone", "phones"), ("email", "emails")):
            now, near, old = set(), set(), set(was_b[many]) if was_b else set()
            for r in own:
                now |= onec_values(self.o1[r][1])[many]
                old |= onec_values(self.o0[r][1])[many] if r in self.o0 else set()
            for r in shared:
                near |= onec_values(self.o1[r][1])[many]
            room = self.capacity({self.o1[r][0] for r in own}, CI_TYPES[field])
            first = next((x for x in b["rows"][many] if x), set())
            fits = (now <= b[many] <= now | near) if room == inf else (now <= b[many] and (not first or bool(first & now)))
            if not fits:
                differ(field, sorted(b[many]), sorted(now))
            gone = old - b[many] - now - near
            if gone:
                self.case("lost_values", (rec, ref, field), f"LOST {field} (in neither base now)", [*rec, ref, sorted(gone)], ([rec], own), field)
        if not same_name(company, b["name"], o.get("Description") or "", o.get("НаименованиеПолное")):
            differ("name", b["name"], o.get("Description"))
        self.tax_number("inn", rec, ref, e, own, HAS_INN, self.inns_b, norm.inn, "ИНН", differ)
        if company:
            self.tax_number("kpp", rec, ref, e, own, (COUNTERPARTIES,), self.kpps_b, norm.kpp, "КПП", differ)
        known = set(self.t["managers"].values())
        want, have = self.t["managers"].get(str(c.get("ASSIGNED_BY_ID"))), self.manager(own)
        if want and have in known and have != want:
            differ("manager", c.get("ASSIGNED_BY_ID"), have)

    def tax_number(self, field, rec, ref, e, own, catalogs, in_b24, clean, attribute, differ):
        holders = [r for r in own if self.o1[r][0] in catalogs]
        if not holders:
            return
        left = in_b24(rec, 1)
        right = {clean(self.o1[r][1].get(attribute)) for r in holders} - {""}
        if left != right and (rec[0] == "company" or left):
            differ(field, sorted(left), sorted(right))
        old = in_b24(rec, 0) | ({clean(self.o0[r][1].get(attribute)) for r in holders if r in self.o0} - {""})
        if old and not old & (left | right):         # of two values one has to give way, both must not
            self.case("lost_values", (rec, ref, field), f"LOST {field} (in neither base now)", [*rec, ref, sorted(old)], ([rec], own), field)

    def manager(self, own):
        """the 1C user answerable for a client, where this configuration keeps one"""
        for r in own:
            s, o = self.o1[r]
            if self.t["config"] == "bp30":
                for row in o.get("ДополнительныеРеквизиты") or ():
                    if row.get("Значение_Type") == "StandardODATA.Catalog_Пользователи":
                        return str(row.get("Значение")).lower()
            user = str(o.get("ОсновнойМенеджер_Key") or EMPTY).lower()
            staff = str(o.get("Ответственный_Key") or EMPTY).lower()
            if user != EMPTY:
                return user
            if staff in self.user_of:
                return self.user_of[staff]
        return None

    def unlinked_values(self):
        """records without a link keep their values"""
        paired = {r for rec, ref, e in self.pairs for r in (rec, *self.group(ref, e)[0])}
        for rec, c in self.b0.items():
            if rec in self.b1 and rec not in paired:
                self.kept(rec, b24_values(c, rec[0] == "company"), b24_values(self.b1[rec], rec[0] == "company"))
        for r, (_, o) in self.o0.items():
            if r in self.o1 and r not in paired:
                self.kept(r, onec_values(o), onec_values(self.o1[r][1]))

    def kept(self, rec, old, new):
        for field, many in (("phone", "phones"), ("email", "emails")):
            gone = old[many] - new[many]
            if gone:
                self.case("lost_values", (rec, field), f"LOST {field} of records without a link", [rec, sorted(gone)], ([rec],), field)

    # -- who works where, ids -------------------------------------------------------------
    def real(self, r):
        """the entity a record stands for: its own, or that of the record it was copied from"""
        if r in self.owner:
            return self.owner[r].id
        if not hasattr(self, "_copied"):
            self._copied = {new: real for made in (self.made_o, self.made_b) for real, lst in made.items() for _, new in lst}
            for c, p in self.partner_of.items():
                if c in self._copied:
                    self._copied.setdefault(p, self._copied[c])
        return self._copied.get(r, r)

    def company_link(self, rec, ref, e):
        if rec[0] != "contact" or self.o1[ref][0] not in (CONTACTS, PARTNER_CONTACTS):
            return
        c = self.b1[rec]
        ids = {str(x) for x in [*(c.get("COMPANY_IDS") or ()), c.get("COMPANY_ID") or "0"]} - {"0", ""}
        left = {self.real(("company", i)) for i in ids}
        right = {self.real(x) for r in self.employers[ref] if r in self.o1 for x in (r, *self.clients.get(r, ()))}
        if left & right or not left and not any(self.linked_firm(r) for r in self.employers[ref]):
            return
        if not right and not any(("company", i) in self.linked_b for i in ids):
            return
        self.case("wrong_company_links", e.id, "WRONG COMPANY LINKS", [*rec, ref, sorted(map(str, left)), sorted(map(str, right))],
                  ([rec], [ref]), "company")

    def linked_firm(self, owner):
        return any(r in self.linked_o for r in (owner, self.partner_of.get(owner), *self.clients.get(owner, ())))

    def written_id(self, rec, ref, e):
        if not self.id_property:
            return
        values = [str(row.get("Значение") or row.get("ТекстоваяСтрока") or "") for r in self.group(ref, e)[0]
                  for row in self.o1[r][1].get("ДополнительныеРеквизиты") or () if str(row.get("Свойство_Key")).lower() in self.id_property]
        if not any(re.search(rf"(?<!\d){rec[1]}$", v) for v in values):
            self.case("ids_missing", ref, "BITRIX24 ID MISSING IN 1C", [*rec, ref, values])

    # -- reviews -----------------------------------------------------------------------------
    def needless(self):
        for r in self.reviews:
            if not self.needed(r):
                self.case("needless_reviews", id(r), "NEEDLESS REVIEWS", r.doc)

    def needed(self, r):
        recs = sorted(r.records, key=str)
        entities = {self.owner[x].id: self.owner[x] for x in recs if x in self.owner}
        if not self.connected(recs):
            return r.excuses                         # a heap of unrelated records is no question
        if any(x in self.empties or x in self.never for x in recs):
            return True
        for e in entities.values():
            mine = [x for x in recs if x in e.records()]
            if any(x in e.marked for x in mine):
                return True
            for i, a in enumerate(mine):
                for b in mine[i + 1:]:
                    same_side = isinstance(a, tuple) == isinstance(b, tuple)
                    if e.root(a) != e.root(b) or same_side and (isinstance(a, tuple) or e.catalog[a] == e.catalog[b]):
                        return True                  # weak, ambiguous, or twins inside a base
        if len(entities) > 1 and any(self.touch(a, b) for i, a in enumerate(recs) for b in recs[i + 1:]
                                     if self.owner.get(a) is not self.owner.get(b)):
            return True                              # a decoy
        if r.kind in ("conflict", "refused") and self.differed(r):
            return True
        return r.excuses and not (r.kind == "match" and self.plain(recs))

    def connected(self, recs, most=60):
        """do the records of a review have to do with each other?"""
        if len(recs) > most:
            return False
        reached, rest = recs[:1], set(recs[1:])
        while reached and rest:
            x = reached.pop()
            near = {y for y in rest if self.owner.get(x) is not None and self.owner.get(x) is self.owner.get(y) or self.touch(x, y)}
            reached += near
            rest -= near
        return not rest

    def differed(self, r):
        """single values that really differed (or could not be read) before the sync"""
        for a in r.records:
            for b in r.records:
                if not (isinstance(a, tuple) and a in self.b0 and b in self.o0):
                    continue
                (s, o), c = self.o0[b], self.b0[a]
                inn = norm.inn(o.get("ИНН"))
                if "name" in r.fields and not same_name(a[0] == "company", b24_values(c, a[0] == "company")["name"], o.get("Description") or "",
                                                       o.get("НаименованиеПолное")):
                    return True
                if "inn" in r.fields and s in HAS_INN and self.inns_b(a, 0) and self.inns_b(a, 0) != {inn}:
                    return True
                if "kpp" in r.fields and self.kpps_b(a, 0) and self.kpps_b(a, 0) != {norm.kpp(o.get("КПП"))}:
                    return True
                if "manager" in r.fields:
                    want, have = self.t["managers"].get(str(c.get("ASSIGNED_BY_ID"))), self.manager([b])
                    if want and have and want != have:
                        return True
        return False

    def plain(self, recs):
        """one client here, one there, a sure pair, nothing marked beside it and nobody who could be mistaken for it"""
        e = self.owner.get(recs[0])
        if e is None or e.marked or len(e.b24) != 1 or any(self.owner.get(x) is not e for x in recs):
            return False
        catalogs = [e.catalog[r] for r in e.live]
        return (len(e.clusters()) == 1 and len(set(catalogs)) == len(catalogs) and any(e.strength.get((e.b24[0], r)) == "sure" for r in e.live)
                and not any(self.real(x) != e.id for x in self.lookalikes(recs)))

    def lookalikes(self, recs):
        if not hasattr(self, "_bykey"):
            self._bykey = defaultdict(set)
            for x in (*self.b0, *self.o0):
                for k in (self.traits(x) or {"keys": ()})["keys"]:
                    self._bykey[k].add(x)
        return {y for x in recs for k in self.traits(x)["keys"] for y in self._bykey[k]}

    # -- result --------------------------------------------------------------------------------
    def figures(self):
        out = {"entities_linkable": self.res["entities of both bases that can be linked (sure + probable)"], "linked": self.res["LINKED ENTITIES"]}
        out |= {k: len(self.cases[k]) for k in FIGURES}
        out["diverging"] = {k.split()[1]: len(v) for k, v in sorted(self.cases.items()) if k.startswith("diverging ") and v}
        out["silent_copies"] = {k.split()[1]: len(v) for k, v in sorted(self.cases.items()) if k.startswith("silent_copies ") and v}
        out["excused"] = {k: len(v) for k, v in sorted(self.excused.items()) if v}
        out["reviews"] = len(self.reviews)
        return out

    def report(self, n, out=sys.stdout):
        f = self.figures()
        print(f"linkable entities {f['entities_linkable']}; linked {f['linked']} ({100 * f['linked'] / max(f['entities_linkable'], 1):.1f} %); "
              f"wrong {f['wrong']}; reviews {f['reviews']}", file=out)
        rng = random.Random(1)
        for k in sorted(self.res, key=lambda k: (not k.isupper() and not k.split()[0].isupper(), k)):
            print(f"{self.res[k]:8d}  {k}", file=out)
            ex = self.ex.get(k, ())
            for e in (rng.sample(ex, n) if len(ex) > n else ex):
                print("          " + json.dumps(e, ensure_ascii=False)[:230], file=out)
        print("figures: " + json.dumps(f, ensure_ascii=False), file=out)


def arguments():
    a = argparse.ArgumentParser("check")
    a.add_argument("dir")
    a.add_argument("--b24-dump", required=True)
    a.add_argument("--onec-dump", required=True)
    a.add_argument("--reviews", help="what the product left to a person (JSON of `obmen review list --json`)")
    a.add_argument("--contact-field", default="UF_CRM_1C_CONTACT_ID")
    a.add_argument("--company-field", default="UF_CRM_1C_COMPANY_ID")
    a.add_argument("--inn-field", default="UF_CRM_INN")
    a.add_argument("--onec-id-property", help="additional attribute that should hold the Bitrix24 id of each linked 1C object")
    a.add_argument("--scope", help="1C sets that the product is to synchronise, comma separated (default: all)")
    a.add_argument("--examples", type=int, default=2)
    a.add_argument("--json", help="also write figures, counts and all examples here")
    a.add_argument("--max-wrong", type=int, help="exit 1 when there are more wrong links than this")
    return a


def main(argv=None):
    o = arguments().parse_args(argv)
    c = Check(o)
    c.run()
    c.report(o.examples)
    if o.json:
        with open(o.json, "w", encoding="utf-8") as f:
            json.dump({"figures": c.figures(), "counts": c.res, "examples": c.ex}, f, ensure_ascii=False)
    return 1 if o.max_wrong is not None and c.figures()["wrong"] > o.max_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
