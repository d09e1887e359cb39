//! What a call that brought nothing means: the envelope of OData's refusals, pages of somebody else, missing answers.
//!
//! Failures of the extension are read in `extension::answer`. Invariant: `NoReply` and `Gateway` are the only cases in which a
//! write may have taken effect.

use obmen_domain::record::Side;
use obmen_engine::ports::{HttpResponse, SideError};
use serde_json::Value;

/// Codes of the interface's error table.
pub(crate) mod code {
    pub(crate) const NO_SET: i32 = 8;
    pub(crate) const NO_INSTANCE: i32 = 9;
    pub(crate) const NO_PROPERTY: i32 = 10;
    pub(crate) const EXISTS: i32 = 15;
    pub(crate) const UNFILLED: i32 = 5;
    pub(crate) const DENIED: i32 = 20;
    /// None of the interface's own: more than one request may hold.
    pub(crate) const TOO_MANY: i32 = 413;
}

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallError {
    /// It did not arrive.
    NotSent(String),
    /// It may have arrived.
    NoReply(String),
    /// A server in front of 1C answered in its place; the call may have arrived.
    Gateway(String),
    /// The user is not let in.
    Unauthorized(String),
    /// Busy or blocked; the call had no effect.
    Busy(String),
    /// `If-Match` named another version; the call had no effect.
    Stale,
    /// 1C refuses.
    Refused {
        /// HTTP status.
        status: u16,
        /// The code of the error table; the status where there is no envelope.
        code: i32,
        /// 1C's own words.
        words: String,
    },
    /// There is no extension, or none that knows what is asked.
    NotServed(String),
    /// An answer that makes no sense.
    Unexpected(String),
}

impl CallError {
    /// Whether it says nothing about the call itself, so that the same read may be answered a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::NoReply(_) | Self::Gateway(_) | Self::Busy(_))
    }

    /// Whether the call may have taken effect.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::NoReply(_) | Self::Gateway(_))
    }

    /// The same for the engine.
    pub(crate) fn into_side(self, set: &str) -> SideError {
        let side = Side::Onec;
        match self {
            Self::NotSent(words) | Self::NoReply(words) | Self::Gateway(words) => {
                SideError::Unavailable { side, words }
            }
            Self::Busy(words) => of_busy(words),
            Self::Stale => {
                SideError::Unavailable { side, words: "the object was changed meanwhile".to_owned() }
            }
            Self::Unauthorized(words) => SideError::Unauthorized { side, words },
            Self::NotServed(words) => SideError::NoExtension { words },
            Self::Refused { code: code::NO_SET, .. } => SideError::ClosedComposition { set: set.to_owned() },
            Self::Refused { code: code::NO_PROPERTY, words, .. } => {
                SideError::MissingField { side, field: in_quotes(&words).unwrap_or(set).to_owned() }
            }
            Self::Refused { code: code::DENIED, .. } => {
                SideError::MissingRight { side, what: format!("use {set}") }
            }
            Self::Refused { code: code::TOO_MANY, words, .. } => SideError::Rejected { side, words },
            Self::Refused { status: 500.., words, .. } => SideError::Unavailable { side, words },
            Self::Refused { words, .. } | Self::Unexpected(words) => SideError::Unexpected { side, words },
        }
    }
}

/// The body of a good answer, or what the answer means.
pub(crate) fn read_answer(response: HttpResponse) -> Result<Vec<u8>, CallError> {
    let is_page = is_page(&response);
    match response.status {
        200..=299 if is_page => Err(page_in_place_of_data(&response)),
        200..=299 => Ok(response.body),
        300..=399 => Err(CallError::Unexpected("a redirect: the address leads elsewhere".to_owned())),
        status => Err(read_refusal(status, is_page, &response.body)),
    }
}

/// Whether this is what a server answers to a session that it does not know (any more).
pub(crate) fn is_lost_session(response: &HttpResponse) -> bool {
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(without_mark(&response.body)).is_ok();
    response.status == 400 && !is_json && envelope(&response.body).is_none()
}

/// JSON and counts may begin with a byte order mark.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

