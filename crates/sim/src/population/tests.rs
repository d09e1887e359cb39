//! Generated bases against what a recipe promises: shares, shapes, uniqueness, repeatability.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

#[test]
fn one_recipe_gives_one_output() {
    let recipe = Recipe { seed: 42, ..Recipe::new(300, 80) };
    let (first, second) = (generate(&recipe), generate(&recipe));
    assert_eq!(text(&first.bitrix24), text(&second.bitrix24));
    assert_eq!(text(&first.onec), text(&second.onec));
    assert_eq!(first.truth, second.truth);
    let other = generate(&Recipe { seed: 43, ..recipe });
    assert_ne!(text(&first.bitrix24), text(&other.bitrix24));
}

#[test]
fn a_further_person_changes_nobody_else() {
    let fewer = generate(&Recipe::new(300, 80));
    let more = generate(&Recipe::new(301, 80));
    let more_lines: BTreeSet<String> =
        more.bitrix24.iter().chain(&more.onec).map(ToString::to_string).collect();
    for line in fewer.bitrix24.iter().chain(&fewer.onec) {
        assert!(more_lines.contains(&line.to_string()), "{line}");
    }
}

#[test]
fn every_inn_passes_its_check() {
    let bases = generate(&Recipe::new(500, 200));
    let mut seen = 0;
    for line in bases.bitrix24.iter().chain(&bases.onec) {
        let fields = line.get("object").unwrap_or(line);
        for field in ["UF_CRM_INN", "RQ_INN", "ИНН"] {
            if let Some(inn) = fields[field].as_str() {
                assert!(is_valid_inn(inn), "{inn}");
                seen += 1;
            }
        }
    }
    assert!(seen > 400, "{seen}");
}

#[test]
fn every_reference_resolves() {
    let bases = generate(&Recipe::new(800, 200));
    let ids = |entity: &str| -> BTreeSet<&str> {
        let lines = bases.bitrix24.iter().filter(|line| line["entity"] == entity);
        lines.filter_map(|line| line["ID"].as_str()).collect()
    };
    let (users, companies) = (ids("user"), ids("company"));
    for line in bases.bitrix24.iter().filter(|line| line["entity"] != "userfield") {
        for (field, among) in
            [("ASSIGNED_BY_ID", &users), ("CREATED_BY_ID", &users), ("COMPANY_ID", &companies)]
        {
            assert!(line[field].as_str().is_none_or(|id| among.contains(id)), "{field} of {line}");
        }
        if line["entity"] == "requisite" {
            assert!(companies.contains(line["ENTITY_ID"].as_str().unwrap()), "{line}");
        }
    }

    let objects = objects(&bases);
    let marked: BTreeSet<&str> =
        bases.truth.marked.iter().map(|marked| marked.onec.reference.as_str()).collect();
    for object in objects.values() {
        for field in ["Parent_Key", "ГоловнойКонтрагент_Key", "СтранаРегистрации_Key", "ОбъектВладелец"]
        {
            assert!(object[field].as_str().is_none_or(|reference| resolves(&objects, reference)), "{object}");
        }
        assert!(object["ОбъектВладелец"].as_str().is_none_or(|owner| !marked.contains(owner)));
        for row in rows(object, "КонтактнаяИнформация") {
            let kind = &objects[row["Вид_Key"].as_str().unwrap()];
            assert_eq!(kind["Тип"], row["Тип"]);
        }
        for row in rows(object, "ДополнительныеРеквизиты") {
            assert!(objects.contains_key(row["Свойство_Key"].as_str().unwrap()));
            assert!(objects.contains_key(row["Значение"].as_str().unwrap()));
        }
    }
}

#[test]
fn ids_codes_and_row_ids_do_not_repeat() {
    let bases = generate(&Recipe::new(800, 200));
    let mut seen = BTreeSet::new();
    for line in &bases.bitrix24 {
        if let Some(id) = line["ID"].as_str() {
            assert!(seen.insert(format!("{} {id}", line["entity"])), "{line}");
        }
        for row in rows(line, "PHONE").chain(rows(line, "EMAIL")) {
            assert!(seen.insert(format!("row {}", row["ID"])), "{line}");
        }
    }
    for line in &bases.onec {
        assert!(seen.insert(line["object"]["Ref_Key"].to_string()), "{line}");
        if let Some(code) = line["object"]["Code"].as_str() {
            assert!(seen.insert(format!("{} code {code}", line["entity"])), "{line}");
        }
    }
}

