//! The pool of a sheet: quantities that someone else has added up.

use palier_billing::{Error, Month, Pool, Subscriber, Tariff, UsageRecord};

use super::{Pools, Terms, unpriced};
use crate::cli::failure::Failure;
use crate::quote::{ContractYears, Months};

/// The one pool of a sheet. It has no date, unless one month was asked for.
pub(super) fn pool(
    tariff: &Tariff,
    file: &str,
    sheet: &[UsageRecord],
    subscribers: Vec<Subscriber>,
    terms: &Terms<'_>,
) -> Result<Pools, Failure> {
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
    let recorded = tariff.record_usage(pool, sheet).map_err(fault)?;
    let warnings = unpriced(file, &recorded.unpriced, ("row", "rows"));
    Ok(Pools { file: file.to_owned(), periods: vec![recorded.pool], warnings })
}

fn dated(pool: Pool, month: Month, terms: &Terms<'_>) -> Result<Pool, Error> {
    let first = month.days()?.first();
    ContractYears::since(terms.contract_start.unwrap_or(first)).date(pool, month)
}
