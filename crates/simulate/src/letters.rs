//! Letters: what both systems say of their own accord, on its way to the process and while it is taken.
//!
//! The portal's outgoing webhook posts what the simulated portal gives out; an infobase has a handler that posts every
//! object that was written, by whomever. Letters get lost, come twice, late and out of order. They are taken as
//! `crates/server/src/hooks.rs` does, by the same interpreters. Invariant: a letter that was answered with 200 is durable.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker;
use jiff::Timestamp;
use obmen_bitrix24::OutgoingWebhook;
use obmen_domain::record::{RecordId, Side};
use obmen_engine::notice::{Interpreter, Message, Notice};
use obmen_engine::store::{Change, DirtyReason, Store};
use obmen_onec::SaveEvents;
use obmen_sim::onec::Product;
use obmen_sim::world::World as _;
use serde_json::{Value, json};

use crate::desk::{Bell, Desk, Work};
use crate::invariants::Violation;
use crate::people::set_of;
use crate::session::Session;
use crate::setup::profile;
use crate::snapshot::names;
use crate::systems::Records;
use crate::wiring::HookWrap;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// The secret of the infobase's handler.
pub(crate) const SECRET: &str = "s3cret";
/// A letter that is late is late by so much at most, in milliseconds.
const LATEST: u64 = 90_000;
/// One that is not travels so long at most.
const PROMPT: u64 = 1_500;

/// A message under way.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) due: Timestamp,
    side: Side,
    body: Vec<u8>,
    /// What it is about; two letters about the same may overtake each other.
    about: String,
    /// Its place among those that were sent.
    number: u64,
}

/// What is known of senders.
#[derive(Debug, Default)]
pub(crate) struct Listening {
    /// By which the portal is known.
    token: String,
    sent: u64,
    /// The latest letter about each that was received.
    received: BTreeMap<String, u64>,
}

/// A message that is being taken.
pub(crate) struct Taking {
    future: Pin<Box<dyn Future<Output = Taken> + Send>>,
    /// How many signals had been committed when it began.
    since: usize,
}

/// The answer to a message.
enum Taken {
    /// 200: these are kept.
    Kept(Vec<RecordId>),
    /// Any other answer.
    Refused(&'static str),
}

/// What an infobase held, for telling what was written.
pub(crate) type Versions = Option<Arc<Records>>;

impl Session {
    /// From here on both systems post what happens.
    pub(crate) fn listen(&mut self) {
        let url = "http://127.0.0.1:1/hooks/bitrix24/main";
        let action = json!({ "do": "listen", "url": url });
        let now = self.now();
        let done = self.systems.act(now, Side::Bitrix24, &action).expect("a portal has outgoing webhooks");
        self.listening.token =
            done.get("application_token").and_then(Value::as_str).unwrap_or_default().to_owned();
    }

    /// What the infobase holds, where that is going to be compared.
    pub(crate) fn versions_in_onec(&self) -> Versions {
        self.is_live.then(|| self.systems.records(Side::Onec))
    }

    /// Both systems post what happened since.
    pub(crate) fn send_out(&mut self, before: &Versions) {
        if let Some(before) = before {
            let after = self.systems.records(Side::Onec);
            self.send_out_onec(before, &after);
            self.send_out_portal();
        }
    }

    /// The portal posts what happened.
    pub(crate) fn send_out_portal(&mut self) {
        let now = self.now();
        for delivery in self.systems.portal.take_deliveries(now) {
            let about = subject(&delivery.body);
            self.post(Side::Bitrix24, delivery.body.as_bytes(), &about);
        }
    }

    /// The infobase posts every object that was written since. It says more than where to look; that is not believed.
    pub(crate) fn send_out_onec(&mut self, before: &Records, after: &Records) {
        let product = self.setup.infobase.configuration;
        for (id, entry) in after {
            let known = before.get(id);
            let texts = |rows: &[crate::snapshot::Row]| -> Vec<String> {
                rows.iter().map(|row| row.text.clone()).collect()
            };
            let mut written = Vec::new();
            if known.is_none_or(|known| known.version != entry.version) {
                let catalog = set_of(product, entry.catalog).replace("Catalog_", "Справочник.");
                written.push((catalog, id.id.as_str()));
            }
            let partner = entry
                .partner
                .as_ref()
                .filter(|it| known.is_none_or(|known| known.partner.as_ref() != Some(*it)));
            written.extend(partner.map(|[partner, _]| (names::PARTNERS.to_owned(), partner.as_str())));
            if product == Product::Unf && known.is_some_and(|known| known.companies != entry.companies) {
                written.push((names::EMPLOYMENTS.to_owned(), id.id.as_str()));
            }
            for (of_type, reference) in written {
                let body = json!({
                    "type": of_type, "ref": reference, "phones": texts(&entry.phones), "emails": texts(&entry.emails),
                });
                self.post(Side::Onec, body.to_string().as_bytes(), reference);
            }
        }
    }

    fn post(&mut self, side: Side, body: &[u8], about: &str) {
        let post = self.setup.post[usize::from(side == Side::Onec)];
        if self.messages.percent(post.loss) {
            self.coverage.hit("hook: lost");
            return;
        }
        let copies = if self.messages.percent(post.doubling) { 2 } else { 1 };
        if copies == 2 {
            self.coverage.hit("hook: doubled");
        }
        for _ in 0..copies {
            let is_late = self.messages.percent(post.delay);
            if is_late {
                self.coverage.hit("hook: late");
            }
            let travel = self.messages.between(0, if is_late { LATEST } else { PROMPT });
            self.listening.sent += 1;
            let number = self.listening.sent;
            let due = self.now() + Duration::from_millis(travel);
            let letter = Letter { due, side, body: body.to_vec(), about: about.to_owned(), number };
            self.letters.insert(number, letter);
        }
    }