fn read_refusal(status: u16, is_page: bool, body: &[u8]) -> CallError {
    let envelope = envelope(body);
    let words = match &envelope {
        Some((_, words)) => words.clone(),
        None if is_page || body.is_empty() => format!("HTTP status {status}"),
        None => shortened(&String::from_utf8_lossy(without_mark(body))),
    };
    match (status, &envelope) {
        (401, Some((code::DENIED, _))) => {}
        (401 | 403, _) => return CallError::Unauthorized(words),
        (406 | 429 | 503, _) => return CallError::Busy(words),
        (412, _) => return CallError::Stale,
        (502 | 504, _) => return CallError::Gateway(words),
        _ if is_busy_text(&words) => return CallError::Busy(words),
        // Not 1C's own words: some server on the way, which may have passed the call on.
        (500.., None) => return CallError::Gateway(words),
        _ => {}
    }
    let code = envelope.map_or(i32::from(status), |(code, _)| code);
    CallError::Refused { status, code, words }
}

/// A failure that only its words tell: busy, or what it is otherwise.
pub(crate) fn of_words(words: String, otherwise: fn(String) -> CallError) -> CallError {
    if is_busy_text(&words) { CallError::Busy(words) } else { otherwise(words) }
}

/// Texts of exceptions that pass by themselves. Locks and missing licences arrive as ordinary exceptions; only the text
/// tells them.
const NO_LICENCE: [&str; 1] = ["лицензи"];
const LOCKED_BASE: [&str; 2] = ["начало сеанса", "монопольн"];
const HELD_RECORD: [&str; 4] =
    ["конфликт блокировок", "взаимоблокировк", "deadlock", "не завершена обработка данных"];

fn is_busy_text(words: &str) -> bool {
    says(words, &NO_LICENCE) || says(words, &LOCKED_BASE) || says(words, &HELD_RECORD)
}

fn says(words: &str, signs: &[&str]) -> bool {
    let lower = words.to_lowercase();
    signs.iter().any(|sign| lower.contains(sign))
}

/// Who is busy: all licences, the whole base, or the record alone.
fn of_busy(words: String) -> SideError {
    let side = Side::Onec;
    if says(&words, &NO_LICENCE) {
        SideError::NoLicence { side, words }
    } else if says(&words, &LOCKED_BASE) {
        SideError::Locked { side, words }
    } else if says(&words, &HELD_RECORD) {
        SideError::Busy { side, words }
    } else {
        SideError::Unavailable { side, words }
    }
}

/// A page with a good status: somebody's login, or a base that does not start.
fn page_in_place_of_data(response: &HttpResponse) -> CallError {
    const SIGNS: [&str; 7] = ["парол", "password", "авторизац", "аутентификац", "login", "войти", "вход в "];
    let page = String::from_utf8_lossy(&response.body).to_lowercase();
    if SIGNS.iter().any(|sign| page.contains(sign)) {
        return CallError::Unauthorized("a login page answered in place of OData".to_owned());
    }
    CallError::Busy("a web page answered in place of OData".to_owned())
}

fn is_page(response: &HttpResponse) -> bool {
    let declared =
        response.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("text/html"));
    let start = String::from_utf8_lossy(&response.body[..response.body.len().min(64)]).to_ascii_lowercase();
    declared || start.trim_start().starts_with("<!doctype html") || start.trim_start().starts_with("<html")
}

/// Code and words of a refusal, in JSON or in XML.
fn envelope(body: &[u8]) -> Option<(i32, String)> {
    let body = without_mark(body);
    let Ok(document) = serde_json::from_slice::<Value>(body) else {
        let text = std::str::from_utf8(body).ok()?;
        let code = between(text, "<m:code>", "</m:code>")?.trim().parse().ok()?;
        let message = between(text, "<m:message", "</m:message>").unwrap_or_default();
        return Some((code, shortened(message.split_once('>').map_or("", |(_, words)| words))));
    };
    let error = document.get("odata.error")?;
    let code = match error.get("code")? {
        Value::String(code) => code.parse().ok()?,
        Value::Number(code) => i32::try_from(code.as_i64()?).ok()?,
        _ => return None,
    };
    let message = error.get("message")?;
    let words = message.get("value").unwrap_or(message).as_str().unwrap_or_default();
    Some((code, shortened(words)))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
}

