//! Merging of linked records: three-way, field by field, by the rules of the pair.
//!
//! Left is Bitrix24, right is 1C, the base is the last state both agreed on. Both are compared after projecting to
//! what each side can hold, so that a value one side has no room for does not travel for ever. Everything here is a
//! total function of its arguments; a change that no rule can decide comes back as a conflict, never as a failure.

mod carried;
mod points;
mod single;

use std::collections::BTreeMap;

use crate::configured::{ConfiguredValues, FieldName, Misfit};
use crate::party::{Field, Party, UserId, Value};
use crate::plan::{ChangeReason, FieldChange};
use crate::record::{Kind, Record, RecordId, Side};
use crate::rules::{Capacity, FieldRule, Preference, Rules};
use carried::Carrier;

/// What merging needs to know beyond the two records.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The rules of the pair.
    pub rules: &'a Rules,
    /// What the Bitrix24 record can hold.
    pub left: &'a Capacity,
    /// What the 1C record can hold.
    pub right: &'a Capacity,
    /// Partners of linked companies, both ways.
    pub companies: &'a BTreeMap<RecordId, RecordId>,
}

/// What merging two records comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// What changes in Bitrix24, sorted by field.
    pub left: Vec<FieldChange>,
    /// What changes in 1C, sorted by field.
    pub right: Vec<FieldChange>,
    /// Fields that a person has to decide.
    pub conflicts: Vec<Field>,
    /// Those of them whose value has no place on the other side, with the reason.
    pub misfits: BTreeMap<Field, Misfit>,
    /// The state both sides agree on once the changes are made, in Bitrix24 terms.
    pub agreed: Party,
}

impl Merged {
    /// Whether both sides are equal already.
    pub fn is_settled(&self) -> bool {
        self.left.is_empty() && self.right.is_empty()
    }
}

/// Where a field goes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decision {
    /// The new value on the left and why, where it changes.
    left: Option<(Value, ChangeReason)>,
    /// The new value on the right and why, where it changes.
    right: Option<(Value, ChangeReason)>,
    /// The agreed value in left terms.
    agreed: Value,
    /// Whether a person has to decide.
    conflict: bool,
}

impl Decision {
    fn equal(agreed: Value) -> Self {
        Self { left: None, right: None, agreed, conflict: false }
    }
}

/// Merges two linked records. Ids are not merged here: see [`id_changes`].
pub fn merge(left: &Record, right: &Record, base: Option<&Party>, terms: Terms<'_>) -> Merged {
    let mut merged = Merged {
        left: Vec::new(),
        right: Vec::new(),
        conflicts: Vec::new(),
        misfits: BTreeMap::new(),
        agreed: left.party.clone(),
    };
    let kind = left.id.kind;
    for name in left.party.configured().names() {
        // What the other side does not say was not agreed on.
        if right.party.configured().get(name).is_none() || terms.rules.configured(kind, name).is_none() {
            merged.agreed.configured_mut().forget(name);
        }
    }
    for field in terms.rules.merged(kind) {
        let holds = |record: &Record, capacity: &Capacity| {
            capacity.holds(kind, field) && !record.lacks.contains(&field)
        };
        if !holds(left, terms.left) || !holds(right, terms.right) {
            continue;
        }
        let (Some(before_left), Some(before_right)) = (left.party.value(field), right.party.value(field))
        else {
            continue;
        };
        let base_value = base.and_then(|party| party.value(field));
        let times = (left.changed_at, right.changed_at);
        let decision = match field {
            Field::Configured(name) => {
                carried_over(name, [&before_left, &before_right], base_value.as_ref(), kind, terms, times)
            }
            field => decide(field, &before_left, &before_right, base_value.as_ref(), terms, times)
                .map(|decision| (decision, None)),
        };
        let Some((decision, misfit)) = decision else { continue };
        merged.misfits.extend(misfit.map(|misfit| (field, misfit)));
        if decision.conflict {
            merged.conflicts.push(field);
        }
        let change = |before: Value, (after, reason)| FieldChange { field, before, after, reason };
        merged.left.extend(decision.left.map(|to| change(before_left, to)));
        merged.right.extend(decision.right.map(|to| change(before_right, to)));
        merged.agreed.set(field, decision.agreed);
    }
    merged
}

