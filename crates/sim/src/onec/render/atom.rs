//! Atom: what the interface answers when nobody asks for JSON.

use crate::onec::access::Access;
use crate::onec::changes::Selected;
use crate::onec::error::Refusal;
use crate::onec::filter::EMPTY_DATE;
use crate::onec::objects::{Base, Object, text};
use crate::onec::read::Page;
use crate::onec::records::canonical;
use crate::onec::schema::{Kind, Property, Section};
use crate::onec::select::{Expansion, Selection};
use crate::onec::value::Value;

use super::metadata::edm_type;
use super::xml::{push_element, push_text};
use super::{Part, View};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const NAMESPACES: &str = "xmlns=\"http://www.w3.org/2005/Atom\" \
     xmlns:d=\"http://schemas.microsoft.com/ado/2007/08/dataservices\" \
     xmlns:m=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\"";

pub(super) fn feed(view: &View<'_>, page: &Page<'_>) -> Vec<u8> {
    let mut out = format!("{HEAD}<feed {NAMESPACES} xml:base=\"{}/\">", view.root);
    push_element(&mut out, "id", &format!("{}/{}", view.root, view.set.name));
    push_element(&mut out, "title type=\"text\"", view.set.name);
    push_element(&mut out, "updated", view.moment);
    if let Some(count) = page.count {
        push_element(&mut out, "m:count", &count.to_string());
    }
    for object in &page.rows {
        entry(&mut out, "<entry>", view, object);
    }
    out.push_str("</feed>");
    out.into_bytes()
}

/// Entries of several sets, and tombstones (RFC 6721) of what was deleted.
pub(super) fn changes(
    base: &Base,
    access: &Access<'_>,
    root: &str,
    moment: &str,
    changes: &[Selected],
) -> Vec<u8> {
    let mut out = format!(
        "{HEAD}<feed {NAMESPACES} xmlns:at=\"http://purl.org/atompub/tombstones/1.0\" xml:base=\"{root}/\">"
    );
    push_element(&mut out, "id", &format!("{root}/SelectChanges"));
    push_element(&mut out, "title type=\"text\"", "SelectChanges");
    push_element(&mut out, "updated", moment);
    for change in changes {
        if let Some(when) = &change.deleted {
            out.push_str("<at:deleted-entry ref=\"");
            push_text(&mut out, &format!("{root}/{}(guid'{}')", change.set, change.key));
            out.push_str("\" when=\"");
            push_text(&mut out, when);
            out.push_str("\"/>");
        } else if let Some(set) = base.configuration.set(change.set)
            && let Some(object) = base.object(change.set, change.key)
        {
            let selection = Selection::everything(set);
            let view = View { base, access, root, set, selection: &selection, moment };
            entry(&mut out, "<entry>", &view, object);
        }
    }
    out.push_str("</feed>");
    out.into_bytes()
}

pub(super) fn entry_document(view: &View<'_>, object: &Object) -> Vec<u8> {
    let mut out = HEAD.to_owned();
    entry(&mut out, &format!("<entry {NAMESPACES} xml:base=\"{}/\">", view.root), view, object);
    out.into_bytes()
}

/// One property or tabular section as a document.
pub(super) fn part(view: &View<'_>, object: &Object, part: Part) -> Vec<u8> {
    let mut out = HEAD.to_owned();
    let namespaces = format!(" {NAMESPACES}");
    match part {
        Part::Property(property) => property_of(&mut out, object, property, &namespaces),
        Part::Section(section) => {
            let columns: Vec<&Property> = section.columns.iter().collect();
            section_of(&mut out, view, object, section, &columns, &namespaces);
        }
    }
    out.into_bytes()
}

pub(super) fn service(root: &str, sets: &[&str]) -> Vec<u8> {
    let mut out = format!(
        "{HEAD}<service xmlns=\"http://www.w3.org/2007/app\" xmlns:atom=\"http://www.w3.org/2005/Atom\" \
         xml:base=\"{root}/\"><workspace>"
    );
    push_element(&mut out, "atom:title", "Default");
    for set in sets {
        out.push_str("<collection href=\"");
        push_text(&mut out, set);
        out.push_str("\">");
        push_element(&mut out, "atom:title", set);
        out.push_str("</collection>");
    }
    out.push_str("</workspace></service>");
    out.into_bytes()
}

