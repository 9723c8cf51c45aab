//! What a price board looks like.

use std::collections::BTreeSet;

use palier_billing::{OwnStanding, PoolStanding, Price, PriceBase, Quantity};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Viewer;
use crate::boards::{Board, ChargeBoard, Version};
use crate::clock::Time;
use crate::id::{MemberId, ServiceId, TariffId};
use crate::problem::Problem;
use crate::tariff::{AmountText, NextTier, PriceBaseText, PriceText, QuantityText};

/// The price of a service, before it is billed.
#[derive(Serialize, ToSchema)]
pub(super) struct PriceBoard<'b> {
    #[schema(value_type = ServiceId)]
    service: &'b ServiceId,
    /// The month it is about.
    #[schema(example = "2026-11")]
    month: String,
    /// It counts every event that was on disk by then.
    as_of: Time,
    /// The version of the tariff it is priced by: that of the member, or that in force. Absent if
    /// there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TariffId>, nullable = false)]
    tariff: Option<&'b TariffId>,
    /// The currency of its prices (ISO 4217).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "EUR")]
    currency: Option<&'static str>,
    /// The member whose own figures are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<MemberId>, nullable = false)]
    member: Option<&'b MemberId>,
    /// Meters of whose usage some has no price; for who sees everybody's figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, nullable = false, example = json!([]))]
    unpriced: Option<&'b BTreeSet<String>>,
    /// Members that have used it and are not subscribed in this month, whose usage is left out; for
    /// who sees everybody's figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<MemberId>>, nullable = false, example = json!([]))]
    strangers: Option<&'b BTreeSet<String>>,
    /// The charges whose price follows what the pool uses.
    #[schema(value_type = Vec<ChargePriceBoard>)]
    charges: Vec<ChargePriceBoard<'b>>,
}

/// Where the price of a charge stands.
#[derive(Serialize, ToSchema)]
struct ChargePriceBoard<'b> {
    /// Its place in the tariff, from 0.
    position: usize,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Core-hours")]
    name: Option<&'b str>,
    /// What usage calls its meter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "core-hours")]
    meter: Option<&'b str>,
    /// How many units a price is quoted for.
    #[schema(value_type = PriceBaseText)]
    price_base: PriceBase,
    /// What `price_base` units cost so far.
    #[schema(value_type = PriceText)]
    unit_price: Price,
    /// The tier that is reached, from 1, where there are tiers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2)]
    tier: Option<usize>,
    /// Where the pool stands, for who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BoardPool>, nullable = false)]
    pool: Option<&'b PoolStanding>,
    /// The member's own figures, if it is subscribed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BoardOwn>, nullable = false)]
    own: Option<&'b OwnStanding>,
}

/// Where a pool stands.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `palier_billing` writes")]
struct BoardPool {
    /// What all members have used so far, free units taken off.
    quantity: QuantityText,
    /// How many of them have used any.
    active_members: usize,
    #[schema(nullable = false)]
    next: Option<NextTier>,
    /// Where it will stand at the end of the month. Absent for months that are over, and where it
    /// cannot be foreseen: maxima, different values, volume that adds up over a contract year.
    #[schema(nullable = false)]
    projection: Option<BoardProjection>,
}

/// The end of the month: quantities that add up go on at their pace so far, stocks stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `palier_billing` writes")]
struct BoardProjection {
    quantity: QuantityText,
    /// What `price_base` units will cost.
    unit_price: PriceText,
}

/// A member's own figures.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `palier_billing` writes")]
struct BoardOwn {
    /// What it has used so far.
    quantity: QuantityText,
    /// What it would be billed now.
    amount: AmountText,
    /// What it saves by not being alone.
    saving: AmountText,
}

impl<'b> PriceBoard<'b> {
    /// What somebody sees of a board.
    pub(super) fn of(board: &'b Board, viewer: &'b Viewer) -> Result<Self, Problem> {
        let member = viewer.member.as_ref();
        let mut seen = Self {
            service: &board.service.service_id,
            month: board.month.to_string(),
            as_of: board.as_of,
            tariff: None,
            currency: None,
            member,
            unpriced: None,
            strangers: None,
            charges: Vec::new(),
        };
        if let Some((tariff, version)) = board.version(member) {
            let version = version.as_ref().map_err(|error| Problem::state(error.into()))?;
            let charges = version.charges.iter();
            seen.charges = charges.map(|it| ChargePriceBoard::of(it, version, viewer)).collect();
            seen.unpriced = viewer.sees_all.then_some(&version.unpriced);
            seen.strangers = viewer.sees_all.then_some(&version.strangers);
            (seen.tariff, seen.currency) = (Some(tariff), Some(version.tariff.currency().code()));
        }
        Ok(seen)
    }

    /// All of it but its time, to see whether it has changed.
    pub(super) fn but_for_its_time(&self) -> Result<Value, Problem> {
        let mut seen = serde_json::to_value(self).map_err(|error| Problem::internal(&error))?;
        if let Some(fields) = seen.as_object_mut() {
            fields.remove("as_of");
        }
        Ok(seen)
    }
}

impl<'b> ChargePriceBoard<'b> {
    fn of(charge: &'b ChargeBoard, version: &'b Version, viewer: &'b Viewer) -> Self {
        let said = version.charge(charge.position);
        let source = said.and_then(|charge| charge.source());
        let meter = source.and_then(|source| version.tariff.meter_of(source));
        let member = viewer.member.as_ref();
        Self {
            position: charge.position,
            name: said.and_then(|charge| charge.name.as_deref()),
            meter: meter.map(|meter| meter.code.as_str()),
            price_base: charge.price_base,
            unit_price: charge.board.unit_price,
            tier: charge.board.tier,
            pool: charge.pool_for(viewer),
            own: member.and_then(|member| charge.own.get(member.as_str())),
        }
    }
}

impl ChargeBoard {
    /// Where the pool stands, for who may see it.
    pub(super) fn pool_for(&self, viewer: &Viewer) -> Option<&PoolStanding> {
        let is_active = |member: &MemberId| {
            let own = self.own.get(member.as_str());
            own.is_some_and(|own| own.quantity != Quantity::ZERO)
        };
        let pool = self.board.pool.as_ref()?;
        viewer.sees_pool(pool.active_members, is_active).then_some(pool)
    }
}
