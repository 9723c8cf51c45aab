//! What is said of a tier that is reached.

use palier_billing::{
    Charge, CostFunction, Error, NextTier, PoolStanding, Price, Quantity, UsageCharge,
};

use crate::boards::{ChargeBoard, Version};
use crate::day::Day;
use crate::db::services::ServiceRow;
use crate::quote::words::{day, month};
use crate::say;
use crate::tariff::words::{number, price, prices};
use crate::tariff::{TierSummary, per_unit};
use crate::text::Text;

/// A mail about a tier.
pub(super) struct Words {
    pub(super) subject: Text,
    /// For who may see the pool's figures.
    pub(super) text: Text,
    pub(super) text_without_pool: Text,
}

/// What the sentences are made of.
struct Facts {
    /// The service, and what is charged of it.
    what: Text,
    /// The bound that was passed.
    above: Text,
    tier: usize,
    /// What a unit costs in the tier, and in the one that was told of before.
    now: Text,
    before: Text,
    /// What everybody pays for a unit, at what was used so far.
    everybody: Text,
    /// What prices are for.
    per: Text,
    /// Whether every unit costs the same, that of the tier.
    is_volume: bool,
    over_year: bool,
    begins: Day,
    flat: Option<Text>,
    /// Where the next tier begins, and what a unit costs in it.
    next: Option<(Text, Text)>,
}

/// The mail about a tier, which is not the one before; none, where no unit costs another price in it.
pub(super) fn words(
    service: &ServiceRow,
    (version, charge, usage): (&Version, &Charge, &UsageCharge),
    standing: &ChargeBoard,
    (before, tier): (usize, usize),
    begins: &Day,
) -> Result<Option<Words>, Error> {
    let tiers = TierSummary::all(&usage.cost, usage.price_base, usage.unit_amount_cap)?;
    let of = |tier: usize| tiers.iter().find(|it| it.tier == tier);
    let Some((reached, before)) = of(tier).zip(of(before)) else { return Ok(None) };
    if reached.unit_price == before.unit_price && reached.flat_amount == before.flat_amount {
        return Ok(None);
    }
    let currency = version.tariff.currency();
    let [now, was] = prices([reached.unit_price, before.unit_price], currency);
    let next = of(tier.saturating_add(1));
    let flat = reached.flat_amount.filter(|flat| *flat != Price::ZERO);
    let facts = Facts {
        what: what(service, charge),
        above: written(reached.above),
        tier,
        now,
        before: was,
        everybody: price(standing.board.unit_price, currency),
        per: per_unit(&usage.source, &version.tariff, service.unit().as_ref(), usage.price_base),
        is_volume: matches!(usage.cost, CostFunction::Volume(_)),
        over_year: usage.basis != palier_billing::Basis::Period,
        begins: begins.clone(),
        flat: flat.map(|flat| price(flat, currency)),
        next: next.map(|next| (written(next.above), price(next.unit_price, currency))),
    };
    Ok(Some(Words {
        subject: facts.subject(),
        text: facts.text(standing.board.pool.as_ref()),
        text_without_pool: facts.text(None),
    }))
}

fn written(quantity: Quantity) -> Text {
    number(&quantity.to_string())
}

/// The service, and what is charged of it, where that has a name.
fn what(service: &ServiceRow, charge: &Charge) -> Text {
    let Text { en, fr } = service.name();
    match &charge.name {
        Some(name) => say!(en "{en} ({name})", fr "{fr} ({name})"),
        None => Text { en, fr },
    }
}

impl Facts {
    fn subject(&self) -> Text {
        let (what, above, now, per) = (&self.what, &self.above, &self.now, &self.per);
        let [en, fr] = [
            format!("{}: {} passed together", what.en, above.en),
            format!("{} : le cap des {} est franchi", what.fr, above.fr),
        ];
        let Text { en: now_en, fr: now_fr } = now;
        let Text { en: per_en, fr: per_fr } = per;
        if self.is_volume {
            say!(
                en "{en}, everybody now pays {now_en} {per_en}",
                fr "{fr}, chacun paie désormais {now_fr} {per_fr}",
            )
        } else {
            say!(
                en "{en}, {now_en} {per_en} beyond",
                fr "{fr}, {now_fr} {per_fr} au-delà",
            )
        }
    }

