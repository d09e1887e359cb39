//! What an answer of the service means: JSON, its failures, or pages of the platform and of servers before it.

use obmen_engine::ports::HttpResponse;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::fault::{CallError, code, of_words, read_answer, shortened, without_mark};

/// A request that failed as a whole.
#[derive(Deserialize)]
struct Failure {
    error: Error,
}

#[derive(Deserialize)]
struct Error {
    code: String,
    #[serde(default)]
    words: String,
}

pub(super) fn read<T: DeserializeOwned>(response: HttpResponse) -> Result<T, CallError> {
    let is_json =
        response.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    match (response.status, is_json) {
        (200..=299, true) => serde_json::from_slice(without_mark(&response.body)).map_err(|error| {
            // The words of the parser may hold values.
            CallError::Unexpected(format!("an answer of another shape ({:?})", error.classify()))
        }),
        (403, _) => {
            Err(CallError::Refused { status: 403, code: code::DENIED, words: "HTTP status 403".to_owned() })
        }
        (404 | 405, false) => Err(CallError::NotServed(format!("HTTP status {}", response.status))),
        (400.., true) => Err(failure(&response)),
        _ => {
            read_answer(response)?;
            Err(CallError::Busy("something else answered in place of the extension".to_owned()))
        }
    }
}

fn failure(response: &HttpResponse) -> CallError {
    let Ok(Failure { error }) = serde_json::from_slice(without_mark(&response.body)) else {
        return CallError::Unexpected(format!("HTTP status {} without words", response.status));
    };
    let words = shortened(&error.words);
    match error.code.as_str() {
        "too-many" => CallError::Refused { status: response.status, code: code::TOO_MANY, words },
        "bad-request" => CallError::Unexpected(words),
        _ => of_words(words, CallError::Gateway),
    }
}

#[cfg(test)]
mod tests {
    use obmen_engine::ports::SideError;
    use serde_json::Value;

    use super::*;
    use crate::fault::tests::answer;

    fn error_of(status: u16, kind: &str, body: &str) -> CallError {
        read::<Value>(answer(status, kind, body)).unwrap_err()
    }

    #[test]
    fn what_the_platform_answers_in_its_place_is_told_with_a_class_of_its_own() {
        let side = |status, kind, body| error_of(status, kind, body).into_side("/hs/obmen/v1");
        assert!(matches!(side(401, "text/html", "<html>"), SideError::Unauthorized { .. }));
        assert!(matches!(side(403, "text/html", "<html>"), SideError::MissingRight { .. }));
        for status in [404, 405] {
            assert!(matches!(side(status, "text/html", "<html>"), SideError::NoExtension { .. }));
        }
        assert!(matches!(side(200, "text/html", "<html>Введите пароль"), SideError::Unauthorized { .. }));
        assert!(matches!(side(200, "text/plain", ""), SideError::Unavailable { .. }));
        assert!(matches!(
            side(500, "text/plain", "Не обнаружено свободной лицензии!"),
            SideError::NoLicence { .. }
        ));
        assert!(matches!(side(503, "text/plain", "Начало сеанса запрещено"), SideError::Locked { .. }));
    }

    #[test]
    fn a_failure_of_the_extension_says_whether_anything_may_have_been_done() {
        let body = |code: &str| format!(r#"{{"error": {{"code": "{code}", "words": "слова"}}}}"#);
        let of = |status, code: &str| error_of(status, "application/json", &body(code));
        assert_eq!(of(500, "failed"), CallError::Gateway("слова".to_owned()));
        assert_eq!(of(400, "bad-request"), CallError::Unexpected("слова".to_owned()));
        assert!(matches!(of(413, "too-many"), CallError::Refused { code: code::TOO_MANY, .. }));
        assert!(error_of(500, "application/json", &body("failed")).is_open());
        assert!(!error_of(404, "text/html", "<html>").is_open());
    }

    #[test]
    fn a_mark_before_an_answer_is_accepted() {
        let marked = answer(200, "application/json; charset=utf-8", "\u{feff}{\"rows\": []}");
        assert!(read::<Value>(marked).is_ok());
        assert!(matches!(error_of(200, "application/json", "{"), CallError::Unexpected(_)));
    }
}
