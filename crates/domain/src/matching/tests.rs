//! Cases of matching, as tables. Each case names its records in short and says what is decided.
//!
//! A record is written as `side/catalog id | name | inn | phones | e-mails`; see [`person`] and [`company`].

mod doubts;
mod spellings;
mod stored_ids;

use std::collections::{BTreeMap, BTreeSet};

use super::{Decision, Neighbourhood, decide};
use crate::brought::recall_copy;
use crate::forms::email::read_emails;
use crate::forms::person_name::PersonName;
use crate::forms::phone::{PhoneContext, read_phones};
use crate::key::{Key, keys_of_record};
use crate::party::{Email, Organization, Party, Person, Phone, Point};
use crate::record::{Catalog, Kind, Record, RecordId, Side, Standing};
use crate::ruling::{Ruled, Ruling};

#[test]
fn people_are_linked_by_a_key_with_the_name_as_a_check() {
    let cases: &[Case<'_>] = &[
        (
            "the same phone in two spellings, the same name",
            &[
                b("1", "Иванов Пётр Сергеевич", "8 (912) 345-67-89", ""),
                o("a", "Иванов Петр Сергеевич", "+79123456789", ""),
            ],
            &["link 1=a phone"],
        ),
        (
            "the same mailbox in another letter case, the patronymic missing on one side",
            &[
                b("1", "Иванов Пётр", "", "Petr@Firm.example"),
                o("a", "Иванов Пётр Сергеевич", "", "petr@firm.example"),
            ],
            &["link 1=a email"],
        ),
        (
            "one phone of a family: two people",
            &[
                b("1", "Иванов Пётр Сергеевич", "+79123456789", ""),
                o("a", "Иванова Анна Павловна", "+79123456789", ""),
            ],
            &["new 1", "new a"],
        ),
        (
            "one phone, another surname: a brother in law, or a slip",
            &[
                b("1", "Иванов Пётр Сергеевич", "+79123456789", ""),
                o("a", "Орлов Пётр Сергеевич", "+79123456789", ""),
            ],
            &["ask match 1 a"],
        ),
        (
            "one phone, a woman's other surname: she married",
            &[
                b("1", "Иванова Анна Павловна", "+79123456789", ""),
                o("a", "Петрова Анна Павловна", "+79123456789", ""),
            ],
            &["link 1=a phone"],
        ),
        (
            "the full name alone",
            &[
                b("1", "Иванов Пётр Сергеевич", "+79123456789", ""),
                o("a", "Иванов Пётр Сергеевич", "+79990000000", ""),
            ],
            &["ask match 1 a"],
        ),
        (
            "a phone, and no name on one side",
            &[b("1", "", "+79123456789", ""), o("a", "Иванов Пётр Сергеевич", "+79123456789", "")],
            &["ask match 1 a"],
        ),
        (
            "different valid tax numbers never link, whatever else is common",
            &[
                with_inn(b("1", "Иванов Пётр Сергеевич", "+79123456789", ""), "501700219097"),
                with_inn(o("a", "Иванов Пётр Сергеевич", "+79123456789", ""), "770123456703"),
            ],
            &["new 1", "new a"],
        ),
        (
            "a wrong tax number is no number",
            &[
                with_inn(b("1", "Иванов Пётр Сергеевич", "+79123456789", ""), "501700219090"),
                with_inn(o("a", "Иванов Пётр Сергеевич", "+79123456789", ""), "770123456703"),
            ],
            &["link 1=a phone"],
        ),
        (
            "nobody's name: matched where it can be, never copied",
            &[b("1", "Без имени", "+79123456789", ""), b("2", "8 912 000-00-01", "+79120000001", "")],
            &[],
        ),
        (
            "nothing in common",
            &[b("1", "Иванов Пётр", "", "a@b.example"), o("a", "Сидоров Олег", "", "c@d.example")],
            &["new 1", "new a"],
        ),
    ];
    check_all(cases);
}

