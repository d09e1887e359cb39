//! `batch`: up to fifty commands in one request, one after another, each on its own account.
//!
//! Invariant: whatever ran before the time of a request was up keeps its effect, even though nobody hears of
//! it. Not responsible for executing a command, which goes the same way as a single request.

use std::time::Duration;

use jiff::Timestamp;

use super::Portal;
use super::envelope::time_block;
use super::methods::Refusal;
use super::oauth::Caller;
use super::php::{Key, Php};
use super::portal::Executed;
use super::query::parse_str;
use super::references::substitute;

const MAX_COMMANDS: usize = 50;

/// How a batch ended.
pub(crate) enum BatchEnd {
    Answered {
        result: Php,
        took: Duration,
    },
    /// The request's time was up.
    Cut,
}

/// The five maps of a batch answer under their names for references.
struct Results(Php);

/// Executes the commands of a batch.
pub(crate) fn run(
    portal: &mut Portal,
    at: Timestamp,
    caller: &Caller,
    params: &Php,
) -> Result<BatchEnd, Refusal> {
    let Some(commands) = params.param("cmd").filter(|cmd| cmd.is_map()) else {
        return Err(Refusal::business("ERROR_ARGUMENT", "Argument 'cmd' must be array"));
    };
    let halt = params.param("halt").is_some_and(Php::truthy);
    let mut results = Results::new();
    let mut took = Duration::ZERO;
    for (position, (key, command)) in commands.entries().iter().enumerate() {
        // A command that is no string leaves no trace.
        let Php::Text(command) = command else {
            continue;
        };
        let outcome = if position >= MAX_COMMANDS {
            Err(Refusal::new(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded"))
        } else {
            let (method, query) = split_command(command);
            let params = substitute(&parse_str(query), &results.0);
            if method.eq_ignore_ascii_case("batch") {
                Err(Refusal::new(
                    405,
                    "ERROR_BATCH_METHOD_NOT_ALLOWED",
                    "Method is not allowed for batch usage",
                ))
            } else {
                let begun = at + took;
                match portal.execute(begun, caller, method, &params, portal.settings.request_time() - took) {
                    Executed::Cut => return Ok(BatchEnd::Cut),
                    Executed::Refused { refusal, cost } => {
                        took += cost;
                        Err(refusal)
                    }
                    Executed::Answered { answer, cost, reading } => {
                        took += cost;
                        let time = time_block(begun, cost, Some(reading), portal.settings.offset);
                        Ok((answer, time))
                    }
                }
            }
        };
        match outcome {
            Ok((answer, time)) => {
                results.put("result", key, answer.result);
                if let Some(total) = answer.total {
                    results.put("total", key, Php::Int(total));
                }
                if let Some(next) = answer.next {
                    results.put("next", key, Php::Int(next));
                }
                results.put("time", key, time);
            }
            Err(refusal) => {
                results.put("error", key, refusal.to_php());
                if halt {
                    break;
                }
            }
        }
    }
    Ok(BatchEnd::Answered { result: results.into_answer(), took })
}

/// `parse_url`: the path before the question mark, the query up to a bare `#`.
fn split_command(command: &str) -> (&str, &str) {
    let command = command.split('#').next().unwrap_or_default();
    let (method, query) = command.split_once('?').unwrap_or((command, ""));
    (method.trim(), query)
}

impl Results {
    fn new() -> Self {
        let roots = ["result", "error", "total", "next", "time"];
        Self(Php::map(roots.map(|root| (root, Php::empty()))))
    }

    fn put(&mut self, root: &str, key: &Key, value: Php) {
        if let Php::Map(maps) = &mut self.0
            && let Some((_, map)) = maps.iter_mut().find(|(known, _)| known == root)
        {
            map.set(key.clone(), value);
        }
    }

    fn into_answer(self) -> Php {
        let Php::Map(maps) = self.0 else {
            return self.0;
        };
        Php::map(maps.into_iter().map(|(root, map)| {
            let name = if root == "result" { root } else { Key::Owned(format!("result_{root}")) };
            (name, map)
        }))
    }
}
