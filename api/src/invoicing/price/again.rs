//! Closed months, and contract years that have ended, rated again for what came in late.

use std::collections::{BTreeMap, BTreeSet};

use palier_billing::{DocumentLineKind, Money, Month};

use super::super::{InvoicingError, words};
use super::billed::{MINIMUM, billed};
use super::{Context, ServiceBill, Versions, failed_for, line, read_month, year};
use crate::db::Db;
use crate::db::billed::{BilledRow, between};
use crate::db::services::ServiceRow;
use crate::db::usage::late;
use crate::id::{MemberId, TariffId};
use crate::metering::month::ServiceMonth;
use crate::text::Text;

/// What a member owes, or was billed, for the charges of a month: by version of the tariff and
/// position.
pub(super) type Charges = BTreeMap<(MemberId, TariffId, i32), Money>;

/// What is rated again.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    /// Months that changed.
    pub(super) months: BTreeSet<Month>,
    /// The first and the last months of contract years that had ended.
    pub(super) years: BTreeSet<(Month, Month)>,
}

/// Rates each month and each year again that changed, and bills every member whose amount moved the
/// difference to what it was billed so far.
pub(super) fn bill(
    conn: &mut Db,
    context: &Context,
    service: &ServiceRow,
    versions: &Versions,
    again: &Again,
    bill: &mut ServiceBill,
) -> Result<(), InvoicingError> {
    for month in &again.months {
        let read = month_again(conn, context, service, versions, *month)?;
        let what = words::correction(*month);
        correct(conn, context, (service, versions), (&read, what), bill)?;
    }
    for (first, last) in &again.years {
        let read = year_again(conn, context, service, versions, (*first, *last))?;
        let what = words::year_again(*first, *last);
        correct(conn, context, (service, versions), (&read, what), bill)?;
    }
    Ok(())
}

/// A month with everything that was billed of it by now: what is not taken yet stays out.
fn month_again(
    conn: &mut Db,
    context: &Context,
    service: &ServiceRow,
    versions: &Versions,
    month: Month,
) -> Result<ServiceMonth, InvoicingError> {
    let mut read = read_month(conn, context, service, versions, month)?;
    let (from, to) = (read.period.start().into(), read.period.end().into());
    let known = late::between(conn, &context.pole.pole_id, (from, to))?;
    let now = context.month.to_string();
    let counted = known.iter().filter(|change| {
        change.billed_with.as_ref().is_some_and(|with| *with <= now)
            || context.late.contains(change)
    });
    read.count_again(&counted.cloned().collect::<Vec<_>>());
    Ok(read)
}

/// The last month of a contract year, by which it is trued up, with all that came in late since the
/// month before it was closed: what was late earlier is in what the months before billed.
fn year_again(
    conn: &mut Db,
    context: &Context,
    service: &ServiceRow,
    versions: &Versions,
    (first, last): (Month, Month),
) -> Result<ServiceMonth, InvoicingError> {
    let failed = |error| failed_for(service, error);
    let mut read = read_month(conn, context, service, versions, last)?;
    let begins = first.days().and_then(|days| days.period(&context.zone)).map_err(failed)?;
    let of_year = (begins.start().into(), read.period.end().into());
    let known = late::between(conn, &context.pole.pole_id, of_year)?;
    let (last, now) = (last.to_string(), context.month.to_string());
    let counted = known.into_iter().filter(|change| {
        let with = change.billed_with.as_ref();
        !versions.rates_again(context.month_of(change))
            && (with.is_some_and(|with| (&last..=&now).contains(&with))
                || context.late.contains(change))
    });
    read.count_late(&counted.collect::<Vec<_>>());
    Ok(read)
}

/// Bills the difference between what a month comes to now and what was billed of it.
fn correct(
    conn: &mut Db,
    context: &Context,
    (service, versions): (&ServiceRow, &Versions),
    (read, what): (&ServiceMonth, Text),
    bill: &mut ServiceBill,
) -> Result<(), InvoicingError> {
    let failed = |error| failed_for(service, error);
    let (month, now) = (read.month, context.month.to_string());
    let period = month.to_string();
    let rows = between(conn, &service.pole_id, &service.service_id, (&period, &now))?;
    let rows: Vec<_> = rows.into_iter().filter(|row| row.period == period).collect();
    // Who was billed by a version stays with it for this month, wherever it has moved since.
    let stayed = rows.iter().map(|row| (row.member_id.to_string(), row.tariff_id.clone()));
    let mut due = Charges::new();
    for (version, members) in versions.of_month(read, &stayed.collect()) {
        let (row, tariff) = version;
        let pool = read.pool(tariff).map_err(failed)?.pool;
        let pool = year::to_date(conn, context, (service, month), tariff, pool)?;
        let rating = tariff.rate(&pool).map_err(failed)?;
        for ((member, position), of) in billed(context, service, read, &rating, &members)? {
            due.insert((member, row.tariff_id.clone(), position), of.amount);
        }
    }
    let days = month.days().map_err(failed)?;
    for ((member, tariff_id, position), amount) in differences(context, service, due, &rows)? {
        let charge = usize::try_from(position).ok().and_then(|position| {
            let (_, tariff) = versions.find(&tariff_id)?;
            tariff.charges().get(position)
        });
        let detail = if position == MINIMUM { words::minimum_again(month) } else { what.clone() };
        let sum = line::Lump { kind: DocumentLineKind::Correction, days, charge, detail, amount };
        let line = sum.line(context, service, &member)?;
        bill.lines.extend(line.map(|line| (member.clone(), line)));
        bill.billed.push(BilledRow {
            pole_id: service.pole_id.clone(),
            service_id: service.service_id.clone(),
            period: period.clone(),
            tariff_id,
            position,
            member_id: member,
            billed_with: now.clone(),
            quantity_micros: 0,
            amount_minor: amount.minor(),
            // No month comes any more that would carry on this one's contract year.
            year_minor: 0,
        });
    }
    Ok(())
}

/// What is due less what was billed, corrections included, wherever the two differ: who was billed
/// for something it does not owe any more gets it back.
fn differences(
    context: &Context,
    service: &ServiceRow,
    due: Charges,
    billed: &[BilledRow],
) -> Result<Charges, InvoicingError> {
    let mut differences = due;
    for row in billed {
        let of = (row.member_id.clone(), row.tariff_id.clone(), row.position);
        let amount = Money::from_minor(row.amount_minor, context.currency);
        let sum = differences.entry(of).or_insert(Money::zero(context.currency));
        *sum = sum.checked_sub(amount).map_err(|error| failed_for(service, error))?;
    }
    differences.retain(|_, amount| !amount.is_zero());
    Ok(differences)
}
