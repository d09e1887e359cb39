//! Merging: several contacts or companies become the first of them, by `crm.entity.mergeBatch` or by hand.
//!
//! Empty fields of the survivor are filled; multi-fields, multiple user fields, links, requisites and comments are joined;
//! the others are deleted, without an alias from their ids. Different names are left to people. Which further differences a
//! real portal leaves to people is not documented; here the survivor's value stays.

use super::crm::{Author, Crm, Mode, ids};
use super::events::{Change, What};
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::rights::{Deed, access_denied};
use super::schema::Kind;
use super::table::{Link, Record, Row, Stored};

/// What a merge does about different names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflicts {
    /// Leaves everything as it is.
    LeftToPeople,
    /// Keeps the survivor's: a person has seen them.
    Decided,
}

/// What became of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Merged {
    /// With the ids that were deleted.
    Done(Vec<u64>),
    Conflict,
    /// Not all of them exist.
    Missing,
    TooFew,
}

/// `crm.entity.mergeBatch`: the first id survives.
pub(crate) fn merge_batch(call: &mut Call<'_>, params: &Php) -> Outcome {
    let params = params.param("params").unwrap_or(params);
    let kind = params.param("entityTypeId").map_or(0, Php::as_int);
    let kind = Kind::from_type_id(kind).ok_or_else(|| refusal("Entity type is not supported"))?;
    let named: Vec<u64> = params.param("entityIds").into_iter().flat_map(ids).collect();
    if !call.settings.tariff.has_features() {
        return Err(Refusal::business(
            "CRM_FEATURE_RESTRICTION_ERROR",
            "The feature is not available on the plan",
        ));
    }
    if !named.iter().all(|id| call.may(Deed::Write, kind, *id)) {
        return Err(access_denied());
    }
    let author = call.author(Mode::Rest);
    Ok(match merge(call.crm, kind, &named, author, Conflicts::LeftToPeople) {
        Merged::Done(deleted) => {
            call.writes += 1;
            status("SUCCESS", &deleted)
        }
        Merged::Conflict => status("CONFLICT", &[]),
        Merged::Missing => status("ERROR", &[]),
        Merged::TooFew => {
            return Err(refusal("The parameter entityIds must contains at least two elements."));
        }
    })
}

/// Merges into the first of these; nothing is changed unless all of it is done.
pub(crate) fn merge(
    crm: &mut Crm,
    kind: Kind,
    named: &[u64],
    author: Author,
    conflicts: Conflicts,
) -> Merged {
    let mut distinct: Vec<u64> = Vec::new();
    for id in named {
        if !distinct.contains(id) {
            distinct.push(*id);
        }
    }
    let [survivor, others @ ..] = distinct.as_slice() else { return Merged::TooFew };
    if others.is_empty() {
        return Merged::TooFew;
    }
    let Some(mut merged) = crm.table(kind).get(*survivor).cloned() else { return Merged::Missing };
    let mut appended: Vec<Row> = Vec::new();
    for id in others {
        let Some(other) = crm.table(kind).get(*id) else { return Merged::Missing };
        if conflicts == Conflicts::LeftToPeople && names_differ(kind, &merged, other) {
            return Merged::Conflict;
        }
        let rows = join(&mut merged, other);
        appended.extend(rows);
    }
    // Joined rows are new rows of the survivor: the ids of the others go down with them.
    for mut row in appended {
        if !merged.rows.iter().any(|known| known.multi == row.multi && known.value == row.value) {
            crm.last_row += 1;
            row.id = crm.last_row;
            merged.rows.push(row);
        }
    }
    merged.modified = author.seconds;
    merged.set_text("MODIFY_BY_ID", author.user.to_string());
    crm.untold.push(Change::of_record(kind, What::Update, *survivor, &merged));
    crm.table_mut(kind).put(*survivor, merged);
    for id in others {
        move_belongings(crm, kind, *id, *survivor);
        crm.delete(kind, *id).expect("the record was read above");
    }
    Merged::Done(others.to_vec())
}

fn names_differ(kind: Kind, survivor: &Record, other: &Record) -> bool {
    let names: &[&str] = match kind {
        Kind::Contact => &["NAME", "SECOND_NAME", "LAST_NAME"],
        _ => &["TITLE"],
    };
    names.iter().any(|name| {
        let (ours, theirs) = (survivor.text(name), other.text(name));
        !ours.is_empty() && !theirs.is_empty() && ours != theirs
    })
}

/// Takes over what the survivor lacks. Gives the rows of multi-fields that are to be joined.
fn join(survivor: &mut Record, other: &Record) -> Vec<Row> {
    for (name, theirs) in other.fields.iter() {
        match survivor.fields.get_mut(name) {
            None => {
                survivor.fields.insert(name.clone(), theirs.clone());
            }
            Some(Stored::Many(ours)) => {
                let lacking: Vec<_> =
                    theirs.values().iter().filter(|value| !ours.contains(value)).cloned().collect();
                *ours = std::mem::take(ours).into_iter().chain(lacking).collect();
            }
            Some(Stored::One(_)) => {}
        }
    }
    let mut links = survivor.links.clone();
    for link in &other.links {
        if !links.iter().any(|known| known.company == link.company) {
            let primary = link.primary && links.is_empty();
            links.push(Link { primary, ..link.clone() });
        }
    }
    survivor.set_links(links);
    other.rows.clone()
}

/// Requisites, comments, and the contacts of a company go to the survivor.
fn move_belongings(crm: &mut Crm, kind: Kind, from: u64, to: u64) {
    for (_, requisite) in crm.belongings(kind, from) {
        crm.move_requisite(requisite, to);
    }
    crm.timeline.move_all((kind, from), (kind, to));
    if kind == Kind::Company {
        let mut contacts = crm.contacts.with_company(to);
        contacts.extend(crm.contacts.with_company(from));
        crm.link_contacts(to, &contacts);
    }
}

fn status(status: &str, deleted: &[u64]) -> Answer {
    let ids = deleted.iter().map(|id| Php::Int(*id as i64));
    Answer::new(Php::map([("STATUS", Php::text(status)), ("ENTITY_IDS", Php::list(ids))]))
}

fn refusal(text: &str) -> Refusal {
    Refusal { status: 400, error: Php::Int(0), description: text.to_owned() }
}
