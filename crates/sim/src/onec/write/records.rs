//! Writes records of independent registers: by full key, without versions and without handlers.

use uuid::Uuid;

use crate::onec::accept::take;
use crate::onec::error::Refusal;
use crate::onec::objects::{Base, Object};
use crate::onec::records::record_key;
use crate::onec::schema::EntitySet;
use crate::onec::settings::Settings;

use super::Manner;

/// Creates a record from a body that names its whole key.
pub(crate) fn create_record(
    base: &mut Base,
    settings: &Settings,
    set: &'static EntitySet,
    body: &Object,
    manner: Manner<'_>,
) -> Result<Uuid, Refusal> {
    check_mode(manner)?;
    if let Some(missing) = set.key().into_iter().find(|name| !body.contains_key(name)) {
        return Err(Refusal::missing(missing));
    }
    let mut record = Object::new();
    take(set, body, settings.over_long, &mut record)?;
    let key = record_key(set, &record);
    if base.object(set.name, key).is_some() {
        return Err(Refusal::exists(set.name, key));
    }
    manner.check(base, set, key, &record)?;
    base.write(set.name, key, record);
    Ok(key)
}

/// Changes the resources of a record; its key stays what it is.
pub(crate) fn change_record(
    base: &mut Base,
    settings: &Settings,
    set: &'static EntitySet,
    key: Uuid,
    body: &Object,
    manner: Manner<'_>,
) -> Result<(), Refusal> {
    check_mode(manner)?;
    let old = base.object(set.name, key).ok_or_else(|| Refusal::no_instance(set.name, key))?;
    let mut record = old.clone();
    take(set, body, settings.over_long, &mut record)?;
    if record_key(set, &record) != key {
        return Err(Refusal::read_only(&set.key().join(", ")));
    }
    manner.check(base, set, key, &record)?;
    base.write(set.name, key, record);
    Ok(())
}

/// Single records and constants know no load mode.
fn check_mode(manner: Manner<'_>) -> Result<(), Refusal> {
    if manner.load_mode {
        Err(Refusal::new(400, 17, "Объект не поддерживает режим загрузки данных"))
    } else {
        Ok(())
    }
}
