//! The one place that sends: limits first, their state kept, then the request, then the answer read with suspicion.
//!
//! Nothing is repeated here except reads that a limit refused or nobody answered. Not responsible for what commands
//! mean. Invariant: no request leaves before the limiter's state that counts it is stored.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use obmen_domain::record::Side;
use obmen_engine::ports::{Clock, HttpRequest, HttpResponse, Memory, SideError, Transport, TransportError};
use obmen_engine::reread::Reread;
use serde_json::Value;

use crate::batch;
use crate::call::{Answer, Command, Meaning, Reply, WireError, rejected, unavailable, unexpected};
use crate::door::{Door, Way};
use crate::gauge::Gauge;
use crate::limiter::{KEPT_AS, Limiter, Ticket, Usage};
use crate::packed::Packed;
use crate::settings::Settings;

/// How often a read that a limit refused is sent again.
const READ_ATTEMPTS: usize = 5;

/// Sends commands to one portal.
pub(crate) struct Sender {
    settings: Arc<Settings>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    gauge: Arc<Gauge>,
    door: Door,
    /// Under which name writes are told from those of others, once the portal is known to know such.
    connector: OnceLock<String>,
    reread: Reread,
}

/// How long a request may wait for the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as it takes.
    Endless,
    /// A moment; then it is handed back as not done.
    Short,
}

/// A request that brought no replies.
enum Failure {
    NotSent(SideError),
    NotDone(SideError),
    Unknown(SideError),
}

/// Why one attempt to send brought no replies.
enum Attempt {
    Failed(Failure),
    /// Certainly not executed: the token is not taken.
    Shut(SideError),
    /// Certainly not executed: the portal is at this address.
    Moved(String),
}

impl From<Failure> for Attempt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Sender {
    pub(crate) fn new(
        settings: Arc<Settings>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        memory: Arc<dyn Memory>,
        gauge: Arc<Gauge>,
    ) -> Self {
        let door = Door::new(settings.access.clone(), Arc::clone(&transport), memory);
        Self {
            settings,
            transport,
            clock,
            gauge,
            door,
            connector: OnceLock::new(),
            reread: Reread::default(),
        }
    }

    /// Sends commands in their order, in as few requests as they fit into. After a request that failed nothing more is
    /// sent.
    pub(crate) async fn run(&self, commands: &[Command], patience: Patience) -> Vec<Reply> {
        let mut replies = Vec::with_capacity(commands.len());
        for range in self.pack(commands).await {
            match self.send(&commands[range.clone()], patience).await {
                Ok(answers) => replies.extend(answers),
                Err(failure) => {
                    let rest = match failure {
                        Failure::NotSent(error) | Failure::NotDone(error) => error,
                        Failure::Unknown(error) => {
                            replies.extend(range.map(|_| Reply::Unknown(error.clone())));
                            error
                        }
                    };
                    replies.resize(commands.len(), Reply::NotDone(rest));
                    break;
                }
            }
        }
        replies
    }

    /// Sends reads; a request that a limit refused or nobody answered is sent again.
    pub(crate) async fn read(&self, commands: &[Command]) -> Result<Vec<Answer>, SideError> {
        self.read_as(commands, |answer| answer).await
    }

    /// Reads, with the values alone.
    pub(crate) async fn read_values(&self, commands: &[Command]) -> Result<Vec<Value>, SideError> {
        self.read_as(commands, |answer| answer.value).await
    }

    /// Reads, with the values alone, of which many are to wait for each other.
    pub(crate) async fn read_packed(&self, commands: &[Command]) -> Result<Vec<Packed>, SideError> {
        self.read_as(commands, |answer| Packed::of(&answer.value)).await
    }

    async fn read_as<T: Send>(
        &self,
        commands: &[Command],
        kept: impl Fn(Answer) -> T + Send,
    ) -> Result<Vec<T>, SideError> {
        let mut answers = Vec::with_capacity(commands.len());
        for range in self.pack(commands).await {
            answers.extend(self.read_request(&commands[range]).await?.into_iter().map(&kept));
        }
        Ok(answers)
    }

