//! The table of REST methods: scope, cost and handler of each.
//!
//! Not responsible for limits and envelopes, which are the same for all methods.

use std::time::Duration;

use jiff::Timestamp;

use super::crm::{Author, Crm, Fail, Mode};
use super::events::{Events, Writer};
use super::oauth::{Apps, Caller};
use super::php::Php;
use super::schema::Kind;
use super::{
    Settings, account, address, business, classic, dictionary, duplicate, item, links, listening, merge,
    presets, requisite, timeline, userfield, users, volatile,
};

/// What a method works with.
pub(crate) struct Call<'a> {
    pub(crate) crm: &'a mut Crm,
    pub(crate) settings: &'a Settings,
    pub(crate) at: Timestamp,
    /// On whose behalf the call is made.
    pub(crate) caller: &'a Caller,
    pub(crate) apps: &'a Apps,
    pub(crate) events: &'a mut Events,
    /// Writes executed so far, for the counters.
    pub(crate) writes: u64,
}

impl Call<'_> {
    /// Whether the calling user is an administrator.
    pub(crate) fn is_admin(&self) -> bool {
        self.settings.is_admin(self.caller.user)
    }

    /// The calling user, changing something now.
    pub(crate) fn author(&self, mode: Mode) -> Author {
        Author { user: self.caller.user, seconds: self.at.as_second(), offset: self.settings.offset, mode }
    }
}

impl Caller {
    /// Who makes the changes of a call with these parameters.
    pub(crate) fn writer(&self, params: &Php) -> Writer {
        Writer {
            client: self.client.clone(),
            connector: params.get("auth_connector").and_then(Php::as_text).unwrap_or_default().into_owned(),
            user: Some(self.user),
            hops: self.hops,
        }
    }
}

/// A successful answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) result: Php,
    pub(crate) total: Option<i64>,
    pub(crate) next: Option<i64>,
}

impl Answer {
    pub(crate) fn new(result: Php) -> Self {
        Self { result, total: None, next: None }
    }

    pub(crate) fn of_list(result: Php, total: i64, next: Option<i64>) -> Self {
        Self { result, total: Some(total), next }
    }
}

/// An error answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) error: Php,
    pub(crate) description: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, error: &str, description: impl Into<String>) -> Self {
        Self { status, error: Php::text(error), description: description.into() }
    }

    /// An error of the method itself.
    pub(crate) fn business(error: &str, description: impl Into<String>) -> Self {
        Self::new(400, error, description)
    }

    /// How classic methods tell about a refused change: with hardly a code, in the portal's language.
    pub(crate) fn classic(fail: &Fail) -> Self {
        match fail {
            Fail::NotFound => Self::business("", "Not found"),
            Fail::Required(_) => Self::business("", "Не заполнены обязательные поля"),
            Fail::BadEmail(value) => {
                Self::business("ERROR_CORE", format!("Поле \"E-mail\" содержит неверный адрес: {value}<br>"))
            }
            Fail::AddressExists => Self::business("", "TypeAddress exists."),
            Fail::BadDate => Self::business("ERROR_CORE", "Недопустимая дата создания или изменения<br>"),
        }
    }

    pub(crate) fn to_php(&self) -> Php {
        Php::map([("error", self.error.clone()), ("error_description", Php::text(&self.description))])
    }
}

/// What a method ends in.
pub(crate) type Outcome = Result<Answer, Refusal>;

/// One REST method.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) scope: Scope,
    cost: Cost,
    pub(crate) run: fn(&mut Call<'_>, &Php) -> Outcome,
}

/// The scope a method belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Always granted.
    Basic,
    Crm,
    /// Any of the user scopes.
    User,
}

#[derive(Clone, Copy)]
enum Cost {
    List,
    Get,
    Set,
    Delete,
    Add,
    /// An add for each element of `data`.
    AddEach,
    Update,
    FindByComm,
    Other,
}

