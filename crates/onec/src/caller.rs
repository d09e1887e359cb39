//! Calls of one published infobase: the one place that sends, whatever the interface.
//!
//! Basic authentication, sessions, timeouts, and how many requests are under way at once. Not responsible for what is asked and
//! what an answer means (see `odata`, `extension`). Invariants: nothing is repeated but what the caller says may be, and a
//! request that a lost session kept from being looked at; neither address nor content is ever logged.

mod session;
mod slots;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use obmen_engine::ports::{Clock, HttpRequest, HttpResponse, Transport, TransportError};
use obmen_engine::reread::Reread;

use crate::fault::{CallError, is_lost_session};
use crate::settings::Settings;
use session::Sessions;
use slots::Slots;

/// Who calls.
pub(crate) struct Caller {
    authorization: String,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    sessions: Sessions,
    slots: Slots,
    reread: Reread,
    read_timeout: Duration,
    write_timeout: Duration,
}

/// One request.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether it may take as long as a write.
    pub(crate) is_write: bool,
}

impl Caller {
    pub(crate) fn new(settings: &Settings, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        let credentials = format!("{}:{}", settings.user, settings.password.reveal());
        Self {
            authorization: format!("Basic {}", STANDARD.encode(credentials)),
            transport,
            clock,
            sessions: Sessions::default(),
            slots: Slots::new(settings.parallel.max(1)),
            reread: Reread::default(),
            read_timeout: settings.read_timeout(),
            write_timeout: settings.write_timeout(),
        }
    }

    /// Sends a call once.
    pub(crate) async fn once(&self, call: Call) -> Result<HttpResponse, CallError> {
        self.send(self.request(call)).await
    }

    /// Sends a call that does no harm when it is repeated, until it is answered or it is time to give up; again only after
    /// errors that are so.
    pub(crate) async fn patiently<T>(
        &self,
        call: Call,
        read: impl Fn(HttpResponse) -> Result<T, CallError>,
        is_so: impl Fn(&CallError) -> bool,
    ) -> Result<T, CallError> {
        let request = self.request(call);
        let mut failures = 0;
        loop {
            let error = match self.send(request.clone()).await.and_then(&read) {
                Ok(answer) => {
                    self.reread.answered();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            match self.reread.pause(failures, self.clock.now()) {
                Some(pause) if is_so(&error) => self.clock.sleep_until(self.clock.now() + pause).await,
                _ => return Err(error),
            }
            failures += 1;
        }
    }

    fn request(&self, call: Call) -> HttpRequest {
        let Call { method, url, mut headers, body, is_write } = call;
        headers.push(("Authorization".to_owned(), self.authorization.clone()));
        let timeout = if is_write { self.write_timeout } else { self.read_timeout };
        HttpRequest { method, url, headers, body, timeout }
    }

    /// Sends a request within the allowed number and within a session; once more where the session was lost, since
    /// such a request was not looked at.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let _slot = self.slots.take().await;
        let (response, had_session) = self.send_once(request.clone()).await?;
        if !(had_session && is_lost_session(&response)) {
            return Ok(response);
        }
        self.sessions.forget();
        Ok(self.send_once(request).await?.0)
    }

    async fn send_once(&self, mut request: HttpRequest) -> Result<(HttpResponse, bool), CallError> {
        let cookie = self.sessions.take();
        let had_session = cookie.is_some();
        request.headers.extend(self.sessions.headers(cookie.as_deref()));
        let method = request.method;
        let started = self.clock.now();
        let answer = self.transport.send(request).await;
        let millis = self.clock.now().duration_since(started).as_millis();
        match &answer {
            Ok(response) => tracing::debug!(method, status = response.status, millis, "onec.request"),
            Err(_) => tracing::debug!(method, millis, "onec.request without an answer"),
        }
        let response = answer.map_err(|error| match error {
            TransportError::NotSent(words) => CallError::NotSent(words),
            TransportError::NoReply(words) => CallError::NoReply(words),
        })?;
        self.sessions.give_back(&response, cookie);
        Ok((response, had_session))
    }
}
