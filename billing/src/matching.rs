//! What a line of a bank statement pays.
//!
//! [`match_lines`] looks at each line in three ways, the surest first:
//!
//! | what is found | with | is |
//! |---|---|---|
//! | numbers of documents, in what the payer wrote | their open amount, a part of the only one, more than all that is open | certain |
//! | the payer, by IBAN | the open amount of one document only, or all that is open | certain |
//! | the payer, by name alone | any amount | suggested |
//! | the payer | any other amount | suggested, oldest first |
//! | nothing | the open amount of some document | suggested |
//!
//! Only what is certain may be booked without asking, and it is certain only if nothing speaks
//! against it: an account that is another member's, a second document of the same amount, a number
//! that could be read in two ways. What is left over stays to the member's credit.
//!
//! ```
//! use jiff::civil::date;
//! use palier_billing::{Currency, Money, matching::*, statement::{CsvMapping, read_csv}};
//!
//! let euros = |cents| Money::from_minor(cents, Currency::EUR);
//! let items = [OpenItem {
//!     document: "FA-2026-000123".into(),
//!     member: "forge".into(),
//!     due_on: date(2026, 8, 30),
//!     total: euros(120_00),
//!     open: euros(120_00),
//! }];
//! let mapping: CsvMapping =
//!     serde_json::from_str(r#"{ "booked_on": "D", "amount": "A", "text": ["T"] }"#)?;
//! let file = b"D;A;T\n14/08/2026;100,00;VIR FORGE facture fa 2026/123 acompte\n";
//! let statement = read_csv(file, &mapping, "FR1420041010050500013M02606")?;
//!
//! let matched = match_lines(&statement.lines, &items, &[])?;
//! let Verdict::Certain(payment) = &matched[0] else { panic!() };
//! assert_eq!(payment.outcome, Outcome::Partial);
//! assert_eq!(payment.allocations[0].amount, euros(100_00));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod books;
mod number;
mod payer;
mod propose;
mod reference;
mod returned;

use jiff::civil::Date;
use serde::Serialize;

use self::books::Books;
use crate::{
    Error, Money,
    read::names,
    statement::{Iban, StatementLine},
};

/// A final document, with what is open of it: nothing, if it is settled. Settled ones matter too:
/// they may be paid twice, and what paid them may come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// Its number, no two documents with the same.
    pub document: String,
    /// Whose it is.
    pub member: String,
    /// The day by which it is to be paid: older ones come first.
    pub due_on: Date,
    /// What it came to, tax included; below zero for a credit note.
    pub total: Money,
    /// What is open of it, with the same sign.
    pub open: Money,
}

/// By what a member is known at the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The member.
    pub member: String,
    /// Its names: legal, usual, former ones.
    pub names: Vec<String>,
    /// The accounts it is known to pay from.
    pub ibans: Vec<Iban>,
}

/// What is known of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "proposals", rename_all = "snake_case")]
pub enum Verdict {
    /// It pays this, and nothing speaks against it: it may be booked without asking.
    Certain(Proposal),
    /// It may pay one of these, the likeliest first: someone must choose.
    Suggested(Vec<Proposal>),
    /// Nothing fits.
    Unknown,
}

/// What a line would pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Whose money it is.
    pub member: String,
    /// Which documents it settles, and how much of each; with the rest it comes to the line's
    /// amount.
    pub allocations: Vec<Allocation>,
    /// What stays to the member's credit.
    pub rest: Money,
    /// What kind of payment that makes it.
    pub outcome: Outcome,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// The part of a line that settles one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Allocation {
    /// The document's number.
    pub document: String,
    /// How much of it is settled: never more than was open. Below zero where a payment came back,
    /// and where a credit note is settled.
    pub amount: Money,
}

/// What kind of payment something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It settles its documents.
    Exact,
    /// It leaves a part of them open.
    Partial,
    /// It settles them, and something is left over.
    Over,
    /// Its document was paid before.
    Double,
    /// It takes a payment back.
    Returned,
    /// It is the member's, who owes nothing.
    Credit,
}

names!(Outcome {
    "exact" => Exact,
    "partial" => Partial,
    "over" => Over,
    "double" => Double,
    "returned" => Returned,
    "credit" => Credit,
});

/// What speaks for a proposal, or against it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// The payer wrote the document's number.
    Number {
        /// The document.
        document: String,
        /// In which form.
        form: NumberForm,
    },
    /// Several numbers can be read from the same characters.
    NumbersOverlap,
    /// The account is one that the member pays from.
    Iban,
    /// The name is the member's.
    Name,
    /// The member's name stands in what was written.
    NameInText,
    /// It comes to what is open of one document.
    OpenAmount,
    /// It comes to all that the member owes.
    AllOpen,
    /// More than one document fits equally well.
    Ambiguous,
    /// The rest may be meant for other documents that are open.
    OthersOpen,
    /// The account or the name is another member's.
    OtherPayer {
        /// Whose.
        member: String,
    },
    /// The document is in another currency.
    OtherCurrency,
}

/// How the number of a document was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberForm {
    /// As it is, or as a creditor reference (ISO 11649) made of it.
    Complete,
    /// Without the zeros its digits begin with.
    ZerosLost,
    /// Without the letters it begins with.
    LettersLost,
}

names!(NumberForm {
    "complete" => Complete,
    "zeros_lost" => ZerosLost,
    "letters_lost" => LettersLost,
});

/// What the books make of a line.
type Rule = fn(&Books<'_>, &StatementLine) -> Result<Verdict, Error>;

/// What each line pays, in the order of the lines.
///
/// Lines are taken in the order of their days, each with what those before it left open; first all
/// that say which document they pay, so that no other line takes it from them. The order in which
/// lines, documents and payers are given changes nothing.
///
/// # Errors
/// [`Error::Overflow`], [`Error::CurrencyMismatch`] if an open amount is not in the currency of its
/// total.
pub fn match_lines(
    lines: &[StatementLine],
    items: &[OpenItem],
    payers: &[Payer],
) -> Result<Vec<Verdict>, Error> {
    let mut books = Books::new(items, payers);
    let mut order: Vec<_> = lines.iter().enumerate().collect();
    order.sort_by_key(|(_, line)| (line.booked_on, &line.key));
    let mut verdicts = vec![Verdict::Unknown; lines.len()];
    let mut undecided = order;
    let rules: [Rule; 2] = [propose::by_number, propose::by_payer];
    for rule in rules {
        let mut left = Vec::new();
        for (place, line) in undecided {
            match rule(&books, line)? {
                Verdict::Certain(proposal) => {
                    books.take(&proposal)?;
                    set(&mut verdicts, place, Verdict::Certain(proposal));
                }
                _ => left.push((place, line)),
            }
        }
        undecided = left;
    }
    // What is suggested is what is open once all that is certain is booked.
    for (place, line) in undecided {
        set(&mut verdicts, place, propose::suggested(&books, line)?);
    }
    Ok(verdicts)
}

fn set(verdicts: &mut [Verdict], place: usize, verdict: Verdict) {
    if let Some(slot) = verdicts.get_mut(place) {
        *slot = verdict;
    }
}
