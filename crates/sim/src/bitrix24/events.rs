//! Events: who listens, what is on its way to them, and the offline queues of applications.
//!
//! A changed record becomes a row in the offline queues and a delivery to each handler. Deliveries travel through
//! the vendor's queue server, which is late, loses, doubles and swaps as the settings say, drawn from a seed. Not
//! responsible for sending: whoever drives the portal takes what is due. Invariant: a delivery is given out once.

mod offline;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::oauth::{Apps, Caller};
use super::schema::Kind;
use super::settings::Settings;
use crate::http::Delivery;

pub(crate) use offline::{OfflineQuery, Row, Subscription};

/// Everything an application or an outgoing webhook can listen to.
pub(crate) const EVENTS: [&str; 12] = [
    "ONCRMCONTACTADD",
    "ONCRMCONTACTUPDATE",
    "ONCRMCONTACTDELETE",
    "ONCRMCOMPANYADD",
    "ONCRMCOMPANYUPDATE",
    "ONCRMCOMPANYDELETE",
    "ONCRMREQUISITEADD",
    "ONCRMREQUISITEUPDATE",
    "ONCRMREQUISITEDELETE",
    "ONCRMBANKDETAILADD",
    "ONCRMBANKDETAILUPDATE",
    "ONCRMBANKDETAILDELETE",
];

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Add,
    Update,
    Delete,
}

/// One change of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    pub(crate) what: What,
    pub(crate) id: u64,
}

impl Change {
    /// The event's name, in capitals.
    pub(crate) fn event(self) -> &'static str {
        let base = match self.kind {
            Kind::Contact => 0,
            Kind::Company => 3,
            Kind::Requisite => 6,
            Kind::BankDetail | Kind::Address => 9,
        };
        EVENTS[base + self.what as usize]
    }
}

/// Who made a change: a call, with the key of its parameter `auth_connector`, or a person at the screen.
pub(crate) struct Writer<'a> {
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) connector: String,
}

/// An address that gets an event as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handler {
    pub(crate) event: &'static str,
    pub(crate) url: String,
    pub(crate) owner: Owner,
    id: u64,
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
    random: ChaCha8Rng,
}

#[derive(Debug, Clone)]
struct UnderWay {
    handler: Handler,
    record: u64,
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
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Adds a handler; `false` if it is there already.
    pub(crate) fn listen(&mut self, event: &'static str, url: &str, owner: Owner) -> bool {
        if self.handlers.iter().any(|known| known.event == event && known.url == url && known.owner == owner)
        {
            return false;
        }
        self.last_handler += 1;
        self.handlers.push(Handler { event, url: url.to_owned(), owner, id: self.last_handler });
        true
    }

    /// Forgets everything of a removed application.
    pub(crate) fn forget(&mut self, client: &str) {
        self.handlers.retain(|handler| !matches!(&handler.owner, Owner::Application(own) if own == client));
        self.subscriptions.retain(|subscription| subscription.client != client);
        self.rows.retain(|row| row.client != client);
    }

    /// Tells every listener of a change.
    pub(crate) fn tell(&mut self, change: Change, at: Timestamp, writer: &Writer<'_>, settings: &Settings) {
        self.queue_offline(change, at, writer, settings.user);
        let network = &settings.deliveries;
        let listening: Vec<Handler> =
            self.handlers.iter().filter(|handler| handler.event == change.event()).cloned().collect();
        for handler in listening {
            if self.draw() < network.loss {
                continue;
            }
            let copies = if self.draw() < network.doubling { 2 } else { 1 };
            for _ in 0..copies {
                let late = network.delay_seconds + self.draw() * network.spread_seconds;
                let late = std::time::Duration::try_from_secs_f64(late).unwrap_or_default();
                let due = at.checked_add(late).unwrap_or(Timestamp::MAX);
                self.sent += 1;
                let under_way = UnderWay { handler: handler.clone(), record: change.id };
                self.under_way.insert((due, self.sent), under_way);
            }
        }
    }

    /// Gives out what has arrived by now, in the order of arrival.
    pub(crate) fn take_due(&mut self, now: Timestamp, apps: &mut Apps, settings: &Settings) -> Vec<Delivery> {
        let later = self.under_way.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut self.under_way, later);
        due.into_iter()
            .map(|((at, _), under_way)| Delivery {
                url: under_way.handler.url.clone(),
                body: form(&under_way, at, apps, settings),
            })
            .collect()
    }

    /// A number from 0 up to, but without, 1.
    fn draw(&mut self) -> f64 {
        f64::from(self.random.next_u32()) / 4_294_967_296.0
    }
}

/// The form body of a delivery, with PHP's bracket names.
fn form(under_way: &UnderWay, at: Timestamp, apps: &mut Apps, settings: &Settings) -> String {
    let handler = &under_way.handler;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("event", handler.event)
        .append_pair("event_handler_id", &handler.id.to_string())
        .append_pair("data[FIELDS][ID]", &under_way.record.to_string())
        .append_pair("ts", &at.as_second().to_string())
        .append_pair("auth[domain]", &settings.domain)
        .append_pair("auth[client_endpoint]", &format!("https://{}/rest/", settings.domain))
        .append_pair("auth[server_endpoint]", "https://oauth.bitrix.info/rest/")
        .append_pair("auth[member_id]", &settings.member_id);
    match &handler.owner {
        Owner::Webhook { application_token } => {
            form.append_pair("auth[application_token]", application_token);
        }
        Owner::Application(client) => {
            form.append_pair("auth[application_token]", apps.application_token(client).unwrap_or_default());
            if let Some(access) = apps.access(client, at.as_second()) {
                form.append_pair("auth[access_token]", &access)
                    .append_pair("auth[expires_in]", "3600")
                    .append_pair("auth[scope]", &settings.scope_list())
                    .append_pair("auth[status]", "L");
            }
        }
    }
    form.finish()
}
