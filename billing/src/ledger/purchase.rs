//! What the pole buys to sell it, and paying for it.

use super::{Auxiliary, Chart, Entry, Heading, Journal, LedgerError, Role, Treasury, draft::Draft};
use crate::{Money, Percent, VatCategory, VatDue, VatTotal};

/// An invoice from a provider. Below zero it is a credit note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// When, which document, what it says.
    pub heading: Heading,
    /// From whom.
    pub provider: Auxiliary,
    /// The services it is for, by their code, without VAT.
    pub lines: Vec<(Option<String>, Money)>,
    /// Its VAT, those categories included for which none is charged.
    pub vat: Vec<VatTotal>,
    /// When that is due from the provider, and can be deducted.
    pub vat_due: VatDue,
    /// The rate at which the pole owes the VAT itself, where the provider leaves it to it.
    pub reverse_charge: Option<Percent>,
}

/// The entry of a purchase; none if it is all zeros.
///
/// VAT can be deducted when it falls due from the provider (CGI, art. 271, I, 2): where that is on receipt, it
/// waits for the payment, at which a [`Disbursement`] names it.
///
/// Under reverse charge the pole owes VAT and deducts the same (CGI, art. 283-2 and 271).
///
/// # Errors
/// [`LedgerError::BasesDiffer`], [`LedgerError::NoReverseChargeRate`], [`LedgerError::Figures`].
pub fn purchase(chart: &Chart, purchase: &Purchase) -> Result<Option<Entry>, LedgerError> {
    let Some((_, first)) = purchase.lines.first() else { return Ok(None) };
    let currency = first.currency();
    let net = Money::sum(currency, purchase.lines.iter().map(|(_, amount)| *amount))?;
    let bases = Money::sum(currency, purchase.vat.iter().map(|vat| vat.base))?;
    if net != bases {
        return Err(LedgerError::BasesDiffer { lines: net, bases });
    }
    let total = purchase.vat.iter().try_fold(net, |sum, vat| sum.checked_add(vat.vat))?;

    let deductible = match purchase.vat_due {
        VatDue::OnReceipt => Role::VatDeductiblePending,
        VatDue::OnDebits => Role::VatDeductible,
    };

    let mut draft = Draft::new(chart, &purchase.heading, currency);
    for (service, amount) in &purchase.lines {
        let service = service.as_deref();
        draft.debit_account(chart.purchases(service), *amount, service)?;
    }
    for vat in &purchase.vat {
        draft.debit(deductible, vat.vat)?;
        if vat.category == VatCategory::ReverseCharge {
            let rate = purchase.reverse_charge.ok_or(LedgerError::NoReverseChargeRate)?;
            let own = vat.base.percent(rate)?;
            draft.debit(Role::VatSelfDeducted, own)?;
            draft.credit(Role::VatSelfAssessed, own)?;
        }
    }
    draft.credit_company(Role::Payable, &purchase.provider, total, None)?;
    draft.finish(Journal::Purchases)
}

/// A payment to a provider. Below zero it came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disbursement {
    /// When, which payment, what it says.
    pub heading: Heading,
    /// To whom.
    pub provider: Auxiliary,
    /// Where the money was.
    pub from: Treasury,
    /// How much.
    pub paid: Money,
    /// The VAT in it that waited for it, and can be deducted now.
    pub vat: Money,
}

/// The entry of a payment to a provider; none if it is nothing.
///
/// # Errors
/// [`LedgerError::Figures`].
pub fn disbursement(chart: &Chart, made: &Disbursement) -> Result<Option<Entry>, LedgerError> {
    let mut draft = Draft::new(chart, &made.heading, made.paid.currency());
    draft.debit_company(Role::Payable, &made.provider, made.paid, None)?;
    draft.credit(made.from.role(), made.paid)?;
    draft.debit(Role::VatDeductible, made.vat)?;
    draft.credit(Role::VatDeductiblePending, made.vat)?;
    draft.finish(Journal::Bank)
}
