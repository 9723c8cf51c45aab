//! Reading the tariff of a request.

use palier_billing::{Allocation, ChargeKind, Meter, Tariff};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::faults;
use super::schema::{TariffDocument, TariffWithMeters};
use crate::http::Schemas;
use crate::problem::{Fault, Problem};
use crate::say;

/// Where a tariff stands in a request, and what it must fit.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'s> {
    pub(crate) schemas: &'s Schemas,
    /// JSON pointer into the body.
    pub(crate) at: &'s str,
    /// The currency of the pole.
    pub(crate) currency: &'s str,
}

impl Setting<'_> {
    /// Reads a tariff that stands by itself.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn read_alone(self, given: &Value) -> Result<Tariff, Problem> {
        self.read::<TariffWithMeters>(given, |_| {}, |_| Vec::new())
    }

    /// Reads the tariff of a service: its charges name meters of the service, and its currency is
    /// the pole's.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn read_of_service(
        self,
        given: &Value,
        meters: &[Meter],
    ) -> Result<Tariff, Problem> {
        let meters = serde_json::to_value(meters).map_err(|error| Problem::internal(&error))?;
        let fill_in = |fields: &mut Map<String, Value>| {
            fields.insert("meters".to_owned(), meters);
        };
        self.read::<TariffDocument>(given, fill_in, |tariff| {
            let mut faults = self.without_meters(tariff);
            faults.extend(self.other_currency(tariff));
            faults
        })
    }

    /// What the reader says is wrong; or, where that is nothing, what else is.
    fn read<T: ToSchema>(
        self,
        given: &Value,
        fill_in: impl FnOnce(&mut Map<String, Value>),
        check: impl FnOnce(&Tariff) -> Vec<Fault>,
    ) -> Result<Tariff, Problem> {
        let mut faults = Vec::new();
        too_long(given, self.at, &mut faults);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let mut value = given.clone();
        if let Value::Object(fields) = &mut value
            && !is_charge(fields)
        {
            let currency = fields.entry("currency").or_insert(Value::Null);
            if currency.is_null() {
                *currency = self.currency.into();
            }
            fill_in(fields);
        }
        let tariff = Tariff::from_json(&value)
            .map_err(|faults| Problem::invalid(faults::at(self.at, &faults)))?;
        let mut faults = check(&tariff);
        let of_schema = self.schemas.faults::<T>(given)?;
        faults.extend(of_schema.into_iter().map(|fault| fault.within(self.at)));
        if faults.is_empty() { Ok(tariff) } else { Err(Problem::invalid(faults)) }
    }

    fn other_currency(self, tariff: &Tariff) -> Option<Fault> {
        let expected = self.currency;
        let detail = say!(
            en "The pole’s prices are in {expected}.",
            fr "Les prix du pôle sont en {expected}."
        );
        let place = format!("{}/currency", self.at);
        (tariff.currency().code() != expected).then(|| Fault::body(place, "currency", detail))
    }

    /// What asks for usage in a service that meters none.
    fn without_meters(self, tariff: &Tariff) -> Vec<Fault> {
        if !tariff.meters().is_empty() {
            return Vec::new();
        }
        let charges = tariff.charges().iter().enumerate();
        let asking = charges.filter(|(_, charge)| match &charge.kind {
            ChargeKind::Usage(_) => true,
            ChargeKind::SharedCost(shared) => {
                let equal = matches!(shared.allocation, Allocation::Equal | Allocation::Weighted);
                !equal || shared.variable.is_some() || shared.source.meter.is_some()
            }
            ChargeKind::Recurring(_) | ChargeKind::OneTime(_) => false,
        });
        let faults = asking.map(|(position, _)| {
            let detail = say!(
                en "The service has no meter: declare what it counts first.",
                fr "Le service n’a pas de compteur : déclarez d’abord ce qu’il compte."
            );
            let place = format!("{}/charges/{position}/meter", self.at);
            Fault::body(place, "unknown_meter", detail)
        });
        faults.collect()
    }
}

/// A lone charge is a tariff to the reader. Here there is one form, as the schema says; nothing is
/// filled in that would be noticed first.
fn is_charge(fields: &Map<String, Value>) -> bool {
    fields.contains_key("kind")
}

/// Lists that are too long are not read any further: some checks compare every entry with every
/// other, and this is asked by anybody.
fn too_long(value: &Value, at: &str, faults: &mut Vec<Fault>) {
    const ENTRIES: usize = 100;
    const FIELDS: usize = 30;
    let (length, limit) = match value {
        Value::Array(entries) => (entries.len(), ENTRIES),
        Value::Object(fields) => (fields.len(), FIELDS),
        _ => return,
    };
    if length > limit {
        let detail = say!(en "At most {limit} entries.", fr "Au plus {limit} éléments.");
        return faults.push(Fault::body(at, "max_items", detail));
    }
    match value {
        Value::Array(entries) => {
            for (position, entry) in entries.iter().enumerate() {
                too_long(entry, &format!("{at}/{position}"), faults);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                too_long(field, &format!("{at}/{name}"), faults);
            }
        }
        _ => {}
    }
}
