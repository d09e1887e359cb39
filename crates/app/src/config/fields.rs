//! `[pair.fields]`: direction and rule of single fields.

use std::collections::BTreeMap;

use obmen_domain::forms::slip::nearest;
use obmen_domain::party::Field;
use obmen_domain::rules::{Direction, FieldRule, Preference, Rules};
use serde::Deserialize;

use super::complaint::Complaints;
use super::configured::ConfiguredConfig;

/// The section.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct FieldsConfig(BTreeMap<Field, FieldConfig>);

/// What a file says about one field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldConfig {
    direction: Option<Way>,
    rule: Option<Preference>,
}

/// Which way a field travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Way {
    Both,
    Bitrix24ToOnec,
    OnecToBitrix24,
    /// No way: it is not even read.
    None,
}

impl Way {
    fn direction(self) -> Option<Direction> {
        match self {
            Self::Both => Some(Direction::Both),
            Self::Bitrix24ToOnec => Some(Direction::Bitrix24ToOnec),
            Self::OnecToBitrix24 => Some(Direction::OnecToBitrix24),
            Self::None => None,
        }
    }
}

impl FieldsConfig {
    /// Whether legal addresses take part.
    pub(crate) fn addresses(&self) -> bool {
        self.0.get(&Field::Address).is_none_or(|config| config.direction != Some(Way::None))
    }

    /// The rules of the named fields; what a field does not say comes from the rules of the pair. A rule for
    /// conflicts takes the place of the field's customary owner.
    pub(crate) fn rules(&self, pair: &Rules) -> BTreeMap<Field, FieldRule> {
        self.0
            .iter()
            .map(|(field, config)| {
                let mut rule = pair.field(*field);
                if let Some(direction) = config.direction.and_then(Way::direction) {
                    rule.direction = direction;
                }
                if let Some(preference) = config.rule {
                    rule.on_conflict = preference;
                    rule.owner = None;
                }
                (*field, rule)
            })
            .collect()
    }

    pub(crate) fn validate(&self, configured: &[ConfiguredConfig], path: &str, complaints: &mut Complaints) {
        let names: Vec<&str> = configured.iter().map(ConfiguredConfig::name).collect();
        let unknown = self.0.keys().filter(|field| match field {
            Field::Configured(name) => !names.contains(&name.as_str()),
            _ => false,
        });
        for field in unknown {
            let known = Field::FIXED.iter().map(|field| field.word()).chain(names.iter().copied());
            let like = nearest(field.word(), known).unwrap_or("none").to_owned();
            let details = vec![("value", field.word().to_owned()), ("like", like)];
            complaints.add(format!("{path}/{field}"), "config-field-unknown", details);
        }
        if self.0.contains_key(&Field::MutualId) {
            complaints.add(format!("{path}/mutual-id"), "config-field-mutual-id", Vec::new());
        }
        let is_left_out = |config: &FieldConfig| config.direction == Some(Way::None);
        for (field, _) in
            self.0.iter().filter(|(field, config)| is_left_out(config) && **field != Field::Address)
        {
            complaints.add(format!("{path}/{field}/direction"), "config-field-none", Vec::new());
        }
    }
}
