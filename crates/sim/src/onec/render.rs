//! Answers as bytes: which representation a request asks for, and the representations.

mod atom;
mod json;
mod metadata;
mod xml;

use crate::http::{Request, Response};

use super::access::Access;
use super::changes::Selected;
use super::error::Refusal;
use super::filter::field;
use super::objects::{Base, Object};
use super::query::Query;
use super::read::{Page, target};
use super::schema::{EntitySet, Kind, Property, Section};
use super::select::{Expansion, Selection};

pub(crate) use metadata::metadata;

/// A representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Atom,
    Json(Level),
}

/// How much JSON says beside the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    None,
    Minimal,
    Full,
}

/// What every representation of entities needs to know.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) base: &'a Base,
    pub(crate) access: &'a Access<'a>,
    /// Absolute address of the interface.
    pub(crate) root: &'a str,
    pub(crate) set: &'static EntitySet,
    pub(crate) selection: &'a Selection,
    /// `updated` of Atom.
    pub(crate) moment: &'a str,
}

/// A part of an entity that a path names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    Property(&'static Property),
    Section(&'static Section),
}

impl<'a> View<'a> {
    /// The name of the link behind a reference, where it leads into a set that is opened.
    fn link(&self, property: &Property) -> Option<&'static str> {
        match property.kind {
            Kind::Reference(target) if self.access.opened().shows(target) => property.navigation(),
            _ => None,
        }
    }

    /// The entity behind a reference with what is shown of it; `None` for an empty or broken one.
    fn expanded(&self, expansion: &'a Expansion, object: &Object) -> Option<(View<'a>, &'a Object)> {
        let (set, found) = target(self.base, self.access, &field(object, expansion.property))?;
        let (set, selection) = expansion.targets.iter().find(|(known, _)| known.name == set.name)?;
        Some((View { set, selection, ..*self }, found))
    }
}

/// Which representation is asked for: `$format` before `Accept`, Atom where neither says.
pub(crate) fn format_of(query: &Query, request: &Request) -> Result<Format, Refusal> {
    if let Some(format) = query.get("$format") {
        return match format.to_ascii_lowercase().as_str() {
            "json" => Ok(Format::Json(Level::Minimal)),
            "atom" | "xml" | "application/atom+xml" | "application/xml" => Ok(Format::Atom),
            full if full.starts_with("application/json") => Ok(Format::Json(level(full))),
            _ => Err(Refusal::representation(format)),
        };
    }
    let accept = request.header("Accept").unwrap_or("").to_ascii_lowercase();
    let json = accept.split(',').find(|one| one.trim().starts_with("application/json"));
    Ok(json.map_or(Format::Atom, |json| Format::Json(level(json))))
}

fn level(media_type: &str) -> Level {
    let wanted = media_type.split(';').find_map(|part| part.trim().strip_prefix("odata="));
    match wanted {
        Some("nometadata") => Level::None,
        Some("fullmetadata") => Level::Full,
        _ => Level::Minimal,
    }
}

pub(crate) fn feed(format: Format, view: &View<'_>, page: &Page<'_>) -> Response {
    match format {
        Format::Json(level) => response(200, format, json::feed(level, view, page)),
        Format::Atom => response(200, format, atom::feed(view, page)),
    }
}

pub(crate) fn entity(status: u16, format: Format, view: &View<'_>, object: &Object) -> Response {
    match format {
        Format::Json(level) => response(status, format, json::entity(level, view, object)),
        Format::Atom => response(status, format, atom::entry_document(view, object)),
    }
}

pub(crate) fn part(format: Format, view: &View<'_>, object: &Object, part: Part) -> Response {
    match format {
        Format::Json(level) => response(200, format, json::part(level, view, object, part)),
        Format::Atom => typed(200, "application/xml;charset=utf-8", atom::part(view, object, part)),
    }
}

/// A message of an exchange plan.
pub(crate) fn changes(
    base: &Base,
    access: &Access<'_>,
    root: &str,
    moment: &str,
    changes: &[Selected],
) -> Response {
    response(200, Format::Atom, atom::changes(base, access, root, moment, changes))
}

pub(crate) fn service(format: Format, root: &str, sets: &[&str]) -> Response {
    match format {
        Format::Json(level) => response(200, format, json::service(level, root, sets)),
        Format::Atom => typed(200, "application/atomsvc+xml;charset=utf-8", atom::service(root, sets)),
    }
}

pub(crate) fn refusal(format: Format, refusal: &Refusal) -> Response {
    match format {
        Format::Json(_) => response(refusal.status, format, json::refusal(refusal)),
        Format::Atom => typed(refusal.status, "application/xml;charset=utf-8", atom::refusal(refusal)),
    }
}

/// Plain text with the mark that the server puts before it.
pub(crate) fn count(count: usize) -> Response {
    typed(200, "text/plain;charset=utf-8", format!("\u{feff}{count}").into_bytes())
}

pub(crate) fn typed(status: u16, content_type: &str, body: Vec<u8>) -> Response {
    let headers = vec![
        ("Content-Type".to_owned(), content_type.to_owned()),
        ("DataServiceVersion".to_owned(), "3.0".to_owned()),
    ];
    Response { status, headers, body, took: std::time::Duration::ZERO }
}

fn response(status: u16, format: Format, body: Vec<u8>) -> Response {
    let content_type = match format {
        Format::Atom => "application/atom+xml;charset=utf-8",
        Format::Json(Level::None) => "application/json;odata=nometadata;charset=utf-8",
        Format::Json(Level::Minimal) => "application/json;odata=minimalmetadata;charset=utf-8",
        Format::Json(Level::Full) => "application/json;odata=fullmetadata;charset=utf-8",
    };
    typed(status, content_type, body)
}
