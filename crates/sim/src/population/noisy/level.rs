//! How much noise there is: every kind of damage with its rates at the three levels.
//!
//! A kind whose rate is zero at a level does not occur there at all.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::population::draw::Draw;

/// How much noise both bases have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noise {
    /// Little: several spellings of phones and firms, ё written е, the odd missing patronymic.
    Clean,
    /// What a tidy company has.
    Medium,
    /// What companies really have.
    Hostile,
}

impl Noise {
    /// All levels, the calmest first.
    pub const ALL: [Self; 3] = [Self::Clean, Self::Medium, Self::Hostile];

    /// The level's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Medium => "medium",
            Self::Hostile => "hostile",
        }
    }

    /// One of three values, by level.
    pub(super) fn of<T: Copy>(self, values: [T; 3]) -> T {
        values[self as usize]
    }
}

impl fmt::Display for Noise {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Noise {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let level = Self::ALL.into_iter().find(|level| level.name() == text);
        level.ok_or_else(|| format!("{text:?} is none of clean, medium, hostile"))
    }
}

macro_rules! damages {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, [$clean:literal, $medium:literal, $hostile:literal];)*) => {
        /// A kind of damage or of confusion.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Damage { $($(#[$doc])* $kind,)* }

        impl Damage {
            /// All kinds.
            #[cfg(test)]
            pub(super) const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The name in the truth and in the documentation.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// How many of a thousand values or records that can suffer it do, at a level.
            pub(super) fn per_mille(self, noise: Noise) -> u64 {
                noise.of(match self { $(Self::$kind => [$clean, $medium, $hostile],)* })
            }
        }
    };
}