pub(super) fn refusal(refusal: &Refusal) -> Vec<u8> {
    let mut out =
        format!("{HEAD}<m:error xmlns:m=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\">");
    push_element(&mut out, "m:code", &refusal.code.to_string());
    push_element(&mut out, "m:message xml:lang=\"ru\"", &refusal.message);
    out.push_str("</m:error>");
    out.into_bytes()
}

fn entry(out: &mut String, opening: &str, view: &View<'_>, object: &Object) {
    let canonical = canonical(view.set, object);
    out.push_str(opening);
    push_element(out, "id", &format!("{}/{canonical}", view.root));
    out.push_str("<category term=\"StandardODATA.");
    push_text(out, view.set.name);
    out.push_str("\" scheme=\"http://schemas.microsoft.com/ado/2007/08/dataservices/scheme\"/>");
    push_element(out, "title type=\"text\"", text(object, "Description"));
    push_element(out, "updated", view.moment);
    out.push_str("<author/><link rel=\"edit\" href=\"");
    push_text(out, &canonical);
    out.push_str("\"/>");
    for expansion in &view.selection.expansions {
        inline(out, view, object, expansion, &canonical);
    }
    out.push_str("<content type=\"application/xml\"><m:properties>");
    for property in &view.selection.properties {
        property_of(out, object, property, "");
    }
    for (section, columns) in &view.selection.sections {
        section_of(out, view, object, section, columns, "");
    }
    out.push_str("</m:properties></content></entry>");
}

fn section_of(
    out: &mut String,
    view: &View<'_>,
    object: &Object,
    section: &Section,
    columns: &[&'static Property],
    namespaces: &str,
) {
    out.push_str(&format!(
        "<d:{0}{namespaces} m:type=\"Collection(StandardODATA.{1}_{0}_RowType)\">",
        section.name, view.set.name
    ));
    let rows = object.get(section.name).and_then(Value::as_array).unwrap_or_default();
    for row in rows.iter().filter_map(Value::as_object) {
        out.push_str("<d:element>");
        for column in columns {
            property_of(out, row, column, "");
        }
        out.push_str("</d:element>");
    }
    out.push_str(&format!("</d:{}>", section.name));
}

/// The entity behind a reference, inside of the link to it; an empty inline element where there is none.
fn inline(out: &mut String, view: &View<'_>, object: &Object, expansion: &Expansion, canonical: &str) {
    let name = expansion.name();
    out.push_str("<link rel=\"http://schemas.microsoft.com/ado/2007/08/dataservices/related/");
    push_text(out, &name);
    out.push_str("\" type=\"application/atom+xml;type=entry\" href=\"");
    push_text(out, &format!("{canonical}/{name}"));
    out.push_str("\"><m:inline>");
    if let Some((view, found)) = view.expanded(expansion, object) {
        entry(out, "<entry>", &view, found);
    }
    out.push_str("</m:inline></link>");
}

fn property_of(out: &mut String, object: &Object, property: &Property, namespaces: &str) {
    let name = format!("d:{}{namespaces}", property.name);
    let typed = match property.kind {
        Kind::TypeDescription => return,
        _ => match edm_type(&property.kind) {
            "Edm.String" => name,
            edm => format!("{name} m:type=\"{edm}\""),
        },
    };
    let shown = match object.get(property.name) {
        Some(Value::String(text)) => text.to_string(),
        Some(Value::Null) | None => default(&property.kind).to_owned(),
        Some(other) => other.to_string(),
    };
    push_element(out, &typed, &shown);
}

fn default(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean => "false",
        Kind::Long | Kind::Short | Kind::Double => "0",
        Kind::Date => EMPTY_DATE,
        Kind::Guid | Kind::Reference(_) => "00000000-0000-0000-0000-000000000000",
        Kind::TypeName => "StandardODATA.Undefined",
        Kind::Version => "AAAAAAAAAAA=",
        Kind::Text(_)
        | Kind::Enumeration(_)
        | Kind::Composite { .. }
        | Kind::TypeDescription
        | Kind::Storage => "",
    }
}
