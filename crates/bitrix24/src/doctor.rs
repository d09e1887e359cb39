//! Looks a portal over and creates the user fields that are missing.
//!
//! Not responsible for words: findings have codes. Invariant: checking writes nothing; setting up makes a field only
//! after a list shows that it is not there, and believes only a list made afterwards.

use obmen_domain::record::Kind;
use obmen_engine::doctor::Finding;
use obmen_engine::ports::SideError;
use serde_json::json;

use crate::access::Access;
use crate::call::{Command, Reply};
use crate::configured::{Fault, finding};
use crate::portal::{Portal, id_field_name, user_fields};
use crate::sender::{Patience, Sender};
use crate::settings::Settings;

/// Looks over what was found out about the portal.
pub(crate) fn check(portal: &Result<Portal, SideError>, settings: &Settings) -> Vec<Finding> {
    let portal = match portal {
        Ok(portal) => portal,
        Err(SideError::MissingRight { what, .. }) => {
            return vec![Finding::problem("check-bitrix24-scope", vec![("scope", what.clone())])];
        }
        Err(SideError::Unauthorized { words, .. }) => {
            return vec![Finding::problem("check-bitrix24-unauthorized", vec![("words", words.clone())])];
        }
        Err(SideError::NotInstalled { words }) => {
            return vec![Finding::problem("check-bitrix24-not-installed", vec![("words", words.clone())])];
        }
        Err(SideError::Unpaid { words, .. }) => {
            return vec![Finding::problem("check-bitrix24-unpaid", vec![("words", words.clone())])];
        }
        Err(error) => {
            return vec![Finding::problem("check-bitrix24-unreachable", vec![("words", error.to_string())])];
        }
    };
    let counts = vec![("contacts", portal.contacts.to_string()), ("companies", portal.companies.to_string())];
    let mut findings = vec![Finding::good("check-bitrix24-connection", counts)];
    let user = vec![("user", portal.user.clone())];
    findings.push(if portal.admin {
        Finding::good("check-bitrix24-admin", user)
    } else {
        Finding::problem("check-bitrix24-not-admin", user)
    });
    findings.extend(check_scopes(portal));
    for kind in Kind::ALL {
        findings.push(check_field(portal, kind, id_field_name(kind, settings), true));
        findings.push(check_field(portal, kind, &settings.inn_field, false));
    }
    findings.extend(check_attributes(portal, settings));
    findings.extend(portal.configured.findings());
    findings.push(check_presets(portal));
    findings.push(check_limits(settings));
    if matches!(settings.access, Access::App(_)) {
        findings.push(check_queue(portal));
    }
    findings
}

fn check_scopes(portal: &Portal) -> Vec<Finding> {
    let has = |names: &[&str]| names.iter().any(|name| portal.scopes.contains(*name));
    let detail = |scope: &str| vec![("scope", scope.to_owned())];
    let mut findings = vec![if has(&["crm"]) {
        Finding::good("check-bitrix24-scope-granted", detail("crm"))
    } else {
        Finding::problem("check-bitrix24-scope", detail("crm"))
    }];
    findings.push(if has(&["user", "user_basic"]) {
        Finding::good("check-bitrix24-scope-granted", detail("user"))
    } else {
        // Managers are matched by mailbox, which this scope shows.
        Finding::warning("check-bitrix24-scope-user", detail("user"))
    });
    findings
}

fn check_field(portal: &Portal, kind: Kind, name: &str, required: bool) -> Finding {
    let details = vec![("field", name.to_owned()), ("entity", kind.word().to_owned())];
    if portal.has_text_field(kind, name) {
        return Finding::good("check-bitrix24-field", details);
    }
    match portal.fields(kind).get(name) {
        Some(_) if required => Finding::problem("check-bitrix24-field-type", details),
        Some(_) => Finding::warning("check-bitrix24-field-type", details),
        None if required => Finding::problem("check-bitrix24-field-missing", details),
        None => Finding::warning("check-bitrix24-field-absent", details),
    }
}

/// A condition about a field that no record has would say nothing, and everything would be created.
fn check_attributes(portal: &Portal, settings: &Settings) -> Vec<Finding> {
    let has =
        |kind: &Kind, name: &str| portal.all_fields.get(kind).is_some_and(|fields| fields.contains(name));
    let missing =
        settings.attributes.iter().filter(|(name, kinds)| !kinds.iter().any(|kind| has(kind, name)));
    missing
        .map(|(name, _)| Finding::problem("check-bitrix24-attribute-missing", vec![("field", name.clone())]))
        .collect()
}

fn check_presets(portal: &Portal) -> Finding {
    match (&portal.presets.company, &portal.presets.entrepreneur) {
        (Some(company), Some(entrepreneur)) => Finding::good(
            "check-bitrix24-presets",
            vec![("company", company.clone()), ("entrepreneur", entrepreneur.clone())],
        ),
        (Some(_), None) => Finding::warning("check-bitrix24-preset-entrepreneur", Vec::new()),
        (None, _) => Finding::problem("check-bitrix24-presets-missing", Vec::new()),
    }
}

