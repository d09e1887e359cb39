//! `[[pair.field]]`: fields that are kept equal besides those of every pair.
//!
//! Some have a name that says everything: of such a one nothing else needs to be written. Not responsible for whether the
//! sides have what is named (see `gate`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use obmen_domain::configured::{
    ConfiguredField, DELETION_MARK, FieldName, PRIVATE_ADDRESS, Place, Transform, ValuePair,
};
use obmen_domain::party::Field;
use obmen_domain::record::{Kind, Side};
use obmen_domain::rules::{Direction, FieldRule, OnDelete, Preference, Rules};
use serde::Deserialize;

use super::complaint::Complaints;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfiguredConfig {
    /// Its name in reports, rules and reviews.
    name: String,
    /// Whose field it is; of both kinds where nothing is said.
    of: Option<PartyKind>,
    /// The field of the portal.
    bitrix24: Option<String>,
    /// The attribute of 1C: of several, each catalog's first.
    onec: Option<Names>,
    /// How a value is changed on its way.
    transform: Option<Transform>,
    /// Values of 1C, and what they are in Bitrix24.
    #[serde(default)]
    values: BTreeMap<String, String>,
    direction: Option<Direction>,
    rule: Option<Preference>,
}

/// Whose field it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PartyKind {
    /// Companies, and counterparties that are organizations or sole proprietors.
    Organization,
    /// Contacts, and persons of the catalogs that take part.
    Person,
}

/// One name, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

/// A field that needs no more than its name.
struct ReadyMade {
    name: &'static str,
    of: Option<PartyKind>,
    bitrix24: &'static str,
    onec: &'static [&'static str],
    /// Whose value stands, where nothing else is said.
    owner: Option<Side>,
    /// As [`Place::label`], of the portal.
    label: Option<&'static str>,
}

const READY_MADE: [ReadyMade; 5] = [
    ReadyMade {
        name: "comment",
        of: None,
        bitrix24: "COMMENTS",
        onec: &["Комментарий"],
        owner: Some(Side::Bitrix24),
        label: None,
    },
    ReadyMade {
        name: "source",
        of: Some(PartyKind::Person),
        bitrix24: "SOURCE_ID",
        onec: &["ИсточникПривлечения", "ИсточникПривлеченияПокупателя"],
        owner: Some(Side::Bitrix24),
        label: None,
    },
    ReadyMade {
        name: "birth-date",
        of: Some(PartyKind::Person),
        bitrix24: "BIRTHDATE",
        onec: &["ДатаРождения"],
        owner: None,
        label: None,
    },
    // The type of addresses in Bitrix24; in 1C each catalog has a contact kind of its own, which the profile names.
    ReadyMade {
        name: PRIVATE_ADDRESS,
        of: Some(PartyKind::Person),
        bitrix24: "4",
        onec: &[],
        owner: None,
        label: None,
    },
    ReadyMade {
        name: DELETION_MARK,
        of: None,
        bitrix24: "UF_CRM_1C_DELETED",
        onec: &["DeletionMark"],
        owner: None,
        label: Some("Помечен на удаление в 1С"),
    },
];

/// The field by which `on_delete = "mark"` tells of a mark.
static OF_MARK: LazyLock<ConfiguredConfig> = LazyLock::new(|| ConfiguredConfig {
    name: DELETION_MARK.to_owned(),
    of: None,
    bitrix24: None,
    onec: None,
    transform: None,
    values: BTreeMap::new(),
    direction: None,
    rule: None,
});

/// The fields of a pair: those of its sections, and the one that `on_delete` wants.
pub(crate) fn all(
    sections: &[ConfiguredConfig],
    on_delete: OnDelete,
) -> impl Iterator<Item = &ConfiguredConfig> {
    let is_told = sections.iter().any(|field| field.name == DELETION_MARK);
    let of_mark = (on_delete == OnDelete::Mark && !is_told).then(|| &*OF_MARK);
    sections.iter().chain(of_mark)
}