fn in_quotes(words: &str) -> Option<&str> {
    between(words, "\"", "\"").or_else(|| between(words, "'", "'"))
}

/// 1C sends whole call stacks; a person reads the beginning.
pub(crate) fn shortened(words: &str) -> String {
    words.trim().chars().take(300).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An answer with this status, of this type.
    pub(crate) fn answer(status: u16, kind: &str, body: &str) -> HttpResponse {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        HttpResponse { status, headers, body: body.as_bytes().to_vec() }
    }

    fn refusal(status: u16, code: &str, words: &str) -> HttpResponse {
        let body =
            format!(r#"{{"odata.error":{{"code":"{code}","message":{{"lang":"ru","value":"{words}"}}}}}}"#);
        answer(status, "application/json", &body)
    }

    #[test]
    fn a_refusal_says_what_the_engine_may_decide_on() {
        let side = |response| read_answer(response).unwrap_err().into_side("Catalog_X");
        let cases = [
            (refusal(404, "8", "Тип не найден"), "find Catalog_X in the OData composition of 1C"),
            (refusal(401, "20", "Нарушение прав доступа"), "get the right to use Catalog_X in onec"),
            (answer(401, "text/html", "<html>401"), "be let in by onec: HTTP status 401"),
            (refusal(400, "10", "Свойство \\\"ИНН\\\" не найдено"), "find the field ИНН in onec"),
            (answer(503, "text/html", "<html>blocked"), "reach onec: HTTP status 503"),
            (
                refusal(500, "-1", "Конфликт блокировок"),
                "get hold of the record in onec: Конфликт блокировок",
            ),
            (
                answer(503, "text/plain", "Начало сеанса запрещено"),
                "be let into onec while it is locked: Начало сеанса запрещено",
            ),
            (
                answer(500, "text/plain", "Не обнаружено свободной лицензии!"),
                "get a licence of onec: Не обнаружено свободной лицензии!",
            ),
            (
                answer(200, "text/html", "<html>Введите пароль"),
                "be let in by onec: a login page answered in place of OData",
            ),
            (
                answer(200, "text/html", "<html>Обновление"),
                "reach onec: a web page answered in place of OData",
            ),
        ];
        for (response, expected) in cases {
            assert_eq!(side(response).to_string(), expected);
        }
    }

    #[test]
    fn only_silence_and_gateways_leave_a_write_open() {
        let of = |response| read_answer(response).unwrap_err();
        assert!(matches!(of(answer(504, "text/html", "<html>")), CallError::Gateway(_)));
        assert!(matches!(of(answer(500, "text/html", "<html>nginx")), CallError::Gateway(_)));
        assert!(matches!(of(refusal(500, "-1", "Отказ")), CallError::Refused { code: -1, .. }));
        assert!(matches!(
            of(answer(500, "text/plain", "Не обнаружено свободной лицензии!")),
            CallError::Busy(_)
        ));
        assert!(matches!(of(refusal(412, "0", "")), CallError::Stale));
    }

    #[test]
    fn a_refusal_is_read_with_a_mark_before_it_and_in_xml() {
        let marked =
            format!("\u{feff}{}", r#"{"odata.error":{"code":"9","message":{"lang":"ru","value":"нет"}}}"#);
        assert_eq!(envelope(marked.as_bytes()), Some((9, "нет".to_owned())));
        let xml = r#"<m:error xmlns:m="x"><m:code>8</m:code><m:message xml:lang="ru">нет набора</m:message></m:error>"#;
        assert_eq!(envelope(xml.as_bytes()), Some((8, "нет набора".to_owned())));
    }

    #[test]
    fn a_refused_value_is_no_lost_session() {
        assert!(!is_lost_session(&refusal(400, "4", "Неверное значение")));
        assert!(is_lost_session(&answer(400, "text/plain", "Сеанс отсутствует")));
    }
}
