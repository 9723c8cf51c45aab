//! Documents on paper: what was sealed, drawn in the pole's colours.

use palier_billing::{Document, Issued};

use super::InvoicingError;
use super::settings::Settings;
use crate::day::Day;
use crate::db::invoices::InvoiceRow;
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::documents::{Look, PdfError, Sheet, Stage};

/// Why a document cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PaperError {
    /// It is not what was written.
    #[error("{invoice}: {error}")]
    Unreadable { invoice: String, error: serde_json::Error },
    /// It cannot be drawn.
    #[error("{invoice}: {error}")]
    Pdf { invoice: String, error: PdfError },
}

/// How the documents of a pole look; as every pole's, if it has not said.
pub(crate) fn look(conn: &mut Db, pole: &PoleRow) -> Result<Look, DbError> {
    match Settings::of(conn, &pole.pole_id) {
        Ok(settings) => Ok(settings.look()),
        Err(InvoicingError::Database(error)) => Err(error),
        Err(_) => Ok(Look::default()),
    }
}

/// Draws a final document, with its electronic invoice if there is one, and the link by which it is paid
/// if it has one. It takes milliseconds, and no connection.
///
/// # Errors
/// [`PaperError`].
pub(crate) fn issued(
    invoice: &InvoiceRow,
    (look, pay_at): (&Look, Option<&str>),
    xml: Option<&[u8]>,
) -> Result<Vec<u8>, PaperError> {
    let issued: Issued = read(invoice)?;
    let Issued { number, issued_on, due_on, document } = &issued;
    let (issued_on, due_on) = (*issued_on, *due_on);
    let stage = Stage::Issued { number, issued_on, due_on, xml, pay_at };
    drawn(invoice, Sheet { document, stage, look })
}

/// Draws a draft, as a preview that says so.
///
/// # Errors
/// [`PaperError`].
pub(crate) fn draft(
    pole: &PoleRow,
    invoice: &InvoiceRow,
    look: &Look,
) -> Result<Vec<u8>, PaperError> {
    let document: Document = read(invoice)?;
    let stage = Stage::Draft { as_of: Day::today(pole, invoice.updated_at).date() };
    drawn(invoice, Sheet { document: &document, stage, look })
}

/// What the file of a document is called: by its number, or as a draft by its id.
pub(crate) fn name(invoice: &InvoiceRow, ending: &str) -> String {
    let name = invoice.number.as_deref().unwrap_or(invoice.invoice_id.as_str());
    // Numbers may have strokes in them, which would be folders.
    format!("{}.{ending}", name.replace('/', "-"))
}

fn read<D: serde::de::DeserializeOwned>(invoice: &InvoiceRow) -> Result<D, PaperError> {
    serde_json::from_str(&invoice.document)
        .map_err(|error| PaperError::Unreadable { invoice: invoice.invoice_id.to_string(), error })
}

fn drawn(invoice: &InvoiceRow, sheet: Sheet<'_>) -> Result<Vec<u8>, PaperError> {
    let invoice = || invoice.invoice_id.to_string();
    sheet.pdf().map_err(|error| PaperError::Pdf { invoice: invoice(), error })
}
