//! Documents: invoices and credit notes, whose sums are right by construction.
//!
//! A [`Document`] is made from its lines; amounts, VAT and totals are never given to it but follow
//! from quantities, prices and rates, each rounded once. Its JSON form is canonical: reading it and
//! writing it again gives the same bytes, so that a sealed document whose sums were touched shows.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod check;
mod kind;
mod line;
mod number;
mod parties;
mod totals;

pub use check::DocumentError;
pub use kind::{DocumentKind, VatDue};
pub use line::{
    DocumentLine, DocumentLineKind, Figures, LinePeriod, PoolModel, PoolNote, PoolSchedule,
};
pub use number::{NumberFormat, NumberFormatError};
pub use parties::{BankAccount, Party};
pub use totals::Totals;

use jiff::civil::Date;

use crate::{Currency, Error, Money, VatTotal};

/// What a document says, before it is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentContent {
    /// What it is (BT-3).
    pub kind: DocumentKind,
    /// The currency of all amounts (BT-5).
    #[serde(with = "currency")]
    pub currency: Currency,
    /// ISO 639-1 code of the language its lines are written in.
    pub language: String,
    /// Who sells (BG-4).
    pub seller: Party,
    /// Who buys (BG-7).
    pub buyer: Party,
    /// Where to pay to (BG-17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<BankAccount>,
    /// What the parties agreed on (BT-12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The number of the buyer's purchase order, which must be on the invoice if there is one (BT-13;
    /// code de commerce, L441-9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The days it bills (BG-14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<LinePeriod>,
    /// When its VAT falls due (BT-8).
    pub vat_due: VatDue,
    /// The documents it corrects (BG-3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrects: Vec<Reference>,
    /// What it bills, or gives back (BG-25).
    pub lines: Vec<DocumentLine>,
    /// What the law and the parties want said (BG-1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// Another document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Its number (BT-25).
    pub number: String,
    /// Its date of issue (BT-26).
    pub issued_on: Date,
}

/// A note, with the code of its subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// UNTDID 4451: `PMT`, `PMD`, `AAB` are those that French invoices must have (BT-21).
    pub subject: String,
    /// What it says (BT-22).
    pub text: String,
}

/// An invoice or a credit note: valid, with the sums that follow from its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    content: DocumentContent,
    amounts: Vec<Money>,
    totals: Totals,
}

impl Document {
    /// Makes a document of what it says.
    ///
    /// # Errors
    /// [`DocumentError`]: the first rule it breaks.
    pub fn new(content: DocumentContent) -> Result<Self, DocumentError> {
        check::check(&content)?;
        let amounts = content.lines.iter().map(|line| line.amount(content.currency));
        let amounts = amounts.collect::<Result<Vec<_>, _>>()?;
        let totals = Totals::of(&content, &amounts)?;
        check::check_sign(&content, &totals)?;
        Ok(Self { content, amounts, totals })
    }

    /// What it says.
    pub const fn content(&self) -> &DocumentContent {
        &self.content
    }

    /// What its lines come to.
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Its lines with their amounts.
    pub fn lines(&self) -> impl Iterator<Item = (&DocumentLine, Money)> {
        self.content.lines.iter().zip(self.amounts.iter().copied())
    }

    /// The document with its VAT due at another time, which moves none of its sums.
    #[must_use]
    pub fn with_vat_due(mut self, vat_due: VatDue) -> Self {
        self.content.vat_due = vat_due;
        self
    }

