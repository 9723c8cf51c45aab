//! Entries: what double entry is about.

use jiff::civil::Date;
use serde::Serialize;

use super::{Account, Auxiliary, ChartAccount, Journal, LedgerError, text::line};
use crate::{Currency, Money, party::from_names, read::names};

/// Debit or credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The left one.
    Debit,
    /// The right one.
    Credit,
}

names!(Side {
    "debit" => Debit,
    "credit" => Credit,
});
from_names!(Side or LedgerError { Debit, Credit });

/// One line of an entry: an amount above zero on one side of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Posting {
    account: ChartAccount,
    #[serde(skip_serializing_if = "Option::is_none")]
    auxiliary: Option<Auxiliary>,
    side: Side,
    amount: Money,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
}

impl Posting {
    /// A posting of the amount, with a label that is made one line.
    ///
    /// # Errors
    /// [`LedgerError::NotPositive`], [`LedgerError::Blank`].
    pub fn new(
        account: ChartAccount,
        side: Side,
        amount: Money,
        label: &str,
    ) -> Result<Self, LedgerError> {
        if amount.minor() <= 0 {
            return Err(LedgerError::NotPositive { amount });
        }
        let label = line("posting label", label)?;
        Ok(Self { account, auxiliary: None, side, amount, label, tag: None })
    }

    /// The same, on the part of the account that is one customer's or provider's.
    #[must_use]
    pub fn of(self, auxiliary: Auxiliary) -> Self {
        Self { auxiliary: Some(auxiliary), ..self }
    }

    /// The same, with an analytic tag: the service it was for, for one.
    #[must_use]
    pub fn tagged(self, tag: impl Into<String>) -> Self {
        Self { tag: Some(tag.into()), ..self }
    }

    /// The account.
    pub const fn account(&self) -> &Account {
        self.account.number()
    }

    /// What the account is called.
    pub fn account_label(&self) -> &str {
        self.account.label()
    }

    /// Whose part of the account it is on.
    pub const fn auxiliary(&self) -> Option<&Auxiliary> {
        self.auxiliary.as_ref()
    }

    /// The side.
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The amount, above zero.
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// The amount on its side, and nothing on the other.
    pub const fn on(&self, side: Side) -> Money {
        match (self.side, side) {
            (Side::Debit, Side::Debit) | (Side::Credit, Side::Credit) => self.amount,
            _ => Money::zero(self.amount.currency()),
        }
    }

    /// What it says.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The analytic tag.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }
}

/// What stands above the postings of an entry: when it is booked, what proves it, what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heading {
    date: Date,
    piece: String,
    piece_date: Date,
    label: String,
}

impl Heading {
    /// An entry of `date` for the document `piece`, dated the same. Texts are made one line.
    ///
    /// # Errors
    /// [`LedgerError::Blank`].
    pub fn new(date: Date, piece: &str, label: &str) -> Result<Self, LedgerError> {
        let piece = line("piece reference", piece)?;
        Ok(Self { date, piece, piece_date: date, label: line("entry label", label)? })
    }

    /// The same, for a document that is dated otherwise.
    #[must_use]
    pub const fn dated(mut self, piece_date: Date) -> Self {
        self.piece_date = piece_date;
        self
    }

    /// The day it is booked on.
    pub const fn date(&self) -> Date {
        self.date
    }

    /// The document that proves it: an invoice's number, a transfer's reference.
    pub fn piece(&self) -> &str {
        &self.piece
    }

    /// The date of that document.
    pub const fn piece_date(&self) -> Date {
        self.piece_date
    }

    /// What it says.
    pub fn label(&self) -> &str {
        &self.label
    }
}

/// Postings whose debits equal their credits.
///
/// ```
/// # use palier_billing::{Currency, Money, ledger::*};
/// # use jiff::civil::date;
/// let chart = Chart::default();
/// let amount = Money::from_minor(100_00, Currency::EUR);
/// let heading = Heading::new(date(2026, 7, 31), "RLV-07", "Versement")?;
/// let bank = Posting::new(chart.account(Role::Bank), Side::Debit, amount, "Versement")?;
/// let suspense = Posting::new(chart.account(Role::Suspense), Side::Credit, amount, "Versement")?;
///
/// let entry = Entry::new(Journal::Bank, heading.clone(), vec![bank.clone(), suspense])?;
/// assert_eq!(entry.total(), amount);
/// let half = Entry::new(Journal::Bank, heading, vec![bank.clone(), bank]);
/// assert!(matches!(half, Err(LedgerError::Unbalanced { .. })));
/// # Ok::<_, LedgerError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    journal: Journal,
    #[serde(flatten)]
    heading: Heading,
    total: Money,
    postings: Vec<Posting>,
}

impl Entry {
    /// An entry of two postings or more, in one currency, that balance.
    ///
    /// # Errors
    /// [`LedgerError::TooFewPostings`], [`LedgerError::Unbalanced`]; as [`LedgerError::Figures`],
    /// [`Error::CurrencyMismatch`](crate::Error::CurrencyMismatch) and
    /// [`Error::Overflow`](crate::Error::Overflow).
    pub fn new(
        journal: Journal,
        heading: Heading,
        postings: Vec<Posting>,
    ) -> Result<Self, LedgerError> {
        let found = postings.len();
        let currency = match postings.first() {
            Some(first) if found >= 2 => first.amount.currency(),
            _ => return Err(LedgerError::TooFewPostings { found }),
        };
        let sum = |side| Money::sum(currency, postings.iter().map(|posting| posting.on(side)));
        let (debit, credit) = (sum(Side::Debit)?, sum(Side::Credit)?);
        if debit != credit {
            return Err(LedgerError::Unbalanced { debit, credit });
        }
        Ok(Self { journal, heading, total: debit, postings })
    }

    /// What either side comes to.
    pub const fn total(&self) -> Money {
        self.total
    }

    /// The journal.
    pub const fn journal(&self) -> Journal {
        self.journal
    }

    /// What stands above the postings.
    pub const fn heading(&self) -> &Heading {
        &self.heading
    }

    /// The postings, two at least.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// The currency of all of them.
    pub const fn currency(&self) -> Currency {
        self.total.currency()
    }
}
