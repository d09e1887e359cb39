//! PUT: a body that says everything, with references as links.

use super::*;

/// What GET shows, with links in place of references.
fn bound(base: &mut Infobase, set: &str, key: &str) -> Value {
    let mut whole = body(&get(base, &entity(set, key)), 200);
    let object = whole.as_object_mut().unwrap();
    for name in ["ОсновноеКонтактноеЛицо", "ОсновнойБанковскийСчет"]
    {
        object.remove(&format!("{name}_Key"));
        object.insert(format!("{name}@odata.bind"), Value::Null);
    }
    for (name, target) in [
        ("Parent", COUNTERPARTIES),
        ("ГоловнойКонтрагент", COUNTERPARTIES),
        ("СтранаРегистрации", "Catalog_СтраныМира"),
    ] {
        let key = object.remove(&format!("{name}_Key")).unwrap();
        let link = format!("{target}(guid'{}')", key.as_str().unwrap());
        object.insert(format!("{name}@odata.bind"), json!(link));
    }
    whole
}

#[test]
fn a_put_binds_references_by_link() {
    let mut base = plain();
    let mut whole = bound(&mut base, COUNTERPARTIES, BRANCH);
    whole["КПП"] = json!("770143001");
    let changed = body(&send(&mut base, "PUT", &entity(COUNTERPARTIES, BRANCH), &whole), 200);
    assert_eq!((&changed["КПП"], &changed["ГоловнойКонтрагент_Key"]), (&json!("770143001"), &json!(FIRM)));
    assert_eq!(
        changed["СтранаРегистрации_Key"], RUSSIA,
        "an empty link is an empty reference, which is filled"
    );
}

#[test]
fn a_put_that_leaves_something_out_is_code_5() {
    for name in ["КПП", "КонтактнаяИнформация", "ГоловнойКонтрагент@odata.bind", "DeletionMark"]
    {
        let mut base = plain();
        let mut whole = bound(&mut base, COUNTERPARTIES, FIRM);
        whole.as_object_mut().unwrap().remove(name).unwrap();
        let answer = send(&mut base, "PUT", &entity(COUNTERPARTIES, FIRM), &whole);
        assert_eq!((answer.status, code(&answer).as_str()), (400, "5"), "{name}");
        assert_eq!(stored(&base, COUNTERPARTIES, FIRM)["DataVersion"], "AAAAAAAAAAI=");
    }
}

#[test]
fn a_link_into_another_set_or_nowhere_is_refused() {
    let mut base = plain();
    for (link, expected) in
        [(json!(format!("Catalog_СтраныМира(guid'{RUSSIA}')")), "4"), (json!(FIRM), "6"), (json!(7), "4")]
    {
        let mut whole = bound(&mut base, COUNTERPARTIES, BRANCH);
        whole["ГоловнойКонтрагент@odata.bind"] = link.clone();
        assert_eq!(
            code(&send(&mut base, "PUT", &entity(COUNTERPARTIES, BRANCH), &whole)),
            expected,
            "{link}"
        );
    }
}

#[test]
fn a_link_may_be_a_whole_address() {
    let mut base = plain();
    let mut whole = bound(&mut base, COUNTERPARTIES, FIRM);
    let link = format!("http://localhost/base/odata/standard.odata/{COUNTERPARTIES}(guid'{BRANCH}')");
    whole["ГоловнойКонтрагент@odata.bind"] = json!(link);
    let changed = body(&send(&mut base, "PUT", &entity(COUNTERPARTIES, FIRM), &whole), 200);
    assert_eq!(changed["ГоловнойКонтрагент_Key"], BRANCH);
}
