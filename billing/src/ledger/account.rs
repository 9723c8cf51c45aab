//! Accounts, and whose they are.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{LedgerError, text::line};
use crate::party::text_form;

/// The number of an account of the *plan comptable général*: three digits that say what it is,
/// then whatever the company adds.
///
/// ```
/// # use palier_billing::ledger::{Account, LedgerError};
/// let account: Account = "706COMPUTE".parse()?;
/// assert_eq!(account.as_str(), "706COMPUTE");
/// assert!("70-6000".parse::<Account>().is_err());
/// # Ok::<_, LedgerError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account(Cow<'static, str>);

impl Account {
    /// How many characters it may have.
    pub const MAX_CHARACTERS: usize = 20;

    /// One of ours; a test reads them all.
    pub(super) const fn known(number: &'static str) -> Self {
        Self(Cow::Borrowed(number))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is one of income (class 7).
    pub fn is_of_income(&self) -> bool {
        self.0.starts_with('7')
    }

    /// Whether it is one of the balance sheet (classes 1 to 5), which goes on from year to year. The
    /// others are of income and expenses, and begin each year with nothing.
    pub fn is_of_balance_sheet(&self) -> bool {
        self.0.starts_with(|class| matches!(class, '1'..='5'))
    }
}

impl FromStr for Account {
    type Err = LedgerError;

    /// Reads three digits, and at most 17 more digits or ASCII letters.
    ///
    /// # Errors
    /// [`LedgerError::NotAnAccount`].
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let (bytes, limit) = (text.as_bytes(), Self::MAX_CHARACTERS);
        let class =
            bytes.first_chunk::<3>().is_some_and(|first| first.iter().all(u8::is_ascii_digit));
        if class && bytes.len() <= limit && bytes.iter().all(u8::is_ascii_alphanumeric) {
            return Ok(Self(Cow::Owned(text.to_owned())));
        }
        Err(LedgerError::NotAnAccount { found: text.to_owned() })
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({self})")
    }
}

text_form!(Account);

/// An account and what it is called, as both stand in the accounting file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct ChartAccount {
    number: Account,
    label: Cow<'static, str>,
}

impl ChartAccount {
    /// An account with its label, which is made one line.
    ///
    /// # Errors
    /// [`LedgerError::Blank`].
    pub fn new(number: Account, label: &str) -> Result<Self, LedgerError> {
        Ok(Self { number, label: Cow::Owned(line("account label", label)?) })
    }

    pub(super) const fn known(number: &'static str, label: &'static str) -> Self {
        Self { number: Account::known(number), label: Cow::Borrowed(label) }
    }

    /// The number.
    pub const fn number(&self) -> &Account {
        &self.number
    }

    /// What it is called.
    pub fn label(&self) -> &str {
        &self.label
    }
}

/// As it is written, before it is known to be one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    number: Account,
    label: String,
}

impl TryFrom<Written> for ChartAccount {
    type Error = LedgerError;

    fn try_from(written: Written) -> Result<Self, LedgerError> {
        Self::new(written.number, &written.label)
    }
}

/// Whose part of an account a posting is on: a customer's of the receivables, a provider's of the
/// payables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Auxiliary {
    code: String,
    name: String,
}

impl Auxiliary {
    /// A customer or provider by its code and name, each made one line.
    ///
    /// # Errors
    /// [`LedgerError::Blank`]: one without the other is no auxiliary account.
    pub fn new(code: &str, name: &str) -> Result<Self, LedgerError> {
        Ok(Self { code: line("auxiliary code", code)?, name: line("auxiliary name", name)? })
    }

    /// The code that it has for good.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The company's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}
