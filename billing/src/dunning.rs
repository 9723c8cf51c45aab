//! Invoices that are not paid in time: when to write, and what is due for the delay.
//!
//! A [`DunningSchedule`] says how many days after the due date each letter goes out.
//! [`LateInvoice::penalty`] computes what French law gives a professional creditor (code de
//! commerce, L441-10 II and D441-5): interest to the day, and 40 € for each invoice. Neither bears
//! VAT, since both make good a damage and pay for nothing.
//!
//! ```
//! use jiff::civil::date;
//! use palier_billing::{Currency, Money, dunning::*};
//!
//! let euros = |cents| Money::from_minor(cents, Currency::EUR);
//! let late = LateInvoice {
//!     total: euros(1200_00),
//!     due_on: date(2025, 8, 31),
//!     settled: vec![(date(2025, 9, 17), euros(1200_00))],
//!     between_professionals: true,
//! };
//! let due = late.penalty(AgreedRate::Central, &PenaltyRates::published(), date(2025, 12, 31))?;
//! // 17 days at 2.15 % and 10 points.
//! assert_eq!(due.interest, euros(6_79));
//! assert_eq!(due.indemnity, Some(euros(40_00)));
//! # Ok::<_, DunningError>(())
//! ```

mod penalty;
mod rates;
mod schedule;

pub use penalty::{INDEMNITY, LateInvoice, Penalty, PenaltyPeriod};
pub use rates::{AgreedRate, PenaltyRates, RateGround, SemesterRates};
pub use schedule::{DunningLevel, DunningSchedule, DunningStep};

use jiff::civil::Date;

use crate::Error;

/// Why a delay cannot be dealt with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DunningError {
    /// The rates of a half-year were not entered yet.
    #[error("the rates of the half-year that begins on {first} are not known: enter them first")]
    RatesUnknown {
        /// The first day of the half-year.
        first: Date,
    },
    /// Rates that do not begin with a half-year.
    #[error("rates hold from 1 January or 1 July, not from {found}")]
    NotAHalfYear {
        /// The day given.
        found: Date,
    },
    /// A rate below zero.
    #[error("a rate must not be negative")]
    NegativeRate,
    /// Letters out of their order.
    #[error("{later} must come more days after the due date than {earlier}")]
    StepsCross {
        /// The letter before.
        earlier: DunningLevel,
        /// The letter after it.
        later: DunningLevel,
    },
    /// More was settled of the invoice than it came to, or more taken back than was settled.
    #[error("what was settled until {day} does not fit what the invoice came to")]
    Settlements {
        /// The day.
        day: Date,
    },
    /// A figure that cannot be computed.
    #[error(transparent)]
    Figures(#[from] Error),
}
