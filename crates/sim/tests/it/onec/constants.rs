//! Constants: one value each, under the empty reference.

use super::*;

const SWITCH: &str = "Constant_ИспользоватьДополнительныеРеквизитыИСведения";
const EMPTY: &str = "00000000-0000-0000-0000-000000000000";

#[test]
fn a_constant_is_one_record_under_the_empty_reference() {
    for product in [Product::Bp30, Product::Ut11, Product::Unf] {
        let mut base = of_product(product, &[]);
        let all = rows(&mut base, &format!("/{SWITCH}"));
        assert_eq!(all, [json!({"SurrogateKey": EMPTY, "Value": false})], "{product:?}");
        let changed = body(&send(&mut base, "PATCH", &entity(SWITCH, EMPTY), &json!({"Value": true})), 200);
        assert_eq!(changed["Value"], true);
        assert_eq!(body(&get(&mut base, &entity(SWITCH, EMPTY)), 200)["Value"], true);
        assert_eq!(get(&mut base, &entity(SWITCH, FIRM)).status, 404);
        assert_eq!(code(&send(&mut base, "PATCH", &entity(SWITCH, EMPTY), &json!({"Value": "да"}))), "4");
    }
}

#[test]
fn nobody_creates_or_deletes_a_constant() {
    let mut base = plain();
    let post = send(&mut base, "POST", &format!("/{SWITCH}"), &json!({"SurrogateKey": EMPTY, "Value": true}));
    assert_eq!((post.status, code(&post).as_str()), (405, "19"));
    let delete = send(&mut base, "DELETE", &entity(SWITCH, EMPTY), &Value::Null);
    assert_eq!((delete.status, code(&delete).as_str()), (405, "19"));
    assert_eq!(rows(&mut base, &format!("/{SWITCH}")).len(), 1);
}

#[test]
fn a_constant_is_loaded_as_any_record() {
    let mut base = of_product(Product::Unf, &[(SWITCH, json!({"SurrogateKey": EMPTY, "Value": true}))]);
    assert_eq!(rows(&mut base, &format!("/{SWITCH}"))[0]["Value"], true);
    assert_eq!(base.dump()["objects"][SWITCH].as_array().unwrap().len(), 1);
}
