//! What is known of the records and users that steps name: who they are. Read from the store, for steps that are shown only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use obmen_domain::party::{UserId, Value};
use obmen_domain::plan::Step;
use obmen_domain::record::{Record, RecordId, Side};
use obmen_domain::rules::Managers;
use obmen_engine::ports::{StoreError, User};
use obmen_engine::store::Store;

/// Records that are asked for at once.
const AT_ONCE: usize = 500;

/// Users of both sides, by the id their side gives them.
pub(in crate::commands) type Users = Arc<BTreeMap<UserId, Employee>>;

/// A user: the name, and what is the same for both users of one person.
#[derive(Debug, Clone)]
pub(in crate::commands) struct Employee {
    pub(super) name: String,
    pub(super) key: UserId,
}

/// Records as last seen, and names of users.
#[derive(Debug, Default)]
pub(in crate::commands) struct Known {
    records: BTreeMap<RecordId, Record>,
    users: Users,
}

impl Known {
    /// Reads what steps and `others` name, and the companies of whoever they name.
    ///
    /// # Errors
    /// Where the store fails.
    pub(in crate::commands) async fn read<'a>(
        store: &dyn Store,
        users: &Users,
        steps: impl Iterator<Item = &'a Step> + Clone,
        others: impl Iterator<Item = &'a RecordId>,
    ) -> Result<Self, StoreError> {
        let mut known = Self::with_users(users);
        let named = steps.clone().flat_map(records_of).chain(others);
        known.add(store, named.cloned().collect()).await?;
        let mut companies: BTreeSet<RecordId> = steps.flat_map(companies_of).cloned().collect();
        companies.extend(known.records.values().flat_map(|record| record.party.employers()).cloned());
        known.add(store, companies).await?;
        Ok(known)
    }

    /// Nothing but the users.
    pub(super) fn with_users(users: &Users) -> Self {
        Self { records: BTreeMap::new(), users: Arc::clone(users) }
    }

    async fn add(&mut self, store: &dyn Store, mut wanted: BTreeSet<RecordId>) -> Result<(), StoreError> {
        wanted.retain(|id| !self.records.contains_key(id));
        let wanted: Vec<RecordId> = wanted.into_iter().collect();
        for ids in wanted.chunks(AT_ONCE) {
            let seen = store.seen(ids).await?;
            self.records.extend(seen.into_iter().map(|record| (record.id.clone(), record)));
        }
        Ok(())
    }

    /// A record as last seen.
    pub(in crate::commands) fn record(&self, id: &RecordId) -> Option<&Record> {
        self.records.get(id)
    }

    /// The name of a record, empty where it is not known.
    pub(in crate::commands) fn name(&self, id: &RecordId) -> String {
        self.record(id).map(|record| record.party.display_name()).unwrap_or_default()
    }

    /// A user by the id.
    pub(super) fn user(&self, id: &UserId) -> Option<&Employee> {
        self.users.get(id)
    }

    /// The users of both sides, paired as the rules pair them.
    pub(in crate::commands) fn users(bitrix24: Vec<User>, onec: Vec<User>, managers: &Managers) -> Users {
        let employee = |user: User, key: Option<&UserId>| {
            let key = key.unwrap_or(&user.id).clone();
            (user.id, Employee { name: user.name, key })
        };
        let left = bitrix24.into_iter().map(|user| employee(user, None));
        let right = onec.into_iter().map(|user| {
            let key = managers.counterpart(Side::Onec, &user.id).cloned();
            employee(user, key.as_ref())
        });
        Arc::new(left.chain(right).collect())
    }

    /// What a test says is known.
    #[cfg(test)]
    pub(in crate::commands) fn of(records: Vec<Record>, users: &[(&str, &str)]) -> Self {
        let users = users.iter().map(|(id, name)| {
            let id = UserId((*id).to_owned());
            (id.clone(), Employee { name: (*name).to_owned(), key: id })
        });
        Self {
            records: records.into_iter().map(|record| (record.id.clone(), record)).collect(),
            users: Arc::new(users.collect()),
        }
    }
}

/// The records a step names, those of Bitrix24 first.
pub(in crate::commands) fn records_of(step: &Step) -> Vec<&RecordId> {
    match step {
        Step::Link { bitrix24, onec, .. } | Step::Unlink { bitrix24, onec, .. } => vec![bitrix24, onec],
        Step::Create(creation) => vec![&creation.source],
        Step::Update(revision) => vec![&revision.record.id],
        Step::Mark(record) => vec![&record.id],
        Step::Ask(review) => review.records.iter().collect(),
    }
}

/// The companies that stand in what a step would write.
fn companies_of(step: &Step) -> Vec<&RecordId> {
    match step {
        Step::Create(creation) => creation.party.belongs_to().iter().collect(),
        Step::Update(revision) => {
            let values = revision.changes.iter().flat_map(|change| [&change.before, &change.after]);
            values
                .filter_map(|value| match value {
                    Value::Employers(companies) => Some(companies),
                    _ => None,
                })
                .flatten()
                .collect()
        }
        Step::Link { .. } | Step::Unlink { .. } | Step::Mark(_) | Step::Ask(_) => Vec::new(),
    }
}
