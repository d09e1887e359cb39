//! The data of an infobase: objects by set and reference, their versions and codes.
//!
//! An object keeps exactly the properties it was loaded or written with; what is absent has its type's default when
//! it is shown. Not responsible for rights, validation or handlers. Invariant: every write gives its object a
//! version that no object of the base had before.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::changes::Changes;
use super::extension::{Event, Kept, noted};
use super::index::TextIndex;
use super::records::record_key;
use super::schema::{Code, Configuration, EntitySet, Nature};
use super::value::Value;
use crate::compact::Names;

pub(crate) use super::value::Object;

/// All objects of the base.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) configuration: &'static Configuration,
    tables: BTreeMap<&'static str, Table>,
    /// Lines of sets that the schema does not know (registers among them), as they came.
    foreign: BTreeMap<String, Vec<Json>>,
    pub(crate) changes: Changes,
    /// The registers of obmen's extension.
    pub(crate) kept: Kept,
    /// The object that the extension itself is writing: its outbox says nothing of it.
    pub(crate) ours: Option<(&'static str, Uuid)>,
    before: Option<Before>,
    last_version: u64,
    born: u64,
    seed: u64,
}

/// What stood before the transaction that is open: objects in the order of their writes, and what plans had registered.
#[derive(Debug)]
struct Before {
    objects: Vec<(&'static str, Uuid, Option<Object>)>,
    changes: Changes,
}

/// The objects of one set.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) set: &'static EntitySet,
    objects: BTreeMap<Uuid, Object>,
    names: Names,
    /// The order in which rows come when nobody asked for one.
    scattered: BTreeSet<(u64, Uuid)>,
    index: TextIndex,
    last_number: u64,
    writes: u64,
    seed: u64,
}

impl Base {
    pub(crate) fn new(configuration: &'static Configuration, seed: u64) -> Self {
        let mut tables: BTreeMap<&'static str, Table> =
            configuration.sets.iter().map(|set| (set.name, Table::new(set, seed))).collect();
        for table in tables.values_mut().filter(|table| table.set.is_constant()) {
            let unset = Object::new();
            table.put(record_key(table.set, &unset), unset);
        }
        Self {
            configuration,
            tables,
            foreign: BTreeMap::new(),
            changes: Changes::default(),
            kept: Kept::default(),
            ours: None,
            before: None,
            last_version: 0,
            born: 0,
            seed,
        }
    }

    pub(crate) fn table(&self, set: &str) -> Option<&Table> {
        self.tables.get(set)
    }

    pub(crate) fn object(&self, set: &str, key: Uuid) -> Option<&Object> {
        self.tables.get(set)?.objects.get(&key)
    }

    /// Whether a constant of the configuration is set to true.
    pub(crate) fn is_switched_on(&self, constant: &str) -> bool {
        let records = self.tables.get(constant).into_iter().flat_map(|table| table.objects.values());
        records.into_iter().any(|record| flag(record, "Value"))
    }

    /// Adds an object as it is.
    pub(crate) fn load(&mut self, set: &str, object: &Map<String, Json>) -> Result<(), String> {
        let Some(table) = self.tables.get_mut(set) else {
            self.foreign.entry(set.to_owned()).or_default().push(Json::Object(object.clone()));
            return Ok(());
        };
        let object = Object::from(object);
        let key = match table.set.nature {
            Nature::Objects => {
                let text =
                    object.get("Ref_Key").and_then(Value::as_str).ok_or("the object has no Ref_Key")?;
                Uuid::try_parse(text).map_err(|_| format!("Ref_Key {text} is no guid"))?
            }
            _ => record_key(table.set, &object),
        };
        if table.objects.contains_key(&key) && !table.set.is_constant() {
            return Err(format!("{set} {key} is there already"));
        }
        let version = object.get("DataVersion").and_then(Value::as_str).and_then(read_version).unwrap_or(0);
        self.last_version = self.last_version.max(version);
        table.put(key, object);
        Ok(())
    }

