//! Save events: what an infobase posts when somebody wrote an object.
//!
//! A message is a JSON object with `type` and `ref`, or with a list of such under `events`; or a form with these names.
//! `type` is an entity set of the interface (`Catalog_Контрагенты`) or the name of the metadata (`Справочник.Контрагенты`).
//! Nothing else is read. Not responsible for comparing the secret.

use obmen_domain::record::{Kind, RecordId};
use obmen_engine::notice::{Interpreter, Message, Nonsense, Notice};
use serde::Deserialize;
use uuid::Uuid;

use crate::profile::Profile;

/// Events of one message.
const MOST_EVENTS: usize = 1000;
/// How the platform calls a catalog, depending on where one asks.
const CATALOG: [&str; 5] =
    ["Catalog_", "Справочник.", "СправочникСсылка.", "СправочникОбъект.", "StandardODATA.Catalog_"];

/// Reads save events of one infobase.
#[derive(Debug, Clone)]
pub struct SaveEvents {
    counterparties: String,
    persons: [String; 2],
    /// Sets whose objects are a part of a record.
    parts: Vec<String>,
}

/// A message in JSON.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    secret: String,
    #[serde(default)]
    events: Vec<SaveEvent>,
    #[serde(rename = "type")]
    of_type: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
}

#[derive(Deserialize)]
struct SaveEvent {
    #[serde(rename = "type")]
    of_type: String,
    #[serde(rename = "ref")]
    reference: String,
}

/// What an object of a set is.
pub(crate) enum Named {
    /// A record of one of these kinds.
    Kinds(&'static [Kind]),
    /// A part of a record that it does not name.
    Elsewhere,
    /// Nothing that takes part.
    Nothing,
}

impl SaveEvents {
    /// What an object of this set is.
    pub(crate) fn named(&self, set: &str) -> Named {
        if self.parts.iter().any(|part| part == set) {
            Named::Elsewhere
        } else if set == self.counterparties {
            // Whether it is an organization, the object itself tells.
            Named::Kinds(&Kind::ALL)
        } else if self.persons.iter().any(|persons| persons == set) {
            Named::Kinds(&[Kind::Contact])
        } else {
            Named::Nothing
        }
    }

    /// Of an infobase with these names.
    pub fn new(profile: &Profile) -> Self {
        let links = profile.contact_person.links.as_ref().map(|links| links.set.clone());
        Self {
            counterparties: profile.counterparty.set.clone(),
            persons: [profile.contact_person.set.clone(), profile.individual.set.clone()],
            parts: profile.partner.iter().map(|partner| partner.set.clone()).chain(links).collect(),
        }
    }

