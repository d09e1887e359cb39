//! Commands, and what the portal answers to one of them.
//!
//! Not responsible for sending. Invariant: whether an error means "no effect" or "unknown" is decided here and
//! nowhere else.

use obmen_domain::record::Side;
use obmen_engine::ports::{DataFault, SideError};
use serde_json::{Value, json};

use crate::wire::{encode_query, hurt_by_batch, member};

/// How the names of methods end that change something.
const WRITES: [&str; 6] = [".add", ".update", ".delete", ".set", ".import", ".batchImport"];

/// Stands in the parameters of a command for the result of the one before it.
pub(crate) const PREVIOUS: &str = "$result[previous]";

/// One method call.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) method: &'static str,
    pub(crate) params: Value,
    /// Units of work in it, for the estimate.
    pub(crate) units: f64,
    /// Whether it refers to results of the same batch on purpose.
    refers: bool,
    /// Whether it takes the result of the command before it, without which it must not be sent.
    follows: bool,
}

impl Command {
    pub(crate) fn new(method: &'static str, params: Value) -> Self {
        Self { method, params, units: 1.0, refers: false, follows: false }
    }

    /// A call that does as much work as this many.
    pub(crate) fn of_units(self, units: usize) -> Self {
        Self { units: units as f64, ..self }
    }

    /// A call that refers to results of the same batch.
    pub(crate) fn referring(self) -> Self {
        Self { refers: true, ..self }
    }

    /// A call with [`PREVIOUS`] among its parameters. It travels with the command before it.
    pub(crate) fn following(self) -> Self {
        Self { refers: true, follows: true, ..self }
    }

    /// Whether it has to travel with the command before it.
    pub(crate) fn follows(&self) -> bool {
        self.follows
    }

    /// A write is marked as this application's own; a read stays as it is.
    pub(crate) fn of_connector(mut self, connector: &str) -> Self {
        let is_write = WRITES.iter().any(|deed| self.method.ends_with(deed));
        if let (true, Value::Object(params)) = (is_write, &mut self.params) {
            params.insert("auth_connector".to_owned(), Value::String(connector.to_owned()));
        }
        self
    }

    /// Whether it must not travel in a batch.
    pub(crate) fn goes_alone(&self) -> bool {
        !self.refers && hurt_by_batch(&self.params)
    }

    /// As a batch carries it behind the command of this key.
    pub(crate) fn encoded(&self, previous: &str) -> String {
        let query = encode_query(&self.params);
        if !self.follows {
            return format!("{}?{query}", self.method);
        }
        let [placeholder, reference] =
            [PREVIOUS, &format!("$result[{previous}]")].map(|text| encode_query(&json!({ "": text })));
        format!("{}?{}", self.method, query.replace(&placeholder, &reference))
    }
}

/// What became of a command.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Answer(Answer),
    /// The portal refuses; nothing happened.
    Refused(WireError),
    /// Certainly no effect.
    NotDone(SideError),
    /// Sent, without an answer that says what happened.
    Unknown(SideError),
}

/// A successful answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) value: Value,
    pub(crate) total: Option<u64>,
}

impl Reply {
    /// The value, where the command was answered. For reads, where every other outcome is a failure.
    pub(crate) fn value(self) -> Result<Value, SideError> {
        self.answer().map(|answer| answer.value)
    }

    pub(crate) fn answer(self) -> Result<Answer, SideError> {
        match self {
            Self::Answer(answer) => Ok(answer),
            Self::Refused(error) => Err(unexpected(error.words())),
            Self::NotDone(error) | Self::Unknown(error) => Err(error),
        }
    }
}

/// An error object of the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WireError {
    /// Upper case; often empty.
    pub(crate) code: String,
    pub(crate) description: String,
}

/// What an error object means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The bucket is full: not executed.
    RateLimit,
    /// The method's execution time is used up: not executed.
    MethodLimit,
    /// Not executed, and no repeating helps.
    Closed(SideError),
    /// Something broke, perhaps after the effect.
    Broken,
    /// No such record.
    NotFound,
    /// The data are refused.
    Business,
}

impl WireError {
    /// The error object in an answer, where it is one. Errors come with status 200 as well.
    pub(crate) fn read(body: &Value) -> Option<Self> {
        let code = body.get("error")?;
        let description = member(body, "error_description");
        match code {
            Value::Null | Value::Bool(false) => None,
            // A whole record may have a field of that name; an error always says something.
            Value::String(code) if code.is_empty() && description.is_empty() => None,
            code => Some(Self { code: crate::wire::text(code).to_uppercase(), description }),
        }
    }