damages! {
    /// Dots, dashes, hard spaces, no country code, a word before the number.
    PhoneSpelling = "phone-spelling", [0, 450, 650];
    /// `доб. 12`, `#12`, `вн. 12` behind the number.
    PhoneExtension = "phone-extension", [0, 30, 60];
    /// A name or a request behind the number.
    PhoneNote = "phone-note", [0, 20, 60];
    /// Two numbers in one row.
    PhonesInOneRow = "phones-in-one-row", [0, 80, 200];
    /// A city number without its code.
    PhoneLocal = "phone-local", [0, 0, 120];
    /// The letters О and З for digits.
    PhoneLetters = "phone-letters", [0, 0, 25];
    /// Full-width digits.
    PhoneWideDigits = "phone-wide-digits", [0, 0, 12];
    /// One digit is another one.
    PhoneTypo = "phone-typo", [0, 5, 20];
    /// One digit is lost.
    PhoneTruncated = "phone-truncated", [0, 0, 15];
    /// A number of Belarus in its domestic form.
    PhoneDomesticBelarus = "phone-domestic-belarus", [0, 0, 300];
    /// A number that somebody else had before or has too by mistake.
    PhoneRecycled = "phone-recycled", [0, 3, 10];
    /// Capitals in a mailbox.
    EmailCapitals = "email-capitals", [0, 60, 150];
    /// Spaces around a mailbox.
    EmailSpaces = "email-spaces", [0, 30, 80];
    /// `mailto:` or angle brackets.
    EmailMailto = "email-mailto", [0, 0, 40];
    /// A remark behind a mailbox.
    EmailNote = "email-note", [0, 15, 40];
    /// Two mailboxes in one row.
    EmailsInOneRow = "emails-in-one-row", [0, 60, 150];
    /// No mailbox at all: `@` is missing, or the end of the domain.
    EmailBroken = "email-broken", [0, 8, 40];
    /// The mailbox ends in a wrong letter.
    EmailTypo = "email-typo", [0, 4, 15];
    /// The firm's mailbox on a card of one of its people.
    SharedMailbox = "shared-mailbox", [0, 40, 120];
    /// The firm's phone on a card of one of its people.
    ReceptionPhone = "reception-phone", [20, 100, 180];
    /// ё written е.
    NameWithoutYo = "name-without-yo", [300, 500, 500];
    /// Capitals only, or none.
    NameCase = "name-case", [0, 40, 80];
    /// Spaces too many.
    NameSpaces = "name-spaces", [0, 20, 60];
    /// The whole name in one field of the portal.
    NameInOneField = "name-in-one-field", [0, 30, 80];
    /// First name and surname in each other's place.
    NameSwapped = "name-swapped", [0, 20, 60];
    /// Initials.
    NameInitials = "name-initials", [0, 25, 60];
    /// No patronymic.
    NameNoPatronymic = "name-no-patronymic", [40, 120, 200];
    /// The first name alone.
    NameFirstOnly = "name-first-only", [0, 15, 45];
    /// The surname alone.
    NameLastOnly = "name-last-only", [0, 0, 20];
    /// Latin letters that look like Cyrillic ones.
    NameLookAlike = "name-look-alike", [0, 10, 40];
    /// The name in Latin letters.
    NameLatin = "name-latin", [0, 10, 30];
    /// The name as friends say it.
    NameDiminutive = "name-diminutive", [0, 15, 50];
    /// Two letters swapped or one lost.
    NameTypo = "name-typo", [0, 8, 30];
    /// A remark in brackets, a title or a trade in a name field.
    NameNote = "name-note", [0, 25, 60];
    /// Invisible characters, an emoji.
    NameInvisible = "name-invisible", [0, 0, 25];
    /// The surname twice.
    NameDoubled = "name-doubled", [0, 0, 12];
    /// A trade in place of a name.
    NamePostOnly = "name-post-only", [0, 0, 12];
    /// The surname before the marriage.
    NameMaiden = "name-maiden", [0, 12, 30];
    /// A half of a double surname.
    NameHalfDouble = "name-half-double", [0, 200, 400];
    /// Capitals only, or none.
    FirmCase = "firm-case", [0, 30, 70];
    /// No legal form.
    FirmWithoutForm = "firm-without-form", [30, 80, 130];
    /// A town or a branch in brackets.
    FirmTown = "firm-town", [0, 25, 60];
    /// A remark such as «не работать».
    FirmNote = "firm-note", [0, 0, 30];
    /// «ТД» for «Торговый дом».
    FirmAbbreviated = "firm-abbreviated", [0, 200, 350];
    /// The words in another order.
    FirmOrder = "firm-order", [0, 20, 50];
    /// Two letters swapped or one lost.
    FirmTypo = "firm-typo", [0, 0, 25];
    /// The name in Latin letters.
    FirmLatin = "firm-latin", [0, 0, 20];
    /// Latin letters that look like Cyrillic ones: `OOO`.
    FirmLookAlike = "firm-look-alike", [0, 15, 50];
    /// Spaces too many, a tab.
    FirmSpaces = "firm-spaces", [0, 20, 60];
    /// An entrepreneur by surname and initials.
    EntrepreneurInitials = "entrepreneur-initials", [0, 30, 90];
    /// An entrepreneur in 1C without the flag; «ИП» stands in the name.
    EntrepreneurWithoutFlag = "entrepreneur-without-flag", [0, 120, 350];
    /// Spaces in an INN.
    InnSpaces = "inn-spaces", [0, 20, 60];
    /// `.0` behind an INN, from a spreadsheet.
    InnPointZero = "inn-point-zero", [0, 0, 20];
    /// The leading zero is lost.
    InnLostZero = "inn-lost-zero", [0, 0, 250];
    /// One digit of an INN is another one, so that its check fails.
    InnBroken = "inn-broken", [0, 8, 30];
    /// No KPP.
    KppMissing = "kpp-missing", [0, 50, 150];
    /// The KPP of another division.
    KppOther = "kpp-other", [0, 8, 25];
    /// A second record of one party in Bitrix24.
    TwinInBitrix24 = "twin-in-bitrix24", [5, 50, 110];
    /// A second object of one party in one catalog of 1C.
    TwinInOnec = "twin-in-onec", [3, 30, 70];
    /// A person in a second catalog of 1C.
    Facet = "facet", [30, 60, 110];
    /// Somebody of a family, with the family's phone.
    Relative = "relative", [15, 60, 110];
    /// A family that shares a mailbox too.
    FamilyMailbox = "family-mailbox", [0, 60, 200];
    /// Somebody whose name another person has.
    Namesake = "namesake", [3, 8, 18];
    /// A firm whose name another firm has.
    FirmOfOneName = "firm-of-one-name", [10, 25, 50];
    /// A division with the INN of its head office and a KPP of its own.
    Branch = "branch", [0, 25, 45];
    /// An entrepreneur who has a card as a person too.
    EntrepreneurAsPerson = "entrepreneur-as-person", [0, 250, 400];
    /// Bitrix24 knows another employer than 1C.
    ChangedEmployer = "changed-employer", [0, 8, 40];
    /// 1C has another manager.
    OtherManager = "other-manager", [0, 20, 60];
    /// The 1C object is marked for deletion.
    Marked = "marked", [5, 15, 45];
    /// A contact without anything.
    EmptyContact = "empty-contact", [0, 4, 10];
    /// «Тест», «Без имени» and the like, without phone and mailbox.
    PlaceholderContact = "placeholder-contact", [0, 6, 12];
    /// A phone in place of a name.
    PhoneAsName = "phone-as-name", [0, 0, 6];
    /// A firm that 1C got from the portal earlier and whose reference stands in the portal.
    MutualId = "mutual-id", [0, 0, 60];
    /// A number of Kazakhstan, Belarus or Uzbekistan.
    ForeignPhone = "foreign-phone", [10, 20, 40];
    /// A name of another country.
    ForeignName = "foreign-name", [20, 30, 50];
}

/// How often each kind of damage was done.
pub(super) type Tally = BTreeMap<Damage, u64>;

/// The draws about one record or entity, and the account of what they did.
#[derive(Debug)]
pub(super) struct Fate<'a> {
    pub(super) draw: Draw,
    noise: Noise,
    tally: &'a mut Tally,
}

impl<'a> Fate<'a> {
    pub(super) fn new(draw: Draw, noise: Noise, tally: &'a mut Tally) -> Self {
        Self { draw, noise, tally }
    }

    pub(super) fn noise(&self) -> Noise {
        self.noise
    }

    /// Whether the damage is done. To be asked only where it can be done, since it is counted here.
    pub(super) fn strikes(&mut self, damage: Damage) -> bool {
        let struck = self.draw.chance(damage.per_mille(self.noise));
        if struck {
            *self.tally.entry(damage).or_default() += 1;
        }
        struck
    }

    /// True in so many cases of a thousand, by level.
    pub(super) fn chance(&mut self, per_mille: [u64; 3]) -> bool {
        self.draw.chance(self.noise.of(per_mille))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_names_and_no_kind_becomes_rarer() {
        for level in Noise::ALL {
            assert_eq!(level.name().parse(), Ok(level));
        }
        assert!("loud".parse::<Noise>().is_err());
        for kind in Damage::ALL {
            let rates = Noise::ALL.map(|level| kind.per_mille(level));
            assert!(rates.is_sorted() && rates[2] > 0, "{}: {rates:?}", kind.name());
        }
    }
}
