//! What somebody does to a draft by hand: a manual charge or a discount on it, or holding it back.

use jiff::civil::Date;
use palier_billing::{
    Document, DocumentLine, DocumentLineKind, LinePeriod, LineVat, Price, PriceBase, Quantity,
    VatBasis, VatSupply,
};

use super::billee::Billee;
use super::draft::{read, saying};
use super::draw::{self, Paper};
use super::vat::{self, tax_point};
use super::{InvoicingError, Settings};
use crate::db::invoices::{InvoiceRow, InvoiceStatus, drafts};
use crate::db::poles;
use crate::db::services::{self, ServiceRow};
use crate::db::{DbError, grants, members};
use crate::problem::Problem;
use crate::say;
use crate::work::{Changes, Done, Tx};

/// A line by hand.
#[derive(Clone, Debug)]
pub(crate) struct ManualLine {
    /// Whether it is taken off.
    pub(crate) discount: bool,
    /// What it says.
    pub(crate) name: String,
    pub(crate) detail: Option<String>,
    /// How much; never below zero.
    pub(crate) quantity: Quantity,
    /// UN/ECE recommendation 20.
    pub(crate) unit: String,
    /// Without VAT.
    pub(crate) unit_price: Price,
    /// What it is about: its VAT and its revenue account are those of the line.
    pub(crate) service: Option<ServiceRow>,
    /// What VAT makes of it, if it is about no service.
    pub(crate) supply: VatSupply,
}

/// What becomes of the lines that a draft has by hand already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// Others take their place.
    Replaced,
    /// Others come behind them.
    Kept,
}

/// Puts these lines on a draft; those of the run stay. Credits are drawn anew for what it comes to then,
/// totals follow, and whether it asks for money or gives it back.
///
/// # Errors
/// [`InvoicingError::Refused`] if it is final, or nothing would be left on it;
/// [`InvoicingError::Document`] if the lines break a rule of documents.
pub(crate) fn adjust(
    tx: &mut Tx<'_>,
    row: InvoiceRow,
    (lines, earlier): (&[ManualLine], Earlier),
    reason: &str,
) -> Result<Done<InvoiceRow>, InvoicingError> {
    if row.status == InvoiceStatus::Final {
        let text = say!(
            en "It is final: credit it instead.",
            fr "Elle est définitive : établissez plutôt un avoir."
        );
        return Err(InvoicingError::refused("", "final", text));
    }
    // Of two that draw the same credit, the second sees what the first left.
    poles::hold(tx.conn, tx.pole())?;
    let document = read(&row)?;
    let made = lines.iter().map(|line| line.on(tx, &row, &document));
    let made = made.collect::<Result<Vec<_>, _>>()?;
    let before = row.signed(row.gross_minor);
    let row = InvoiceRow { remark: reason.to_owned(), ..row };
    let changed = keep(tx, row, &document, Some((made, earlier)))?;
    let changes = Changes::made(&serde_json::json!({
        "reason": reason, "lines": lines.len(),
        "gross_minor_before": before, "gross_minor": changed.signed(changed.gross_minor),
    }));
    let id = changed.invoice_id.clone();
    Ok(tx.done("invoice.adjusted", id.as_str(), &changes, changed)?)
}

/// Holds a draft back, or lets it be made final with the others.
///
/// # Errors
/// [`InvoicingError::Refused`] if it is final.
pub(crate) fn turn(
    tx: &mut Tx<'_>,
    row: InvoiceRow,
    hold: bool,
) -> Result<Done<InvoiceRow>, InvoicingError> {
    let (status, action) = if hold {
        (InvoiceStatus::Held, "invoice.held")
    } else {
        (InvoiceStatus::Draft, "invoice.released")
    };
    if row.status == InvoiceStatus::Final {
        let text = say!(en "It is final.", fr "Elle est définitive.");
        return Err(InvoicingError::refused("", "final", text));
    }
    if row.status == status {
        return Ok(tx.unchanged(row));
    }
    let version = row.version;
    let next =
        InvoiceRow { status, version: version.saturating_add(1), updated_at: tx.at(), ..row };
    let changed = drafts::update(tx.conn, &next, version)?.ok_or_else(Problem::changed)?;
    let id = changed.invoice_id.clone();
    Ok(tx.done(action, id.as_str(), &Changes::none(), changed)?)
}