    async fn read_request(&self, commands: &[Command]) -> Result<Vec<Answer>, SideError> {
        let (mut refused, mut unanswered) = (1, 0);
        loop {
            let error = match self.send(commands, Patience::Endless).await {
                Ok(replies) => {
                    self.reread.answered();
                    match replies.into_iter().map(Reply::answer).collect() {
                        Ok(answers) => return Ok(answers),
                        Err(error) => error,
                    }
                }
                Err(Failure::NotDone(error)) => error,
                Err(Failure::NotSent(error) | Failure::Unknown(error)) => {
                    let now = self.clock.now();
                    let Some(pause) = self.reread.pause(unanswered, now) else { return Err(error) };
                    unanswered += 1;
                    self.clock.sleep_until(now + pause).await;
                    continue;
                }
            };
            // Whoever reserves the next attempt waits for the limit.
            if !matches!(error, SideError::LimitReached { .. }) || refused == READ_ATTEMPTS {
                return Err(error);
            }
            refused += 1;
        }
    }

    /// The seconds a call is expected to take.
    pub(crate) async fn estimate(&self, method: &str, units: f64) -> f64 {
        let limiter = self.gauge.limiter.lock().await;
        limiter.as_ref().map_or_else(
            || Limiter::new(self.settings.limits).estimate(method, units),
            |limiter| limiter.estimate(method, units),
        )
    }

