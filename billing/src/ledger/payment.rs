//! Money that comes in and goes out.

use super::{
    Auxiliary, Chart, Entry, Heading, Journal, LedgerError, Role, Settlement, draft::Draft,
    settlement::settle,
};
use crate::Money;

/// Where money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Treasury {
    /// At the bank.
    Bank,
    /// At the payment provider, which has not paid it out yet.
    PaymentProvider,
    /// In the books already, booked as [`unmatched`] before anyone knew whose it is.
    Suspense,
}

impl Treasury {
    /// The part that its account has in a [`Chart`].
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Bank => Role::Bank,
            Self::PaymentProvider => Role::PaymentProvider,
            Self::Suspense => Role::Suspense,
        }
    }
}

/// What the bank or the payment provider keeps of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Without VAT.
    pub net: Money,
    /// The VAT on it, if any.
    pub vat: Money,
}

/// A payment from a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// When, which transfer, what it says.
    pub heading: Heading,
    /// From whom.
    pub customer: Auxiliary,
    /// What the customer paid, fees included. Zero where credit notes, or what was paid too much
    /// before, settle invoices.
    pub received: Money,
    /// Where it came in.
    pub into: Treasury,
    /// What was kept of it.
    pub fees: Option<Fees>,
    /// What it settles. What is left over stays to the customer's credit.
    pub settles: Vec<Settlement>,
}

/// The entry of a payment received; none if nothing moves.
///
/// # Errors
/// [`LedgerError::TotalDiffers`], [`LedgerError::OverSettled`], [`LedgerError::Figures`].
///
/// ```
/// # use palier_billing::{Currency, Money, ledger::*};
/// # use jiff::civil::date;
/// let euros = |cents| Money::from_minor(cents, Currency::EUR);
/// let entry = payment(&Chart::default(), &Payment {
///     heading: Heading::new(date(2026, 8, 3), "CB-7781", "Carte Forge SA")?,
///     customer: Auxiliary::new("M0001", "Forge SA")?,
///     received: euros(177_15),
///     into: Treasury::PaymentProvider,
///     fees: Some(Fees { net: euros(2_73), vat: euros(0) }),
///     settles: vec![],
/// })?;
/// let entry = entry.unwrap();
/// let booked = entry.postings().iter();
/// let booked: Vec<_> =
///     booked.map(|it| format!("{} {} {}", it.side(), it.account(), it.amount())).collect();
/// assert_eq!(booked, ["debit 517000 174.42", "debit 627000 2.73", "credit 411000 177.15"]);
/// # Ok::<_, LedgerError>(())
/// ```
pub fn payment(chart: &Chart, payment: &Payment) -> Result<Option<Entry>, LedgerError> {
    let currency = payment.received.currency();
    let mut draft = Draft::new(chart, &payment.heading, currency);
    draft.debit(payment.into.role(), payment.received)?;
    if let Some(fees) = payment.fees {
        draft.credit(payment.into.role(), fees.net.checked_add(fees.vat)?)?;
        draft.debit(Role::BankFees, fees.net)?;
        draft.debit(Role::VatDeductible, fees.vat)?;
    }
    settle(&mut draft, &payment.customer, payment.received, &payment.settles)?;
    draft.finish(Journal::Bank)
}

/// Money paid back to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// When, which transfer, what it says.
    pub heading: Heading,
    /// To whom.
    pub customer: Auxiliary,
    /// How much, above zero.
    pub paid: Money,
    /// Where it came from.
    pub from: Treasury,
    /// What it settles, with its signs: a credit note that is paid out, an invoice whose payment is
    /// taken back (both amounts are below zero). Nothing, where too much was paid.
    pub settles: Vec<Settlement>,
}

/// The entry of a refund, or of a payment that came back; none if nothing moves.
///
/// # Errors
/// As [`payment()`].
pub fn refund(chart: &Chart, refund: &Refund) -> Result<Option<Entry>, LedgerError> {
    let mut draft = Draft::new(chart, &refund.heading, refund.paid.currency());
    draft.credit(refund.from.role(), refund.paid)?;
    let received = draft.zero().checked_sub(refund.paid)?;
    settle(&mut draft, &refund.customer, received, &refund.settles)?;
    draft.finish(Journal::Bank)
}

/// The entry of money received that nobody knows the reason of; none if it is nothing.
///
/// Once the customer is found, a [`payment()`] into [`Treasury::Suspense`] clears it.
///
/// # Errors
/// [`LedgerError::Figures`].
pub fn unmatched(
    chart: &Chart,
    heading: &Heading,
    into: Treasury,
    received: Money,
) -> Result<Option<Entry>, LedgerError> {
    transfer(chart, heading, Treasury::Suspense, into, received)
}