    /// Writes an object under a new version. Records of registers have none.
    pub(crate) fn write(&mut self, set: &str, key: Uuid, mut object: Object) {
        let table = self.tables.get_mut(set).expect("writes go to sets of the schema");
        if table.set.nature == Nature::Objects {
            self.last_version += 1;
            object.insert("Ref_Key".to_owned(), Value::from(key.to_string()));
            object.insert("DataVersion".to_owned(), Value::from(show_version(self.last_version)));
        }
        let set = table.set.name;
        if let Some(before) = &mut self.before {
            before.objects.push((set, key, table.get(key).cloned()));
        }
        if self.ours != Some((set, key))
            && let Some((set, key)) = noted(self.configuration.product, set, key, &object)
        {
            self.kept.outbox.note(set, key, Event::Written);
        }
        table.writes += 1;
        table.put(key, object);
        self.register(set, key, None);
    }

    /// Removes an object physically; references to it stay. `moment` is in UTC.
    pub(crate) fn remove(&mut self, set: &str, key: Uuid, moment: &str) -> bool {
        let Some(table) = self.tables.get_mut(set).filter(|table| table.objects.contains_key(&key)) else {
            return false;
        };
        let set = table.set.name;
        let old = table.get(key).cloned();
        if let Some((set, key)) =
            old.as_ref().and_then(|old| noted(self.configuration.product, set, key, old))
        {
            let event = if set == table.set.name { Event::Deleted } else { Event::Written };
            self.kept.outbox.note(set, key, event);
        }
        if let Some(before) = &mut self.before {
            before.objects.push((set, key, old));
        }
        table.take(key);
        self.register(set, key, Some(moment));
        true
    }

    /// From here on everything can be taken back, codes and versions excepted: numbers that were given are not given again.
    pub(crate) fn begin(&mut self) {
        self.before = Some(Before { objects: Vec::new(), changes: self.changes.clone() });
        self.kept.outbox.begin();
    }

    pub(crate) fn commit(&mut self) {
        self.before = None;
        self.kept.outbox.commit();
    }

    pub(crate) fn roll_back(&mut self) {
        self.kept.outbox.roll_back();
        let Some(before) = self.before.take() else { return };
        self.changes = before.changes;
        for (set, key, old) in before.objects.into_iter().rev() {
            let Some(table) = self.tables.get_mut(set) else { continue };
            match old {
                Some(object) => table.put(key, object),
                None => table.take(key),
            }
        }
    }

    /// Registers a write for the nodes of the plans that have the set in their content.
    fn register(&mut self, set: &'static str, key: Uuid, deleted: Option<&str>) {
        let plans = self.configuration.plans.iter();
        for plan in plans.filter(|plan| plan.registers && plan.content.contains(&set)) {
            let nodes = self.tables.get(plan.set).into_iter().flat_map(|table| &table.objects);
            for (node, _) in nodes.filter(|(_, node)| !flag(node, "ThisNode")) {
                self.changes.register(*node, set, key, deleted);
            }
        }
    }

    /// A reference that no object has.
    pub(crate) fn new_key(&mut self, set: &str) -> Uuid {
        self.born += 1;
        Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}:{set}:{}", self.seed, self.born).as_bytes())
    }

    /// The next code of a set that numbers its objects.
    pub(crate) fn new_code(&mut self, set: &str, code: Code) -> String {
        let table = self.tables.get_mut(set).expect("codes are given in sets of the schema");
        table.last_number += 1;
        let width = code.length.saturating_sub(code.prefix.chars().count());
        format!("{}{:0width$}", code.prefix, table.last_number)
    }

    /// The objects of some sets, in the shape of the dump.
    pub(crate) fn dump_of(&self, sets: &[&str]) -> Json {
        let tables = self.tables.iter().filter(|(name, _)| sets.contains(name));
        let objects: Map<String, Json> = tables.map(|(name, table)| table.dumped(name)).collect();
        Json::Object(Map::from_iter([("objects".to_owned(), Json::Object(objects))]))
    }

    pub(crate) fn dump(&self) -> Json {
        let mut sets: Map<String, Json> =
            self.tables.iter().map(|(name, table)| table.dumped(name)).collect();
        for (name, lines) in &self.foreign {
            sets.insert(name.clone(), Json::Array(lines.clone()));
        }
        let mut document = Map::new();
        document.insert("objects".to_owned(), Json::Object(sets));
        let links = self.kept.shown();
        if !links.is_empty() {
            document.insert("links".to_owned(), Json::Array(links));
        }
        Json::Object(document)
    }
}

