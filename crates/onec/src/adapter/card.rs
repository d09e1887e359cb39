//! Where people find an object: the address of its card in the web client of the published base.
//!
//! What stands behind the `#` is the object's navigation link, which a desktop client opens as well. Not responsible for
//! whether the publication lets the web client in. Invariant: no user and no password stands in an address.

use obmen_domain::record::{Catalog, RecordId};
use uuid::Uuid;

use super::Onec;
use crate::extension::publication;

impl Onec {
    /// The address of an object's card; `None` where the base's address or the object's reference is of no known shape.
    pub fn card(&self, id: &RecordId, catalog: Catalog) -> Option<String> {
        let set = &self.settings.profile.catalog(catalog)?.set;
        card(&self.settings.url, set, &id.id)
    }
}

fn card(url: &str, set: &str, reference: &str) -> Option<String> {
    let base = publication(url);
    let name = set.strip_prefix("Catalog_")?;
    let reference = navigation_reference(reference)?;
    (!base.contains('@')).then(|| format!("{base}/#e1cib/data/Справочник.{name}?ref={reference}"))
}

/// A reference as navigation links write it: the parts of the uuid from its end, without hyphens.
fn navigation_reference(reference: &str) -> Option<String> {
    let text = Uuid::try_parse(reference).ok()?.hyphenated().to_string();
    let parts: Vec<&str> = text.split('-').collect();
    let [first, second, third, fourth, fifth] = parts.as_slice() else { return None };
    Some([*fourth, *fifth, *third, *second, *first].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_a_navigation_link_behind_the_address_of_the_base() {
        let reference = "c7e0b4c5-7a1a-11de-8f8e-002655d6e8f0";
        let found = card("https://1c.example/base/odata/standard.odata", "Catalog_Контрагенты", reference);
        let wanted =
            "https://1c.example/base/#e1cib/data/Справочник.Контрагенты?ref=8f8e002655d6e8f011de7a1ac7e0b4c5";
        assert_eq!(found.as_deref(), Some(wanted));
    }

    #[test]
    fn an_address_that_holds_a_secret_or_is_of_another_shape_is_not_shown() {
        let reference = "c7e0b4c5-7a1a-11de-8f8e-002655d6e8f0";
        let secret = "https://user:word@1c.example/base/odata/standard.odata";
        assert_eq!(card(secret, "Catalog_Контрагенты", reference), None);
        assert_eq!(card("https://1c.example/base", "Document_Счет", reference), None);
        assert_eq!(card("https://1c.example/base/odata/standard.odata", "Catalog_Контрагенты", "7"), None);
    }
}
