//! The page at `/`: a person plays with the world by hand.
//!
//! Its files use the documented controls alone, and nothing but them is loaded. Not responsible for what may be done.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

const INDEX: &str = include_str!("page/index.html");
const SCRIPT: &str = "text/javascript; charset=utf-8";
const FILES: [(&str, &str, &str); 6] = [
    ("page.css", "text/css; charset=utf-8", include_str!("page/page.css")),
    ("page.js", SCRIPT, include_str!("page/page.js")),
    ("card.js", SCRIPT, include_str!("page/card.js")),
    ("watch.js", SCRIPT, include_str!("page/watch.js")),
    ("words.js", SCRIPT, include_str!("page/words.js")),
    ("controls.js", SCRIPT, include_str!("page/controls.js")),
];

/// Whether a browser asks, which wants to see a page.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    text(headers, &ACCEPT).contains("text/html")
}

/// The page in the language of its reader.
pub(super) fn index(headers: &HeaderMap) -> Response {
    let is_russian = text(headers, &ACCEPT_LANGUAGE).starts_with("ru");
    let page = if is_russian { INDEX.replacen("lang=\"en\"", "lang=\"ru\"", 1) } else { INDEX.to_owned() };
    let safety = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, safety)];
    (headers, page).into_response()
}

/// One of the files of the page.
pub(super) fn file(name: &str) -> Option<Response> {
    let (_, kind, content) = FILES.into_iter().find(|(known, ..)| *known == name)?;
    Some(([(CONTENT_TYPE, kind)], content).into_response())
}

fn text<'a>(headers: &'a HeaderMap, name: &axum::http::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