#[test]
fn an_unclear_name_beside_a_key_is_a_question() {
    let cases: &[Case<'_>] = &[
        (
            "two keys, other names: a changed surname, or two people of one household",
            &[
                b("1", "Киселёва О. А.", "+79123456789", "o@bk.example"),
                o("a", "Маликова Ольга Архиповна", "+79123456789", "o@bk.example"),
            ],
            &["ask match 1 a"],
        ),
        (
            "a key and the first name, another surname, no patronymic",
            &[b("1", "Клепова Анна", "+79123456789", ""), o("a", "Додолева Анна", "+79123456789", "")],
            &["ask match 1 a"],
        ),
        (
            "initials beside a phone that two people have",
            &[
                b("1", "Ананьева Л. В.", "+79123456789", ""),
                o("a", "Ананьева Лариса Васильевна", "+79123456789", ""),
                o("b", "Котов Яков Ильич", "+79123456789", ""),
            ],
            &["new b", "ask match 1 a"],
        ),
        (
            "initials beside a mailbox that two people have",
            &[
                b("1", "Ананьева Л. В.", "", "office@firm.example"),
                o("a", "Ананьева Лариса Васильевна", "", "office@firm.example"),
                o("b", "Котов Яков Ильич", "", "office@firm.example"),
            ],
            &["new b", "ask match 1 a"],
        ),
        (
            "the same initials beside a phone that two people have",
            &[
                b("1", "Ананьева Л. В.", "+79123456789", ""),
                o("a", "Ананьева Л. В.", "+79123456789", ""),
                o("b", "Котов Яков Ильич", "+79123456789", ""),
            ],
            &["new b", "ask match 1 a"],
        ),
        (
            "a given name typed into the field of the family name, another surname",
            &[
                named(b("1", "", "+79123456789", ""), "Анна", "Клепова", "Ильинична"),
                o("a", "Додолева Анна", "+79123456789", ""),
            ],
            &["ask match 1 a"],
        ),
        (
            "initials beside a phone that nobody else has",
            &[
                b("1", "Ананьева Л. В.", "+79123456789", ""),
                o("a", "Ананьева Лариса Васильевна", "+79123456789", ""),
            ],
            &["link 1=a phone"],
        ),
        (
            "a single given name beside a mailbox that two people have",
            &[
                b("1", "Соловьёва Алексия Денисовна", "", "ufa@firm.example"),
                o("a", "Алексия", "", "ufa@firm.example"),
                o("b", "Котов Яков Ильич", "", "ufa@firm.example"),
            ],
            &["new b", "ask match 1 a"],
        ),
        (
            "a single given name beside a mailbox that nobody else has",
            &[b("1", "Соловьёва Алексия", "", "a@s.example"), o("a", "Алексия", "", "a@s.example")],
            &["link 1=a email"],
        ),
        (
            "a name in which a part cannot be read",
            &[
                named(b("1", "", "+79123456789", ""), "Михайлова", "Ünïcödé Ñame", "Эдгаровна"),
                o("a", "Михайлова Богдана Эдгаровна", "+79123456789", ""),
            ],
            &["ask match 1 a"],
        ),
        (
            "a post beside the phone of one person",
            &[b("1", "Приёмная", "+79123456789", ""), o("a", "Котов Яков Ильич", "+79123456789", "")],
            &["ask match 1 a"],
        ),
        (
            "a placeholder is no name",
            &[b("1", "тест тест", "+79123456789", ""), o("a", "Котов Яков Ильич", "+79123456789", "")],
            &["ask match 1 a"],
        ),
    ];
    check_all(cases);
}

