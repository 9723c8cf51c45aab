//! What each charge bills each member: by it closed months are corrected and contract years carried
//! on.

use std::collections::{BTreeMap, BTreeSet};

use palier_billing::{Error, LineKind, Money, Quantity, Rating};

use super::super::InvoicingError;
use super::{Context, failed_for};
use crate::db::billed::BilledRow;
use crate::db::services::ServiceRow;
use crate::id::{MemberId, TariffId};
use crate::metering::month::ServiceMonth;

/// Where what tops a subscription up to its minimum stands among the charges of a tariff: it is none
/// of them.
pub(super) const MINIMUM: i32 = -1;

/// What a charge bills a member.
pub(super) struct Billed {
    pub(super) quantity: Quantity,
    /// All its lines.
    pub(super) amount: Money,
    /// Those of usage and of its adjustments, by which a contract year is carried on.
    of_year: Money,
}

/// By member and position of the charge.
pub(super) type AllBilled = BTreeMap<(MemberId, i32), Billed>;

/// What the charges for usage and for shared costs bill these members, and what tops their
/// subscriptions up. Fees are left out, since no late usage moves them.
pub(super) fn billed(
    context: &Context,
    service: &ServiceRow,
    month: &ServiceMonth,
    rating: &Rating<'_>,
    members: &BTreeSet<String>,
) -> Result<AllBilled, InvoicingError> {
    let failed = |error| failed_for(service, error);
    let mut all = AllBilled::new();
    let mut due: BTreeMap<MemberId, Money> = BTreeMap::new();
    for charge in rating.charges() {
        let position = i32::try_from(charge.position).unwrap_or(i32::MAX);
        for line in charge.lines.iter().filter(|line| members.contains(line.member)) {
            let member: MemberId = line.member.parse().map_err(|_| InvoicingError::Member {
                code: line.member.to_owned(),
                what: "not an id".to_owned(),
            })?;
            // What corrects earlier months does not count towards a minimum.
            if !line.kind.is_adjustment() {
                let sum = due.entry(member.clone()).or_insert(Money::zero(context.currency));
                *sum = sum.checked_add(line.amount).map_err(failed)?;
            }
            if charge.charge.source().is_some() {
                let of = all.entry((member, position)).or_insert_with(|| Billed {
                    quantity: Quantity::ZERO,
                    amount: Money::zero(context.currency),
                    of_year: Money::zero(context.currency),
                });
                let carried = line.kind == LineKind::Usage || line.kind.is_adjustment();
                of.add(line.quantity, line.amount, carried).map_err(failed)?;
            }
        }
    }
    for (member, least) in minimums(month, members) {
        let least = Money::from_minor(least, context.currency);
        let due = due.get(&member).copied().unwrap_or(Money::zero(context.currency));
        let amount = least.checked_sub(due).map_err(failed)?;
        if amount.minor() > 0 {
            let of_year = Money::zero(context.currency);
            all.insert((member, MINIMUM), Billed { quantity: Quantity::ZERO, amount, of_year });
        }
    }
    Ok(all)
}

/// What subscriptions were agreed to come to at least, a month: of several in a month, which follow
/// one another, the last one counts.
fn minimums(month: &ServiceMonth, members: &BTreeSet<String>) -> BTreeMap<MemberId, i64> {
    let mut least = BTreeMap::new();
    for subscription in &month.subscriptions {
        if members.contains(subscription.member_id.as_str()) {
            least.insert(subscription.member_id.clone(), subscription.minimum_amount_minor);
        }
    }
    least.into_iter().filter_map(|(member, least)| Some((member, least?))).collect()
}

impl Billed {
    fn add(&mut self, quantity: Quantity, amount: Money, carried: bool) -> Result<(), Error> {
        self.quantity = self.quantity.checked_add(quantity)?;
        self.amount = self.amount.checked_add(amount)?;
        if carried {
            self.of_year = self.of_year.checked_add(amount)?;
        }
        Ok(())
    }

    /// As it is remembered of the month it was used in.
    pub(super) fn row(
        &self,
        context: &Context,
        service: &ServiceRow,
        tariff_id: TariffId,
        (member_id, position): (MemberId, i32),
    ) -> BilledRow {
        let period = context.month.to_string();
        BilledRow {
            pole_id: service.pole_id.clone(),
            service_id: service.service_id.clone(),
            billed_with: period.clone(),
            period,
            tariff_id,
            position,
            member_id,
            quantity_micros: self.quantity.units(),
            amount_minor: self.amount.minor(),
            year_minor: self.of_year.minor(),
        }
    }
}
