//! The quote as comma-separated values, for other programs: every line of every invoice.

use palier_billing::{Error, FeeInterval, Line, LineKind, RatedCharge, Rating, UsageCharge};

use crate::cli::failure::Failure;

/// Stable: columns may be added at the end, none changes its meaning.
const HEADER: [&str; 15] = [
    "period",
    "member",
    "charge",
    "name",
    "line",
    "metered",
    "quantity",
    "unit_price",
    "price_base",
    "amount",
    "currency",
    "alone",
    "saving",
    "first_day",
    "last_day",
];

/// Writes one row per period, member and line, in this order.
pub(super) fn write(ratings: &[Rating<'_>]) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let unwritable = |error: csv::Error| Failure::Output(format!("CSV: {error}"));
    writer.write_record(HEADER).map_err(unwritable)?;
    for rating in ratings {
        let charges = rating.charges().iter();
        let mut lines: Vec<_> = charges
            .flat_map(|charge| charge.lines.iter().map(move |line| (charge, line)))
            .collect();
        lines.sort_by_key(|(_, line)| line.member);
        for (charge, line) in lines {
            let row = row(rating, charge, line).map_err(Failure::input)?;
            writer.write_record(row).map_err(unwritable)?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| unwritable(error.into_error().into()))?;
    String::from_utf8(bytes).map_err(|error| Failure::Output(format!("CSV: {error}")))
}

fn row(
    rating: &Rating<'_>,
    charge: &RatedCharge<'_>,
    line: &Line<'_>,
) -> Result<[String; HEADER.len()], Error> {
    let (first_day, last_day) = match line.kind {
        LineKind::Recurring(Some(FeeInterval { charged, .. })) => {
            (charged.first().to_string(), charged.end().yesterday()?.to_string())
        }
        _ => Default::default(),
    };
    let price_base = line.unit_price.map(|_| price_base(charge));
    Ok([
        shown(rating.pool().month()),
        line.member.to_owned(),
        charge.position.saturating_add(1).to_string(),
        charge.charge.name.clone().unwrap_or_default(),
        line.kind.as_str().to_owned(),
        shown(line.metered.map(|metered| metered.quantity)),
        line.quantity.to_string(),
        shown(line.unit_price.map(|price| price.exact().to_string())),
        shown(price_base),
        line.amount.to_string(),
        rating.currency().code().to_owned(),
        shown(line.alone),
        shown(line.saving()),
        first_day,
        last_day,
    ])
}

fn price_base(charge: &RatedCharge<'_>) -> u32 {
    match &charge.charge.kind {
        palier_billing::ChargeKind::Usage(UsageCharge { price_base, .. }) => price_base.units(),
        _ => 1,
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
