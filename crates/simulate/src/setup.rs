//! What one seed begins with: both systems' settings, the rules of the pair, and the catalogs that objects refer to.
//!
//! Not responsible for the parties of the start state (see `people`). Everything here is drawn from the seed's setup
//! stream and from nothing else.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use obmen_bitrix24 as portal_client;
use obmen_domain::forms::phone::PhoneContext;
use obmen_domain::party::Field;
use obmen_domain::record::Catalog;
use obmen_domain::rules::{Direction, Preference, Rules};
use obmen_onec as onec_client;
use obmen_sim::bitrix24;
use obmen_sim::onec::{self, Product};
use obmen_sim::population::{Recipe, generate};
use obmen_sim::world::World as _;
use serde_json::{Value, json};

use crate::snapshot::names;
use crate::streams::Draw;
use crate::systems::Systems;

/// The pair's name.
pub(crate) const PAIR: &str = "main";

/// What a seed begins with.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) portal: bitrix24::Settings,
    pub(crate) infobase: onec::Settings,
    pub(crate) rules: Rules,
    /// How many parties there are from the start.
    pub(crate) parties: usize,
    /// How often a process that serves asks each side.
    pub(crate) period: Duration,
    /// How long signals settle before they are due.
    pub(crate) settle: Duration,
    /// What becomes of messages of the portal and of the infobase.
    pub(crate) post: [Post; 2],
}

/// What becomes of the messages of a side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Post {
    /// So many in a hundred are lost.
    pub(crate) loss: u32,
    /// So many in a hundred come twice.
    pub(crate) doubling: u32,
    /// So many in a hundred come late.
    pub(crate) delay: u32,
}

impl Post {
    fn draw(draw: &mut Draw) -> Self {
        match draw.below(10) {
            0..3 => Self { loss: 0, doubling: 0, delay: 0 },
            3 => Self { loss: 100, doubling: 0, delay: 0 },
            _ => Self { loss: 15, doubling: 15, delay: 30 },
        }
    }
}

/// One in so many infobases has the extension.
const EXTENSIONS: u64 = 4;

/// When every simulation begins.
pub(crate) fn beginning() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("a moment in 2026")
}

impl Setup {
    /// Draws a setup; what concerns messages, or rules, alone from a stream of its own.
    pub(crate) fn draw(product: Product, draw: &mut Draw, messages: &mut Draw, rules: &mut Draw) -> Self {
        let mut portal = bitrix24::Settings::default();
        if draw.percent(30) {
            portal.burst = 12.0;
        }
        if draw.percent(5) {
            portal.execution_seconds = 4.0;
        }
        let infobase = onec::Settings {
            configuration: product,
            honours_ref_key: draw.percent(75),
            if_match: if draw.percent(30) { onec::IfMatch::Honoured } else { onec::IfMatch::Ignored },
            json_bom: draw.percent(20),
            seed: u64::from(draw.any()),
            ..onec::Settings::default()
        };
        let on_conflict = draw_preference(draw);
        let rules = draw_rules(rules, on_conflict);
        let parties = 6 + draw.below(7);
        let period = Duration::from_secs([10, 20, 60][messages.below(3)]);
        let settle = Duration::from_secs([0, 2, 5][messages.below(3)]);
        let post = [Post::draw(messages), Post::draw(messages)];
        Self { portal, infobase, rules, parties, period, settle, post }
    }

    /// Whether 1C is reached by the extension.
    pub(crate) fn is_by_extension(&self) -> bool {
        self.infobase.seed.is_multiple_of(EXTENSIONS)
    }

    /// Both systems with the catalogs and fields that everything refers to, and nobody in them.
    pub(crate) fn systems(&self) -> Systems {
        let mut systems = Systems::new(self.portal.clone(), self.infobase.clone());
        let (portal, infobase) = furniture(self.infobase.configuration);
        for line in portal {
            systems.portal.load(line).expect("the furniture fits into a portal");
        }
        for line in infobase {
            systems.infobase.load(line).expect("the furniture fits into an infobase");
        }
        if self.is_by_extension() {
            let extend = json!({"do": "extend"});
            systems.infobase.act(beginning(), &extend).expect("an infobase takes the extension");
        }
        systems
    }

