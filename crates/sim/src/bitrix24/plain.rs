//! Lists of small dictionaries: filters by text, selection and paging over ready-made rows.
//!
//! For users, statuses, presets and user fields. Keys no row has are ignored.

use super::list::{PAGE, Start};
use super::methods::Answer;
use super::php::Php;
use super::table::fold;

/// Keeps the rows that match a flat filter with the usual prefixes.
pub(crate) fn matching(rows: Vec<Php>, filter: &Php) -> Vec<Php> {
    rows.into_iter().filter(|row| matches(row, filter)).collect()
}

/// Whether a row matches a flat filter with the usual prefixes.
pub(crate) fn matches(row: &Php, filter: &Php) -> bool {
    filter.entries().iter().all(|(key, wanted)| holds(row, key, wanted))
}

/// Leaves only the selected keys; an empty selection or `*` leaves all.
pub(crate) fn selected(row: Php, select: Option<&Php>) -> Php {
    let names: Vec<_> = select
        .into_iter()
        .flat_map(|select| select.entries())
        .filter_map(|(_, name)| name.as_text())
        .collect();
    if names.is_empty() || names.iter().any(|name| name == "*") {
        return row;
    }
    let kept = row.entries().iter().filter(|(key, _)| names.iter().any(|name| name == key)).cloned();
    Php::Map(kept.collect())
}

/// Cuts a page out.
pub(crate) fn page(rows: Vec<Php>, start: Start) -> Answer {
    let total = rows.len();
    let at = match start {
        Start::NoCount => 0,
        Start::At(at) => at,
    };
    let list = Php::list(rows.into_iter().skip(at).take(PAGE));
    match start {
        Start::NoCount => Answer::of_list(list, 0, None),
        Start::At(_) => Answer::of_list(list, total as i64, (at + PAGE < total).then(|| (at + PAGE) as i64)),
    }
}

fn holds(row: &Php, key: &str, wanted: &Php) -> bool {
    let name = key.trim_start_matches(['!', '=', '@', '%', '>', '<']);
    let prefix = &key[..key.len() - name.len()];
    let Some(value) = row.get(name) else {
        return true;
    };
    let wanted: Vec<String> = match wanted {
        Php::Map(entries) => entries.iter().map(|(_, value)| plain_text(value)).collect(),
        scalar => vec![plain_text(scalar)],
    };
    // A list holds what one of its elements holds.
    if let Php::Map(elements) = value {
        let has = elements.iter().any(|(_, element)| wanted.contains(&plain_text(element)));
        return has != prefix.starts_with('!');
    }
    let value = plain_text(value);
    let number = super::filter::number;
    match prefix {
        "!" | "!=" | "!@" => !wanted.contains(&value),
        "%" | "%=" | "=%" => wanted.iter().any(|text| value.contains(text.trim_matches('%'))),
        ">" => wanted.iter().any(|text| number(&value) > number(text)),
        ">=" => wanted.iter().any(|text| number(&value) >= number(text)),
        "<" => wanted.iter().any(|text| number(&value) < number(text)),
        "<=" => wanted.iter().any(|text| number(&value) <= number(text)),
        _ => wanted.contains(&value),
    }
}

/// Texts are folded; all spellings of yes and no become one.
fn plain_text(value: &Php) -> String {
    let text = fold(&value.as_text().unwrap_or_default());
    match (value, text.as_str()) {
        (Php::Bool(true), _) | (_, "y" | "true") => "1".to_owned(),
        (Php::Bool(false), _) | (_, "n" | "false") => "0".to_owned(),
        _ => text,
    }
}
