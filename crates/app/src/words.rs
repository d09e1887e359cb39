//! Every sentence people read, in Russian and English, from the locales of the console.
//!
//! A message is named by its id; its remedy is the attribute `remedy`. Not responsible for layout.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

const RU: &str = include_str!("../../../console/locales/ru.ftl");
const EN: &str = include_str!("../../../console/locales/en.ftl");

/// A language that obmen speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
pub(crate) enum Lang {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Lang {
    /// The language of the environment: the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set.
    pub(crate) fn of_environment() -> Self {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let set = names.iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty());
        if set.is_some_and(|value| value.to_ascii_lowercase().starts_with("ru")) {
            Self::Ru
        } else {
            Self::En
        }
    }

    /// The name of the language, as documents carry it.
    pub(crate) fn code(self) -> &'static str {
        self.source().0
    }

    fn source(self) -> (&'static str, &'static str) {
        match self {
            Self::Ru => ("ru", RU),
            Self::En => ("en", EN),
        }
    }
}

/// An argument of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Arg {
    /// A number, by which plural forms are chosen.
    Number(f64),
    /// A text, put in as it is.
    Text(String),
}

impl From<u64> for Arg {
    fn from(number: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "shown to people; counts stay far below 2^53")]
        Self::Number(number as f64)
    }
}

impl From<usize> for Arg {
    fn from(number: usize) -> Self {
        Self::from(number as u64)
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The sentences of one language.
pub(crate) struct Words {
    lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Reads the locale that is built in.
    pub(crate) fn new(lang: Lang) -> Self {
        let (name, source) = lang.source();
        let language: LanguageIdentifier = name.parse().expect("the names of both languages are well formed");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match lang {
            Lang::Ru => format_russian,
            Lang::En => format_english,
        }));
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        Self { lang, bundle }
    }

    /// The language.
    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }

    /// A number as people write it.
    pub(crate) fn number(&self, number: usize) -> String {
        grouped(&number.to_string(), self.lang)
    }

    /// A message without arguments.
    pub(crate) fn say(&self, id: &str) -> String {
        self.say_with(id, &[])
    }

    /// A message with arguments. An id that is not in the locale is shown as it is.
    pub(crate) fn say_with(&self, id: &str, args: &[(&str, Arg)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        self.bundle.format_pattern(pattern, Some(&fluent_args(args)), &mut Vec::new()).into_owned()
    }

    /// What to do about it, where the message has a remedy.
    pub(crate) fn remedy(&self, id: &str, args: &[(&str, Arg)]) -> Option<String> {
        let message = self.bundle.get_message(id)?;
        let remedy = message.get_attribute("remedy")?.value();
        Some(self.bundle.format_pattern(remedy, Some(&fluent_args(args)), &mut Vec::new()).into_owned())
    }
}

fn format_russian<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    format_number(value, Lang::Ru)
}

fn format_english<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    format_number(value, Lang::En)
}

/// Numbers in groups of three digits; everything else as it is.
fn format_number(value: &FluentValue<'_>, lang: Lang) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    Some(grouped(&number.as_string(), lang))
}

/// Digits in groups of three, where there are more than four.
fn grouped(digits: &str, lang: Lang) -> String {
    if digits.len() <= 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.to_owned();
    }
    let separator = match lang {
        Lang::Ru => '\u{a0}',
        Lang::En => ',',
    };
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

fn fluent_args<'a>(args: &'a [(&str, Arg)]) -> FluentArgs<'a> {
    args.iter()
        .map(|(name, arg)| {
            let value = match arg {
                Arg::Number(number) => FluentValue::from(*number),
                Arg::Text(text) => FluentValue::from(text.as_str()),
            };
            ((*name).to_owned(), value)
        })
        .collect()
}

/// Details of a finding or a complaint as arguments.
pub(crate) fn args_of(details: &[(&'static str, String)]) -> Vec<(&'static str, Arg)> {
    details.iter().map(|(name, text)| (*name, Arg::Text(text.clone()))).collect()
}

#[cfg(test)]
mod tests;
