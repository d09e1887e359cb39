//! Looks a connection over, and creates the attribute for ids where it is missing.
//!
//! Not responsible for words: findings carry codes. Invariant: `check` writes nothing; `setup` creates one attribute at
//! most, and believes only what it reads back.

use std::collections::BTreeSet;

use obmen_domain::record::Catalog;
use obmen_engine::doctor::{Doctor, Finding};
use obmen_engine::ports::{BoxFuture, SideError};
use serde_json::{Value, json};

use crate::adapter::Onec;
use crate::condition::Filter;
use crate::configured;
use crate::connect::needed_sets;
use crate::exchange;
use crate::extension::{Info, Lack};
use crate::facts::{Facts, Table};
use crate::interface::Interface;
use crate::odata::{Object, Query};
use crate::profile::Profile;
use crate::settings::IdPlace;
use crate::wire::{DESCRIPTION, put};

impl Doctor for Onec {
    fn check(&self) -> BoxFuture<'_, Vec<Finding>> {
        Box::pin(self.look_over())
    }

    fn setup(&self) -> BoxFuture<'_, Vec<Finding>> {
        Box::pin(self.set_up())
    }
}

impl Onec {
    async fn look_over(&self) -> Vec<Finding> {
        let mut findings = match &self.interface {
            Interface::Odata(_) => Vec::new(),
            Interface::Extension(extension) => match extension.info().await {
                Ok(info) => self.extension(&info),
                Err(error) => return vec![of_error(&error)],
            },
        };
        let sets = match self.interface.sets().await {
            Ok(sets) => sets,
            Err(error) => return vec![of_error(&error)],
        };
        let missing = needed_sets(&self.settings).into_iter().filter(|set| !sets.contains(*set));
        let closed: Vec<Finding> = missing.map(|set| of_error(&self.interface.closed(set))).collect();
        if !closed.is_empty() {
            findings.extend(closed);
            return findings;
        }
        if let Err(error) = self.connect().await {
            return vec![of_error(&error)];
        }
        let Some(facts) = self.known_facts() else { return Vec::new() };
        let profile = self.settings.profile.name.clone();
        findings.push(Finding::good("check-onec-connected", vec![("profile", profile)]));
        if matches!(self.interface, Interface::Odata(_)) {
            findings.push(Finding::good("check-onec-by-odata", vec![]));
        }
        for table in facts.tables.values().filter(|table| self.takes_part(table)).chain(&facts.part) {
            findings.push(self.readable(table).await);
            findings.extend(self.kinds(table));
        }
        findings.extend(self.exchange_node(&sets).await);
        findings.extend(self.attributes(&facts));
        findings.extend(self.surroundings(&facts));
        findings.extend(configured::findings(&facts, &self.settings.persons));
        findings
    }

    /// Who answers, and what it lacks: what it does without a notification is no lack.
    fn extension(&self, info: &Info) -> Vec<Finding> {
        let details = vec![
            ("version", info.extension.version.clone()),
            ("build", info.extension.build.clone()),
            ("configuration", format!("{} {}", info.configuration.name, info.configuration.version)),
        ];
        let mut findings = vec![Finding::good("check-onec-by-extension", details)];
        let profile = &self.settings.profile.name;
        if Profile::built_in(profile).is_some() && *profile != info.extension.build {
            let details = vec![("build", info.extension.build.clone()), ("profile", profile.clone())];
            findings.push(Finding::problem("check-onec-build-other", details));
        }
        findings.extend(info.lacks.iter().map(lack));
        findings
    }

    fn takes_part(&self, table: &Table) -> bool {
        table.catalog == Catalog::Counterparty || self.settings.persons.contains(&table.catalog)
    }

    async fn readable(&self, table: &Table) -> Finding {
        let set = &table.names.set;
        let query = Query { set, select: &table.select, filter: Filter::default(), top: Some(1) };
        match self.interface.rows(&query).await {
            Ok(_) => Finding::good("check-onec-set-readable", vec![("set", set.clone())]),
            Err(error) => of_error(&error),
        }
    }

