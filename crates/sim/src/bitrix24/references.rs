//! References of batch commands to earlier results: `$result[c0][ID]` and its kin.
//!
//! As on the portal, the pattern is applied to every parameter value and key, user text included, and a path
//! that does not exist gives what was reached so far.

use super::php::{Key, Php};

const ROOTS: &[&str] = &["result", "error", "total", "next", "time"];

/// Replaces references in all keys and values. `results` has the five roots.
pub(crate) fn substitute(params: &Php, results: &Php) -> Php {
    match params {
        Php::Map(entries) => Php::Map(
            entries
                .iter()
                .map(|(key, value)| {
                    let key = match resolve(key, results) {
                        Some(resolved) => Key::Owned(as_text(&resolved)),
                        None => key.clone(),
                    };
                    (key, substitute(value, results))
                })
                .collect(),
        ),
        Php::Text(text) => resolve(text, results).unwrap_or_else(|| params.clone()),
        scalar => scalar.clone(),
    }
}

/// The text with its references replaced; a text that is one reference becomes the value itself.
fn resolve(text: &str, results: &Php) -> Option<Php> {
    let mut output = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find('$') {
        let (before, candidate) = rest.split_at(at);
        output.push_str(before);
        match reference(candidate, results) {
            Some((value, length)) => {
                if output.is_empty() && !found && length == candidate.len() {
                    return Some(value);
                }
                found = true;
                output.push_str(&as_text(&value));
                rest = &candidate[length..];
            }
            None => {
                output.push('$');
                rest = &candidate[1..];
            }
        }
    }
    output.push_str(rest);
    found.then_some(Php::Text(output))
}

/// A reference at the beginning of the text: its value and its length.
fn reference(text: &str, results: &Php) -> Option<(Php, usize)> {
    let root =
        ROOTS.iter().find(|root| text[1..].starts_with(**root) && text[1 + root.len()..].starts_with('['))?;
    let mut length = 1 + root.len();
    let mut reached = results.get(root)?;
    let mut is_broken = false;
    while let Some(inner) = text[length..].strip_prefix('[') {
        let end = inner.find(']')?;
        match reached.get(&inner[..end]) {
            Some(deeper) if !is_broken => reached = deeper,
            _ => is_broken = true,
        }
        length += end + 2;
    }
    Some((reached.clone(), length))
}

fn as_text(value: &Php) -> String {
    value.as_text().map_or_else(|| "Array".to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_in_every_value_and_key() {
        let results: Php = serde_json::from_str(
            r#"{"result":{"co":17,"p":[{"ID":"4"},{"ID":"9"}]},"error":[],"total":{"p":2},"next":[],"time":[]}"#,
        )
        .unwrap();
        let table = [
            (r#"{"id":"$result[co]"}"#, r#"{"id":17}"#),
            (r#"{"a":{">ID":"$result[p][1][ID]"}}"#, r#"{"a":{">ID":"9"}}"#),
            (r#"{"t":"see $result[co] and $total[p]!"}"#, r#"{"t":"see 17 and 2!"}"#),
            (r#"{"$result[co]":"x"}"#, r#"{"17":"x"}"#),
            (r#"{"x":"$result[p][49][ID]"}"#, r#"{"x":[{"ID":"4"},{"ID":"9"}]}"#),
            (r#"{"x":"price $5, $result, $results[co]"}"#, r#"{"x":"price $5, $result, $results[co]"}"#),
        ];
        for (params, expected) in table {
            let params: Php = serde_json::from_str(params).unwrap();
            assert_eq!(serde_json::to_string(&substitute(&params, &results)).unwrap(), expected);
        }
    }
}
