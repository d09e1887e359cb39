//! Methods about the webhook itself and the portal's users.
//!
//! Not responsible for checking scopes; only `user.get` looks at them, for the mailbox.

use super::dates::format_instant;
use super::list::Start;
use super::methods::{Answer, Call, METHODS, Outcome, Refusal, find_method};
use super::php::Php;
use super::plain;

/// `profile`.
pub(crate) fn profile(call: &mut Call<'_>, _: &Php) -> Outcome {
    let user = call.crm.users.get(&call.settings.user);
    let name = |key: &str| user.and_then(|user| user.get(key)).cloned().unwrap_or_else(|| Php::text(""));
    Ok(Answer::new(Php::map([
        ("ID", Php::text(call.settings.user.to_string())),
        ("ADMIN", Php::Bool(call.settings.admin)),
        ("NAME", name("NAME")),
        ("LAST_NAME", name("LAST_NAME")),
        ("PERSONAL_GENDER", Php::text("")),
        ("TIME_ZONE", Php::text("")),
    ])))
}

/// `scope`.
pub(crate) fn scope(call: &mut Call<'_>, _: &Php) -> Outcome {
    Ok(Answer::new(Php::list(call.settings.scopes.iter().map(Php::text))))
}

/// `methods`: those within the granted scopes.
pub(crate) fn methods(call: &mut Call<'_>, _: &Php) -> Outcome {
    let names = METHODS.iter().filter(|method| call.settings.grants(method.scope)).map(|method| method.name);
    Ok(Answer::new(Php::list(["batch"].into_iter().chain(names).map(Php::text))))
}

/// `method.get`.
pub(crate) fn method_get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let name = params.param("name").and_then(Php::as_text).unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::business("ERROR_ARGUMENT", "Argument 'name' is null or empty"));
    }
    let found = find_method(&name);
    let is_existing = found.is_some() || name == "batch";
    let is_available = found.map_or(name == "batch", |method| call.settings.grants(method.scope));
    Ok(Answer::new(Php::map([
        ("isExisting", Php::Bool(is_existing)),
        ("isAvailable", Php::Bool(is_available)),
    ])))
}

/// `server.time`.
pub(crate) fn server_time(call: &mut Call<'_>, _: &Php) -> Outcome {
    Ok(Answer::new(Php::Text(format_instant(call.at.as_second(), call.settings.offset))))
}

/// `feature.get`: the plan has everything.
pub(crate) fn feature_get(_: &mut Call<'_>, params: &Php) -> Outcome {
    if params.param("CODE").and_then(Php::as_text).unwrap_or_default().is_empty() {
        return Err(Refusal::business("ERROR_ARGUMENT", "Argument 'CODE' is null or empty"));
    }
    Ok(Answer::new(Php::map([("value", Php::text("Y"))])))
}

/// `app.info`.
pub(crate) fn app_info(call: &mut Call<'_>, _: &Php) -> Outcome {
    Ok(Answer::new(Php::map([
        ("ID", Php::Int(1)),
        ("CODE", Php::text(call.caller.client().unwrap_or_default())),
        ("VERSION", Php::Int(1)),
        ("STATUS", Php::text("L")),
        ("INSTALLED", Php::Bool(true)),
        ("PAYMENT_EXPIRED", Php::text("N")),
        ("DAYS", Php::Null),
        ("LANGUAGE_ID", Php::text("ru")),
        ("LICENSE", Php::text("ru_basic")),
    ])))
}

/// `user.get`: the filter stands in `FILTER` or at the top level.
pub(crate) fn user_get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let may_read_email = ["user", "user_basic"].iter().any(|scope| call.settings.scopes.contains(*scope));
    let rows = call.crm.users.values().map(|user| {
        let mut row = user.clone();
        if let (Php::Map(entries), false) = (&mut row, may_read_email) {
            entries.retain(|(key, _)| key != "EMAIL");
        }
        row
    });
    let control = ["FILTER", "SORT", "ORDER", "SELECT", "START", "ADMIN_MODE", "IMAGE_RESIZE"];
    let filter = params.param("FILTER").cloned().unwrap_or_else(|| {
        let keys = params.entries().iter();
        Php::Map(keys.filter(|(key, _)| !control.contains(&key.to_uppercase().as_str())).cloned().collect())
    });
    let mut rows = plain::matching(rows.collect(), &filter);
    if params.param("order").and_then(Php::as_text).is_some_and(|order| order.eq_ignore_ascii_case("desc")) {
        rows.reverse();
    }
    let rows = rows.into_iter().map(|row| plain::selected(row, params.param("select"))).collect();
    Ok(plain::page(rows, Start::by_page(params.param("start"))))
}
