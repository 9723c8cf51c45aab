//! Lettering: which postings settle each other.

use std::{cmp::Ordering, fmt, str::FromStr};

use jiff::civil::Date;

use super::{Account, Auxiliary, LedgerError, Posting, Side};
use crate::{Money, party::text_form};

/// The letters that postings which settle each other share: `AA`, `AB`, …, `ZZ`, `AAA`, …
///
/// ```
/// # use palier_billing::ledger::{Letter, LedgerError};
/// let mut letter = Letter::FIRST;
/// for _ in 0..26 {
///     letter = letter.next();
/// }
/// assert_eq!((Letter::FIRST.to_string(), letter.to_string()), ("AA".into(), "BA".into()));
/// assert_eq!("ZZ".parse::<Letter>()?.next().to_string(), "AAA");
/// # Ok::<_, LedgerError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Letter {
    /// A number whose digits in base 26 the letters are.
    number: u64,
    length: u32,
}

impl Letter {
    /// The first one.
    pub const FIRST: Self = Self { number: 0, length: 2 };
    /// More than any books have letterings, and still in 64 bits.
    const MAX_LENGTH: usize = 12;

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        let number = self.number.saturating_add(1);
        if number < 26_u64.saturating_pow(self.length) {
            return Self { number, ..self };
        }
        Self { number: 0, length: self.length.saturating_add(1) }
    }
}

impl Ord for Letter {
    /// The order in which they are given: `ZZ` before `AAA`.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.length, self.number).cmp(&(other.length, other.number))
    }
}

impl PartialOrd for Letter {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Letter {
    type Err = LedgerError;

    /// Reads two to twelve capitals.
    ///
    /// # Errors
    /// [`LedgerError::NotALetter`].
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let not = || LedgerError::NotALetter { found: text.to_owned() };
        if !(2..=Self::MAX_LENGTH).contains(&text.len()) {
            return Err(not());
        }
        let number = text.bytes().try_fold(0_u64, |number, byte| match byte {
            b'A'..=b'Z' => {
                Some(number.saturating_mul(26).saturating_add(byte.abs_diff(b'A').into()))
            }
            _ => None,
        });
        let length = u32::try_from(text.len()).map_err(|_| not())?;
        Ok(Self { number: number.ok_or_else(not)?, length })
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = (0..self.length).rev();
        let letters = places.filter_map(|place| {
            let digit = self.number.checked_div(26_u64.saturating_pow(place))? % 26;
            u8::try_from(digit).ok().map(|digit| char::from(b'A'.saturating_add(digit)))
        });
        f.pad(&letters.collect::<String>())
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({self})")
    }
}

text_form!(Letter);

/// A letter and the day it was given: what the accounting file says of a posting that is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lettering {
    /// The letter.
    pub letter: Letter,
    /// The day it was given.
    pub date: Date,
}

impl Lettering {
    /// Pairs postings that settle each other: on one account, of one company, debits equal to
    /// credits. A company is known by its code: its name may have changed meanwhile.
    ///
    /// # Errors
    /// [`LedgerError::TooFewPostings`], [`LedgerError::LetteredApart`],
    /// [`LedgerError::Unbalanced`], [`LedgerError::Figures`].
    pub fn of<'p>(
        letter: Letter,
        date: Date,
        postings: impl IntoIterator<Item = &'p Posting>,
    ) -> Result<Self, LedgerError> {
        let postings: Vec<_> = postings.into_iter().collect();
        let [first, _, ..] = *postings.as_slice() else {
            return Err(LedgerError::TooFewPostings { found: postings.len() });
        };
        if postings.iter().any(|posting| whose(posting) != whose(first)) {
            return Err(LedgerError::LetteredApart);
        }
        let currency = first.amount().currency();
        let sum = |side| Money::sum(currency, postings.iter().map(|posting| posting.on(side)));
        let (debit, credit) = (sum(Side::Debit)?, sum(Side::Credit)?);
        if debit != credit {
            return Err(LedgerError::Unbalanced { debit, credit });
        }
        Ok(Self { letter, date })
    }
}

fn whose(posting: &Posting) -> (&Account, Option<&str>) {
    (posting.account(), posting.auxiliary().map(Auxiliary::code))
}
