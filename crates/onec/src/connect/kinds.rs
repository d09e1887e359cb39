//! Contact kinds of this infobase: their references differ from base to base.
//!
//! Invariant: only kinds of phones and mailboxes are kept, no folders, no unused and no marked ones.

use obmen_engine::ports::SideError;
use uuid::Uuid;

use crate::condition::Filter;
use crate::interface::Interface;
use crate::odata::{Object, Query};
use crate::profile::Profile;
use crate::schema::Schema;
use crate::settings::Settings;
use crate::wire::{DESCRIPTION, FOLDER, MARK, PARENT, PREDEFINED_NAME, REF, flag, guid, text};

/// A contact kind, or a folder of kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundKind {
    pub(super) reference: Uuid,
    pub(super) parent: Option<Uuid>,
    /// The name by which configurations know it.
    pub(super) name: String,
    /// What users call it; read only where it is needed.
    pub(super) title: String,
    /// The type of its values.
    pub(super) sort: String,
    pub(super) several: bool,
    pub(super) is_folder: bool,
}

pub(super) async fn read(
    settings: &Settings,
    interface: &Interface,
    schema: &Schema,
) -> Result<Vec<FoundKind>, SideError> {
    let profile = &settings.profile;
    let names = &profile.kinds;
    let mut wanted = vec![
        REF,
        PARENT,
        FOLDER,
        MARK,
        PREDEFINED_NAME,
        &names.sort,
        &names.name,
        &names.used,
        &names.several,
    ];
    if settings.places.iter().any(|place| place.name.is_private_address()) {
        wanted.push(DESCRIPTION);
    }
    let select = super::select(schema, &names.set, &wanted);
    let query = Query { set: &names.set, select: &select, filter: Filter::default(), top: None };
    let rows = interface.all_rows(&query, profile.page).await?;
    Ok(rows.iter().filter_map(|row| kind_of(profile, row)).collect())
}

fn kind_of(profile: &Profile, row: &Object) -> Option<FoundKind> {
    let names = &profile.kinds;
    // Older releases have no such switch; there every kind is used.
    let is_used = row.get(&names.used).is_none_or(|used| used.as_bool() != Some(false));
    if flag(row, MARK) || !is_used {
        return None;
    }
    let predefined = text(row, PREDEFINED_NAME);
    let name = if predefined.is_empty() { text(row, &names.name) } else { predefined };
    Some(FoundKind {
        reference: guid(row, REF)?,
        parent: guid(row, PARENT),
        name: name.to_owned(),
        title: text(row, DESCRIPTION).trim().to_owned(),
        sort: text(row, &names.sort).to_owned(),
        several: flag(row, &names.several),
        is_folder: flag(row, FOLDER),
    })
}
