//! Reads query strings and form bodies as PHP does: decode first, then split keys at brackets.
//!
//! Not responsible for where the string came from; batch commands and request bodies share it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::php::Php;

/// Parses `a[b][0]=x&c=y`; later keys overwrite earlier ones.
pub(crate) fn parse_str(query: &str) -> Php {
    let mut root = Php::empty();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        insert(&mut root, &decode(key), decode(value));
    }
    root
}

/// Decodes one component: `+` is a space, `%XX` a byte, and broken UTF-8 is replaced.
pub(crate) fn decode(component: &str) -> String {
    let spaced: Cow<'_, str> =
        if component.contains('+') { component.replace('+', " ").into() } else { component.into() };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// Parses a body of type `multipart/form-data`. Files are no parameters.
pub(crate) fn parse_multipart(boundary: &str, body: &[u8]) -> Php {
    let mut root = Php::empty();
    let body = String::from_utf8_lossy(body);
    for part in body.split(&format!("--{boundary}")).skip(1) {
        let part = part.strip_prefix("\r\n").unwrap_or(part);
        let Some((head, value)) = part.split_once("\r\n\r\n") else {
            continue;
        };
        let disposition = head.lines().find(|line| line.to_lowercase().starts_with("content-disposition:"));
        let attribute = |name: &str| {
            let (_, rest) = disposition?.split_once(&format!("; {name}=\""))?;
            rest.split('"').next()
        };
        if let (Some(name), None) = (attribute("name"), attribute("filename")) {
            insert(&mut root, name, value.strip_suffix("\r\n").unwrap_or(value).to_owned());
        }
    }
    root
}

fn insert(root: &mut Php, key: &str, value: String) {
    let key = key.trim_start_matches(' ');
    let (head, rest) = key.find('[').map_or((key, ""), |at| key.split_at(at));
    let head = head.replace([' ', '.'], "_");
    if head.is_empty() {
        return;
    }
    let mut path = vec![head];
    let mut rest = rest;
    while let Some(inner) = rest.strip_prefix('[') {
        let Some(end) = inner.find(']') else {
            if let ([head], tail) = (path.as_mut_slice(), inner) {
                // An unclosed bracket is part of the name, written as an underscore.
                head.push('_');
                head.push_str(tail);
            }
            break;
        };
        path.push(inner[..end].to_owned());
        rest = &inner[end + 1..];
    }
    put(root, &path, value);
}

fn put(node: &mut Php, path: &[String], value: String) {
    let Some((first, rest)) = path.split_first() else {
        *node = Php::Text(value);
        return;
    };
    let key = if first.is_empty() { next_index(node) } else { first.clone() };
    if node.get(&key).is_none() || !node.is_map() {
        node.set(key.clone(), Php::Null);
    }
    if let Php::Map(entries) = node
        && let Some((_, slot)) = entries.iter_mut().find(|(k, _)| *k == key)
    {
        put(slot, rest, value);
    }
}

fn next_index(node: &Php) -> String {
    let last = node.entries().iter().filter_map(|(key, _)| key.parse::<u64>().ok()).max();
    last.map_or(0, |last| last + 1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_before_they_are_split_at_brackets() {
        let table = [
            ("a=1&b=x+y", r#"{"a":"1","b":"x y"}"#),
            ("fields%5BNAME%5D=%D0%90&fields[LAST]=b", r#"{"fields":{"NAME":"А","LAST":"b"}}"#),
            ("v[]=1&v[]=2", r#"{"v":["1","2"]}"#),
            ("v%5B0%5D=1&v%5B1%5D=2", r#"{"v":["1","2"]}"#),
            ("filter%5B%3EID%5D=7&start=-1", r#"{"filter":{">ID":"7"},"start":"-1"}"#),
            ("p[0][VALUE]=%2B79&p[0][ID]=5", r#"{"p":[{"VALUE":"+79","ID":"5"}]}"#),
            ("a=1&a[b]=2", r#"{"a":{"b":"2"}}"#),
            ("x[=1&y.z=2&=3", r#"{"x_":"1","y_z":"2"}"#),
            ("flag", r#"{"flag":""}"#),
        ];
        for (query, expected) in table {
            assert_eq!(serde_json::to_string(&parse_str(query)).unwrap(), expected, "{query}");
        }
    }
}