#[test]
fn facets_and_twins_are_told_apart_by_their_catalog() {
    let cases: &[Case<'_>] = &[
        (
            "a contact person beside the counterparty is a facet: the counterparty is linked",
            &[
                b("1", "Иванов Пётр Сергеевич", "+79123456789", ""),
                of(Catalog::ContactPerson, o("a", "Иванов Пётр Сергеевич", "+79123456789", "")),
                o("b", "Иванов Пётр Сергеевич", "+79123456789", ""),
            ],
            &["link 1=b phone"],
        ),
        (
            "two counterparties of one person: the fuller one takes part",
            &[
                b("1", "Иванов Пётр Сергеевич", "+79123456789", "p@i.example"),
                o("a", "Иванов Пётр Сергеевич", "+79123456789", ""),
                o("b", "Иванов Пётр Сергеевич", "+79123456789", "p@i.example"),
            ],
            &["link 1=b email", "ask twins a b"],
        ),
        (
            "a card with nothing but the full name of another one",
            &[
                o("a", "Солопова Сабрина Харитоновна", "+79066762361", ""),
                o("b", "Солопова Сабрина Харитоновна", "", ""),
            ],
            &["new a", "ask twins a b"],
        ),
        (
            "namesakes, each with a phone",
            &[
                o("a", "Солопова Сабрина Харитоновна", "+79066762361", ""),
                o("b", "Солопова Сабрина Харитоновна", "+79990000000", ""),
            ],
            &["new a", "new b"],
        ),
        (
            "a given name alone beside the phone of another card",
            &[
                b("1", "Старченко Дженна Августовна", "+79123456789", ""),
                b("2", "Дженна", "+79123456789", ""),
            ],
            &["new 1", "ask twins 1 2"],
        ),
        (
            "a family with one phone, a name typed into the wrong fields",
            &[
                named(b("1", "", "+79123456789", ""), "Люсьена", "Васюченко", "Глебовна"),
                o("a", "Васюченко Лукерья Ануфриевна", "+79123456789", ""),
            ],
            &["new 1", "new a"],
        ),
        (
            "a family with one phone inside one side",
            &[
                b("1", "Иванов Пётр Сергеевич", "+79123456789", ""),
                b("2", "Иванова Анна Павловна", "+79123456789", ""),
            ],
            &["new 1", "new 2"],
        ),
        (
            "two contacts of one person",
            &[
                b("1", "Иванов Пётр Сергеевич", "+79123456789", ""),
                b("2", "Иванов Пётр Сергеевич", "+79123456789", "p@i.example"),
            ],
            &["new 2", "ask twins 1 2"],
        ),
        (
            "an individual alone is nobody's customer",
            &[of(Catalog::Individual, o("a", "Иванов Пётр Сергеевич", "+79123456789", ""))],
            &[],
        ),
        (
            "initials that fit two people of one family are a question",
            &[
                b("1", "Иванов П. С.", "+79123456789", ""),
                o("a", "Иванов Пётр Сергеевич", "+79123456789", ""),
                o("b", "Иванов Павел Семёнович", "+79123456789", ""),
            ],
            &["ask match 1 a b"],
        ),
    ];
    check_all(cases);
}

#[test]
fn what_is_linked_is_left_alone() {
    let pair = || {
        [
            b("1", "Иванов Пётр Сергеевич", "+79123456789", ""),
            o("a", "Иванов Пётр Сергеевич", "+79123456789", ""),
        ]
    };
    let [left, right] = pair();
    check("a linked pair", &[left, right], &[("1", "a")], &[]);
    let [left, right] = pair();
    let third = b("2", "Иванов Пётр Сергеевич", "+79123456789", "");
    check("a second contact of a linked person", &[left, right, third], &[("1", "a")], &["ask twins 1 2"]);
    let [left, right] = pair();
    let facet = of(Catalog::ContactPerson, o("b", "Иванов Пётр Сергеевич", "+79123456789", ""));
    check("a facet of a linked person", &[left, right, facet], &[("1", "a")], &[]);
    let [left, _] = pair();
    check("a linked record whose partner is not to be seen is not new", &[left], &[("1", "gone")], &[]);
}

#[test]
fn a_link_goes_on_in_the_record_that_stands_for_the_one_that_is_gone() {
    let left = |id: &str| b(id, "Иванов Пётр Сергеевич", "+79123456789", "");
    let right = || o("a", "Иванов Пётр Сергеевич", "+79123456789", "");
    let gone = [("9", "a")];
    check("two cards were merged", &[left("1"), right()], &gone, &["link 1=a phone"]);
    let twins = [left("1"), left("2"), right()];
    check("one of three cards was deleted", &twins, &gone, &["link 1=a phone", "ask twins 1 2"]);
    let replaced = [left("1"), o("b", "Иванов Пётр Сергеевич", "+79123456789", "")];
    check("a counterparty was replaced in 1C", &replaced, &[("1", "z")], &["link 1=b phone"]);
    let firms = [
        cb("1", "Ромашка", "7701234560", "770101001", ""),
        co("b", "ООО «Ромашка»", "7701234560", "770101001", ""),
    ];
    check("a firm was replaced in 1C", &firms, &[("1", "z")], &["link 1=b inn"]);
    let names = o("a", "Иванов Пётр Сергеевич", "+79990000000", "");
    check("the name alone does not tell who stands for it", &[left("1"), names], &gone, &["new 1"]);
    let replaced = [left("1"), right(), marked(o("b", "Иванов Пётр Сергеевич", "+79123456789", ""))];
    check("a counterparty was replaced by another", &replaced, &[("1", "b")], &["link 1=a phone"]);
    let alone = [left("1"), marked(o("b", "Иванов Пётр Сергеевич", "+79123456789", ""))];
    check("a marked partner alone is no occasion to match", &alone, &[("1", "b")], &[]);
    let both = [left("1"), right()];
    check("both partners are gone", &both, &[("9", "a"), ("1", "z")], &[]);
}

