//! Bases with noise against what the levels promise, read in the load lines and not by the generator's own reading.

use std::collections::{BTreeMap, BTreeSet};

use super::level::Damage;
use super::*;

#[test]
fn one_recipe_gives_one_output_and_another_seed_another() {
    for noise in Noise::ALL {
        let (first, again) = (generate(&recipe(150, 60, 7, noise)), generate(&recipe(150, 60, 7, noise)));
        assert_eq!(text(&first), text(&again));
        assert_ne!(text(&first), text(&generate(&recipe(150, 60, 8, noise))));
    }
}

#[test]
fn each_kind_of_damage_occurs_at_its_levels_and_at_no_lower_one() {
    for noise in Noise::ALL {
        let done = generate(&recipe(1500, 700, 3, noise)).truth["damage"].clone();
        for kind in Damage::ALL {
            let count = done[kind.name()].as_u64().unwrap_or(0);
            assert_eq!(count > 0, kind.per_mille(noise) > 0, "{noise}, {}: {count}", kind.name());
        }
    }
}

#[test]
fn damage_is_seen_in_the_cards() {
    let traces: [(&str, &[&str], Noise); 14] = [
        ("an extension", &["доб. ", " #", "вн. ", "ext. "], Noise::Medium),
        ("a hard space", &["\u{a0}"], Noise::Medium),
        ("a remark behind a mailbox", &["(личная)"], Noise::Medium),
        ("a remark behind a name", &["(бухг.)"], Noise::Medium),
        ("look-alike letters", &["OOO"], Noise::Medium),
        ("an abbreviation", &["ТД "], Noise::Medium),
        ("an invisible character", &["\u{200b}"], Noise::Hostile),
        ("an emoji", &["💼"], Noise::Hostile),
        ("a letter for a digit", &["О2", "О4", "О5", "О7"], Noise::Hostile),
        ("full-width digits", &["９"], Noise::Hostile),
        ("a scheme before a mailbox", &["mailto:"], Noise::Hostile),
        ("a number of a spreadsheet", &[".0\""], Noise::Hostile),
        ("a trade for a name", &["Снабжение"], Noise::Hostile),
        ("a remark behind a firm", &["НЕ РАБОТАТЬ"], Noise::Hostile),
    ];
    for noise in Noise::ALL {
        let text = text(&generate(&recipe(1500, 700, 3, noise)));
        for (what, marks, from) in traces {
            let found = marks.iter().any(|mark| text.contains(mark));
            assert_eq!(found, noise >= from, "{noise}: {what}");
        }
    }
}

#[test]
fn the_truth_names_each_card_once_and_nothing_else() {
    for noise in Noise::ALL {
        let bases = generate(&recipe(600, 250, 5, noise));
        let world = World::of(&bases);
        let mut named = BTreeSet::new();
        for (list, kind) in [("people", "contact"), ("companies", "company")] {
            for row in rows(&bases.truth[list]) {
                for id in rows(&row["b24"]) {
                    assert!(named.insert(format!("{kind} {}", string(id))), "{row}");
                }
                for object in rows(&row["onec"]) {
                    let line = &world.onec[string(&object["ref"])];
                    assert_eq!(line["entity"], object["entity"]);
                    assert_eq!(line["object"]["DeletionMark"] == true, object["marked"] == true, "{object}");
                    assert!(named.insert(string(&object["ref"]).to_owned()), "{object}");
                }
            }
        }
        for stray in rows(&bases.truth["not_for_sync"]["b24_empty"]) {
            let card = &world.bitrix24[&format!("contact {}", string(&stray["id"]))];
            assert!(card["PHONE"].is_null() && card["EMAIL"].is_null() && card["LAST_NAME"] == "", "{card}");
            assert!(named.insert(format!("contact {}", string(&stray["id"]))));
        }
        for group in ["onec_folders", "onec_predefined"] {
            named.extend(rows(&bases.truth["not_for_sync"][group]).map(|id| string(id).to_owned()));
        }
        let parties = ["Catalog_Контрагенты", "Catalog_КонтактныеЛица", "Catalog_ФизическиеЛица"];
        let objects = world.onec.iter().filter(|(_, line)| parties.contains(&string(&line["entity"])));
        let present: BTreeSet<String> =
            world.bitrix24.keys().cloned().chain(objects.map(|(id, _)| id.clone())).collect();
        assert_eq!(named, present);
    }
}