/// Draws credits anew for a draft, whose other lines stay as they are.
///
/// # Errors
/// [`InvoicingError`].
pub(crate) fn redraw(tx: &mut Tx<'_>, row: InvoiceRow) -> Result<InvoiceRow, InvoicingError> {
    let document = read(&row)?;
    keep(tx, row, &document, None)
}

/// Writes a draft with other lines by hand, if there are other ones, and with what it draws then.
fn keep(
    tx: &mut Tx<'_>,
    row: InvoiceRow,
    document: &Document,
    by_hand: Option<(Vec<DocumentLine>, Earlier)>,
) -> Result<InvoiceRow, InvoicingError> {
    let content = document.content();
    let buyer = content.buyer.code.clone().unwrap_or_default();
    let refused = |error| InvoicingError::Document { member: buyer.clone(), error };
    let mut credits = draw::of_draft(tx.conn, tx.pole(), &row)?;
    let services = services::all(tx.conn, tx.pole())?;
    let services = services.iter().map(|service| (service.service_id.as_str(), service)).collect();
    let paper = Paper::of(content, &services);
    let mut draws = Ok(Vec::new());
    let adjusted = document.with_lines(|lines| {
        lines.retain(|line| line.kind != DocumentLineKind::Credit);
        if let Some((mut made, earlier)) = by_hand {
            lines.retain(|line| earlier == Earlier::Kept || !is_by_hand(line.kind));
            lines.append(&mut made);
        }
        draws = draw::draw(&mut credits, lines, paper);
    });
    let draws = draws.map_err(|error| refused(error.into()))?;
    let next = saying(InvoiceRow { updated_at: tx.at(), ..row }, &adjusted.map_err(refused)?)?;
    let version = next.version.saturating_sub(1);
    let changed = drafts::update(tx.conn, &next, version)?.ok_or(DbError::Interrupted)?;
    grants::forget(tx.conn, tx.pole(), &changed.invoice_id)?;
    let draws = draws.into_iter().map(|draw| draw.row(tx.pole(), &changed.invoice_id));
    grants::add_draws(tx.conn, &draws.collect::<Vec<_>>())?;
    Ok(changed)
}

/// Whether it is somebody who puts lines of this kind there.
pub(super) const fn is_by_hand(kind: DocumentLineKind) -> bool {
    matches!(kind, DocumentLineKind::Manual | DocumentLineKind::Discount)
}

impl ManualLine {
    /// As it stands on a document.
    fn on(
        &self,
        tx: &mut Tx<'_>,
        row: &InvoiceRow,
        document: &Document,
    ) -> Result<DocumentLine, InvoicingError> {
        let content = document.content();
        let quantity = if self.discount {
            Quantity::ZERO.checked_sub(self.quantity)
        } else {
            Ok(self.quantity)
        };
        let code = content.buyer.code.clone().unwrap_or_default();
        let quantity = quantity
            .map_err(|error| InvoicingError::Document { member: code, error: error.into() })?;
        let kind =
            if self.discount { DocumentLineKind::Discount } else { DocumentLineKind::Manual };
        let (vat, vat_basis) = self.vat(tx, row, content.period)?;
        Ok(DocumentLine {
            kind,
            service: self.service.as_ref().map(|service| service.service_id.to_string()),
            name: self.name.clone(),
            detail: self.detail.clone(),
            quantity,
            unit: self.unit.clone(),
            unit_price: self.unit_price,
            price_base: PriceBase::One,
            period: content.period,
            vat,
            vat_basis,
            pool: None,
        })
    }

    fn vat(
        &self,
        tx: &mut Tx<'_>,
        row: &InvoiceRow,
        period: Option<LinePeriod>,
    ) -> Result<(LineVat, Option<VatBasis>), InvoicingError> {
        let member = members::find(tx.conn, tx.pole(), &row.member_id)?;
        let billee = Billee::of(member.ok_or(DbError::Interrupted)?)?;
        let settings = Settings::of(tx.conn, tx.pole())?;
        let supply = vat::supply(self.service.as_ref(), self.supply)?;
        let found = settings.vat.of(&supply, &billee, tax_point(period, Date::default()));
        found.map_err(|error| InvoicingError::Document {
            member: billee.party.code.clone().unwrap_or_default(),
            error: error.into(),
        })
    }
}
