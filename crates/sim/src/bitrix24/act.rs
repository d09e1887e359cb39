//! What people do at the portal's own screen: editing, deleting, restoring, merging, importing.
//!
//! A person's change moves DATE_MODIFY and is told to all listeners, but costs nothing and meets no limit. Not
//! responsible for applications and outgoing webhooks, which the portal sets up itself.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::crm::{Author, Crm, Fail, Mode, ids};
use super::merge::{Conflicts, Merged, merge};
use super::php::Php;
use super::schema::Kind;
use super::settings::Settings;
use super::userfield::remove_userfield;

/// Does what a person would do: `{"do": "update", "entity": "contact", "id": "12", "fields": {…}}`, `create`, `delete`,
/// `restore`, `merge`, `import`, `call`. Multi-field rows follow the rules of a REST update. A `user` field names the person.
pub(crate) fn act(
    crm: &mut Crm,
    now: Timestamp,
    action: &Value,
    settings: &Settings,
) -> Result<Value, String> {
    let action = Php::deserialize(action).map_err(|error| error.to_string())?;
    let text = |key: &str| action.get(key).and_then(Php::as_text).unwrap_or_default().into_owned();
    let id = u64::try_from(action.get("id").map_or(0, Php::as_int)).unwrap_or(0);
    let (verb, entity) = (text("do"), text("entity"));
    if entity == "userfield" && verb == "delete" {
        return delete_userfield(crm, id);
    }
    let kind = Kind::from_word(&entity).ok_or_else(|| format!("unknown entity {entity:?}"))?;
    let author = Author {
        user: action.get("user").and_then(|user| u64::try_from(user.as_int()).ok()).unwrap_or(settings.user),
        seconds: now.as_second(),
        offset: settings.offset,
        mode: Mode::Hand,
    };
    let nothing = Php::empty();
    let fields = action.get("fields").unwrap_or(&nothing);
    let done = match verb.as_str() {
        "create" => crm.create(kind, fields, Vec::new(), author).inspect(|id| {
            crm.put_in_category(kind, *id, fields.get("CATEGORY_ID").map_or(0, Php::as_int));
        }),
        "update" => crm.update(kind, id, fields, Vec::new(), author, false).map(|()| id),
        "delete" => crm.delete(kind, id).map(|()| id),
        "restore" => crm.restore(kind, id),
        "call" => crm.note_activity((kind, id), author).then_some(id).ok_or(Fail::NotFound),
        "merge" => return merge_by_hand(crm, kind, action.get("ids").unwrap_or(&nothing), author),
        "import" => return Ok(import(crm, kind, action.get("records").unwrap_or(&nothing), author)),
        other => {
            return Err(format!(
                "unknown action {other:?}: expected create, update, delete, restore, call, merge or import"
            ));
        }
    };
    let id = done.map_err(|fail| match fail {
        Fail::NotFound => format!("there is no {entity} {id}"),
        fail => explained(&fail),
    })?;
    Ok(json!({ "id": id.to_string() }))
}

/// The first record survives; where values differ, the person keeps the survivor's.
fn merge_by_hand(crm: &mut Crm, kind: Kind, named: &Php, author: Author) -> Result<Value, String> {
    let named: Vec<u64> = ids(named).collect();
    match merge(crm, kind, &named, author, Conflicts::Decided) {
        Merged::Done(deleted) => {
            let deleted: Vec<String> = deleted.iter().map(u64::to_string).collect();
            Ok(json!({ "id": named[0].to_string(), "deleted": deleted }))
        }
        Merged::TooFew => Err("a merge needs two ids at least".to_owned()),
        Merged::Missing | Merged::Conflict => Err(format!("not all of {named:?} exist")),
    }
}

/// A file of rows, all within one second; what cannot be stored is left out and told.
fn import(crm: &mut Crm, kind: Kind, records: &Php, author: Author) -> Value {
    let (mut created, mut refused) = (Vec::new(), Vec::new());
    for (at, fields) in records.entries() {
        match crm.create(kind, fields, Vec::new(), author) {
            Ok(id) => created.push(id.to_string()),
            Err(fail) => refused.push(format!("row {at}: {}", explained(&fail))),
        }
    }
    json!({ "ids": created, "refused": refused })
}

fn explained(fail: &Fail) -> String {
    match fail {
        Fail::NotFound => "there is no such record".to_owned(),
        Fail::Required(names) => format!("{} must be filled", names.join(" or ")),
        Fail::BadEmail(value) => format!("{value:?} is no valid mailbox"),
        Fail::AddressExists => "the owner has an address of this type".to_owned(),
        Fail::BadDate => "the dates are out of order".to_owned(),
    }
}

fn delete_userfield(crm: &mut Crm, id: u64) -> Result<Value, String> {
    for kind in [Kind::Contact, Kind::Company, Kind::Requisite] {
        let name = crm.schema(kind).userfields.values().find(|field| field.id == id).map(|f| f.name.clone());
        if let Some(name) = name {
            remove_userfield(crm, kind, &name);
            return Ok(json!({ "id": id.to_string() }));
        }
    }
    Err(format!("there is no user field {id}"))
}
