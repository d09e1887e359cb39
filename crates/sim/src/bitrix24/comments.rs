//! Comments of contacts and companies: the portal keeps BB code, whatever markup was written.
//!
//! Plain text and BB code come back as they were sent; of HTML the marks that BB code has become such, line ends
//! become line breaks, scripts and styles go with all they hold, and other tags go alone. Which tags a real portal
//! keeps is not documented. Not responsible for texts of other fields.

use super::php::Php;

/// A written comment as it is kept.
pub(crate) fn sanitized(value: &Php) -> Php {
    match value {
        Php::Text(text) if text.contains('<') => Php::Text(to_bb_code(text)),
        other => other.clone(),
    }
}

fn to_bb_code(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((tag, behind)) = after.split_once('>').filter(|(tag, _)| is_tag(tag)) else {
            out.push('<');
            rest = after;
            continue;
        };
        rest = behind;
        let name = tag_name(tag);
        let slash = if tag.starts_with('/') { "/" } else { "" };
        match name.as_str() {
            "b" | "strong" => out.push_str(&format!("[{slash}B]")),
            "i" | "em" => out.push_str(&format!("[{slash}I]")),
            "u" => out.push_str(&format!("[{slash}U]")),
            "s" | "del" => out.push_str(&format!("[{slash}S]")),
            "br" => out.push('\n'),
            "p" | "div" if !slash.is_empty() => out.push('\n'),
            "script" | "style" if slash.is_empty() => {
                let end = rest.to_ascii_lowercase().find(&format!("</{name}"));
                rest = end.map_or("", |at| &rest[at..]);
            }
            _ => {}
        }
    }
    out.push_str(rest);
    out
}

/// `/b`, `a href=…` or `br/`; not the `3` of `2 <3`.
fn is_tag(tag: &str) -> bool {
    tag.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic())
}

fn tag_name(tag: &str) -> String {
    let name = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric);
    name.collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_bb_code_and_plain_text_stays() {
        let table = [
            ("Звонить после 18", "Звонить после 18"),
            ("[B]важно[/B]\n", "[B]важно[/B]\n"),
            ("<b>важно</b><br/>и <EM>срочно</EM>", "[B]важно[/B]\nи [I]срочно[/I]"),
            ("<p class=\"a\">один</p><p>два</p>", "один\nдва\n"),
            ("<a href=\"http://example.ru\">сайт</a>", "сайт"),
            ("до<script>alert(1)</script>после", "допосле"),
            ("5 < 7 и 7 > 5", "5 < 7 и 7 > 5"),
            ("<style>без конца", ""),
        ];
        for (html, expected) in table {
            assert_eq!(to_bb_code(html), expected, "{html}");
        }
    }
}
