//! Joins the parts: from a configuration to a store, two clients and an engine.
//!
//! The one place that knows which crate fulfils which port. Not responsible for what is done with them.

mod group;
mod ring;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future;
use obmen_bitrix24::{Access, App, Bitrix24, Gauge, Limits, OFFERED, OutgoingWebhook, TOKENS};
use obmen_domain::record::Side;
use obmen_domain::rules::Rules;
use obmen_engine::ports::{Clock, Memory, Reader as _, SideError, StoreError, Transport};
use obmen_engine::progress::Progress;
use obmen_engine::report::Report;
use obmen_engine::share::ROUND;
use obmen_engine::store::Store;
use obmen_engine::sync::{Engine, MANY, PORTION};
use obmen_onec::{IdPlace, Onec, Profile, SaveEvents};
use obmen_server::Hook;
use obmen_store::Opened;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::{Interface, LimitsConfig, Loaded, PairConfig, Secret, StoreId, is_http_url};
use crate::context::Context;
use crate::failure::Failure;
use crate::host::Turn;
use crate::managers::pair_users;
use crate::notified::Address;
use crate::transport::HttpTransport;
use crate::workers::Workers;

pub(crate) use group::groups;

/// A pair and what is known about it.
pub(crate) struct Known {
    /// The pair's name.
    pub(crate) pair: String,
    /// Its part of the store.
    pub(crate) store: Arc<dyn Store>,
    /// The part of the store in which the portal's limits are counted.
    pub(crate) limits_kept: Arc<dyn Store>,
    loaded: Arc<Loaded>,
    index: usize,
    /// Held as long as a command beside the rounds of a server goes on.
    _turn: Option<Turn>,
}

/// A pair with clients for both sides.
pub(crate) struct Joined {
    /// What is known.
    pub(crate) known: Known,
    /// The portal.
    pub(crate) bitrix24: Arc<Bitrix24>,
    /// The infobase.
    pub(crate) onec: Arc<Onec>,
    to_bitrix24: Arc<HttpTransport>,
    to_onec: Arc<HttpTransport>,
    clock: Arc<dyn Clock>,
    accept: Accept,
    /// Requests that had gone out before, where clients are shared.
    sent: (u64, u64),
}

/// What a run accepts that would stop it otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Accept {
    /// Records may be hidden by rights; nothing is created then.
    pub(crate) partial_rights: bool,
    /// Far fewer records than before.
    pub(crate) fewer: bool,
}

/// Reads the configuration and opens the store of the pair that is meant.
pub(crate) async fn open_store(context: &Context) -> Result<Known, Failure> {
    if let Some(host) = &context.host {
        let seat = host.seat(context)?;
        return Ok(Known { _turn: Some(seat.turn(context).await), ..seat.joined.known.again() });
    }
    open_known(Loaded::read(&context.global.config)?, context.global.pair.as_deref()).await
}

/// As [`open_store`], for questions alone: where the store is in use, beside whoever uses it.
pub(crate) async fn open_to_read(context: &Context) -> Result<Known, Failure> {
    if let Some(host) = &context.host {
        return Ok(host.seat(context)?.joined.known.again());
    }
    let loaded = Loaded::read(&context.global.config)?;
    let store = Opened::open_to_read(loaded.store_url()?.expose_secret(), &loaded.document.folder()).await?;
    known_of(&store, loaded, context.global.pair.as_deref())
}

/// As [`open_store`], with clients. Nothing is sent yet.
pub(crate) async fn join(context: &Context) -> Result<Joined, Failure> {
    join_for_run(Accept::default(), context).await
}

/// As [`join`], for a run that accepts something.
pub(crate) async fn join_for_run(accept: Accept, context: &Context) -> Result<Joined, Failure> {
    let known = open_store(context).await?;
    match &context.host {
        Some(host) => host.seat(context)?.joined.beside(known, accept),
        None => join_alone(known, accept, context),
    }
}

