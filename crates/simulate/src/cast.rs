//! The cast: who really exists, and every value that belongs to them. Nobody shares a value with anybody else, so a
//! record tells by any of its values which party it was made for.
//!
//! Invariant: a value is minted once and names its party for ever.

use std::collections::BTreeMap;

use crate::snapshot::{Entry, Row, last_ten, words};

/// A party, by its number.
pub(crate) type PartyId = usize;

/// Person or organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Person,
    Company,
}

/// Everybody, and whose each value is.
#[derive(Debug, Default)]
pub(crate) struct Cast {
    parties: Vec<Party>,
    owners: BTreeMap<String, PartyId>,
}

/// Somebody.
#[derive(Debug)]
pub(crate) struct Party {
    pub(crate) sort: Sort,
    /// The mailbox that records made for this party from the start share.
    pub(crate) email: String,
    pub(crate) inn: String,
    /// The name that records are made with; a rename is of linked records only.
    name: Name,
    title: String,
    minted: u64,
}

/// A person's name in parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Name {
    pub(crate) last: String,
    pub(crate) first: String,
    pub(crate) middle: String,
}

impl Cast {
    /// Somebody new.
    pub(crate) fn add(&mut self, sort: Sort) -> PartyId {
        let id = self.parties.len();
        let nobody = Name::default();
        let title = String::new();
        self.parties.push(Party {
            sort,
            email: String::new(),
            inn: String::new(),
            name: nobody,
            title,
            minted: 0,
        });
        self.parties[id].email = self.mint_email(id);
        self.parties[id].inn = self.mint_inn(id);
        match sort {
            Sort::Person => self.parties[id].name = self.mint_name(id),
            Sort::Company => self.parties[id].title = format!("ООО «{}»", self.mint_title(id)),
        }
        id
    }

    /// How many parties there are.
    pub(crate) fn len(&self) -> usize {
        self.parties.len()
    }

    /// A party.
    pub(crate) fn party(&self, id: PartyId) -> &Party {
        &self.parties[id]
    }

    /// The name a person is entered with.
    pub(crate) fn name(&self, id: PartyId) -> Name {
        self.parties[id].name.clone()
    }

    /// The title a company is entered with.
    pub(crate) fn title(&self, id: PartyId) -> String {
        self.parties[id].title.clone()
    }

    /// A new phone of a party, spelled one way or another.
    pub(crate) fn mint_phone(&mut self, id: PartyId) -> String {
        let minted = self.next(id);
        let number = format!("912{:07}", number_of(id, minted));
        self.own(format!("phone {number}"), id);
        let (area, a, b, c) = (&number[..3], &number[3..6], &number[6..8], &number[8..]);
        match minted % 4 {
            0 => format!("+7{number}"),
            1 => format!("8 ({area}) {a}-{b}-{c}"),
            _ => format!("+7 ({area}) {a}-{b}-{c}"),
        }
    }

    /// A new mailbox of a party.
    pub(crate) fn mint_email(&mut self, id: PartyId) -> String {
        let minted = self.next(id);
        let email = format!("box{minted}@party{id}.example");
        self.own(format!("email {email}"), id);
        email
    }

    /// A new valid tax number of a party.
    pub(crate) fn mint_inn(&mut self, id: PartyId) -> String {
        let minted = self.next(id);
        let inn = match self.parties[id].sort {
            Sort::Company => with_checks(&format!("77{:07}", number_of(id, minted)), &[COMPANY]),
            Sort::Person => {
                with_checks(&format!("77{:08}", number_of(id, minted)), &[PERSON_FIRST, PERSON_SECOND])
            }
        };
        self.own(format!("inn {inn}"), id);
        inn
    }

    /// A new name of a person.
    pub(crate) fn mint_name(&mut self, id: PartyId) -> Name {
        let minted = self.next(id);
        let last = surname(id, minted);
        for word in words(&last) {
            self.own(format!("word {word}"), id);
        }
        let first = FIRST[(id + usize::try_from(minted).unwrap_or(0)) % FIRST.len()].to_owned();
        Name { last, first, middle: MIDDLE[id % MIDDLE.len()].to_owned() }
    }

    /// A new title of a company, without its legal form.
    pub(crate) fn mint_title(&mut self, id: PartyId) -> String {
        let minted = self.next(id);
        let title = format!("{}{}", capital(&syllables(id, minted)), FIRM[id % FIRM.len()]);
        for word in words(&title) {
            self.own(format!("word {word}"), id);
        }
        title
    }

