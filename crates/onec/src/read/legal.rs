//! Organizations, sole proprietors and natural persons in one catalog: telling them apart, here and in filters.
//!
//! A sole proprietor is known by flag, ОГРНИП or name, never by the length of an INN: every natural person has twelve
//! digits. Invariant: a filter lets through at least everything that is of its kind by [`legal_kind`], given a server
//! that compares without regard to case; what it lets through besides is sorted out after reading.

use obmen_domain::forms::tax::{Inn, Ogrn};
use obmen_domain::record::Kind;

use crate::condition::{Filter, Relation, Test};
use crate::odata::Object;
use crate::profile::{CatalogProfile, LegalSort};
use crate::wire::{DESCRIPTION, FOLDER, flag, text, text_of};

/// What a counterparty is before the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LegalKind {
    Organization,
    Entrepreneur,
    Person,
}

/// What an object of a catalog is.
pub(crate) fn legal_kind(names: &CatalogProfile, object: &Object) -> LegalKind {
    let Some(legal) = &names.legal else { return LegalKind::Person };
    let sort = text(object, &legal.attribute);
    if flag(object, FOLDER) || legal.organizations.iter().any(|organization| sort == organization) {
        return LegalKind::Organization;
    }
    if sort == legal.entrepreneur && legal.entrepreneur != legal.person {
        return LegalKind::Entrepreneur;
    }
    let ogrn = text_of(object, names.ogrn.as_ref());
    let is_flagged = legal.flag.as_ref().is_some_and(|name| flag(object, name));
    let is_registered = Ogrn::parse(ogrn).is_some_and(|ogrn| ogrn.is_entrepreneur());
    let called = [text(object, DESCRIPTION), text_of(object, names.full_name.as_ref())];
    if is_flagged || is_registered || called.into_iter().any(|name| is_entrepreneurs_name(legal, name)) {
        return LegalKind::Entrepreneur;
    }
    let looks_organized = || {
        let has_kpp = !text_of(object, names.kpp.as_ref()).trim().is_empty();
        let inn = Inn::parse(text_of(object, names.inn.as_ref()));
        has_kpp || inn.is_some_and(|inn| inn.is_organization())
    };
    // Old rows have no sort at all.
    if sort != legal.person && looks_organized() { LegalKind::Organization } else { LegalKind::Person }
}

/// The condition of a walk over one kind; none where the catalog holds but one.
pub(crate) fn filter(names: &CatalogProfile, kind: Kind) -> Filter {
    let Some(legal) = &names.legal else { return Filter::default() };
    let attribute = &legal.attribute;
    match kind {
        Kind::Contact => {
            let others = legal.organizations.iter().chain([&legal.entrepreneur]);
            let mut tests =
                vec![Test::of_texts(attribute, Relation::Not, others.filter(|sort| **sort != legal.person))];
            tests.extend(legal.flag.as_ref().map(|name| Test::is_flag(name, false)));
            Filter::all(tests)
        }
        Kind::Company => {
            let mut tests = vec![Test::of_texts(attribute, Relation::Not, [&legal.person])];
            tests.extend(legal.flag.as_ref().map(|name| Test::is_flag(name, true)));
            tests.extend(
                names.ogrn.as_ref().map(|name| Test::of_texts(name, Relation::Not, [&String::new()])),
            );
            for name in [Some(DESCRIPTION), names.full_name.as_deref()].into_iter().flatten() {
                tests.push(Test::of_texts(name, Relation::Begins, &legal.begins));
                tests.push(Test::of_texts(name, Relation::Ends, &legal.ends));
            }
            tests.retain(|test| !test.values.is_empty());
            Filter::any(tests)
        }
    }
}

