//! The final documents of a month in one file (zip), made as it is read.
//!
//! Whoever reads it gets the files one after the other, each as it was kept; memory holds one document.
//! What is wrong on the way ends it before its directory, without which no program opens it.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web::{self, Bytes, Data};
use palier_billing::Month;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::ArchiveError;
use crate::app::App;
use crate::day::Day;
use crate::db::archive::FileForm;
use crate::db::invoices::{self, InvoiceRow};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::id::{InvoiceId, MemberId};
use crate::invoicing::paper;

/// The media type of such a file.
pub(crate) const MEDIA_TYPE: &str = "application/zip";

/// Which documents.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) month: Month,
    /// Of these members, unless all may be had.
    pub(crate) among: Option<Vec<MemberId>>,
    pub(crate) member: Option<MemberId>,
    /// With their electronic invoices (CII) as files of their own.
    pub(crate) with_xml: bool,
}

/// Documents on their way into a file.
pub(crate) struct Bundle {
    app: Data<App>,
    pole: PoleRow,
    left: std::vec::IntoIter<InvoiceId>,
    forms: &'static [FileForm],
    /// None, once it is closed.
    zip: Option<Box<Zip>>,
    made: Made,
}

type Zip = ZipWriter<StreamWriter<Made>>;

/// What is made of it, until somebody takes it.
#[derive(Clone, Default)]
struct Made(Arc<Mutex<Vec<u8>>>);

impl Made {
    fn take(&self) -> Bytes {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Bundle {
    /// Finds the documents, in the order of their numbers; none, if none is final.
    pub(crate) async fn of(
        app: &Data<App>,
        pole: &PoleRow,
        wanted: Wanted,
    ) -> Result<Option<Self>, DbError> {
        let forms: &[FileForm] =
            if wanted.with_xml { &[FileForm::Pdf, FileForm::Cii] } else { &[FileForm::Pdf] };
        let id = pole.pole_id.clone();
        let find = move |conn: &mut Db| {
            let filter = invoices::Filter {
                among: wanted.among,
                member: wanted.member,
                period: Some(wanted.month.to_string()),
                ..invoices::Filter::default()
            };
            invoices::final_ids(conn, &id, &filter)
        };
        let found = app.db.read(find).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let made = Made::default();
        Ok(Some(Self {
            app: app.clone(),
            pole: pole.clone(),
            left: found.into_iter(),
            forms,
            zip: Some(Box::new(ZipWriter::new_stream(made.clone()))),
            made,
        }))
    }

    /// How many documents are still to come.
    pub(crate) fn left(&self) -> usize {
        self.left.len()
    }

    /// The bytes that come next, never an empty piece; none at the end.
    ///
    /// # Errors
    /// [`ArchiveError`]: nothing more comes, and what there is so far is no whole file.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ArchiveError> {
        while let Some(mut zip) = self.zip.take() {
            if let Some(id) = self.left.next() {
                let files = Box::pin(self.files(id)).await?;
                let added = web::block(move || add(&mut zip, &files).map(|()| zip)).await;
                self.zip = Some(added.map_err(|gone| ArchiveError::Gone(gone.to_string()))??);
            } else {
                zip.finish().map_err(|error| ArchiveError::Gone(error.to_string()))?;
            }
            let made = self.made.take();
            if !made.is_empty() {
                return Ok(Some(made));
            }
        }
        Ok(None)
    }

    /// The files of a document, made and kept if that was not done yet.
    async fn files(&self, id: InvoiceId) -> Result<Files, ArchiveError> {
        let pole = self.pole.pole_id.clone();
        let found = self.app.db.read(move |conn| invoices::find(conn, &pole, &id)).await?;
        // What is final stays.
        let invoice = found.ok_or(DbError::Interrupted)?;
        let mut files = Vec::with_capacity(self.forms.len());
        for form in self.forms {
            // What makes no electronic invoice can be read on paper all the same.
            let file = super::of(&self.app, &self.pole, &invoice, *form).await?;
            files.extend(file.map(|file| (paper::name(&invoice, form.ending()), file.bytes)));
        }
        Ok(Files { options: options(&invoice), files })
    }
}

/// The files of a document, and how they are put in.
struct Files {
    options: SimpleFileOptions,
    files: Vec<(String, Bytes)>,
}

/// Files bear the day on which their document was issued: the same documents make the same bytes.
fn options(invoice: &InvoiceRow) -> SimpleFileOptions {
    let day = invoice.issued_on.as_ref().map(Day::date);
    let issued = day.and_then(|day| {
        let part = |number: i8| u8::try_from(number).ok();
        let year = u16::try_from(day.year()).ok()?;
        DateTime::from_date_and_time(year, part(day.month())?, part(day.day())?, 0, 0, 0).ok()
    });
    // What is packed can be read as it comes in, without knowing how long it is.
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(issued.unwrap_or_default())
}

fn add(zip: &mut Zip, Files { options, files }: &Files) -> Result<(), ArchiveError> {
    for (name, bytes) in files {
        let begun = zip.start_file(name.as_str(), *options);
        begun.map_err(|error| ArchiveError::Gone(error.to_string()))?;
        zip.write_all(bytes).map_err(|error| ArchiveError::Gone(error.to_string()))?;
    }
    Ok(())
}
