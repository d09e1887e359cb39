//! Applications: installation, tokens, renewal.

use obmen_sim::world::World;
use serde_json::{Value, json};

use super::{Bench, body};

/// Installs an application and gives what its handler gets.
pub(super) fn install(bench: &mut Bench, client: &str) -> Value {
    let action = json!({ "do": "install", "client_id": client, "client_secret": "s" });
    bench.portal.act(bench.now, &action).unwrap()
}

/// Calls a method with a token.
pub(super) fn call_as(bench: &mut Bench, token: &Value, method: &str, mut params: Value) -> (u16, Value) {
    params["auth"] = token.clone();
    let target = format!("/rest/{method}.json");
    let response = bench.send("POST", &target, "application/json", params.to_string().as_bytes());
    (response.status, body(&response))
}

fn token(bench: &mut Bench, query: &str) -> (u16, Value) {
    let target = format!("/oauth/token/?client_id=app.1&client_secret=s&{query}");
    let response = bench.send("GET", &target, "", b"");
    (response.status, body(&response))
}

#[test]
fn a_token_opens_the_portal_for_an_hour_and_tells_that_it_expired() {
    let mut bench = Bench::new();
    let installed = install(&mut bench, "app.1");
    let access = &installed["access_token"];
    let (status, added) =
        call_as(&mut bench, access, "crm.contact.add", json!({ "fields": { "NAME": "A" } }));
    assert_eq!((status, &added["result"]), (200, &json!(1)));
    let (_, info) = call_as(&mut bench, access, "app.info", json!({}));
    assert_eq!((&info["result"]["CODE"], &info["result"]["INSTALLED"]), (&json!("app.1"), &json!(true)));
    bench.pass(3600);
    let (status, refused) = call_as(&mut bench, access, "profile", json!({}));
    assert_eq!((status, &refused["error"]), (401, &json!("expired_token")));
}

#[test]
fn wrong_and_missing_tokens_are_told_apart() {
    let mut bench = Bench::new();
    let (status, unknown) = call_as(&mut bench, &json!("nobody's"), "profile", json!({}));
    assert_eq!((status, &unknown["error"]), (401, &json!("invalid_token")));
    let response = bench.send("POST", "/rest/profile", "application/json", b"{}");
    assert_eq!((response.status, &body(&response)["error"]), (401, &json!("NO_AUTH_FOUND")));
}

#[test]
fn a_refresh_token_works_once_and_brings_the_next() {
    let mut bench = Bench::new();
    let installed = install(&mut bench, "app.1");
    let first =
        format!("grant_type=refresh_token&refresh_token={}", installed["refresh_token"].as_str().unwrap());
    let (status, renewed) = token(&mut bench, &first);
    assert_eq!(
        (status, &renewed["expires_in"], &renewed["domain"]),
        (200, &json!(3600), &json!("oauth.bitrix.info"))
    );
    assert_eq!(renewed["expires"].as_i64().unwrap(), bench.now.as_second() + 3600);
    assert_eq!(renewed["client_endpoint"], "https://demo.bitrix24.ru/rest/");
    assert_eq!(call_as(&mut bench, &renewed["access_token"], "profile", json!({})).0, 200);
    let (status, used_up) = token(&mut bench, &first);
    assert_eq!((status, &used_up["error"]), (400, &json!("invalid_grant")));
    let second =
        format!("grant_type=refresh_token&refresh_token={}", renewed["refresh_token"].as_str().unwrap());
    bench.pass(180 * 24 * 3600);
    assert_eq!(token(&mut bench, &second).1["error"], "invalid_grant", "after 180 days");
}

#[test]
fn a_code_lives_thirty_seconds_and_works_once() {
    let mut bench = Bench::new();
    let installed = install(&mut bench, "app.1");
    let query = format!("grant_type=authorization_code&code={}", installed["code"].as_str().unwrap());
    let (status, tokens) = token(&mut bench, &query);
    assert_eq!((status, &tokens["expires"]), (200, &json!(bench.now.as_second() + 3600)));
    assert_eq!(token(&mut bench, &query).1["error"], "invalid_grant");
    let code = bench.portal.act(bench.now, &json!({ "do": "authorize", "client_id": "app.1" })).unwrap();
    bench.pass(30);
    let late = format!("grant_type=authorization_code&code={}", code["code"].as_str().unwrap());
    assert_eq!(token(&mut bench, &late).1["error"], "invalid_grant");
}

