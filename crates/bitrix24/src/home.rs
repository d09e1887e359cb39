//! The address of a private person: that of one of the contact's requisites, often one that carries nothing else.
//!
//! Personal data: it is read and written only where the configuration names it. Not responsible for the parts of an address
//! (`address.rs`). Invariant: an address that stands anywhere is changed where it stands.

use obmen_domain::configured::{FieldName, Place};
use obmen_domain::party::Party;
use obmen_domain::record::Kind;
use serde_json::Value;

use crate::address;
use crate::native::NativeHome;
use crate::settings::Settings;
use crate::wire::member;

/// The types of addresses that portals show (`crm.enum.addresstype` of the vendor's REST documentation): actual, of
/// registration, legal, for mail, of the beneficiary, for deliveries.
const TYPES: [u8; 6] = [1, 4, 6, 8, 9, 11];

/// Whether a place is that of addresses of people.
pub(crate) fn is_home(place: &Place) -> bool {
    place.kind == Kind::Contact && place.name.is_private_address()
}

/// The type of address that a place names; `None` where there is none such.
pub(crate) fn type_of(place: &Place) -> Option<u8> {
    place.at.first()?.trim().parse().ok().filter(|number| TYPES.contains(number))
}

/// The field of addresses of people and their type, where they take part.
pub(crate) fn wanted(settings: &Settings) -> Option<(FieldName, u8)> {
    let place = settings.places.iter().find(|place| is_home(place))?;
    Some((place.name, type_of(place)?))
}

/// The address of a new record that is a person; `None` where it has none.
pub(crate) fn of_party<'p>(party: &'p Party, settings: &Settings) -> Option<&'p str> {
    let (name, _) = wanted(settings).filter(|_| party.kind() == Kind::Contact)?;
    party.configured().get(name).filter(|text| !text.trim().is_empty())
}

/// The address that rows of a contact show, and the requisite where it is written: the one that has it, else the main one, else
/// the first one.
pub(crate) fn read(
    main: Option<&Value>,
    requisites: &[Value],
    addresses: &[Value],
) -> (String, Option<NativeHome>) {
    let mut ids: Vec<String> = requisites.iter().map(|row| member(row, "ID")).collect();
    let main = main.map(|row| member(row, "ID"));
    ids.sort_by_key(|id| (Some(id) != main.as_ref(), id.parse().unwrap_or(u64::MAX)));
    let held = |id: &String| Some((id.clone(), address::of_requisite(addresses, id)?));
    let mut all: Vec<(String, String)> = ids.iter().filter_map(held).collect();
    all.sort_by_key(|(_, text)| text.is_empty());
    match all.into_iter().next() {
        Some((requisite, text)) => (text, Some(NativeHome { requisite, has_address: true })),
        None => {
            let bare = |requisite| NativeHome { requisite, has_address: false };
            (String::new(), ids.into_iter().next().map(bare))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn requisites(ids: &[&str]) -> Vec<Value> {
        ids.iter().map(|id| json!({ "ID": id })).collect()
    }

    #[test]
    fn an_address_is_written_where_it_stands_else_to_the_main_requisite() {
        let rows = requisites(&["3", "10", "7"]);
        let address = |requisite: &str, city: &str| json!({"ENTITY_ID": requisite, "CITY": city});
        let cases = [
            ("that of the main one", vec![address("3", "Тверь"), address("7", "Клин")], ("Клин", "7", true)),
            ("the only one", vec![address("7", " , "), address("10", "Тверь")], ("Тверь", "10", true)),
            ("an empty form", vec![address("10", "")], ("", "10", true)),
            ("none", Vec::new(), ("", "7", false)),
        ];
        for (what, addresses, (text, requisite, has_address)) in cases {
            let home = NativeHome { requisite: requisite.to_owned(), has_address };
            assert_eq!(read(Some(&rows[2]), &rows, &addresses), (text.to_owned(), Some(home)), "{what}");
        }
        let first = NativeHome { requisite: "3".to_owned(), has_address: false };
        assert_eq!(read(None, &rows, &[]), (String::new(), Some(first)));
        assert_eq!(read(None, &[], &[]), (String::new(), None));
    }
}
