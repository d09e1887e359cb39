//! `user.get` and `user.current`: the people who answer for cards.
//!
//! The granted scope decides which fields are told. Not responsible for changing users, which needs rights that a
//! synchroniser should not have.

use std::cmp::Ordering;

use super::list::Start;
use super::methods::{Answer, Call, Outcome};
use super::php::Php;
use super::plain;
use super::table::fold;

/// How accounts sign in that are no people: they are never told.
const NO_PEOPLE: [&str; 7] =
    ["bot", "email", "imconnector", "replica", "__controller", "calendar_sharing", "document_editor"];
/// Keys of the call itself, which stand beside those of a filter at the top level.
const CONTROL: [&str; 8] =
    ["FILTER", "SORT", "ORDER", "SELECT", "START", "ADMIN_MODE", "IMAGE_RESIZE", "AUTH"];

/// `user.get`: the filter stands in `FILTER` or at the top level.
pub(crate) fn user_get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let mut filter = params.param("FILTER").cloned().unwrap_or_else(|| {
        let keys = params.entries().iter();
        Php::Map(keys.filter(|(key, _)| !CONTROL.contains(&key.to_uppercase().as_str())).cloned().collect())
    });
    let searched = filter.get("NAME_SEARCH").and_then(Php::as_text).map(|text| fold(&text));
    if let Php::Map(entries) = &mut filter {
        entries.retain(|(key, _)| key != "NAME_SEARCH");
    }
    let people = call.crm.users.values().filter(|user| is_person(user));
    let people = people.filter(|user| searched.as_ref().is_none_or(|words| is_named(user, words)));
    let mut rows = plain::matching(people.map(|user| told(call, user)).collect(), &filter);
    if let Some(key) = params.param("sort").and_then(Php::as_text).filter(|key| !key.is_empty()) {
        rows.sort_by(|a, b| compare(a, b, &key));
    }
    if params.param("order").is_some_and(super::classic::is_descending) {
        rows.reverse();
    }
    let rows = rows.into_iter().map(|row| plain::selected(row, params.param("select"))).collect();
    Ok(plain::page(rows, Start::by_page(params.param("start"))))
}

/// `user.current`: the caller's own row.
pub(crate) fn user_current(call: &mut Call<'_>, _: &Php) -> Outcome {
    let id = call.caller.user;
    let unloaded = || Php::map([("ID", Php::text(id.to_string())), ("ACTIVE", Php::Bool(true))]);
    let user = call.crm.users.get(&id).cloned().unwrap_or_else(unloaded);
    Ok(Answer::new(told(call, &user)))
}

fn is_person(user: &Php) -> bool {
    let signs_in = user.get("EXTERNAL_AUTH_ID").and_then(Php::as_text).unwrap_or_default();
    !NO_PEOPLE.contains(&signs_in.as_ref())
}

/// A row within the granted scope. Dates that were never set are empty texts.
fn told(call: &Call<'_>, user: &Php) -> Php {
    let scopes = &call.settings.scopes;
    let has_contacts = ["user", "user_basic"].iter().any(|scope| scopes.contains(*scope));
    let is_contact = |key: &str| {
        key == "EMAIL"
            || ["PHONE", "MOBILE", "FAX", "PAGER", "MAILBOX", "WWW"].iter().any(|end| key.ends_with(end))
    };
    let shown = user
        .entries()
        .iter()
        .filter(|(key, _)| key != "EXTERNAL_AUTH_ID" && (has_contacts || !is_contact(key)));
    let mut row = Php::Map(shown.cloned().collect());
    let mut fill = |key: &'static str, default: Php| {
        if row.get(key).is_none() {
            row.set(key, default);
        }
    };
    for key in ["XML_ID", "NAME", "LAST_NAME", "SECOND_NAME", "TIMESTAMP_X", "LAST_ACTIVITY_DATE"] {
        fill(key, Php::text(""));
    }
    if has_contacts {
        fill("EMAIL", Php::text(""));
    }
    fill("USER_TYPE", Php::text("employee"));
    fill("IS_ONLINE", Php::text("N"));
    fill("UF_DEPARTMENT", Php::empty());
    row
}

/// Whether each of the words begins some part of the name.
fn is_named(user: &Php, words: &str) -> bool {
    let parts = ["NAME", "SECOND_NAME", "LAST_NAME"]
        .map(|key| user.get(key).and_then(Php::as_text).map(|text| fold(&text)).unwrap_or_default());
    words.split_whitespace().all(|word| parts.iter().any(|part| part.starts_with(word)))
}

/// Numbers by value, all else by its folded text.
fn compare(a: &Php, b: &Php, key: &str) -> Ordering {
    let text = |row: &Php| row.get(key).and_then(Php::as_text).map(|text| fold(&text)).unwrap_or_default();
    let (a, b) = (text(a), text(b));
    match (a.parse::<i64>(), b.parse::<i64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(&b),
    }
}