    /// Lines that come to less than nothing are given back: a document that says so, whose lines
    /// have the other sign, as EN 16931 writes credit notes.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn settling(
        mut content: DocumentContent,
        credit: DocumentKind,
    ) -> Result<Self, DocumentError> {
        let amounts = content.lines.iter().map(|line| line.amount(content.currency));
        let amounts = amounts.collect::<Result<Vec<_>, Error>>()?;
        // By what is to be paid: with several rates, net and gross can have different signs.
        if Totals::of(&content, &amounts)?.gross.minor() < 0 {
            content.kind = credit;
            for line in &mut content.lines {
                *line = line.turned()?;
            }
        }
        Self::new(content)
    }

    /// The document with other lines. `change` sees them as they are owed, whichever way the document
    /// goes; which way that is, is decided anew.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn with_lines(
        &self,
        change: impl FnOnce(&mut Vec<DocumentLine>),
    ) -> Result<Self, DocumentError> {
        let mut content = self.content.clone();
        if content.kind.is_credit() {
            for line in &mut content.lines {
                *line = line.turned()?;
            }
        }
        content.kind = DocumentKind::Invoice;
        change(&mut content.lines);
        Self::settling(content, DocumentKind::Rebate)
    }
}

/// A document with its number: final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its number (BT-1).
    pub number: String,
    /// The day of issue (BT-2).
    pub issued_on: Date,
    /// The day by which it is to be paid (BT-9).
    pub due_on: Date,
    /// What it says.
    pub document: Document,
}

impl Issued {
    /// The bytes that are sealed: the canonical JSON form.
    ///
    /// # Errors
    /// None that a document can give; serde's, if there ever is one.
    pub fn canonical(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }
}

#[derive(Serialize)]
struct LineView<'d> {
    #[serde(flatten)]
    line: &'d DocumentLine,
    amount: Money,
}

#[derive(Serialize)]
struct DocumentView<'d> {
    #[serde(flatten)]
    head: Head<'d>,
    lines: Vec<LineView<'d>>,
    notes: &'d [Note],
    totals: TotalsView<'d>,
}

#[derive(Serialize)]
struct Head<'d> {
    kind: DocumentKind,
    currency: &'static str,
    language: &'d str,
    seller: &'d Party,
    buyer: &'d Party,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'d BankAccount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<LinePeriod>,
    vat_due: VatDue,
    #[serde(skip_serializing_if = "slice_is_empty")]
    corrects: &'d [Reference],
}

fn slice_is_empty(slice: &&[Reference]) -> bool {
    slice.is_empty()
}

#[derive(Serialize)]
struct TotalsView<'d> {
    net: Money,
    vat: &'d [VatTotal],
    vat_total: Money,
    gross: Money,
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let content = &self.content;
        DocumentView {
            head: Head {
                kind: content.kind,
                currency: content.currency.code(),
                language: &content.language,
                seller: &content.seller,
                buyer: &content.buyer,
                account: content.account.as_ref(),
                contract: content.contract.as_deref(),
                order: content.order.as_deref(),
                period: content.period,
                vat_due: content.vat_due,
                corrects: &content.corrects,
            },
            lines: self.lines().map(|(line, amount)| LineView { line, amount }).collect(),
            notes: &content.notes,
            totals: TotalsView {
                net: self.totals.net,
                vat: &self.totals.vat,
                vat_total: self.totals.vat_total,
                gross: self.totals.gross,
            },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    /// Sums are not read: they follow.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let content = DocumentContent::deserialize(deserializer)?;
        Self::new(content).map_err(serde::de::Error::custom)
    }
}

#[derive(Serialize)]
struct IssuedView<'d> {
    number: &'d str,
    issued_on: Date,
    due_on: Date,
    #[serde(flatten)]
    document: &'d Document,
}

impl Serialize for Issued {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (number, document) = (&self.number, &self.document);
        IssuedView { number, issued_on: self.issued_on, due_on: self.due_on, document }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Issued {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Form {
            number: String,
            issued_on: Date,
            due_on: Date,
            #[serde(flatten)]
            document: Document,
        }
        let Form { number, issued_on, due_on, document } = Form::deserialize(deserializer)?;
        Ok(Self { number, issued_on, due_on, document })
    }
}

/// A currency as its ISO 4217 code.
mod currency {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::Currency;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    pub(super) fn serialize<S: Serializer>(
        currency: &Currency,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(currency.code())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Currency, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Currency::from_code(&code).ok_or_else(|| D::Error::custom("not a currency"))
    }
}

#[cfg(test)]
mod tests;
