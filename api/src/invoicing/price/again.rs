//! Closed months, rated again for what came in late.

use std::collections::{BTreeMap, BTreeSet};

use palier_billing::{DocumentLineKind, Money, Month};

use super::super::{InvoicingError, words};
use super::{Context, ServiceBill, Versions, failed_for, line, read_month};
use crate::db::Db;
use crate::db::billed::{self, BilledRow};
use crate::db::services::ServiceRow;
use crate::db::usage::late::LateRow;
use crate::id::MemberId;

/// What was billed of a charge: by version of the tariff and position.
type Charge = (crate::id::TariffId, i32);

/// Rates each month again that changed, and bills every member whose amount moved the difference to
/// what it was billed so far.
pub(super) fn bill(
    conn: &mut Db,
    context: &Context,
    service: &ServiceRow,
    versions: &Versions,
    changes: &[LateRow],
    bill: &mut ServiceBill,
) -> Result<(), InvoicingError> {
    let at = |change: &LateRow| Month::at(change.happened_at.timestamp(), &context.zone);
    let months: BTreeSet<Month> = changes.iter().map(at).collect();
    for month in months {
        rate_again(conn, context, (service, versions), month, bill)?;
    }
    Ok(())
}

fn rate_again(
    conn: &mut Db,
    context: &Context,
    (service, versions): (&ServiceRow, &Versions),
    month: Month,
    bill: &mut ServiceBill,
) -> Result<(), InvoicingError> {
    let failed = |error| failed_for(service, error);
    // The month with everything that was billed of it by now: what is not taken yet stays out.
    let mut read = read_month(conn, context, service, versions, month)?;
    let (from, to) = (read.period.start().into(), read.period.end().into());
    let known = crate::db::usage::late::between(conn, &context.pole.pole_id, (from, to))?;
    let now = context.month.to_string();
    let counted = known.iter().filter(|change| {
        change.billed_with.as_ref().is_some_and(|with| *with <= now)
            || context.late.contains(change)
    });
    read.count_again(&counted.cloned().collect::<Vec<_>>());
    let period = month.to_string();
    let rows = billed::between(conn, &service.pole_id, &service.service_id, (&period, &now))?;
    let rows: Vec<_> = rows.into_iter().filter(|row| row.period == period).collect();
    let mut sums: BTreeMap<MemberId, Money> = BTreeMap::new();
    for (version, members) in versions.of_month(&read) {
        let (row, tariff) = version;
        let pool = read.pool(tariff).map_err(failed)?.pool;
        let rating = tariff.rate(&pool).map_err(failed)?;
        for charge in rating.charges().iter().filter(|it| it.charge.source().is_some()) {
            let of: Charge =
                (row.tariff_id.clone(), i32::try_from(charge.position).unwrap_or(i32::MAX));
            let billed = billed_so_far(context, service, &rows, &of)?;
            let concerned = |member: &str, known: &BTreeSet<String>| known.contains(member);
            for correction in charge.corrections(&billed).map_err(failed)? {
                if !concerned(&correction.member, &members) {
                    continue;
                }
                let Ok(member) = correction.member.parse::<MemberId>() else { continue };
                let sum = sums.entry(member.clone()).or_insert(Money::zero(context.currency));
                *sum = sum.checked_add(correction.amount).map_err(failed)?;
                let minor = correction.amount.minor();
                bill.billed.push(BilledRow {
                    pole_id: row.pole_id.clone(),
                    service_id: row.service_id.clone(),
                    period: period.clone(),
                    tariff_id: row.tariff_id.clone(),
                    position: of.1,
                    member_id: member,
                    billed_with: now.clone(),
                    quantity_micros: 0,
                    amount_minor: minor,
                    year_minor: minor,
                });
            }
        }
    }
    let (text, days) = (words::correction(month), month.days().map_err(failed)?);
    for (member, amount) in sums.into_iter().filter(|(_, amount)| !amount.is_zero()) {
        let kind = (DocumentLineKind::Correction, days);
        let line = line::lump(context, service, &member, kind, &text, amount)?;
        bill.lines.extend(line.map(|line| (member, line)));
    }
    Ok(())
}

/// What was billed of a charge so far, corrections included, by member.
fn billed_so_far(
    context: &Context,
    service: &ServiceRow,
    rows: &[BilledRow],
    (tariff, position): &Charge,
) -> Result<BTreeMap<String, Money>, InvoicingError> {
    let mut billed: BTreeMap<String, Money> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.tariff_id == *tariff && row.position == *position) {
        let amount = Money::from_minor(row.amount_minor, context.currency);
        let sum = billed.entry(row.member_id.to_string()).or_insert(Money::zero(context.currency));
        *sum = sum.checked_add(amount).map_err(|error| failed_for(service, error))?;
    }
    Ok(billed)
}