    /// Contact kinds that the profile names and the infobase lacks, and what is left.
    fn kinds(&self, table: &Table) -> Vec<Finding> {
        let set = || ("set", table.names.set.clone());
        let mut findings = Vec::new();
        for (sort, is_missing) in [("phone", table.phones.is_empty()), ("email", table.emails.is_empty())] {
            if is_missing {
                let details = vec![set(), ("sort", sort.to_owned())];
                findings.push(Finding::problem("check-onec-kinds-missing", details));
            }
        }
        if findings.is_empty() {
            let count = |kinds: usize| kinds.to_string();
            let details =
                vec![set(), ("phones", count(table.phones.len())), ("emails", count(table.emails.len()))];
            findings.push(Finding::good("check-onec-kinds-found", details));
        }
        findings
    }

    /// The node by which changes are told, where one is configured.
    async fn exchange_node(&self, sets: &BTreeSet<String>) -> Option<Finding> {
        let exchange = self.settings.exchange.as_ref()?;
        let Interface::Odata(odata) = &self.interface else { return None };
        let details = || vec![("plan", exchange.plan.clone()), ("node", exchange.node.clone())];
        if !sets.contains(&exchange.set()) {
            return Some(Finding::problem("check-onec-plan-closed", details()));
        }
        Some(match exchange::find(odata, exchange).await {
            Ok(Some(node)) if !node.is_own => Finding::good("check-onec-plan", details()),
            Ok(Some(_)) => Finding::problem("check-onec-node-own", details()),
            Ok(None) => Finding::problem("check-onec-node-missing", details()),
            Err(error) => of_error(&error),
        })
    }

    fn attributes(&self, facts: &Facts) -> Vec<Finding> {
        let settings = &self.settings;
        let mut findings = Vec::new();
        if settings.store_id == IdPlace::Attribute {
            let details = vec![("name", settings.id_attribute.clone())];
            findings.push(match facts.id_attribute {
                Some(_) => Finding::good("check-onec-id-attribute-found", details),
                None => Finding::problem("check-onec-id-attribute-missing", details),
            });
        }
        if !settings.manager_attribute.is_empty() && !settings.profile.has_managers() {
            let details = vec![("name", settings.manager_attribute.clone())];
            findings.push(match facts.manager_attribute {
                Some(_) => Finding::good("check-onec-manager-attribute-found", details),
                None => Finding::warning("check-onec-manager-attribute-missing", details),
            });
        }
        findings
    }

    fn surroundings(&self, facts: &Facts) -> Vec<Finding> {
        let settings = &self.settings;
        let profile = &settings.profile;
        let mut findings = Vec::new();
        let staff = profile.staff.as_ref().filter(|_| settings.persons.contains(&Catalog::Individual));
        if let Some(staff) = staff.filter(|_| !facts.staff) {
            findings.push(Finding::warning("check-onec-staff-unreadable", vec![("set", staff.set.clone())]));
        }
        if let Some(managers) = profile.managers.as_ref().filter(|_| facts.managers_select.is_empty()) {
            let details = vec![("set", format!("{}, {}", managers.set, managers.users))];
            findings.push(Finding::warning("check-onec-users-unreadable", details));
        }
        if facts.users_select.is_empty() {
            findings.push(Finding::warning(
                "check-onec-users-unreadable",
                vec![("set", profile.users.set.clone())],
            ));
        }
        if !settings.new_folder.trim().is_empty() && facts.folder.is_none() {
            let details = vec![("folder", settings.new_folder.clone())];
            findings.push(Finding::warning("check-onec-folder-missing", details));
        }
        // A condition about an attribute that no record has would say nothing, and everything would be created.
        let has = |name: &String| {
            facts.tables.values().chain(&facts.part).any(|table| table.attributes.contains_key(name))
        };
        for name in settings.attributes.keys().filter(|name| !has(name)) {
            findings.push(Finding::problem("check-onec-attribute-missing", vec![("field", name.clone())]));
        }
        findings.extend(self.access_group(facts));
        let tables = || facts.tables.values().chain(&facts.part);
        let has_roles = tables().any(|table| !table.names.roles.is_empty());
        let is_unknown = |role: &&String| !tables().any(|table| table.names.roles.contains_key(role.trim()));
        for role in facts.roles.iter().filter(|_| has_roles).filter(is_unknown) {
            findings.push(Finding::problem("check-onec-role-unknown", vec![("role", role.clone())]));
        }
        if self.learned.honours_references() == Some(false) {
            findings.push(match facts.id_attribute {
                Some(_) => Finding::warning("check-onec-references-ignored", vec![]),
                None => Finding::problem("check-onec-creates-unsafe", vec![]),
            });
        }
        findings
    }

