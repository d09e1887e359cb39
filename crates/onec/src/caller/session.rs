//! Sessions of a publication with `reuseSessions="use"`: started by a header, kept by a cookie.
//!
//! Where the server manages sessions itself (`autouse`) it ignores the header and gives no cookie; it is then not asked
//! again. Invariant: a session serves one request at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use obmen_engine::ports::HttpResponse;

const COOKIE: &str = "ibsession";

#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    idle: Vec<String>,
    /// The server answered well to a request for a session and gave none.
    gives_none: bool,
}

impl Sessions {
    /// An idle session.
    pub(super) fn take(&self) -> Option<String> {
        self.state().idle.pop()
    }

    /// The headers of a request within this session, or one that starts a session.
    pub(super) fn headers(&self, cookie: Option<&str>) -> Option<(String, String)> {
        match cookie {
            Some(cookie) => Some(("Cookie".to_owned(), format!("{COOKIE}={cookie}"))),
            None if self.state().gives_none => None,
            None => Some(("IBSession".to_owned(), "start".to_owned())),
        }
    }

    /// Keeps the session in which a request was answered.
    pub(super) fn give_back(&self, response: &HttpResponse, cookie: Option<String>) {
        let given =
            response.headers.iter().filter(|(name, _)| name == "set-cookie").find_map(|(_, value)| {
                let (name, rest) = value.split_once('=')?;
                let value = rest.split(';').next()?.trim();
                (name.trim().eq_ignore_ascii_case(COOKIE) && !value.is_empty()).then(|| value.to_owned())
            });
        let mut state = self.state();
        match given.or(cookie) {
            Some(session) => state.idle.push(session),
            None if (200..300).contains(&response.status) => state.gives_none = true,
            None => {}
        }
    }

    /// Drops all idle sessions: one was lost, the others are as old.
    pub(super) fn forget(&self) {
        self.state().idle.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(cookie: Option<&str>) -> HttpResponse {
        let headers = cookie.map(|cookie| ("set-cookie".to_owned(), cookie.to_owned())).into_iter().collect();
        HttpResponse { status: 200, headers, body: Vec::new() }
    }

    #[test]
    fn a_session_is_asked_for_once_and_used_by_one_request_at_a_time() {
        let sessions = Sessions::default();
        assert_eq!(sessions.take(), None);
        assert_eq!(sessions.headers(None).unwrap().0, "IBSession");
        sessions.give_back(&answer(Some("ibsession=abc; path=/base")), None);
        assert_eq!(sessions.take().as_deref(), Some("abc"));
        assert_eq!(sessions.headers(Some("abc")).unwrap(), ("Cookie".to_owned(), "ibsession=abc".to_owned()));
        assert_eq!(sessions.take(), None);
        sessions.give_back(&answer(None), Some("abc".to_owned()));
        assert_eq!(sessions.take().as_deref(), Some("abc"));
    }

    #[test]
    fn a_server_that_gives_no_session_is_not_asked_again() {
        let sessions = Sessions::default();
        sessions.give_back(&answer(None), None);
        assert_eq!(sessions.headers(None), None);
    }
}
