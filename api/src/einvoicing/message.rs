//! What is given to the platform: a document as it is archived, and what the seller says of it.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use palier_billing::einvoice::EinvoiceError;
use palier_billing::einvoice::cdar::{
    self, About, Explanation, MessageError, Participant, Report, Role, StatusMessage,
};
use palier_billing::einvoice::lifecycle::Status;
use palier_billing::{Issued, VatCategory, time_zone};

use crate::clock::Time;
use crate::db::DbError;
use crate::db::einvoices::StatusRow;
use crate::db::invoices::InvoiceRow;
use crate::db::poles::PoleRow;

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoMessage {
    /// A rule of the reform that it breaks.
    #[error(transparent)]
    Rule(#[from] MessageError),
    /// A row that cannot be read.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<EinvoiceError> for NoMessage {
    fn from(error: EinvoiceError) -> Self {
        Self::Rule(error.into())
    }
}

/// A final document, as it was sealed.
pub(super) fn issued(row: &InvoiceRow) -> Result<Issued, DbError> {
    serde_json::from_str(&row.document).map_err(|error| DbError::Unreadable {
        table: "invoices",
        id: row.invoice_id.to_string(),
        what: error.to_string(),
    })
}

/// Whether a document goes by platforms: between French companies, for what is within the scope of VAT.
/// Fees of members and penalties are not; what goes abroad is reported, not exchanged (CGI, art. 289 bis).
pub(super) fn is_exchanged(issued: &Issued) -> bool {
    let content = issued.document.content();
    let mut lines = content.lines.iter();
    let known = content.seller.siren.is_some() && content.buyer.siren.is_some();
    known && lines.any(|line| line.vat.category != VatCategory::OutOfScope)
}

/// What the file of a document, or of one of its statuses, is called: always the same.
pub(super) fn name(invoice: &InvoiceRow, status: Option<&StatusRow>) -> String {
    let number = invoice.number.as_deref().unwrap_or(invoice.invoice_id.as_str());
    // Numbers may have strokes in them, which would be folders.
    let number = number.replace('/', "-");
    match status {
        None => format!("{number}.xml"),
        Some(row) => format!("{number}_{:03}_{}.xml", row.seq, Status::from(row.status)),
    }
}

/// What the seller says of a document, as a message: the same bytes whenever it is written.
///
/// The seller gives it to its platform, for the buyer; the State is told what was collected, which is only
/// kept where VAT falls due with it.
pub(super) fn status(
    pole: &PoleRow,
    invoice: &InvoiceRow,
    row: &StatusRow,
) -> Result<Vec<u8>, NoMessage> {
    let issued = issued(invoice)?;
    let content = issued.document.content();
    let status = Status::from(row.status);
    let seller = Participant::company(Role::Seller, &content.seller)?;
    let mut recipients = vec![Participant::company(Role::Buyer, &content.buyer)?];
    if status == Status::Collected {
        recipients.push(Participant::state());
    }
    let why = row.why()?.into_iter();
    let message = StatusMessage {
        id: format!("{}_{}_{status}", issued.number, row.seq),
        written_at: local(pole, row.recorded_at),
        sender: seller.clone(),
        issuer: seller,
        recipients,
        happened_at: local(pole, row.happened_at),
        reports: vec![Report {
            about: About::of(&issued),
            status,
            explanations: why
                .map(|it| Explanation { reason: it.reason, text: it.text, action: it.action })
                .collect(),
            collected: row.collected(content.currency)?,
        }],
    };
    Ok(cdar::write(&message)?)
}

/// A pole has a time zone that exists; without one, days would begin in London.
fn zone(pole: &PoleRow) -> TimeZone {
    time_zone(&pole.time_zone).unwrap_or(TimeZone::UTC)
}

/// A moment as messages have it: the pole's local time, to the second.
fn local(pole: &PoleRow, at: Time) -> DateTime {
    let local = zone(pole).to_datetime(at.timestamp());
    local.with().subsec_nanosecond(0).build().unwrap_or(local)
}

/// A moment of a message.
pub(super) fn instant(pole: &PoleRow, local: DateTime) -> Time {
    zone(pole).to_timestamp(local).map_or_else(|_| jiff::Timestamp::MAX.into(), Time::from)
}

/// When a day begins.
pub(super) fn begin_of(pole: &PoleRow, day: Date) -> Time {
    instant(pole, day.to_datetime(jiff::civil::Time::midnight()))
}