    /// Where there are access groups, an object without one is seen by nobody whose rights go by them.
    fn access_group(&self, facts: &Facts) -> Option<Finding> {
        let wanted = self.settings.new_access_group.trim();
        let set = self.settings.profile.access_groups.as_ref()?.set.clone();
        match (wanted.is_empty(), facts.access_group) {
            (true, _) if facts.has_access_groups => {
                Some(Finding::problem("check-onec-access-group-unset", vec![("set", set)]))
            }
            (false, None) => {
                let details = vec![("set", set), ("group", wanted.to_owned())];
                Some(Finding::problem("check-onec-access-group-missing", details))
            }
            _ => None,
        }
    }

    async fn set_up(&self) -> Vec<Finding> {
        let facts = match self.facts().await {
            Ok(facts) => facts,
            Err(error) => return vec![of_error(&error)],
        };
        let name = self.settings.id_attribute.clone();
        if self.settings.store_id != IdPlace::Attribute || facts.id_attribute.is_some() {
            return self.attributes(&facts);
        }
        let by_hand = |reason: String| {
            let details = vec![("name", name.clone()), ("reason", reason)];
            vec![Finding::problem("check-onec-id-attribute-by-hand", details)]
        };
        let set = &self.settings.profile.attributes.set;
        if !facts.sets.contains(set) {
            return by_hand(SideError::ClosedComposition { set: set.clone() }.to_string());
        }
        let Interface::Odata(odata) = &self.interface else {
            return by_hand("the extension writes no attributes".to_owned());
        };
        if let Err(error) = odata.create(set, &self.new_attribute()).await {
            return by_hand(error.into_side(set).to_string());
        }
        // The type of values is the fragile part of such a create: only an attribute that can be read counts.
        match self.connect().await {
            Err(error) => vec![of_error(&error)],
            Ok(()) if self.known_facts().is_some_and(|facts| facts.id_attribute.is_some()) => {
                vec![Finding::good("check-onec-id-attribute-created", vec![("name", name)])]
            }
            Ok(()) => by_hand("it was sent, and cannot be read back".to_owned()),
        }
    }

    fn new_attribute(&self) -> Object {
        let names = &self.settings.profile.attributes;
        let name = &self.settings.id_attribute;
        let mut body = Object::new();
        for property in [DESCRIPTION, &names.name, &names.title] {
            put(&mut body, property, name.as_str());
        }
        body.insert(names.aside.clone(), Value::Bool(false));
        body.insert("ValueType".to_owned(), json!({ "Types": ["String"] }));
        body
    }
}

/// What the extension says that it lacks, in its own words.
fn lack(lack: &Lack) -> Finding {
    let details = vec![("words", lack.words.clone()), ("set", lack.set.clone())];
    match lack.code.as_str() {
        "notify-off" => Finding::good("check-onec-notify-off", vec![]),
        "safe-mode" => Finding::warning("check-onec-safe-mode", details),
        "no-subscription" => Finding::warning("check-onec-no-subscription", details),
        "copy" => Finding::warning("check-onec-copy", details),
        _ => Finding::warning("check-onec-lack", details),
    }
}

fn of_error(error: &SideError) -> Finding {
    let (code, details) = match error {
        SideError::Unauthorized { words, .. } => ("check-onec-unauthorized", vec![("words", words.clone())]),
        SideError::MissingRight { what, .. } => ("check-onec-right-missing", vec![("what", what.clone())]),
        SideError::ClosedComposition { set } => ("check-onec-set-closed", vec![("set", set.clone())]),
        SideError::NoExtension { words } => ("check-onec-no-extension", vec![("words", words.clone())]),
        SideError::MissingField { field, .. } => ("check-onec-field-missing", vec![("field", field.clone())]),
        SideError::Unavailable { words, .. } => ("check-onec-unavailable", vec![("words", words.clone())]),
        SideError::Locked { words, .. } => ("check-onec-locked", vec![("words", words.clone())]),
        SideError::NoLicence { words, .. } => ("check-onec-no-licence", vec![("words", words.clone())]),
        other => ("check-onec-unexpected", vec![("words", other.to_string())]),
    };
    Finding::problem(code, details)
}
