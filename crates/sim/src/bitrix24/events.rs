//! Events: who listens, what is on its way to them, and the offline queues of applications.
//!
//! A changed record becomes a row in the offline queues and a delivery to each handler. Deliveries travel through
//! the vendor's queue server, which is late, loses, doubles and swaps as the settings say, drawn from a seed. Not
//! responsible for sending: whoever drives the portal takes what is due. Invariant: a delivery is given out once.

mod change;
mod deliver;
mod offline;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::oauth::Apps;
use super::php::Php;
use super::settings::Settings;
use crate::http::Delivery;

pub(crate) use change::{
    APP_EVENTS, APP_INSTALL, APP_TEST, CRM_EVENTS, Change, FieldWhat, OFFLINE_EVENT, What, find_event,
};
use deliver::{Tokens, UnderWay};
pub(crate) use offline::{OfflineQuery, Row, Subscription};

/// Who made a change: a caller, a person at the screen, or the portal of its own accord.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    /// The application that made it.
    pub(crate) client: Option<String>,
    /// What it said in `auth_connector`.
    pub(crate) connector: String,
    /// The user behind it; a robot has none.
    pub(crate) user: Option<u64>,
    /// How many events in a row may still come of it.
    pub(crate) hops: u8,
}

/// An address that gets an event as it happens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Handler {
    pub(crate) event: &'static str,
    pub(crate) url: String,
    pub(crate) owner: Owner,
    /// The user whose token comes along; 0 stands for whoever caused the event.
    pub(crate) auth_type: u64,
    /// Seconds between two pings of an offline queue; 0 lets one of each server hit through.
    pub(crate) min_timeout: i64,
    id: u64,
    /// When the last ping went off or is to go off, and the hit that caused it.
    last_ping: Option<(Timestamp, u64)>,
}

/// Whose handler it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// An outgoing webhook, recognised by its own token.
    Webhook { application_token: String },
    /// An application, by its client id.
    Application(String),
}

/// Listeners, deliveries under way, and offline queues.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) handlers: Vec<Handler>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) rows: Vec<Row>,
    last_handler: u64,
    last_row: u64,
    last_process: u64,
    /// By the moment of arrival, then in the order of sending.
    under_way: BTreeMap<(Timestamp, u64), UnderWay>,
    sent: u64,
    /// Requests and acts so far: what one of them causes belongs together.
    hits: u64,
    random: ChaCha8Rng,
}

impl Events {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            handlers: Vec::new(),
            subscriptions: Vec::new(),
            rows: Vec::new(),
            last_handler: 0,
            last_row: 0,
            last_process: 0,
            under_way: BTreeMap::new(),
            sent: 0,
            hits: 0,
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Draws anew from another seed.
    pub(crate) fn reseed(&mut self, seed: u64) {
        self.random = ChaCha8Rng::seed_from_u64(seed);
    }

    /// A further request or act begins.
    pub(crate) fn begin_hit(&mut self) {
        self.hits += 1;
    }

    /// Adds a handler; `false` if it is there already.
    pub(crate) fn listen(
        &mut self,
        event: &'static str,
        url: &str,
        owner: Owner,
        auth_type: u64,
        min_timeout: i64,
    ) -> bool {
        let is_same = |known: &Handler| {
            known.event == event && known.url == url && known.owner == owner && known.auth_type == auth_type
        };
        if self.handlers.iter().any(is_same) {
            return false;
        }
        self.last_handler += 1;
        let (id, url) = (self.last_handler, url.to_owned());
        self.handlers.push(Handler { event, url, owner, auth_type, min_timeout, id, last_ping: None });
        true
    }

    /// Forgets everything of a removed application.
    pub(crate) fn forget(&mut self, client: &str) {
        self.handlers.retain(|handler| !matches!(&handler.owner, Owner::Application(own) if own == client));
        self.subscriptions.retain(|subscription| subscription.client != client);
        self.rows.retain(|row| row.client != client);
    }

    /// Tells every listener of a change.
    pub(crate) fn tell(&mut self, change: &Change, at: Timestamp, writer: &Writer, settings: &Settings) {
        let filled = self.queue_offline(change, at, writer);
        if writer.hops == 0 {
            return;
        }
        let data = Php::map([("FIELDS", change.fields.clone())]);
        for handler in self.listening(change.event, None) {
            self.send_to(&handler, data.clone(), at, writer, settings);
        }
        for client in filled {
            self.ping(&client, at, writer, settings);
        }
    }

