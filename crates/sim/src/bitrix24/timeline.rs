//! `crm.timeline.comment.*`: what people and programs write beside a card.
//!
//! A comment moves the card's time of last activity, but neither DATE_MODIFY nor any event of the card. Comments of a
//! card in the recycle bin wait for it, unseen. Not responsible for other entries of the timeline, or for files.

use std::collections::BTreeMap;

use jiff::tz::Offset;

use super::crm::{Author, Crm, Mode};
use super::dates::format_instant;
use super::list::Start;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::plain;
use super::rights::Deed;
use super::schema::Kind;

/// All comments of the portal by id.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    comments: BTreeMap<u64, Comment>,
    last_id: u64,
}

/// One comment.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) owner: (Kind, u64),
    pub(crate) author: u64,
    pub(crate) created: i64,
    pub(crate) text: String,
}

impl Timeline {
    /// Keeps a comment under the given id, or under the next one.
    pub(crate) fn put(&mut self, id: Option<u64>, comment: Comment) -> u64 {
        let id = id.unwrap_or(self.last_id + 1);
        self.last_id = self.last_id.max(id);
        self.comments.insert(id, comment);
        id
    }

    /// Gives the comments of one card to another.
    pub(crate) fn move_all(&mut self, from: (Kind, u64), to: (Kind, u64)) {
        for comment in self.comments.values_mut().filter(|comment| comment.owner == from) {
            comment.owner = to;
        }
    }

    /// Forgets the comments of a card that is gone for good.
    pub(crate) fn forget(&mut self, owner: (Kind, u64)) {
        self.comments.retain(|_, comment| comment.owner != owner);
    }
}

impl Crm {
    /// Comments of the cards that exist.
    pub(crate) fn comments(&self) -> impl Iterator<Item = (u64, &Comment)> {
        let exists = |owner: (Kind, u64)| self.table(owner.0).get(owner.1).is_some();
        self.timeline
            .comments
            .iter()
            .filter(move |(_, comment)| exists(comment.owner))
            .map(|(id, c)| (*id, c))
    }

    /// Notes that something happened around a card: a call, a letter, a comment.
    pub(crate) fn note_activity(&mut self, owner: (Kind, u64), author: Author) -> bool {
        let Some(mut record) = self.table(owner.0).get(owner.1).cloned() else { return false };
        record.set_text("LAST_ACTIVITY_TIME", format_instant(author.seconds, author.offset));
        record.set_text("LAST_ACTIVITY_BY", author.user.to_string());
        self.table_mut(owner.0).put(owner.1, record);
        true
    }
}

/// `crm.timeline.comment.add`: the new id. Only `fields` in small letters is understood.
pub(crate) fn add(call: &mut Call<'_>, params: &Php) -> Outcome {
    let fields = params.get("fields").filter(|fields| fields.is_map()).ok_or_else(|| missing("fields"))?;
    let owner = owner_of(call.crm, fields)
        .ok_or_else(|| Refusal::business("OWNER_NOT_FOUND", "Owner was not found"))?;
    if !call.may(Deed::Read, owner.0, owner.1) {
        return Err(Refusal::new(403, "ACCESS_DENIED", "Access denied."));
    }
    let text = fields.get("COMMENT").and_then(Php::as_text).unwrap_or_default().trim().to_owned();
    if text.is_empty() {
        return Err(Refusal::business("INVALID_ARG_VALUE", "Empty comment message"));
    }
    let author = call.author(Mode::Rest);
    let named = fields.get("AUTHOR_ID").and_then(|id| u64::try_from(id.as_int()).ok()).filter(|id| *id > 0);
    let comment = Comment { owner, author: named.unwrap_or(author.user), created: author.seconds, text };
    let id = call.crm.timeline.put(None, comment);
    call.crm.note_activity(owner, author);
    call.writes += 1;
    Ok(Answer::new(Php::Int(id as i64)))
}

