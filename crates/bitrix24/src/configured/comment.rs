//! Comments of cards: the portal keeps them with marks of its own, and changes what it is sent.
//!
//! Invariant: a plain text stays as it is.

/// Marks in square brackets that the portal's editor knows.
const MARKS: [&str; 18] = [
    "b", "i", "u", "s", "p", "br", "url", "img", "list", "*", "color", "size", "font", "quote", "code",
    "left", "right", "center",
];
const ENTITIES: [(&str, &str); 6] =
    [("&nbsp;", " "), ("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];

/// A comment as plain text.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '<']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let Some((tag, end)) = tag(from) else {
            out.push_str(&from[..1]);
            rest = &from[1..];
            continue;
        };
        if breaks_line(&tag) {
            out.push('\n');
        }
        rest = &from[end..];
    }
    out.push_str(rest);
    for (entity, letter) in ENTITIES {
        out = out.replace(entity, letter);
    }
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

/// The tag at the beginning of a text, in small letters, and where it ends.
fn tag(text: &str) -> Option<(String, usize)> {
    let is_html = text.starts_with('<');
    let end = text.find(if is_html { '>' } else { ']' })?;
    let tag = text[1..end].to_lowercase();
    let name = tag.trim_matches('/').split([' ', '=', '/']).next().unwrap_or_default();
    let is_tag =
        if is_html { name.starts_with(|c: char| c.is_ascii_alphabetic()) } else { MARKS.contains(&name) };
    is_tag.then(|| (tag, end + 1))
}

fn breaks_line(tag: &str) -> bool {
    matches!(tag.trim_end_matches(['/', ' ']), "br" | "*") || matches!(tag, "/p" | "/div" | "/li")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_the_editor_are_no_part_of_a_comment() {
        let cases = [
            ("звонить после 12", "звонить после 12"),
            ("[b]важно[/b]: [url=https://x.example]сайт[/url]", "важно: сайт"),
            ("<p>раз</p><p>два &amp; три</p>", "раз\nдва & три"),
            ("раз<br/>два\r\nтри  ", "раз\nдва\nтри"),
            ("2 <3, [ок], список [1]", "2 <3, [ок], список [1]"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), expected, "{text}");
            assert_eq!(plain(expected), expected, "{text}: once more");
        }
    }
}
