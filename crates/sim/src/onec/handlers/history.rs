//! The histories of requisites: `ИсторияКПП`, `ИсторияНаименований`.
//!
//! Invariant: after a write a history is empty or has two rows and more, of different periods, the first without a
//! date and the last with the current value.

use crate::onec::error::Refusal;
use crate::onec::filter::EMPTY_DATE;
use crate::onec::objects::{Object, text};
use crate::onec::value::Value;

use super::put;

/// Brings both histories in accord with the object.
pub(super) fn settle(object: &mut Object) -> Result<(), Refusal> {
    for (section, column, what) in [
        ("ИсторияКПП", "КПП", "истории КПП"),
        ("ИсторияНаименований", "НаименованиеПолное", "истории полного наименования"),
    ] {
        let current = text(object, column).to_owned();
        let Some(Value::Array(rows)) = object.get_mut(section) else {
            continue;
        };
        if rows.len() < 2 {
            *rows = Box::default();
            continue;
        }
        rows.sort_by(|one, other| period(one).cmp(period(other)));
        let last = rows.len() - 1;
        for (at, row) in rows.iter_mut().filter_map(Value::as_object_mut).enumerate() {
            put(row, "LineNumber", (at + 1).to_string());
            if at == 0 {
                put(row, "Период", EMPTY_DATE.to_owned());
            }
            if at == last {
                put(row, column, current.clone());
            }
        }
        if rows.windows(2).any(|pair| period(&pair[0]) == period(&pair[1])) {
            return Err(Refusal::exception(&format!("В {what} есть записи с одинаковым периодом.")));
        }
    }
    Ok(())
}

fn period(row: &Value) -> &str {
    row.get("Период").and_then(Value::as_str).unwrap_or(EMPTY_DATE)
}
