//! Files in user fields: kept by an id and a name, without their contents.
//!
//! Whoever reads a card with a file gets an object where other fields have a text. Not responsible for pictures of cards,
//! which this portal neither takes nor gives.

use compact_str::CompactString;

use super::php::Php;

/// The files of a field after a write: `{"fileData": [name, content]}` or `[name, content]` adds one, which takes the place
/// of the one before in a single field; `{"id": …, "remove": "Y"}` removes one.
pub(crate) fn edited(
    before: &[CompactString],
    value: &Php,
    multiple: bool,
    last_id: &mut u64,
) -> Vec<CompactString> {
    let one = [value];
    let many: Vec<&Php> = value.entries().iter().map(|(_, element)| element).collect();
    let elements = if multiple && name_of(value).is_none() { many.as_slice() } else { one.as_slice() };
    let mut kept = before.to_vec();
    for element in elements {
        if element.get("remove").is_some_and(Php::truthy) {
            let id = element.get("id").map_or(0, Php::as_int).to_string();
            kept.retain(|file| multiple && file.split('|').next() != Some(id.as_str()));
        } else if let Some(name) = name_of(element) {
            if !multiple {
                kept.clear();
            }
            *last_id += 1;
            kept.push(format!("{last_id}|{name}").into());
        }
    }
    kept
}

/// A kept file as every interface shows it.
pub(crate) fn wire(file: &str) -> Php {
    let id = super::php::leading_integer(file);
    let address = format!("/bitrix/components/bitrix/main.file/show.php?fileId={id}");
    Php::map([
        ("id", Php::Int(id)),
        ("showUrl", Php::text(&address)),
        ("downloadUrl", Php::Text(format!("{address}&download=1"))),
    ])
}

/// The name of a sent file; nothing, if no file is sent.
fn name_of(element: &Php) -> Option<String> {
    let data = element.get("fileData").unwrap_or(element);
    let name = data.get("0")?.as_text()?.into_owned();
    data.get("1")?.as_text()?;
    (!name.is_empty()).then_some(name)
}
