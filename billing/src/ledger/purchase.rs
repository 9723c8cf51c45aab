//! What the pole buys to sell it, and paying for it.

use super::{Auxiliary, Chart, Entry, Heading, Journal, LedgerError, Role, Treasury, draft::Draft};
use crate::{Money, Percent, VatCategory, VatTotal};

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
    /// The rate at which the pole owes the VAT itself, where the provider leaves it to it.
    pub reverse_charge: Option<Percent>,
}

/// The entry of a purchase; none if it is all zeros.
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

    let mut draft = Draft::new(chart, &purchase.heading, currency);
    for (service, amount) in &purchase.lines {
        let service = service.as_deref();
        draft.debit_account(chart.purchases(service), *amount, service)?;
    }
    for vat in &purchase.vat {
        draft.debit(Role::VatDeductible, vat.vat)?;
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

/// The entry of a payment to a provider; none if it is nothing.
///
/// # Errors
/// [`LedgerError::Figures`].
pub fn disbursement(
    chart: &Chart,
    heading: &Heading,
    provider: &Auxiliary,
    from: Treasury,
    paid: Money,
) -> Result<Option<Entry>, LedgerError> {
    let mut draft = Draft::new(chart, heading, paid.currency());
    draft.debit_company(Role::Payable, provider, paid, None)?;
    draft.credit(from.role(), paid)?;
    draft.finish(Journal::Bank)
}
