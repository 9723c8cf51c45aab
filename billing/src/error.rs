//! What can go wrong, by name.
//!
//! * [`DecimalError`]: a text is not the number it should be.
//! * [`Fault`] and [`Faults`]: a tariff is not valid; every fault points at its field.
//! * [`Error`]: a calculation cannot be carried out.

use std::fmt;

use serde::{Serialize, Serializer};

/// A text that is not the decimal it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// It is no decimal number.
    #[error("not a decimal number")]
    NotANumber,
    /// It has more decimal places than are kept; nothing is rounded silently.
    #[error("more than {places} decimal places")]
    TooManyPlaces {
        /// How many are kept.
        places: u8,
    },
    /// It is too large to be represented.
    #[error("too large")]
    OutOfRange,
}

/// A calculation that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A figure left the range of its representation. Nothing wraps.
    #[error("the {what} is too large to be represented")]
    Overflow {
        /// Which figure.
        what: &'static str,
    },
    /// A division by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// Two amounts in different currencies were added up or compared.
    #[error("an amount in {right} cannot be combined with one in {left}")]
    CurrencyMismatch {
        /// ISO 4217 code of the first.
        left: &'static str,
        /// ISO 4217 code of the second.
        right: &'static str,
    },
    /// A currency without minor units (gold, test codes) cannot be billed in.
    #[error("{code} has no minor unit and cannot be billed in")]
    NotBillable {
        /// ISO 4217 code.
        code: &'static str,
    },
    /// A member stands twice among the subscribers.
    #[error("member {member} is subscribed twice")]
    DuplicateMember {
        /// Which member.
        member: String,
    },
    /// Usage was reported for a member that is not subscribed.
    #[error("member {member} used the service without a subscription")]
    NotSubscribed {
        /// Which member.
        member: String,
    },
    /// What members share (a cost, a flat amount, a package) cannot be shared by negative usage.
    #[error("member {member} has the negative quantity {quantity}: a cost cannot be shared by it")]
    NegativeQuantity {
        /// Which member.
        member: String,
        /// Its quantity in the period.
        quantity: crate::Quantity,
    },
    /// What some members used, others gave back: there are no units to have an average price.
    #[error("charge {charge} has no pool price: what was used and what was given back cancel out")]
    NoPoolPrice {
        /// Position of the charge in its tariff, from 0.
        charge: usize,
    },
    /// A weight is negative, or all are zero, so that there is no basis to share by.
    #[error("the weights give no basis to share by: {why}")]
    BadWeights {
        /// What is wrong with them.
        why: String,
    },
    /// A per-event price was asked for, but only a total quantity is known.
    #[error("charge {charge} is priced per event: the quantity of each event is needed")]
    EventsRequired {
        /// Position of the charge in its tariff, from 0.
        charge: usize,
    },
    /// Usage of two meters, and charges that do not say which of them they mean.
    #[error(
        "usage does not fit the tariff: there is usage of {first} and {second}: charges must name \
         their meter"
    )]
    AmbiguousMeter {
        /// Code of one meter.
        first: String,
        /// Code of another.
        second: String,
    },
    /// Usage does not fit the tariff it is rated with.
    #[error("usage does not fit the tariff: {why}")]
    UsageMismatch {
        /// What does not fit.
        why: String,
    },
    /// A date, month or time zone that does not exist.
    #[error("{0}")]
    Calendar(String),
    /// An event lacks the property whose values its meter counts.
    #[error("event {id} has no property {property}, whose values are counted")]
    MissingProperty {
        /// The event.
        id: String,
        /// The property.
        property: String,
    },
    /// Two events carry the same id and differ, or amend the same event.
    #[error("event {id} contradicts one that is on record")]
    ConflictingEvent {
        /// The id.
        id: String,
    },
}

impl Error {
    /// Names an overflow, for where there seldom is one: nothing is built unless it is needed.
    pub(crate) const fn overflow(what: &'static str) -> impl Fn() -> Self + Copy {
        move || Self::Overflow { what }
    }
}

impl From<jiff::Error> for Error {
    fn from(error: jiff::Error) -> Self {
        Self::Calendar(error.to_string())
    }
}

/// One thing wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the offending field.
    pub pointer: String,
    /// What is wrong with it, as a stable code and its figures.
    #[serde(rename = "detail", serialize_with = "display")]
    pub kind: FaultKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{pointer}: {}", self.kind)
    }
}