#[test]
fn single_value_kinds_hold_one_value() {
    let bases = generate(&Recipe::new(2000, 300));
    let objects = objects(&bases);
    for object in objects.values() {
        let mut kinds = BTreeSet::new();
        for row in rows(object, "КонтактнаяИнформация") {
            let kind = row["Вид_Key"].as_str().unwrap();
            let several = objects[kind]["РазрешитьВводНесколькихЗначений"] == true;
            assert!(kinds.insert(kind) || several, "{object}");
        }
    }
}

#[test]
fn pairs_have_in_common_what_their_strength_says() {
    for seed in 1..=4 {
        let recipe = Recipe::new(1500, 400);
        check_pairs(&generate(&Recipe { seed, ..recipe }));
    }
}

#[test]
fn the_shares_of_the_recipe_hold() {
    let truth = generate(&Recipe::new(4000, 1000)).truth;
    let counted = truth.pairs.len() + truth.only_bitrix24.len() + truth.only_onec.len() + truth.marked.len();
    assert_eq!(counted, 5000);
    for (kind, total) in [(Kind::Person, 4000), (Kind::Organization, 1000)] {
        let both = truth.pairs.iter().filter(|pair| pair.kind == kind).count();
        let only_bitrix24 = truth.only_bitrix24.iter().filter(|only| only.kind == kind).count();
        let only_onec = truth.only_onec.iter().filter(|only| only.kind == kind).count();
        for (count, percent) in [(both, 55), (only_bitrix24, 25), (only_onec, 20)] {
            let expected = total * percent / 100;
            assert!(count.abs_diff(expected) <= total / 50, "{kind:?}: {count} for {expected}");
        }
    }
    let of = |strength| truth.pairs.iter().filter(|pair| pair.strength == strength).count();
    assert!((10..=60).contains(&of(Strength::Weak)), "{}", of(Strength::Weak));
    assert!((20..=120).contains(&of(Strength::Probable)), "{}", of(Strength::Probable));
    assert!((5..=60).contains(&truth.marked.len()), "{}", truth.marked.len());
    let facets = truth.pairs.iter().filter(|pair| !pair.facets.is_empty()).count();
    assert!((20..=200).contains(&facets), "{facets}");
}

#[test]
fn both_bases_hold_what_the_truth_names_and_no_mutual_ids() {
    let bases = generate(&Recipe::new(400, 100));
    let portal = portal_keys(&bases);
    let objects = objects(&bases);
    let id_attribute = objects.values().find(|object| object["Имя"] == "ИдентификаторБитрикс24").unwrap();
    for only in &bases.truth.only_onec {
        assert!(objects.contains_key(&only.onec.reference));
    }
    for only in &bases.truth.only_bitrix24 {
        let entity = if only.kind == Kind::Person { "contact" } else { "company" };
        assert!(portal.contains_key(&(entity, only.id.as_str())));
    }
    for marked in &bases.truth.marked {
        assert_eq!(objects[&marked.onec.reference]["DeletionMark"], true);
    }
    for object in objects.values() {
        let mut attributes = rows(object, "ДополнительныеРеквизиты");
        assert!(attributes.all(|row| row["Свойство_Key"] != id_attribute["Ref_Key"]));
    }
    let retail = objects.values().find(|object| object["PredefinedDataName"] == "РозничныйПокупатель");
    assert_eq!(retail.unwrap()["Predefined"], true);
}

#[test]
fn small_and_lopsided_recipes_work() {
    for (people, companies) in [(0, 0), (0, 10), (10, 0), (1, 1)] {
        let bases = generate(&Recipe::new(people, companies));
        let truth = &bases.truth;
        let counted =
            truth.pairs.len() + truth.only_bitrix24.len() + truth.only_onec.len() + truth.marked.len();
        assert_eq!(counted, usize::try_from(people + companies).unwrap());
    }
}