#[test]
fn what_cards_refer_to_exists() {
    let bases = generate(&recipe(600, 250, 5, Noise::Hostile));
    let world = World::of(&bases);
    for line in &bases.onec {
        let object = &line["object"];
        for field in ["Parent_Key", "ГоловнойКонтрагент_Key", "СтранаРегистрации_Key", "ОбъектВладелец"]
        {
            let found =
                object[field].as_str().is_none_or(|id| id.starts_with("0000") || world.onec.contains_key(id));
            assert!(found, "{field} of {object}");
        }
        for row in rows(&object["КонтактнаяИнформация"]) {
            assert_eq!(world.onec[string(&row["Вид_Key"])]["object"]["Тип"], row["Тип"]);
            let value: Value = serde_json::from_str(string(&row["Значение"])).unwrap();
            assert_eq!(value["value"], row["Представление"]);
        }
    }
    for card in world.bitrix24.values() {
        let company = card["COMPANY_ID"].as_str().map(|id| format!("company {id}"));
        assert!(company.is_none_or(|id| world.bitrix24.contains_key(&id)), "{card}");
    }
    for (user, reference) in bases.truth["managers"].as_object().unwrap() {
        assert!(bases.bitrix24.iter().any(|line| line["entity"] == "user" && line["ID"] == user.as_str()));
        assert_eq!(world.onec[string(reference)]["entity"], "Catalog_Пользователи");
    }
}

#[test]
fn linkable_pairs_have_a_key_of_their_party_in_both_cards_and_others_have_none() {
    for (noise, seed) in [(Noise::Clean, 1), (Noise::Medium, 2), (Noise::Hostile, 3)] {
        let bases = generate(&recipe(900, 400, seed, noise));
        let world = World::of(&bases);
        let mut parties: BTreeMap<&str, &Value> = BTreeMap::new();
        for row in rows(&bases.truth["people"]).chain(rows(&bases.truth["companies"])) {
            parties.insert(string(&row["id"]), row);
        }
        for pair in rows(&bases.truth["pairs"]["same"]) {
            let party = parties[string(&pair["real"])];
            let common = common_keys(&world, pair, party);
            // What stands on nobody else's card is a person's own, be it the employer's phone.
            let employer = parties.get(string(&party["employer"]));
            let of_employer = employer.map_or_else(Vec::new, |firm| common_keys(&world, pair, firm));
            let (strength, why) = (string(&pair["strength"]), string(&pair["why"]));
            match strength {
                "sure" => assert!(!common.is_empty() || !of_employer.is_empty(), "{noise}: {pair}"),
                "probable" if !why.contains("reference") => {
                    assert!(!common.is_empty() || !of_employer.is_empty(), "{noise}: {pair}");
                }
                "weak" | "none" => assert!(common.is_empty(), "{noise}: {common:?} in {pair}"),
                _ => {}
            }
        }
    }
}

#[test]
fn what_must_not_be_linked_is_not_said_to_be_one_party() {
    for seed in 1..=3 {
        let truth = generate(&recipe(900, 400, seed, Noise::Hostile)).truth;
        let pair = |pair: &Value| (string(&pair["b24"]).to_owned(), string(&pair["ref"]).to_owned());
        let same: BTreeSet<_> = rows(&truth["pairs"]["same"]).map(pair).collect();
        let decoys: BTreeSet<_> = rows(&truth["pairs"]["decoys"]).map(pair).collect();
        let either: BTreeSet<_> = rows(&truth["pairs"]["either"]).map(pair).collect();
        let ambiguous: BTreeSet<_> = rows(&truth["pairs"]["ambiguous"]).map(pair).collect();
        assert!(decoys.len() > 50 && !either.is_empty() && !ambiguous.is_empty());
        assert!(decoys.is_disjoint(&same) && decoys.is_disjoint(&either) && ambiguous.is_subset(&same));
    }
}

#[test]
fn the_noisier_a_level_the_less_can_be_linked() {
    for seed in 1..=3 {
        let shares = Noise::ALL.map(|noise| {
            let truth = generate(&recipe(900, 400, seed, noise)).truth;
            let of = |strengths: &[&str]| {
                let pairs = rows(&truth["pairs"]["same"]);
                pairs.filter(|pair| strengths.contains(&string(&pair["strength"]))).count()
            };
            let linkable = of(&["sure", "probable"]);
            linkable * 100 / (linkable + of(&["weak", "ambiguous", "none"]))
        });
        assert!(
            shares[0] >= 99 && (90..99).contains(&shares[1]) && (65..90).contains(&shares[2]),
            "{shares:?}"
        );
    }
}