/// `crm.timeline.comment.get`.
pub(crate) fn get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let id = params.param("id").map_or(0, Php::as_int);
    let found = call.crm.comments().find(|(known, _)| *known as i64 == id);
    let (id, comment) = found.ok_or_else(|| Refusal::business("", "Not found."))?;
    Ok(Answer::new(wire(id, comment, call.settings.offset)))
}

/// `crm.timeline.comment.list`: of one card, which the filter has to name.
pub(crate) fn list(call: &mut Call<'_>, params: &Php) -> Outcome {
    let filter = params.param("filter").cloned().unwrap_or_default();
    if ["ENTITY_ID", "ENTITY_TYPE"].iter().any(|name| filter.get(name).is_none()) {
        return Err(Refusal::business("", "Filter must contain ENTITY_ID and ENTITY_TYPE"));
    }
    let owner = owner_of(call.crm, &filter);
    let mut rows: Vec<Php> = call
        .crm
        .comments()
        .filter(|(_, comment)| Some(comment.owner) == owner)
        .map(|(id, comment)| plain::selected(wire(id, comment, call.settings.offset), params.param("select")))
        .collect();
    let order = params.param("order").and_then(|order| order.entries().first());
    if order.is_some_and(|(_, direction)| super::classic::is_descending(direction)) {
        rows.reverse();
    }
    Ok(plain::page(rows, Start::by_page(params.param("start"))))
}

/// `crm.timeline.comment.update`.
pub(crate) fn update(call: &mut Call<'_>, params: &Php) -> Outcome {
    let id = known_id(call, params)?;
    let fields = params.get("fields").filter(|fields| fields.is_map()).ok_or_else(|| missing("fields"))?;
    let text = fields.get("COMMENT").and_then(Php::as_text).unwrap_or_default().trim().to_owned();
    if text.is_empty() {
        return Err(Refusal::business("INVALID_ARG_VALUE", "Empty comment message"));
    }
    if let Some(comment) = call.crm.timeline.comments.get_mut(&id) {
        comment.text = text;
    }
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

/// `crm.timeline.comment.delete`: the answer is always `null`.
pub(crate) fn delete(call: &mut Call<'_>, params: &Php) -> Outcome {
    let id = known_id(call, params)?;
    call.crm.timeline.comments.remove(&id);
    call.writes += 1;
    Ok(Answer::new(Php::Null))
}

/// A comment as `get`, `list` and the dump show it.
pub(crate) fn wire(id: u64, comment: &Comment, offset: Offset) -> Php {
    let (kind, owner) = comment.owner;
    Php::map([
        ("ID", Php::text(id.to_string())),
        ("ENTITY_ID", Php::text(owner.to_string())),
        ("ENTITY_TYPE", Php::text(kind.word())),
        ("CREATED", Php::Text(format_instant(comment.created, offset))),
        ("COMMENT", Php::text(&comment.text)),
        ("AUTHOR_ID", Php::text(comment.author.to_string())),
        ("FILES", Php::empty()),
    ])
}

/// The card that `ENTITY_TYPE` and `ENTITY_ID` name, if it exists.
pub(crate) fn owner_of(crm: &Crm, fields: &Php) -> Option<(Kind, u64)> {
    let word = fields.get("ENTITY_TYPE").and_then(Php::as_text).unwrap_or_default().to_lowercase();
    let kind = [Kind::Contact, Kind::Company].into_iter().find(|kind| kind.word() == word)?;
    let id = u64::try_from(fields.get("ENTITY_ID").map_or(0, Php::as_int)).ok()?;
    crm.table(kind).get(id).map(|_| (kind, id))
}

fn known_id(call: &Call<'_>, params: &Php) -> Result<u64, Refusal> {
    let id = params.param("id").map(Php::as_int).ok_or_else(|| missing("id"))?;
    let found = call.crm.comments().map(|(known, _)| known).find(|known| *known as i64 == id);
    found.ok_or_else(|| Refusal::business("NOT_FOUND", "Not found."))
}

fn missing(name: &str) -> Refusal {
    Refusal::business("100", format!("Could not find value for parameter {{{name}}}"))
}
