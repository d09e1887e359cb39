//! Fields and values in words.

use obmen_domain::party::{Field, Point, UserId, Value};
use obmen_domain::record::Kind;

use super::known::Known;
use crate::words::Words;

/// One value as it is shown, and what it is compared by: what reads the same is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Shown {
    pub(in crate::commands) text: String,
    pub(in crate::commands) key: String,
}

/// What a field is called.
pub(in crate::commands) fn label(field: Field, kind: Kind, words: &Words) -> String {
    if let Field::Configured(name) = field {
        return name.to_string();
    }
    words.say_with(&format!("field-{}", field.word()), &[("kind", kind.word().into())])
}

/// The values of a field, one by one; none where it is empty.
pub(in crate::commands) fn shown(value: &Value, known: &Known, words: &Words) -> Vec<Shown> {
    match value {
        Value::Text(text) => plain(text.trim()).into_iter().collect(),
        Value::Name(name) => plain(&name.whole()).into_iter().collect(),
        Value::Phones(phones) => phones
            .iter()
            .map(|phone| point(phone, phone.key.as_ref().map(|key| key.as_str()), words))
            .collect(),
        Value::Emails(emails) => emails
            .iter()
            .map(|email| point(email, email.key.as_ref().map(|key| key.as_str()), words))
            .collect(),
        Value::Employers(companies) => {
            let names = companies.iter().map(|id| match known.name(id) {
                name if name.trim().is_empty() => id.mutual(),
                name => name,
            });
            names.filter_map(|name| plain(&name)).collect()
        }
        Value::Manager(user) => user.iter().map(|user| manager(user, known)).collect(),
    }
}

/// The values of a field in one line.
pub(in crate::commands) fn text(value: &Value, known: &Known, words: &Words) -> String {
    let texts: Vec<String> = shown(value, known, words).into_iter().map(|one| one.text).collect();
    texts.join(", ")
}

/// Words in another order, other letters of one case and «ё» make no difference.
fn plain(text: &str) -> Option<Shown> {
    let mut words: Vec<String> =
        text.to_lowercase().replace('ё', "е").split_whitespace().map(str::to_owned).collect();
    words.sort();
    (!words.is_empty()).then(|| Shown { text: text.to_owned(), key: words.join(" ") })
}

/// A user by name where it is known; two users of one person are the same.
fn manager(user: &UserId, known: &Known) -> Shown {
    let employee = known.user(user);
    let name = employee.map(|employee| &employee.name).filter(|name| !name.trim().is_empty());
    Shown {
        text: name.unwrap_or(&user.0).clone(),
        key: employee.map_or(user, |employee| &employee.key).0.clone(),
    }
}

fn point<K>(point: &Point<K>, key: Option<&str>, words: &Words) -> Shown {
    let text = key.unwrap_or(&point.text);
    let text = match &point.extension {
        Some(extension) => {
            let args = [("number", text.into()), ("extension", extension.as_str().into())];
            words.say_with("field-phone-extension", &args)
        }
        None => text.to_owned(),
    };
    Shown { key: text.to_lowercase(), text }
}

#[cfg(test)]
mod tests {
    use obmen_domain::forms::person_name::PersonName;
    use obmen_domain::rules::Managers;
    use obmen_engine::ports::User;

    use super::*;
    use crate::words::Lang;

    #[test]
    fn names_that_differ_by_order_case_and_a_letter_read_the_same() {
        let (known, words) = (Known::default(), Words::new(Lang::En));
        let name = |last: &str, first: &str| Value::Name(PersonName::from_parts(last, first, ""));
        let (a, b) = (name("Королёв", "Пётр"), name("ПЕТР", "Королев"));
        assert_eq!(shown(&a, &known, &words)[0].key, shown(&b, &known, &words)[0].key);
        assert_eq!(shown(&Value::Text("  ".to_owned()), &known, &words), []);
    }

    #[test]
    fn a_manager_is_shown_by_name_where_it_is_known() {
        let words = Words::new(Lang::En);
        let known = Known::of(Vec::new(), &[("7", "Анна Иванова"), ("8", "")]);
        let manager = |id: &str| Value::Manager(Some(UserId(id.to_owned())));
        assert_eq!(["7", "8", "9"].map(|id| text(&manager(id), &known, &words)), ["Анна Иванова", "8", "9"]);
    }

    #[test]
    fn two_users_of_one_person_are_the_same_whatever_they_are_called() {
        let user = |id: &str, name: &str| User {
            id: UserId(id.to_owned()),
            name: name.to_owned(),
            email: String::new(),
            active: true,
        };
        let mut managers = Managers::default();
        managers.add(UserId("7".to_owned()), UserId("aa".to_owned()));
        let (left, right) =
            (vec![user("7", "Анна Иванова")], vec![user("aa", "Иванова А."), user("bb", "Она")]);
        let known = Known::with_users(&Known::users(left, right, &managers));
        let key = |id: &str| {
            let value = Value::Manager(Some(UserId(id.to_owned())));
            shown(&value, &known, &Words::new(Lang::En)).remove(0).key
        };
        assert_eq!(["7", "aa", "bb"].map(key), ["7", "7", "bb"]);
    }
}
