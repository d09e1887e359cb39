//! The outgoing webhook: what the portal posts when somebody changed a record.
//!
//! Only the name of the event and ids are read; the portal sends no values, and none would be believed. Not
//! responsible for comparing the token. Documented in b24restdocs, `api-reference/events/index.md`.

use std::collections::BTreeMap;

use obmen_domain::record::{Kind, RecordId};
use obmen_engine::notice::{Interpreter, Message, Nonsense, Notice};

use crate::read::type_id;

/// What an application hears when it is installed; a key to the portal comes with it.
const INSTALLED: &str = "ONAPPINSTALL";
/// More names than the portal ever sends.
const MOST_NAMES: usize = 256;

/// Reads messages of outgoing webhooks.
#[derive(Debug, Clone, Copy, Default)]
pub struct OutgoingWebhook {
    /// Whether addresses of private persons take part.
    pub addresses_of_people: bool,
}

impl Interpreter for OutgoingWebhook {
    fn read(&self, message: &Message<'_>) -> Result<Notice, Nonsense> {
        let is_form =
            message.content_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
        if !is_form {
            return Err(Nonsense("it is no form"));
        }
        let [mut event, mut secret, mut key] = [const { String::new() }; 3];
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for (place, (name, value)) in form_urlencoded::parse(message.body).enumerate() {
            if place >= MOST_NAMES {
                return Err(Nonsense("it has too many names"));
            }
            match name.as_ref() {
                "event" => event = value.to_uppercase(),
                "auth[application_token]" => secret = value.into_owned(),
                "auth[refresh_token]" => key = value.into_owned(),
                name => {
                    let field = name.strip_prefix("data[FIELDS][").and_then(|name| name.strip_suffix(']'));
                    fields.extend(field.map(|field| (field.to_owned(), value.into_owned())));
                }
            }
        }
        if event.is_empty() {
            return Err(Nonsense("it names no event"));
        }
        let mut notice = Notice { secret, ..Notice::default() };
        if event == INSTALLED {
            notice.offer = Some(key).filter(|key| !key.is_empty());
            return Ok(notice);
        }
        let field = |field: &str| fields.get(field).cloned().unwrap_or_default();
        match told_by(&event, self.addresses_of_people, field)? {
            Told::Record(id) => notice.records.push(id),
            Told::Elsewhere => notice.is_elsewhere = true,
            Told::Nothing => {}
        }
        Ok(notice)
    }
}

/// What an event tells of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// This record.
    Record(RecordId),
    /// A requisite, and whose that is only the portal knows.
    Elsewhere,
    /// Nothing that takes part.
    Nothing,
}

/// What an event of this name, in capitals, and of these fields tells of. Addresses of people do only where they take part.
pub(crate) fn told_by(
    event: &str,
    of_people: bool,
    field: impl Fn(&str) -> String,
) -> Result<Told, Nonsense> {
    if matches!(event, "ONCRMADDRESSREGISTER" | "ONCRMADDRESSUNREGISTER") {
        let anchor = field("ANCHOR_TYPE_ID");
        let mut kinds = Kind::ALL.into_iter().filter(|kind| of_people || *kind == Kind::Company);
        let kind = kinds.find(|kind| anchor == type_id(*kind).to_string());
        return Ok(match (kind, number(&field("ANCHOR_ID"))) {
            (Some(kind), Ok(id)) => Told::Record(RecordId::bitrix24(kind, id)),
            _ => Told::Nothing,
        });
    }
    let entity = event
        .strip_prefix("ONCRM")
        .and_then(|rest| ["ADD", "UPDATE", "DELETE"].iter().find_map(|deed| rest.strip_suffix(deed)));
    Ok(match entity {
        Some("CONTACT") => Told::Record(RecordId::bitrix24(Kind::Contact, number(&field("ID"))?)),
        Some("COMPANY") => Told::Record(RecordId::bitrix24(Kind::Company, number(&field("ID"))?)),
        Some("REQUISITE") => Told::Elsewhere,
        _ => Told::Nothing,
    })
}

