//! OData v3 "JSON light".
//!
//! Written straight into the buffer, because pages of a thousand objects are the common case.

use serde::Serialize;

use crate::onec::error::Refusal;
use crate::onec::filter::{EMPTY_DATE, field};
use crate::onec::objects::{Object, text};
use crate::onec::read::{Page, presentation};
use crate::onec::records::canonical;
use crate::onec::schema::{Kind, Property, Section};
use crate::onec::value::Value;

use super::metadata::edm_type;
use super::{Level, Part, View};

pub(super) fn feed(level: Level, view: &View<'_>, page: &Page<'_>) -> Vec<u8> {
    let mut out = Writer::new();
    out.open(b'{');
    if level != Level::None {
        out.member("odata.metadata", format!("{}/$metadata#{}", view.root, view.set.name));
    }
    if let Some(count) = page.count {
        out.member("odata.count", count.to_string());
    }
    out.name("value");
    out.open(b'[');
    for object in &page.rows {
        out.next();
        entity_body(&mut out, level, view, object, false);
    }
    out.close(b']');
    out.close(b'}');
    out.bytes
}

pub(super) fn entity(level: Level, view: &View<'_>, object: &Object) -> Vec<u8> {
    let mut out = Writer::new();
    entity_body(&mut out, level, view, object, true);
    out.bytes
}

pub(super) fn part(level: Level, view: &View<'_>, object: &Object, part: Part) -> Vec<u8> {
    let mut out = Writer::new();
    out.open(b'{');
    if level != Level::None {
        let shown = match part {
            Part::Property(property) => edm_type(&property.kind).to_owned(),
            Part::Section(section) => {
                format!("Collection(StandardODATA.{}_{}_RowType)", view.set.name, section.name)
            }
        };
        out.member("odata.metadata", format!("{}/$metadata#{shown}", view.root));
    }
    out.name("value");
    match part {
        Part::Property(property) => value_of(&mut out, object, property),
        Part::Section(section) => {
            rows_of(&mut out, object, section, &section.columns.iter().collect::<Vec<_>>());
        }
    }
    out.close(b'}');
    out.bytes
}

pub(super) fn service(level: Level, root: &str, sets: &[&str]) -> Vec<u8> {
    let mut out = Writer::new();
    out.open(b'{');
    if level != Level::None {
        out.member("odata.metadata", format!("{root}/$metadata"));
    }
    out.name("value");
    out.open(b'[');
    for set in sets {
        out.next();
        out.open(b'{');
        out.member("name", set);
        out.member("url", set);
        out.close(b'}');
    }
    out.close(b']');
    out.close(b'}');
    out.bytes
}

pub(super) fn refusal(refusal: &Refusal) -> Vec<u8> {
    let document = serde_json::json!({
        "odata.error": {
            "code": refusal.code.to_string(),
            "message": { "lang": "ru", "value": refusal.message },
        }
    });
    document.to_string().into_bytes()
}

fn entity_body(out: &mut Writer, level: Level, view: &View<'_>, object: &Object, alone: bool) {
    let canonical = if level == Level::None { String::new() } else { canonical(view.set, object) };
    out.open(b'{');
    if alone && level != Level::None {
        out.member("odata.metadata", format!("{}/$metadata#{}/@Element", view.root, view.set.name));
    }
    if level == Level::Full {
        out.member("odata.type", format!("StandardODATA.{}", view.set.name));
        out.member("odata.id", format!("{}/{canonical}", view.root));
        out.member("odata.editLink", &canonical);
    }
    for property in &view.selection.properties {
        // JSON itself tells texts, flags and small numbers.
        let edm = edm_type(&property.kind);
        if level == Level::Full && !matches!(edm, "Edm.String" | "Edm.Boolean" | "Edm.Int16" | "Edm.Double") {
            out.member(&format!("{}@odata.type", property.name), edm);
        }
        property_of(out, object, property);
        if level != Level::None
            && let Some(name) = view.link(property)
            && !view.selection.expansions.iter().any(|expansion| expansion.property.name == property.name)
        {
            out.member(&format!("{name}@navigationLinkUrl"), format!("{canonical}/{name}"));
        }
    }
    for (section, columns) in &view.selection.sections {
        if level != Level::None {
            let row_type = format!("Collection(StandardODATA.{}_{}_RowType)", view.set.name, section.name);
            out.member(&format!("{}@odata.type", section.name), row_type);
        }
        section_of(out, object, section, columns);
    }
    for expansion in &view.selection.expansions {
        out.name(&expansion.name());
        match view.expanded(expansion, object) {
            Some((view, found)) => entity_body(out, level, &view, found, false),
            None => out.value(Value::Null),
        }
    }
    for property in &view.selection.presentations {
        let name = property.navigation().unwrap_or(property.name);
        out.member(&format!("{name}____Presentation"), presentation(view.base, &field(object, property)));
    }
    if view.selection.presentation {
        out.member("Presentation", text(object, "Description"));
    }
    out.close(b'}');
}

