//! What somebody looks at before documents become final: totals, the prices the pool reached, and
//! what is out of the ordinary.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use palier_billing::{DocumentLineKind, Error, Money, Month};

use super::InvoicingError;
use super::adjust::is_by_hand;
use super::view::{MonthView, ServiceFacts};
use crate::app::App;
use crate::db::invoices::short;
use crate::db::poles::PoleRow;
use crate::db::usage::unmatched::{UnmatchedReason, waiting};
use crate::id::MemberId;
use crate::metering::Calendar;
use crate::say;
use crate::text::Text;

mod credits;
mod vat;

pub(crate) use credits::CreditReview;
pub(crate) use vat::OutdatedVat;

/// A month, as somebody reviews it.
pub(crate) struct Review {
    pub(crate) members: Vec<MemberReview>,
    pub(crate) services: Vec<ServiceReview>,
    /// All documents together, less what is given back.
    pub(crate) net: Money,
    pub(crate) vat: Money,
    pub(crate) gross: Money,
    /// Events of the month that match nothing and wait, by reason: nobody is billed for them.
    pub(crate) unmatched: Vec<(UnmatchedReason, i64)>,
    /// Credits that are drawn, or end soon.
    pub(crate) credits: Vec<CreditReview>,
    /// Final documents that would bear another VAT by what was put on record since.
    pub(crate) outdated_vat: Vec<OutdatedVat>,
}

/// What a month comes to for a member.
pub(crate) struct MemberReview {
    pub(crate) code: String,
    pub(crate) name: String,
    /// How many documents.
    pub(crate) documents: usize,
    pub(crate) net: Money,
    pub(crate) gross: Money,
    /// The net of the month before; none, if there was no document.
    pub(crate) before: Option<Money>,
    /// What is out of the ordinary, and why.
    pub(crate) remarks: Vec<Remark>,
}

/// Something out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remark {
    /// It was never billed before.
    First,
    /// It comes to half as much again, or less than half, of the month before.
    Moved,
    /// It pays fees, and used nothing.
    Unused,
    /// It gets money back.
    Credit,
    /// Usage of closed months is on it.
    Late,
    /// There is no address to send it to.
    NoEmail,
    /// A company in the Union that has no VAT number on record.
    NoVatNumber,
    /// Somebody put lines on its drafts.
    ByHand,
    /// A draft of it is held.
    Held,
    /// A line of it bears another VAT than before, from this day on.
    VatChanged(Date),
    /// What VAT makes of a draft of it was changed on record since it was written.
    OutdatedVat,
}

impl Remark {
    /// As it stands in JSON.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Moved => "moved",
            Self::Unused => "unused",
            Self::Credit => "credit",
            Self::Late => "late",
            Self::NoEmail => "no_email",
            Self::NoVatNumber => "no_vat_number",
            Self::ByHand => "by_hand",
            Self::Held => "held",
            Self::VatChanged(_) => "vat_changed",
            Self::OutdatedVat => "outdated_vat",
        }
    }

    /// In words.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::First => say!(en "first invoice", fr "première facture"),
            Self::Moved => {
                say!(en "±50 % against the month before", fr "±50 % sur le mois précédent")
            }
            Self::Unused => {
                say!(en "pays fees, used nothing", fr "paie des frais, n’a rien utilisé")
            }
            Self::Credit => say!(en "money back", fr "avoir"),
            Self::Late => say!(en "late usage", fr "usage tardif"),
            Self::NoEmail => say!(en "no e-mail address", fr "pas d’adresse électronique"),
            Self::NoVatNumber => say!(en "no VAT number", fr "pas de numéro de TVA"),
            Self::ByHand => say!(en "lines by hand", fr "lignes saisies à la main"),
            Self::Held => say!(en "held", fr "retenu"),
            Self::VatChanged(day) => {
                let fr = day.strftime("%d/%m/%Y");
                say!(en "other VAT since {day}", fr "TVA modifiée depuis le {fr}")
            }
            Self::OutdatedVat => say!(
                en "VAT on record changed since, make it anew",
                fr "TVA enregistrée modifiée depuis, à refaire"
            ),
        }
    }
}

/// What a month comes to for a service.
pub(crate) struct ServiceReview {
    /// Before credits are drawn.
    pub(crate) net: Money,
    /// How it came about.
    pub(crate) facts: ServiceFacts,
}

