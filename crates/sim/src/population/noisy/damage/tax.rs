//! INN and KPP as people and spreadsheets write them.

use crate::population::noisy::level::{Damage, Fate};
use crate::population::noisy::reading::tax::is_valid_inn;

/// A card's INN.
pub(in crate::population::noisy) fn write_inn(fate: &mut Fate<'_>, inn: &str) -> String {
    if fate.strikes(Damage::InnBroken) {
        let at = 4 + fate.draw.index(4);
        let digit = inn.as_bytes()[at] - b'0';
        let others = (1..10).map(|step| format!("{}{}{}", &inn[..at], (digit + step) % 10, &inn[at + 1..]));
        return others.into_iter().find(|typed| !is_valid_inn(typed)).expect("one digit of ten fits a check");
    }
    if inn.starts_with('0') && fate.strikes(Damage::InnLostZero) {
        return inn[1..].to_owned();
    }
    if fate.strikes(Damage::InnSpaces) {
        return match fate.draw.below(3) {
            0 => format!(" {inn}"),
            1 => format!("{inn} "),
            _ => format!("{} {}", &inn[..4], &inn[4..]),
        };
    }
    if fate.strikes(Damage::InnPointZero) {
        return format!("{inn}.0");
    }
    inn.to_owned()
}

/// A card's KPP; empty when there is none. Where the firm `may_move`, it may be that of another place.
pub(in crate::population::noisy) fn write_kpp(fate: &mut Fate<'_>, kpp: &str, may_move: bool) -> String {
    if kpp.is_empty() || fate.strikes(Damage::KppMissing) {
        return String::new();
    }
    if may_move && fate.strikes(Damage::KppOther) {
        return format!("{}43{:03}", &kpp[..4], 900 + fate.draw.below(100));
    }
    kpp.to_owned()
}
