//! Whoever works at the screens of both systems while the demo shows the live exchange.
//!
//! They enter people and firms, correct phones, mailboxes and names, move people to firms, and delete now and then. One
//! seed gives one order of acts; on whom depends on what both systems hold by then. Not responsible for pace and messages.

use std::iter::Cycle;
use std::vec::IntoIter;

use obmen_domain::record::Side;
use obmen_sim::population::{Recipe, generate};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::worlds::Worlds;

const COUNTERPARTIES: &str = "Catalog_Контрагенты";
const CONTACT_PERSONS: &str = "Catalog_КонтактныеЛица";
/// Somebody else than the user of the webhook.
const USER: &str = "2";
/// So often a record is drawn anew before somebody does something else.
const DRAWS: usize = 20;

/// People at work.
pub(super) struct Users {
    draws: ChaCha8Rng,
    people: Cycle<IntoIter<Name>>,
    firms: Cycle<IntoIter<Firm>>,
    values: u64,
}

/// What somebody did to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Act {
    pub(super) side: Side,
    /// Where the record stands: `contact`, `company`, or a catalog of 1C.
    pub(super) set: &'static str,
    /// Its id there.
    pub(super) id: String,
    /// What it is called.
    pub(super) name: String,
    pub(super) deed: Deed,
}

/// What can be done to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Entered,
    Phone,
    Mailbox,
    Renamed,
    Joined,
    Deleted,
}

#[derive(Debug, Clone)]
struct Name {
    last: String,
    first: String,
    patronymic: String,
}

#[derive(Debug, Clone)]
struct Firm {
    short: String,
    full: String,
    inn: String,
    kpp: String,
}

/// A record as its list shows it.
struct Row {
    set: &'static str,
    id: String,
    title: String,
    phones: Vec<String>,
    record: Value,
}

impl Deed {
    /// The message that tells of it.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Entered => "demo-entered",
            Self::Phone => "demo-phone",
            Self::Mailbox => "demo-mailbox",
            Self::Renamed => "demo-renamed",
            Self::Joined => "demo-joined",
            Self::Deleted => "demo-deleted",
        }
    }
}

impl Users {
    /// People who do what this seed says.
    pub(super) fn new(seed: u64) -> Self {
        let bases = generate(&Recipe { seed: !seed, ..Recipe::new(400, 120) });
        let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let contacts = bases.bitrix24.iter().filter(|line| line["entity"] == "contact");
        let people = contacts.map(|line| Name {
            last: text(line, "LAST_NAME"),
            first: text(line, "NAME"),
            patronymic: text(line, "SECOND_NAME"),
        });
        let objects = bases.onec.iter().filter(|line| line["entity"] == COUNTERPARTIES);
        let objects = objects.map(|line| &line["object"]);
        let firms = objects.filter(|object| object["ЮридическоеФизическоеЛицо"] == "ЮридическоеЛицо");
        let firms = firms.map(|object| Firm {
            short: text(object, "Description"),
            full: text(object, "НаименованиеПолное"),
            inn: text(object, "ИНН"),
            kpp: text(object, "КПП"),
        });
        Self {
            draws: ChaCha8Rng::seed_from_u64(seed),
            people: people.collect::<Vec<_>>().into_iter().cycle(),
            firms: firms.collect::<Vec<_>>().into_iter().cycle(),
            values: 0,
        }
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.draws.random_range(0..end.max(1))
    }

