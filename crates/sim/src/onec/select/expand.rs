//! Paths through references in `$select` and `$expand`.
//!
//! `$expand=Партнер` shows the whole partner, `$select=Партнер/Code` one property of it. Behind a reference of several
//! types a path may name the set that it means, and `*` at its end stands for every reference of one type.
//! Invariant: a path is as long as a request may be deep, no longer.

use std::collections::BTreeMap;

use crate::onec::access::Opened;
use crate::onec::error::Refusal;
use crate::onec::schema::{EntitySet, Kind, Property};

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
        opened: Opened<'_>,
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
            if *path == "*" {
                let references = set.properties.iter().filter(|one| !targets_of(opened, one).is_empty());
                for name in references.filter_map(Property::navigation) {
                    branches.entry(name).or_default();
                }
                continue;
            }
            let (name, rest) = path.split_once('/').map_or((*path, None), |(name, rest)| (name, Some(rest)));
            if set.section(name).is_some() {
                return Err(Refusal::not_supported("$expand в табличной части"));
            }
            branches.entry(name).or_default().expanded.extend(rest);
        }
        selection = selection.in_schema_order(set);
        for (name, branch) in branches {
            selection.expansions.push(expansion(opened, set, name, &branch)?);
        }
        Ok(selection)
    }
}

fn expansion(
    opened: Opened<'_>,
    set: &'static EntitySet,
    name: &str,
    branch: &Branch<'_>,
) -> Result<Expansion, Refusal> {
    let property = followed(set, name).ok_or_else(|| Refusal::no_property(name))?;
    branch.selected.iter().flatten().try_for_each(|path| check_depth(path))?;
    let is_composite = matches!(property.kind, Kind::Composite { .. });
    if is_composite && branch.expanded.contains(&"*") {
        return Err(Refusal::option("$expand"));
    }
    let mut refused = Some(Refusal::no_property(name));
    let mut targets = Vec::new();
    for target in targets_of(opened, property) {
        let selected = branch.selected.as_ref().map(|paths| meant_for(opened, target, paths));
        let expanded = meant_for(opened, target, &branch.expanded);
        match Selection::of_paths(opened, target, selected.as_deref(), &expanded) {
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

/// What paths behind a reference say about this set; those that name another one say nothing.
fn meant_for<'p>(opened: Opened<'_>, target: &EntitySet, paths: &[&'p str]) -> Vec<&'p str> {
    let meant = |path: &&'p str| {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        match opened.configuration.set(name) {
            Some(set) => (set.name == target.name && !rest.is_empty()).then_some(rest),
            None => Some(*path),
        }
    };
    paths.iter().filter_map(meant).collect()
}

/// The reference of this name.
fn followed(set: &'static EntitySet, name: &str) -> Option<&'static Property> {
    set.properties.iter().find(|property| match property.kind {
        Kind::Composite { .. } => property.name == name,
        _ => property.navigation() == Some(name),
    })
}

fn targets_of(opened: Opened<'_>, property: &Property) -> Vec<&'static EntitySet> {
    match &property.kind {
        Kind::Reference(target) => opened.set(target).into_iter().collect(),
        Kind::Composite { types, .. } => types.iter().filter_map(|name| opened.set(name)).collect(),
        _ => Vec::new(),
    }
}

fn check_depth(path: &str) -> Result<(), Refusal> {
    if path.split('/').count() > DEEPEST { Err(Refusal::option("$expand")) } else { Ok(()) }
}
