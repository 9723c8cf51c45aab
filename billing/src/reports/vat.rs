//! The VAT to declare: what was collected for the State, not what may be deducted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::{
    Currency, Days, Money, Percent, VatCategory, VatDue, VatTotal,
    ledger::{LedgerError, Settlement},
};

/// Something that makes VAT due, or keeps it waiting.
#[derive(Clone, Copy, Debug)]
pub enum VatFact<'f> {
    /// A document was issued. Its amounts are below zero for a credit note.
    Issued {
        /// When.
        on: Date,
        /// What it came to, tax included.
        total: Money,
        /// Its VAT.
        vat: &'f [VatTotal],
        /// When that is due.
        vat_due: VatDue,
    },
    /// A part of one was settled: by a payment, another document, a cent let go.
    Settled {
        /// When.
        on: Date,
        /// Which part.
        part: &'f Settlement,
    },
    /// A part of one was lost for good.
    Lost {
        /// When.
        on: Date,
        /// Which part.
        part: &'f Settlement,
    },
}

/// An amount that is taxed, and the tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Taxed {
    /// Without tax.
    pub base: Money,
    /// The tax.
    pub vat: Money,
}

/// What is to be declared of one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VatReturnRow {
    /// The category.
    pub category: VatCategory,
    /// The rate.
    pub rate_percent: Percent,
    /// Due by what was issued within the days (*débits*), less what was lost of it.
    pub on_debits: Taxed,
    /// Due by what was received within them (*encaissements*).
    pub on_receipt: Taxed,
    /// Issued until the last of them, and waiting for its payment.
    pub pending: Taxed,
}

/// The VAT of some days, by category and rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VatReturn {
    /// The days.
    pub days: Days,
    /// A row for each category and rate that has anything to declare or waiting.
    pub rows: Vec<VatReturnRow>,
    /// The VAT due, over all rows.
    pub due: Money,
    /// The VAT that waits, over all rows.
    pub pending: Money,
}

impl VatReturnRow {
    const fn new((category, rate_percent): (VatCategory, Percent), zero: Money) -> Self {
        let nothing = Taxed { base: zero, vat: zero };
        Self { category, rate_percent, on_debits: nothing, on_receipt: nothing, pending: nothing }
    }

    fn is_nothing(&self) -> bool {
        let parts = [self.on_debits, self.on_receipt, self.pending];
        parts.iter().all(|it| it.base.is_zero() && it.vat.is_zero())
    }
}

impl Taxed {
    fn add(&mut self, other: Self) -> Result<(), LedgerError> {
        self.base = self.base.checked_add(other.base)?;
        self.vat = self.vat.checked_add(other.vat)?;
        Ok(())
    }

    fn negative(self) -> Result<Self, LedgerError> {
        let zero = Money::zero(self.base.currency());
        Ok(Self { base: zero.checked_sub(self.base)?, vat: zero.checked_sub(self.vat)? })
    }
}

/// What is due for some days and what waits at their end, of all that happened until then, in any
/// order: facts after the days do not count, those before them only for what waits.
///
/// VAT on receipt becomes due with each part that is settled, by the sum of what was settled so far
/// ([`Settlement::vat_share`]), so that the figures are those of the books to the cent.
///
/// # Errors
/// [`LedgerError::TotalDiffers`], [`LedgerError::OverSettled`], [`LedgerError::Figures`].
pub fn vat_return<'f>(
    currency: Currency,
    days: Days,
    facts: impl IntoIterator<Item = VatFact<'f>>,
) -> Result<VatReturn, LedgerError> {
    let zero = Money::zero(currency);
    let mut sums = Sums { days, zero, rows: BTreeMap::new() };
    for fact in facts {
        sums.add(fact)?;
    }
    let rows: Vec<_> = sums.rows.into_values().filter(|row| !row.is_nothing()).collect();
    let due = rows.iter().flat_map(|row| [row.on_debits.vat, row.on_receipt.vat]);
    let due = Money::sum(currency, due)?;
    let pending = Money::sum(currency, rows.iter().map(|row| row.pending.vat))?;
    Ok(VatReturn { days, rows, due, pending })
}

/// Rows in the making.
struct Sums {
    days: Days,
    zero: Money,
    rows: BTreeMap<(VatCategory, Percent), VatReturnRow>,
}

impl Sums {
    fn add(&mut self, fact: VatFact<'_>) -> Result<(), LedgerError> {
        match fact {
            VatFact::Issued { on, total, vat, vat_due } => {
                // What comes to nothing will not be paid: its VAT waits for nobody.
                let waits = vat_due == VatDue::OnReceipt && !total.is_zero();
                for it in vat {
                    let taxed = Taxed { base: it.base, vat: it.vat };
                    if waits {
                        self.pending(on, it, taxed)?;
                    } else {
                        self.due(on, it, vat_due, taxed)?;
                    }
                }
            }
            VatFact::Settled { on, part } if part.vat_due == VatDue::OnReceipt => {
                for (it, taxed) in shares(part)? {
                    self.pending(on, it, taxed.negative()?)?;
                    self.due(on, it, part.vat_due, taxed)?;
                }
            }
            VatFact::Settled { .. } => {}
            VatFact::Lost { on, part } => {
                for (it, taxed) in shares(part)? {
                    // What was due is recovered (CGI, art. 272, 1); what waits never becomes due.
                    match part.vat_due {
                        VatDue::OnReceipt => self.pending(on, it, taxed.negative()?)?,
                        VatDue::OnDebits => self.due(on, it, part.vat_due, taxed.negative()?)?,
                    }
                }
            }
        }
        Ok(())
    }

    fn row(&mut self, vat: &VatTotal) -> &mut VatReturnRow {
        let key = (vat.category, vat.rate_percent);
        let row = VatReturnRow::new(key, self.zero);
        self.rows.entry(key).or_insert(row)
    }

    fn pending(&mut self, on: Date, vat: &VatTotal, taxed: Taxed) -> Result<(), LedgerError> {
        if on >= self.days.end() {
            return Ok(());
        }
        self.row(vat).pending.add(taxed)
    }

    fn due(
        &mut self,
        on: Date,
        vat: &VatTotal,
        by: VatDue,
        taxed: Taxed,
    ) -> Result<(), LedgerError> {
        if !self.days.contains(on) {
            return Ok(());
        }
        let row = self.row(vat);
        match by {
            VatDue::OnDebits => row.on_debits.add(taxed),
            VatDue::OnReceipt => row.on_receipt.add(taxed),
        }
    }
}

/// The base and the VAT that a settlement moves, of each category and rate of its document.
fn shares(part: &Settlement) -> Result<Vec<(&VatTotal, Taxed)>, LedgerError> {
    let vat = part.vat_share()?;
    let after = part.before.checked_add(part.amount)?;
    let (from, to, whole) = (part.before.minor(), after.minor(), part.total.minor());
    let share = |(total, (_, vat)): (_, (_, Money))| {
        let total: &VatTotal = total;
        let base =
            total.base.fraction(to, whole)?.checked_sub(total.base.fraction(from, whole)?)?;
        Ok((total, Taxed { base, vat }))
    };
    part.vat.iter().zip(vat).map(share).collect()
}