    /// Whether something of this likelihood happens.
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.draws.random_bool(share)
    }

    /// Somebody does the next thing; nothing where the form refuses it.
    pub(super) fn act(&mut self, worlds: &Worlds) -> Option<Act> {
        let side = if self.chance(0.5) { Side::Bitrix24 } else { Side::Onec };
        match self.below(100) {
            0..36 => self.change_phone(worlds, side),
            36..54 => self.change_mailbox(worlds, side),
            54..66 => self.rename(worlds, side),
            66..88 => self.enter_person(worlds, side),
            88..92 => self.enter_firm(worlds, side),
            92..96 => self.join(worlds),
            _ => self.delete(worlds, side),
        }
    }

    fn change_phone(&mut self, worlds: &Worlds, side: Side) -> Option<Act> {
        let row = self.anybody(worlds, side)?;
        // Which of several it is, the form of 1C tells by their kinds; people change the only one here.
        if side == Side::Onec && row.phones.len() > 1 {
            return None;
        }
        let phone = self.phone();
        let fields = match (side, row.record["PHONE"][0]["ID"].as_str()) {
            (Side::Bitrix24, Some(id)) => {
                json!({"PHONE": [{"ID": id, "VALUE": phone, "VALUE_TYPE": "MOBILE"}]})
            }
            (Side::Bitrix24, None) => json!({"PHONE": [{"VALUE": phone, "VALUE_TYPE": "MOBILE"}]}),
            (Side::Onec, _) => json!({ "phones": [phone] }),
        };
        change(worlds, side, row, &fields, Deed::Phone)
    }

    fn change_mailbox(&mut self, worlds: &Worlds, side: Side) -> Option<Act> {
        let row = self.anybody(worlds, side)?;
        let mailbox = self.mailbox();
        let fields = match (side, row.record["EMAIL"][0]["ID"].as_str()) {
            (Side::Bitrix24, Some(id)) => {
                json!({"EMAIL": [{"ID": id, "VALUE": mailbox, "VALUE_TYPE": "WORK"}]})
            }
            (Side::Bitrix24, None) => json!({"EMAIL": [{"VALUE": mailbox, "VALUE_TYPE": "WORK"}]}),
            (Side::Onec, _) => json!({ "emails": [mailbox] }),
        };
        change(worlds, side, row, &fields, Deed::Mailbox)
    }

    /// Somebody marries: the last name changes.
    fn rename(&mut self, worlds: &Worlds, side: Side) -> Option<Act> {
        let row = self.anybody(worlds, side)?;
        let text = |key: &str| row.record[key].as_str().unwrap_or_default();
        let is_woman = |patronymic: &str| patronymic.ends_with('а');
        let fields = match row.set {
            "contact" => {
                let last = self.last_name(is_woman(text("SECOND_NAME")));
                json!({ "LAST_NAME": last })
            }
            CONTACT_PERSONS => json!({ "Фамилия": self.last_name(is_woman(text("Отчество"))) }),
            COUNTERPARTIES if is_private(&row.record) => {
                let (_, rest) = row.title.split_once(' ')?;
                let whole = format!("{} {rest}", self.last_name(is_woman(rest)));
                json!({ "Description": whole, "НаименованиеПолное": whole })
            }
            _ => return None,
        };
        change(worlds, side, row, &fields, Deed::Renamed)
    }

    fn enter_person(&mut self, worlds: &Worlds, side: Side) -> Option<Act> {
        let name = self.people.next()?;
        let (phone, mailbox) = (self.phone(), self.mailbox());
        let whole = format!("{} {} {}", name.last, name.first, name.patronymic).trim_end().to_owned();
        let (set, fields) = match side {
            Side::Bitrix24 => (
                "contact",
                json!({
                    "LAST_NAME": name.last, "NAME": name.first, "SECOND_NAME": name.patronymic,
                    "PHONE": [{"VALUE": phone, "VALUE_TYPE": "MOBILE"}], "EMAIL": [{"VALUE": mailbox, "VALUE_TYPE": "WORK"}],
                }),
            ),
            Side::Onec if self.chance(0.6) => (
                COUNTERPARTIES,
                json!({
                    "Description": whole, "НаименованиеПолное": whole, "ЮридическоеФизическоеЛицо": "ФизическоеЛицо",
                    "phones": [phone], "emails": [mailbox],
                }),
            ),
            Side::Onec => {
                let firm = self.drawn(worlds, side, COUNTERPARTIES, |row| !is_private(&row.record))?;
                let fields = json!({
                    "Фамилия": name.last, "Имя": name.first, "Отчество": name.patronymic, "phones": [phone],
                    "emails": [mailbox], "ОбъектВладелец": firm.id,
                    "ОбъектВладелец_Type": format!("StandardODATA.{COUNTERPARTIES}"),
                    "ВидКонтактногоЛица": "КонтактноеЛицоКонтрагента",
                });
                (CONTACT_PERSONS, fields)
            }
        };
        enter(worlds, side, set, whole, &fields)
    }

    fn enter_firm(&mut self, worlds: &Worlds, side: Side) -> Option<Act> {
        let Firm { short, full, inn, kpp } = self.firms.next()?;
        let phone = self.phone();
        let (set, fields) = match side {
            Side::Bitrix24 => {
                let phones = json!([{"VALUE": phone, "VALUE_TYPE": "WORK"}]);
                ("company", json!({"TITLE": short, "UF_CRM_INN": inn, "PHONE": phones}))
            }
            Side::Onec => (
                COUNTERPARTIES,
                json!({
                    "Description": short, "НаименованиеПолное": full, "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо",
                    "ИНН": inn, "КПП": kpp, "phones": [phone],
                }),
            ),
        };
        enter(worlds, side, set, short, &fields)
    }

    /// A contact moves to a company.
    fn join(&mut self, worlds: &Worlds) -> Option<Act> {
        let side = Side::Bitrix24;
        let is_linked =
            |row: &Row| row.record["UF_CRM_1C_COMPANY_ID"].as_str().is_some_and(|id| !id.is_empty());
        let company = self.drawn(worlds, side, "company", is_linked)?;
        let contact =
            self.drawn(worlds, side, "contact", |row| row.record["COMPANY_ID"] != company.id.as_str())?;
        change(worlds, side, contact, &json!({ "COMPANY_ID": company.id }), Deed::Joined)
    }

    /// In Bitrix24 a card goes into the recycle bin, in 1C an object is marked.
    fn delete(&mut self, worlds: &Worlds, side: Side) -> Option<Act> {
        let row = self.anybody(worlds, side)?;
        let action = match side {
            Side::Bitrix24 => json!({"do": "delete", "entity": row.set, "id": row.id, "user": USER}),
            Side::Onec => json!({"do": "mark", "set": row.set, "ref": row.id}),
        };
        worlds.act(side, &action).ok()?;
        Some(Act { side, set: row.set, id: row.id, name: row.title, deed: Deed::Deleted })
    }

    /// A person mostly, sometimes a firm.
    fn anybody(&mut self, worlds: &Worlds, side: Side) -> Option<Row> {
        let set = match (side, self.below(10)) {
            (Side::Bitrix24, 0..9) => "contact",
            (Side::Bitrix24, _) => "company",
            (Side::Onec, 0..6) => COUNTERPARTIES,
            (Side::Onec, _) => CONTACT_PERSONS,
        };
        self.drawn(worlds, side, set, |_| true)
    }

    /// A record that people work with, drawn from its list.
    fn drawn(
        &mut self,
        worlds: &Worlds,
        side: Side,
        set: &'static str,
        is_wanted: impl Fn(&Row) -> bool,
    ) -> Option<Row> {
        let (total, _) = worlds.shown(side, set, usize::MAX);
        for _ in 0..DRAWS {
            let (_, row) = worlds.shown(side, set, self.below(total));
            let Some(row) = row else { continue };
            let flag = |key: &str| row["record"][key].as_bool().unwrap_or(false);
            if row["deleted"] == true || flag("IsFolder") || flag("Predefined") {
                continue;
            }
            let texts = |key: &str| -> Vec<String> {
                row[key]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect()
            };
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let phones = texts("phones");
            let row =
                Row { set, id: text("id"), title: text("title"), phones, record: row["record"].clone() };
            if is_wanted(&row) {
                return Some(row);
            }
        }
        None
    }

    /// A phone that nobody had before.
    fn phone(&mut self) -> String {
        self.values += 1;
        let digits = format!("{:07}", 1_000_000 + (self.values * 7_919) % 9_000_000);
        format!("+7 (999) {}-{}-{}", &digits[..3], &digits[3..5], &digits[5..])
    }

    /// A mailbox that nobody had before.
    fn mailbox(&mut self) -> String {
        self.values += 1;
        format!("novy{}@pismo.example", self.values)
    }

    fn last_name(&mut self, is_woman: bool) -> String {
        let people = self.people.by_ref();
        let fitting =
            people.find(|name| !name.patronymic.is_empty() && name.patronymic.ends_with('а') == is_woman);
        fitting.map_or_else(String::new, |name| name.last)
    }
}