    /// Whose record it is that holds these values; several where values of several parties got mixed.
    pub(crate) fn owners(&self, phones: &[String], emails: &[String], inn: &str, name: &str) -> Vec<PartyId> {
        let phones = phones.iter().map(|phone| format!("phone {}", last_ten(phone)));
        let emails = emails.iter().map(|email| format!("email {}", email.to_lowercase()));
        let inn = std::iter::once(format!("inn {inn}"));
        let names = words(name).into_iter().map(|word| format!("word {word}"));
        let mut owners: Vec<PartyId> = phones
            .chain(emails)
            .chain(inn)
            .chain(names)
            .filter_map(|value| self.owners.get(&value).copied())
            .collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// Whose record it is.
    pub(crate) fn owners_of(&self, entry: &Entry) -> Vec<PartyId> {
        let texts = |rows: &[Row]| rows.iter().map(|row| row.text.clone()).collect::<Vec<_>>();
        self.owners(&texts(&entry.phones), &texts(&entry.emails), &entry.inn, &entry.name)
    }

    /// Whether a line of a log names anybody, or holds a value of anybody.
    pub(crate) fn tells_of_somebody(&self, line: &str) -> bool {
        let is_known = |sort: &str, bare: &str| self.owners.contains_key(&format!("{sort} {bare}"));
        if words(line).iter().any(|word| is_known("word", word)) {
            return true;
        }
        let digits: String = line.chars().filter(char::is_ascii_digit).collect();
        if stretches(&digits, PHONE).any(|digits| is_known("phone", digits)) {
            return true;
        }
        let mut runs = line.split(|letter: char| !letter.is_ascii_digit()).filter(|run| run.len() >= INNS[0]);
        if runs.any(|run| INNS.iter().any(|length| stretches(run, *length).any(|inn| is_known("inn", inn)))) {
            return true;
        }
        let line = line.to_lowercase();
        let values = self.owners.range("email ".to_owned()..).map(|(value, _)| value);
        let mut mailboxes = values.map_while(|value| value.strip_prefix("email "));
        line.contains('@') && mailboxes.any(|email| line.contains(email))
    }

    fn own(&mut self, value: String, id: PartyId) {
        self.owners.insert(value, id);
    }

    fn next(&mut self, id: PartyId) -> u64 {
        let party = &mut self.parties[id];
        party.minted += 1;
        party.minted
    }
}

impl Name {
    /// The name as one line.
    pub(crate) fn whole(&self) -> String {
        format!("{} {} {}", self.last, self.first, self.middle)
    }
}

fn number_of(id: PartyId, minted: u64) -> u64 {
    // Scattered, so that no two numbers are near each other.
    let number = u64::try_from(id).unwrap_or(0) * 1000 + minted;
    (number * 7_919_317 + 1_234_567) % 10_000_000
}

/// How many digits of a phone tell whose it is, and how many a tax number has.
const PHONE: usize = 10;
const INNS: [usize; 2] = [10, 12];

/// All stretches of so many digits.
fn stretches(digits: &str, length: usize) -> impl Iterator<Item = &str> {
    (0..).map_while(move |start| digits.get(start..start + length))
}

const COMPANY: &[u32] = &[2, 4, 10, 3, 5, 9, 4, 6, 8];
const PERSON_FIRST: &[u32] = &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
const PERSON_SECOND: &[u32] = &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];

/// The digits with their check digits behind.
fn with_checks(digits: &str, checks: &[&[u32]]) -> String {
    let mut digits: Vec<u32> = digits.chars().filter_map(|digit| digit.to_digit(10)).collect();
    for weights in checks {
        let sum: u32 = digits.iter().zip(*weights).map(|(digit, weight)| digit * weight).sum();
        digits.push(sum % 11 % 10);
    }
    digits.iter().map(u32::to_string).collect()
}

/// A surname that no other party has.
fn surname(id: PartyId, minted: u64) -> String {
    format!("{}ов", capital(&syllables(id, minted)))
}

/// Four syllables that spell the party's and the value's numbers.
fn syllables(id: PartyId, minted: u64) -> String {
    let minted = usize::try_from(minted).unwrap_or(0);
    let at = |number: usize| SYLLABLES[number % SYLLABLES.len()];
    format!("{}{}{}{}", at(id), at(id / SYLLABLES.len() + 3), at(minted), at(minted / SYLLABLES.len() + 7))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

const SYLLABLES: [&str; 16] =
    ["ба", "гу", "до", "жи", "зе", "ка", "лу", "мо", "ни", "пе", "ра", "су", "то", "фи", "хе", "ва"];
const FIRST: [&str; 6] = ["Пётр", "Олег", "Глеб", "Марк", "Яков", "Игорь"];
const MIDDLE: [&str; 4] = ["Сергеевич", "Ильич", "Олегович", "Андреевич"];
const FIRM: [&str; 3] = ["строй", "торг", "снаб"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_numbers_carry_their_check_digits() {
        assert_eq!(with_checks("770123456", &[COMPANY]), "7701234560");
        assert_eq!(with_checks("5017002190", &[PERSON_FIRST, PERSON_SECOND]), "501700219097");
    }

    #[test]
    fn a_line_that_holds_a_value_or_a_name_tells_of_somebody() {
        let mut cast = Cast::default();
        let id = cast.add(Sort::Person);
        let (phone, email, name) = (cast.mint_phone(id), cast.mint_email(id), cast.name(id).last);
        let inn = cast.mint_inn(id);
        let lines = [
            format!("record of {name}"),
            format!("sent to <{}>", email.to_uppercase()),
            format!("phone: {phone}."),
            format!("number 1{inn}1"),
        ];
        for told in lines {
            assert!(cast.tells_of_somebody(&told), "{told}");
        }
        let line = "record=onec:contact:6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11 class=\"refused\" status=500";
        assert!(!cast.tells_of_somebody(line));
    }

    #[test]
    fn a_value_names_its_party() {
        let mut cast = Cast::default();
        let (one, other) = (cast.add(Sort::Person), cast.add(Sort::Company));
        let (phone, title) = (cast.mint_phone(one), cast.mint_title(other));
        assert_eq!(cast.owners(&[phone], &[], "", &format!("ООО «{title}»")), [one, other]);
        assert!(
            cast.owners(&[], &["nobody@party9.example".to_owned()], "", "Розничный покупатель").is_empty()
        );
    }
}