/// As [`join`], with a configuration that was read already.
pub(crate) async fn join_loaded(loaded: Loaded, context: &Context) -> Result<Joined, Failure> {
    join_alone(open_known(loaded, context.global.pair.as_deref()).await?, Accept::default(), context)
}

/// Every pair of the file, or the one that is named, over one open store.
pub(crate) async fn join_all(
    accept: Accept,
    context: &Context,
) -> Result<(Arc<Loaded>, Vec<Joined>), Failure> {
    let loaded = Arc::new(Loaded::read(&context.global.config)?);
    let indices = match context.global.pair.as_deref() {
        Some(name) => vec![loaded.pair(Some(name))?.0],
        None => (0..loaded.config.pairs.len()).collect(),
    };
    let store = Opened::open(loaded.store_url()?.expose_secret(), &loaded.document.folder()).await?;
    let mut gauges: BTreeMap<usize, Arc<Gauge>> = BTreeMap::new();
    let join = |index: usize| {
        let known = known_at(&store, &loaded, index);
        let first = group::first_of_portal(&loaded, index);
        let gauge =
            gauges.entry(first).or_insert_with(|| Arc::new(Gauge::new(Arc::clone(&known.limits_kept) as _)));
        let gauge = Arc::clone(gauge);
        join_known(known, gauge, accept, context)
    };
    let joined = indices.into_iter().map(join).collect::<Result<_, _>>()?;
    Ok((loaded, joined))
}

impl Known {
    /// The same, once more; whose turn it is remains to be seen.
    fn again(&self) -> Self {
        Self {
            pair: self.pair.clone(),
            store: Arc::clone(&self.store),
            limits_kept: Arc::clone(&self.limits_kept),
            loaded: Arc::clone(&self.loaded),
            index: self.index,
            _turn: None,
        }
    }

    /// Pairs of the file that share something with this one.
    pub(crate) fn neighbours(&self) -> group::Neighbours<'_> {
        group::Neighbours::of(&self.loaded, self.index)
    }

    /// Where the portal posts to.
    pub(crate) fn bitrix24_hook(&self) -> Result<Hook, Failure> {
        let secret =
            self.secret("bitrix24/application_token", self.config().bitrix24.application_token.as_ref());
        let offers = self.config().bitrix24.oauth.as_ref().map(|_| OFFERED);
        let places = self.config().places(Side::Bitrix24);
        let addresses_of_people = places.iter().any(|place| place.name.is_private_address());
        let interpreter = Arc::new(OutgoingWebhook { addresses_of_people });
        Ok(Hook { interpreter, secret: secret?, offers })
    }

    /// Where the infobase posts to.
    pub(crate) fn onec_hook(&self) -> Result<Hook, Failure> {
        let secret = self.secret("onec/hook_secret", self.config().onec.hook_secret.as_ref())?;
        Ok(Hook { interpreter: Arc::new(SaveEvents::new(&read_profile(self)?)), secret, offers: None })
    }

    /// Whether this is the pair of an application that has brought no key yet.
    pub(crate) async fn awaits_installation(&self) -> Result<bool, StoreError> {
        let oauth = self.config().bitrix24.oauth.as_ref();
        let has_key = oauth.is_none_or(|oauth| oauth.refresh_token.is_some());
        Ok(!has_key && self.store.recall(TOKENS).await?.is_none())
    }

    /// Where failures are posted, where an address is given.
    pub(crate) fn notified(&self) -> Result<Option<Address>, Failure> {
        let Some(config) = &self.loaded.config.notify else { return Ok(None) };
        let reveal = |key: &str, secret: &Secret| self.loaded.reveal(&format!("notify/{key}"), secret);
        let url = reveal("url", &config.url)?;
        if !is_http_url(url.expose_secret()) {
            let details = vec![("value", "***".to_owned())];
            return Err(self.loaded.complaint("notify/url", "config-url", details).into());
        }
        let secret = config.secret.as_ref().map(|secret| reveal("secret", secret)).transpose()?;
        let transport = HttpTransport::new(url.expose_secret()).map_err(no_tls)?;
        Ok(Some(Address { url, secret, transport }))
    }

    fn secret(&self, key: &str, secret: Option<&Secret>) -> Result<Option<SecretString>, Failure> {
        let revealed = secret.map(|secret| self.loaded.reveal(&self.path(key), secret));
        Ok(revealed.transpose()?)
    }

    /// The pair's part of the configuration.
    pub(crate) fn config(&self) -> &PairConfig {
        &self.loaded.config.pairs[self.index]
    }

    /// The limits of the portal.
    pub(crate) fn limits(&self) -> Limits {
        limits(&self.config().bitrix24.limits)
    }

    fn path(&self, key: &str) -> String {
        format!("pair/{}/{key}", self.index)
    }
}

