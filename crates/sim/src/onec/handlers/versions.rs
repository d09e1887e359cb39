//! Versions of objects: what the library of standard subsystems keeps of the types that an administrator chose.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::onec::objects::{Base, Object, text};
use crate::onec::records::record_key;
use crate::onec::schema::EntitySet;
use crate::onec::write::Manner;

use super::put;

const VERSIONS: &str = "InformationRegister_ВерсииОбъектов";
const USERS: &str = "Catalog_Пользователи";

/// Keeps what an object is after a write.
pub(crate) fn keep(base: &mut Base, manner: Manner<'_>, set: &EntitySet, key: Uuid) {
    let (versioned, user) = manner.versions;
    if !versioned.contains(set.name) {
        return;
    }
    let (Some(register), Some(object)) = (base.configuration.set(VERSIONS), base.object(set.name, key))
    else {
        return;
    };
    let content = serde_json::to_vec(object).expect("plain values are written to memory without failure");
    let author = base.table(USERS).into_iter().flat_map(|table| table.ordered());
    let mut author = author.filter(|(_, card)| text(card, "Description") == user);
    let mut record = Object::new();
    if let Some((user, _)) = author.next() {
        put(&mut record, "АвторВерсии", user.to_string());
        put(&mut record, "АвторВерсии_Type", format!("StandardODATA.{USERS}"));
    }
    put(&mut record, "Объект", key.to_string());
    put(&mut record, "Объект_Type", format!("StandardODATA.{}", set.name));
    put(&mut record, "ВерсияОбъекта_Base64Data", STANDARD.encode(content));
    put(&mut record, "ВерсияОбъекта_Type", "application/octet-stream".to_owned());
    put(&mut record, "ДатаВерсии", manner.moment.to_owned());
    put(&mut record, "ТипВерсииОбъекта", "ИзмененоПользователем".to_owned());
    for number in 1_u16.. {
        record.insert("НомерВерсии", serde_json::Number::from(number));
        let place = record_key(register, &record);
        if base.object(VERSIONS, place).is_none() {
            base.write(VERSIONS, place, record);
            return;
        }
    }
}