/// The entry of money that moves: what the payment provider pays out to the bank, for one. None if
/// it is nothing.
///
/// # Errors
/// [`LedgerError::Figures`].
pub fn transfer(
    chart: &Chart,
    heading: &Heading,
    from: Treasury,
    to: Treasury,
    amount: Money,
) -> Result<Option<Entry>, LedgerError> {
    let mut draft = Draft::new(chart, heading, amount.currency());
    draft.debit(to.role(), amount)?;
    draft.credit(from.role(), amount)?;
    draft.finish(Journal::Bank)
}

/// The entry of what the bank takes from the account for itself, without VAT. None if it is nothing.
///
/// ```
/// use jiff::civil::date;
/// use palier_billing::ledger::{Chart, Heading, bank_fees};
/// use palier_billing::{Currency, Money};
/// # use palier_billing::ledger::LedgerError;
///
/// let heading = Heading::new(date(2026, 8, 7), "PAL-1", "Frais sur prélèvements")?;
/// let fees = Money::from_minor(1_20, Currency::EUR);
/// let entry = bank_fees(&Chart::default(), &heading, fees)?.unwrap();
/// let booked = entry.postings().iter();
/// let booked: Vec<_> =
///     booked.map(|it| format!("{} {} {}", it.side(), it.account(), it.amount())).collect();
/// assert_eq!(booked, ["debit 627000 1.20", "credit 512000 1.20"]);
/// # Ok::<_, LedgerError>(())
/// ```
///
/// # Errors
/// [`LedgerError::Figures`].
pub fn bank_fees(
    chart: &Chart,
    heading: &Heading,
    fees: Money,
) -> Result<Option<Entry>, LedgerError> {
    let mut draft = Draft::new(chart, heading, fees.currency());
    draft.debit(Role::BankFees, fees)?;
    draft.credit(Role::Bank, fees)?;
    draft.finish(Journal::Bank)
}

/// What the payment provider pays out to the bank, of what it collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// When it reached the bank, which payout, what it says.
    pub heading: Heading,
    /// What the bank received; below zero where the provider took more than it had.
    pub paid: Money,
    /// What the provider kept for itself.
    pub fees: Money,
    /// What else moved on its account that nobody booked: above zero what came in.
    pub other: Money,
}

/// The entry of a payout: the bank has it, fees are a cost, and what nobody knows the reason of waits on the
/// suspense account. What members paid by way of the provider is cleared by as much. None if nothing moves.
///
/// # Errors
/// [`LedgerError::Figures`].
///
/// ```
/// # use palier_billing::{Currency, Money, ledger::*};
/// # use jiff::civil::date;
/// let euros = |cents| Money::from_minor(cents, Currency::EUR);
/// let entry = payout(&Chart::default(), &Payout {
///     heading: Heading::new(date(2026, 8, 7), "po_1", "Virement Stripe")?,
///     paid: euros(174_42),
///     fees: euros(2_73),
///     other: euros(0),
/// })?;
/// let entry = entry.unwrap();
/// let booked = entry.postings().iter();
/// let booked: Vec<_> =
///     booked.map(|it| format!("{} {} {}", it.side(), it.account(), it.amount())).collect();
/// assert_eq!(booked, ["debit 512000 174.42", "debit 627000 2.73", "credit 517000 177.15"]);
/// # Ok::<_, LedgerError>(())
/// ```
pub fn payout(chart: &Chart, payout: &Payout) -> Result<Option<Entry>, LedgerError> {
    let Payout { heading, paid, fees, other } = payout;
    let mut draft = Draft::new(chart, heading, paid.currency());
    draft.debit(Role::Bank, *paid)?;
    draft.debit(Role::BankFees, *fees)?;
    draft.credit(Role::Suspense, *other)?;
    draft.credit(Role::PaymentProvider, paid.checked_add(*fees)?.checked_sub(*other)?)?;
    draft.finish(Journal::Bank)
}

/// The entry of a payout that the bank did not take: it is with the provider again. None if it is nothing.
///
/// # Errors
/// As [`payout()`].
pub fn payout_back(
    chart: &Chart,
    heading: &Heading,
    amount: Money,
) -> Result<Option<Entry>, LedgerError> {
    transfer(chart, heading, Treasury::Bank, Treasury::PaymentProvider, amount)
}