    /// What the portal does not like about the data it refuses.
    pub(crate) fn fault(&self) -> DataFault {
        // A mandatory user field is told in words only, in the portal's language.
        let words = self.description.to_lowercase();
        let says_so = ["обязательн", "required"].iter().any(|mark| words.contains(mark));
        if says_so || self.code == "CRM_FIELD_ERROR_REQUIRED" {
            DataFault::Unfilled
        } else {
            DataFault::Value
        }
    }

    /// Whether another token would be taken.
    pub(crate) fn is_of_token(&self) -> bool {
        matches!(self.code.as_str(), "EXPIRED_TOKEN" | "INVALID_TOKEN" | "APPLICATION_NOT_FOUND")
    }

    /// The portal's own words.
    pub(crate) fn words(&self) -> String {
        let description = self.description.replace("<br>", " ");
        let description = description.trim();
        if description.is_empty() { self.code.clone() } else { description.to_owned() }
    }

    pub(crate) fn meaning(&self, method: &str) -> Meaning {
        let side = Side::Bitrix24;
        match self.code.as_str() {
            "QUERY_LIMIT_EXCEEDED" => Meaning::RateLimit,
            "OPERATION_TIME_LIMIT" => Meaning::MethodLimit,
            "OVERLOAD_LIMIT" | "METHOD_CONFIRM_WAITING" => {
                Meaning::Closed(SideError::Unavailable { side, words: self.words() })
            }
            "INTERNAL_SERVER_ERROR" | "ERROR_UNEXPECTED_ANSWER" | "WRONG_ENCODING" => Meaning::Broken,
            "EXPIRED_TOKEN"
            | "INVALID_TOKEN"
            | "NO_AUTH_FOUND"
            | "AUTHORIZATION_ERROR"
            | "APPLICATION_NOT_FOUND"
            | "ERROR_OAUTH"
            | "INVALID_CREDENTIALS"
            | "PORTAL_DELETED" => Meaning::Closed(SideError::Unauthorized { side, words: self.words() }),
            "PAYMENT_REQUIRED" => Meaning::Closed(SideError::Unpaid { side, words: self.words() }),
            "INSUFFICIENT_SCOPE"
            | "USER_ACCESS_ERROR"
            | "WRONG_AUTH_TYPE"
            | "ALLOWED_ONLY_INTRANET_USER"
            | "METHOD_CONFIRM_DENIED"
            | "ERROR_METHOD_NOT_FOUND"
            | "ERROR_BATCH_METHOD_NOT_ALLOWED" => {
                Meaning::Closed(SideError::MissingRight { side, what: method.to_owned() })
            }
            "ACCESS_DENIED" => Meaning::Closed(SideError::MissingRight { side, what: self.words() }),
            "NOT_FOUND" => Meaning::NotFound,
            "" | "ERROR_CORE" if is_not_found(&self.description) => Meaning::NotFound,
            _ => Meaning::Business,
        }
    }
}

/// Classic methods say it in words only, in the portal's language.
fn is_not_found(words: &str) -> bool {
    let words = words.to_lowercase();
    ["not found", "не найден"].iter().any(|mark| words.contains(mark))
}

/// An answer the documentation does not know.
pub(crate) fn unexpected(words: impl Into<String>) -> SideError {
    SideError::Unexpected { side: Side::Bitrix24, words: words.into() }
}

/// A request as a whole was refused.
pub(crate) fn rejected(words: impl Into<String>) -> SideError {
    SideError::Rejected { side: Side::Bitrix24, words: words.into() }
}

/// The portal does not answer as a portal.
pub(crate) fn unavailable(words: impl Into<String>) -> SideError {
    SideError::Unavailable { side: Side::Bitrix24, words: words.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_told_apart_by_what_they_mean_for_the_effect() {
        let table = [
            (json!({"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}), "RateLimit"),
            (json!({"error": "OPERATION_TIME_LIMIT"}), "MethodLimit"),
            (json!({"error": "ERROR_UNEXPECTED_ANSWER"}), "Broken"),
            (json!({"error": "expired_token"}), "Unauthorized"),
            (json!({"error": "insufficient_scope"}), "MissingRight"),
            (json!({"error": "", "error_description": "Not found"}), "NotFound"),
            (json!({"error": "ERROR_CORE", "error_description": "Contact is not found"}), "NotFound"),
            (json!({"error": "ERROR_CORE", "error_description": "Поле \"E-mail\""}), "Business"),
            (json!({"error": 0, "error_description": "ENTITY_ID is not defined"}), "Business"),
            (json!({"error": "CRM_FIELD_ERROR_REQUIRED"}), "Business"),
        ];
        for (body, expected) in table {
            let meaning = WireError::read(&body).unwrap().meaning("crm.contact.add");
            assert!(format!("{meaning:?}").contains(expected), "{body}: {meaning:?}");
        }
        assert_eq!(WireError::read(&json!({"result": true})), None);
        assert_eq!(WireError::read(&json!([])), None);
    }
}
