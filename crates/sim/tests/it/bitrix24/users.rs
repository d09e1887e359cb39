//! Users: who is told, by which filter, in which scope.

use std::collections::BTreeSet;

use obmen_sim::bitrix24::Settings;
use serde_json::{Value, json};

use super::{Bench, ids};

fn bench_with(scope: &str) -> Bench {
    let scopes = BTreeSet::from(["crm".to_owned(), scope.to_owned()]);
    let mut bench = Bench::with(Settings { scopes, ..Settings::default() });
    bench.load(
        json!({ "entity": "user", "ID": "1", "NAME": "Анна", "LAST_NAME": "Ким", "EMAIL": "anna@example.ru",
        "XML_ID": "u-1", "UF_DEPARTMENT": [1, 5], "WORK_PHONE": "1", "IS_ONLINE": "Y" }),
    );
    bench.load(json!({ "entity": "user", "ID": "2", "NAME": "Борис", "LAST_NAME": "Анин", "ACTIVE": false, "UF_DEPARTMENT": [5] }));
    bench.load(json!({ "entity": "user", "ID": "3", "NAME": "Гость", "USER_TYPE": "extranet", "EMAIL": "" }));
    for (id, kind) in [(90, "bot"), (91, "email"), (92, "imconnector")] {
        bench.load(json!({ "entity": "user", "ID": id, "NAME": "Анна", "EXTERNAL_AUTH_ID": kind }));
    }
    bench
}

#[test]
fn bots_and_mail_users_are_never_told_and_dismissed_people_are() {
    let mut bench = bench_with("user");
    let users = bench.call("user.get", json!({}));
    assert_eq!(ids(&users), [1, 2, 3]);
    assert_eq!((&users[0]["ACTIVE"], &users[1]["ACTIVE"]), (&json!(true), &json!(false)), "booleans of JSON");
    assert!(users[0].get("EXTERNAL_AUTH_ID").is_none());
    assert_eq!(users[0]["TIMESTAMP_X"], "", "a date that was never set");
    for active in [json!(true), json!("Y"), json!(1)] {
        assert_eq!(
            ids(&bench.call("user.get", json!({ "FILTER": { "ACTIVE": active } }))),
            [1, 3],
            "{active}"
        );
    }
}

#[test]
fn users_are_filtered_by_what_tells_them_apart() {
    let mut bench = bench_with("user");
    let table: &[(Value, &[i64])] = &[
        (json!({ "ID": 2 }), &[2]),
        (json!({ "@ID": [1, 3] }), &[1, 3]),
        (json!({ "!ID": 1 }), &[2, 3]),
        (json!({ "XML_ID": "u-1" }), &[1]),
        (json!({ "EMAIL": "ANNA@example.ru" }), &[1]),
        (json!({ "NAME": "Борис", "LAST_NAME": "Анин" }), &[2]),
        (json!({ "%NAME": "ри" }), &[2]),
        (json!({ "UF_DEPARTMENT": 5 }), &[1, 2]),
        (json!({ "!UF_DEPARTMENT": 1 }), &[2, 3]),
        (json!({ "USER_TYPE": "employee" }), &[1, 2]),
        (json!({ "NAME_SEARCH": "ан" }), &[1, 2]),
        (json!({ "NAME_SEARCH": "ким ан" }), &[1]),
        (json!({ "IS_ONLINE": "Y" }), &[1]),
    ];
    for (filter, expected) in table {
        assert_eq!(ids(&bench.call("user.get", json!({ "FILTER": filter }))), *expected, "{filter}");
        assert_eq!(ids(&bench.call("user.get", filter.clone())), *expected, "{filter} at the top level");
    }
}

#[test]
fn users_are_sorted_selected_and_paged() {
    let mut bench = bench_with("user");
    let sorted = json!({ "sort": "NAME", "order": "DESC", "select": ["ID"] });
    assert_eq!(bench.call("user.get", sorted), json!([{ "ID": "3" }, { "ID": "2" }, { "ID": "1" }]));
    for id in 100..160 {
        bench.load(json!({ "entity": "user", "ID": id, "NAME": "A" }));
    }
    let first = bench.envelope("user.get", json!({}));
    assert_eq!((&first["total"], &first["next"]), (&json!(63), &json!(50)));
    assert_eq!(ids(&bench.call("user.get", json!({ "start": 50 }))).len(), 13);
    let fast = bench.envelope("user.get", json!({ "start": -1, "FILTER": { ">ID": 3 } }));
    assert_eq!((ids(&fast["result"]).len(), &fast["total"]), (50, &json!(0)));
}

#[test]
fn the_scope_decides_whether_mailboxes_and_phones_are_told() {
    for (scope, is_told) in [("user_brief", false), ("user_basic", true), ("user", true)] {
        let mut bench = bench_with(scope);
        let user = bench.call("user.get", json!({ "ID": 1 }))[0].clone();
        assert_eq!((&user["NAME"], &user["XML_ID"]), (&json!("Анна"), &json!("u-1")), "{scope}");
        for key in ["EMAIL", "WORK_PHONE"] {
            assert_eq!(user.get(key).is_some(), is_told, "{key} in {scope}");
        }
    }
}

#[test]
fn the_caller_finds_its_own_row() {
    let mut bench = bench_with("user");
    assert_eq!(bench.call("user.current", json!({}))["XML_ID"], "u-1");
}

#[test]
fn a_missing_or_dismissed_responsible_person_is_accepted() {
    let mut bench = bench_with("user");
    for user in [2, 777] {
        let id = bench.contact(json!({ "NAME": "A", "ASSIGNED_BY_ID": user }));
        assert_eq!(bench.get(id)["ASSIGNED_BY_ID"], user.to_string());
    }
}
