//! Weighs two organizations or entrepreneurs: INN and KPP, else a key of their own and the same name.

use super::evidence::{Common, Verdict};
use crate::forms::company_name::{
    CompanyName, compare_company_names, is_retired, is_written_short, read_company_name,
};
use crate::forms::person_name::NameAgreement;
use crate::forms::placeholder::names_nobody;
use crate::forms::slip::resemble;
use crate::forms::tax::{Inn, Kpp, is_bin_or_iin, is_pinfl, is_unp};
use crate::forms::words::rough_latin;
use crate::party::Organization;
use crate::plan::LinkReason;
use crate::review::AskReason;

/// The names of an organization, read once.
#[derive(Debug)]
pub(super) struct OrganizationNames<'a> {
    organization: &'a Organization,
    title: CompanyName,
    legal_name: CompanyName,
    names_nobody: bool,
}

impl<'a> OrganizationNames<'a> {
    pub(super) fn of(organization: &'a Organization) -> Self {
        Self {
            organization,
            title: read_company_name(&organization.title),
            legal_name: read_company_name(&organization.legal_name),
            names_nobody: names_nobody(&organization.title),
        }
    }

    fn both(&self) -> [&CompanyName; 2] {
        [&self.title, &self.legal_name]
    }

    /// Agreement of names; a placeholder is no name. Where the full legal name of one is a name of the other, titles that
    /// spell it are the same, and others compatible: a brand, or a branch.
    pub(super) fn agree(&self, other: &Self) -> NameAgreement {
        if self.names_nobody || other.names_nobody {
            return NameAgreement::Unknown;
        }
        let titles = compare_company_names(&self.title, &other.title);
        let is_shared = |full: &CompanyName, names: [&CompanyName; 2]| {
            full.form.is_some()
                && names.iter().any(|name| compare_company_names(full, name) == NameAgreement::Same)
        };
        let shared: Vec<&CompanyName> = [(&self.legal_name, other.both()), (&other.legal_name, self.both())]
            .into_iter()
            .filter_map(|(full, names)| is_shared(full, names).then_some(full))
            .collect();
        let spells = |title: &CompanyName, full: &CompanyName| {
            compare_company_names(title, full) == NameAgreement::Same
                || (title.form.is_none() && title.core == full.core)
                || (title.form == full.form && resemble(&title.core, &full.core))
        };
        if shared.iter().any(|full| spells(&self.title, full) && spells(&other.title, full)) {
            NameAgreement::Same
        } else if shared.is_empty() || titles == NameAgreement::Same {
            titles
        } else {
            NameAgreement::Compatible
        }
    }

    /// Whether a title or full legal name of one is a slip, another alphabet or the other sort of name away from one of the
    /// other's, and no stated legal forms differ.
    pub(super) fn resemble(&self, other: &Self) -> bool {
        self.both().into_iter().flat_map(|a| other.both().map(|b| (a, b))).any(|(a, b)| {
            let forms_agree = a.form.is_none() || b.form.is_none() || a.form == b.form;
            forms_agree
                && (resemble(&a.core, &b.core)
                    || is_part_of(&a.core, &b.core)
                    || is_part_of(&b.core, &a.core))
        })
    }
}

/// `sole_holders` says that each side has one holder only of an INN the records share.
pub(super) fn weigh(
    one: &OrganizationNames<'_>,
    other: &OrganizationNames<'_>,
    numbers: (Option<&Inn>, Option<&Inn>),
    common: &Common,
    sole_holders: bool,
) -> Verdict {
    let (a, b) = (one.organization, other.organization);
    let kpps = (Kpp::parse(&a.kpp), Kpp::parse(&b.kpp));
    match numbers {
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
        _ => by_name(one, other, common, matches!(kpps, (Some(x), Some(y)) if x == y)),
    }
}

/// Where one of them has no INN.
fn by_name(
    one: &OrganizationNames<'_>,
    other: &OrganizationNames<'_>,
    common: &Common,
    same_kpp: bool,
) -> Verdict {
    let names = one.agree(other);
    let (a, b) = (one.organization, other.organization);
    // Somebody retired this card in words: for another one, perhaps.
    let one_is_retired = is_retired(&a.title) != is_retired(&b.title);
    let Some(best) = common.best().filter(|_| common.has_own()) else {
        let (x, y) = (&one.title, &other.title);
        let titles = compare_company_names(x, y);
        let same_name =
            titles == NameAgreement::Same || (titles == NameAgreement::Compatible && x.core == y.core);
        let is_named_alike = !matches!(names, NameAgreement::Different | NameAgreement::Unknown);
        return if is_named_alike && differ_by_a_digit(&a.inn, &b.inn) {
            Verdict::Doubtful(AskReason::TaxNumberDamaged)
        } else if same_name && !one_is_retired && is_written_short(&a.title) == is_written_short(&b.title) {
            Verdict::Doubtful(AskReason::OnlyNameCommon)
        } else {
            Verdict::Nothing
        };
    };
    match names {
        NameAgreement::Same
            if is_damaged_number(&a.inn)
                || is_damaged_number(&b.inn)
                || differ_by_a_digit(&a.inn, &b.inn) =>
        {
            Verdict::Doubtful(AskReason::TaxNumberDamaged)
        }
        // A brand without its legal form may be a sister's, and a phone somebody's who works for both.
        NameAgreement::Same if common.is_one_phone() && one.title.form != other.title.form => {
            Verdict::Doubtful(AskReason::NamesDoubtful)
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
        NameAgreement::Different if one.resemble(other) => Verdict::Doubtful(AskReason::NamesDoubtful),
        NameAgreement::Different => Verdict::Nothing,
    }
}

/// Whether a name is another one without an addition, in whatever letters.
fn is_part_of(part: &str, whole: &str) -> bool {
    let words = |text: &str| text.split(' ').map(rough_latin).collect::<Vec<_>>();
    let (part, whole) = (words(part), words(whole));
    part.iter().any(|word| word.len() > 2) && part.iter().all(|word| whole.contains(word))
}

/// Whether two tax numbers, one of them valid, are one digit apart.
fn differ_by_a_digit(a: &str, b: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<Vec<_>>();
    let (x, y) = (digits(a), digits(b));
    let is_one_valid = Inn::parse(a).is_some() != Inn::parse(b).is_some();
    is_one_valid && x.len() == y.len() && x.iter().zip(&y).filter(|(one, other)| one != other).count() == 1
}

/// Whether a text was meant as a tax number of some country and is none: too damaged to be a key, too much to be ignored.
fn is_damaged_number(text: &str) -> bool {
    let meant = text.chars().filter(char::is_ascii_digit).count() >= 8;
    meant && Inn::parse(text).is_none() && !is_bin_or_iin(text) && !is_unp(text) && !is_pinfl(text)
}
