//! Decimals: texts, because a JSON number may have passed through binary floating point.

use utoipa::ToSchema;

/// A price in the tariff's currency, with at most six decimal places.
#[derive(ToSchema)]
#[schema(
    as = Price,
    format = "price",
    pattern = r"^[0-9]{1,13}(\.[0-9]{1,6})?$",
    example = "0.055"
)]
pub(crate) struct PriceText(String);

/// A quantity in the unit of its meter, with at most six decimal places.
#[derive(ToSchema)]
#[schema(
    as = Quantity,
    format = "quantity",
    pattern = r"^-?[0-9]{1,13}(\.[0-9]{1,6})?$",
    example = "1200"
)]
pub(crate) struct QuantityText(String);

/// A quantity that is not below nothing, with at most six decimal places.
#[derive(ToSchema)]
#[schema(
    as = Volume,
    format = "quantity",
    pattern = r"^[0-9]{1,13}(\.[0-9]{1,6})?$",
    example = "10000"
)]
pub(crate) struct VolumeText(String);

/// A percentage, with at most four decimal places.
#[derive(ToSchema)]
#[schema(
    as = Percent,
    format = "percent",
    pattern = r"^[0-9]{1,15}(\.[0-9]{1,4})?$",
    example = "2.9"
)]
pub(crate) struct PercentText(String);

/// An amount of money, in the currency's minor unit; negative for what is given back.
#[derive(ToSchema)]
#[schema(as = Amount, pattern = r"^-?[0-9]+(\.[0-9]{1,4})?$", example = "66.00")]
pub(crate) struct AmountText(String);

/// How many units a price is quoted for, so that cheap units do not lose cents to rounding.
#[derive(ToSchema)]
#[schema(as = PriceBase)]
pub(crate) enum PriceBaseText {
    #[serde(rename = "1")]
    One,
    #[serde(rename = "1000")]
    Thousand,
    #[serde(rename = "1000000")]
    Million,
}

/// An exact cost before it is rounded, with at most twelve decimal places.
#[derive(ToSchema)]
#[schema(as = Cost, pattern = r"^-?[0-9]+(\.[0-9]{1,12})?$", example = "3300.00")]
pub(crate) struct CostText(String);

/// The tier that a quantity has not reached yet.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NextTier {
    /// Its number, from 1.
    tier: usize,
    /// The quantity above which it begins.
    above: QuantityText,
    /// How many units are missing to that quantity.
    missing: QuantityText,
    /// Price of a unit in it.
    unit_amount: PriceText,
    /// Due once, when it is reached.
    #[schema(nullable = false)]
    flat_amount: Option<PriceText>,
}