impl ConfiguredConfig {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What the rules of the pair say of it, for each kind of record.
    pub(crate) fn rules(&self) -> Vec<ConfiguredField> {
        let Some(name) = self.field_name() else { return Vec::new() };
        let pair = |(onec, bitrix24): (&String, &String)| ValuePair {
            onec: onec.clone(),
            bitrix24: bitrix24.clone(),
        };
        let values: Vec<ValuePair> = self.values.iter().map(pair).collect();
        let field = |kind| ConfiguredField { name, kind, transform: self.transform, values: values.clone() };
        self.kinds().into_iter().map(field).collect()
    }

    /// The direction and the rule of the field.
    pub(crate) fn rule(&self, pair: &Rules) -> Option<(Field, FieldRule)> {
        let field = Field::Configured(self.field_name()?);
        let mut rule = pair.field(field);
        rule.owner = self.ready_made().and_then(|known| known.owner);
        if let Some(direction) = self.direction {
            rule.direction = direction;
        }
        if let Some(preference) = self.rule {
            rule.on_conflict = preference;
            rule.owner = None;
        }
        if self.name == DELETION_MARK {
            rule.direction = Direction::OnecToBitrix24;
        }
        Some((field, rule))
    }

    /// Where a side keeps it.
    pub(crate) fn places(&self, side: Side) -> Vec<Place> {
        let Some(name) = self.field_name() else { return Vec::new() };
        let at = match side {
            Side::Bitrix24 => self.in_bitrix24().into_iter().map(str::to_owned).collect(),
            Side::Onec => self.in_onec(),
        };
        let label = self.ready_made().and_then(|known| known.label).filter(|_| side == Side::Bitrix24);
        let is_certain = self.of_kind().is_some() || label.is_some();
        let place = |kind| Place { name, kind, at: at.clone(), is_certain, label };
        self.kinds().into_iter().map(place).collect()
    }

    fn field_name(&self) -> Option<FieldName> {
        self.name.parse().ok()
    }

    fn ready_made(&self) -> Option<&'static ReadyMade> {
        READY_MADE.iter().find(|known| known.name == self.name)
    }

    fn of_kind(&self) -> Option<PartyKind> {
        self.of.or_else(|| self.ready_made()?.of)
    }

    fn kinds(&self) -> Vec<Kind> {
        match self.of_kind() {
            None => Kind::ALL.to_vec(),
            Some(PartyKind::Organization) => vec![Kind::Company],
            Some(PartyKind::Person) => vec![Kind::Contact],
        }
    }

    fn in_bitrix24(&self) -> Option<&str> {
        self.bitrix24.as_deref().or_else(|| Some(self.ready_made()?.bitrix24))
    }

    fn in_onec(&self) -> Vec<String> {
        let ready_made = || self.ready_made().map(|known| known.onec).unwrap_or_default();
        match &self.onec {
            Some(Names::One(name)) => vec![name.clone()],
            Some(Names::Several(names)) => names.clone(),
            None => ready_made().iter().map(|name| (*name).to_owned()).collect(),
        }
    }
}