/// Decides a configured field.
fn carried_over(
    name: FieldName,
    [left, right]: [&Value; 2],
    base: Option<&Value>,
    kind: Kind,
    terms: Terms<'_>,
    times: (Option<jiff::Timestamp>, Option<jiff::Timestamp>),
) -> Option<(Decision, Option<Misfit>)> {
    let carrier = Carrier::new(terms.rules.configured(kind, name)?, kind, terms.left, terms.right)?;
    let rule = terms.rules.field(Field::Configured(name));
    let base = base.map(ToString::to_string);
    let (left, right) = (left.to_string(), right.to_string());
    Some(carried::decide(carrier, &left, &right, base.as_deref(), rule, preference(rule, times)))
}

/// The mutual ids that are missing: Bitrix24 always keeps the reference, 1C keeps the id where it can.
pub fn id_changes(
    left: &Record,
    right: &Record,
    terms: Terms<'_>,
) -> (Option<FieldChange>, Option<FieldChange>) {
    let wanted = |here: &Record, there: &Record, able: bool| {
        let after = there.id.mutual();
        let able = able && !here.lacks.contains(&Field::MutualId);
        (able && here.mutual_id != after).then(|| FieldChange {
            field: Field::MutualId,
            before: Value::Text(here.mutual_id.clone()),
            after: Value::Text(after),
            reason: ChangeReason::KeepsId,
        })
    };
    (
        wanted(left, right, terms.left.mutual_id),
        wanted(right, left, terms.right.mutual_id && terms.rules.store_id_in_onec),
    )
}

/// The party of a new record on `side`, in that side's terms: what the catalog has no room for is left out, and so is a field
/// that goes the other way alone. A name, and the company it belongs to, no record is made without.
///
/// `held` is what the source's side can hold. Employers stay in the terms of the source; they are translated when the record is
/// written.
pub fn project(source: &Party, side: Side, held: &Capacity, capacity: &Capacity, rules: &Rules) -> Party {
    let mut party = source.clone();
    let managers = &rules.managers;
    let manager = source.manager().and_then(|user| managers.counterpart(side.other(), user)).cloned();
    let manager = match side {
        Side::Bitrix24 => manager.or_else(|| managers.fallback_bitrix24.clone()),
        Side::Onec => manager,
    };
    party.set(Field::Manager, Value::Manager(manager));
    for field in Field::merged(source.kind()) {
        let Some(value) = party.value(*field) else {
            continue;
        };
        let is_open =
            matches!(field, Field::Name | Field::Company) || rules.field(*field).direction.writes_to(side);
        let is_held = is_open && capacity.fields.contains(field);
        let value = if is_held { fit(*field, value, capacity) } else { empty(&value) };
        party.set(*field, value);
    }
    *party.configured_mut() = projected(source, side, held, capacity, rules);
    party
}

/// The configured fields of a new record; a value that has no place there is left out, and becomes a question as soon as both
/// records are linked.
fn projected(
    source: &Party,
    side: Side,
    held: &Capacity,
    capacity: &Capacity,
    rules: &Rules,
) -> ConfiguredValues {
    let kind = source.kind();
    let mut values = ConfiguredValues::default();
    let (left, right) = if side == Side::Onec { (held, capacity) } else { (capacity, held) };
    for field in rules.configured.iter().filter(|field| field.kind == kind) {
        let is_open = rules.field(Field::Configured(field.name)).direction.writes_to(side);
        let carrier = Carrier::new(field, kind, left, right).filter(|_| is_open);
        let value = source.configured().get(field.name);
        if let (Some(carrier), Some(value)) = (carrier, value) {
            values.set(field.name, carrier.carry(value, side).unwrap_or_default());
        }
    }
    values
}