fn check_pairs(bases: &Bases) {
    let portal = portal_keys(bases);
    let objects = objects(bases);
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    for ((entity, _), keys) in &portal {
        for key in keys.iter().filter(|_| *entity == "contact") {
            *holders.entry(key).or_default() += 1;
        }
    }
    for pair in &bases.truth.pairs {
        let entity = if pair.kind == Kind::Person { "contact" } else { "company" };
        let left = &portal[&(entity, pair.bitrix24.as_str())];
        let right = onec_keys(objects[&pair.onec.reference]);
        let common: Vec<&String> = left.intersection(&right).collect();
        match pair.strength {
            Strength::Sure if pair.kind == Kind::Person => {
                assert!(common.iter().any(|key| holders[key.as_str()] == 1), "{pair:?}: {left:?} {right:?}");
            }
            Strength::Sure => assert!(common.iter().any(|key| is_valid_inn(key)), "{pair:?}"),
            Strength::Probable => assert!(!common.is_empty(), "{pair:?}: {left:?} {right:?}"),
            Strength::Weak => assert!(common.is_empty(), "{pair:?}: {common:?}"),
        }
        for facet in &pair.facets {
            assert!(!onec_keys(objects[&facet.reference]).is_disjoint(&right), "{pair:?}");
        }
    }
}

fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn objects(bases: &Bases) -> BTreeMap<String, &Value> {
    let objects = bases.onec.iter().map(|line| &line["object"]);
    objects.map(|object| (object["Ref_Key"].as_str().unwrap().to_owned(), object)).collect()
}

fn resolves(objects: &BTreeMap<String, &Value>, reference: &str) -> bool {
    reference == "00000000-0000-0000-0000-000000000000" || objects.contains_key(reference)
}

fn rows<'a>(object: &'a Value, section: &str) -> impl Iterator<Item = &'a Value> {
    object[section].as_array().into_iter().flatten()
}

/// Normal forms of all keys of the portal's contacts and companies.
fn portal_keys(bases: &Bases) -> BTreeMap<(&str, &str), BTreeSet<String>> {
    let mut keys: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for line in &bases.bitrix24 {
        match line["entity"].as_str().unwrap() {
            entity @ ("contact" | "company") => {
                let known = keys.entry((entity, line["ID"].as_str().unwrap())).or_default();
                known.extend(rows(line, "PHONE").map(|row| normal_phone(&row["VALUE"])));
                known.extend(rows(line, "EMAIL").map(|row| row["VALUE"].as_str().unwrap().to_owned()));
                known.extend(line["UF_CRM_INN"].as_str().map(ToOwned::to_owned));
            }
            "requisite" => {
                let company = ("company", line["ENTITY_ID"].as_str().unwrap());
                keys.get_mut(&company).unwrap().insert(line["RQ_INN"].as_str().unwrap().to_owned());
            }
            _ => {}
        }
    }
    keys
}

fn onec_keys(object: &Value) -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = object["ИНН"].as_str().map(ToOwned::to_owned).into_iter().collect();
    for row in rows(object, "КонтактнаяИнформация") {
        match row["Тип"].as_str().unwrap() {
            "Телефон" => {
                let number = normal_phone(&row["НомерТелефона"]);
                assert_eq!(number, normal_phone(&row["Представление"]));
                assert!(number.ends_with(row["НомерТелефонаБезКодов"].as_str().unwrap()));
                keys.insert(number);
            }
            "АдресЭлектроннойПочты" => {
                keys.insert(row["АдресЭП"].as_str().unwrap().to_owned());
            }
            _ => {}
        }
        let value: Value = serde_json::from_str(row["Значение"].as_str().unwrap()).unwrap();
        assert_eq!(value["value"], row["Представление"]);
    }
    keys
}

/// The national number after a country code of one digit.
fn normal_phone(written: &Value) -> String {
    let digits: String = written.as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), 11, "{digits}");
    digits[1..].to_owned()
}

/// Checks against the last digits by the published weights, written apart from the generator's own.
fn is_valid_inn(inn: &str) -> bool {
    let digits: Vec<u32> = inn.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let weights = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let holds = |length: usize| {
        let used = &weights[weights.len() - (length - 1)..];
        let sum: u32 = digits.iter().zip(used).map(|(digit, weight)| digit * weight).sum();
        sum % 11 % 10 == digits[length - 1]
    };
    match inn.len() {
        10 => holds(10),
        12 => holds(11) && holds(12),
        _ => false,
    }
}
