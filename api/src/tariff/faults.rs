//! The faults of a tariff as faults of a request's body.

use palier_billing::{DecimalError, FaultKind, Faults};

use crate::problem::Fault;

/// Faults of a tariff that stands at a JSON pointer of the body.
pub(super) fn at(pointer: &str, faults: &Faults) -> Vec<Fault> {
    let faults = faults.0.iter();
    let faults = faults.map(|fault| {
        let within = format!("{pointer}{}", fault.pointer);
        Fault::body(within, code(&fault.kind), (&fault.kind).into())
    });
    faults.collect()
}

/// A stable word for a kind of fault.
const fn code(kind: &FaultKind) -> &'static str {
    match kind {
        FaultKind::Required => "required",
        FaultKind::Unknown => "unknown",
        FaultKind::WrongType { .. } => "type",
        FaultKind::Decimal(DecimalError::NotANumber) => "format",
        FaultKind::Decimal(DecimalError::TooManyPlaces { .. }) => "decimal_places",
        FaultKind::Decimal(DecimalError::OutOfRange) => "maximum",
        FaultKind::NotOneOf { .. } => "enum",
        FaultKind::Negative => "minimum",
        FaultKind::NotPositive => "exclusive_minimum",
        FaultKind::LastTierClosed => "last_tier_closed",
        FaultKind::OpenTierInside => "open_tier_inside",
        FaultKind::BoundsDoNotRise { .. } => "bounds_do_not_rise",
        FaultKind::Empty => "min_items",
        FaultKind::Duplicate => "duplicate",
        FaultKind::LimitsCross { .. } => "limits_cross",
        FaultKind::Meaningless { .. } => "meaningless",
        FaultKind::FinerThanCurrency { .. } => "finer_than_currency",
        FaultKind::NotACurrency => "currency",
        FaultKind::UnknownMeter => "unknown_meter",
        FaultKind::UnknownDimension => "unknown_dimension",
        FaultKind::Overlap { .. } => "overlap",
    }
}
