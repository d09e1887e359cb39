//! Weighs two organizations or entrepreneurs: INN and KPP, else a key of their own and the same name.

use super::evidence::{Common, Verdict};
use crate::forms::company_name::{CompanyName, compare_company_names, is_retired, read_company_name};
use crate::forms::person_name::NameAgreement;
use crate::forms::placeholder::names_nobody;
use crate::forms::slip::resemble;
use crate::forms::tax::{Inn, Kpp, is_bin_or_iin, is_pinfl, is_unp};
use crate::party::Organization;
use crate::plan::LinkReason;
use crate::review::AskReason;

/// `sole_holders` says that each side has one holder only of an INN the records share.
pub(super) fn weigh(a: &Organization, b: &Organization, common: &Common, sole_holders: bool) -> Verdict {
    let kpps = (Kpp::parse(&a.kpp), Kpp::parse(&b.kpp));
    match (Inn::parse(&a.inn), Inn::parse(&b.inn)) {
        (Some(x), Some(y)) if x != y => Verdict::Different,
        (Some(inn), Some(_)) => match kpps {
            (Some(x), Some(y)) if x == y => Verdict::Same(LinkReason::Inn),
            // One that moved has another KPP of the same sort; a head office and a branch have not.
            (Some(x), Some(y)) if sole_holders && x.is_of_branch() == y.is_of_branch() => {
                Verdict::Same(LinkReason::Inn)
            }
            (Some(_), Some(_)) if sole_holders => Verdict::Doubtful(AskReason::HeadAndBranch),
            (Some(_), Some(_)) => Verdict::Different,
            // The side itself tells them apart.
            _ if common.is_inside && a.is_branch != b.is_branch => Verdict::Different,
            // An entrepreneur has no branches.
            _ if !inn.is_organization() || common.has_uncontested() => Verdict::Same(LinkReason::Inn),
            _ if sole_holders && !common.is_contradicted => Verdict::Same(LinkReason::Inn),
            _ if sole_holders => Verdict::Doubtful(AskReason::HeadAndBranch),
            _ => Verdict::Doubtful(AskReason::SeveralHolders),
        },
        _ => by_name(a, b, common, matches!(kpps, (Some(x), Some(y)) if x == y)),
    }
}

/// Where one of them has no INN.
fn by_name(a: &Organization, b: &Organization, common: &Common, same_kpp: bool) -> Verdict {
    let names = agreement(a, b);
    // Somebody retired this card in words: for another one, perhaps.
    let one_is_retired = is_retired(&a.title) != is_retired(&b.title);
    let Some(best) = common.best().filter(|_| common.has_own()) else {
        let (x, y) = (name_with_form(a), name_with_form(b));
        let same_name =
            names == NameAgreement::Same || (names == NameAgreement::Compatible && x.core == y.core);
        return if same_name && !one_is_retired {
            Verdict::Doubtful(AskReason::OnlyNameCommon)
        } else {
            Verdict::Nothing
        };
    };
    match names {
        NameAgreement::Same if is_damaged_number(&a.inn) || is_damaged_number(&b.inn) => {
            Verdict::Doubtful(AskReason::TaxNumberDamaged)
        }
        NameAgreement::Same if one_is_retired => Verdict::Doubtful(AskReason::NamesDoubtful),
        // Branches share name and mailbox: the KPP tells which of them.
        NameAgreement::Same if !same_kpp && !common.has_uncontested() => {
            Verdict::Doubtful(AskReason::SeveralHolders)
        }
        NameAgreement::Same => Verdict::Same(best),
        // A legal form on one side only: a firm and its sister share reception, mailbox and brand.
        NameAgreement::Compatible => Verdict::Doubtful(AskReason::NamesDoubtful),
        NameAgreement::Unknown => Verdict::Doubtful(AskReason::NameMissing),
        NameAgreement::Different if resemble_each_other(a, b) => Verdict::Doubtful(AskReason::NamesDoubtful),
        NameAgreement::Different => Verdict::Nothing,
    }
}

/// Whether a title or full legal name of one is a slip, another alphabet or the other sort of name away from one of the
/// other's, and no stated legal forms differ.
fn resemble_each_other(a: &Organization, b: &Organization) -> bool {
    let names = |organization: &Organization| {
        [&organization.title, &organization.legal_name].map(|text| read_company_name(text))
    };
    let (a, b) = (names(a), names(b));
    a.iter().flat_map(|a| b.iter().map(move |b| (a, b))).any(|(a, b)| {
        let forms_agree = a.form.is_none() || b.form.is_none() || a.form == b.form;
        forms_agree && resemble(&a.core, &b.core)
    })
}

/// Agreement of names; a placeholder is no name.
pub(super) fn agreement(a: &Organization, b: &Organization) -> NameAgreement {
    if names_nobody(&a.title) || names_nobody(&b.title) {
        return NameAgreement::Unknown;
    }
    compare_company_names(&name_with_form(a), &name_with_form(b))
}

/// The title; its legal form from the full legal name, where that is the same name and states it.
fn name_with_form(organization: &Organization) -> CompanyName {
    let title = read_company_name(&organization.title);
    let full = read_company_name(&organization.legal_name);
    if title.form.is_none() && title.core == full.core { full } else { title }
}

/// Whether a text was meant as a tax number of some country and is none: too damaged to be a key, too much to be ignored.
fn is_damaged_number(text: &str) -> bool {
    let meant = text.chars().filter(char::is_ascii_digit).count() >= 8;
    meant && Inn::parse(text).is_none() && !is_bin_or_iin(text) && !is_unp(text) && !is_pinfl(text)
}
