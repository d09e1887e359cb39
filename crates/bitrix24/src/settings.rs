//! What the client of one portal needs to know; values only.
//!
//! Not responsible for reading configuration files. Invariant: the addresses, which are secrets, are in no
//! debug output.

use obmen_domain::configured::Place;
use obmen_domain::create_rule::Wanted;
use obmen_domain::forms::phone::PhoneContext;
use obmen_domain::record::{RecordId, Side};

use crate::access::Access;
use crate::further::requisite_of;

/// Settings of one portal.
#[derive(Clone)]
pub struct Settings {
    /// The pair's name; part of what new records are marked with.
    pub pair: String,
    /// How the portal is entered; a secret.
    pub access: Access,
    /// User field of contacts that keeps the 1C reference.
    pub contact_id_field: String,
    /// User field of companies that keeps the 1C reference.
    pub company_id_field: String,
    /// User field with a tax number, besides requisites.
    pub inn_field: String,
    /// Whether legal addresses are read and written.
    pub addresses: bool,
    /// Whether the further requisites of a company are records of their own.
    pub further_requisites: bool,
    /// The portal's limits.
    pub limits: Limits,
    /// Whether creates may start the portal's robots.
    pub allow_automation: bool,
    /// Where numbers without a country code were typed.
    pub phone_context: PhoneContext,
    /// Fields that conditions ask about, for which kinds.
    pub attributes: Wanted,
    /// Configured fields, by their names in the portal.
    pub places: Vec<Place>,
    /// Responsible user of new records whose manager has no counterpart.
    pub fallback_user: Option<String>,
    /// The address at which the portal says that the queue of the application has something; a secret.
    pub rings_at: Option<String>,
}

/// Without the addresses.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("pair", &self.pair)
            .field("contact_id_field", &self.contact_id_field)
            .field("company_id_field", &self.company_id_field)
            .field("inn_field", &self.inn_field)
            .field("addresses", &self.addresses)
            .field("further_requisites", &self.further_requisites)
            .field("limits", &self.limits)
            .field("allow_automation", &self.allow_automation)
            .field("phone_context", &self.phone_context)
            .field("fallback_user", &self.fallback_user)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Whether all fields of both kinds have to be known.
    pub(crate) fn asks_for_fields(&self) -> bool {
        !self.attributes.is_empty() || !self.places.is_empty()
    }

    /// What stands in `ORIGINATOR_ID` of records this pair created.
    pub(crate) fn originator(&self) -> String {
        format!("obmen:{}", self.pair)
    }

    /// Where a record's card is in the portal, without the secret; `None` where the webhook's address is of no known shape.
    pub(crate) fn card(&self, id: &RecordId) -> Option<String> {
        let has_card = id.side == Side::Bitrix24 && requisite_of(&id.id).is_none();
        let portal = self.access.portal().filter(|_| has_card)?;
        Some(format!("{portal}/crm/{}/details/{}/", id.kind.word(), id.id))
    }

    /// The name under which an application tells its own writes from others'.
    pub(crate) fn connector(&self) -> String {
        self.originator()
    }

    /// Takes secrets out of words that may hold them.
    pub(crate) fn redact(&self, words: &str) -> String {
        self.access.redact(words)
    }
}

/// The portal's limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Requests that drain from the bucket each second.
    pub per_second: f64,
    /// Requests the bucket holds.
    pub burst: f64,
    /// Execution seconds each method has within a window.
    pub execution_seconds: f64,
    /// Length of that window.
    pub window_seconds: f64,
    /// Seconds after which the portal cuts a request.
    pub request_seconds: f64,
}

impl Default for Limits {
    /// A cloud portal with an ordinary plan.
    fn default() -> Self {
        Self {
            per_second: 2.0,
            burst: 50.0,
            execution_seconds: 480.0,
            window_seconds: 600.0,
            request_seconds: 60.0,
        }
    }
}

impl Limits {
    /// Execution seconds one batch may be expected to take: what leaves room below the cut.
    pub(crate) fn batch_seconds(&self) -> f64 {
        0.75 * self.request_seconds
    }

    /// How long a request waits for its whole answer.
    pub(crate) fn answer_seconds(&self) -> f64 {
        self.request_seconds + 15.0
    }

    /// How long a write waits for the limits before it is handed back: the rest of its way must fit into the time
    /// after which an unanswered create is looked for.
    pub(crate) fn patience_seconds(&self) -> f64 {
        self.request_seconds / 6.0
    }
}

#[cfg(test)]
mod tests {
    use obmen_domain::record::Kind;

    use crate::record::tests::settings;

    use super::*;

    #[test]
    fn a_card_is_named_without_the_secret_of_the_webhook() {
        let cases = [
            ("https://x.bitrix24.ru/rest/1/abc/", Some("https://x.bitrix24.ru/crm/company/details/5/")),
            ("https://crm.example/in/rest/1/abc", Some("https://crm.example/in/crm/company/details/5/")),
            ("https://user:word@crm.example/rest/1/abc/", None),
            ("https://x.bitrix24.ru/1/abc/", None),
        ];
        for (webhook, card) in cases {
            let settings = Settings { access: Access::Webhook(webhook.to_owned()), ..settings() };
            assert_eq!(settings.card(&RecordId::bitrix24(Kind::Company, "5")).as_deref(), card, "{webhook}");
            assert_eq!(settings.card(&RecordId::onec(Kind::Company, "5")), None);
        }
    }
}
