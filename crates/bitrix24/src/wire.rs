//! Loose reading of what a PHP server answers, and the encoding of commands inside a batch.
//!
//! An empty map is a list, a number is a text, nothing is `false` or `null`. Not responsible for what the values
//! mean. Invariant: reading never fails; what is not there is empty.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Everything but the characters that never need encoding.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A value as text; `null` and booleans that mean "nothing" are empty.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => "Y".to_owned(),
        Value::Null | Value::Bool(false) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A member of a map as text.
pub(crate) fn member(row: &Value, name: &str) -> String {
    row.get(name).map(text).unwrap_or_default()
}

/// A member of a map with the spaces that somebody typed around it, so that undo can give it back as it was; spaces alone
/// are none.
pub(crate) fn typed_member(row: &Value, name: &str) -> String {
    let typed = row.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    typed.map_or_else(|| member(row, name), str::to_owned)
}

/// A member of a map that is an id: empty and `0` are none.
pub(crate) fn id_member(row: &Value, name: &str) -> Option<String> {
    Some(member(row, name)).filter(|id| !id.is_empty() && id != "0")
}

/// A value as a number.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A list, whichever way PHP wrote it: a JSON list, or a map whose keys do not matter.
pub(crate) fn rows(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(rows) => rows.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    }
}

/// [`rows`] that are taken out of the value.
pub(crate) fn into_rows(value: Value) -> Vec<Value> {
    match value {
        Value::Array(rows) => rows,
        Value::Object(map) => map.into_iter().map(|(_, row)| row).collect(),
        _ => Vec::new(),
    }
}

/// A flag: `true`, `"Y"`, `"1"`.
pub(crate) fn flag(value: &Value) -> bool {
    matches!(text(value).as_str(), "Y" | "y" | "1" | "true")
}

/// Parameters as a query in PHP brackets, everything encoded.
pub(crate) fn encode_query(params: &Value) -> String {
    let mut query = String::new();
    if let Value::Object(map) = params {
        for (name, value) in map {
            encode_into(&mut query, &utf8_percent_encode(name, ENCODED).to_string(), value);
        }
    }
    query
}

fn encode_into(query: &mut String, name: &str, value: &Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let name = format!("{name}%5B{}%5D", utf8_percent_encode(key, ENCODED));
                encode_into(query, &name, value);
            }
        }
        Value::Array(list) => {
            for (position, value) in list.iter().enumerate() {
                encode_into(query, &format!("{name}%5B{position}%5D"), value);
            }
        }
        Value::Null => {}
        scalar => {
            let text = match scalar {
                Value::String(text) => text.clone(),
                other => text(other),
            };
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(name);
            query.push('=');
            query.extend(utf8_percent_encode(&text, ENCODED));
        }
    }
}

/// Whether a batch would change or lose these parameters: the server replaces `$result[…]` in every text, customers'
/// words included, and a query has no empty lists.
pub(crate) fn hurt_by_batch(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            ["$result[", "$next[", "$total[", "$time[", "$error["].iter().any(|mark| text.contains(mark))
        }
        Value::Array(list) => list.is_empty() || list.iter().any(hurt_by_batch),
        Value::Object(map) => map.values().any(hurt_by_batch),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn commands_are_encoded_as_php_reads_them() {
        let table = [
            (json!({"id": 17}), "id=17"),
            (json!({"filter": {">ID": "0"}, "start": -1}), "filter%5B%3EID%5D=0&start=-1"),
            (json!({"values": ["+7 900", "a&b#c%"]}), "values%5B0%5D=%2B7%20900&values%5B1%5D=a%26b%23c%25"),
            (
                json!({"fields": {"PHONE": [{"VALUE": "1", "VALUE_TYPE": "WORK"}]}}),
                "fields%5BPHONE%5D%5B0%5D%5BVALUE%5D=1&fields%5BPHONE%5D%5B0%5D%5BVALUE_TYPE%5D=WORK",
            ),
            (json!({"fields": {"POST": ""}}), "fields%5BPOST%5D="),
            (json!({"x": null}), ""),
        ];
        for (params, expected) in table {
            assert_eq!(encode_query(&params), expected, "{params}");
        }
    }

    #[test]
    fn texts_that_look_like_references_stay_out_of_batches() {
        assert!(hurt_by_batch(&json!({"fields": {"POST": "see $result[c0]"}})));
        assert!(hurt_by_batch(&json!({"items": []})));
        assert!(!hurt_by_batch(&json!({"fields": {"POST": "$results of sales [2]"}})));
    }

    #[test]
    fn php_values_are_read_loosely() {
        assert_eq!(text(&json!("43 ")), "43");
        assert_eq!(text(&json!(43)), "43");
        assert_eq!(text(&json!(false)), "");
        assert_eq!(rows(&json!([])).len(), 0);
        assert_eq!(rows(&json!(false)).len(), 0);
        assert_eq!(rows(&json!({"3": {"ID": 1}})).len(), 1);
        assert_eq!(id_member(&json!({"COMPANY_ID": "0"}), "COMPANY_ID"), None);
        assert_eq!(number(&json!("0.5")), Some(0.5));
    }
}
