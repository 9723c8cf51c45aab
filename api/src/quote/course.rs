//! Months one after the other, as volume adds up over a contract year.

use std::collections::BTreeMap;

use palier_billing::{Basis, ChargeKind, Error, Month, Pool, Tariff, YearToDate};

use super::ContractYears;

/// What a contract year has come to, month after month.
pub(crate) struct Course<'t> {
    tariff: &'t Tariff,
    contract: ContractYears,
    adds_up: bool,
    year: Option<i32>,
    to_date: BTreeMap<usize, YearToDate>,
}

impl<'t> Course<'t> {
    /// Before its first month.
    pub(crate) fn new(tariff: &'t Tariff, contract: ContractYears) -> Self {
        let adds_up = tariff.charges().iter().any(|charge| {
            matches!(&charge.kind, ChargeKind::Usage(usage) if usage.basis != Basis::Period)
        });
        Self { tariff, contract, adds_up, year: None, to_date: BTreeMap::new() }
    }

    /// Gives the pool of a month, later than any before it, what the months before it in its
    /// contract year came to.
    ///
    /// # Errors
    /// [`Error`], if it cannot be priced.
    pub(crate) fn follow(&mut self, mut pool: Pool, month: Month) -> Result<Pool, Error> {
        if !self.adds_up {
            return Ok(pool);
        }
        let year = self.contract.number(month)?;
        if self.year.replace(year) != Some(year) {
            self.to_date.clear();
        }
        for (charge, to_date) in std::mem::take(&mut self.to_date) {
            pool = pool.with_year_to_date(charge, to_date);
        }
        let rating = self.tariff.rate(&pool)?;
        let charges = rating.charges().iter();
        self.to_date = charges.filter_map(|it| Some((it.position, it.year.clone()?))).collect();
        Ok(pool)
    }
}
