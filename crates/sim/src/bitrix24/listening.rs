//! `event.*` and `events`: how an application says what it wants to hear of.
//!
//! Only applications get here; webhooks are refused before. Not responsible for what is queued and sent.

use super::classic::is_descending;
use super::dates::{format_instant, parse_instant};
use super::events::{APP_EVENTS, CRM_EVENTS, Handler, OfflineQuery, Owner, Row, Subscription, find_event};
use super::list::{PAGE, Start};
use super::methods::{Answer, Call, Outcome, Refusal, Scope};
use super::php::Php;
use super::plain;
use super::settings::Settings;

/// `events`: the names, of one scope, or all those that the granted scopes let hear.
pub(crate) fn events(call: &mut Call<'_>, params: &Php) -> Outcome {
    let scope = text(params, "SCOPE").to_lowercase();
    let is_full = params.param("FULL").is_some_and(Php::truthy);
    let (own, crm) = match scope.as_str() {
        "" => (true, is_full || call.settings.grants(Scope::Crm)),
        "basic" => (true, false),
        scope => (false, scope == "crm"),
    };
    let own = APP_EVENTS.into_iter().filter(|_| own);
    let names = own.chain(CRM_EVENTS.into_iter().filter(|_| crm));
    Ok(Answer::new(Php::list(names.map(Php::text))))
}

/// `event.bind`.
pub(crate) fn bind(call: &mut Call<'_>, params: &Php) -> Outcome {
    let client = client(call);
    let Some(event) = find_event(&text(params, "event")) else {
        return Err(Refusal::business("ERROR_EVENT_NOT_FOUND", "Event not found"));
    };
    let is_new = if is_offline(params) {
        needs_admin(call)?;
        let connector = connector(call, params)?;
        let subscription = Subscription { client, connector, event };
        let is_new = !call.events.subscriptions.contains(&subscription);
        if is_new {
            call.events.subscriptions.push(subscription);
        }
        is_new
    } else {
        let url = handler_url(params)?;
        let auth_type =
            auth_type(call, params)?.unwrap_or(if call.is_admin() { 0 } else { call.caller.user });
        let min_timeout = params.param("options").and_then(|options| options.get("minTimeout"));
        let min_timeout = min_timeout.map_or(1, Php::as_int).max(0);
        call.events.listen(event, &url, Owner::Application(client), auth_type, min_timeout)
    };
    if !is_new {
        return Err(Refusal::business("ERROR_CORE", "Unable to set event handler: Handler already binded"));
    }
    Ok(Answer::new(Php::Bool(true)))
}

/// `event.unbind`: fewer parameters match more.
pub(crate) fn unbind(call: &mut Call<'_>, params: &Php) -> Outcome {
    let client = client(call);
    let (event, url) = (find_event(&text(params, "event")), text(params, "handler"));
    let kind = text(params, "event_type").to_lowercase();
    let auth_type = match auth_type(call, params)? {
        None if !call.is_admin() => Some(call.caller.user),
        given => given,
    };
    let matches = |known: &str| params.param("event").is_none() || event == Some(known);
    let before = call.events.handlers.len() + call.events.subscriptions.len();
    if kind != "offline" {
        call.events.handlers.retain(|handler| {
            !(handler.owner == Owner::Application(client.clone())
                && matches(handler.event)
                && (url.is_empty() || handler.url == url)
                && auth_type.is_none_or(|user| handler.auth_type == user))
        });
    }
    if kind != "online" && url.is_empty() && call.is_admin() {
        let connector = params.param("auth_connector").map(|_| text(params, "auth_connector"));
        call.events.subscriptions.retain(|known| {
            known.client != client
                || !matches(known.event)
                || connector.as_ref().is_some_and(|connector| known.connector != *connector)
        });
    }
    let count = before - call.events.handlers.len() - call.events.subscriptions.len();
    Ok(Answer::new(Php::map([("count", Php::Int(count as i64))])))
}

/// `event.get`: what the application listens to; a user who is no administrator sees the own handlers.
pub(crate) fn get(call: &mut Call<'_>, _: &Php) -> Outcome {
    let (client, is_admin, user) = (client(call), call.is_admin(), call.caller.user);
    let owner = Owner::Application(client.clone());
    let is_shown = |handler: &&Handler| handler.owner == owner && (is_admin || handler.auth_type == user);
    let online = call.events.handlers.iter().filter(is_shown).map(|handler| {
        Php::map([
            ("event", Php::text(handler.event)),
            ("handler", Php::text(&handler.url)),
            ("auth_type", Php::text(handler.auth_type.to_string())),
            ("offline", Php::Int(0)),
        ])
    });
    let is_own = |known: &&Subscription| known.client == client && is_admin;
    let offline = call.events.subscriptions.iter().filter(is_own).map(|known| {
        Php::map([
            ("event", Php::text(known.event)),
            ("connector_id", Php::text(&known.connector)),
            ("offline", Php::Int(1)),
        ])
    });
    Ok(Answer::new(Php::list(online.chain(offline))))
}

