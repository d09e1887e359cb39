//! `$expand`, paths in `$select`, and property paths.

use super::*;

fn branch(base: &mut Infobase, options: &str) -> Value {
    rows(base, &format!("/{COUNTERPARTIES}?$filter=Code eq '00-000008'&{options}")).remove(0)
}

#[test]
fn an_expanded_reference_is_the_whole_entity() {
    let mut base = plain();
    let branch = branch(&mut base, "$select=Description&$expand=ГоловнойКонтрагент");
    assert_eq!(branch["Description"], "Ромашка, филиал 'Юг'");
    let head = &branch["ГоловнойКонтрагент"];
    assert_eq!((&head["Ref_Key"], &head["Description"]), (&json!(FIRM), &json!("Ромашка")));
    assert_eq!(head["КонтактнаяИнформация"].as_array().unwrap().len(), 1);
}

#[test]
fn a_selected_path_shows_nothing_but_its_end() {
    let mut base = plain();
    let select = "$select=Code,ГоловнойКонтрагент/СтранаРегистрации/Code,ГоловнойКонтрагент/ИНН";
    let branch = branch(&mut base, select);
    let head = json!({"ИНН": "7701234560", "СтранаРегистрации": {"Code": "643"}});
    assert_eq!(branch, json!({"Code": "00-000008", "ГоловнойКонтрагент": head}));
}

#[test]
fn references_to_nothing_are_expanded_to_null() {
    let mut base = plain();
    let path = format!("/{COUNTERPARTIES}?$select=Code&$expand=ОсновноеКонтактноеЛицо");
    assert!(rows(&mut base, &path).iter().all(|row| row["ОсновноеКонтактноеЛицо"].is_null()));
}

#[test]
fn a_reference_of_several_types_has_a_name_of_its_own() {
    let mut base = plain();
    let persons = rows(&mut base, &format!("/{PERSONS}?$select=Description&$expand=ОбъектВладелец"));
    assert_eq!(persons[0]["ОбъектВладелец_Expanded"]["ИНН"], "7701234560");
}

#[test]
fn records_of_a_slice_are_expanded() {
    const LINKS: &str = "InformationRegister_СвязиКонтрагентКонтакт";
    let record = json!({"Period": "2026-01-01T00:00:00", "Контрагент_Key": FIRM, "Контакт_Key": ANNA});
    let anna = json!({"Ref_Key": ANNA, "Description": "Анна"});
    let mut base = of_product(Product::Unf, &[(PERSONS, anna), (LINKS, record)]);
    let found = rows(&mut base, &format!("/{LINKS}/SliceLast?$expand=Контакт&$select=Должность"));
    assert_eq!(found[0]["Контакт"]["Description"], "Анна");
}

#[test]
fn a_star_expands_every_reference_of_one_type() {
    let mut base = plain();
    let path =
        format!("/{COUNTERPARTIES}?$filter=Code eq '00-000008'&$select=Code&$expand=ГоловнойКонтрагент/*");
    let branch = rows(&mut base, &path).remove(0);
    assert_eq!(branch["ГоловнойКонтрагент"]["СтранаРегистрации"]["Code"], "643");
    let all =
        rows(&mut base, &format!("/{COUNTERPARTIES}?$filter=Code eq '00-000008'&$select=Code&$expand=*"));
    assert_eq!(all[0]["ГоловнойКонтрагент"]["Description"], "Ромашка");
    assert!(all[0]["Parent"].is_null() && all[0].as_object().unwrap().contains_key("Parent"));
}

#[test]
fn behind_a_reference_of_several_types_a_path_names_the_set_it_means() {
    let mut base = plain();
    let path = "ОбъектВладелец/Catalog_Контрагенты";
    let options = format!("$expand={path}/СтранаРегистрации&$select=Code,{path}/СтранаРегистрации/Code");
    let person = rows(&mut base, &format!("/{PERSONS}?{options}")).remove(0);
    let country = json!({"СтранаРегистрации": {"Code": "643"}});
    assert_eq!(person, json!({"Code": "00-000001", "ОбъектВладелец_Expanded": country}));
    let whole = rows(&mut base, &format!("/{PERSONS}?$expand={path}/*")).remove(0);
    assert_eq!(whole["ОбъектВладелец_Expanded"]["СтранаРегистрации"]["Code"], "643");
    let vague = get(&mut base, &format!("/{PERSONS}?$expand=ОбъектВладелец/*"));
    assert_eq!((vague.status, code(&vague).as_str()), (400, "14"));
}

#[test]
fn what_cannot_be_expanded_is_refused() {
    let mut base = plain();
    let deep = "ГоловнойКонтрагент/".repeat(20);
    for (path, status) in [
        (format!("/{COUNTERPARTIES}?$expand=ДополнительныеРеквизиты/Свойство"), 501),
        (format!("{}?$expand=ГоловнойКонтрагент", entity(COUNTERPARTIES, FIRM)), 501),
        (format!("/{COUNTERPARTIES}?$expand=Партнер"), 400),
        (format!("/{COUNTERPARTIES}?$expand={deep}ГоловнойКонтрагент"), 400),
        (format!("/{COUNTERPARTIES}?$select={deep}ИНН"), 400),
    ] {
        assert_eq!(get(&mut base, &path).status, status, "{path}");
    }
}

#[test]
fn atom_holds_the_expanded_entity_inside_of_the_link() {
    let mut base = plain();
    let path = format!("/{COUNTERPARTIES}?$expand=ГоловнойКонтрагент&$filter=Code eq '00-000008'");
    let answer = send_with(&mut base, "GET", &path, &Value::Null, &[]);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains("dataservices/related/ГоловнойКонтрагент\""), "{text}");
    assert_eq!(text.matches("<m:inline><entry>").count(), 1);
    assert_eq!(text.matches("</entry>").count(), 2);
}

#[test]
fn a_path_leads_to_a_property_a_section_or_a_reference() {
    let mut base = plain();
    let path = |name: &str| format!("{}/{name}", entity(COUNTERPARTIES, BRANCH));
    assert_eq!(body(&get(&mut base, &path("ИНН")), 200), json!({"value": "7701234560"}));
    let head = body(&get(&mut base, &path("ГоловнойКонтрагент")), 200);
    assert_eq!(head["Ref_Key"], FIRM);
    let section = format!("{}/ДополнительныеРеквизиты", entity(COUNTERPARTIES, FIRM));
    assert_eq!(body(&get(&mut base, &section), 200)["value"].as_array().unwrap().len(), 2);
    for (name, expected) in [("Партнер", "10"), ("ОсновноеКонтактноеЛицо", "9")]
    {
        assert_eq!(code(&get(&mut base, &path(name))), expected, "{name}");
    }
    let far = body(&get(&mut base, &path("ГоловнойКонтрагент/СтранаРегистрации/Code")), 200);
    assert_eq!(far, json!({"value": "643"}));
    assert_eq!(code(&get(&mut base, &path("ИНН/Code"))), "10", "no path leads on from a text");
    let answer = send_with(&mut base, "GET", &path("ОбособленноеПодразделение"), &Value::Null, &[]);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.ends_with("m:type=\"Edm.Boolean\">true</d:ОбособленноеПодразделение>"), "{text}");
    assert_eq!(send(&mut base, "PATCH", &path("ИНН"), &json!({"value": "1"})).status, 405);
}
