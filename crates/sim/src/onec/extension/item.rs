//! `write`: items that are one transaction each.
//!
//! Invariants: all versions of an item are compared before the first of its objects is written; an item that is not done leaves
//! nothing behind, neither objects nor rows of the outbox nor its key.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::onec::error::Refusal;
use crate::onec::gate::write_fault;
use crate::onec::objects::{Object, text};
use crate::onec::records::record_key;
use crate::onec::schema::{EntitySet, Nature};
use crate::onec::service::wall_clock;
use crate::onec::settings::{Fault, Right};
use crate::onec::write::{Manner, change, create};

use super::body::body_of;
use super::sets::of_build;
use super::values::{FIRST_VERSION, shown, value};
use super::{Complaint, Extension, Name, question};

/// How long a request works where nobody says.
const USUAL_SECONDS: u64 = 50;
const MOST_SECONDS: u64 = 600;
const KEY_LENGTH: usize = 100;

#[derive(Deserialize)]
pub(super) struct WriteBody {
    pair: Option<String>,
    seconds: Option<u64>,
    pub(super) items: Vec<Json>,
    #[serde(default)]
    show: Vec<question::Wanted>,
}

#[derive(Deserialize)]
struct Item {
    key: String,
    #[serde(default)]
    objects: Vec<Part>,
    #[serde(default)]
    records: Vec<Record>,
}

/// An object of an item.
#[derive(Deserialize)]
struct Part {
    #[serde(flatten)]
    name: Name,
    version: String,
    fields: Option<Map<String, Json>>,
    mutual_id: Option<String>,
}

/// A record of a register.
#[derive(Deserialize)]
struct Record {
    set: String,
    /// What it has to be before; given as `null` where there must be none.
    #[serde(default, deserialize_with = "given")]
    was: Option<Json>,
    fields: Map<String, Json>,
}

/// Why an item is not done.
pub(super) struct NotDone {
    outcome: &'static str,
    words: String,
    /// What else is said of it: the field, the object it is about, who holds an id.
    more: Map<String, Json>,
}

impl NotDone {
    pub(super) fn new(outcome: &'static str, words: impl Into<String>) -> Self {
        Self { outcome, words: words.into(), more: Map::new() }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    fn about(self, name: &Name) -> Self {
        self.with("set", name.set.as_str()).with("ref", name.reference.as_str())
    }
}

impl From<Complaint> for NotDone {
    fn from(complaint: Complaint) -> Self {
        Self::new(complaint.code, complaint.words)
    }
}

impl Extension<'_> {
    pub(super) fn write(&mut self, body: &WriteBody) -> (Json, Duration) {
        self.base.kept.clean(self.now);
        let seconds = body.seconds.unwrap_or(USUAL_SECONDS).min(MOST_SECONDS);
        let mut took = self.settings.read_cost;
        let mut items = Vec::with_capacity(body.items.len());
        for item in &body.items {
            if took > Duration::from_secs(seconds) {
                let late = NotDone::new("not-reached", "На эту позицию не хватило времени запроса.");
                items.push(not_done(item, late));
                continue;
            }
            took += self.settings.write_cost;
            items.push(self.item(item, body.pair.as_deref().unwrap_or_default()));
        }
        let (shown, rows) = self.shown_after(body);
        (json!({ "items": items, "shown": shown }), took + self.settings.row_cost * rows)
    }

    fn item(&mut self, sent: &Json, pair: &str) -> Json {
        let item = match serde_json::from_value::<Item>(sent.clone()) {
            Ok(item) if (1..=KEY_LENGTH).contains(&item.key.chars().count()) => item,
            Ok(_) => return not_done(sent, NotDone::new("bad-item", "Ключ — текст от 1 до 100 символов.")),
            Err(error) => return not_done(sent, NotDone::new("bad-item", error.to_string())),
        };
        let is_repeated = self.base.kept.knows(&item.key);
        if !is_repeated {
            self.base.begin();
            if let Err(why) = self.transaction(&item, pair) {
                self.base.roll_back();
                return not_done(sent, why);
            }
            self.base.commit();
            self.base.kept.remember(&item.key, self.now);
            self.counters.write();
        }
        let objects: Vec<Json> = item.objects.iter().map(|part| self.standing(&part.name)).collect();
        json!({ "key": item.key, "outcome": "done", "repeated": is_repeated, "objects": objects })
    }