    /// `ONAPPTEST` to the handlers of an application, with what it said.
    pub(crate) fn test(
        &mut self,
        client: &str,
        query: Php,
        at: Timestamp,
        writer: &Writer,
        settings: &Settings,
    ) {
        let data = Php::map([("QUERY", query), ("LANGUAGE_ID", Php::text("ru"))]);
        for handler in self.listening(APP_TEST, Some(client)) {
            self.send_to(&handler, data.clone(), at, writer, settings);
        }
    }

    /// `ONAPPINSTALL` with the first tokens of an application.
    pub(crate) fn tell_install(
        &mut self,
        url: &str,
        client: &str,
        tokens: (String, String),
        at: Timestamp,
        settings: &Settings,
    ) {
        let data = [("VERSION", "1"), ("ACTIVE", "Y"), ("INSTALLED", "Y"), ("LANGUAGE_ID", "ru")];
        let message = UnderWay {
            url: url.to_owned(),
            event: APP_INSTALL,
            handler: None,
            owner: Owner::Application(client.to_owned()),
            data: Php::map(data.map(|(key, value)| (key, Php::text(value)))),
            tokens: Tokens::Given { access: tokens.0, refresh: tokens.1 },
        };
        self.post(&message, at, settings);
    }

    /// Lets an application know that its queue has rows, no more often than it wishes.
    fn ping(&mut self, client: &str, at: Timestamp, writer: &Writer, settings: &Settings) {
        let hit = self.hits;
        for handler in self.listening(OFFLINE_EVENT, Some(client)) {
            let pause = Duration::from_secs(u64::try_from(handler.min_timeout).unwrap_or(0));
            let due = match handler.last_ping {
                Some((_, last)) if handler.min_timeout == 0 && last == hit => continue,
                // One that waits for the end of the pause stands for everything that comes until then.
                Some((last, _)) if last > at => continue,
                Some((last, _)) => last.checked_add(pause).unwrap_or(Timestamp::MAX).max(at),
                None => at,
            };
            if let Some(known) = self.handlers.iter_mut().find(|known| known.id == handler.id) {
                known.last_ping = Some((due, hit));
            }
            self.send_to(&handler, Php::empty(), due, writer, settings);
        }
    }

    fn listening(&self, event: &str, client: Option<&str>) -> Vec<Handler> {
        let is_meant = |handler: &&Handler| {
            handler.event == event
                && client.is_none_or(|client| handler.owner == Owner::Application(client.to_owned()))
        };
        self.handlers.iter().filter(is_meant).cloned().collect()
    }

    fn send_to(&mut self, handler: &Handler, data: Php, at: Timestamp, writer: &Writer, settings: &Settings) {
        let user = if handler.auth_type == 0 { writer.user } else { Some(handler.auth_type) };
        let with_refresh = handler.event == OFFLINE_EVENT;
        let tokens = match (&handler.owner, writer.user, user) {
            // What a robot did comes without tokens.
            (Owner::Application(_), Some(_), Some(user)) => {
                Tokens::Fresh { user, hops: writer.hops.saturating_sub(1), with_refresh }
            }
            _ => Tokens::Nothing,
        };
        let message = UnderWay {
            url: handler.url.clone(),
            event: handler.event,
            handler: Some(handler.id),
            owner: handler.owner.clone(),
            data,
            tokens,
        };
        self.post(&message, at, settings);
    }

    /// Hands a message to the queue server.
    fn post(&mut self, message: &UnderWay, at: Timestamp, settings: &Settings) {
        let network = &settings.deliveries;
        if self.draw() < network.loss {
            return;
        }
        let copies = if self.draw() < network.doubling { 2 } else { 1 };
        for _ in 0..copies {
            let late = network.delay_seconds + self.draw() * network.spread_seconds;
            let late = Duration::try_from_secs_f64(late).unwrap_or_default();
            let due = at.checked_add(late).unwrap_or(Timestamp::MAX);
            self.sent += 1;
            self.under_way.insert((due, self.sent), message.clone());
        }
    }

    /// Gives out what has arrived by now, in the order of arrival.
    pub(crate) fn take_due(&mut self, now: Timestamp, apps: &mut Apps, settings: &Settings) -> Vec<Delivery> {
        let later = self.under_way.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut self.under_way, later);
        let mut deliveries = Vec::new();
        for ((at, _), message) in due {
            if message.may_arrive(apps) {
                deliveries.push(message.into_delivery(at, apps, settings));
            }
        }
        deliveries
    }

    /// A number from 0 up to, but without, 1.
    fn draw(&mut self) -> f64 {
        f64::from(self.random.next_u32()) / 4_294_967_296.0
    }
}
