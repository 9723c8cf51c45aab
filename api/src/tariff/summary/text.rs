//! Tariffs in a line.

use palier_billing::{Allocation, Interval, PriceBase, Scope};

use super::range::PriceRange;
use super::{ChargeSummary, FeeSummary, PercentageSummary, Setting, SharedSummary};
use crate::say;
use crate::tariff::words::{number, percent, price, prices};
use crate::text::Text;

/// How many charges a line names.
const NAMED: usize = 3;

/// A tariff in a line.
pub(super) fn of_all(charges: &[ChargeSummary]) -> Text {
    let texts = charges.iter().take(NAMED).map(|charge| &charge.text);
    let (mut en, mut fr): (Vec<_>, Vec<_>) =
        texts.map(|text| (text.en.clone(), text.fr.clone())).unzip();
    match charges.len().saturating_sub(NAMED) {
        0 => {}
        1 => {
            en.push("and one more charge".to_owned());
            fr.push("et une autre ligne".to_owned());
        }
        more => {
            en.push(format!("and {more} more charges"));
            fr.push(format!("et {more} autres lignes"));
        }
    }
    Text { en: en.join("; "), fr: fr.join(" ; ") }
}

/// A charge in a line.
pub(super) fn of_charge(charge: &ChargeSummary, setting: &Setting<'_>) -> Text {
    if let Some(fee) = &charge.fee {
        return of_fee(fee, setting);
    }
    let cost = of_cost(charge, setting);
    if let Some(shared) = &charge.shared {
        return of_shared(shared, cost, setting);
    }
    let mut text = cost.unwrap_or_else(|| say!(en "", fr ""));
    if let Some(free) = charge.free_units {
        let Text { en, fr } = number(&free.to_string());
        text.push(&say!(
            en ", the first {en} free for each member",
            fr ", les {fr} premières unités offertes à chaque membre"
        ));
    }
    if let Some(least) = charge.minimum_amount {
        let Text { en, fr } = price(least, setting.currency);
        text.push(&say!(en ", at least {en} a month", fr ", au moins {fr} par mois"));
    }
    if let Some(most) = charge.maximum_amount {
        let Text { en, fr } = price(most, setting.currency);
        text.push(&say!(en ", at most {en} a month", fr ", au plus {fr} par mois"));
    }
    text
}

fn of_fee(fee: &FeeSummary, setting: &Setting<'_>) -> Text {
    let Text { en, fr } = price(fee.amount, setting.currency);
    let text = match fee.interval {
        None => say!(en "{en} on subscribing", fr "{fr} à l’abonnement"),
        Some(Interval::Month) => say!(en "{en} a month", fr "{fr} par mois"),
        Some(Interval::Quarter) => say!(en "{en} a quarter", fr "{fr} par trimestre"),
        Some(Interval::Year) => say!(en "{en} a year", fr "{fr} par an"),
    };
    match fee.trial_days {
        None => text,
        Some(days) => {
            let Text { en, fr } = text;
            say!(en "{en}, the first {days} days free", fr "{fr}, les {days} premiers jours offerts")
        }
    }
}

/// What a cost function asks for, if there is one.
fn of_cost(charge: &ChargeSummary, setting: &Setting<'_>) -> Option<Text> {
    if let Some(percentage) = &charge.percentage {
        return Some(of_percentage(percentage, setting));
    }
    let range = charge.price.as_ref()?;
    if let Some(package) = charge.package {
        let amount = price(package.amount, setting.currency);
        let (size, unit) = (number(&package.package_size.to_string()), setting.unit);
        return Some(Text {
            en: format!("{} per package of {} ({})", amount.en, size.en, unit.en),
            fr: format!("{} par lot de {} ({})", amount.fr, size.fr, unit.fr),
        });
    }
    let per = per(&range.unit, range.price_base);
    let has_flat = charge.tiers.iter().any(|tier| tier.flat_amount.is_some());
    let flat = if has_flat {
        say!(en ", plus a flat amount", fr ", plus un forfait")
    } else {
        say!(en "", fr "")
    };
    let prices = of_prices(range, setting);
    let by = if range.is_one_price() { say!(en "", fr "") } else { by_volume(charge) };
    Some(Text {
        en: format!("{} {}{}{}", prices.en, per.en, by.en, flat.en),
        fr: format!("{} {}{}{}", prices.fr, per.fr, by.fr, flat.fr),
    })
}