#[test]
fn two_copies_of_others_that_were_linked_are_somebody_all_the_same() {
    let mut left = cb("1", "ООО «Ромашка»", "", "", "office@romashka.example");
    let mut right = co("a", "ООО «Ромашка»", "", "", "office@romashka.example");
    recall_copy(&mut left);
    recall_copy(&mut right);
    let third = co("b", "ООО «Ромашка»", "", "", "office@romashka.example");
    check("what one was made of takes part again", &[left, right, third], &[("1", "a")], &["ask twins a b"]);
}

#[test]
fn a_marked_object_is_never_linked() {
    let dead = marked(o("a", "Иванов Пётр Сергеевич", "+79123456789", ""));
    let alive = || b("1", "Иванов Пётр Сергеевич", "+79123456789", "");
    check("the only match is marked", &[alive(), dead.clone()], &[], &["ask match 1 a"]);
    let other = o("b", "Иванов Пётр Сергеевич", "+79123456789", "");
    check("a marked one beside a living one", &[alive(), dead.clone(), other], &[], &["link 1=b phone"]);
    check("a marked one alone", std::slice::from_ref(&dead), &[], &[]);
    let partner = || b("2", "Иванов Пётр Сергеевич", "+79990000001", "");
    let twin = || o("b", "Иванов Пётр Сергеевич", "+79123456789", "");
    let linked = [partner(), dead.clone(), twin()];
    check("the twin of a marked one that is linked", &linked, &[("2", "a")], &["ask match 2 b"]);
    check("the twin of a marked one without a link", &linked[1..], &[], &["new b"]);
    let stranger = o("b", "Кузнецова Анна Павловна", "+79123450000", "");
    let beside = [partner(), dead, stranger];
    check("somebody else beside a marked one that is linked", &beside, &[("2", "a")], &["new b"]);
}