impl Joined {
    /// The same pair for a run that accepts something of its own. The portal's client is shared, since the portal's limits
    /// are; 1C is asked otherwise where rights hide records.
    fn beside(&self, known: Known, accept: Accept) -> Result<Self, Failure> {
        let sent = (self.to_bitrix24.requests(), self.to_onec.requests());
        let onec = if accept.partial_rights == self.accept.partial_rights {
            Arc::clone(&self.onec)
        } else {
            let memory: Arc<dyn Memory> = Arc::clone(&known.store) as _;
            let transport = Arc::clone(&self.to_onec) as Arc<dyn Transport>;
            Arc::new(Onec::new(onec_settings(&known, accept)?, transport, Arc::clone(&self.clock), memory))
        };
        Ok(Self {
            known,
            bitrix24: Arc::clone(&self.bitrix24),
            onec,
            to_bitrix24: Arc::clone(&self.to_bitrix24),
            to_onec: Arc::clone(&self.to_onec),
            clock: Arc::clone(&self.clock),
            accept,
            sent,
        })
    }

    /// The engine under the rules of the pair, with the users of both sides paired.
    pub(crate) async fn engine(
        &self,
        progress: Arc<dyn Progress>,
        run: String,
        accept: Accept,
    ) -> Result<Engine, SideError> {
        Ok(Engine {
            rules: self.rules(accept.partial_rights).await?,
            store: Arc::clone(&self.known.store),
            bitrix24: Arc::clone(&self.bitrix24) as _,
            onec: Arc::clone(&self.onec) as _,
            clock: Arc::clone(&self.clock),
            crew: Arc::new(Workers),
            progress,
            run,
            accept_fewer: accept.fewer,
            many: MANY,
            portion: PORTION,
            round: ROUND,
        })
    }

    /// Fills in how many requests went out.
    pub(crate) fn count_requests(&self, report: &mut Report) {
        (report.requests_bitrix24, report.requests_onec) = self.requests();
    }

    /// How many requests went out to the portal and to 1C.
    pub(crate) fn requests(&self) -> (u64, u64) {
        let (bitrix24, onec) = self.sent;
        (self.to_bitrix24.requests() - bitrix24, self.to_onec.requests() - onec)
    }

    async fn rules(&self, partial_rights: bool) -> Result<Rules, SideError> {
        let config = self.known.config();
        let mut rules = config.rules(partial_rights);
        let (left, right) = future::join(self.bitrix24.users(), self.onec.users()).await;
        pair_users(&mut rules.managers, config.managers.table(), &left?, &right?);
        Ok(rules)
    }
}

async fn open_known(loaded: Loaded, name: Option<&str>) -> Result<Known, Failure> {
    let store = Opened::open(loaded.store_url()?.expose_secret(), &loaded.document.folder()).await?;
    known_of(&store, loaded, name)
}

fn known_of(store: &Opened, loaded: Loaded, name: Option<&str>) -> Result<Known, Failure> {
    let (index, _) = loaded.pair(name)?;
    Ok(known_at(store, &Arc::new(loaded), index))
}

fn known_at(store: &Opened, loaded: &Arc<Loaded>, index: usize) -> Known {
    let name = |index: usize| loaded.config.pairs[index].name.clone();
    Known {
        pair: name(index),
        store: store.pair(&name(index)),
        limits_kept: store.pair(&name(group::first_of_portal(loaded, index))),
        loaded: Arc::clone(loaded),
        index,
        _turn: None,
    }
}