    /// How the product reaches the portal.
    pub(crate) fn portal_client(&self) -> portal_client::Settings {
        portal_client::Settings {
            pair: PAIR.to_owned(),
            access: portal_client::Access::Webhook(format!("https://portal.example{}", self.portal.path())),
            contact_id_field: names::CONTACT_ID.to_owned(),
            company_id_field: names::COMPANY_ID.to_owned(),
            inn_field: names::INN.to_owned(),
            addresses: true,
            further_requisites: false,
            limits: portal_client::Limits {
                per_second: self.portal.per_second,
                burst: self.portal.burst,
                execution_seconds: self.portal.execution_seconds,
                window_seconds: self.portal.window_seconds,
                request_seconds: self.portal.request_seconds,
            },
            allow_automation: false,
            phone_context: phone_context(),
            attributes: BTreeMap::new(),
            places: Vec::new(),
            fallback_user: Some("1".to_owned()),
            rings_at: None,
        }
    }

    /// How the product reaches the infobase.
    pub(crate) fn onec_client(&self) -> onec_client::Settings {
        onec_client::Settings {
            pair: PAIR.to_owned(),
            way: if self.is_by_extension() { onec_client::Way::Extension } else { onec_client::Way::Odata },
            url: format!("http://base.example{}", self.infobase.base_path),
            user: self.infobase.user.clone(),
            password: onec_client::Secret::new(self.infobase.password.clone()),
            profile: profile(self.infobase.configuration),
            persons: [Catalog::Counterparty, Catalog::ContactPerson].into(),
            parallel: 2,
            store_id: onec_client::IdPlace::Attribute,
            id_attribute: names::ID_ATTRIBUTE.to_owned(),
            manager_attribute: "ОтветственныйМенеджер".to_owned(),
            addresses: true,
            further_requisites: false,
            new_folder: String::new(),
            new_access_group: String::new(),
            new_roles: vec!["Клиент".to_owned()],
            request_seconds: 60,
            allowed_only: false,
            exchange: None,
            attributes: BTreeMap::new(),
            places: Vec::new(),
            phone_context: phone_context(),
        }
    }
}

/// Rules as `[pair.fields]` gives them (`crates/app/src/config/fields.rs`): values go both ways in most pairs.
fn draw_rules(draw: &mut Draw, on_conflict: Preference) -> Rules {
    let direction = if draw.percent(12) { draw_one_way(draw) } else { Direction::Both };
    let mut rules = Rules { direction, on_conflict, ..Rules::default() };
    if !draw.percent(20) {
        return rules;
    }
    for field in [Field::Name, Field::Phone, Field::Email, Field::Inn] {
        let mut rule = rules.field(field);
        if draw.percent(30) {
            rule.direction = if draw.percent(70) { draw_one_way(draw) } else { Direction::Both };
        }
        if draw.percent(30) {
            (rule.on_conflict, rule.owner) = (draw_preference(draw), None);
        }
        rules.fields.insert(field, rule);
    }
    rules
}

fn draw_one_way(draw: &mut Draw) -> Direction {
    if draw.percent(50) { Direction::Bitrix24ToOnec } else { Direction::OnecToBitrix24 }
}

fn draw_preference(draw: &mut Draw) -> Preference {
    match draw.below(5) {
        0 => Preference::Newest,
        1 => Preference::Bitrix24,
        2 => Preference::Onec,
        _ => Preference::Ask,
    }
}

fn phone_context() -> PhoneContext {
    PhoneContext::new("RU", None).expect("Russia is a country")
}

/// What the product knows of a configuration.
pub(crate) fn profile(product: Product) -> onec_client::Profile {
    match product {
        Product::Bp30 => onec_client::Profile::bp30(),
        Product::Ut11 => onec_client::Profile::ut11(),
        Product::Unf => onec_client::Profile::unf(),
    }
}

/// Users, user fields, contact kinds, attributes, countries, folders; the same in all seeds. What the other configurations have
/// of their own stands in a new infobase.
fn furniture(product: Product) -> (&'static [Value], impl Iterator<Item = &'static Value>) {
    static LINES: OnceLock<(Vec<Value>, Vec<Value>)> = OnceLock::new();
    let (portal, infobase) = LINES.get_or_init(|| {
        let bases = generate(&Recipe::new(0, 0));
        let mut portal = bases.bitrix24;
        for (entity, name) in [("CRM_CONTACT", names::CONTACT_ID), ("CRM_COMPANY", names::COMPANY_ID)] {
            portal.push(json!({
                "entity": "userfield", "ENTITY_ID": entity, "FIELD_NAME": name, "USER_TYPE_ID": "string",
            }));
        }
        (portal, bases.onec)
    });
    let is_of_all = |line: &Value| [names::USERS, names::ATTRIBUTES].iter().any(|set| line["entity"] == *set);
    (portal, infobase.iter().filter(move |line| product == Product::Bp30 || is_of_all(line)))
}
