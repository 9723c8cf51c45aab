//! The archive: final documents as files, made once and kept.
//!
//! A file is kept under its hash, and the database says which hash a document has. Whoever asks for the
//! file later gets those bytes, whatever has become of the program, the pole's colours or its logo, or of how
//! it is paid online; what is not what was kept is refused, never shown. Invoices are kept for ten years from the end of the
//! financial year (code de commerce, L123-22), electronic ones in the form in which they were issued.

use actix_web::web::{self, Bytes, Data};
use aws_lc_rs::digest::{SHA256, digest};

use crate::app::App;
use crate::db::archive::{self, ArchivedRow, FileForm};
use crate::db::invoices::InvoiceRow;
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::documents::Look;
use crate::einvoice::{EinvoiceFile, NoEinvoice, Syntax};
use crate::einvoicing;
use crate::http::File;
use crate::id::new_id;
use crate::invoicing::paper::{self, PaperError};
use crate::problem::Problem;
use crate::stripe::link_to_pay;
use crate::work::{Author, Tx};

pub(crate) mod bundle;
mod mail;
pub(crate) mod run;
mod store;
pub(crate) mod verify;

pub(crate) use store::{ArchivePlace, Store, StoreError};

/// A file of a document, as it was kept.
#[derive(Clone, Debug)]
pub(crate) struct Archived {
    pub(crate) row: ArchivedRow,
    pub(crate) bytes: Bytes,
}

impl Archived {
    /// As it is given out under a name.
    pub(crate) fn under(self, name: String) -> File {
        let Self { row, bytes } = self;
        let (media_type, is_shown) = (row.form.media_type(), row.form == FileForm::Pdf);
        File { name, media_type, is_shown, bytes, tag: row.sha256 }
    }
}

/// Why a document’s file cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// It cannot be drawn.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// Where files are kept, it cannot be kept or found.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The mail that takes it out.
    #[error("{0}")]
    Mail(Box<Problem>),
    /// A thread that ended, or a document that is there no more.
    #[error("{0}")]
    Gone(String),
}

impl From<Problem> for ArchiveError {
    fn from(problem: Problem) -> Self {
        Self::Mail(Box::new(problem))
    }
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Database(error) => error.into(),
            ArchiveError::Mail(problem) => *problem,
            error => Self::internal(&error),
        }
    }
}

/// The file of a final document in a form, made and kept if that was not done yet; none, where what it
/// says makes no electronic invoice.
///
/// # Errors
/// [`ArchiveError`].
pub(crate) async fn of(
    app: &Data<App>,
    pole: &PoleRow,
    invoice: &InvoiceRow,
    form: FileForm,
) -> Result<Option<Archived>, ArchiveError> {
    let rows = ensure(app, pole, invoice).await?;
    let Some(row) = rows.into_iter().find(|row| row.form == form) else { return Ok(None) };
    let bytes = app.archive.fetch(&row.pole_id, form, &row.sha256).await?;
    Ok(Some(Archived { row, bytes }))
}

/// Makes and keeps the files of a final document, unless they are kept already; what is kept of it.
///
/// Of two that do it at once, what the first one wrote counts.
///
/// # Errors
/// [`ArchiveError`]. What was kept by then is kept again, under the same hash, by whoever comes next.
pub(crate) async fn ensure(
    app: &Data<App>,
    pole: &PoleRow,
    invoice: &InvoiceRow,
) -> Result<Vec<ArchivedRow>, ArchiveError> {
    let (id, of) = (pole.pole_id.clone(), invoice.invoice_id.clone());
    let kept = app.db.read(move |conn| archive::of(conn, &id, &of)).await?;
    if !kept.is_empty() {
        return Ok(kept);
    }
    let (drawn, row, of_work) = (pole.clone(), invoice.clone(), app.clone());
    let known = move |conn: &mut Db| {
        let link = link_to_pay(&of_work, conn, &drawn, &row.invoice_id)?;
        Ok::<_, ArchiveError>((paper::look(conn, &drawn)?, link, row))
    };
    let (look, link, row) = app.db.read(known).await?;
    // Without a connection, which others may be waiting for.
    let files = web::block(move || draw(&row, &look, link.as_deref())).await;
    let files = files.map_err(|gone| ArchiveError::Gone(gone.to_string()))??;
    let mut rows = Vec::with_capacity(files.len());
    for (form, bytes) in files {
        let sha256 = crate::hex(digest(&SHA256, &bytes).as_ref());
        let size_bytes = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        app.archive.keep(&pole.pole_id, form, &sha256, bytes).await?;
        rows.push(ArchivedRow {
            pole_id: pole.pole_id.clone(),
            invoice_id: invoice.invoice_id.clone(),
            form,
            sha256,
            size_bytes,
            archived_at: app.now(),
        });
    }
    // The files are on disk before the database says that they are.
    let (pole, invoice, now) = (pole.clone(), invoice.clone(), app.now());
    let author = Author::new(pole.pole_id.clone(), "palier".into(), new_id("req", now), now);
    let exchanged = app.platform.as_ref().is_some_and(|platform| platform.serves(&pole));
    let of_mail = app.clone();
    let kept = move |tx: &mut Tx<'_>| {
        archive::insert(tx.conn, &rows)?;
        let kept = archive::of(tx.conn, tx.pole(), &invoice.invoice_id)?;
        // Of two that come here, one mails it.
        if archive::done(tx.conn, tx.pole(), &invoice.invoice_id)? {
            mail::enqueue(&of_mail, tx, (&pole, &invoice), &kept)?;
            if exchanged && kept.iter().any(|row| row.form == FileForm::Cii) {
                einvoicing::enqueue(tx, &invoice)?;
            }
        }
        Ok::<_, ArchiveError>(tx.unchanged(kept))
    };
    app.db.write(move |conn| author.write(conn, kept)).await
}

/// The files of a document, with the link by which it is paid if it is.
fn draw(
    invoice: &InvoiceRow,
    look: &Look,
    pay_at: Option<&str>,
) -> Result<Vec<(FileForm, Vec<u8>)>, ArchiveError> {
    let xml = match EinvoiceFile::of(invoice, Syntax::Cii) {
        Ok(file) => Some(file.bytes),
        Err(NoEinvoice::Unreadable(error)) => return Err(error.into()),
        // What makes no electronic invoice can be read on paper all the same.
        Err(NoEinvoice::Draft | NoEinvoice::Refused(_)) => None,
    };
    let pdf = paper::issued(invoice, (look, pay_at), xml.as_deref())?;
    let mut files = vec![(FileForm::Pdf, pdf)];
    files.extend(xml.map(|xml| (FileForm::Cii, xml)));
    Ok(files)
}
