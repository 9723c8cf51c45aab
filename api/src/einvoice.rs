//! Final documents as electronic invoices, for HTTP and for the command line.

use clap::ValueEnum;
use palier_billing::Issued;
use palier_billing::einvoice::{EinvoiceError, cii, ubl};

use crate::db::DbError;
use crate::db::invoices::{InvoiceRow, InvoiceStatus};
use crate::say;
use crate::text::Text;

/// In which syntax of EN 16931.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Syntax {
    /// UN/CEFACT Cross Industry Invoice, which Factur-X embeds
    Cii,
    /// OASIS UBL 2.1
    Ubl,
}

/// A file with an electronic invoice.
#[derive(Debug)]
pub(crate) struct EinvoiceFile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Why there is none of a document.
#[derive(Debug)]
pub(crate) enum NoEinvoice {
    /// It is not final.
    Draft,
    /// What it says makes no valid one.
    Refused(EinvoiceError),
    /// The row does not hold what this program wrote.
    Unreadable(DbError),
}

impl EinvoiceFile {
    /// That of a final document: what was sealed, in the syntax, under its number.
    ///
    /// # Errors
    /// [`NoEinvoice`].
    pub(crate) fn of(row: &InvoiceRow, syntax: Syntax) -> Result<Self, NoEinvoice> {
        if row.status != InvoiceStatus::Final {
            return Err(NoEinvoice::Draft);
        }
        let issued: Issued = serde_json::from_str(&row.document).map_err(|error| {
            NoEinvoice::Unreadable(DbError::Unreadable {
                table: "invoices",
                id: row.invoice_id.to_string(),
                what: error.to_string(),
            })
        })?;
        let write = match syntax {
            Syntax::Cii => cii,
            Syntax::Ubl => ubl,
        };
        let bytes = write(&issued).map_err(NoEinvoice::Refused)?;
        // Numbers may have strokes in them, file names may not.
        Ok(Self { name: format!("{}.xml", issued.number.replace('/', "-")), bytes })
    }
}

impl NoEinvoice {
    /// A stable name for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Refused(error) => error.code(),
            Self::Unreadable(_) => "unreadable",
        }
    }
}

impl From<&NoEinvoice> for Text {
    fn from(none: &NoEinvoice) -> Self {
        match none {
            NoEinvoice::Draft => say!(
                en "It is not final: only final documents are electronic invoices.",
                fr "Elle n’est pas définitive : seuls les documents définitifs sont des factures électroniques."
            ),
            NoEinvoice::Refused(error) => refused(error),
            NoEinvoice::Unreadable(error) => say!(en "{error}", fr "{error}"),
        }
    }
}

/// What keeps a document from being an electronic invoice.
pub(crate) fn refused(error: &EinvoiceError) -> Text {
    match error {
        EinvoiceError::SellerSiren => say!(
            en "The seller has no SIREN.",
            fr "Le vendeur n’a pas de SIREN."
        ),
        EinvoiceError::NoAddress { party } => say!(
            en "{party} has neither electronic address nor SIREN nor e-mail address.",
            fr "{party} n’a ni adresse électronique de facturation, ni SIREN, ni adresse e-mail."
        ),
        EinvoiceError::Address { party, error } => {
            let Text { en, fr } = Text::from(error);
            say!(
                en "The electronic address of {party}: {en}",
                fr "L’adresse électronique de {party} : {fr}"
            )
        }
        EinvoiceError::Number { number } => say!(
            en "{number:?} is no number that the reform allows: at most 35 letters, digits and + - _ /.",
            fr "{number:?} n’est pas un numéro admis par la réforme : 35 lettres, chiffres et + - _ / au plus."
        ),
        EinvoiceError::Date { date } => say!(
            en "{date} is not between 2000 and 2099.",
            fr "{date} n’est pas compris entre 2000 et 2099."
        ),
        EinvoiceError::Due => say!(
            en "It is due before its day of issue.",
            fr "Elle est exigible avant son émission."
        ),
        EinvoiceError::Currency { code } => say!(
            en "It is in {code}, and does not say its VAT in euros.",
            fr "Elle est en {code}, sans dire sa TVA en euros."
        ),
        EinvoiceError::Note { subject, found } => say!(
            en "The note {subject} must stand on it once, not {found} times.",
            fr "La mention {subject} doit y figurer une fois, et non {found}."
        ),
        EinvoiceError::Character { found } => say!(
            en "It has the character {found:?}, which XML cannot carry.",
            fr "Elle contient le caractère {found:?}, que XML ne peut transporter."
        ),
        EinvoiceError::Figure(error) => Text::from(error),
        EinvoiceError::Write(what) => say!(
            en "It could not be written: {what}.",
            fr "Elle n’a pu être écrite : {what}."
        ),
    }
}
