//! Configured fields: what a value of one side is on the other, and who wins.
//!
//! Invariant: a value that the other side cannot hold, or that no row of the table names, is never written there: it is a
//! conflict.

use super::{Decision, single};
use crate::configured::{Cause, ConfiguredField, Misfit, Sort};
use crate::party::{Field, Value};
use crate::plan::ChangeReason;
use crate::record::{Kind, Side};
use crate::rules::{Capacity, FieldRule};

/// How values of one field are carried from side to side.
#[derive(Clone, Copy)]
pub(super) struct Carrier<'a> {
    field: &'a ConfiguredField,
    left: &'a Sort,
    right: &'a Sort,
    left_length: Option<usize>,
    right_length: Option<usize>,
}

impl<'a> Carrier<'a> {
    /// `None` where one of the sides does not hold the field.
    pub(super) fn new(
        field: &'a ConfiguredField,
        kind: Kind,
        left: &'a Capacity,
        right: &'a Capacity,
    ) -> Option<Self> {
        let length = |capacity: &Capacity| capacity.lengths.get(&Field::Configured(field.name)).copied();
        Some(Self {
            field,
            left: left.sorts.get(&(kind, field.name))?,
            right: right.sorts.get(&(kind, field.name))?,
            left_length: length(left),
            right_length: length(right),
        })
    }

    /// What a value becomes on this side.
    ///
    /// # Errors
    ///
    /// Why it has no place there.
    pub(super) fn carry(&self, value: &str, to: Side) -> Result<String, Misfit> {
        let misfit = |cause: Cause| Misfit { side: to, cause };
        let text = self.changed(value);
        if text.is_empty() {
            return Ok(text);
        }
        let text = match self.field.values.as_slice() {
            [] => text,
            _ => self.in_table(&text, to).ok_or(misfit(Cause::NotInTable))?,
        };
        let (sort, length) = self.of(to);
        match (sort.fit(&text), Cause::of(sort)) {
            (None, Some(cause)) => Err(misfit(cause)),
            (fitted, _) => Ok(single::cut(&fitted.unwrap_or(text), length).trim_end().to_owned()),
        }
    }

    /// A value of this side in its own spelling; one that is none of its sort as it stands.
    fn spelled(&self, value: &str, side: Side) -> String {
        let text = self.changed(value);
        self.of(side).0.fit(&text).unwrap_or(text)
    }

    fn changed(&self, value: &str) -> String {
        let text = value.trim();
        self.field.transform.map_or_else(|| text.to_owned(), |transform| transform.apply(text))
    }

    fn of(&self, side: Side) -> (&'a Sort, Option<usize>) {
        match side {
            Side::Bitrix24 => (self.left, self.left_length),
            Side::Onec => (self.right, self.right_length),
        }
    }

    fn in_table(&self, text: &str, to: Side) -> Option<String> {
        let from = to.other();
        let wanted = self.spelled(text, from).to_lowercase();
        let pair = self.field.values.iter().find(|pair| {
            let here = if from == Side::Onec { &pair.onec } else { &pair.bitrix24 };
            self.spelled(here, from).to_lowercase() == wanted
        })?;
        Some(if to == Side::Onec { pair.onec.clone() } else { pair.bitrix24.clone() })
    }

    fn are_same(&self, left: &str, right: &str) -> bool {
        let agree = |(carried, held): (&str, &str), side: Side| {
            let arrived = self.carry(carried, side);
            arrived.is_ok_and(|arrived| self.of(side).0.agrees(&arrived, &self.spelled(held, side)))
        };
        agree((left, right), Side::Onec) || agree((right, left), Side::Bitrix24)
    }
}

/// Decides one configured field, and says why the value that stands has no place on the other side where that is so. The base
/// is in the terms of Bitrix24, as all that was agreed on.
pub(super) fn decide(
    carrier: Carrier<'_>,
    left: &str,
    right: &str,
    base: Option<&str>,
    rule: FieldRule,
    prefers: Option<Side>,
) -> (Decision, Option<Misfit>) {
    let text = |text: &str| Value::Text(text.to_owned());
    let question = |misfit| {
        let agreed = text(base.unwrap_or_default());
        (Decision { left: None, right: None, agreed, conflict: true }, misfit)
    };
    if carrier.are_same(left, right) {
        return (Decision::equal(text(left)), None);
    }
    let here = carrier.carry(right, Side::Bitrix24);
    let shown = text(here.as_deref().unwrap_or(right));
    let same = |a: &Value, b: &Value| match (a, b) {
        (Value::Text(a), Value::Text(b)) => {
            let spelled = |text: &str| carrier.spelled(text, Side::Bitrix24);
            carrier.left.agrees(&spelled(a), &spelled(b))
                || carrier.carry(a, Side::Onec).is_ok_and(|there| carrier.carry(b, Side::Onec) == Ok(there))
        }
        _ => false,
    };
    let field = Field::Configured(carrier.field.name);
    let base_value = base.map(text);
    let winner = single::winner(field, &text(left), &shown, base_value.as_ref(), rule, prefers, &same);
    let Some((winner, reason)) = winner else { return question(None) };
    if let Some(leader) = rule.direction.leader().filter(|leader| *leader != winner) {
        // What the follower holds and the leader does not was never agreed on.
        return (Decision::equal(if leader == Side::Bitrix24 { text(left) } else { shown }), None);
    }
    let change = |after: String, reason: ChangeReason| Some((Value::Text(after), reason));
    let decision = match winner {
        Side::Bitrix24 => match carrier.carry(left, Side::Onec) {
            Err(misfit) => return question(Some(misfit)),
            Ok(after) => {
                Decision { left: None, right: change(after, reason), agreed: text(left), conflict: false }
            }
        },
        Side::Onec => match here {
            Err(misfit) => return question(Some(misfit)),
            Ok(after) => {
                Decision { agreed: text(&after), left: change(after, reason), right: None, conflict: false }
            }
        },
    };
    (decision, None)
}
