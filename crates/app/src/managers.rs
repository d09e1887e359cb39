//! Pairs the users of both sides: by the table of the configuration, then by mailbox, then by a name that only one
//! user of each side has. Pure; reading the users is done elsewhere.

use std::collections::BTreeMap;

use obmen_domain::party::UserId;
use obmen_domain::rules::Managers;
use obmen_engine::ports::User;

/// Adds the users that belong together. The table holds Bitrix24 ids with a `Ref_Key`, mailbox or name of 1C.
pub(crate) fn pair_users<'a>(
    managers: &mut Managers,
    table: impl Iterator<Item = (&'a str, &'a str)>,
    bitrix24: &[User],
    onec: &[User],
) {
    for (id, wanted) in table {
        if let Some(user) = find_named(onec, wanted) {
            managers.add(UserId(id.to_owned()), user.id.clone());
        }
    }
    for key_of in [email_key, name_key] {
        let theirs = unique_by(onec, key_of);
        for (key, user) in unique_by(bitrix24, key_of) {
            if let Some(other) = theirs.get(&key) {
                managers.add(user.id.clone(), other.id.clone());
            }
        }
    }
}

fn find_named<'a>(users: &'a [User], wanted: &str) -> Option<&'a User> {
    let wanted = normal(wanted);
    let by_id = users.iter().find(|user| normal(&user.id.0) == wanted);
    by_id.or_else(|| {
        [email_key, name_key].into_iter().find_map(|key_of| unique_by(users, key_of).get(&wanted).copied())
    })
}

/// Active users by a key that only one of them has.
fn unique_by(users: &[User], key_of: fn(&User) -> String) -> BTreeMap<String, &User> {
    let mut found: BTreeMap<String, Option<&User>> = BTreeMap::new();
    for user in users.iter().filter(|user| user.active) {
        let key = key_of(user);
        if !key.is_empty() {
            found.entry(key).and_modify(|other| *other = None).or_insert(Some(user));
        }
    }
    found.into_iter().filter_map(|(key, user)| Some((key, user?))).collect()
}

fn email_key(user: &User) -> String {
    normal(&user.email)
}

/// The words of a name in one order, since the sides write family name and first name differently.
fn name_key(user: &User) -> String {
    normal(&user.name)
}

fn normal(text: &str) -> String {
    let mut words: Vec<String> =
        text.to_lowercase().replace('ё', "е").split_whitespace().map(str::to_owned).collect();
    words.sort();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use obmen_domain::record::Side;

    use super::*;

    #[test]
    fn the_table_comes_before_the_mailbox_and_the_mailbox_before_the_name() {
        let left = [
            user("1", "Иванова Анна", "a@x.ru"),
            user("2", "Петров Пётр", ""),
            user("3", "Сидоров", "s@x.ru"),
        ];
        let right = [
            user("r1", "Анна Иванова", "s@x.ru"),
            user("r2", "Петр Петров", ""),
            user("r3", "Другой", "a@x.ru"),
        ];
        let managers = paired(&[("1", "Анна Иванова")], &left, &right);
        assert_eq!(managers, [("1", Some("r1")), ("2", Some("r2")), ("3", None)]);
    }

    #[test]
    fn a_name_that_two_users_have_pairs_nobody() {
        let left = [user("1", "Иванова Анна", "")];
        let right = [user("r1", "Иванова Анна", ""), user("r2", "Иванова Анна", "")];
        assert_eq!(paired(&[], &left, &right), [("1", None)]);
    }

    #[test]
    fn whoever_left_is_not_paired_by_mailbox_but_by_the_table() {
        let left = [user("1", "Иванова Анна", "a@x.ru")];
        let gone = User { active: false, ..user("r1", "Иванова Анна", "a@x.ru") };
        assert_eq!(paired(&[], &left, std::slice::from_ref(&gone)), [("1", None)]);
        assert_eq!(paired(&[("1", "R1")], &left, &[gone]), [("1", Some("r1"))]);
    }

    fn paired<'a>(
        table: &[(&str, &str)],
        left: &'a [User],
        right: &[User],
    ) -> Vec<(&'a str, Option<&'static str>)> {
        let mut managers = Managers::default();
        pair_users(&mut managers, table.iter().copied(), left, right);
        let known = ["r1", "r2", "r3"];
        left.iter()
            .map(|user| {
                let other = managers.counterpart(Side::Bitrix24, &user.id);
                (user.id.0.as_str(), other.and_then(|other| known.into_iter().find(|id| *id == other.0)))
            })
            .collect()
    }

    fn user(id: &str, name: &str, email: &str) -> User {
        User { id: UserId(id.to_owned()), name: name.to_owned(), email: email.to_owned(), active: true }
    }
}
