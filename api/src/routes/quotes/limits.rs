//! How much may be asked at once: quotes are for everybody.

use palier_billing::{Allocation, ChargeKind, Scope, Tariff};

use super::input::QuotedPool;
use crate::problem::{Fault, Problem};
use crate::say;

/// How many months may lie between the first and the last that matters.
pub(super) const MONTHS: usize = 36;
/// How many lines may be calculated.
const LINES: usize = 200_000;
/// How many lines, and steps behind them, may be answered.
const ANSWERED: usize = 20_000;
/// How much longer a share of a cost takes than a line, in whole numbers.
const SHARE: usize = 10;

/// Refuses what would take too long, or come to too long an answer.
pub(super) fn check_size(tariff: &Tariff, pool: &QuotedPool, months: usize) -> Result<(), Problem> {
    let refuse = |place: &str, en: String, fr: String| {
        let detail = say!(en "{en}", fr "{fr}");
        Err(Problem::invalid(vec![Fault::body(place, "too_large", detail)]))
    };
    if months > MONTHS {
        let en = format!("At most {MONTHS} months, from the first with usage to the last.");
        let fr = format!("{MONTHS} mois au plus, du premier avec usage au dernier.");
        return refuse("/months", en, fr);
    }
    let named = pool.members.len();
    let parts = pool.members.iter().map(|member| member.usage.len().max(1)).sum::<usize>();
    let others = pool
        .others
        .as_ref()
        .map_or(0, |others| usize::from(others.count).saturating_mul(others.usage.len().max(1)));
    let parts = parts.saturating_add(others);
    let (mut lines, mut answered) = (0_usize, 0_usize);
    for charge in tariff.charges() {
        let (effort, steps) = match &charge.kind {
            ChargeKind::SharedCost(_) => (SHARE, 0),
            ChargeKind::Usage(usage) if usage.scope == Scope::Member => {
                (1, usage.cost.tiers().map_or(1, <[_]>::len))
            }
            _ => (1, 0),
        };
        lines = lines.saturating_add(parts.saturating_mul(effort).saturating_mul(months));
        let of_each = named.saturating_mul(steps.saturating_add(1));
        answered = answered.saturating_add(of_each.saturating_mul(months));
    }
    if lines <= LINES && answered <= ANSWERED {
        return Ok(());
    }
    refuse(
        "/pool",
        "This is more than is priced at once: fewer members, months or charges.".to_owned(),
        "C’est plus que l’on ne chiffre en une fois : réduisez les membres, les mois ou les lignes \
         tarifaires."
            .to_owned(),
    )
}

/// Insists on a weight for every member, if any cost is shared by weight: to assume one would be to
/// set a price.
pub(super) fn check_weights(tariff: &Tariff, pool: &QuotedPool) -> Result<(), Problem> {
    let weighted = tariff.charges().iter().any(|charge| {
        matches!(&charge.kind, ChargeKind::SharedCost(it) if it.allocation == Allocation::Weighted)
    });
    if !weighted {
        return Ok(());
    }
    let members = pool.members.iter().enumerate().filter(|(_, member)| member.weight.is_none());
    let places = members.map(|(position, _)| format!("/pool/members/{position}/weight"));
    let others = pool.others.iter().filter(|others| others.weight.is_none());
    let places = places.chain(others.map(|_| "/pool/others/weight".to_owned()));
    let faults = places.map(|place| {
        let detail = say!(
            en "A weight is needed: a cost is shared by weight.",
            fr "Un poids est nécessaire : un coût est réparti par poids."
        );
        Fault::body(place, "required", detail)
    });
    let faults: Vec<_> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}