fn of_prices(range: &PriceRange, setting: &Setting<'_>) -> Text {
    let lowest = range.lowest_unit_price;
    let (first, highest) = (range.first_unit_price, range.highest_unit_price);
    let (from, to) = match (first, highest) {
        _ if range.is_one_price() => return price(lowest, setting.currency),
        // Prices fall from the first unit on, or do something else.
        (Some(first), Some(highest)) if first == highest => (first, lowest),
        (_, Some(highest)) => (lowest, highest),
        (_, None) => return price(lowest, setting.currency),
    };
    let [from, to] = prices([from, to], setting.currency);
    Text { en: format!("{} to {}", from.en, to.en), fr: format!("de {} à {}", from.fr, to.fr) }
}

/// For what a price is.
pub(super) fn per(unit: &Text, base: PriceBase) -> Text {
    let Text { en, fr } = unit;
    match base {
        PriceBase::One => say!(en "per {en}", fr "par {fr}"),
        base => {
            let units = number(&base.units().to_string());
            Text {
                en: format!("per {} units ({en})", units.en),
                fr: format!("pour {} unités ({fr})", units.fr),
            }
        }
    }
}

/// By whose volume it falls.
fn by_volume(charge: &ChargeSummary) -> Text {
    let year = charge.over_contract_year;
    match (charge.scope, year) {
        (Some(Scope::Member), false) => say!(
            en ", by each member’s volume", fr " selon le volume de chacun"
        ),
        (Some(Scope::Member), true) => say!(
            en ", by each member’s volume over the year",
            fr " selon le volume de chacun sur l’année"
        ),
        (_, false) => say!(en ", by everyone’s volume", fr " selon le volume de tous"),
        (_, true) => say!(
            en ", by everyone’s volume over the year", fr " selon le volume de tous sur l’année"
        ),
    }
}

fn of_percentage(percentage: &PercentageSummary, setting: &Setting<'_>) -> Text {
    let Text { en, fr } = percent(percentage.rate_percent);
    let mut text = say!(en "{en} of the amount", fr "{fr} du montant");
    if let Some(fixed) = percentage.fixed_per_event {
        let Text { en, fr } = price(fixed, setting.currency);
        text.push(&say!(en " plus {en} per event", fr " plus {fr} par événement"));
    }
    text
}

fn of_shared(shared: &SharedSummary, variable: Option<Text>, setting: &Setting<'_>) -> Text {
    let fixed = price(shared.fixed, setting.currency);
    let fixed = Text { en: format!("{} a month", fixed.en), fr: format!("{} par mois", fixed.fr) };
    let Text { en, fr } = match variable {
        None => fixed,
        Some(variable) if shared.fixed == palier_billing::Price::ZERO => variable,
        Some(variable) => Text {
            en: format!("{} plus {}", fixed.en, variable.en),
            fr: format!("{} plus {}", fixed.fr, variable.fr),
        },
    };
    let how = match shared.allocation {
        Allocation::Proportional => say!(en "by usage", fr "selon l’usage"),
        Allocation::Equal => say!(en "equally", fr "à parts égales"),
        Allocation::TwoPart => say!(
            en "the fixed part equally and the rest by usage",
            fr "la part fixe également et le reste selon l’usage"
        ),
        Allocation::Weighted => say!(en "by weight", fr "selon le poids de chacun"),
        Allocation::Serial => say!(
            en "serially, each increment by those who reach it",
            fr "en série, chaque tranche entre ceux qui l’atteignent"
        ),
    };
    let markup = shared.markup_percent.map(percent);
    let markup = markup.map(|rate| Text {
        en: format!(", with a markup of {}", rate.en),
        fr: format!(", majoré de {}", rate.fr),
    });
    let markup = markup.unwrap_or_else(|| say!(en "", fr ""));
    Text {
        en: format!("cost of {en}, shared {}{}", how.en, markup.en),
        fr: format!("coût de {fr}, partagé {}{}", how.fr, markup.fr),
    }
}
