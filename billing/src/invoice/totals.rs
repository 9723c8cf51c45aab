//! What the lines of a document come to.

use super::{DocumentContent, VatTotal};
use crate::{Error, Money, vat_totals};

/// The sums of a document (EN 16931, BG-22 and BG-23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// The sum of the lines, without VAT (BT-106, BT-109).
    pub net: Money,
    /// VAT by category and rate, each rounded once (BG-23).
    pub vat: Vec<VatTotal>,
    /// All VAT (BT-110).
    pub vat_total: Money,
    /// Net and VAT (BT-112).
    pub gross: Money,
}

impl Totals {
    pub(super) fn of(content: &DocumentContent, amounts: &[Money]) -> Result<Self, Error> {
        let currency = content.currency;
        let net = Money::sum(currency, amounts.iter().copied())?;
        let lines = content.lines.iter().zip(amounts);
        let lines = lines.map(|(line, amount)| (line.vat.category, line.vat.rate_percent, *amount));
        let vat = vat_totals(currency, lines)?;
        let vat_total = Money::sum(currency, vat.iter().map(|total| total.vat))?;
        let gross = net.checked_add(vat_total)?;
        Ok(Self { net, vat, vat_total, gross })
    }
}
