//! Which charges price what usage.

use std::collections::BTreeMap;

use crate::{Charge, ChargeKind, Error, Tariff};

/// Finds the charges that look at usage of a meter with certain properties.
#[derive(Clone, Debug)]
pub(super) struct Router<'t> {
    tariff: &'t Tariff,
    /// The meter that is meant when neither a charge nor the tariff names one.
    assumed: Option<String>,
}

impl<'t> Router<'t> {
    pub(super) const fn new(tariff: &'t Tariff) -> Self {
        Self { tariff, assumed: None }
    }

    /// The positions of the charges that price it. Usage of no particular meter is any charge's.
    ///
    /// # Errors
    /// [`Error::AmbiguousMeter`] if the tariff leaves it open which meter a charge means.
    pub(super) fn route(
        &mut self,
        meter: Option<&str>,
        properties: &BTreeMap<String, String>,
    ) -> Result<Vec<usize>, Error> {
        let mut positions = Vec::new();
        for (position, charge) in self.tariff.charges().iter().enumerate() {
            if self.counts(charge, meter)? && self.takes(position, charge, properties) {
                positions.push(position);
            }
        }
        Ok(positions)
    }

    /// Whether a charge looks at a meter.
    fn counts(&mut self, charge: &Charge, meter: Option<&str>) -> Result<bool, Error> {
        let Some(source) = charge.source() else { return Ok(false) };
        let Some(meter) = meter else { return Ok(true) };
        if let Some(code) = self.tariff.meter_code(source) {
            return Ok(code == meter);
        }
        let assumed = self.assumed.get_or_insert_with(|| meter.to_owned());
        if assumed == meter {
            return Ok(true);
        }
        Err(Error::AmbiguousMeter { first: assumed.clone(), second: meter.to_owned() })
    }

    /// Whether a charge prices usage of its meter with these properties. Usage charges without
    /// filter take what the filtered ones of the same meter leave; a shared cost looks at all that
    /// passes its filter.
    fn takes(
        &self,
        position: usize,
        charge: &Charge,
        properties: &BTreeMap<String, String>,
    ) -> bool {
        let Some(source) = charge.source() else { return false };
        if !source.filter.is_empty() || !matches!(charge.kind, ChargeKind::Usage(_)) {
            return source.filter.accepts(properties);
        }
        let mut others = self.tariff.charges().iter().enumerate();
        !others.any(|(other, charge)| {
            let ChargeKind::Usage(usage) = &charge.kind else { return false };
            other != position
                && self.tariff.meter_code(&usage.source) == self.tariff.meter_code(source)
                && !usage.source.filter.is_empty()
                && usage.source.filter.accepts(properties)
        })
    }
}
