//! Commands into requests and answers into replies: what one batch may carry, and how its maps are read.
//!
//! Pure. Not responsible for limits or sending. Invariant: commands keep their order; one that a batch would change
//! stands alone in its request.

use std::ops::Range;

use serde_json::{Map, Value, json};

use crate::call::{Answer, Command, Meaning, Reply, WireError, unexpected};
use crate::limiter::Observed;
use crate::wire;

/// Commands in one batch.
pub(crate) const MAX_COMMANDS: usize = 50;

/// The key of a command: padded, so that maps in any order keep the order of commands.
pub(crate) fn key(position: usize) -> String {
    format!("c{position:02}")
}

/// Cuts a list of commands into requests. A command that takes the result of the one before it stays with it.
pub(crate) fn pack(
    commands: &[Command],
    seconds: impl Fn(&Command) -> f64,
    max_seconds: f64,
) -> Vec<Range<usize>> {
    let mut requests = Vec::new();
    let mut start = 0;
    let mut sum = 0.0;
    let mut position = 0;
    while position < commands.len() {
        let followers = commands[position + 1..].iter().take_while(|command| command.follows()).count();
        let end = position + 1 + followers;
        let cost: f64 = commands[position..end].iter().map(&seconds).sum();
        let alone = followers == 0 && commands[position].goes_alone();
        let full = end - start > MAX_COMMANDS || sum + cost > max_seconds + 1e-9;
        if position > start && (full || alone) {
            requests.push(start..position);
            (start, sum) = (position, 0.0);
        }
        sum += cost;
        if alone {
            requests.push(position..end);
            (start, sum) = (end, 0.0);
        }
        position = end;
    }
    if start < commands.len() {
        requests.push(start..commands.len());
    }
    requests
}

/// The method and JSON body of a request with these commands.
pub(crate) fn request(commands: &[Command]) -> (&'static str, Value) {
    if let [command] = commands
        && command.goes_alone()
    {
        return (command.method, command.params.clone());
    }
    let commands: Map<String, Value> = commands
        .iter()
        .enumerate()
        .map(|(position, command)| {
            let previous = key(position.saturating_sub(1));
            (key(position), Value::String(command.encoded(&previous)))
        })
        .collect();
    ("batch", json!({"halt": 0, "cmd": commands}))
}

/// The replies to the commands of an answered request; what they hold is taken out of its body.
pub(crate) fn take_replies(commands: &[Command], body: &mut Value) -> Vec<Reply> {
    if is_single(commands) {
        let error = WireError::read(body);
        let result = body.get_mut("result").map(Value::take);
        return vec![reply(commands[0].method, result, body.get("total"), error)];
    }
    let mut nothing = Value::Null;
    let result = body.get_mut("result").unwrap_or(&mut nothing);
    commands
        .iter()
        .enumerate()
        .map(|(position, command)| {
            let key = key(position);
            let taken = result.get_mut("result").and_then(|map| map.get_mut(&key)).map(Value::take);
            let find = |map: &str| result.get(map).and_then(|map| map.get(&key));
            let error = find("result_error").map(|error| {
                WireError::read(error)
                    .unwrap_or_else(|| WireError { code: String::new(), description: wire::text(error) })
            });
            reply(command.method, taken, find("result_total"), error)
        })
        .collect()
}

/// What an answered request tells the limiter. Commands that were not executed tell nothing.
pub(crate) fn observations(commands: &[Command], body: &Value, replies: &[Reply]) -> Vec<Observed> {
    let times = body.get("result").and_then(|result| result.get("result_time"));
    commands
        .iter()
        .zip(replies)
        .enumerate()
        .filter(|(_, (_, reply))| !matches!(reply, Reply::NotDone(_)))
        .map(|(position, (command, _))| {
            let time = if is_single(commands) {
                body.get("time")
            } else {
                times.and_then(|times| times.get(key(position)))
            };
            let read = |name: &str| time.and_then(|time| time.get(name)).and_then(wire::number);
            let spent = match (read("processing"), read("duration")) {
                (Some(processing), Some(duration)) => Some(f64::max(processing, duration)),
                (processing, duration) => processing.or(duration),
            };
            Observed {
                method: command.method,
                units: command.units,
                seconds: spent,
                operating: read("operating"),
                reset_at: read("operating_reset_at")
                    .and_then(|seconds| jiff::Timestamp::from_second(seconds as i64).ok()),
            }
        })
        .collect()
}

