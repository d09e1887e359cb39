//! The reference of a new object, derived from the record it is made from.
//!
//! Not responsible for whether the interface honours it (see `write::learned`). Invariant: one source record of one
//! pair gives the same reference for ever, so that a repeated create cannot make a second object.

use obmen_domain::record::RecordId;
use uuid::Uuid;

/// The name space of references made by obmen.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f62_6d65_6e2d_5000_8c1e_3f1c_6e5e_0001);

/// The reference of the object made from a record.
pub(crate) fn derived_reference(pair: &str, source: &RecordId) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{pair}|{}|{}", source.kind.word(), source.id).as_bytes())
}

/// The reference of the partner of the counterparty made from a record.
pub(crate) fn derived_partner(pair: &str, source: &RecordId) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{pair}|{}-partner|{}", source.kind.word(), source.id).as_bytes())
}

#[cfg(test)]
mod tests {
    use obmen_domain::record::Kind;

    use super::*;

    #[test]
    fn pairs_kinds_and_ids_are_told_apart_and_the_reference_never_changes() {
        let contact = RecordId::bitrix24(Kind::Contact, "12");
        let reference = derived_reference("main", &contact);
        assert_eq!(reference, derived_reference("main", &contact));
        assert_ne!(reference, derived_reference("other", &contact));
        assert_ne!(reference, derived_reference("main", &RecordId::bitrix24(Kind::Company, "12")));
        assert_ne!(reference, derived_partner("main", &contact));
        assert_eq!(reference.to_string(), "1cf6597d-a1e4-5f8a-94fd-2f3030c3c80c");
    }
}
