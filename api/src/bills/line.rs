//! A line of a bill, as the API takes it and as it is kept.

use palier_billing::{Currency, DecimalError, Error, Money, Percent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BillVat, Part};
use crate::id::ServiceId;
use crate::problem::Fault;
use crate::say;

/// What of a bill is of one rate, and for one service if it says so.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BillLine {
    /// The service it is for, of this provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    service: Option<ServiceId>,
    /// Without VAT.
    #[schema(format = "amount", example = "1000.00")]
    net: String,
    /// What VAT makes of it.
    #[serde(default = "standard")]
    #[schema(required = false)]
    category: BillVat,
    /// The rate: that at which the provider charges VAT, or the pole owes it itself. Required there, and not
    /// allowed elsewhere.
    #[serde(default)]
    #[schema(value_type = String, format = "percent", required = false, example = "20")]
    rate_percent: Percent,
    /// The VAT that is charged; what the rate gives, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "amount", example = "200.00", nullable = false)]
    vat: Option<String>,
}

const fn standard() -> BillVat {
    BillVat::Standard
}

/// Why a line cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum WrongLine {
    /// A field is no amount in the currency.
    #[error("{0}: {1}")]
    Amount(&'static str, DecimalError),
    /// Its VAT cannot be computed.
    #[error(transparent)]
    Figures(#[from] Error),
}

impl WrongLine {
    pub(crate) fn at(&self, place: usize) -> Fault {
        let field = match self {
            Self::Amount(field, _) => field,
            Self::Figures(_) => "net",
        };
        let detail = say!(en "It is no amount: {self}.", fr "Ce n’est pas un montant.");
        Fault::body(format!("/lines/{place}/{field}"), "amount", detail)
    }
}

impl BillLine {
    /// Whether it says a rate where there is none.
    pub(crate) fn has_rate_in_vain(&self) -> bool {
        !self.has_a_rate() && self.rate_percent != Percent::ZERO
    }

    /// Whether it says no rate where there must be one.
    pub(crate) fn misses_its_rate(&self) -> bool {
        self.has_a_rate() && self.rate_percent == Percent::ZERO
    }

    const fn has_a_rate(&self) -> bool {
        matches!(self.category, BillVat::Standard | BillVat::ReverseCharge)
    }

    /// What it says.
    ///
    /// # Errors
    /// [`WrongLine`].
    pub(crate) fn part(self, currency: Currency) -> Result<Part, WrongLine> {
        let Self { service, net, category, rate_percent: rate, vat } = self;
        let money = |field, text: &str| {
            Money::parse(text, currency).map_err(|error| WrongLine::Amount(field, error))
        };
        let net = money("net", &net)?;
        let vat = match (vat, category) {
            (Some(vat), _) => money("vat", &vat)?,
            (None, BillVat::Standard) => net.percent(rate)?,
            (None, _) => Money::zero(currency),
        };
        Ok(Part { service, category, rate, net, vat })
    }
}

impl From<&Part> for BillLine {
    fn from(part: &Part) -> Self {
        Self {
            service: part.service.clone(),
            net: part.net.to_string(),
            category: part.category,
            rate_percent: part.rate,
            vat: Some(part.vat.to_string()),
        }
    }
}