fn decide(
    field: Field,
    left: &Value,
    right: &Value,
    base: Option<&Value>,
    terms: Terms<'_>,
    times: (Option<jiff::Timestamp>, Option<jiff::Timestamp>),
) -> Option<Decision> {
    let rule = terms.rules.field(field);
    Some(match (left, right) {
        (Value::Phones(left), Value::Phones(right)) => {
            let base = match base {
                Some(Value::Phones(points)) => Some(points.as_slice()),
                _ => None,
            };
            points::decide(left, right, base, terms.right.phones, rule.direction, Value::Phones)
        }
        (Value::Emails(left), Value::Emails(right)) => {
            let base = match base {
                Some(Value::Emails(points)) => Some(points.as_slice()),
                _ => None,
            };
            points::decide(left, right, base, terms.right.emails, rule.direction, Value::Emails)
        }
        (Value::Employers(left), Value::Employers(right)) => {
            let base = match base {
                Some(Value::Employers(employers)) => Some(employers.as_slice()),
                _ => None,
            };
            employers(left, right, base, rule, terms)
        }
        (Value::Manager(left), Value::Manager(right)) => {
            let base = match base {
                Some(Value::Manager(manager)) => Some(manager.as_ref()),
                _ => None,
            };
            return manager(left.as_ref(), right.as_ref(), base, rule, terms);
        }
        _ => single::decide(field, left, right, base, rule, preference(rule, times), terms),
    })
}

/// Who wins a conflict; `newest` becomes a side here, or a question where a side does not tell its time.
fn preference(rule: FieldRule, times: (Option<jiff::Timestamp>, Option<jiff::Timestamp>)) -> Option<Side> {
    match (rule.on_conflict, times) {
        (Preference::Bitrix24, _) => Some(Side::Bitrix24),
        (Preference::Onec, _) => Some(Side::Onec),
        (Preference::Newest, (Some(left), Some(right))) => {
            Some(if left >= right { Side::Bitrix24 } else { Side::Onec })
        }
        (Preference::Newest | Preference::Ask, _) => None,
    }
}

/// A contact keeps all its companies; those of the 1C record join them. Where the 1C record can hold many, it gets the
/// contact's as well; where it has one owner, which may stand for several counterparties, one company in common is
/// enough. A company that one side took away while the other kept it is a question. Where values go one way, only what
/// Bitrix24 took away is one: 1C keeps the companies of its people.
fn employers(
    left: &[RecordId],
    right: &[RecordId],
    base: Option<&[RecordId]>,
    rule: FieldRule,
    terms: Terms<'_>,
) -> Decision {
    let partner = |id: &RecordId| terms.companies.get(id);
    let holds_many = terms.right.companies > 1;
    let translated: Vec<&RecordId> = right.iter().filter_map(partner).collect();
    let is_common = translated.iter().any(|id| left.contains(id));
    let missing_here: Vec<&RecordId> = match (holds_many, is_common) {
        (true, _) => translated.into_iter().filter(|id| !left.contains(id)).collect(),
        (false, true) => Vec::new(),
        (false, false) => translated.into_iter().take(1).collect(),
    };
    let is_missing_there = |id: &&RecordId| partner(id).is_some_and(|there| !right.contains(there));
    let missing_there: Vec<&RecordId> =
        if holds_many { left.iter().filter(is_missing_there).collect() } else { Vec::new() };
    let was_agreed = |id: &&RecordId| base.is_some_and(|base| base.contains(*id));
    let leader = rule.direction.leader();
    let ended_here = leader != Some(Side::Onec) && missing_here.iter().any(was_agreed);
    let ended_there = leader.is_none() && missing_there.iter().any(was_agreed);
    if ended_here || ended_there {
        let agreed = Value::Employers(base.map_or_else(Vec::new, <[RecordId]>::to_vec));
        return Decision { left: None, right: None, agreed, conflict: true };
    }
    let mut agreed = left.to_vec();
    let mut decision = Decision::equal(Value::Employers(Vec::new()));
    let reason = if leader.is_some() { ChangeReason::Leads } else { ChangeReason::Unites };
    if leader == Some(Side::Onec) {
        agreed.retain(|id| !(missing_there.contains(&id) && was_agreed(&id)));
    }
    if rule.direction.writes_to(Side::Bitrix24) {
        agreed.extend(missing_here.into_iter().cloned());
        decision.left = (agreed != left).then(|| (Value::Employers(agreed.clone()), reason));
    }
    let mut held_there = right.to_vec();
    if !missing_there.is_empty() && rule.direction.writes_to(Side::Onec) {
        held_there.extend(missing_there.into_iter().filter_map(partner).cloned());
        decision.right = Some((Value::Employers(held_there.clone()), reason));
    }
    if holds_many {
        // What only one side can hold was never agreed on.
        agreed.retain(|id| partner(id).is_some_and(|there| held_there.contains(there)));
    }
    decision.agreed = Value::Employers(agreed);
    decision
}