fn join_alone(known: Known, accept: Accept, context: &Context) -> Result<Joined, Failure> {
    let gauge = Arc::new(Gauge::new(Arc::clone(&known.limits_kept) as _));
    join_known(known, gauge, accept, context)
}

fn join_known(known: Known, gauge: Arc<Gauge>, accept: Accept, context: &Context) -> Result<Joined, Failure> {
    let clock: Arc<dyn Clock> = Arc::clone(&context.clock) as _;
    let memory: Arc<dyn Memory> = Arc::clone(&known.store) as _;
    let settings = bitrix24_settings(&known)?;
    let to_bitrix24 = Arc::new(HttpTransport::new(settings.access.url()).map_err(no_tls)?);
    let bitrix24 = Bitrix24::sharing(
        gauge,
        settings,
        Arc::clone(&to_bitrix24) as Arc<dyn Transport>,
        Arc::clone(&clock),
        Arc::clone(&memory),
    );
    let settings = onec_settings(&known, accept)?;
    let to_onec = Arc::new(HttpTransport::new(&settings.url).map_err(no_tls)?);
    let onec = Onec::new(settings, Arc::clone(&to_onec) as Arc<dyn Transport>, Arc::clone(&clock), memory);
    let (bitrix24, onec) = (Arc::new(bitrix24), Arc::new(onec));
    Ok(Joined { known, bitrix24, onec, to_bitrix24, to_onec, clock, accept, sent: (0, 0) })
}

fn bitrix24_settings(known: &Known) -> Result<obmen_bitrix24::Settings, Failure> {
    let pair = known.config();
    let config = &pair.bitrix24;
    Ok(obmen_bitrix24::Settings {
        attributes: pair.rules(false).create_in_onec.attributes(),
        places: pair.places(Side::Bitrix24),
        pair: known.pair.clone(),
        access: access(&known.loaded, known.index)?,
        contact_id_field: config.contact_id_field.clone(),
        company_id_field: config.company_id_field.clone(),
        inn_field: config.inn_field.clone(),
        addresses: pair.fields.addresses(),
        further_requisites: pair.has_further_requisites(),
        limits: limits(&config.limits),
        allow_automation: config.allow_automation,
        phone_context: phone_context(pair),
        fallback_user: pair.managers.fallback_bitrix24().map(str::to_owned),
        rings_at: known.rings_at()?,
    })
}

fn access(loaded: &Loaded, index: usize) -> Result<Access, Failure> {
    let config = &loaded.config.pairs[index].bitrix24;
    if let Some(oauth) = &config.oauth {
        let reveal = |key: &str, secret: &Secret| {
            let revealed = loaded.reveal(&format!("pair/{index}/bitrix24/oauth/{key}"), secret)?;
            Ok::<_, Failure>(revealed.expose_secret().to_owned())
        };
        let refresh_token = oauth.refresh_token.as_ref().map(|token| reveal("refresh_token", token));
        return Ok(Access::App(App {
            portal: oauth.portal.trim_end_matches('/').to_owned(),
            client_id: oauth.client_id.clone(),
            client_secret: reveal("client_secret", &oauth.client_secret)?,
            refresh_token: refresh_token.transpose()?,
            auth_url: oauth.auth_url.clone(),
        }));
    }
    let path = format!("pair/{index}/bitrix24/webhook_url");
    let complaint = || loaded.complaint(&path, "config-webhook-url", Vec::new());
    let webhook = config.webhook_url.as_ref().ok_or_else(complaint)?;
    let webhook = loaded.reveal(&path, webhook)?;
    Ok(Access::Webhook(read_webhook(webhook.expose_secret()).ok_or_else(complaint)?))
}

