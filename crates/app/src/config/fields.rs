//! `[pair.fields]`: direction and rule of single fields.

use std::collections::BTreeMap;

use obmen_domain::party::Field;
use obmen_domain::rules::{Direction, FieldRule, Preference, Rules};
use serde::Deserialize;

use super::complaint::Complaints;

/// The section.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct FieldsConfig(BTreeMap<Field, FieldConfig>);

/// What a file says about one field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldConfig {
    direction: Option<Direction>,
    rule: Option<Preference>,
}

impl FieldsConfig {
    /// The rules of the named fields; what a field does not say comes from the rules of the pair. A rule for
    /// conflicts takes the place of the field's customary owner.
    pub(crate) fn rules(&self, pair: &Rules) -> BTreeMap<Field, FieldRule> {
        self.0
            .iter()
            .map(|(field, config)| {
                let mut rule = pair.field(*field);
                if let Some(direction) = config.direction {
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

    pub(crate) fn validate(&self, path: &str, complaints: &mut Complaints) {
        if self.0.contains_key(&Field::MutualId) {
            complaints.add(format!("{path}/mutual-id"), "config-field-mutual-id", Vec::new());
        }
    }
}