    fn text(&self, pool: Option<&PoolStanding>) -> Text {
        let mut text = self.reached();
        text.push(&self.price());
        text.push(&say!(en "\n\n", fr "\n\n"));
        if let Some(pool) = pool {
            let Text { en, fr } = written(pool.quantity);
            text.push(&say!(en "- Used together: {en}\n", fr "- Utilisé ensemble : {fr}\n"));
        }
        text.push(&self.list(pool.and_then(|pool| pool.next)));
        text.push(&say!(
            en "\nThis is told once for each tier. Whoever manages your subscription can switch these \
                messages off (tier_mails).\n",
            fr "\nCe message est envoyé une fois par tranche. Qui gère votre abonnement peut ne plus recevoir \
                ces messages (tier_mails).\n",
        ));
        text
    }

    /// What has happened.
    fn reached(&self) -> Text {
        let (what, above, tier) = (&self.what, &self.above, self.tier);
        let when = if self.over_year {
            let Text { en, fr } = day(self.begins.date());
            say!(en "since {en}", fr "depuis le {fr}")
        } else {
            let Text { en, fr } = month(palier_billing::Month::of(self.begins.date()));
            say!(en "in {en}", fr "en {fr}")
        };
        let Text { en: what_en, fr: what_fr } = what;
        let Text { en: above_en, fr: above_fr } = above;
        let Text { en, fr } = when;
        say!(
            en "Hello,\n\nTogether, the members have passed {above_en} for {what_en} {en}: tier {tier} is \
                reached.",
            fr "Bonjour,\n\nEnsemble, les membres ont dépassé {above_fr} pour {what_fr} {fr} : la tranche \
                {tier} est atteinte.",
        )
    }

    /// What it means.
    fn price(&self) -> Text {
        let Text { en: now_en, fr: now_fr } = &self.now;
        let Text { en: was_en, fr: was_fr } = &self.before;
        let Text { en: per_en, fr: per_fr } = &self.per;
        if self.is_volume {
            let (en, fr) = if self.over_year {
                ("contract year", "de l’année contractuelle")
            } else {
                ("month", "du mois")
            };
            return say!(
                en " All usage of the {en} now costs {now_en} {per_en} instead of {was_en}, whoever it is of \
                    and whenever it was.",
                fr " Toute la consommation {fr} coûte désormais {now_fr} {per_fr} au lieu de {was_fr}, quels \
                    qu’en soient le membre et la date.",
            );
        }
        let Text { en: all_en, fr: all_fr } = &self.everybody;
        say!(
            en " What is used beyond costs {now_en} {per_en} instead of {was_en}. Everybody pays the same \
                average of it all, {all_en} {per_en} so far.",
            fr " Ce qui est utilisé au-delà coûte {now_fr} {per_fr} au lieu de {was_fr}. Chacun paie la même \
                moyenne de l’ensemble, {all_fr} {per_fr} à ce jour.",
        )
    }

    /// From when, what else is due, and what comes next.
    fn list(&self, missing: Option<NextTier>) -> Text {
        let Text { en: since_en, fr: since_fr } = day(self.begins.date());
        let mut list = say!(
            en "- It holds for what is used since {since_en}\n",
            fr "- Valable pour tout ce qui est utilisé depuis le {since_fr}\n",
        );
        if let Some(Text { en, fr }) = &self.flat {
            list.push(&say!(
                en "- Due once for the tier, shared by all: {en}\n",
                fr "- Dû une fois pour la tranche, partagé entre tous : {fr}\n",
            ));
        }
        let Some((above, price)) = &self.next else {
            list.push(&say!(
                en "- Next tier: none, this is the last\n",
                fr "- Tranche suivante : aucune, c’est la dernière\n",
            ));
            return list;
        };
        let (Text { en: above_en, fr: above_fr }, Text { en, fr }) = (above, price);
        list.push(&say!(
            en "- Next tier: beyond {above_en}, at {en}",
            fr "- Tranche suivante : au-delà de {above_fr}, à {fr}",
        ));
        if let Some(next) = missing {
            let Text { en, fr } = written(next.missing);
            list.push(&say!(en " ({en} to go)", fr " (encore {fr})"));
        }
        list.push(&say!(en "\n", fr "\n"));
        list
    }
}