#[test]
fn companies_are_linked_by_tax_number_and_branch_or_by_key_and_name() {
    let cases: &[Case<'_>] = &[
        (
            "the same INN and KPP under other names",
            &[
                cb("1", "Ромашка", "7701234560", "770101001", ""),
                co("a", "ООО «Лютик»", "7701234560", "770101001", ""),
            ],
            &["link 1=a inn"],
        ),
        (
            "the same INN, no KPP in Bitrix24, one holder each",
            &[
                cb("1", "Ромашка", "7701234560", "", ""),
                co("a", "ООО «Ромашка»", "7701234560", "770101001", ""),
            ],
            &["link 1=a inn"],
        ),
        (
            "the same INN, another KPP, one holder each: it moved",
            &[
                cb("1", "Ромашка", "7701234560", "770201001", ""),
                co("a", "ООО «Ромашка»", "7701234560", "770101001", ""),
            ],
            &["link 1=a inn"],
        ),
        (
            "the same INN, the KPP of a head office and of a branch, one holder each: a question",
            &[
                cb("1", "Ромашка", "7701234560", "165743002", ""),
                co("a", "ООО «Ромашка»", "7701234560", "770101001", ""),
            ],
            &["ask match 1 a"],
        ),
        (
            "one mailbox and one name, and a card that somebody retired in words",
            &[
                cb("1", "ООО Ромашка НЕ РАБОТАТЬ!!!", "", "", "info@r.example"),
                co("a", "ООО Ромашка", "", "", "info@r.example"),
            ],
            &["ask match 1 a"],
        ),
        (
            "a head office and a branch find their own",
            &[
                cb("1", "Ромашка", "7701234560", "770101001", ""),
                co("a", "ООО «Ромашка»", "7701234560", "770101001", ""),
                co("b", "ООО «Ромашка» филиал", "7701234560", "540143001", ""),
            ],
            &["link 1=a inn", "new b"],
        ),
        (
            "the same INN, no KPP, two holders: a question",
            &[
                cb("1", "Ромашка", "7701234560", "", ""),
                co("a", "ООО «Ромашка»", "7701234560", "770101001", ""),
                co("b", "ООО «Ромашка» филиал", "7701234560", "540143001", ""),
            ],
            &["ask match 1 a b"],
        ),
        (
            "no INN on one side, own mailbox and the same words in another order",
            &[
                cb("1", "ООО \"Ромашка\"", "", "", "info@r.example"),
                co("a", "Ромашка ООО", "7701234560", "", "info@r.example"),
            ],
            &["link 1=a email"],
        ),
        (
            "a mailbox without the name is not enough",
            &[
                cb("1", "ООО Лютик", "", "", "info@r.example"),
                co("a", "ООО Ромашка", "7701234560", "", "info@r.example"),
            ],
            &["new 1", "new a"],
        ),
        (
            "the name alone",
            &[cb("1", "ООО Ромашка", "", "", ""), co("a", "Ромашка ООО", "7701234560", "", "")],
            &["ask match 1 a"],
        ),
        (
            "a sole proprietor with and without initials, one mailbox",
            &[
                cb("1", "ИП Панкратова Н.Т.", "776536357656", "", "p@bk.example"),
                co("a", "Панкратова Надежда Тихоновна ИП", "", "", "p@bk.example"),
            ],
            &["ask match 1 a"],
        ),
        (
            "two rows of one firm in Bitrix24 with one mailbox, the KPP on one of them",
            &[
                cb("1", "ООО Тамань", "7701234560", "770101001", "info@t.example"),
                cb("2", "Тамань ООО", "7701234560", "", "info@t.example"),
                co("a", "ООО Тамань", "7701234560", "770101001", ""),
            ],
            &["link 1=a inn", "ask twins 1 2"],
        ),
        (
            "a card with nothing but the name and the INN of another one",
            &[
                cb("1", "ГБУ Тамань", "7701234560", "770101001", "info@t.example"),
                cb("2", "Тамань", "7701234560", "", ""),
            ],
            &["new 1", "ask twins 1 2"],
        ),
        (
            "one card with the INN and one with the mailbox of the same firm in 1C",
            &[
                cb("1", "ЗАО Тамань", "7701234560", "770101001", ""),
                cb("2", "Тамань", "", "", "info@t.example"),
                co("a", "Тамань ЗАО", "7701234560", "770101001", "info@t.example"),
            ],
            &["link 1=a inn", "ask twins 1 2", "ask match 2 a"],
        ),
        (
            "a head office, and a card without its KPP and with another mailbox: a branch, or a twin",
            &[
                cb("1", "ООО Тамань", "7701234560", "770101001", "info@t.example"),
                cb("2", "ООО Тамань", "7701234560", "", "ufa@t.example"),
                co("a", "ООО Тамань", "7701234560", "770101001", ""),
            ],
            &["link 1=a inn", "ask twins 1 2"],
        ),
        (
            "the same INN without a KPP, and mailboxes of which none is common: a branch, perhaps",
            &[
                cb("1", "ООО Ромашка", "7701234560", "", "ufa@r.example"),
                co("a", "ООО Ромашка", "7701234560", "770101001", "msk@r.example"),
            ],
            &["ask match 1 a"],
        ),
        (
            "two cards of one sole proprietor: they have no branches, so these are twins",
            &[
                cb("1", "ИП Панкратова Н.Т.", "776536357656", "", "p@bk.example"),
                co("a", "ИП Панкратова Надежда Тихоновна", "776536357656", "", ""),
                co("b", "ИП Панкратова Надежда Тихоновна", "776536357656", "", "p@bk.example"),
            ],
            &["link 1=b inn", "ask twins a b"],
        ),
        (
            "one mailbox and one name, and a tax number that is none",
            &[
                cb("1", "ООО Ромашка", "7701234561", "", "info@r.example"),
                co("a", "ООО Ромашка", "7701234560", "", "info@r.example"),
            ],
            &["ask match 1 a"],
        ),
        (
            "one mailbox, the legal form on one side only: a firm and its sister share a brand",
            &[
                cb("1", "Ромашка", "", "", "info@r.example"),
                co("a", "ООО Ромашка", "7701234560", "", "info@r.example"),
            ],
            &["ask match 1 a"],
        ),
        (
            "two rows of one side, the legal form in one of them only",
            &[
                cb("1", "Ромашка (Пермь)", "7701234560", "", "info@r.example"),
                cb("2", "ООО Ромашка", "", "", "info@r.example"),
            ],
            &["new 1", "ask twins 1 2"],
        ),
        (
            "the legal form stands in the full legal name",
            &[
                legally(
                    cb("1", "Ромашка", "", "", "info@r.example"),
                    "Общество с ограниченной ответственностью \"Ромашка\"",
                ),
                co("a", "ООО Ромашка", "7701234560", "", "info@r.example"),
            ],
            &["link 1=a email"],
        ),
        (
            "different INN",
            &[cb("1", "ООО Ромашка", "5017002196", "", ""), co("a", "Ромашка ООО", "7701234560", "", "")],
            &["new 1", "new a"],
        ),
    ];
    check_all(cases);
}