/// `event.test`: `ONAPPTEST` to the application's handlers, with all that was sent.
pub(crate) fn test(call: &mut Call<'_>, params: &Php) -> Outcome {
    let sent = params.entries().iter().filter(|(key, _)| key != "auth").cloned();
    let (writer, at) = (call.caller.writer(params), call.at);
    call.events.test(&client(call), Php::Map(sent.collect()), at, &writer, call.settings);
    Ok(Answer::new(Php::Bool(true)))
}

/// `event.offline.get`: reading deletes, unless `clear` is `0`.
pub(crate) fn offline_get(call: &mut Call<'_>, params: &Php) -> Outcome {
    needs_admin(call)?;
    let flag = |name: &str, default: bool| params.param(name).map_or(default, Php::truthy);
    let limit = params.param("limit").map_or(0, Php::as_int);
    let query = OfflineQuery {
        client: client(call),
        connector: connector(call, params)?,
        process: Some(text(params, "process_id")).filter(|process| !process.is_empty()),
        limit: usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(PAGE),
        at: call.at,
        clear: flag("clear", true),
        failed: flag("error", false),
    };
    if !query.clear && !call.settings.tariff.has_features() {
        return Err(no_licence("rest_offline_extended"));
    }
    let settings = call.settings;
    let (process, rows) = call.events.get_offline(&query, |rows| chosen(rows, params, settings));
    let rows = rows.iter().map(|row| wire_row(settings, row));
    Ok(Answer::new(Php::map([
        ("process_id", process.map_or(Php::Null, Php::text)),
        ("events", Php::list(rows)),
    ])))
}

/// `event.offline.list`: looks without touching.
pub(crate) fn offline_list(call: &mut Call<'_>, params: &Php) -> Outcome {
    needs_admin(call)?;
    let client = client(call);
    call.events.drop_old_reservations(call.at);
    let rows = call.events.rows.iter().filter(|row| row.client == client).cloned().collect();
    let rows = chosen(rows, params, call.settings).into_iter().map(|row| {
        let mut wire = wire_row(call.settings, &row);
        wire.set("PROCESS_ID", Php::text(row.process.unwrap_or_default()));
        wire.set("ERROR", Php::text(if row.failed { "1" } else { "0" }));
        wire
    });
    Ok(plain::page(rows.collect(), Start::by_page(params.param("start")).counted()))
}

/// `event.offline.clear`: confirms a reservation or parts of it. Given both lists, `id` wins.
pub(crate) fn offline_clear(call: &mut Call<'_>, params: &Php) -> Outcome {
    let process = process_of(params)?;
    let (ids, messages) = (texts(params, "id"), texts(params, "message_id"));
    call.events.clear_offline(&process, |row| match (ids.as_slice(), messages.as_slice()) {
        ([], []) => true,
        ([], messages) => messages.contains(&row.message_id()),
        (ids, _) => ids.contains(&row.id.to_string()),
    });
    Ok(Answer::new(Php::Bool(true)))
}

/// `event.offline.error`: marks rows of a reservation as failed.
pub(crate) fn offline_error(call: &mut Call<'_>, params: &Php) -> Outcome {
    let process = process_of(params)?;
    let messages = texts(params, "message_id");
    call.events.fail_offline(&process, |row| messages.contains(&row.message_id()));
    Ok(Answer::new(Php::Bool(true)))
}

/// The rows that pass the filter, in the order that is asked for.
fn chosen(mut rows: Vec<Row>, params: &Php, settings: &Settings) -> Vec<Row> {
    let filter = params.param("filter").map(|filter| by_seconds(filter, settings)).unwrap_or_default();
    rows.retain(|row| plain::matches(&by_seconds(&wire_row(settings, row), settings), &filter));
    let order = params.param("order").map(Php::entries).unwrap_or_default();
    for (name, direction) in order.iter().rev() {
        let compare = |a: &Row, b: &Row| match name.to_uppercase().as_str() {
            "TIMESTAMP_X" => a.at.cmp(&b.at),
            "EVENT_NAME" => a.event.cmp(b.event),
            "MESSAGE_ID" => a.message_id().cmp(&b.message_id()),
            _ => a.id.cmp(&b.id),
        };
        if is_descending(direction) {
            rows.sort_by(|a, b| compare(b, a));
        } else {
            rows.sort_by(compare);
        }
    }
    rows
}