    fn transaction(&mut self, item: &Item, pair: &str) -> Result<(), NotDone> {
        match write_fault(self.settings) {
            Some(refusal) if self.settings.fault == Some(Fault::LockConflict) => {
                return Err(NotDone::new("busy", refusal.message));
            }
            Some(refusal) => return Err(NotDone::new("refused", refusal.message)),
            None => {}
        }
        let mut places = Vec::with_capacity(item.objects.len());
        for part in &item.objects {
            places.push(self.compare(part, pair).map_err(|why| why.about(&part.name))?);
        }
        for (part, place) in item.objects.iter().zip(&places) {
            self.write_part(part, *place).map_err(|why| why.about(&part.name))?;
        }
        for record in &item.records {
            self.write_record(record).map_err(|why| why.with("set", record.set.as_str()))?;
        }
        // Nothing can fail from here on.
        for (part, (set, key)) in item.objects.iter().zip(places) {
            if let Some(id) = &part.mutual_id {
                self.base.kept.link(pair, set.name, key, id);
            }
        }
        Ok(())
    }

    /// Finds the place of an object and whether it stands there as it is expected to.
    fn compare(&self, part: &Part, pair: &str) -> Result<(&'static EntitySet, Uuid), NotDone> {
        let right = if part.version.is_empty() { Right::Insert } else { Right::Update };
        let set = self.written_set(&part.name.set, right)?;
        let key = Uuid::try_parse(&part.name.reference).ok().filter(|key| !key.is_nil());
        let key = key.filter(|_| set.nature == Nature::Objects);
        let key = key.ok_or_else(|| NotDone::new("bad-item", "У объекта должна быть ссылка."))?;
        match (self.base.object(set.name, key), part.version.as_str()) {
            (None, "") if part.fields.is_none() => {
                return Err(NotDone::new("bad-item", "У нового объекта нет полей."));
            }
            (None, "") => {}
            (None, _) => return Err(NotDone::new("missing", "Такого объекта нет.")),
            (Some(object), _) if !self.access.shows(self.base, set, key, object) => {
                return Err(NotDone::new("denied", "Недостаточно прав на строки набора."));
            }
            (Some(_), "") => return Err(NotDone::new("exists", "Объект с этой ссылкой уже есть.")),
            (Some(object), version) if version_of(object) != version => {
                return Err(NotDone::new("moved", "Объект записан после того, как его прочитали."));
            }
            (Some(_), _) => {}
        }
        if let Some(id) = &part.mutual_id
            && let Some(holder) = self.holder_but(pair, (set.name, key), id)?
        {
            let words = format!("Запись портала {id} уже связана с другим объектом.");
            return Err(NotDone::new("taken", words).with("holder", holder));
        }
        Ok((set, key))
    }