#[test]
fn a_widespread_key_links_nobody_by_itself() {
    let mut records =
        vec![b("1", "Иванов П.", "+74950000000", ""), o("x", "Иванов Пётр Сергеевич", "+74950000000", "")];
    for (position, name) in ["Орлов Глеб", "Белов Марк", "Котов Яков"].iter().enumerate()
    {
        records.push(o(&format!("y{position}"), name, "+74950000000", ""));
    }
    let decisions = decide(&neighbourhood(&records, &[]));
    assert!(
        decisions.iter().all(|decision| !matches!(decision, Decision::Link { .. })),
        "the reception's phone is nobody's: {decisions:?}"
    );
}

#[test]
fn a_mailbox_of_many_cards_of_one_firm_is_not_widespread() {
    let firm = |id: &str, title: &str| co(id, title, "", "", "office@romashka.example");
    let mut records = vec![cb("1", "ООО «Ромашка»", "", "", "office@romashka.example")];
    records.extend(["a", "c", "d"].map(|id| firm(id, "ООО «Ромашка»")));
    records.extend(["x", "z"].map(|id| marked(firm(id, "ООО «Ромашка»"))));
    check("twins of a linked one, others were merged", &records, &[("1", "a")], &["ask twins a c d"]);
    records.push(firm("e", "ООО «Василёк»"));
    check("another firm has it too", &records, &[("1", "a")], &["new c", "new d", "new e"]);
}

#[test]
fn what_a_person_decided_outweighs_all_evidence() {
    let (left, right) = (
        b("1", "Иванов Пётр Сергеевич", "+79123456789", ""),
        o("a", "Иванов Пётр Сергеевич", "+79123456789", ""),
    );
    let twin = b("2", "Иванов Пётр Сергеевич", "+79123456789", "");
    let other = o("a", "Сидоров Олег Ильич", "", "");
    // What; records; who was ruled about; what is decided.
    type Case<'a> = (&'a str, &'a [&'a Record], &'a [(&'a Record, &'a Record, Ruling)], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        ("all the same, yet apart", &[&left, &right], &[(&left, &right, Ruling::Apart)], &["new 1", "new a"]),
        ("a link that has ended leaves both alone", &[&left, &right], &[(&right, &left, Ruling::Ended)], &[]),
        (
            "nothing in common, yet one",
            &[&left, &other],
            &[(&left, &other, Ruling::Same)],
            &["link 1=a decision"],
        ),
        (
            "twins that are known to be twins are no question",
            &[&left, &twin, &right],
            &[(&left, &twin, Ruling::Same), (&twin, &right, Ruling::Same)],
            &["link 1=a phone"],
        ),
        (
            "two decided apart, and a third looks like both",
            &[&left, &twin, &right],
            &[(&left, &twin, Ruling::Apart)],
            &["ask match 1 2 a"],
        ),
    ];
    for (what, records, rulings, expected) in cases {
        let records: Vec<Record> = records.iter().map(|record| (*record).clone()).collect();
        let mut around = neighbourhood(&records, &[]);
        for (a, b, ruling) in *rulings {
            around.rulings.insert(Ruled::new(a.id.clone(), b.id.clone(), *ruling));
        }
        let printed: Vec<String> = decide(&around).iter().map(print).collect();
        assert_eq!(printed, *expected, "{what}");
    }
}

