//! Paths through references in `$select` and `$expand`.
//!
//! `$expand=Партнер` shows the whole partner, `$select=Партнер/Code` one property of it. Invariant: a path is as long as
//! a request may be deep, no longer.

use std::collections::BTreeMap;

use crate::onec::error::Refusal;
use crate::onec::schema::{Configuration, EntitySet, Kind, Property};

use super::Selection;

/// More references in a row are refused.
const DEEPEST: usize = 8;

/// A reference that is shown as the entity it points to.
#[derive(Debug, Clone)]
pub(crate) struct Expansion {
    pub(crate) property: &'static Property,
    /// What is shown of the entity, by the set it is in.
    pub(crate) targets: Vec<(&'static EntitySet, Selection)>,
}

impl Expansion {
    /// The member that holds the entity.
    pub(crate) fn name(&self) -> String {
        match self.property.navigation() {
            Some(name) => name.to_owned(),
            None => format!("{}_Expanded", self.property.name),
        }
    }
}

/// What paths say about one reference.
#[derive(Default)]
struct Branch<'q> {
    selected: Option<Vec<&'q str>>,
    expanded: Vec<&'q str>,
}

impl Selection {
    /// The selection that these paths describe; no list of selected paths selects everything.
    pub(super) fn of_paths(
        configuration: &'static Configuration,
        set: &'static EntitySet,
        selected: Option<&[&str]>,
        expanded: &[&str],
    ) -> Result<Self, Refusal> {
        let mut branches: BTreeMap<&str, Branch<'_>> = BTreeMap::new();
        let mut selection = match selected {
            None => Self::everything(set),
            Some(_) => Self::default(),
        };
        for path in selected.unwrap_or_default() {
            match path.split_once('/') {
                Some((name, rest)) if followed(set, name).is_some() => {
                    branches.entry(name).or_default().selected.get_or_insert_default().push(rest);
                }
                _ => selection.add(set, path)?,
            }
        }
        for path in expanded {
            check_depth(path)?;
            let (name, rest) = path.split_once('/').map_or((*path, None), |(name, rest)| (name, Some(rest)));
            if set.section(name).is_some() {
                return Err(Refusal::not_supported("$expand в табличной части"));
            }
            branches.entry(name).or_default().expanded.extend(rest);
        }
        selection = selection.in_schema_order(set);
        for (name, branch) in branches {
            selection.expansions.push(expansion(configuration, set, name, &branch)?);
        }
        Ok(selection)
    }
}

fn expansion(
    configuration: &'static Configuration,
    set: &'static EntitySet,
    name: &str,
    branch: &Branch<'_>,
) -> Result<Expansion, Refusal> {
    let property = followed(set, name).ok_or_else(|| Refusal::no_property(name))?;
    branch.selected.iter().flatten().try_for_each(|path| check_depth(path))?;
    let mut refused = None;
    let mut targets = Vec::new();
    for target in targets_of(configuration, property) {
        let selected = branch.selected.as_deref();
        match Selection::of_paths(configuration, target, selected, &branch.expanded) {
            Ok(selection) => targets.push((target, selection)),
            Err(refusal) => refused = Some(refusal),
        }
    }
    match refused {
        // A reference of several types may point to a set that has what is asked for.
        Some(refusal) if targets.is_empty() => Err(refusal),
        _ => Ok(Expansion { property, targets }),
    }
}

/// The reference of this name.
fn followed(set: &'static EntitySet, name: &str) -> Option<&'static Property> {
    set.properties.iter().find(|property| match property.kind {
        Kind::Composite { .. } => property.name == name,
        _ => property.navigation() == Some(name),
    })
}

fn targets_of(configuration: &'static Configuration, property: &Property) -> Vec<&'static EntitySet> {
    match &property.kind {
        Kind::Reference(target) => configuration.set(target).into_iter().collect(),
        Kind::Composite { types, .. } => types.iter().filter_map(|name| configuration.set(name)).collect(),
        _ => Vec::new(),
    }
}

fn check_depth(path: &str) -> Result<(), Refusal> {
    if path.split('/').count() > DEEPEST { Err(Refusal::option("$expand")) } else { Ok(()) }
}
