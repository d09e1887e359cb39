//! Those who may be responsible for a client: users, or the staff that the configuration names in their place.

use std::collections::BTreeMap;

use obmen_domain::party::UserId;
use obmen_engine::ports::{SideError, User};
use uuid::Uuid;

use crate::adapter::Onec;
use crate::condition::Filter;
use crate::odata::{Object, Query};
use crate::profile::ManagersSet;
use crate::read::points;
use crate::wire::{DESCRIPTION, MARK, REF, flag, guid, rows, text};

impl Onec {
    /// Users that may be responsible; service accounts are none.
    pub(in crate::adapter) async fn read_users(&self) -> Result<Vec<User>, SideError> {
        let facts = self.facts().await?;
        let profile = &self.settings.profile;
        let mut users = Vec::new();
        if !facts.users_select.is_empty() {
            let query = Query {
                set: &profile.users.set,
                select: &facts.users_select,
                filter: Filter::default(),
                top: None,
            };
            let objects = self.interface.all_rows(&query, profile.page).await?;
            users.extend(objects.iter().filter_map(|object| self.user(object)));
        }
        match &profile.managers {
            None => Ok(users),
            Some(_) if facts.managers_select.is_empty() => Ok(Vec::new()),
            Some(names) => self.managers(names, &facts.managers_select, users).await,
        }
    }

    /// Staff with the mailboxes of its users. One person may be employed several times: who is active comes first.
    async fn managers(
        &self,
        names: &ManagersSet,
        select: &str,
        users: Vec<User>,
    ) -> Result<Vec<User>, SideError> {
        let users: BTreeMap<String, User> = users.into_iter().map(|user| (user.id.0.clone(), user)).collect();
        let columns = format!("{},{}", names.manager, names.user);
        let query = Query { set: &names.users, select: &columns, filter: Filter::default(), top: None };
        let joined = self.interface.rows(&query).await?;
        let user_of: BTreeMap<Uuid, &User> = joined
            .iter()
            .filter_map(|row| {
                Some((guid(row, &names.manager)?, users.get(&guid(row, &names.user)?.to_string())?))
            })
            .collect();
        let query = Query { set: &names.set, select, filter: Filter::default(), top: None };
        let staff = self.interface.all_rows(&query, self.settings.profile.page).await?;
        let manager = |object: &Object| {
            let reference = guid(object, REF)?;
            let user = user_of.get(&reference);
            Some(User {
                id: UserId(reference.to_string()),
                name: text(object, DESCRIPTION).trim().to_owned(),
                email: user.map(|user| user.email.clone()).unwrap_or_default(),
                active: !flag(object, &names.dismissed) && !flag(object, MARK),
            })
        };
        let mut managers: Vec<User> = staff.iter().filter_map(manager).collect();
        managers.sort_by_key(|manager| !manager.active);
        Ok(managers)
    }

    fn user(&self, object: &Object) -> Option<User> {
        let profile = &self.settings.profile;
        if flag(object, &profile.users.service) {
            return None;
        }
        let contact = &profile.contact;
        let mut mailboxes = rows(object, &contact.section)
            .filter(|row| text(row, &contact.sort) == contact.email_type)
            .flat_map(|row| points::emails_of_row(contact, &[], row))
            .filter_map(|point| point.key);
        Some(User {
            id: UserId(guid(object, REF)?.to_string()),
            name: text(object, DESCRIPTION).trim().to_owned(),
            email: mailboxes.next().map(String::from).unwrap_or_default(),
            active: !flag(object, &profile.users.dismissed) && !flag(object, MARK),
        })
    }
}
