//! Documents on paper: what was sealed, drawn in the pole's colours.

use palier_billing::{Document, Issued, einvoice};

use super::InvoicingError;
use super::settings::Settings;
use crate::day::Day;
use crate::db::invoices::{InvoiceRow, InvoiceStatus};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::documents::{Look, PdfError, Sheet, Stage};

/// A file of a document.
pub(crate) struct Paper {
    /// What it is called: by its number, or as a draft by its id.
    pub(crate) name: String,
    /// PDF/A-3.
    pub(crate) pdf: Vec<u8>,
}

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

/// Draws a document. It takes milliseconds, and no connection.
///
/// # Errors
/// [`PaperError`].
pub(crate) fn paper(
    pole: &PoleRow,
    invoice: &InvoiceRow,
    look: &Look,
) -> Result<Paper, PaperError> {
    let id = || invoice.invoice_id.to_string();
    let unreadable = |error| PaperError::Unreadable { invoice: id(), error };
    let failed = |error| PaperError::Pdf { invoice: id(), error };
    if invoice.status == InvoiceStatus::Final {
        let issued: Issued = serde_json::from_str(&invoice.document).map_err(unreadable)?;
        let Issued { number, issued_on, due_on, document } = &issued;
        let (issued_on, due_on) = (*issued_on, *due_on);
        // What makes no valid electronic invoice is a document for people all the same.
        let xml = einvoice::cii(&issued).ok();
        let stage = Stage::Issued { number, issued_on, due_on, xml: xml.as_deref() };
        let pdf = Sheet { document, stage, look }.pdf().map_err(failed)?;
        // Numbers may have strokes in them, which would be folders.
        return Ok(Paper { name: format!("{}.pdf", number.replace('/', "-")), pdf });
    }
    let document: Document = serde_json::from_str(&invoice.document).map_err(unreadable)?;
    let as_of = Day::today(pole, invoice.updated_at).date();
    let sheet = Sheet { document: &document, stage: Stage::Draft { as_of }, look };
    Ok(Paper { name: format!("{}.pdf", id()), pdf: sheet.pdf().map_err(failed)? })
}
