//! What the API says of tariffs: how they look, what is wrong with one, what it comes to.

mod announce;
mod faults;
mod read;
mod schema;
mod summary;
mod warnings;
pub(crate) mod words;

pub(crate) use announce::{PriceChange, announce};
pub(crate) use read::Setting;
pub(crate) use schema::{
    AmountText, CostText, NextTier, PercentText, PriceBaseText, PriceText, QuantityText,
    TariffDocument, TariffWithMeters,
};
pub(crate) use summary::{PriceSummary, TierSummary, per_unit, price_summary};
pub(crate) use warnings::TariffWarning;