impl Method {
    /// Execution time of a call with these parameters.
    pub(crate) fn cost(&self, params: &Php) -> Duration {
        let milliseconds = match self.cost {
            Cost::List => 80,
            Cost::Get | Cost::Other => 20,
            Cost::Set => 100,
            Cost::Delete => 300,
            Cost::Add => 250,
            Cost::AddEach => {
                let items = params.get("data").map_or(0, |data| data.entries().len());
                250 * items.clamp(1, item::MAX_IMPORT_ITEMS) as u64
            }
            Cost::Update => 200,
            Cost::FindByComm => 30,
        };
        Duration::from_millis(milliseconds)
    }
}

/// Finds a method; names are compared without regard to letter case.
pub(crate) fn find_method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name.eq_ignore_ascii_case(name))
}

/// Whether a method serves applications only. Names are compared without regard to letter case.
pub(crate) fn is_for_applications(name: &str) -> bool {
    APPLICATIONS_ONLY.iter().any(|known| known.eq_ignore_ascii_case(name))
}

const fn method(
    name: &'static str,
    scope: Scope,
    cost: Cost,
    run: fn(&mut Call<'_>, &Php) -> Outcome,
) -> Method {
    Method { name, scope, cost, run }
}

use Kind::{BankDetail, Company, Contact};
use Scope::{Basic, Crm as CrmScope, User};

/// What a webhook is refused.
const APPLICATIONS_ONLY: &[&str] = &[
    "app.info",
    "event.bind",
    "event.unbind",
    "event.get",
    "event.test",
    "event.offline.get",
    "event.offline.list",
    "event.offline.clear",
    "event.offline.error",
    "events",
];

/// Everything this portal understands, except `batch`.
pub(crate) const METHODS: &[Method] = &[
    method("profile", Basic, Cost::Other, account::profile),
    method("scope", Basic, Cost::Other, account::scope),
    method("methods", Basic, Cost::Other, account::methods),
    method("method.get", Basic, Cost::Get, account::method_get),
    method("server.time", Basic, Cost::Other, account::server_time),
    method("feature.get", Basic, Cost::Get, account::feature_get),
    method("app.info", Basic, Cost::Get, account::app_info),
    method("events", Basic, Cost::Get, listening::events),
    method("event.bind", Basic, Cost::Set, listening::bind),
    method("event.unbind", Basic, Cost::Set, listening::unbind),
    method("event.get", Basic, Cost::Get, listening::get),
    method("event.test", Basic, Cost::Other, listening::test),
    method("event.offline.get", Basic, Cost::List, listening::offline_get),
    method("event.offline.list", Basic, Cost::List, listening::offline_list),
    method("event.offline.clear", Basic, Cost::Set, listening::offline_clear),
    method("event.offline.error", Basic, Cost::Set, listening::offline_error),
    method("user.get", User, Cost::Get, users::user_get),
    method("user.current", User, Cost::Get, users::user_current),
    method("crm.contact.fields", CrmScope, Cost::Get, |c, _| classic::fields(c, Contact)),
    method("crm.contact.add", CrmScope, Cost::Add, |c, p| classic::add(c, Contact, p)),
    method("crm.contact.get", CrmScope, Cost::Get, |c, p| classic::get(c, Contact, p)),
    method("crm.contact.list", CrmScope, Cost::List, |c, p| classic::list(c, Contact, p)),
    method("crm.contact.update", CrmScope, Cost::Update, |c, p| classic::update(c, Contact, p)),
    method("crm.contact.delete", CrmScope, Cost::Delete, |c, p| classic::delete(c, Contact, p)),
    method("crm.company.fields", CrmScope, Cost::Get, |c, _| classic::fields(c, Company)),
    method("crm.company.add", CrmScope, Cost::Add, |c, p| classic::add(c, Company, p)),
    method("crm.company.get", CrmScope, Cost::Get, |c, p| classic::get(c, Company, p)),
    method("crm.company.list", CrmScope, Cost::List, |c, p| classic::list(c, Company, p)),
    method("crm.company.update", CrmScope, Cost::Update, |c, p| classic::update(c, Company, p)),
    method("crm.company.delete", CrmScope, Cost::Delete, |c, p| classic::delete(c, Company, p)),
    method("crm.contact.company.fields", CrmScope, Cost::Get, links::fields),
    method("crm.company.contact.fields", CrmScope, Cost::Get, links::contact_fields),
    method("crm.contact.company.add", CrmScope, Cost::Add, links::add),
    method("crm.contact.company.delete", CrmScope, Cost::Delete, links::delete),
    method("crm.contact.company.items.get", CrmScope, Cost::Get, links::items_get),
    method("crm.contact.company.items.set", CrmScope, Cost::Set, links::items_set),
    method("crm.contact.company.items.delete", CrmScope, Cost::Delete, links::items_delete),
    method("crm.company.contact.add", CrmScope, Cost::Add, links::contact_add),
    method("crm.company.contact.delete", CrmScope, Cost::Delete, links::contact_delete),
    method("crm.company.contact.items.set", CrmScope, Cost::Set, links::contacts_set),
    method("crm.company.contact.items.delete", CrmScope, Cost::Delete, links::contacts_delete),
    method("crm.company.contact.items.get", CrmScope, Cost::Get, links::contacts_get),
    method("crm.requisite.fields", CrmScope, Cost::Get, |c, _| classic::fields(c, Kind::Requisite)),
    method("crm.requisite.add", CrmScope, Cost::Add, requisite::add),
    method("crm.requisite.get", CrmScope, Cost::Get, |c, p| requisite::get(c, Kind::Requisite, p)),
    method("crm.requisite.list", CrmScope, Cost::List, |c, p| requisite::list(c, Kind::Requisite, p)),
    method("crm.requisite.update", CrmScope, Cost::Update, |c, p| requisite::update(c, Kind::Requisite, p)),
    method("crm.requisite.delete", CrmScope, Cost::Delete, |c, p| requisite::delete(c, Kind::Requisite, p)),
    method("crm.requisite.bankdetail.fields", CrmScope, Cost::Get, |c, _| classic::fields(c, BankDetail)),
    method("crm.requisite.bankdetail.add", CrmScope, Cost::Add, requisite::add_bank_detail),
    method("crm.requisite.bankdetail.get", CrmScope, Cost::Get, |c, p| requisite::get(c, BankDetail, p)),
    method("crm.requisite.bankdetail.list", CrmScope, Cost::List, |c, p| requisite::list(c, BankDetail, p)),
    method("crm.requisite.bankdetail.update", CrmScope, Cost::Update, |c, p| {
        requisite::update(c, BankDetail, p)
    }),
    method("crm.requisite.bankdetail.delete", CrmScope, Cost::Delete, |c, p| {
        requisite::delete(c, BankDetail, p)
    }),
    method("crm.requisite.preset.list", CrmScope, Cost::List, presets::list),
    method("crm.requisite.preset.get", CrmScope, Cost::Get, presets::get),
    method("crm.requisite.preset.field.list", CrmScope, Cost::List, presets::field_list),
    method("crm.address.fields", CrmScope, Cost::Get, |c, _| classic::fields(c, Kind::Address)),
    method("crm.address.add", CrmScope, Cost::Add, address::add),
    method("crm.address.list", CrmScope, Cost::List, address::list),
    method("crm.address.update", CrmScope, Cost::Update, address::update),
    method("crm.address.delete", CrmScope, Cost::Delete, address::delete),
    method("crm.enum.addresstype", CrmScope, Cost::Get, dictionary::address_types),
    method("crm.contact.userfield.list", CrmScope, Cost::List, |c, p| userfield::list(c, Contact, p)),
    method("crm.contact.userfield.add", CrmScope, Cost::Add, |c, p| userfield::add(c, Contact, p)),
    method("crm.contact.userfield.update", CrmScope, Cost::Update, |c, p| userfield::update(c, Contact, p)),
    method("crm.contact.userfield.get", CrmScope, Cost::Get, |c, p| userfield::get(c, Contact, p)),
    method("crm.contact.userfield.delete", CrmScope, Cost::Delete, |c, p| userfield::delete(c, Contact, p)),
    method("crm.company.userfield.list", CrmScope, Cost::List, |c, p| userfield::list(c, Company, p)),
    method("crm.company.userfield.add", CrmScope, Cost::Add, |c, p| userfield::add(c, Company, p)),
    method("crm.company.userfield.update", CrmScope, Cost::Update, |c, p| userfield::update(c, Company, p)),
    method("crm.company.userfield.get", CrmScope, Cost::Get, |c, p| userfield::get(c, Company, p)),
    method("crm.company.userfield.delete", CrmScope, Cost::Delete, |c, p| userfield::delete(c, Company, p)),
    method("crm.requisite.userfield.list", CrmScope, Cost::List, |c, p| {
        userfield::list(c, Kind::Requisite, p)
    }),
    method("crm.requisite.userfield.add", CrmScope, Cost::Add, |c, p| userfield::add(c, Kind::Requisite, p)),
    method("crm.requisite.userfield.update", CrmScope, Cost::Update, |c, p| {
        userfield::update(c, Kind::Requisite, p)
    }),
    method("crm.requisite.userfield.get", CrmScope, Cost::Get, |c, p| userfield::get(c, Kind::Requisite, p)),
    method("crm.requisite.userfield.delete", CrmScope, Cost::Delete, |c, p| {
        userfield::delete(c, Kind::Requisite, p)
    }),
    method("crm.status.list", CrmScope, Cost::List, dictionary::statuses),
    method("crm.item.fields", CrmScope, Cost::Get, item::fields),
    method("crm.item.list", CrmScope, Cost::List, |c, p| {
        business::items(c, p).unwrap_or_else(|| item::list(c, p))
    }),
    method("crm.item.get", CrmScope, Cost::Get, item::get),
    method("crm.item.add", CrmScope, Cost::Add, item::add),
    method("crm.item.update", CrmScope, Cost::Update, item::update),
    method("crm.item.delete", CrmScope, Cost::Delete, item::delete),
    method("crm.item.import", CrmScope, Cost::Add, item::import),
    method("crm.item.batchImport", CrmScope, Cost::AddEach, item::batch_import),
    method("crm.deal.add", CrmScope, Cost::Add, business::add_deal),
    method("crm.deal.list", CrmScope, Cost::List, business::deals),
    method("crm.activity.add", CrmScope, Cost::Add, business::add_activity),
    method("crm.activity.list", CrmScope, Cost::List, business::activities),
    method("crm.entity.mergeBatch", CrmScope, Cost::Update, merge::merge_batch),
    method("crm.timeline.comment.add", CrmScope, Cost::Add, timeline::add),
    method("crm.timeline.comment.get", CrmScope, Cost::Get, timeline::get),
    method("crm.timeline.comment.list", CrmScope, Cost::List, timeline::list),
    method("crm.timeline.comment.update", CrmScope, Cost::Update, timeline::update),
    method("crm.timeline.comment.delete", CrmScope, Cost::Delete, timeline::delete),
    method("crm.duplicate.volatileType.fields", CrmScope, Cost::Get, volatile::fields),
    method("crm.duplicate.volatileType.list", CrmScope, Cost::List, volatile::list),
    method("crm.duplicate.volatileType.register", CrmScope, Cost::Add, volatile::register),
    method("crm.duplicate.volatileType.unregister", CrmScope, Cost::Delete, volatile::unregister),
    method("crm.duplicate.findbycomm", CrmScope, Cost::FindByComm, duplicate::find_by_communication),
];
