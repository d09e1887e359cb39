//! Names and numbers as people type them beside a key that is common.

use super::*;

#[test]
fn what_is_typed_beside_a_name_does_not_part_two_cards() {
    let cases: &[Case<'_>] = &[
        (
            "a trade behind the name",
            &[
                b("1", "Шмелёва Алевтина Георгиевна", "+79123456789", ""),
                o("a", "Шмелева А. бухгалтер", "+79123456789", ""),
            ],
            &["link 1=a phone"],
        ),
        (
            "a trade instead of a name is no name",
            &[
                b("1", "Маслова Марина Андреевна", "", "marina@pismo.example"),
                o("a", "Бухгалтерия (закупки)", "", "marina@pismo.example"),
            ],
            &["ask match 1 a"],
        ),
        (
            "a short first name in Latin letters",
            &[
                b("1", "Орешкина Дарья Тимофеевна", "+79123456789", ""),
                o("a", "Oreshkina Dasha", "+79123456789", ""),
            ],
            &["link 1=a phone"],
        ),
        (
            "a slip in a surname that stands alone",
            &[b("1", "Береина Эльвира Игоревна", "+79123456789", ""), o("a", "Березина", "+79123456789", "")],
            &["ask match 1 a"],
        ),
        (
            "a first name a letter off, and another patronymic: a relative",
            &[
                b("1", "Феонина Ария Вадимовна", "+79123456789", ""),
                o("a", "Феонина Мария Богдановна", "+79123456789", ""),
            ],
            &["new 1", "new a"],
        ),
        (
            "a slip in a surname in Latin letters",
            &[
                named(b("1", "", "+79123456789", ""), "Ryabiinna", "Alevtina", "Yakovlevna"),
                o("a", "Рябинина Алевтина Яковлевна", "+79123456789", ""),
            ],
            &["ask match 1 a"],
        ),
        (
            "a slip in a surname in Latin letters, and the maiden name on a third card",
            &[
                named(b("1", "", "+79123456789, +79991112233", ""), "Ryabiinna", "Alevtina", "Yakovlevna"),
                named(b("2", "", "+79123456789, +79991112233", ""), "Гладкова", "Алевтина", ""),
                named(o("a", "", "+79123456789", ""), "Рябинина", "Алевтина", "Яковлевна"),
            ],
            &["ask match 1 2 a"],
        ),
        (
            "initials in the wrong fields, and a short name, beside the mailbox of a family",
            &[
                named(b("1", "", "", "boyko@pismo.example"), "Е.", "Бойко", "Т."),
                o("a", "Бойко Лиза", "+79123456789", "boyko@pismo.example"),
                o("b", "Бойко Артур", "", "boyko@pismo.example"),
            ],
            &["new b", "ask match 1 a"],
        ),
        (
            "a post in Latin letters is no name",
            &[
                named(b("1", "", "+79123456789", ""), "", "Sekretar (директор)", ""),
                named(b("2", "", "+79123456789", ""), "ГОЛУБЕВА", "СВЕТЛАНА", ""),
            ],
            &["new 2", "ask twins 1 2"],
        ),
        (
            "a surname alone beside the phone of a family",
            &[b("1", "Шапошникова", "+79123456789", ""), o("a", "Шапошникова Серафима", "+79123456789", "")],
            &["ask match 1 a"],
        ),
    ];
    check_all(cases);
}

#[test]
fn cards_of_one_person_in_several_catalogs_share_a_phone_alone() {
    let individual = |record: Record| of(Catalog::Individual, record);
    let employee = |record: Record| of(Catalog::ContactPerson, record);
    let cases: &[Case<'_>] = &[
        (
            "an initialled card of another catalog",
            &[
                b("1", "Беспалова Галина Денисовна", "", "bespalova@pochta.example"),
                employee(o("a", "Беспалова Галина Денисовна", "+79123456789", "")),
                individual(o("b", "Беспалова Г. Д.", "+79123456789", "bespalova@pochta.example")),
            ],
            &["link 1=b email"],
        ),
        (
            "twins of a catalog that does not take part first",
            &[
                b("1", "Григорьев Тихон Вениаминович", "+79123456789", ""),
                o("a", "Григорьев Тихон Вениаминович", "+79123456789", ""),
                employee(o("b", "Григорьев Тихон Вениаминович", "+79123456789", "")),
                employee(o("c", "Григорьев Т.", "+79123456789", "")),
            ],
            &["link 1=a phone", "ask twins b c"],
        ),
        (
            "a slip between two catalogs: one copy",
            &[
                employee(o("a", "Ибримова Асель", "+79123456789", "")),
                o("b", "Ибраимова Асель", "+79123456789", "asel@pochta.example"),
            ],
            &["new b", "ask twins a b"],
        ),
        (
            "a first name here, initials there, and a phone of nobody else",
            &[o("a", "Алла", "+79123456789", ""), o("b", "Макарова А. А.", "+79123456789", "m@z.example")],
            &["new b", "ask twins a b"],
        ),
    ];
    check_all(cases);
}

#[test]
fn a_short_name_that_fits_two_people_joins_neither() {
    check(
        "a surname and an initial between two who have the phone",
        &[
            b("1", "Киреева Анна Львовна", "+79123456789", "anna@k.example"),
            o("a", "Киреева Анна Львовна", "", "anna@k.example"),
            b("2", "Киреева А.", "+79123456789", "alla@k.example"),
            o("b", "Киреева Алла Львовна", "", "alla@k.example"),
        ],
        &[],
        &["link 1=a email", "ask twins 1 2", "ask match 2 b"],
    );
}

#[test]
fn a_tax_number_one_digit_off_is_asked_about() {
    let cases: &[Case<'_>] = &[
        (
            "only the name is common",
            &[
                cb("1", "ООО Тепло Зарница", "7707083893", "", ""),
                co("a", "ООО Зарница Тепло", "7707083803", "", ""),
            ],
            &["ask match 1 a"],
        ),
        (
            "an entrepreneur's, with a key in common",
            &[
                cb("1", "ИП Первушина Роза Николаевна", "776536357656", "", "rosa@p.example"),
                co("a", "ИП Первушина Роза Николаевна", "776536457656", "", "rosa@p.example"),
            ],
            &["ask match 1 a"],
        ),
    ];
    check_all(cases);
}

#[test]
fn a_full_legal_name_tells_that_titles_are_slips() {
    let full = "Общество с ограниченной ответственностью \"Дельта Проект\"";
    check(
        "a slip in one title",
        &[
            legally(cb("1", "ООО Дельта Поект", "7707083893", "", "mail@d.example"), full),
            legally(co("a", "ООО Дельта Проект", "", "", "mail@d.example"), full),
        ],
        &[],
        &["link 1=a email"],
    );
    check(
        "a brand beside the full name",
        &[
            legally(cb("1", "ООО Лодка", "7707083893", "", "mail@d.example"), full),
            legally(co("a", "ООО Дельта Проект", "", "", "mail@d.example"), full),
        ],
        &[],
        &["ask match 1 a"],
    );
}