/// Checks all sections of a pair.
pub(crate) fn validate(fields: &[ConfiguredConfig], path: &str, complaints: &mut Complaints) {
    for (index, field) in fields.iter().enumerate() {
        let mut complain = |key: &str, id: &'static str, value: &str| {
            complaints.add(format!("{path}/{index}/{key}"), id, vec![("value", value.to_owned())]);
        };
        let is_fixed = Field::FIXED.iter().any(|fixed| fixed.word() == field.name);
        let earlier = fields.iter().take(index);
        if field.field_name().is_none() {
            complain("name", "config-own-field-name", &field.name);
        } else if is_fixed {
            complain("name", "config-own-field-fixed", &field.name);
        } else if earlier.clone().any(|other| other.name == field.name) {
            complain("name", "config-own-field-twice", &field.name);
        }
        if field.in_bitrix24().is_none_or(|name| name.trim().is_empty()) {
            complain("name", "config-own-field-nowhere", "bitrix24");
        }
        let is_address = field.name == PRIVATE_ADDRESS;
        if is_address && field.of_kind() != Some(PartyKind::Person) {
            complain("of", "config-own-field-private", PRIVATE_ADDRESS);
        }
        let is_left_to_profile = is_address && field.onec.is_none();
        if field.in_onec().iter().all(|name| name.trim().is_empty()) && !is_left_to_profile {
            complain("name", "config-own-field-nowhere", "onec");
        }
        if field.name == DELETION_MARK && field.direction.is_some_and(|way| way != Direction::OnecToBitrix24)
        {
            complain("direction", "config-own-field-mark", DELETION_MARK);
        }
        if let Some(value) = told_twice(&field.values) {
            complain("values", "config-own-field-values", value);
        }
        for (side, key) in [(Side::Bitrix24, "bitrix24"), (Side::Onec, "onec")] {
            let mut places = field.places(side);
            places.retain(|place| {
                let same = |other: &Place| other.kind == place.kind && other.at == place.at;
                earlier.clone().flat_map(|other| other.places(side)).any(|other| same(&other))
            });
            if let Some(place) = places.first() {
                complain(key, "config-own-field-place", &place.at.join(", "));
            }
        }
    }
}

