//! The functions of `$filter`: texts, dates, rounding.
//!
//! Positions in a text count from one and days of the week from Monday, as in the query language of 1C. A function
//! of something that is not there has no value. Not responsible for the number of arguments (see `parse`).

use std::borrow::Cow;

use jiff::Span;
use jiff::civil::{Date, DateTime};

use super::compare::{contains, ends_with, is_like, starts_with};
use super::eval::Scalar;
use super::{DatePart, DateUnit, Function};

/// The value of a function for these arguments.
pub(super) fn call<'a>(function: Function, arguments: &[Scalar<'a>]) -> Scalar<'a> {
    found(function, arguments).unwrap_or(Scalar::Null)
}

fn found<'a>(function: Function, arguments: &[Scalar<'a>]) -> Option<Scalar<'a>> {
    let text = |at: usize| match arguments.get(at) {
        Some(Scalar::Text(text)) => Some(&**text),
        _ => None,
    };
    let number = |at: usize| match arguments.get(at) {
        Some(Scalar::Number(number)) => Some(*number),
        _ => None,
    };
    let date = |at: usize| match arguments.get(at) {
        Some(Scalar::Date(date)) => date.parse::<DateTime>().ok(),
        _ => None,
    };
    Some(match function {
        Function::SubstringOf => Scalar::Boolean(contains(text(1)?, text(0)?)),
        Function::StartsWith => Scalar::Boolean(starts_with(text(0)?, text(1)?)),
        Function::EndsWith => Scalar::Boolean(ends_with(text(0)?, text(1)?)),
        Function::Like => Scalar::Boolean(is_like(text(0)?, text(1)?)),
        Function::Concat => Scalar::Text(Cow::Owned(format!("{}{}", text(0)?, text(1)?))),
        Function::Substring => {
            let length = if arguments.len() > 2 { number(2)? } else { f64::MAX };
            Scalar::Text(Cow::Owned(substring(text(0)?, number(1)?, length)))
        }
        Function::Round => Scalar::Number(number(0)?.round()),
        Function::DatePart(part) => Scalar::Number(f64::from(part_of(part, date(0)?))),
        Function::DateAdd(unit) => {
            let moved = date(0)?.checked_add(span(unit, number(1)? as i64)?).ok()?;
            Scalar::Date(Cow::Owned(moved.strftime("%Y-%m-%dT%H:%M:%S").to_string()))
        }
        Function::DateDifference(unit) => Scalar::Number(difference(unit, date(0)?, date(1)?) as f64),
    })
}

fn substring(text: &str, start: f64, length: f64) -> String {
    let skipped = (start - 1.0).max(0.0) as usize;
    text.chars().skip(skipped).take(length.max(0.0) as usize).collect()
}

fn part_of(part: DatePart, date: DateTime) -> i32 {
    match part {
        DatePart::Day => date.day().into(),
        DatePart::DayOfWeek => date.weekday().to_monday_one_offset().into(),
        DatePart::DayOfYear => date.day_of_year().into(),
        DatePart::Hour => date.hour().into(),
        DatePart::Minute => date.minute().into(),
        DatePart::Month => date.month().into(),
        DatePart::Quarter => i32::from((date.month() - 1) / 3 + 1),
        DatePart::Second => date.second().into(),
        DatePart::Year => date.year().into(),
    }
}

fn span(unit: DateUnit, count: i64) -> Option<Span> {
    let span = Span::new();
    let span = match unit {
        DateUnit::Second => span.try_seconds(count),
        DateUnit::Minute => span.try_minutes(count),
        DateUnit::Hour => span.try_hours(count),
        DateUnit::Day => span.try_days(count),
        DateUnit::Month => span.try_months(count),
        DateUnit::Quarter => span.try_months(count.saturating_mul(3)),
        DateUnit::Year => span.try_years(count),
    };
    span.ok()
}

/// How many borders of the unit lie between the dates: from 23:59 to 00:01 it is a day.
fn difference(unit: DateUnit, from: DateTime, to: DateTime) -> i64 {
    let count = |date: DateTime| match unit {
        DateUnit::Second => seconds(date),
        DateUnit::Minute => seconds(date).div_euclid(60),
        DateUnit::Hour => seconds(date).div_euclid(3600),
        DateUnit::Day => seconds(date).div_euclid(86_400),
        DateUnit::Month => months(date),
        DateUnit::Quarter => months(date).div_euclid(3),
        DateUnit::Year => date.year().into(),
    };
    count(to) - count(from)
}

fn months(date: DateTime) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

fn seconds(date: DateTime) -> i64 {
    let epoch = Date::constant(1, 1, 1).at(0, 0, 0, 0);
    date.duration_since(epoch).as_secs()
}
