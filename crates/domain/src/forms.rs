//! Normal forms: what makes two spellings of one phone, mailbox, name or tax number equal.
//!
//! Everything here is a pure function of its arguments. A normal form is a key or a yardstick, never a value to write back
//! (except where a function is called `write_*`): text that cannot be read gives no key and stays what it is in the record.
//! Weighing the keys is not done here, nor is deciding who owns them.
//!
//! Invariant: every newtype of this module holds a normal form, whether it was read from a field or deserialised;
//! reading a normal form again gives the same one.

pub mod address;
pub mod company_name;
pub mod email;
pub mod person_name;
pub mod phone;
pub mod placeholder;
pub mod slip;
pub mod tax;

pub(crate) mod words;

#[cfg(test)]
mod properties;

/// A stored text that claims to be a normal form and is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not the normal form of {what}")]
pub struct NotNormal {
    /// What the text was meant to be.
    pub what: &'static str,
    /// The text itself.
    pub text: String,
}

/// Gives a newtype over `String` its everyday traits; `$check` is the cheap test that guards deserialisation.
macro_rules! normal_form {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The normal form as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::forms::NotNormal;

            /// Accepts a text that is a normal form already; spellings are read by this module's functions.
            fn try_from(text: String) -> Result<Self, Self::Error> {
                if $check(&text) { Ok(Self(text)) } else { Err($crate::forms::NotNormal { what: $what, text }) }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
use normal_form;