/// Managers are compared through the table of users; one without a counterpart is left alone.
fn manager(
    left: Option<&UserId>,
    right: Option<&UserId>,
    base: Option<Option<&UserId>>,
    rule: FieldRule,
    terms: Terms<'_>,
) -> Option<Decision> {
    let managers = &terms.rules.managers;
    let left_there = match left {
        Some(user) => Some(managers.counterpart(Side::Bitrix24, user)?),
        None => None,
    };
    let right_here = match right {
        Some(user) => Some(managers.counterpart(Side::Onec, user)?),
        None => None,
    };
    let value = |user: Option<&UserId>| Value::Manager(user.cloned());
    if left == right_here {
        return Some(Decision::equal(value(left)));
    }
    let leader = rule.direction.leader();
    match leader {
        Some(Side::Bitrix24) if left.is_none() => return Some(Decision::equal(value(None))),
        Some(Side::Onec) if right.is_none() => return Some(Decision::equal(value(None))),
        _ => {}
    }
    let right_changed_alone = base.is_some_and(|base| base == left) && right.is_some();
    let to_left = match (leader, rule.owner) {
        (Some(leader), _) => leader == Side::Onec,
        _ if left.is_none() => true,
        _ if right.is_none() => false,
        (None, Some(Side::Bitrix24)) if right_changed_alone => true,
        (None, Some(owner)) => owner == Side::Onec,
        (None, None) => right_changed_alone,
    };
    Some(if to_left {
        let reason = match leader {
            Some(_) => ChangeReason::Leads,
            None if left.is_none() => ChangeReason::FillsEmpty,
            None => ChangeReason::ChangedThere,
        };
        Decision {
            left: Some((value(right_here), reason)),
            right: None,
            agreed: value(right_here),
            conflict: false,
        }
    } else {
        let reason = match leader {
            Some(_) => ChangeReason::Leads,
            None if right.is_none() => ChangeReason::FillsEmpty,
            None => ChangeReason::OwnedThere,
        };
        Decision {
            left: None,
            right: Some((value(left_there), reason)),
            agreed: value(left),
            conflict: false,
        }
    })
}

fn fit(field: Field, value: Value, capacity: &Capacity) -> Value {
    match value {
        Value::Text(text) => {
            let plain = single::plain(field, text);
            Value::Text(single::cut(plain.trim(), capacity.lengths.get(&field).copied()))
        }
        Value::Phones(phones) => Value::Phones(points::first(phones, capacity.phones)),
        Value::Emails(emails) => Value::Emails(points::first(emails, capacity.emails)),
        other => other,
    }
}

fn empty(value: &Value) -> Value {
    match value {
        Value::Text(_) => Value::Text(String::new()),
        Value::Name(_) => Value::Name(crate::forms::person_name::PersonName::default()),
        Value::Phones(_) => Value::Phones(Vec::new()),
        Value::Emails(_) => Value::Emails(Vec::new()),
        Value::Employers(_) => Value::Employers(Vec::new()),
        Value::Manager(_) => Value::Manager(None),
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
