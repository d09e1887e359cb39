//! `$select` and `$expand`: which properties of an entity, and of what it refers to, are shown.

mod expand;

use super::access::Opened;
use super::error::Refusal;
use super::query::Query;
use super::schema::{EntitySet, Kind, Property, Section, find};

pub(crate) use expand::Expansion;

/// The parts of an entity that an answer shows, in the order of the schema.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) properties: Vec<&'static Property>,
    pub(crate) sections: Vec<(&'static Section, Vec<&'static Property>)>,
    /// References shown as text, under `X____Presentation`.
    pub(crate) presentations: Vec<&'static Property>,
    /// The text of the entity itself.
    pub(crate) presentation: bool,
    /// References shown as the entities they point to.
    pub(crate) expansions: Vec<Expansion>,
}

impl Selection {
    pub(crate) fn everything(set: &'static EntitySet) -> Self {
        let mut selection = Self::default();
        selection.add_properties(set);
        selection.add_sections(set);
        selection
    }

    /// Reads both options; without `$select` everything is shown.
    pub(crate) fn parse(opened: Opened<'_>, set: &'static EntitySet, query: &Query) -> Result<Self, Refusal> {
        let names = |option| {
            let text = query.get(option).filter(|text| !text.is_empty());
            text.map(|text| text.split(',').map(str::trim).collect::<Vec<_>>())
        };
        let expanded = names("$expand").unwrap_or_default();
        Self::of_paths(opened, set, names("$select").as_deref(), &expanded)
    }

    fn add(&mut self, set: &'static EntitySet, name: &str) -> Result<(), Refusal> {
        match name {
            "*" => {
                self.add_properties(set);
                self.add_sections(set);
            }
            "**" => self.add_properties(set),
            "Presentation" => self.presentation = true,
            "*____Presentation" => {
                self.presentations.extend(set.properties.iter().filter(|one| is_reference(one)))
            }
            name => self.add_named(set, name)?,
        }
        Ok(())
    }

    fn add_named(&mut self, set: &'static EntitySet, name: &str) -> Result<(), Refusal> {
        if let Some(property) = set.property(name) {
            self.properties.push(property);
        } else if let Some(section) = set.section(name) {
            self.sections.push((section, section.columns.iter().collect()));
        } else if let Some(shown) = name.strip_suffix("____Presentation") {
            let property =
                set.properties.iter().find(|one| one.navigation() == Some(shown) || one.name == shown);
            self.presentations.push(property.ok_or_else(|| Refusal::no_property(name))?);
        } else if let Some((section, column)) = name.split_once('/') {
            self.add_column(set, section, column)?;
        } else {
            return Err(Refusal::no_property(name));
        }
        Ok(())
    }

    fn add_column(&mut self, set: &'static EntitySet, name: &str, column: &str) -> Result<(), Refusal> {
        let section = set.section(name).ok_or_else(|| Refusal::no_property(name))?;
        let property = find(&section.columns, column).ok_or_else(|| Refusal::no_property(column))?;
        match self.sections.iter_mut().find(|(known, _)| known.name == name) {
            Some((_, columns)) => columns.push(property),
            None => self.sections.push((section, vec![property])),
        }
        Ok(())
    }

    fn add_properties(&mut self, set: &'static EntitySet) {
        self.properties.extend(&set.properties);
    }

    fn add_sections(&mut self, set: &'static EntitySet) {
        self.sections.extend(set.sections.iter().map(|section| (section, section.columns.iter().collect())));
    }

    fn in_schema_order(mut self, set: &'static EntitySet) -> Self {
        let place = |name: &str| set.properties.iter().position(|property| property.name == name);
        self.properties.sort_by_key(|property| place(property.name));
        self.properties.dedup_by_key(|property| property.name);
        self.presentations.sort_by_key(|property| place(property.name));
        self.presentations.dedup_by_key(|property| property.name);
        let place = |name: &str| set.sections.iter().position(|section| section.name == name);
        self.sections.sort_by_key(|(section, _)| place(section.name));
        self.sections.dedup_by_key(|(section, _)| section.name);
        self
    }
}

fn is_reference(property: &Property) -> bool {
    matches!(property.kind, Kind::Reference(_) | Kind::Composite { .. })
}
