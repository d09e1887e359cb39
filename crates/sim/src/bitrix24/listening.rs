//! `event.*` and `events`: how an application says what it wants to hear of.
//!
//! Only applications get here; webhooks are refused before. Not responsible for what is queued and sent.

use super::dates::format_instant;
use super::events::{EVENTS, OfflineQuery, Owner, Row, Subscription};
use super::list::{PAGE, Start};
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::plain;

/// `events`: the names.
pub(crate) fn events(_: &mut Call<'_>, _: &Php) -> Outcome {
    Ok(Answer::new(Php::list(EVENTS.into_iter().map(Php::text))))
}

/// `event.bind`.
pub(crate) fn bind(call: &mut Call<'_>, params: &Php) -> Outcome {
    let client = client(call);
    let Some(event) = event_of(params) else {
        return Err(Refusal::business("ERROR_EVENT_NOT_FOUND", "Event not found"));
    };
    let is_new = if is_offline(params) {
        if !call.settings.admin {
            return Err(Refusal::new(403, "ACCESS_DENIED", "Access denied! Admin rights required"));
        }
        let subscription = Subscription { client, connector: text(params, "auth_connector"), event };
        let is_new = !call.events.subscriptions.contains(&subscription);
        if is_new {
            call.events.subscriptions.push(subscription);
        }
        is_new
    } else {
        let url = text(params, "handler");
        if url.is_empty() {
            return Err(Refusal::business("ERROR_ARGUMENT", "Argument 'HANDLER' is null or empty"));
        }
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Refusal::business(
                "ERROR_UNSUPPORTED_PROTOCOL",
                "Unsupported event handler protocol",
            ));
        }
        call.events.listen(event, &url, Owner::Application(client))
    };
    if !is_new {
        return Err(Refusal::business("ERROR_CORE", "Unable to set event handler: Handler already binded"));
    }
    Ok(Answer::new(Php::Bool(true)))
}

/// `event.unbind`: fewer parameters match more.
pub(crate) fn unbind(call: &mut Call<'_>, params: &Php) -> Outcome {
    let client = client(call);
    let (event, url) = (event_of(params), text(params, "handler"));
    let kind = text(params, "event_type").to_lowercase();
    let matches = |known: &str| params.param("event").is_none() || event == Some(known);
    let before = call.events.handlers.len() + call.events.subscriptions.len();
    if kind != "offline" {
        call.events.handlers.retain(|handler| {
            !(handler.owner == Owner::Application(client.clone())
                && matches(handler.event)
                && (url.is_empty() || handler.url == url))
        });
    }
    if kind != "online" && url.is_empty() {
        call.events.subscriptions.retain(|known| known.client != client || !matches(known.event));
    }
    let count = before - call.events.handlers.len() - call.events.subscriptions.len();
    Ok(Answer::new(Php::map([("count", Php::Int(count as i64))])))
}

/// `event.get`: what the application listens to.
pub(crate) fn get(call: &mut Call<'_>, _: &Php) -> Outcome {
    let client = client(call);
    let owner = Owner::Application(client.clone());
    let online = call.events.handlers.iter().filter(|handler| handler.owner == owner).map(|handler| {
        Php::map([
            ("event", Php::text(handler.event)),
            ("handler", Php::text(&handler.url)),
            ("auth_type", Php::text("0")),
            ("offline", Php::Int(0)),
        ])
    });
    let offline = call.events.subscriptions.iter().filter(|known| known.client == client).map(|known| {
        Php::map([
            ("event", Php::text(known.event)),
            ("connector_id", Php::text(&known.connector)),
            ("offline", Php::Int(1)),
        ])
    });
    Ok(Answer::new(Php::list(online.chain(offline))))
}

/// `event.offline.get`: reading deletes, unless `clear` is `0`.
pub(crate) fn offline_get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let flag = |name: &str, default: bool| params.param(name).map_or(default, Php::truthy);
    let limit = params.param("limit").map_or(0, Php::as_int);
    let query = OfflineQuery {
        client: client(call),
        connector: text(params, "auth_connector"),
        process: Some(text(params, "process_id")).filter(|process| !process.is_empty()),
        limit: usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(PAGE),
        clear: flag("clear", true),
        failed: flag("error", false),
    };
    let (process, rows) = call.events.get_offline(&query);
    let rows = rows.iter().map(|row| wire_row(call, row));
    Ok(Answer::new(Php::map([
        ("process_id", process.map_or(Php::Null, Php::text)),
        ("events", Php::list(rows)),
    ])))
}

/// `event.offline.list`: looks without touching.
pub(crate) fn offline_list(call: &mut Call<'_>, params: &Php) -> Outcome {
    let client = client(call);
    let rows = call.events.rows.iter().filter(|row| row.client == client).map(|row| {
        let mut wire = wire_row(call, row);
        wire.set("PROCESS_ID", Php::text(row.process.clone().unwrap_or_default()));
        wire.set("ERROR", Php::text(if row.failed { "1" } else { "0" }));
        wire
    });
    let rows = plain::matching(rows.collect(), params.param("filter").unwrap_or(&Php::Null));
    Ok(plain::page(rows, Start::by_page(params.param("start")).counted()))
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

fn wire_row(call: &Call<'_>, row: &Row) -> Php {
    let fields = Php::map([("ID", Php::Int(row.record as i64))]);
    Php::map([
        ("ID", Php::text(row.id.to_string())),
        ("TIMESTAMP_X", Php::Text(format_instant(row.at.as_second(), call.settings.offset))),
        ("EVENT_NAME", Php::text(row.event)),
        ("EVENT_DATA", Php::map([("FIELDS", fields)])),
        ("EVENT_ADDITIONAL", Php::map([("user_id", Php::text(row.user.to_string()))])),
        ("MESSAGE_ID", Php::text(row.message_id())),
    ])
}

fn client(call: &Call<'_>) -> String {
    call.caller.client().unwrap_or_default().to_owned()
}

fn event_of(params: &Php) -> Option<&'static str> {
    let name = text(params, "event");
    EVENTS.into_iter().find(|known| known.eq_ignore_ascii_case(&name))
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
