//! Contract years: what was used and billed in the months before.

use std::collections::BTreeMap;

use palier_billing::{
    Basis, Charge, ChargeKind, Money, Month, Pool, Quantity, Tariff, YearToDate, YearToDateEntry,
};

use super::super::InvoicingError;
use super::{Context, failed_for};
use crate::db::Db;
use crate::db::billed;
use crate::db::services::ServiceRow;
use crate::quote::ContractYears;

/// Whether volume adds up over contract years for some charge of a tariff.
pub(super) fn adds_up(tariff: &Tariff) -> bool {
    tariff.charges().iter().any(of_year)
}

fn of_year(charge: &Charge) -> bool {
    matches!(&charge.kind, ChargeKind::Usage(usage) if usage.basis != Basis::Period)
}

/// The contract years of a service, if it has any.
fn years_of(service: &ServiceRow) -> Option<ContractYears> {
    service.contract_anniversary.as_ref().map(|day| ContractYears::since(day.date()))
}

/// The first and the last month of the contract year of a month, if it has ended before another one
/// begins.
pub(super) fn ended(
    service: &ServiceRow,
    month: Month,
    now: Month,
) -> Result<Option<(Month, Month)>, palier_billing::Error> {
    let Some(years) = years_of(service) else { return Ok(None) };
    let number = years.number(month)?;
    if years.number(now)? <= number {
        return Ok(None);
    }
    let mut last = month;
    while years.number(last.next()?)? == number {
        last = last.next()?;
    }
    Ok(Some((first_month(years, month)?, last)))
}

/// Gives the pool of a month what was billed before in its contract year, charge by charge.
pub(super) fn to_date(
    conn: &mut Db,
    context: &Context,
    (service, month): (&ServiceRow, Month),
    tariff: &Tariff,
    mut pool: Pool,
) -> Result<Pool, InvoicingError> {
    let (Some(years), true) = (years_of(service), adds_up(tariff)) else { return Ok(pool) };
    let first = first_month(years, month);
    let first = first.map_err(|error| failed_for(service, error))?;
    let months = (first.to_string(), month.to_string());
    let months = (months.0.as_str(), months.1.as_str());
    let rows = billed::between(conn, &service.pole_id, &service.service_id, months)?;
    let mut years: BTreeMap<usize, BTreeMap<String, YearToDateEntry>> = BTreeMap::new();
    for row in rows {
        let position = usize::try_from(row.position).unwrap_or(usize::MAX);
        if !tariff.charges().get(position).is_some_and(of_year) {
            continue;
        }
        let entries = years.entry(position).or_default();
        let entry = entries.entry(row.member_id.to_string()).or_insert(YearToDateEntry {
            quantity: Quantity::ZERO,
            billed: Money::zero(context.currency),
        });
        let failed = |error| failed_for(service, error);
        let used = Quantity::from_units(row.quantity_micros);
        let billed = Money::from_minor(row.year_minor, context.currency);
        entry.quantity =
            entry.quantity.checked_add(used).map_err(|error| failed_for(service, error))?;
        entry.billed = entry.billed.checked_add(billed).map_err(failed)?;
    }
    for (position, entries) in years {
        pool = pool.with_year_to_date(position, YearToDate(entries));
    }
    Ok(pool)
}

/// The first month of the contract year of a month.
fn first_month(years: ContractYears, month: Month) -> Result<Month, palier_billing::Error> {
    let number = years.number(month)?;
    let mut first = month;
    loop {
        let before = first.days()?.first().yesterday().map(Month::of)?;
        if years.number(before)? != number {
            return Ok(first);
        }
        first = before;
    }
}
