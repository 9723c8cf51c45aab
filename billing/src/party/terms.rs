//! How long a customer may take to pay.

use std::{fmt, str::FromStr};

use jiff::{ToSpan, civil::Date};

use super::{PartyError, text_form};

/// Terms of payment between companies, within what code de commerce L441-10 I allows.
///
/// "45 jours fin de mois" has two readings, both in use, which give different dates; a contract
/// means one of them. They are two kinds here:
///
/// | written | an invoice of 10 January 2026 is due |
/// |---|---|
/// | `30_days` | 9 February, 30 days later |
/// | `45_days_end_of_month` | 28 February, the end of the month in which 45 days have passed |
/// | `end_of_month_45_days` | 17 March, 45 days after the end of January |
///
/// ```
/// # use palier_billing::{PartyError, PaymentTerms};
/// # use jiff::civil::date;
/// let issued = date(2026, 1, 10);
/// let due = |terms: &str| Ok::<_, PartyError>(terms.parse::<PaymentTerms>()?.due_date(issued));
/// assert_eq!(due("30_days")?, date(2026, 2, 9));
/// assert_eq!(due("45_days_end_of_month")?, date(2026, 2, 28));
/// assert_eq!(due("end_of_month_45_days")?, date(2026, 3, 17));
/// # Ok::<_, PartyError>(())
/// ```
///
/// The default is 30 days: what the law says where nothing was agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaymentTerms {
    rule: Rule,
    days: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Rule {
    Net,
    DaysThenEndOfMonth,
    EndOfMonthThenDays,
}

impl PaymentTerms {
    /// The longest net term, in days from the issue date.
    pub const MAX_NET_DAYS: u16 = 60;
    /// The longest term with an end of month in it, in days; the contract must say so.
    pub const MAX_END_OF_MONTH_DAYS: u16 = 45;
    /// The longest term of a *facture périodique*, one that groups a month's supplies, in days from
    /// its issue date.
    pub const MAX_PERIODIC_DAYS: u16 = 45;

    const EXAMPLES: &'static [&'static str] =
        &["30_days", "45_days_end_of_month", "end_of_month_45_days"];

    /// `days` from the issue date; none is payment on receipt.
    ///
    /// # Errors
    /// [`PartyError::TermTooLong`] above [`MAX_NET_DAYS`](Self::MAX_NET_DAYS).
    pub const fn net(days: u16) -> Result<Self, PartyError> {
        Self::new(Rule::Net, days)
    }

    /// `days` from the issue date, then to the end of that month.
    ///
    /// # Errors
    /// [`PartyError::TermTooLong`] above [`MAX_END_OF_MONTH_DAYS`](Self::MAX_END_OF_MONTH_DAYS).
    pub const fn days_then_end_of_month(days: u16) -> Result<Self, PartyError> {
        Self::new(Rule::DaysThenEndOfMonth, days)
    }

    /// To the end of the month of issue, then `days` more.
    ///
    /// # Errors
    /// [`PartyError::TermTooLong`] above [`MAX_END_OF_MONTH_DAYS`](Self::MAX_END_OF_MONTH_DAYS).
    pub const fn end_of_month_then_days(days: u16) -> Result<Self, PartyError> {
        Self::new(Rule::EndOfMonthThenDays, days)
    }

    const fn new(rule: Rule, days: u16) -> Result<Self, PartyError> {
        let limit = match rule {
            Rule::Net => Self::MAX_NET_DAYS,
            _ => Self::MAX_END_OF_MONTH_DAYS,
        };
        if days > limit {
            return Err(PartyError::TermTooLong { limit, found: days });
        }
        Ok(Self { rule, days })
    }

    /// Reads what spreadsheets say as well: `30`, `30 jours`, `30 days`.
    ///
    /// "45 jours fin de mois" is refused, since it does not say which of its readings is meant.
    ///
    /// # Errors
    /// As [`FromStr`].
    pub fn parse_lenient(text: &str) -> Result<Self, PartyError> {
        let text = text.trim().to_lowercase();
        let days = text.trim_end_matches(|found: char| !found.is_ascii_digit());
        match text.strip_prefix(days).map(str::trim) {
            Some("" | "j" | "jours" | "days" | "d") if !days.is_empty() => {
                format!("{days}_days").parse()
            }
            _ => text.parse(),
        }
    }

    /// The day by which an invoice issued on `issue` is to be paid; an invoice must show it as a
    /// date.
    pub fn due_date(self, issue: Date) -> Date {
        let days = i64::from(self.days).days();
        match self.rule {
            Rule::Net => issue.saturating_add(days),
            Rule::DaysThenEndOfMonth => issue.saturating_add(days).last_of_month(),
            Rule::EndOfMonthThenDays => issue.last_of_month().saturating_add(days),
        }
    }

    /// Whether a *facture périodique* may have them: 45 days net at most, without end of month
    /// (L441-10 I; CEPC, avis 18-2).
    pub fn fit_periodic_invoices(self) -> bool {
        self.rule == Rule::Net && self.days <= Self::MAX_PERIODIC_DAYS
    }
}

impl Default for PaymentTerms {
    fn default() -> Self {
        Self { rule: Rule::Net, days: 30 }
    }
}

impl FromStr for PaymentTerms {
    type Err = PartyError;

    /// Reads one of the three forms.
    ///
    /// # Errors
    /// [`PartyError::Empty`], [`PartyError::TermForm`], [`PartyError::TermTooLong`].
    fn from_str(text: &str) -> Result<Self, PartyError> {
        if text.is_empty() {
            return Err(PartyError::Empty);
        }
        let form = PartyError::TermForm { examples: Self::EXAMPLES };
        let (rule, days) = if let Some(days) = text.strip_suffix("_days_end_of_month") {
            (Rule::DaysThenEndOfMonth, days)
        } else if let Some(rest) = text.strip_suffix("_days") {
            match rest.strip_prefix("end_of_month_") {
                Some(days) => (Rule::EndOfMonthThenDays, days),
                None => (Rule::Net, rest),
            }
        } else {
            return Err(form);
        };
        // One way to write each: neither `+30` nor `030`.
        let days = days.parse::<u16>().ok().filter(|number| number.to_string() == days);
        Self::new(rule, days.ok_or(form)?)
    }
}

impl fmt::Display for PaymentTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.days;
        match self.rule {
            Rule::Net => write!(f, "{days}_days"),
            Rule::DaysThenEndOfMonth => write!(f, "{days}_days_end_of_month"),
            Rule::EndOfMonthThenDays => write!(f, "end_of_month_{days}_days"),
        }
    }
}

text_form!(PaymentTerms);