impl Table {
    fn dumped(&self, name: &str) -> (String, Json) {
        let objects = serde_json::to_value(self.objects.values().collect::<Vec<_>>());
        (name.to_owned(), objects.expect("objects are JSON"))
    }

    fn new(set: &'static EntitySet, seed: u64) -> Self {
        Self {
            set,
            objects: BTreeMap::new(),
            names: Names::default(),
            scattered: BTreeSet::new(),
            index: TextIndex::default(),
            last_number: 0,
            writes: 0,
            seed,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(crate) fn get(&self, key: Uuid) -> Option<&Object> {
        self.objects.get(&key)
    }

    /// Where texts stand that clients search by.
    pub(crate) fn index(&self) -> &TextIndex {
        &self.index
    }

    /// Objects by reference.
    pub(crate) fn ordered(&self) -> &BTreeMap<Uuid, Object> {
        &self.objects
    }

    /// Objects in the order of nobody: it turns with every write, as the real one may.
    pub(crate) fn scattered(&self) -> impl Iterator<Item = (Uuid, &Object)> {
        let pivot = (mix(self.writes), Uuid::nil());
        let keys = self.scattered.range(pivot..).chain(self.scattered.range(..pivot));
        keys.filter_map(|(_, key)| self.objects.get_key_value(key)).map(|(key, object)| (*key, object))
    }

    /// Where the object stands in the order of nobody.
    pub(crate) fn scatter_of(&self, key: Uuid) -> u64 {
        self.scatter(key).wrapping_sub(mix(self.writes))
    }

    fn scatter(&self, key: Uuid) -> u64 {
        let (high, low) = key.as_u64_pair();
        mix(high ^ mix(low ^ self.seed))
    }

    fn put(&mut self, key: Uuid, mut object: Object) {
        object.share_names(&mut self.names);
        let number =
            self.set.code.and_then(|code| text(&object, "Code").strip_prefix(code.prefix)?.parse().ok());
        if let Some(number) = number {
            self.last_number = self.last_number.max(number);
        }
        self.scattered.insert((self.scatter(key), key));
        if let Some(old) = self.objects.get(&key) {
            self.index.remove(key, old);
        }
        self.index.add(key, &object);
        self.objects.insert(key, object);
    }

    fn take(&mut self, key: Uuid) {
        self.writes += 1;
        self.scattered.remove(&(self.scatter(key), key));
        if let Some(old) = self.objects.remove(&key) {
            self.index.remove(key, &old);
        }
    }
}

fn show_version(version: u64) -> String {
    STANDARD.encode(version.to_be_bytes())
}

fn read_version(text: &str) -> Option<u64> {
    let bytes: [u8; 8] = STANDARD.decode(text).ok()?.try_into().ok()?;
    Some(u64::from_be_bytes(bytes))
}

/// A fixed scrambling of numbers (the finalizer of SplitMix64).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A text property; empty where it is absent.
pub(crate) fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or("")
}

/// A boolean property; false where it is absent.
pub(crate) fn flag(object: &Object, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// A reference; the empty one where it is absent.
pub(crate) fn reference(object: &Object, name: &str) -> Uuid {
    Uuid::try_parse(text(object, name)).unwrap_or(Uuid::nil())
}