    /// Of methods that do the same, the one with the most execution time left; the first where they are equal.
    pub(crate) async fn freest(&self, methods: [&'static str; 2]) -> &'static str {
        let now = self.clock.now();
        let limiter = self.gauge.limiter.lock().await;
        let spent = |method| limiter.as_ref().map_or(0.0, |limiter| limiter.spent(method, now));
        if spent(methods[1]) < spent(methods[0]) { methods[1] } else { methods[0] }
    }

    /// How much of the limits is used up; nothing before the first request.
    pub(crate) async fn usage(&self) -> Option<Usage> {
        let now = self.clock.now();
        self.gauge.limiter.lock().await.as_mut().map(|limiter| limiter.usage(now))
    }

    /// [`Sender::estimate`] without waiting; for questions that are not asked in a future.
    pub(crate) fn try_estimate(&self, method: &str, units: f64) -> f64 {
        let limiter = self.gauge.limiter.try_lock();
        match limiter.as_ref().and_then(|limiter| limiter.as_ref()) {
            Some(limiter) => limiter.estimate(method, units),
            None => Limiter::new(self.settings.limits).estimate(method, units),
        }
    }

    async fn pack(&self, commands: &[Command]) -> Vec<std::ops::Range<usize>> {
        let limiter = self.gauge.limiter.lock().await;
        let fresh = Limiter::new(self.settings.limits);
        let limiter = limiter.as_ref().unwrap_or(&fresh);
        let seconds = |command: &Command| limiter.estimate(command.method, command.units);
        batch::pack(commands, seconds, self.settings.limits.batch_seconds())
    }

    /// Sends one request; once more where the portal wants another token, or has another name.
    async fn send(&self, commands: &[Command], patience: Patience) -> Result<Vec<Reply>, Failure> {
        let marked = self.as_our_own(commands);
        let commands = marked.as_deref().unwrap_or(commands);
        let (mut is_renewed, mut has_moved) = (false, false);
        loop {
            let way = self.door.way().await.map_err(Failure::NotDone)?;
            match self.send_by(&way, commands, patience).await {
                Err(Attempt::Shut(_)) if !is_renewed && way.token.is_some() => {
                    is_renewed = true;
                    self.door.renew(&way).await.map_err(Failure::NotDone)?;
                }
                Err(Attempt::Moved(location)) => {
                    let is_followed =
                        !has_moved && self.door.follow(&way, &location).await.map_err(Failure::NotDone)?;
                    if !is_followed {
                        let words = format!("the portal has moved to {}", host_of(&location));
                        return Err(Failure::NotDone(unavailable(words)));
                    }
                    has_moved = true;
                }
                Err(Attempt::Shut(error)) => return Err(Failure::NotDone(error)),
                Err(Attempt::Failed(failure)) => return Err(failure),
                Ok(replies) => return Ok(replies),
            }
        }
    }

    async fn send_by(
        &self,
        way: &Way,
        commands: &[Command],
        patience: Patience,
    ) -> Result<Vec<Reply>, Attempt> {
        let ticket = self.reserve(commands, patience).await.map_err(Failure::NotDone)?;
        let (method, mut body) = batch::request(commands);
        if let (Some(token), Value::Object(body)) = (&way.token, &mut body) {
            body.insert("auth".to_owned(), Value::String(token.clone()));
        }
        let response = match self.transport.send(self.request(way, method, &body)).await {
            Ok(response) => response,
            Err(TransportError::NotSent(words)) => {
                self.release(&ticket).await;
                return Err(Failure::NotSent(unavailable(self.settings.redact(&words))).into());
            }
            // The reservation stays: the portal may be at work.
            Err(TransportError::NoReply(words)) => {
                return Err(Failure::Unknown(unavailable(self.settings.redact(&words))).into());
            }
        };
        // Read, an answer takes many times the memory of its text: it waits for its turn as text.
        let mut slot = self.gauge.limiter.lock().await;
        let limiter = slot.as_mut().expect("the request was counted by a limiter that stays");
        let now = self.clock.now();
        let mut body = match self.parse(&response, method) {
            Ok(body) => body,
            Err(Refusal::Limit) => {
                let until = refused(limiter, &ticket, commands, response.status, now);
                return Err(Failure::NotDone(SideError::LimitReached { side: Side::Bitrix24, until }).into());
            }
            Err(Refusal::NotDone(error)) => {
                limiter.release(&ticket);
                return Err(Failure::NotDone(error).into());
            }
            Err(Refusal::Shut(error)) => {
                limiter.release(&ticket);
                return Err(Attempt::Shut(error));
            }
            Err(Refusal::Moved(location)) => {
                limiter.release(&ticket);
                return Err(Attempt::Moved(location));
            }
            Err(Refusal::Unknown(error)) => return Err(Failure::Unknown(error).into()),
        };
        drop(response);
        let mut replies = batch::take_replies(commands, &mut body);
        let grown = limiter.settle(&ticket, now, &batch::observations(commands, &body, &replies));
        drop(body);
        for (command, reply) in commands.iter().zip(&mut replies) {
            if let Reply::NotDone(SideError::LimitReached { until, .. }) = reply {
                *until = limiter.refused_method(command.method, now);
            }
        }
        if grown {
            let kept = self.gauge.memory.keep(KEPT_AS, limiter.state()).await;
            kept.map_err(|error| Failure::Unknown(error.into()))?;
        }
        Ok(replies)
    }

    /// Waits for the limits, counts the request, keeps the count.
    async fn reserve(&self, commands: &[Command], patience: Patience) -> Result<Ticket, SideError> {
        let limits = self.settings.limits;
        let patience_ms = (limits.patience_seconds() * 1000.0) as i64;
        let deadline = self
            .clock
            .now()
            .saturating_add(SignedDuration::from_millis(patience_ms))
            .unwrap_or(Timestamp::MAX);
        loop {
            let until = {
                let mut slot = self.gauge.limiter.lock().await;
                if slot.is_none() {
                    let now = self.clock.now();
                    let kept = self.gauge.memory.recall(KEPT_AS).await?;
                    *slot = Some(match kept {
                        Some(text) => Limiter::restore(limits, &text, now),
                        None => Limiter::new(limits),
                    });
                }
                let limiter = slot.as_mut().expect("the slot was filled just above");
                let calls: Vec<(&str, f64)> = commands
                    .iter()
                    .map(|command| (command.method, limiter.estimate(command.method, command.units)))
                    .collect();
                match limiter.reserve(self.clock.now(), &calls) {
                    Ok(ticket) => match self.gauge.memory.keep(KEPT_AS, limiter.state()).await {
                        Ok(()) => return Ok(ticket),
                        Err(error) => {
                            limiter.release(&ticket);
                            return Err(error.into());
                        }
                    },
                    Err(until) => until,
                }
            };
            if patience == Patience::Short && until > deadline {
                return Err(SideError::LimitReached { side: Side::Bitrix24, until });
            }
            self.clock.sleep_until(until).await;
        }
    }

    /// Writes that the queue of this application leaves out, where the portal knows such.
    fn as_our_own(&self, commands: &[Command]) -> Option<Vec<Command>> {
        let connector = self.connector.get()?;
        Some(commands.iter().map(|command| command.clone().of_connector(connector)).collect())
    }

    /// From here on writes are told from those of others.
    pub(crate) fn mark_writes(&self) {
        // Set once, and always to the same.
        let _ = self.connector.set(self.settings.connector());
    }

    fn request(&self, way: &Way, method: &str, body: &Value) -> HttpRequest {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        HttpRequest {
            method: "POST",
            url: format!("{}/{method}", way.base),
            headers: vec![
                header("content-type", "application/json"),
                header("accept", "application/json"),
                header("user-agent", concat!("obmen/", env!("CARGO_PKG_VERSION"))),
            ],
            body: serde_json::to_vec(body).expect("a JSON value with text keys always serialises"),
            timeout: Duration::try_from_secs_f64(self.settings.limits.answer_seconds())
                .unwrap_or(Duration::MAX),
        }
    }

    /// The body of an answer that is one; HTML, redirects and errors of the whole request are sorted out.
    fn parse(&self, response: &HttpResponse, method: &str) -> Result<Value, Refusal> {
        let status = response.status;
        if (300..400).contains(&status) {
            return Err(Refusal::Moved(response.header("location").unwrap_or_default().to_owned()));
        }
        let Ok(body) = serde_json::from_slice::<Value>(&response.body) else {
            return Err(match status {
                401 | 403 => Refusal::NotDone(SideError::Unauthorized {
                    side: Side::Bitrix24,
                    words: format!("status {status}"),
                }),
                429 => Refusal::Limit,
                400..500 => Refusal::NotDone(rejected(format!("status {status}, no JSON"))),
                _ => Refusal::Unknown(unavailable(format!("status {status}, no JSON"))),
            });
        };
        match WireError::read(&body) {
            Some(error) => match error.meaning(method) {
                Meaning::RateLimit | Meaning::MethodLimit => Err(Refusal::Limit),
                Meaning::Closed(closed) if error.is_of_token() => Err(Refusal::Shut(closed)),
                Meaning::Closed(error) => Err(Refusal::NotDone(error)),
                Meaning::Broken => Err(Refusal::Unknown(unavailable(error.words()))),
                Meaning::NotFound | Meaning::Business if method == "batch" => {
                    Err(Refusal::NotDone(rejected(error.words())))
                }
                // A single call: its own reply.
                Meaning::NotFound | Meaning::Business => Ok(body),
            },
            None if body.get("result").is_some() => Ok(body),
            None => Err(Refusal::Unknown(unexpected(format!("status {status}, neither result nor error")))),
        }
    }

    async fn release(&self, ticket: &Ticket) {
        if let Some(limiter) = self.gauge.limiter.lock().await.as_mut() {
            limiter.release(ticket);
        }
    }
}

/// Why an answer brings no replies.
enum Refusal {
    Limit,
    NotDone(SideError),
    Unknown(SideError),
    /// Not executed: the token is not taken.
    Shut(SideError),
    /// Not executed: the portal is at this address.
    Moved(String),
}

/// Tells the limiter of a refusal; returns until when it holds.
fn refused(
    limiter: &mut Limiter,
    ticket: &Ticket,
    commands: &[Command],
    status: u16,
    now: Timestamp,
) -> Timestamp {
    match commands {
        [command] if status == 429 => {
            limiter.release(ticket);
            limiter.refused_method(command.method, now)
        }
        _ => limiter.refused(ticket, now),
    }
}

fn host_of(location: &str) -> &str {
    let rest = location.split_once("://").map_or(location, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}