/// A row or a filter whose moments are seconds, since texts of moments do not compare.
fn by_seconds(map: &Php, settings: &Settings) -> Php {
    Php::map(map.entries().iter().map(|(key, value)| {
        let moment = value.as_text().filter(|_| key.ends_with("TIMESTAMP_X"));
        let seconds = moment.and_then(|moment| parse_instant(&moment, settings.offset));
        (key.clone(), seconds.map_or_else(|| value.clone(), Php::Int))
    }))
}

fn wire_row(settings: &Settings, row: &Row) -> Php {
    let additional = row.user.map(|user| ("user_id", Php::text(user.to_string())));
    Php::map([
        ("ID", Php::text(row.id.to_string())),
        ("TIMESTAMP_X", Php::Text(format_instant(row.at.as_second(), settings.offset))),
        ("EVENT_NAME", Php::text(row.event)),
        ("EVENT_DATA", Php::map([("FIELDS", row.fields.clone())])),
        ("EVENT_ADDITIONAL", Php::map(additional)),
        ("MESSAGE_ID", Php::text(row.message_id())),
    ])
}

fn client(call: &Call<'_>) -> String {
    call.caller.client.clone().unwrap_or_default()
}

/// Offline events are for administrators.
fn needs_admin(call: &Call<'_>) -> Result<(), Refusal> {
    if call.is_admin() {
        return Ok(());
    }
    Err(Refusal::new(403, "ACCESS_DENIED", "Access denied! Admin rights required"))
}

/// The key of a source, where the plan knows such.
fn connector(call: &Call<'_>, params: &Php) -> Result<String, Refusal> {
    let connector = text(params, "auth_connector");
    if !connector.is_empty() && !call.settings.tariff.has_features() {
        return Err(no_licence("rest_auth_connector"));
    }
    Ok(connector)
}

fn no_licence(feature: &str) -> Refusal {
    Refusal::new(403, "ACCESS_DENIED", format!("License restriction: {feature}"))
}

/// Whose token an event is to bring: only an administrator may name somebody else.
fn auth_type(call: &Call<'_>, params: &Php) -> Result<Option<u64>, Refusal> {
    let Some(given) = params.param("auth_type") else { return Ok(None) };
    let user = u64::try_from(given.as_int()).unwrap_or(0);
    if !call.is_admin() && user != call.caller.user {
        return Err(Refusal::new(403, "ACCESS_DENIED", "Access denied! Another user is named"));
    }
    Ok(Some(user))
}

/// An address that the queue server can post to. Addresses of this machine stand for public ones here.
fn handler_url(params: &Php) -> Result<String, Refusal> {
    let url = text(params, "handler");
    if url.is_empty() {
        return Err(Refusal::business("ERROR_ARGUMENT", "Argument 'HANDLER' is null or empty"));
    }
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return Err(Refusal::business("ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol"));
    };
    let host = rest.split(['/', '?', ':']).next().unwrap_or_default();
    if !host.contains('.') && host != "localhost" {
        return Err(Refusal::business("ERROR_WRONG_HANDLER_URL", "Wrong handler URL"));
    }
    Ok(url)
}

fn is_offline(params: &Php) -> bool {
    text(params, "event_type").eq_ignore_ascii_case("offline")
}

fn process_of(params: &Php) -> Result<String, Refusal> {
    let process = text(params, "process_id");
    if process.is_empty() {
        return Err(Refusal::business("ERROR_ARGUMENT", "Argument 'PROCESS_ID' is null or empty"));
    }
    Ok(process)
}

fn text(params: &Php, name: &str) -> String {
    params.param(name).and_then(Php::as_text).unwrap_or_default().into_owned()
}

/// A list of texts, or one.
fn texts(params: &Php, name: &str) -> Vec<String> {
    let Some(value) = params.param(name) else {
        return Vec::new();
    };
    if !value.is_map() {
        return value.as_text().map(std::borrow::Cow::into_owned).into_iter().collect();
    }
    value.entries().iter().filter_map(|(_, value)| Some(value.as_text()?.into_owned())).collect()
}
