//! What a payment pays, and how much VAT becomes due by it.

use super::{Auxiliary, LedgerError, Role, draft::Draft};
use crate::{Money, Percent, VatDue, VatTotal};

/// The part of a document that is settled at one time: by a payment, a loss, a difference let go.
///
/// Amounts have the sign they have on the customer's account: an invoice's are above zero, a credit
/// note's below. An amount that is taken back (a direct debit that came back) has the other sign.
///
/// VAT follows what was settled so far, each rate by itself, and is rounded on that sum rather than
/// on each part. So a document settled in any number of parts moves exactly its VAT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The document's number.
    pub document: String,
    /// What it came to, tax included.
    pub total: Money,
    /// Its VAT, those categories included for which none was charged; below zero for a credit note,
    /// as its total is.
    pub vat: Vec<VatTotal>,
    /// When its VAT is due.
    pub vat_due: VatDue,
    /// How much of it was settled before.
    pub before: Money,
    /// How much of it is settled now.
    pub amount: Money,
}

impl Settlement {
    /// The VAT that goes with the amount, by rate.
    ///
    /// # Errors
    /// [`LedgerError::TotalDiffers`] if bases and VAT are not what the document came to;
    /// [`LedgerError::OverSettled`] if it would be settled by more than that, or by less than
    /// nothing; [`LedgerError::Figures`].
    ///
    /// ```
    /// # use palier_billing::{Currency, Money, VatCategory, VatTotal, VatDue, ledger::Settlement};
    /// let euros = |cents| Money::from_minor(cents, Currency::EUR);
    /// let (category, rate_percent) = (VatCategory::Standard, "20".parse()?);
    /// let vat = VatTotal { category, rate_percent, base: euros(1_00), vat: euros(20) };
    /// let third = |before| Settlement {
    ///     document: "FA-2026-000001".into(),
    ///     total: euros(1_20),
    ///     vat: vec![vat],
    ///     vat_due: VatDue::OnReceipt,
    ///     before: euros(before),
    ///     amount: euros(40),
    /// };
    /// // 6.67, 6.66 and 6.67 cents in whole ones, 20 together.
    /// let parts = [0, 40, 80].map(|before| third(before).vat_share().unwrap()[0].1.minor());
    /// assert_eq!(parts, [7, 6, 7]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn vat_share(&self) -> Result<Vec<(Percent, Money)>, LedgerError> {
        let after = self.before.checked_add(self.amount)?;
        self.check_total()?;
        self.check(self.before)?;
        self.check(after)?;
        if self.amount.is_zero() {
            return Ok(Vec::new());
        }
        let (from, to, whole) = (self.before.minor(), after.minor(), self.total.minor());
        let share = |vat: &VatTotal| {
            let part = vat.vat.fraction(to, whole)?.checked_sub(vat.vat.fraction(from, whole)?)?;
            Ok((vat.rate_percent, part))
        };
        self.vat.iter().map(share).collect()
    }

    /// Whether the document came to its bases and its VAT. VAT of the wrong sign would be moved from
    /// the wrong side.
    fn check_total(&self) -> Result<(), LedgerError> {
        let total = self.total;
        let amounts = self.vat.iter().flat_map(|vat| [vat.base, vat.vat]);
        let taxed = Money::sum(total.currency(), amounts)?;
        if taxed == total {
            return Ok(());
        }
        Err(LedgerError::TotalDiffers { document: self.document.clone(), total, taxed })
    }

    /// Whether so much of the document can be settled: between nothing and all of it.
    fn check(&self, settled: Money) -> Result<(), LedgerError> {
        let nothing = Money::zero(self.total.currency());
        let ends = if self.total < nothing { self.total..=nothing } else { nothing..=self.total };
        if ends.contains(&settled) {
            return Ok(());
        }
        let (document, total) = (self.document.clone(), self.total);
        Err(LedgerError::OverSettled { document, total, settled })
    }
}

/// Credits `amount` to the customer: what settles documents to each of them, the rest to the
/// account without one. VAT that waited for it becomes due.
pub(super) fn settle(
    draft: &mut Draft<'_>,
    customer: &Auxiliary,
    amount: Money,
    settlements: &[Settlement],
) -> Result<(), LedgerError> {
    let mut rest = amount;
    for settled in settlements {
        let document = Some(settled.document.as_str());
        draft.credit_company(Role::Receivable, customer, settled.amount, document)?;
        rest = rest.checked_sub(settled.amount)?;
        for (rate, vat) in settled.vat_share()? {
            if settled.vat_due == VatDue::OnReceipt {
                draft.debit(Role::VatPending, vat)?;
                draft.credit_account(draft.chart().vat_collected(rate), vat, None)?;
            }
        }
    }
    draft.credit_company(Role::Receivable, customer, rest, None)
}