#[test]
fn a_wrong_client_is_told_with_status_200() {
    let mut bench = Bench::new();
    let (status, refused) = token(&mut bench, "grant_type=refresh_token&refresh_token=x");
    assert_eq!((status, &refused["error"]), (200, &json!("wrong_client")));
    install(&mut bench, "app.1");
    assert_eq!(token(&mut bench, "grant_type=password").1["error"], "invalid_request");
}

#[test]
fn an_application_that_was_removed_or_whose_tokens_ended_is_refused() {
    let mut bench = Bench::new();
    let installed = install(&mut bench, "app.1");
    let access = &installed["access_token"];
    bench.portal.act(bench.now, &json!({ "do": "expire", "client_id": "app.1" })).unwrap();
    assert_eq!(call_as(&mut bench, access, "profile", json!({})).1["error"], "expired_token");
    bench.portal.act(bench.now, &json!({ "do": "uninstall", "client_id": "app.1" })).unwrap();
    let (status, refused) = call_as(&mut bench, access, "profile", json!({}));
    assert_eq!((status, &refused["error"]), (401, &json!("APPLICATION_NOT_FOUND")));
    let (status, refused) = token(&mut bench, "grant_type=refresh_token&refresh_token=x");
    assert_eq!((status, &refused["error"]), (401, &json!("NOT_INSTALLED")));
    assert!(bench.portal.act(bench.now, &json!({ "do": "expire", "client_id": "app.1" })).is_err());
}

#[test]
fn renewing_meets_no_limit_of_the_portal() {
    let mut bench = Bench::new();
    install(&mut bench, "app.1");
    for _ in 0..60 {
        token(&mut bench, "grant_type=refresh_token&refresh_token=x");
    }
    assert_eq!(bench.portal.counters()["requests"], 0);
}

#[test]
fn an_unpaid_subscription_is_told_by_the_server_of_tokens_too() {
    let mut bench = Bench::new();
    let installed = install(&mut bench, "app.1");
    bench.portal.act(bench.now, &json!({ "do": "portal", "state": "payment-required" })).unwrap();
    let query =
        format!("grant_type=refresh_token&refresh_token={}", installed["refresh_token"].as_str().unwrap());
    let (status, refused) = token(&mut bench, &query);
    assert_eq!((status, &refused["error"]), (401, &json!("PAYMENT_REQUIRED")));
    bench.portal.act(bench.now, &json!({ "do": "portal", "state": "working" })).unwrap();
    assert_eq!(token(&mut bench, &query).0, 200, "the refresh token was not used up");
}

#[test]
fn a_token_has_the_rights_of_the_user_who_authorised_it() {
    let mut bench = Bench::new();
    install(&mut bench, "app.1");
    let authorize = json!({ "do": "authorize", "client_id": "app.1", "user": 3 });
    let code = bench.portal.act(bench.now, &authorize).unwrap();
    let query = format!("grant_type=authorization_code&code={}", code["code"].as_str().unwrap());
    let (_, tokens) = token(&mut bench, &query);
    assert_eq!(tokens["user_id"], 3);
    let access = &tokens["access_token"];
    let profile = call_as(&mut bench, access, "profile", json!({})).1["result"].clone();
    assert_eq!((&profile["ID"], &profile["ADMIN"]), (&json!("3"), &json!(false)));
    call_as(&mut bench, access, "crm.contact.add", json!({ "fields": { "NAME": "A" } }));
    let contact = bench.get(1);
    assert_eq!((&contact["CREATED_BY_ID"], &contact["MODIFY_BY_ID"]), (&json!("3"), &json!("3")));
    let field = json!({ "fields": { "FIELD_NAME": "A", "USER_TYPE_ID": "string" } });
    let refused = call_as(&mut bench, access, "crm.contact.userfield.add", field).1;
    assert_eq!(refused["error_description"], "Access denied.");
}
