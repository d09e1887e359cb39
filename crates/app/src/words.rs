//! Every sentence people read, in Russian and English, from the locales of the console.
//!
//! A message is named by its id; its remedy is the attribute `remedy`. Not responsible for layout.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

const RU: &str = include_str!("../../../console/locales/ru.ftl");
const EN: &str = include_str!("../../../console/locales/en.ftl");

/// A language that obmen speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
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
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Reads the locale that is built in.
    pub(crate) fn new(lang: Lang) -> Self {
        let (name, source) = lang.source();
        let language: LanguageIdentifier = name.parse().expect("the names of both languages are well formed");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        Self { bundle }
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