#[test]
fn small_and_lopsided_recipes_work() {
    for (people, companies) in [(0, 0), (0, 10), (10, 0), (1, 1)] {
        let bases = generate(&recipe(people, companies, 1, Noise::Hostile));
        assert_eq!(rows(&bases.truth["people"]).count(), usize::try_from(people).unwrap());
        assert_eq!(rows(&bases.truth["companies"]).count(), usize::try_from(companies).unwrap());
    }
}

fn recipe(people: u32, companies: u32, seed: u64, noise: Noise) -> Recipe {
    Recipe { people, companies, seed, noise }
}

fn text(bases: &NoisyBases) -> String {
    let lines = bases.bitrix24.iter().chain(&bases.onec).chain([&bases.truth]);
    lines.map(|line| format!("{line}\n")).collect()
}

/// Lines of both bases by their ids.
struct World<'a> {
    /// `contact 12`
    bitrix24: BTreeMap<String, &'a Value>,
    /// Requisites by company.
    requisites: BTreeMap<&'a str, &'a Value>,
    onec: BTreeMap<String, &'a Value>,
}

impl<'a> World<'a> {
    fn of(bases: &'a NoisyBases) -> Self {
        let cards =
            bases.bitrix24.iter().filter(|line| line["entity"] == "contact" || line["entity"] == "company");
        let bitrix24: BTreeMap<String, &Value> = cards
            .clone()
            .map(|line| (format!("{} {}", string(&line["entity"]), string(&line["ID"])), line))
            .collect();
        assert_eq!(bitrix24.len(), cards.count(), "no id stands twice");
        let requisites = bases.bitrix24.iter().filter(|line| line["entity"] == "requisite");
        let onec: BTreeMap<String, &Value> =
            bases.onec.iter().map(|line| (string(&line["object"]["Ref_Key"]).to_owned(), line)).collect();
        assert_eq!(onec.len(), bases.onec.len(), "no reference stands twice");
        Self {
            bitrix24,
            requisites: requisites.map(|line| (string(&line["ENTITY_ID"]), line)).collect(),
            onec,
        }
    }
}

/// Phones, mailboxes and the INN of a party that stand in both cards of a pair.
fn common_keys(world: &World<'_>, pair: &Value, party: &Value) -> Vec<String> {
    let entity = if pair["kind"] == "company" { "company" } else { "contact" };
    let id = string(&pair["b24"]);
    let card = world.bitrix24[&format!("{entity} {id}")];
    let requisite = world.requisites.get(id).filter(|_| entity == "company").copied();
    let object = &world.onec[string(&pair["ref"])]["object"];
    let left = [texts(card, "PHONE", "VALUE"), texts(card, "EMAIL", "VALUE")].concat();
    let right = texts(object, "КонтактнаяИнформация", "Представление");
    let left_inn = [&card["UF_CRM_INN"], requisite.map_or(&Value::Null, |line| &line["RQ_INN"])];
    let mut common = Vec::new();
    for phone in rows(&party["phones"]).map(string) {
        // Country codes differ in their spelling; an area code and a number are nine or ten digits.
        let number = &phone[phone.len() - 9..];
        let holds = |texts: &[String]| texts.iter().any(|text| digits(text).contains(number));
        if holds(&left) && holds(&right) {
            common.push(phone.to_owned());
        }
    }
    for email in rows(&party["emails"]).map(string) {
        let is_it = |word: &str| word.trim_matches(|letter| "<>;,()".contains(letter)) == email;
        let holds = |texts: &[String]| {
            let lower = texts.iter().map(|text| text.to_lowercase().replace("mailto:", "").replace(';', " "));
            lower.into_iter().any(|text| text.split_whitespace().any(is_it))
        };
        if holds(&left) && holds(&right) {
            common.push(email.to_owned());
        }
    }
    let inn = string(&party["inn"]).trim_start_matches('0');
    let has = |value: &Value| value.as_str().is_some_and(|text| digits(text).contains(inn));
    if left_inn.into_iter().any(has) && has(&object["ИНН"]) {
        common.push(inn.to_owned());
    }
    common
}

fn texts(record: &Value, section: &str, field: &str) -> Vec<String> {
    rows(&record[section]).map(|row| string(&row[field]).to_owned()).collect()
}

/// The digits of a text, letters and full-width digits read as what they stand for; an extension goes with them.
fn digits(text: &str) -> String {
    let plain = text.chars().filter_map(|letter| match letter {
        'О' => Some('0'),
        '０'..='９' => char::from_u32(u32::from(letter) - 0xFF10 + 48),
        _ => Some(letter).filter(char::is_ascii_digit),
    });
    plain.collect()
}

fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