fn onec_settings(known: &Known, accept: Accept) -> Result<obmen_onec::Settings, Failure> {
    let pair = known.config();
    let config = &pair.onec;
    let password = known.loaded.reveal(&known.path("onec/password"), &config.password)?;
    let rules = pair.rules(false);
    Ok(obmen_onec::Settings {
        attributes: rules.create_in_bitrix24.attributes(),
        places: pair.places(Side::Onec),
        pair: known.pair.clone(),
        url: config.url.trim_end_matches('/').to_owned(),
        user: config.user.clone(),
        password: obmen_onec::Secret::new(password.expose_secret()),
        profile: read_profile(known)?,
        persons: rules.persons,
        parallel: usize::try_from(config.parallel).unwrap_or(1),
        way: match config.kind {
            Interface::Odata => obmen_onec::Way::Odata,
            Interface::Extension => obmen_onec::Way::Extension,
        },
        store_id: match config.store_id() {
            StoreId::None => IdPlace::Nowhere,
            StoreId::Attribute => IdPlace::Attribute,
            StoreId::Extension => IdPlace::Register,
        },
        id_attribute: config.id_attribute.clone(),
        manager_attribute: config.manager_attribute.clone(),
        addresses: pair.fields.addresses(),
        further_requisites: pair.has_further_requisites(),
        new_folder: config.new.folder.clone(),
        new_access_group: config.new.access_group.clone(),
        new_roles: config.new.roles.clone(),
        request_seconds: u64::from(config.request_seconds),
        allowed_only: accept.partial_rights,
        exchange: config
            .exchange_plan
            .clone()
            .zip(config.exchange_node.clone())
            .map(|(plan, node)| obmen_onec::Exchange { plan, node }),
        phone_context: phone_context(pair),
    })
}

/// The built-in profile of this name, or the file it names.
fn read_profile(known: &Known) -> Result<Profile, Failure> {
    let name = &known.config().onec.configuration;
    if let Some(profile) = Profile::built_in(name) {
        return Ok(profile);
    }
    let file = known.loaded.document.folder().join(name);
    let read = std::fs::read_to_string(file).map_err(|error| error.to_string());
    read.and_then(|text| Profile::parse(&text).map_err(|error| error.to_string())).map_err(|words| {
        let details = vec![("value", name.clone()), ("words", words)];
        known.loaded.complaint(&known.path("onec/configuration"), "config-profile", details).into()
    })
}

/// The webhook's address with a slash at its end, when it is one: `…/rest/<user>/<secret>/`.
fn read_webhook(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let [.., "rest", user, _secret] = parts.as_slice() else { return None };
    let known = matches!(url.scheme(), "http" | "https") && user.bytes().all(|byte| byte.is_ascii_digit());
    known.then(|| format!("{}/", url.as_str().trim_end_matches('/')))
}

fn phone_context(pair: &PairConfig) -> obmen_domain::forms::phone::PhoneContext {
    pair.phone_context().expect("a loaded configuration has a valid country and area code")
}

fn limits(config: &LimitsConfig) -> Limits {
    Limits {
        per_second: config.per_second,
        burst: f64::from(config.burst),
        execution_seconds: config.execution_seconds,
        window_seconds: config.window_seconds,
        request_seconds: config.request_seconds,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn no_tls(error: reqwest::Error) -> Failure {
    Failure::Said { id: "tls-failed", details: vec![("words", error.to_string())] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_address_is_known_by_its_path() {
        let cases = [
            ("https://x.bitrix24.ru/rest/1/abc/", Some("https://x.bitrix24.ru/rest/1/abc/")),
            (" https://x.bitrix24.ru/rest/1/abc ", Some("https://x.bitrix24.ru/rest/1/abc/")),
            ("https://x.bitrix24.ru/rest/abc/", None),
            ("https://x.bitrix24.ru/rest/1/abc/crm.contact.list", None),
            ("ftp://x.bitrix24.ru/rest/1/abc/", None),
            ("rest/1/abc", None),
        ];
        for (given, expected) in cases {
            assert_eq!(read_webhook(given).as_deref(), expected, "{given}");
        }
    }
}
