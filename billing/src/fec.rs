//! The *fichier des écritures comptables*: the books of a year as the tax administration asks for
//! them (livre des procédures fiscales, art. A47 A-1).
//!
//! [`Writer`] makes the file, an entry at a time. [`check()`] reads any such file and says what is
//! wrong with it; the two share no code, so that neither forgives the other's mistakes.
//!
//! ```
//! use jiff::civil::date;
//! use palier_billing::{Currency, Days, Money, fec, ledger::*};
//!
//! let heading = Heading::new(date(2026, 8, 3), "VIR-0042", "Virement")?;
//! let amount = Money::from_minor(1234_50, Currency::EUR);
//! let entry = unmatched(&Chart::default(), &heading, Treasury::Bank, amount)?.unwrap();
//!
//! let year = Days::new(date(2026, 1, 1), date(2027, 1, 1))?;
//! let mut writer = fec::Writer::new("732829320".parse()?, year, fec::Encoding::Utf8);
//! let mut file = writer.header();
//! writer.append(&mut file, &fec::Record {
//!     sequence: 1,
//!     validated: date(2026, 8, 31),
//!     entry: &entry,
//!     letters: &[],
//! })?;
//!
//! assert_eq!(writer.name(), "732829320FEC20261231.txt");
//! let line = str::from_utf8(&file)?.lines().nth(1).unwrap().replace('\t', "|");
//! assert_eq!(
//!     line,
//!     "BQ|Banque|BQ000001|20260803|512000|Banque|||VIR-0042|20260803|Virement|1234,50|0,00|||\
//!      20260831||",
//! );
//! assert_eq!(fec::check(&writer.name(), &file), []);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod check;
mod encoding;
mod error;
mod write;

pub use check::{Finding, FindingKind, Rule, check, check_since};
pub use encoding::Encoding;
pub use error::FecError;
pub use write::{Record, Writer};
