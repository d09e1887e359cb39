//! Methods about the webhook itself and its portal.
//!
//! Not responsible for checking scopes, or for the portal's users.

use super::dates::format_instant;
use super::methods::{Answer, Call, METHODS, Outcome, Refusal, find_method};
use super::php::Php;
use super::plan::Tariff;

/// `profile`.
pub(crate) fn profile(call: &mut Call<'_>, _: &Php) -> Outcome {
    let user = call.crm.users.get(&call.caller.user);
    let name = |key: &str| user.and_then(|user| user.get(key)).cloned().unwrap_or_else(|| Php::text(""));
    Ok(Answer::new(Php::map([
        ("ID", Php::text(call.caller.user.to_string())),
        ("ADMIN", Php::Bool(call.is_admin())),
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
    let settings = call.settings;
    let known = METHODS.iter().filter(|method| settings.grants(method.scope) && settings.has(method.name));
    let names = known.map(|method| method.name);
    Ok(Answer::new(Php::list(["batch"].into_iter().chain(names).map(Php::text))))
}

/// `method.get`.
pub(crate) fn method_get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let name = params.param("name").and_then(Php::as_text).unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::business("ERROR_ARGUMENT", "Argument 'name' is null or empty"));
    }
    let found = find_method(&name).filter(|method| call.settings.has(method.name));
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

/// `feature.get`: what the plan has. A code that nobody knows is there as well.
pub(crate) fn feature_get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let code = params.param("CODE").and_then(Php::as_text).unwrap_or_default();
    if code.is_empty() || code == "0" {
        return Err(Refusal::business("CODE_EMPTY", "CODE can't be empty"));
    }
    let is_sold_apart = ["rest_offline_extended", "rest_auth_connector"].contains(&code.as_ref());
    let value = match call.settings.tariff {
        Tariff::Box => Tariff::Box.licence(),
        tariff if is_sold_apart && !tariff.has_features() => "N",
        _ => "Y",
    };
    Ok(Answer::new(Php::map([("value", Php::text(value))])))
}

/// `app.info`.
pub(crate) fn app_info(call: &mut Call<'_>, _: &Php) -> Outcome {
    let client = call.caller.client.as_deref().unwrap_or_default();
    Ok(Answer::new(Php::map([
        ("ID", Php::Int(1)),
        ("CODE", Php::text(client)),
        ("VERSION", Php::Int(1)),
        ("STATUS", Php::text("L")),
        ("INSTALLED", Php::Bool(call.apps.is_installed(client))),
        ("PAYMENT_EXPIRED", Php::text("N")),
        ("DAYS", Php::Null),
        ("LANGUAGE_ID", Php::text("ru")),
        ("LICENSE", Php::text(call.settings.tariff.licence())),
    ])))
}
