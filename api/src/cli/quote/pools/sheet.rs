//! The pool of a sheet: quantities that someone else has added up.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::date, tz::TimeZone};
use palier_billing::{
    Charge, ChargeKind, Error, Event, Meter, Metering, Month, Pool, Stocks, Subscriber, Tariff,
};

use super::{Pools, Terms, unpriced};
use crate::cli::{
    failure::Failure,
    quote::{
        months::{ContractYears, Months},
        usage::{Sheet, SheetRow},
    },
};

/// The one pool of a sheet. It has no date, unless one month was asked for.
pub(super) fn pool(
    tariff: &Tariff,
    file: &str,
    sheet: &Sheet,
    subscribers: Vec<Subscriber>,
    terms: &Terms<'_>,
) -> Result<Pools, Failure> {
    refuse_prices_per_event(tariff, file)?;
    let fault = |error| Failure::input(format!("{file}: {error}"));
    let months = Months::all(terms.months);
    if months.len() > 1 {
        let found = months.len();
        return Err(Failure::input(format!(
            "--period: expected one month, because {file} has no dates, found {found}"
        )));
    }
    let mut pool = Pool::new(subscribers).map_err(fault)?;
    if let Some(&month) = months.first() {
        pool = dated(pool, month, terms).map_err(fault)?;
    }

    let routing = routing(tariff)?;
    // Any month does: these meters only add up, and all rows fall into it.
    let somewhen = Month::of(date(2000, 1, 1)).days();
    let somewhen = somewhen.and_then(|days| days.period(&TimeZone::UTC)).map_err(fault)?;
    let mut metering = Metering::new(&routing, somewhen, Stocks::new());
    let all = meters(&routing);
    for row in &sheet.rows {
        let only = row.meter.iter().cloned().collect();
        for meter in if row.meter.is_some() { &only } else { &all } {
            let event = event(row, meter, somewhen.start());
            metering.record(&event).map_err(fault)?;
        }
    }
    let metered = metering.finish(pool).map_err(fault)?;
    let warnings = unpriced(file, &metered.unpriced, ("row", "rows"));
    Ok(Pools { pools: vec![metered.pool], warnings })
}

fn dated(pool: Pool, month: Month, terms: &Terms<'_>) -> Result<Pool, Error> {
    let first = month.days()?.first();
    let contract = ContractYears::since(terms.contract_start.unwrap_or(first));
    let closes = contract.ends_with(month)?;
    Ok(pool.in_month(month).with_contract_start(contract.start()).closing_year(closes))
}

fn refuse_prices_per_event(tariff: &Tariff, file: &str) -> Result<(), Failure> {
    let per_event = tariff.charges().iter().any(
        |charge| matches!(&charge.kind, ChargeKind::Usage(usage) if usage.cost.is_per_event()),
    );
    if per_event {
        return Err(Failure::input(format!(
            "{file}: expected events (id,member,meter,time,quantity), because the tariff has \
             amounts per event, found quantities without dates"
        )));
    }
    Ok(())
}

/// The tariff with meters that take quantities as they come. What a sheet says has been counted,
/// or averaged, already; only the way to the charges is that of events.
fn routing(tariff: &Tariff) -> Result<Tariff, Failure> {
    let meters = tariff.meters().iter().map(|meter| Meter {
        unit: meter.unit.clone(),
        dimensions: meter.dimensions.clone(),
        ..Meter::sum(&meter.code)
    });
    let (meters, charges) = (meters.collect(), tariff.charges().to_vec());
    Tariff::new(tariff.currency(), tariff.late_usage(), meters, charges).map_err(Failure::input)
}

/// The meters that charges look at, or one of any name.
fn meters(tariff: &Tariff) -> BTreeSet<String> {
    let sources = tariff.charges().iter().filter_map(Charge::source);
    let codes = sources.filter_map(|source| {
        let declared = tariff.meter_of(source).map(|meter| meter.code.clone());
        declared.or_else(|| source.meter.clone())
    });
    let codes: BTreeSet<_> = codes.collect();
    if codes.is_empty() {
        return ["usage".to_owned()].into();
    }
    codes
}

fn event(row: &SheetRow, meter: &str, time: Timestamp) -> Event {
    Event {
        id: String::new(),
        member: row.member.clone(),
        meter: meter.to_owned(),
        time,
        quantity: row.quantity,
        properties: row.properties.clone(),
        amends: None,
    }
}
