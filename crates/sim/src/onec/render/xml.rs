//! Escaping for XML answers.

use std::fmt::Write as _;

/// Appends text, without the control characters that XML forbids.
pub(super) fn push_text(out: &mut String, text: &str) {
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(one),
            control if control < ' ' => {}
            other => out.push(other),
        }
    }
}

/// Appends `<name>text</name>`; `name` may carry attributes.
pub(super) fn push_element(out: &mut String, name: &str, text: &str) {
    let tag = name.split(' ').next().unwrap_or(name);
    write!(out, "<{name}>").expect("writing to a string cannot fail");
    push_text(out, text);
    write!(out, "</{tag}>").expect("writing to a string cannot fail");
}