/// A natural person among the counterparties, who is no entrepreneur.
pub(super) fn is_private(record: &Value) -> bool {
    record["ЮридическоеФизическоеЛицо"] == "ФизическоеЛицо" && record["ИндивидуальныйПредприниматель"] != true
}

fn change(worlds: &Worlds, side: Side, row: Row, fields: &Value, deed: Deed) -> Option<Act> {
    let action = match side {
        Side::Bitrix24 => {
            json!({"do": "update", "entity": row.set, "id": row.id, "user": USER, "fields": fields})
        }
        Side::Onec => json!({"do": "update", "set": row.set, "ref": row.id, "fields": fields}),
    };
    worlds.act(side, &action).ok()?;
    Some(Act { side, set: row.set, id: row.id, name: row.title, deed })
}

fn enter(worlds: &Worlds, side: Side, set: &'static str, name: String, fields: &Value) -> Option<Act> {
    let mut action = Map::new();
    action.insert("do".to_owned(), "create".into());
    action.insert("fields".to_owned(), fields.clone());
    let key = match side {
        Side::Bitrix24 => {
            action.insert("user".to_owned(), USER.into());
            action.insert("entity".to_owned(), set.into());
            "id"
        }
        Side::Onec => {
            action.insert("set".to_owned(), set.into());
            "ref"
        }
    };
    let done = worlds.act(side, &Value::Object(action)).ok()?;
    Some(Act { side, set, id: done[key].as_str()?.to_owned(), name, deed: Deed::Entered })
}