/// What is tried, the records, and what is decided about them.
type Case<'a> = (&'a str, &'a [Record], &'a [&'a str]);

fn check_all(cases: &[Case<'_>]) {
    for (what, records, expected) in cases {
        check(what, records, &[], expected);
    }
}

fn check(what: &str, records: &[Record], links: &[(&str, &str)], expected: &[&str]) {
    let mut orders = vec![records.to_vec()];
    orders.push(records.iter().rev().cloned().collect());
    for order in orders {
        let printed: Vec<String> = decide(&neighbourhood(&order, links)).iter().map(print).collect();
        assert_eq!(printed, expected, "{what}");
    }
}

fn neighbourhood(records: &[Record], links: &[(&str, &str)]) -> Neighbourhood {
    let mut around = Neighbourhood::default();
    let kind = records[0].id.kind;
    for record in records {
        around.records.insert(record.id.clone(), record.clone());
    }
    for (left, right) in links {
        around.links.insert((RecordId::bitrix24(kind, *left), RecordId::onec(kind, right)));
    }
    let all: BTreeSet<_> = records.iter().flat_map(keys_of_record).collect();
    for key in all {
        let most = [Side::Bitrix24, Side::Onec]
            .into_iter()
            .map(|side| {
                records.iter().filter(|r| r.id.side == side && keys_of_record(r).contains(&key)).count()
            })
            .max()
            .unwrap_or(0);
        around.holders.insert(key, most);
    }
    around
}

fn print(decision: &Decision) -> String {
    match decision {
        Decision::Link { bitrix24, onec, reason } => {
            let reason = serde_json::to_value(reason).unwrap();
            format!("link {}={} {}", bitrix24.id, onec.id, reason.as_str().unwrap())
        }
        Decision::New { source } => format!("new {}", source.id),
        Decision::Ask(review) => {
            let ids: Vec<&str> = review.records.iter().map(|id| id.id.as_str()).collect();
            format!("ask {} {}", review.kind.word(), ids.join(" "))
        }
    }
}

fn b(id: &str, name: &str, phones: &str, emails: &str) -> Record {
    person(RecordId::bitrix24(Kind::Contact, id), Catalog::Bitrix24, name, phones, emails)
}

fn o(id: &str, name: &str, phones: &str, emails: &str) -> Record {
    person(RecordId::onec(Kind::Contact, id), Catalog::Counterparty, name, phones, emails)
}

fn cb(id: &str, title: &str, inn: &str, kpp: &str, emails: &str) -> Record {
    company(RecordId::bitrix24(Kind::Company, id), Catalog::Bitrix24, title, inn, kpp, emails)
}

fn co(id: &str, title: &str, inn: &str, kpp: &str, emails: &str) -> Record {
    company(RecordId::onec(Kind::Company, id), Catalog::Counterparty, title, inn, kpp, emails)
}

fn person(id: RecordId, catalog: Catalog, name: &str, phones: &str, emails: &str) -> Record {
    let party = Party::Person(Person {
        name: PersonName::from_whole(name),
        phones: phone_points(phones),
        emails: email_points(emails),
        ..Person::default()
    });
    record(id, catalog, party)
}

fn company(id: RecordId, catalog: Catalog, title: &str, inn: &str, kpp: &str, emails: &str) -> Record {
    let party = Party::Organization(Organization {
        title: title.to_owned(),
        inn: inn.to_owned(),
        kpp: kpp.to_owned(),
        emails: email_points(emails),
        ..Organization::default()
    });
    record(id, catalog, party)
}

fn record(id: RecordId, catalog: Catalog, party: Party) -> Record {
    Record {
        id,
        catalog,
        version: "1".to_owned(),
        party,
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}

fn with_inn(mut record: Record, inn: &str) -> Record {
    if let Party::Person(person) = &mut record.party {
        person.inn = inn.to_owned();
    }
    record
}

fn named(mut record: Record, last: &str, first: &str, middle: &str) -> Record {
    if let Party::Person(person) = &mut record.party {
        person.name = PersonName::from_parts(last, first, middle);
    }
    record
}

fn legally(mut record: Record, legal_name: &str) -> Record {
    if let Party::Organization(organization) = &mut record.party {
        organization.legal_name = legal_name.to_owned();
    }
    record
}

fn of(catalog: Catalog, record: Record) -> Record {
    Record { catalog, ..record }
}

fn marked(record: Record) -> Record {
    Record { standing: Standing::Marked, ..record }
}

fn phone_points(text: &str) -> Vec<Phone> {
    let context = PhoneContext::new("RU", None).unwrap();
    read_phones(text, &context).into_iter().map(|phone| Point::known(phone.key, text)).collect()
}

fn email_points(text: &str) -> Vec<Email> {
    read_emails(text).into_iter().map(|key| Point::known(key, text)).collect()
}