fn is_entrepreneurs_name(legal: &LegalSort, name: &str) -> bool {
    let name = name.to_lowercase();
    legal.begins.iter().any(|start| name.starts_with(&start.to_lowercase()))
        || legal.ends.iter().any(|end| name.ends_with(&end.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::profile::Profile;

    #[test]
    fn a_sole_proprietor_is_known_by_flag_number_or_name_and_never_by_its_inn() {
        use LegalKind::{Entrepreneur, Organization, Person};
        let person = "ФизическоеЛицо";
        let cases = [
            ("organization", json!({"ЮридическоеФизическоеЛицо": "ЮридическоеЛицо"}), Organization),
            (
                "private person with INN",
                json!({"ЮридическоеФизическоеЛицо": person, "ИНН": "500100732259"}),
                Person,
            ),
            (
                "flag",
                json!({"ЮридическоеФизическоеЛицо": person, "ИндивидуальныйПредприниматель": true}),
                Entrepreneur,
            ),
            (
                "number",
                json!({"ЮридическоеФизическоеЛицо": person, "РегистрационныйНомер": "304770012345674"}),
                Entrepreneur,
            ),
            ("name", json!({"ЮридическоеФизическоеЛицо": person, "Description": "ИП Ли"}), Entrepreneur),
            (
                "name behind",
                json!({"ЮридическоеФизическоеЛицо": person, "Description": "Ли А. ИП"}),
                Entrepreneur,
            ),
            (
                "full name",
                json!({"ЮридическоеФизическоеЛицо": person, "НаименованиеПолное": "Индивидуальный предприниматель Ли"}),
                Entrepreneur,
            ),
            (
                "a name that only begins so",
                json!({"ЮридическоеФизическоеЛицо": person, "Description": "Ипатова"}),
                Person,
            ),
            ("no sort, number of ten", json!({"ИНН": "7701234560"}), Organization),
            ("no sort, reason code", json!({"КПП": "770101001"}), Organization),
            ("no sort at all", json!({"Description": "Розничный покупатель"}), Person),
            ("folder", json!({"IsFolder": true, "Description": "Покупатели"}), Organization),
        ];
        let profile = Profile::bp30();
        for (description, object, expected) in cases {
            assert_eq!(legal_kind(&profile.counterparty, object_of(&object)), expected, "{description}");
        }
    }

    #[test]
    fn the_walk_over_persons_leaves_out_organizations_and_flagged_proprietors() {
        let filter = |names: &CatalogProfile| crate::odata::spelled(&filter(names, Kind::Contact));
        assert_eq!(
            filter(&Profile::bp30().counterparty),
            "ЮридическоеФизическоеЛицо ne 'ЮридическоеЛицо' and ИндивидуальныйПредприниматель eq false"
        );
        assert_eq!(filter(&Profile::bp30().contact_person), "");
        assert_eq!(
            filter(&Profile::ut11().counterparty),
            "ЮрФизЛицо ne 'ЮрЛицо' and ЮрФизЛицо ne 'ЮрЛицоНеРезидент' and ЮрФизЛицо ne 'ИндивидуальныйПредприниматель'"
        );
    }

    #[test]
    fn other_configurations_have_a_value_for_each_kind() {
        use LegalKind::{Entrepreneur, Organization, Person};
        for (profile, attribute, sort, expected) in [
            (Profile::ut11(), "ЮрФизЛицо", "ЮрЛицо", Organization),
            (Profile::ut11(), "ЮрФизЛицо", "ЮрЛицоНеРезидент", Organization),
            (Profile::ut11(), "ЮрФизЛицо", "ИндивидуальныйПредприниматель", Entrepreneur),
            (Profile::ut11(), "ЮрФизЛицо", "ФизЛицо", Person),
            (Profile::unf(), "ВидКонтрагента", "ГосударственныйОрган", Organization),
            (Profile::unf(), "ВидКонтрагента", "ИндивидуальныйПредприниматель", Entrepreneur),
            (Profile::unf(), "ВидКонтрагента", "ФизическоеЛицо", Person),
        ] {
            let object = json!({(attribute): sort});
            assert_eq!(legal_kind(&profile.counterparty, object_of(&object)), expected, "{sort}");
        }
    }

    fn object_of(value: &Value) -> &Object {
        value.as_object().unwrap()
    }
}