/// The id of a record, in the one way it is written.
fn number(id: &str) -> Result<String, Nonsense> {
    match id.parse::<u64>() {
        Ok(number) if number > 0 && i64::try_from(number).is_ok() => Ok(number.to_string()),
        _ => Err(Nonsense("it names no record")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

    fn read(content_type: &str, body: &str) -> Result<Notice, Nonsense> {
        let people = OutgoingWebhook { addresses_of_people: body.starts_with("people") };
        people.read(&Message { content_type, secret: "", body: body.as_bytes() })
    }

    fn event(name: &str, id: &str) -> Result<Notice, Nonsense> {
        let names = [
            ("event", name),
            ("event_handler_id", "975"),
            ("data[FIELDS][ID]", id),
            ("ts", "1790000000"),
            ("auth[application_token]", "t+ken"),
        ];
        read(FORM, &form_urlencoded::Serializer::new(String::new()).extend_pairs(names).finish())
    }

    #[test]
    fn an_event_says_look_at_its_record_and_nothing_else() {
        let contact = vec![RecordId::bitrix24(Kind::Contact, "43")];
        for name in ["ONCRMCONTACTADD", "OnCrmContactUpdate", "ONCRMCONTACTDELETE"] {
            let notice = event(name, "43").unwrap();
            assert_eq!((&notice.secret[..], notice.is_elsewhere), ("t+ken", false));
            assert_eq!(notice.records, contact);
        }
        let company = event("ONCRMCOMPANYUPDATE", "5").unwrap().records;
        assert_eq!(company, [RecordId::bitrix24(Kind::Company, "5")]);
    }

    #[test]
    fn a_requisite_names_no_record_and_other_events_mean_nothing() {
        let requisite = event("ONCRMREQUISITEDELETE", "7").unwrap();
        assert_eq!((requisite.records.len(), requisite.is_elsewhere), (0, true));
        for name in ["ONCRMDEALADD", "ONCRMCONTACTUSERFIELDADD", "ONAPPTEST"] {
            let other = event(name, "7").unwrap();
            assert_eq!((other.records.len(), other.is_elsewhere), (0, false), "{name}");
        }
    }

    #[test]
    fn an_address_is_told_with_the_record_it_belongs_to_those_of_people_where_they_take_part() {
        let told = |first: &str, of: &str| {
            let names = [
                (first, "1"),
                ("event", "OnCrmAddressRegister"),
                ("data[FIELDS][ENTITY_TYPE_ID]", "8"),
                ("data[FIELDS][ENTITY_ID]", "3"),
                ("data[FIELDS][ANCHOR_TYPE_ID]", of),
                ("data[FIELDS][ANCHOR_ID]", "12"),
            ];
            read(FORM, &form_urlencoded::Serializer::new(String::new()).extend_pairs(names).finish())
                .unwrap()
                .records
        };
        assert_eq!(told("ts", "4"), [RecordId::bitrix24(Kind::Company, "12")]);
        assert_eq!((told("ts", "3"), told("people", "")), (Vec::new(), Vec::new()));
        assert_eq!(told("people", "3"), [RecordId::bitrix24(Kind::Contact, "12")]);
        assert_eq!(told("people", "4"), [RecordId::bitrix24(Kind::Company, "12")]);
    }

    #[test]
    fn an_installation_offers_a_key_and_nothing_else_does() {
        let said = |event: &str| {
            read(FORM, &format!("event={event}&data[FIELDS][ID]=1&auth[refresh_token]=r1")).unwrap()
        };
        let installed = said("ONAPPINSTALL");
        assert_eq!((installed.offer.as_deref(), installed.records.len()), (Some("r1"), 0));
        assert!(!format!("{installed:?}").contains("r1"));
        assert_eq!(said("ONCRMCONTACTADD").offer, None);
    }

    #[test]
    fn what_the_portal_does_not_send_is_nonsense() {
        for id in ["", "0", "-1", "12a", "99999999999999999999", "43 or 1=1"] {
            assert!(event("ONCRMCONTACTADD", id).is_err(), "{id}");
        }
        assert_eq!(event("ONCRMCONTACTADD", "007").unwrap().records[0].id, "7");
        assert!(read(FORM, "").is_err());
        assert!(read(FORM, "\u{0}\u{1}=%ff%fe&&&==").is_err());
        assert!(read("application/json", r#"{"event": "ONCRMCONTACTADD"}"#).is_err());
        let many = "a=1&".repeat(300) + "event=ONCRMCONTACTADD&data[FIELDS][ID]=1";
        assert!(read(FORM, &many).is_err());
    }

    #[test]
    fn brackets_may_be_encoded_in_any_letter_case() {
        let body = "event=ONCRMCONTACTADD&data%5bFIELDS%5D%5BID%5d=43&auth%5Bapplication_token%5D=x";
        let notice = read(FORM, body).unwrap();
        assert_eq!((notice.records.len(), &notice.secret[..]), (1, "x"));
    }
}
