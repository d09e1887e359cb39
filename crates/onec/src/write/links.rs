//! Links of contact persons with companies, as records of a periodic register.
//!
//! Invariant: a record that is written is newer than every other of its pair, so that it is the one that counts; no
//! record is ever deleted.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use uuid::Uuid;

use super::body::Changed;
use super::requests::Requests;
use crate::facts::Table;
use crate::fault::CallError;
use crate::odata::Object;
use crate::profile::Links;
use crate::read::whole;
use crate::wire::{REF, guid, put, text};

/// How the interface writes a moment.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%S";

impl Requests<'_> {
    /// Writes what an update says of links.
    pub(super) async fn write_links(
        &self,
        table: &Table,
        object: &Object,
        changed: &Changed,
    ) -> Result<(), CallError> {
        let (Some(names), Some(person)) = (&table.names.links, guid(object, REF)) else { return Ok(()) };
        if let (Some(position), Some(column)) = (&changed.position, &names.position)
            && let Some(link) = whole::links(names, object).next()
        {
            let mut body = Object::new();
            put(&mut body, column, position.as_str());
            self.odata.update_record(&names.set, &key_of(names, link), &body).await?;
        }
        for company in &changed.joins {
            let known: Vec<&Object> = whole::all_links(object)
                .filter(|link| guid(link, &names.company) == Some(*company))
                .collect();
            let position = changed.position.as_deref().unwrap_or_default();
            let body = new_link(names, person, *company, &known, position, self.onec.clock.now());
            self.odata.create(&names.set, &body).await?;
        }
        Ok(())
    }

    /// Joins a new contact person with its companies. A link that fails is left to the next look: the record that is
    /// read back says which are there.
    pub(super) async fn join_new(&self, names: &Links, person: Uuid, companies: &[Uuid], position: &str) {
        for company in companies {
            let body = new_link(names, person, *company, &[], position, self.onec.clock.now());
            if self.odata.create(&names.set, &body).await.is_err() {
                tracing::warn!(%person, %company, "onec.link is not written yet");
            }
        }
    }
}

/// A record that says that a person belongs to a company from now on.
pub(super) fn new_link(
    names: &Links,
    person: Uuid,
    company: Uuid,
    known: &[&Object],
    position: &str,
    now: Timestamp,
) -> Object {
    let mut link = known.last().map_or_else(Object::new, |link| (*link).clone());
    put(&mut link, &names.period, period(names, known, now));
    put(&mut link, &names.person, person.to_string());
    put(&mut link, &names.company, company.to_string());
    if let Some(void) = &names.void {
        link.insert(void.clone(), false.into());
    }
    if let Some(column) = &names.position
        && (known.is_empty() || !position.is_empty())
    {
        put(&mut link, column, position);
    }
    link
}

/// The moment of a new record. The server's clock shows local time, which may be ahead of UTC: behind a record of the
/// same pair it would not count.
fn period(names: &Links, known: &[&Object], now: Timestamp) -> String {
    let now = now.to_zoned(TimeZone::UTC).datetime();
    let after = |link: &&Object| {
        let period: DateTime = text(link, &names.period).parse().ok()?;
        period.checked_add(1.second()).ok()
    };
    let moment = known.iter().filter_map(after).max().map_or(now, |known| known.max(now));
    moment.strftime(MOMENT).to_string()
}

/// A record of which nothing is said but its key.
pub(super) fn keyed(names: &Links, link: &Object) -> Object {
    let key = [&names.period, &names.company, &names.person];
    key.into_iter().filter_map(|name| Some((name.clone(), link.get(name)?.clone()))).collect()
}

/// The key of a record, in the literals of the interface.
fn key_of<'a>(names: &'a Links, link: &Object) -> [(&'a str, String); 3] {
    let guid_literal = |name: &str| format!("guid'{}'", text(link, name));
    [
        (names.period.as_str(), format!("datetime'{}'", text(link, &names.period))),
        (names.company.as_str(), guid_literal(&names.company)),
        (names.person.as_str(), guid_literal(&names.person)),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::profile::Profile;

    #[test]
    fn a_new_link_is_newer_than_every_other_of_its_pair() {
        let names = Profile::unf().contact_person.links.unwrap();
        let now = "2026-03-01T09:00:00Z".parse().unwrap();
        let [person, company] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let first = new_link(&names, person, company, &[], "Юрист", now);
        assert_eq!((&first["Period"], &first["Должность"]), (&json!("2026-03-01T09:00:00"), &json!("Юрист")));
        let ended = json!({"Period": "2026-03-01T11:59:59", "Должность": "Юрист", "Порядок": "2", "СвязьНедействительна": true});
        let again = new_link(&names, person, company, &[ended.as_object().unwrap()], "", now);
        assert_eq!(again["Period"], "2026-03-01T12:00:00");
        assert_eq!((&again["СвязьНедействительна"], &again["Порядок"]), (&json!(false), &json!("2")));
        assert_eq!(again["Должность"], "Юрист");
    }
}