    fn write_part(&mut self, part: &Part, (set, key): (&'static EntitySet, Uuid)) -> Result<(), NotDone> {
        let Some(fields) = &part.fields else { return Ok(()) };
        if let Some(words) = self.settings.forbidden.get(&key) {
            return Err(NotDone::new("refused", words));
        }
        let mut body = body_of(set, fields)?;
        body.insert("Ref_Key", key.to_string());
        self.store(set, key, &body, part.version.is_empty())
    }

    fn write_record(&mut self, record: &Record) -> Result<(), NotDone> {
        let set = self.written_set(&record.set, Right::Update)?;
        if !matches!(set.nature, Nature::Records { .. }) {
            return Err(NotDone::new("bad-item", "Запись пишут в регистр."));
        }
        if let Some(missing) = set.key().into_iter().find(|name| !record.fields.contains_key(*name)) {
            return Err(NotDone::new("bad-item", format!("Среди полей записи нет {missing}.")));
        }
        let body = body_of(set, &record.fields)?;
        let key = record_key(set, &body);
        let standing = self.base.object(set.name, key);
        let is_as_it_was = match (&record.was, standing) {
            (None, _) | (Some(Json::Null), None) => true,
            (Some(Json::Object(was)), Some(object)) => was.iter().all(|(name, was)| {
                shown(&set.properties, name).is_some_and(|property| value(object, property) == *was)
            }),
            _ => false,
        };
        if !is_as_it_was {
            return Err(NotDone::new("moved", "Запись регистра изменена после того, как её прочитали."));
        }
        let is_new = standing.is_none();
        self.store(set, key, &body, is_new)
    }

    /// Writes by the same way as everybody; only the outbox is told that it is ours.
    fn store(
        &mut self,
        set: &'static EntitySet,
        key: Uuid,
        body: &Object,
        is_new: bool,
    ) -> Result<(), NotDone> {
        let moment = wall_clock(self.settings, self.now);
        let versions = (&self.settings.versioned, self.settings.user.as_str());
        let access = Some(&self.access);
        let manner = Manner { moment: &moment, load_mode: false, honours_key: true, versions, access };
        self.base.ours = Some((set.name, key));
        let done = match is_new {
            true => create(self.base, self.settings, set, body, manner).map(|_| ()),
            false => change(self.base, self.settings, set, key, body, manner),
        };
        self.base.ours = None;
        done.map_err(not_stored)
    }

    fn written_set(&self, name: &str, right: Right) -> Result<&'static EntitySet, NotDone> {
        let in_build =
            of_build(self.settings.configuration).iter().find(|one| one.name == name && one.is_written);
        let set = in_build.and_then(|one| self.base.configuration.set(one.name));
        let set = set.ok_or_else(|| NotDone::new("bad-item", format!("Набор {name} не записывается.")))?;
        match self.access.may(right, set) {
            true => Ok(set),
            false => Err(NotDone::new("denied", format!("Нет права на изменение набора {name}."))),
        }
    }

    fn standing(&self, name: &Name) -> Json {
        let key = Uuid::try_parse(&name.reference).unwrap_or_default();
        let version = self.base.object(&name.set, key).map_or("", version_of);
        json!({ "set": name.set, "ref": key.to_string(), "version": version })
    }

    /// The objects that items named in the wanted sets, as they stand now, and how many they are.
    fn shown_after(&self, body: &WriteBody) -> (Vec<Json>, u32) {
        let mut reading = self.reading(body.pair.as_deref());
        let mut shown = Vec::with_capacity(body.show.len());
        for wanted in &body.show {
            let objects =
                body.items.iter().flat_map(|item| item.get("objects").and_then(Json::as_array)).flatten();
            let of_set =
                objects.filter(|part| part.get("set").and_then(Json::as_str) == Some(wanted.set.as_str()));
            let refs: BTreeSet<&str> = of_set.filter_map(|part| part.get("ref")?.as_str()).collect();
            let refs = refs.into_iter().map(str::to_owned).collect();
            shown.push(reading.by_reference(&wanted.of(refs)));
        }
        (shown, u32::try_from(reading.shown()).unwrap_or(u32::MAX))
    }
}

/// The version as it is shown: an object that was loaded without one has the first.
fn version_of(object: &Object) -> &str {
    match text(object, "DataVersion") {
        "" => FIRST_VERSION,
        version => version,
    }
}

/// What a refusal of the platform or of a handler is in the words of the contract.
fn not_stored(refusal: Refusal) -> NotDone {
    let outcome = match refusal.code {
        9 => "missing",
        15 => "exists",
        20 => "denied",
        _ => "refused",
    };
    let field =
        refusal.message.rsplit_once(": ").filter(|_| refusal.code == 4).map(|(_, field)| field.to_owned());
    let why = NotDone::new(outcome, refusal.message);
    match field {
        Some(field) => why.with("field", field),
        None => why,
    }
}

fn not_done(item: &Json, why: NotDone) -> Json {
    let mut answer = Map::new();
    answer.insert("key".to_owned(), item.get("key").cloned().unwrap_or(Json::Null));
    answer.insert("outcome".to_owned(), json!(why.outcome));
    answer.insert("words".to_owned(), json!(why.words));
    answer.extend(why.more);
    Json::Object(answer)
}

/// `null` is something given.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}