/// Reviews a month.
///
/// # Errors
/// [`InvoicingError`].
pub(crate) fn review(
    app: &App,
    pole: &PoleRow,
    view: &MonthView,
) -> Result<Review, InvoicingError> {
    let before = match previous(view.month) {
        Some(month) => {
            app.db.read_now(|conn| short::nets(conn, &pole.pole_id, &month.to_string()))?
        }
        None => Vec::new(),
    };
    let billed = app
        .db
        .read_now(|conn| short::billed_before(conn, &pole.pole_id, &view.month.to_string()))?;
    let out_of_range = |error| InvoicingError::Service { code: pole.code.clone(), error };
    let days = view.month.days().map_err(out_of_range)?;
    let calendar = Calendar::of(pole);
    let instants = (calendar.begin(days.first()), calendar.begin(days.end()));
    let unmatched = app.db.read_now(|conn| waiting(conn, &pole.pole_id, instants))?;
    let review = of(view, &before, &billed.into_iter().collect()).map_err(out_of_range)?;
    let soon = days.end().last_of_month().into();
    let credits = credits::review(view, &soon);
    let outdated_vat = app
        .db
        .read_now(|conn| conn.snapshot(|conn| vat::outdated(conn, &pole.pole_id, view.month)))?;
    Ok(Review { unmatched, credits, outdated_vat, ..review })
}

fn previous(month: Month) -> Option<Month> {
    Some(Month::of(month.days().ok()?.first().yesterday().ok()?))
}

fn of(
    view: &MonthView,
    before: &[(MemberId, i64)],
    billed: &BTreeSet<MemberId>,
) -> Result<Review, Error> {
    let zero = Money::zero(view.currency);
    let mut earlier: HashMap<&MemberId, Money> = HashMap::new();
    for (member, net) in before {
        let sum = earlier.entry(member).or_insert(zero);
        *sum = sum.checked_add(Money::from_minor(*net, view.currency))?;
    }
    let mut review = Review {
        members: Vec::new(),
        services: services(view),
        net: zero,
        vat: zero,
        gross: zero,
        unmatched: Vec::new(),
        credits: Vec::new(),
        outdated_vat: Vec::new(),
    };
    let mut members: BTreeMap<(&str, &MemberId), Vec<_>> = BTreeMap::new();
    for document in &view.documents {
        members.entry((document.code.as_str(), &document.member)).or_default().push(document);
    }
    for ((code, member), documents) in members {
        let Some(first) = documents.first() else { continue };
        let mut of = MemberReview {
            code: code.to_owned(),
            name: first.name.clone(),
            documents: documents.len(),
            net: zero,
            gross: zero,
            before: earlier.get(member).copied(),
            remarks: Vec::new(),
        };
        for document in &documents {
            of.net = of.net.checked_add(document.net)?;
            of.gross = of.gross.checked_add(document.gross)?;
            review.vat = review.vat.checked_add(document.vat)?;
        }
        let kinds: Vec<_> = documents.iter().flat_map(|it| &it.kinds).copied().collect();
        let held = documents.iter().any(|it| it.held);
        review.net = review.net.checked_add(of.net)?;
        review.gross = review.gross.checked_add(of.gross)?;
        let late = kinds.contains(&DocumentLineKind::Correction)
            || view.services.iter().any(|facts| facts.late.contains(member.as_str()));
        let told = [
            (Remark::First, !billed.contains(member)),
            (Remark::Moved, of.before.is_some_and(|before| moved(before, of.net))),
            (Remark::Unused, unused(&kinds)),
            (Remark::Credit, of.gross.minor() < 0),
            (Remark::Late, late),
            (Remark::NoEmail, first.email.is_none()),
            (Remark::NoVatNumber, first.lacks_vat_number),
            (Remark::ByHand, kinds.iter().any(|kind| is_by_hand(*kind))),
            (Remark::Held, held),
        ];
        of.remarks.extend(told.into_iter().filter(|(_, is)| *is).map(|(remark, _)| remark));
        let changed = documents.iter().filter_map(|it| it.vat_changed).max();
        of.remarks.extend(changed.map(Remark::VatChanged));
        let outdated = documents.iter().any(|it| it.vat_outdated);
        of.remarks.extend(outdated.then_some(Remark::OutdatedVat));
        review.members.push(of);
    }
    Ok(review)
}

/// Whether an amount is half as much again as another, or less than half of it.
fn moved(before: Money, now: Money) -> bool {
    let (before, now) = (i128::from(before.minor()), i128::from(now.minor()));
    let difference = now.saturating_sub(before).unsigned_abs();
    difference.saturating_mul(2) >= before.unsigned_abs() && difference > 0
}

/// Whether there are fees and no usage among some lines.
fn unused(kinds: &[DocumentLineKind]) -> bool {
    let fees = kinds.contains(&DocumentLineKind::Recurring);
    fees && !kinds
        .iter()
        .any(|kind| matches!(kind, DocumentLineKind::Usage | DocumentLineKind::Share))
}

/// What each service bills: by the lines of documents, which is what members pay.
fn services(view: &MonthView) -> Vec<ServiceReview> {
    let told = view.services.iter().filter_map(|facts| {
        let net = view.billed.get(facts.service.as_str()).copied();
        let silent = facts.strangers.is_empty() && facts.unpriced.is_empty() && !facts.used_before;
        let net = net.or_else(|| (!silent).then_some(Money::zero(view.currency)))?;
        Some(ServiceReview { net, facts: facts.clone() })
    });
    told.collect()
}
