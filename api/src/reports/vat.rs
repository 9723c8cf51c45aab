//! The VAT to declare.

use palier_billing::reports::{self, Taxed, VatReturnRow};
use palier_billing::{Money, Percent};
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::Facts;
use super::{Period, Report, Span, unreadable};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::say;
use crate::sheet::{Cell, Sheet, columns};

/// The VAT to declare for the days of a period, by category and rate.
///
/// What was collected, not what may be deducted. VAT on debits is due by what was issued within the
/// days, VAT on receipt by what was booked as received within them (CGI, art. 269, 2, c).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct VatReturn {
    #[serde(flatten)]
    span: Span,
    /// Each category and rate with anything to declare, or waiting.
    rates: Vec<VatReturnRate>,
    /// The VAT due for the days.
    #[schema(value_type = String, example = "20.00")]
    due: Money,
    /// The VAT that waits for its payment at their end.
    #[schema(value_type = String, example = "0.00")]
    pending: Money,
}

/// What is to be declared of a rate.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct VatReturnRate {
    /// The category (UNTDID 5305): `S`, `Z`, `E`, `AE`, `K`, `G` or `O`.
    #[schema(example = "S")]
    category: &'static str,
    /// The rate, in per cent.
    #[schema(value_type = String, example = "20")]
    rate_percent: Percent,
    /// Due by what was issued within the days, less what was lost of it.
    on_debits: TaxedAmount,
    /// Due by what was received within them.
    on_receipt: TaxedAmount,
    /// Issued until their end, and waiting for its payment.
    pending: TaxedAmount,
}

/// An amount that is taxed, and its tax.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct TaxedAmount {
    /// Without tax.
    #[schema(value_type = String, example = "100.00")]
    base: Money,
    /// The tax.
    #[schema(value_type = String, example = "20.00")]
    vat: Money,
}

impl From<Taxed> for TaxedAmount {
    fn from(Taxed { base, vat }: Taxed) -> Self {
        Self { base, vat }
    }
}

impl From<VatReturnRow> for VatReturnRate {
    fn from(row: VatReturnRow) -> Self {
        Self {
            category: row.category.as_str(),
            rate_percent: row.rate_percent,
            on_debits: row.on_debits.into(),
            on_receipt: row.on_receipt.into(),
            pending: row.pending.into(),
        }
    }
}

impl VatReturn {
    /// What is to be declared for the days of a period.
    pub(crate) fn read(conn: &mut Db, pole: &PoleRow, period: &Period) -> Result<Self, DbError> {
        let currency = pole.currency();
        let facts = Facts::until(conn, &pole.pole_id, currency, period.last())?;
        let made = reports::vat_return(currency, period.days(), facts.vat());
        let made = made.map_err(|error| unreadable(&error))?;
        Ok(Self {
            span: Span::of(period, currency),
            rates: made.rows.into_iter().map(VatReturnRate::from).collect(),
            due: made.due,
            pending: made.pending,
        })
    }

    /// What is due.
    pub(crate) const fn due(&self) -> Money {
        self.due
    }
}

impl Report for VatReturn {
    fn sheet(&self) -> Sheet {
        let row = |it: &VatReturnRate| {
            let parts = [it.on_debits, it.on_receipt, it.pending];
            let sums =
                parts.iter().flat_map(|part| [Cell::Money(part.base), Cell::Money(part.vat)]);
            let mut row = vec![Cell::text(it.category), Cell::Percent(it.rate_percent)];
            row.extend(sums);
            row
        };
        Sheet {
            name: format!("vat-{}", self.span.period),
            title: say!(en "VAT to declare", fr "TVA à déclarer"),
            columns: columns![
                "category" "Category" "Catégorie", "rate_percent" "Rate" "Taux",
                "on_debits_base" "On debits: base" "Débits : base",
                "on_debits_vat" "On debits: VAT" "Débits : TVA",
                "on_receipt_base" "On receipt: base" "Encaissements : base",
                "on_receipt_vat" "On receipt: VAT" "Encaissements : TVA",
                "pending_base" "Pending: base" "En attente : base",
                "pending_vat" "Pending: VAT" "En attente : TVA",
            ],
            rows: self.rates.iter().map(row).collect(),
            total: None,
        }
    }
}