    fn take(&self, event: &SaveEvent, notice: &mut Notice) -> Result<(), Nonsense> {
        let kinds = match self.named(&set_of(&event.of_type)) {
            Named::Kinds(kinds) => kinds,
            Named::Elsewhere => {
                notice.is_elsewhere = true;
                return Ok(());
            }
            Named::Nothing => return Ok(()),
        };
        let reference =
            Uuid::try_parse(event.reference.trim()).map_err(|_| Nonsense("it names no object"))?;
        notice.records.extend(kinds.iter().map(|kind| RecordId::onec(*kind, &reference.to_string())));
        Ok(())
    }
}

impl Interpreter for SaveEvents {
    fn read(&self, message: &Message<'_>) -> Result<Notice, Nonsense> {
        let content_type = message.content_type.to_ascii_lowercase();
        let (secret, events) = if content_type.starts_with("application/json") {
            of_json(message.body)?
        } else if content_type.starts_with("application/x-www-form-urlencoded") {
            of_form(message.body)
        } else {
            return Err(Nonsense("it is neither JSON nor a form"));
        };
        if events.is_empty() || events.len() > MOST_EVENTS {
            return Err(Nonsense("it has no events, or too many"));
        }
        let secret = if message.secret.is_empty() { secret } else { message.secret.to_owned() };
        let mut notice = Notice { secret, ..Notice::default() };
        events.iter().try_for_each(|event| self.take(event, &mut notice))?;
        notice.records.sort();
        notice.records.dedup();
        Ok(notice)
    }
}

fn of_json(body: &[u8]) -> Result<(String, Vec<SaveEvent>), Nonsense> {
    // 1C may begin a body with a byte order mark.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let Body { secret, mut events, of_type, reference } =
        serde_json::from_slice(body).map_err(|_| Nonsense("it is no JSON of save events"))?;
    if let (Some(of_type), Some(reference)) = (of_type, reference) {
        events.push(SaveEvent { of_type, reference });
    }
    Ok((secret, events))
}

fn of_form(body: &[u8]) -> (String, Vec<SaveEvent>) {
    let (mut secret, mut types, mut references) = (String::new(), Vec::new(), Vec::new());
    for (name, value) in form_urlencoded::parse(body).take(2 * MOST_EVENTS + 2) {
        match name.as_ref() {
            "secret" => secret = value.into_owned(),
            "type" => types.push(value.into_owned()),
            "ref" => references.push(value.into_owned()),
            _ => {}
        }
    }
    let events = types.into_iter().zip(references);
    (secret, events.map(|(of_type, reference)| SaveEvent { of_type, reference }).collect())
}

/// The entity set of a catalog, however it is called.
fn set_of(name: &str) -> String {
    let name = name.trim();
    CATALOG
        .iter()
        .find_map(|beginning| name.strip_prefix(beginning))
        .map_or_else(|| name.to_owned(), |catalog| format!("Catalog_{catalog}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: &str = "6F1D4A52-0d5e-4b57-9a0c-0a3f6f0f1b11";

    fn read(content_type: &str, secret: &str, body: &str) -> Result<Notice, Nonsense> {
        let message = Message { content_type, secret, body: body.as_bytes() };
        SaveEvents::new(&Profile::built_in("ut11").unwrap()).read(&message)
    }

    fn json(body: &str) -> Result<Notice, Nonsense> {
        read("application/json; charset=utf-8", "", body)
    }

    #[test]
    fn a_counterparty_may_be_either_kind_and_a_contact_person_is_one() {
        let both = Kind::ALL.map(|kind| RecordId::onec(kind, REFERENCE));
        for name in ["Catalog_Контрагенты", "Справочник.Контрагенты", "СправочникСсылка.Контрагенты"]
        {
            let body = format!(r#"{{"type": "{name}", "ref": "{REFERENCE}"}}"#);
            assert_eq!(json(&body).unwrap().records, both, "{name}");
        }
        let body = format!(r#"{{"type": "Catalog_КонтактныеЛицаПартнеров", "ref": "{REFERENCE}"}}"#);
        assert_eq!(json(&body).unwrap().records, [RecordId::onec(Kind::Contact, REFERENCE)]);
    }

    #[test]
    fn a_partner_stands_for_a_record_that_has_to_be_looked_for_and_other_objects_for_none() {
        let partner = json(&format!(r#"{{"type": "Catalog_Партнеры", "ref": "{REFERENCE}"}}"#)).unwrap();
        assert_eq!((partner.records.len(), partner.is_elsewhere), (0, true));
        let other = json(&format!(r#"{{"type": "Catalog_Валюты", "ref": "{REFERENCE}"}}"#)).unwrap();
        assert_eq!((other.records.len(), other.is_elsewhere), (0, false));
    }

    #[test]
    fn several_events_come_in_a_list_or_in_a_form_and_each_record_is_named_once() {
        let event = format!(r#"{{"type": "Catalog_Контрагенты", "ref": "{REFERENCE}"}}"#);
        let list = format!(r#"{{"secret": "s", "events": [{event}, {event}]}}"#);
        let notice = json(&("\u{feff}".to_owned() + &list)).unwrap();
        assert_eq!((&notice.secret[..], notice.records.len()), ("s", 2));
        let form = "application/x-www-form-urlencoded";
        let body = format!("secret=s&type=Catalog_Контрагенты&ref={REFERENCE}");
        assert_eq!(read(form, "", &body).unwrap(), notice);
        assert_eq!(read(form, "of the header", &body).unwrap().secret, "of the header");
    }

    #[test]
    fn what_names_no_object_is_nonsense() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"events": []}"#,
            r#"{"type": "Catalog_Контрагенты"}"#,
            r#"{"type": "Catalog_Контрагенты", "ref": "nobody"}"#,
        ] {
            assert!(json(body).is_err(), "{body}");
        }
        assert!(read("text/plain", "", "type=Catalog_Контрагенты").is_err());
    }
}