fn section_of(out: &mut Writer, object: &Object, section: &Section, columns: &[&'static Property]) {
    out.name(section.name);
    rows_of(out, object, section, columns);
}

fn rows_of(out: &mut Writer, object: &Object, section: &Section, columns: &[&'static Property]) {
    out.open(b'[');
    let rows = object.get(section.name).and_then(Value::as_array).unwrap_or_default();
    for row in rows.iter().filter_map(Value::as_object) {
        out.next();
        out.open(b'{');
        for column in columns {
            property_of(out, row, column);
        }
        out.close(b'}');
    }
    out.close(b']');
}

fn property_of(out: &mut Writer, object: &Object, property: &Property) {
    out.name(property.name);
    value_of(out, object, property);
}

fn value_of(out: &mut Writer, object: &Object, property: &Property) {
    let stored = object.get(property.name);
    let text = stored.and_then(Value::as_str);
    match &property.kind {
        Kind::Text(_) | Kind::Enumeration(_) | Kind::Storage => out.value(text.unwrap_or("")),
        Kind::Boolean => out.value(stored.and_then(Value::as_bool).unwrap_or(false)),
        Kind::Long => match stored {
            Some(Value::Number(number)) => out.value(number.to_string()),
            _ => out.value(text.unwrap_or("0")),
        },
        Kind::Short | Kind::Double => match stored {
            Some(number @ Value::Number(_)) => out.value(number),
            _ => out.value(0),
        },
        Kind::Date => out.value(text.unwrap_or(EMPTY_DATE)),
        Kind::Guid | Kind::Reference(_) => match text {
            Some(text) if text.bytes().any(|one| one.is_ascii_uppercase()) => {
                out.value(text.to_ascii_lowercase());
            }
            Some(text) => out.value(text),
            None => out.value("00000000-0000-0000-0000-000000000000"),
        },
        Kind::Composite { .. } => match stored {
            Some(value) => out.value(value),
            None => out.value(""),
        },
        Kind::TypeName => out.value(text.unwrap_or("StandardODATA.Undefined")),
        Kind::Version => out.value(text.unwrap_or("AAAAAAAAAAA=")),
        Kind::TypeDescription => match stored {
            Some(value) => out.value(value),
            None => out.value(serde_json::json!({ "Types": [] })),
        },
    }
}

/// Writes members and elements with their commas.
struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// With room for many objects: growing step by step costs more than writing.
    fn new() -> Self {
        Self { bytes: Vec::with_capacity(1 << 16) }
    }

    fn open(&mut self, bracket: u8) {
        self.bytes.push(bracket);
    }

    fn close(&mut self, bracket: u8) {
        self.bytes.push(bracket);
    }

    /// A comma, unless the container was just opened.
    fn next(&mut self) {
        if !matches!(self.bytes.last(), Some(b'{' | b'[')) {
            self.bytes.push(b',');
        }
    }

    /// Names are those of the schema and of OData, which need no escapes.
    fn name(&mut self, name: &str) {
        self.next();
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
    }

    fn member(&mut self, name: &str, value: impl Serialize) {
        self.name(name);
        self.value(value);
    }

    fn value(&mut self, value: impl Serialize) {
        serde_json::to_writer(&mut self.bytes, &value)
            .expect("plain values are written to memory without failure");
    }
}