/// A value that stands for several others: what comes back from it is open.
fn told_twice(values: &BTreeMap<String, String>) -> Option<&str> {
    let folded = |text: &str| text.trim().to_lowercase();
    let pairs: Vec<(&String, &String)> = values.iter().collect();
    for (at, (onec, bitrix24)) in pairs.iter().enumerate() {
        for (other_onec, other_bitrix24) in &pairs[..at] {
            if folded(onec) == folded(other_onec) {
                return Some(onec);
            }
            if folded(bitrix24) == folded(other_bitrix24) {
                return Some(bitrix24);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Loaded;
    use super::*;

    const PAIR: &str = "[[pair]]\n[pair.bitrix24]\nwebhook_url = \"https://x.bitrix24.ru/rest/1/geheim/\"\n[pair.onec]\n\
        url = \"http://127.0.0.1/base/odata/standard.odata\"\nuser = \"obmen\"\npassword = \"geheim\"\nconfiguration = \"bp30\"\n";

    fn parse(further: &str) -> Result<Loaded, Vec<&'static str>> {
        let loaded = Loaded::parse(Path::new("obmen.toml"), format!("{PAIR}{further}"));
        loaded.map_err(|error| error.problems.iter().map(|problem| problem.id).collect())
    }

    fn field(name: &str, further: &str) -> String {
        format!("[[pair.field]]\nname = \"{name}\"\nbitrix24 = \"UF_CRM_X\"\nonec = \"Икс\"\n{further}\n")
    }

    #[test]
    fn a_field_is_read_with_its_rule_and_its_places() {
        let further =
            field("segment", "of = \"organization\"\nrule = \"onec\"\nvalues = { \"Опт\" = \"12\" }");
        let loaded =
            parse(&format!("{further}[pair.fields]\nsegment = {{ direction = \"onec-to-bitrix24\" }}\n"));
        let pair = &loaded.unwrap().config.pairs[0];
        let rules = pair.rules(false);
        let name = "segment".parse().unwrap();
        let rule = rules.field(Field::Configured(name));
        assert_eq!((rule.direction, rule.on_conflict), (Direction::OnecToBitrix24, Preference::Onec));
        let known = rules.configured(Kind::Company, name).unwrap();
        assert_eq!(known.values, [ValuePair { onec: "Опт".to_owned(), bitrix24: "12".to_owned() }]);
        assert!(rules.configured(Kind::Contact, name).is_none());
        let at = |side| pair.places(side).into_iter().map(|place| place.at.join("|")).collect::<Vec<_>>();
        assert_eq!(
            (at(Side::Bitrix24), at(Side::Onec)),
            (vec!["UF_CRM_X".to_owned()], vec!["Икс".to_owned()])
        );
    }

    #[test]
    fn a_ready_made_field_needs_its_name_alone() {
        for known in READY_MADE {
            let loaded = parse(&format!("[[pair.field]]\nname = \"{}\"\n", known.name)).unwrap();
            let pair = &loaded.config.pairs[0];
            let kinds: Vec<Kind> = pair.places(Side::Onec).iter().map(|place| place.kind).collect();
            assert_eq!(kinds.len(), if known.of.is_some() { 1 } else { 2 }, "{}", known.name);
            let field = Field::Configured(known.name.parse().unwrap());
            assert_eq!(pair.rules(false).field(field).owner, known.owner);
        }
        assert!(parse("").unwrap().config.pairs[0].places(Side::Bitrix24).is_empty(), "none is on by itself");
    }

    #[test]
    fn a_mark_is_shown_by_a_flag_of_every_card_where_deletions_lead_to_that() {
        let told = |pair: &str, further: &str| {
            let text = PAIR.replacen("[[pair]]\n", &format!("[[pair]]\n{pair}\n"), 1) + further;
            let loaded = Loaded::parse(Path::new("obmen.toml"), text).unwrap();
            let pair = &loaded.config.pairs[0];
            let rule = pair.rules(false).field(Field::Configured(DELETION_MARK.parse().unwrap()));
            let places = pair.places(Side::Bitrix24);
            let flags = places.iter().filter(|place| place.label.is_some() && place.is_certain);
            (rule.direction, flags.map(|place| place.at.concat()).collect::<Vec<_>>())
        };
        let marks = "direction = \"bitrix24-to-onec\"\non_delete = \"mark\"";
        let of_every_card = vec!["UF_CRM_1C_DELETED".to_owned(); 2];
        assert_eq!(told(marks, ""), (Direction::OnecToBitrix24, of_every_card));
        let own = "[[pair.field]]\nname = \"deletion-mark\"\nof = \"person\"\nbitrix24 = \"UF_CRM_GONE\"\n";
        let under_another_name = vec!["UF_CRM_GONE".to_owned()];
        assert_eq!(told(marks, own), (Direction::OnecToBitrix24, under_another_name));
        assert_eq!(told("", "").1, Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_with_a_field_is_told() {
        let cases = [
            (field("Сегмент", ""), "config-own-field-name"),
            (field("phone", ""), "config-own-field-fixed"),
            ("[[pair.field]]\nname = \"x\"\nonec = \"Икс\"\n".to_owned(), "config-own-field-nowhere"),
            (field("x", "values = { \"а\" = \"1\", \"б\" = \"1\" }"), "config-own-field-values"),
            (field("x", "values = { \"а\" = \"1\", \"А\" = \"2\" }"), "config-own-field-values"),
            (field("deletion-mark", "direction = \"both\""), "config-own-field-mark"),
            (field("private-address", "of = \"organization\""), "config-own-field-private"),
            (
                "[[pair.field]]\nname = \"private-address\"\nonec = \"\"\n".to_owned(),
                "config-own-field-nowhere",
            ),
            (field("x", "transform = \"reverse\""), "config-unknown-value"),
            (field("x", "colour = \"red\""), "config-unknown-key"),
            ("[pair.fields]\nphon = { rule = \"ask\" }\n".to_owned(), "config-field-unknown"),
        ];
        for (further, id) in cases {
            assert_eq!(parse(&further).unwrap_err(), [id], "{further}");
        }
        let twice = field("x", "") + &field("y", "");
        assert_eq!(parse(&twice).unwrap_err(), ["config-own-field-place", "config-own-field-place"]);
        let twice = field("x", "of = \"person\"") + &field("x", "of = \"organization\"");
        assert_eq!(parse(&twice).unwrap_err(), ["config-own-field-twice"]);
    }
}
