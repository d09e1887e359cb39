//! What new objects get in each configuration, as the infobase keeps it: country and roles. Folders and access groups are
//! told with the writes of each.

use futures_executor::block_on;
use obmen_domain::forms::phone::PhoneContext;
use obmen_engine::ports::{Write, Writer as _};
use serde_json::{Value, json};

use crate::infobase::{self, World, done, lines_of};
use crate::{small_firm, trade, writing};

const CLIENTS: &str = "Catalog_Контрагенты";
const RUSSIA: &str = "90000000-0000-4000-8000-000000000643";
const NONE: &str = "00000000-0000-0000-0000-000000000000";
const KAZAKHSTAN: &str = "90000000-0000-4000-8000-000000000398";

#[test]
fn a_new_client_is_of_the_country_of_the_pair() {
    for country in ["RU", "KZ", "BY"] {
        for (name, objects, settings, change, write) in configurations() {
            let lines = [objects, countries()].concat();
            let world = World::of(settings, &lines, |settings| {
                change(settings);
                settings.phone_context = PhoneContext::new(country, None).unwrap();
            });
            let outcomes = block_on(world.client.write(vec![write]));
            let object = world.wire.object(CLIENTS, &done(&outcomes[0]).id.id);
            let held = object.get("СтранаРегистрации_Key").and_then(Value::as_str).unwrap_or(NONE);
            if country == "BY" {
                assert_eq!(held, NONE, "{name}: the base has no such country");
                continue;
            }
            assert_eq!(world.wire.object("Catalog_СтраныМира", held)["КодАльфа2"], country, "{name}");
        }
    }
}

#[test]
fn a_new_client_of_unf_has_the_configured_role_alone() {
    let world = World::of(small_firm::base_settings(), &small_firm::objects(), |settings| {
        small_firm::change(settings);
        settings.new_roles = vec!["Поставщик".to_owned()];
    });
    let outcomes = block_on(world.client.write(vec![small_firm::company("7", false)]));
    let object = world.wire.object(CLIENTS, &done(&outcomes[0]).id.id);
    assert_eq!((&object["Поставщик"], object["Покупатель"] == true), (&json!(true), false));
}

type Configuration =
    (&'static str, Vec<Value>, obmen_sim::onec::Settings, fn(&mut obmen_onec::Settings), Write);

fn configurations() -> [Configuration; 3] {
    [
        (
            "bp30",
            infobase::objects(),
            obmen_sim::onec::Settings::default(),
            |_| {},
            writing::company("7", "Василёк"),
        ),
        ("ut11", trade::objects(), trade::base_settings(), trade::change, trade::company("7")),
        (
            "unf",
            small_firm::objects(),
            small_firm::base_settings(),
            small_firm::change,
            small_firm::company("7", false),
        ),
    ]
}

fn countries() -> Vec<Value> {
    let country = |reference: &str, code: &str| json!({"Ref_Key": reference, "КодАльфа2": code});
    lines_of("Catalog_СтраныМира", vec![country(RUSSIA, "RU"), country(KAZAKHSTAN, "KZ")])
}
