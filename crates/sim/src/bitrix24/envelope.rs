//! What every answer has around its result: the envelope, its `time`, and errors.
//!
//! Not responsible for results.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;

use super::dates::format_instant;
use super::limits::Reading;
use super::methods::Refusal;
use super::php::{Key, Php};
use crate::http::Response;

/// The `time` of an answer.
pub(crate) fn time_block(begun: Timestamp, took: Duration, reading: Option<Reading>, offset: Offset) -> Php {
    let finished = begun + took;
    let seconds = |at: Timestamp| Php::Float(at.as_microsecond() as f64 / 1e6);
    let mut time: Vec<(Key, Php)> = vec![
        ("start".into(), seconds(begun)),
        ("finish".into(), seconds(finished)),
        ("duration".into(), Php::Float(took.as_secs_f64())),
        ("processing".into(), Php::Float(took.as_secs_f64())),
        ("date_start".into(), Php::Text(format_instant(begun.as_second(), offset))),
        ("date_finish".into(), Php::Text(format_instant(finished.as_second(), offset))),
    ];
    if let Some(reading) = reading {
        // Rounded up, so that whoever waits until then has waited long enough.
        let reset_at = reading.reset_at.as_second() + i64::from(reading.reset_at.subsec_nanosecond() > 0);
        time.push(("operating_reset_at".into(), Php::Int(reset_at)));
        time.push(("operating".into(), Php::Float(reading.spent.as_secs_f64())));
    }
    Php::Map(time)
}

pub(crate) fn refuse(refusal: &Refusal, took: Duration) -> Response {
    json_response(refusal.status, &refusal.to_php(), took)
}

pub(crate) fn json_response(status: u16, body: &Php, took: Duration) -> Response {
    // Room for a page of records: growing step by step costs more than writing.
    let mut bytes = Vec::with_capacity(1 << 16);
    serde_json::to_writer(&mut bytes, body).expect("a PHP value has text keys and finite numbers only");
    json_bytes(status, bytes, took)
}

pub(crate) fn json_bytes(status: u16, body: Vec<u8>, took: Duration) -> Response {
    let headers = vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())];
    Response { status, headers, body, took }
}

pub(crate) fn html_response(status: u16, title: &str) -> Response {
    let body = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    let headers = vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())];
    Response { status, headers, body: body.into_bytes(), took: Duration::ZERO }
}
