//! Prices what independent companies use together.
//!
//! The members of a pole share services, and the price of a unit follows the volume of all of
//! them: a *palier* is a price tier. This crate is that calculation and nothing else. It knows no
//! database, no network, no clock and no environment; what it needs is handed to it, and the same
//! input gives the same bytes, always.
//!
//! The road through it, each step a module:
//!
//! 1. A [`Tariff`] is an ordered list of [`Charge`]s, valid by construction: what is wrong with one
//!    is said all at once, every [`Fault`] with its JSON pointer. [`Tariff::warnings`] tells what is
//!    valid and may still surprise.
//! 2. [`Event`]s are metered ([`Metering`], [`Aggregate`]) over a [`Period`] into the quantities of
//!    a [`Pool`], the subscribed members.
//! 3. [`Tariff::rate`] makes a [`Rating`]: [`Line`]s that explain themselves, the price the pool
//!    reached, what each member saves by not being alone.
//! 4. When usage turns out different later, [`RatedCharge::corrections`] says what to bill or give
//!    back; [`YearToDate`] carries a contract year from month to month.
//! 5. Before it is billed, [`Charge::price_curve`] draws how price follows volume and
//!    [`RatedCharge::price_board`] where the pool stands.
//! 6. Lines make a [`Document`], for whose lines credits are drawn ([`drawing`]). What happens to the
//!    money afterwards (invoices, payments, losses, purchases) becomes entries of the [`ledger`], and
//!    the entries of a year the file that the tax administration asks for ([`fec`]).
//!
//! 7. What the bank says of it is read from its files ([`statement`]) and laid against what is open
//!    ([`matching`]). What is not paid in time is reminded of, and bears penalties ([`dunning`]).
//! 8. What is collected and paid without a provider of payments goes to the bank as files ([`sepa`]).
//! 9. The books are summed up in [`reports`].
//!
//! ```
//! use palier_billing::{Pool, Tariff};
//!
//! let tariff: Tariff = serde_json::from_str(
//!     r#"{
//!         "currency": "EUR",
//!         "charges": [{
//!             "kind": "usage", "model": "graduated", "scope": "pool",
//!             "tiers": [
//!                 { "up_to": "10000", "unit_amount": "0.08" },
//!                 { "up_to": "50000", "unit_amount": "0.055" },
//!                 { "unit_amount": "0.03" }
//!             ]
//!         }]
//!     }"#,
//! )?;
//! let pool = Pool::of([
//!     ("atelier", "1200".parse()?),
//!     ("forge", "36000".parse()?),
//!     ("usine", "22800".parse()?),
//! ])?;
//!
//! let rating = tariff.rate(&pool)?;
//!
//! // 60,000 hours together cost 3,300 €: everyone pays 0.055 € an hour.
//! let charge = &rating.charges()[0];
//! assert_eq!(charge.pool.unwrap().unit_price.exact().to_string(), "0.055000");
//! assert_eq!(rating.amounts()?["atelier"].to_string(), "66.00");
//! // Alone it would have paid 0.08 €.
//! assert_eq!(charge.lines[0].saving().unwrap().to_string(), "30.00");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Numbers
//!
//! | what | type | places |
//! |---|---|---|
//! | metered quantity | [`Quantity`] | at most 6 |
//! | billable quantity | [`Quantity::billable`] | 4, rounded once per member and period |
//! | unit price, cap, flat amount | [`Price`] | at most 6 |
//! | exact cost before rounding | [`Cost`] | 12 |
//! | amount | [`Money`] | the currency's minor unit, rounded once per line |
//! | rate of VAT, of markup | [`Percent`] | at most 4 |
//!
//! All are integers inside, added and multiplied with checks; what does not fit is an [`Error`]
//! with a name. There is one rounding, half away from zero.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "test arithmetic on literals"))]

mod aggregate;
mod allocate;
mod board;
mod cost;
mod curve;
mod decimal;
pub mod drawing;
pub mod dunning;
pub mod einvoice;
mod error;
mod event;
pub mod fec;
mod invoice;
pub mod ledger;
pub mod matching;
mod meter;
mod metering;
mod money;
mod party;
mod period;
mod quantity;
mod rating;
mod read;
pub mod reports;
pub mod sepa;
pub mod statement;
mod tariff;
mod tax;
mod text;
mod xml;

pub use aggregate::{Aggregate, Levels};
pub use allocate::allocate;
pub use board::{
    MINIMUM_ACTIVE, NextTier, OwnStanding, PoolStanding, PriceBoard, Projection, Viewer, project,
};
pub use cost::{Cost, line_amount};
pub use curve::{Point, PriceCurve, Segment, Shape};
pub use error::{Beside, DecimalError, Error, Expected, Fault, FaultKind, Faults};
pub use event::{Event, EventLog, Recorded};
pub use invoice::{
    BankAccount, Document, DocumentContent, DocumentError, DocumentKind, DocumentLine,
    DocumentLineKind, Figures, Issued, LinePeriod, Note, NumberFormat, NumberFormatError, Party,
    PoolModel, PoolNote, PoolSchedule, Reference, Totals, VatDue,
};
pub use meter::{Aggregation, Filter, Meter};
pub use metering::{MeteredPeriod, Metering, RecordedUsage, Stocks, UsageRecord};
pub use money::{Currency, Money, minor_digits};
pub use party::{
    Address, AddressFault, CountryCode, ElectronicAddress, PartyError, PaymentTerms, RateScale,
    Siren, Siret, SizeClass, VatNumber, VatRegime, VatTerritory, VatTreatment, VatWording,
};
pub use period::{Days, Interval, Month, Period, Recurrence, time_zone};
pub use quantity::{Percent, Price, PriceBase, Quantity};
pub use rating::{
    Correction, FeeInterval, Line, LineKind, Metered, Pool, PoolPrice, RatedCharge, Rating,
    SharedOutcome, Step, Subscriber, YearToDate, YearToDateEntry,
};
pub use tariff::{
    Allocation, Basis, Capacity, Charge, ChargeKind, Cliff, CostFunction, IdleCost, LateUsage,
    OneTime, Percentage, Proration, Recurring, Scope, SharedCost, Source, Tariff, Tier,
    TierSchedule, Timing, TrueUp, UsageCharge, Warning,
};
pub use tax::{
    Change, Dated, Held, LineVat, OutOfOrder, SellerVat, VatBasis, VatCategory, VatClass,
    VatExemption, VatFacts, VatSupply, VatTotal, out_of_order, vat_totals,
};
pub use xml::XmlFaultKind;
