//! Lists without their rows: what an infobase shows that lost the page it was asked for.
//!
//! Works on answers that were given already; everything that is no list stays as it is. Not responsible for when this
//! befalls a request.

use serde_json::Value;

use crate::http::Response;

/// The answer without the entities of a list.
pub(crate) fn without_rows(mut response: Response) -> Response {
    let kind = response.header("Content-Type").unwrap_or_default();
    let emptied = match kind {
        _ if response.status != 200 => None,
        kind if kind.starts_with("application/json") => json(&response.body),
        kind if kind.starts_with("application/atom+xml") => feed(&response.body),
        _ => None,
    };
    if let Some(body) = emptied {
        response.body = body;
    }
    response
}

fn json(body: &[u8]) -> Option<Vec<u8>> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let (mark, document) = body.strip_prefix(MARK).map_or((&[][..], body), |document| (MARK, document));
    let mut document: Value = serde_json::from_slice(document).ok()?;
    let rows = document.get_mut("value").filter(|value| value.is_array())?;
    *rows = Value::Array(Vec::new());
    Some([mark, &serde_json::to_vec(&document).ok()?].concat())
}

fn feed(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|text| text.contains("<feed "))?;
    let (head, rest) = text.split_once("<entry>")?;
    let (_, tail) = rest.rsplit_once("</entry>")?;
    Some(format!("{head}{tail}").into_bytes())
}