    /// Where no process is, letters come to nobody.
    pub(crate) fn drop_unheard(&mut self) {
        if self.process_store.is_some() {
            return;
        }
        let now = self.now();
        let before = self.letters.len();
        self.letters.retain(|_, letter| letter.due > now);
        for _ in self.letters.len()..before {
            self.coverage.hit("hook: nobody listens");
        }
    }

    /// A letter arrives.
    pub(crate) fn receive(&mut self, id: u64) {
        let Some(letter) = self.letters.remove(&id) else { return };
        let Some(store) = self.process_store.clone() else { return };
        self.coverage.hit("hook: received");
        let latest = self.listening.received.entry(letter.about.clone()).or_default();
        if *latest > letter.number {
            self.coverage.hit("hook: out of order");
        }
        *latest = (*latest).max(letter.number);
        let at_work: Vec<Work> = self.desk.table().at_work.keys().copied().collect();
        for work in at_work {
            self.coverage.hit(match work {
                Work::Round => "hook: during a round",
                Work::Look => "hook: during a full reading",
                Work::Poll => "hook: during a poll",
                Work::Scan => "hook: during a scan",
                Work::Ids => "hook: during a walk over ids",
            });
        }
        let now = self.now();
        self.trace.add(format!(
            "{now} hook {} {}",
            letter.side.word(),
            String::from_utf8_lossy(&letter.body)
        ));
        let expected = match letter.side {
            Side::Bitrix24 => self.listening.token.clone(),
            Side::Onec => SECRET.to_owned(),
        };
        let (settle, product) = (self.setup.settle, self.setup.infobase.configuration);
        let hook = Hook { store, desk: self.desk.clone(), wrap: self.wiring.hook, settle, product };
        let future = Box::pin(hook.take(letter, expected));
        self.takings.push(Taking { future, since: self.signalled.len() });
    }

    /// Goes on taking messages.
    pub(crate) fn poll_takings(&mut self) {
        let waker = noop_waker();
        for mut taking in std::mem::take(&mut self.takings) {
            let done = taking.future.as_mut().poll(&mut Context::from_waker(&waker));
            self.take_commits();
            match done {
                Poll::Pending => self.takings.push(taking),
                Poll::Ready(Taken::Kept(records)) => {
                    self.coverage.hit("hook: answered with 200");
                    let kept = &self.signalled[taking.since..];
                    for id in records.iter().filter(|id| !kept.contains(id)) {
                        let words = format!("a signal about {id} was answered with 200 and is not kept");
                        self.wrongs.push(Violation { invariant: 2, words });
                    }
                }
                Poll::Ready(Taken::Refused(words)) => {
                    let words = format!("a message of a side was refused: {words}");
                    self.wrongs.push(Violation { invariant: 2, words });
                }
            }
        }
    }

    /// Whoever was being answered when the process died is not answered.
    pub(crate) fn lose_takings(&mut self) {
        for _ in std::mem::take(&mut self.takings) {
            self.coverage.hit("crash: while a message was taken");
        }
    }
}

/// Where messages are taken.
struct Hook {
    store: Arc<dyn Store>,
    desk: Desk,
    wrap: HookWrap,
    settle: Duration,
    product: Product,
}

impl Hook {
    async fn take(self, letter: Letter, expected: String) -> Taken {
        let (content_type, secret) = match letter.side {
            Side::Bitrix24 => (FORM, ""),
            Side::Onec => (JSON, SECRET),
        };
        let message = Message { content_type, secret, body: &letter.body };
        let read = match letter.side {
            Side::Bitrix24 => OutgoingWebhook::default().read(&message),
            Side::Onec => SaveEvents::new(&profile(self.product)).read(&message),
        };
        let Ok(Notice { secret, records, is_elsewhere, .. }) = read else {
            return Taken::Refused("it is nonsense");
        };
        if secret != expected {
            return Taken::Refused("its secret is wrong");
        }
        let since = self.desk.table().now;
        let due = since + self.settle;
        let signal =
            |id: &RecordId| Change::Dirty { id: id.clone(), reason: DirtyReason::Signal, since, due };
        let changes: Vec<Change> = records.iter().map(signal).collect();
        if !changes.is_empty() {
            let changes = (self.wrap)(self.store.as_ref(), &letter.body, changes).await;
            if self.store.apply(changes).await.is_err() {
                return Taken::Refused("the store cannot keep it");
            }
            self.desk.table().rung.insert(Bell::Records);
        }
        if is_elsewhere {
            self.desk.table().rung.insert(Bell::Side(letter.side));
        }
        Taken::Kept(records)
    }
}

/// The record that a form of the portal is about.
fn subject(form: &str) -> String {
    let part = |name: &str| form.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap_or_default();
    let event = part("event=");
    let entity = event.trim_end_matches("ADD").trim_end_matches("UPDATE").trim_end_matches("DELETE");
    format!("{entity} {}", part("data%5BFIELDS%5D%5BID%5D="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_about_one_record_have_one_subject() {
        let form =
            |event: &str, id: &str| subject(&format!("event={event}&data%5BFIELDS%5D%5BID%5D={id}&ts=1"));
        assert_eq!(form("ONCRMCONTACTADD", "7"), form("ONCRMCONTACTDELETE", "7"));
        assert_ne!(form("ONCRMCONTACTADD", "7"), form("ONCRMCOMPANYADD", "7"));
        assert_ne!(form("ONCRMCONTACTADD", "7"), form("ONCRMCONTACTADD", "8"));
    }
}