/// Without a queue that is confirmed, what nobody said is found by asking alone.
fn check_queue(portal: &Portal) -> Finding {
    match (portal.keeps_queues, portal.knows_connectors) {
        (true, true) => Finding::good("check-bitrix24-queue", Vec::new()),
        (true, false) => Finding::good("check-bitrix24-queue-with-echo", Vec::new()),
        (false, _) => Finding::warning("check-bitrix24-queue-missing", Vec::new()),
    }
}

fn check_limits(settings: &Settings) -> Finding {
    let limits = settings.limits;
    Finding::good(
        "check-bitrix24-limits",
        vec![
            ("per_second", limits.per_second.to_string()),
            ("burst", limits.burst.to_string()),
            ("execution_seconds", limits.execution_seconds.to_string()),
            ("window_seconds", limits.window_seconds.to_string()),
        ],
    )
}

/// Creates the user fields that are missing, one after another.
pub(crate) async fn setup(portal: &Portal, sender: &Sender, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for kind in Kind::ALL {
        for (name, label) in
            [(id_field_name(kind, settings), "Идентификатор 1С"), (settings.inn_field.as_str(), "ИНН")]
        {
            let details = vec![("field", name.to_owned()), ("entity", kind.word().to_owned())];
            findings.push(match portal.fields(kind).get(name) {
                Some(_) if portal.has_text_field(kind, name) => {
                    Finding::good("setup-bitrix24-field-present", details)
                }
                Some(_) => Finding::problem("setup-bitrix24-field-type", details),
                None => create_field(kind, name, "string", label, sender, details).await,
            });
        }
    }
    for (place, label, fault) in portal.configured.flags(settings) {
        let name = place.at.join(", ");
        let details = vec![("field", name.clone()), ("entity", place.kind.word().to_owned())];
        findings.push(match fault {
            None => Finding::good("setup-bitrix24-field-present", details),
            Some(Fault::Missing(_)) => {
                create_field(place.kind, &name, "boolean", label, sender, details).await
            }
            Some(fault) => finding(place, fault),
        });
    }
    findings
}

/// A new field alters a table and may take longer than a request: only the list afterwards tells.
async fn create_field(
    kind: Kind,
    name: &str,
    user_type: &str,
    label: &str,
    sender: &Sender,
    mut details: Vec<(&'static str, String)>,
) -> Finding {
    let (add, list) = match kind {
        Kind::Contact => ("crm.contact.userfield.add", "crm.contact.userfield.list"),
        Kind::Company => ("crm.company.userfield.add", "crm.company.userfield.list"),
    };
    let fields = json!({
        "FIELD_NAME": name, "USER_TYPE_ID": user_type, "MULTIPLE": "N", "MANDATORY": "N", "SHOW_FILTER": "Y",
        "LABEL": label, "XML_ID": name
    });
    let added = sender.run(&[Command::new(add, json!({ "fields": fields }))], Patience::Endless).await;
    let listed = sender.read_values(&[Command::new(list, json!({"order": {"SORT": "ASC"}}))]).await;
    if listed.is_ok_and(|lists| lists.first().is_some_and(|list| user_fields(list).contains_key(name))) {
        return Finding::good("setup-bitrix24-field-created", details);
    }
    let words = match added.into_iter().next() {
        Some(Reply::Refused(error)) => error.words(),
        Some(Reply::NotDone(error) | Reply::Unknown(error)) => error.to_string(),
        Some(Reply::Answer(_)) | None => String::new(),
    };
    details.push(("words", words));
    Finding::problem("setup-bitrix24-field-failed", details)
}

#[cfg(test)]
mod tests {
    use obmen_domain::record::Side;
    use obmen_engine::doctor::Severity;

    use super::*;
    use crate::record::tests::{portal, settings};

    #[test]
    fn a_portal_as_it_should_be_has_only_good_findings() {
        let scopes = ["crm".to_owned(), "user".to_owned()].into();
        let portal = Portal { admin: true, scopes, ..portal() };
        let findings = check(&Ok(portal), &settings());
        assert!(findings.iter().all(|finding| finding.severity == Severity::Good), "{findings:?}");
    }

    #[test]
    fn hidden_records_and_missing_fields_are_problems() {
        let bare = Portal { scopes: ["crm".to_owned()].into(), ..Portal::default() };
        let findings = check(&Ok(bare), &settings());
        let of = |severity: Severity| -> Vec<&str> {
            findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .map(|finding| finding.code)
                .collect()
        };
        assert_eq!(
            of(Severity::Problem),
            [
                "check-bitrix24-not-admin",
                "check-bitrix24-field-missing",
                "check-bitrix24-field-missing",
                "check-bitrix24-presets-missing"
            ]
        );
        assert_eq!(
            of(Severity::Warning),
            ["check-bitrix24-scope-user", "check-bitrix24-field-absent", "check-bitrix24-field-absent"]
        );
    }

    #[test]
    fn a_refused_connection_is_one_finding() {
        let refused =
            SideError::Unauthorized { side: Side::Bitrix24, words: "Invalid credentials".to_owned() };
        let findings = check(&Err(refused), &settings());
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].code, "check-bitrix24-unauthorized");
    }
}