fn is_single(commands: &[Command]) -> bool {
    matches!(commands, [command] if command.goes_alone())
}

fn reply(method: &str, result: Option<Value>, total: Option<&Value>, error: Option<WireError>) -> Reply {
    if let Some(error) = error {
        return match error.meaning(method) {
            Meaning::RateLimit | Meaning::MethodLimit => {
                // The sender puts the moment in, which the limiter knows.
                Reply::NotDone(obmen_engine::ports::SideError::LimitReached {
                    side: obmen_domain::record::Side::Bitrix24,
                    until: jiff::Timestamp::MIN,
                })
            }
            Meaning::Closed(error) => Reply::NotDone(error),
            Meaning::Broken => Reply::Unknown(unexpected(error.words())),
            Meaning::NotFound | Meaning::Business => Reply::Refused(error),
        };
    }
    match result {
        Some(value) => {
            let total = total.and_then(wire::number).map(|total| total as u64);
            Reply::Answer(Answer { value, total })
        }
        // Absent everywhere: not executed as far as documented, but nothing says so.
        None => Reply::Unknown(unexpected(format!("no result of {method}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::PREVIOUS;

    fn commands(count: usize) -> Vec<Command> {
        (0..count).map(|id| Command::new("crm.contact.get", json!({ "id": id }))).collect()
    }

    #[test]
    fn requests_are_bounded_by_commands_and_by_seconds() {
        assert_eq!(pack(&commands(120), |_| 0.1, 45.0), [0..50, 50..100, 100..120]);
        assert_eq!(pack(&commands(5), |_| 20.0, 45.0), [0..2, 2..4, 4..5]);
        assert_eq!(pack(&commands(2), |_| 90.0, 45.0), [0..1, 1..2], "one that is too long still goes");
        assert!(pack(&[], |_| 1.0, 45.0).is_empty());
    }

    #[test]
    fn a_command_stays_with_the_one_whose_result_it_takes() {
        let mut commands = commands(5);
        commands[2] = Command::new("crm.address.add", json!({"fields": {"ENTITY_ID": PREVIOUS}})).following();
        assert_eq!(pack(&commands, |_| 20.0, 45.0), [0..1, 1..3, 3..5]);
        let (_, body) = request(&commands[1..3]);
        assert_eq!(body["cmd"]["c01"], "crm.address.add?fields%5BENTITY_ID%5D=%24result%5Bc00%5D");
    }

    #[test]
    fn a_text_that_looks_like_a_reference_goes_alone_as_json() {
        let mut commands = commands(3);
        commands[1].params = json!({"fields": {"POST": "$result[c00]"}});
        let requests = pack(&commands, |_| 0.1, 45.0);
        assert_eq!(requests, [0..1, 1..2, 2..3]);
        assert_eq!(request(&commands[1..2]), ("crm.contact.get", commands[1].params.clone()));
        assert_eq!(request(&commands[0..1]).1["cmd"]["c00"], "crm.contact.get?id=0");
    }

    #[test]
    fn maps_are_read_in_every_shape_php_gives_them() {
        let mut body = json!({"result": {
            "result": {"c00": {"ID": "17"}, "c03": false},
            "result_error": {
                "c01": {"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"},
                "c02": {"error": ""}
            },
            "result_total": [], "result_next": [],
            "result_time": {"c00": {"processing": 0, "duration": 0.1, "operating_reset_at": 1_790_000_600, "operating": 0.08}}
        }});
        let commands = commands(5);
        let replies = take_replies(&commands, &mut body);
        assert!(matches!(&replies[0], Reply::Answer(answer) if answer.value["ID"] == "17"));
        assert!(matches!(&replies[1], Reply::NotDone(_)));
        assert!(matches!(&replies[2], Reply::Refused(_)));
        assert!(matches!(&replies[3], Reply::Answer(answer) if answer.value == false));
        assert!(matches!(&replies[4], Reply::Unknown(_)));
        let observed = observations(&commands, &body, &replies);
        assert_eq!(observed[0].seconds, Some(0.1));
        assert_eq!(observed[0].operating, Some(0.08));
        assert_eq!(observed.len(), 4, "what was not executed tells nothing");
    }
}
