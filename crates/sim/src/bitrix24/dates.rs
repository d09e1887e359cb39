//! Points in time on the wire: ISO 8601 with an offset out, several spellings in.
//!
//! Precision is one second. Not responsible for what an unreadable date means to a filter or a field.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// Reads ISO 8601 with or without an offset, a plain date, or the portal's `DD.MM.YYYY HH:MI:SS`.
pub(crate) fn parse_instant(text: &str, offset: Offset) -> Option<i64> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_second());
    }
    let local = text
        .parse::<DateTime>()
        .or_else(|_| DateTime::strptime("%d.%m.%Y %H:%M:%S", text))
        .or_else(|_| Date::strptime("%d.%m.%Y", text).map(|date| date.at(0, 0, 0, 0)))
        .ok()?;
    Some(offset.to_timestamp(local).ok()?.as_second())
}

/// `2026-09-21T10:00:00+03:00`.
pub(crate) fn format_instant(seconds: i64, offset: Offset) -> String {
    let local = offset.to_datetime(Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH));
    let sign = if offset.seconds() < 0 { '-' } else { '+' };
    let minutes = offset.seconds().abs() / 60;
    format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The calendar day of a date or a date with time, without any conversion of zones.
pub(crate) fn parse_day(text: &str) -> Option<String> {
    let text = text.trim();
    let day = text
        .get(..10)
        .and_then(|head| head.parse::<Date>().or_else(|_| Date::strptime("%d.%m.%Y", head)).ok())?;
    Some(day.to_string())
}

/// A day as classic methods show it: with the time that midnight UTC has in the portal's zone.
pub(crate) fn format_day(day: &str, offset: Offset) -> String {
    match day.parse::<Date>() {
        // That time is the same on every day.
        Ok(_) => format!("{day}{}", &format_instant(0, offset)[10..]),
        Err(_) => day.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_moment_are_read_alike_and_a_lost_plus_is_unreadable() {
        let offset = jiff::tz::offset(3);
        let expected = parse_instant("2026-09-21T07:00:00Z", offset);
        assert!(expected.is_some());
        for text in ["2026-09-21T10:00:00+03:00", "2026-09-21 10:00:00", "21.09.2026 10:00:00"] {
            assert_eq!(parse_instant(text, offset), expected, "{text}");
        }
        assert_eq!(parse_instant("2026-09-21T10:00:00 03:00", offset), None);
        assert_eq!(parse_instant("yesterday", offset), None);
        assert_eq!(format_instant(expected.unwrap(), offset), "2026-09-21T10:00:00+03:00");
        let western = Offset::from_seconds(-12_600).unwrap();
        assert_eq!(format_instant(expected.unwrap(), western), "2026-09-21T03:30:00-03:30");
    }

    #[test]
    fn a_birthday_keeps_its_day_and_gets_a_time_of_the_zone() {
        let offset = jiff::tz::offset(2);
        assert_eq!(parse_day("11.11.2001").as_deref(), Some("2001-11-11"));
        assert_eq!(parse_day("2001-11-11T02:00:00+02:00").as_deref(), Some("2001-11-11"));
        assert_eq!(format_day("2001-11-11", offset), "2001-11-11T02:00:00+02:00");
    }
}