fn display<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The field must be given.
    #[error("is required")]
    Required,
    /// The field exists nowhere in this form, or has no meaning beside another.
    #[error("is not known here")]
    Unknown,
    /// The field holds another kind of JSON value.
    #[error("expected {expected}")]
    WrongType {
        /// What it should hold.
        expected: Expected,
    },
    /// The text is not the decimal it should be.
    #[error("{0}")]
    Decimal(#[from] DecimalError),
    /// The value is none of those allowed.
    #[error("expected one of {}", allowed.join(", "))]
    NotOneOf {
        /// Those allowed.
        allowed: &'static [&'static str],
    },
    /// The value must not be below zero.
    #[error("must not be negative")]
    Negative,
    /// The value must be above zero.
    #[error("must be more than zero")]
    NotPositive,
    /// The last tier has a bound, so that larger quantities would have no price.
    #[error("the last tier must be open (up_to: null): quantities above it would have no price")]
    LastTierClosed,
    /// A tier before the last has no bound.
    #[error("only the last tier may be open")]
    OpenTierInside,
    /// A bound does not lie above the one before it.
    #[error("must be more than the bound of the tier before, {previous}")]
    BoundsDoNotRise {
        /// The bound of the tier before.
        previous: crate::Quantity,
    },
    /// A list needs at least one entry.
    #[error("needs at least one entry")]
    Empty,
    /// The value is named twice.
    #[error("is named twice")]
    Duplicate,
    /// The lower limit lies above the upper one.
    #[error("must not be less than {other}")]
    LimitsCross {
        /// The field with the lower limit.
        other: &'static str,
    },
    /// The field has no meaning beside another.
    #[error("has no meaning {beside}")]
    Meaningless {
        /// Beside what, and why.
        beside: Beside,
    },
    /// The amount is finer than the currency's minor unit.
    #[error("{currency} has {digits} decimal places")]
    FinerThanCurrency {
        /// ISO 4217 code.
        currency: &'static str,
        /// Digits of its minor unit.
        digits: u8,
    },
    /// The currency is not one of ISO 4217, or has no minor unit.
    #[error("expected an ISO 4217 code of a currency with minor units, such as EUR")]
    NotACurrency,
    /// A charge names a meter that the tariff does not declare.
    #[error("names no meter of this tariff")]
    UnknownMeter,
    /// A filter names a property that its meter does not declare.
    #[error("the meter declares no such dimension")]
    UnknownDimension,
    /// Some usage would be priced by two charges.
    #[error("overlaps charge {other}: the same usage would be priced twice")]
    Overlap {
        /// Position of the other charge, from 0.
        other: usize,
    },
}

/// What a field should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A JSON object.
    Object,
    /// A JSON array.
    List,
    /// A JSON string.
    Text,
    /// A JSON boolean.
    Flag,
    /// A JSON number without fraction, of sixteen bits.
    WholeNumber,
    /// A date of the calendar.
    Date,
    /// A decimal in a JSON string.
    Decimal,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::List => "a list",
            Self::Text => "a string",
            Self::Flag => "true or false",
            Self::WholeNumber => "a whole number from 0 to 65535",
            Self::Date => "a date such as \"2026-07-01\"",
            Self::Decimal => "a decimal in a string, such as \"0.055\"",
        })
    }
}

/// Beside what a field has no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// `property`: an aggregation that looks at no property.
    Aggregation,
    /// `true_up`: volume that does not add up over a contract year.
    Period,
    /// `idle_cost`: no `capacity`.
    NoCapacity,
    /// Serial sharing: a total that falls at a bound.
    FallingTotal,
    /// `scope`: prices per event, each of which is one member's.
    OneMembersEvents,
    /// Anything else that works on a total: prices per event.
    PricesPerEvent,
    /// Prices per event: a cost that is shared.
    SharedCost,
}

impl fmt::Display for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aggregation => "beside this aggregation",
            Self::Period => "without basis contract_year",
            Self::NoCapacity => "without capacity",
            Self::FallingTotal => "with serial sharing: its total falls at a bound",
            Self::OneMembersEvents => "beside prices per event: an event is one member's",
            Self::PricesPerEvent => "beside prices per event",
            Self::SharedCost => "with prices per event in a cost that is shared",
        })
    }
}

/// Everything wrong with a document, in the order of its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
