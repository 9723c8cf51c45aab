//! Where the pool stands on its curve, and what is said of it.

use palier_billing::{Cost, Error, Price, PriceBase, Quantity, RatedCharge, Rating};

use super::{canvas::Frame, shape::float};
use crate::quote::Standing;
use crate::quote::words::{self, grouped};
use crate::say;
use crate::text::{Language, Text};

/// Where the pool stands.
pub(super) struct Here {
    pub(super) quantity: f64,
    pub(super) price: f64,
    /// The next bound above it.
    pub(super) next: Option<f64>,
    pub(super) words: Vec<String>,
}

impl Here {
    pub(super) fn of(
        rating: &Rating<'_>,
        charge: &RatedCharge<'_>,
        unit: &str,
        (frame, language): (Frame, Language),
    ) -> Result<Option<Self>, Error> {
        let code = rating.currency().code();
        let (quantity, price) = match (&charge.pool, &charge.shared) {
            (Some(pool), _) => (pool.quantity, pool.unit_price),
            (None, Some(shared)) if shared.quantity > Quantity::ZERO => {
                // Of an amount in cents, so to cents' precision only; it is a label.
                let recovered: Price = shared.recovered.to_string().parse().unwrap_or_default();
                let cost = Cost::flat(recovered);
                (shared.quantity, cost.average(shared.quantity, PriceBase::One)?)
            }
            _ => return Ok(None),
        };
        if quantity <= Quantity::ZERO {
            return Ok(None);
        }
        let said = |text: Text| text.in_language(language).to_owned();
        let (price_said, used) = (grouped(price), grouped(quantity));
        let month = rating.pool().month().map(words::month);
        let at = say!(en "at {used} {unit}", fr "à {used} {unit}");
        let mut words = match month {
            // Beside the price it would be cut off.
            Some(month) if frame.is_narrow() => {
                vec![format!("{price_said} {code}"), said(month), said(at)]
            }
            Some(Text { en, fr }) => {
                let when = said(say!(en "{en}: ", fr "{fr} : "));
                vec![format!("{when}{price_said} {code}"), said(at)]
            }
            None => vec![format!("{price_said} {code}"), said(at)],
        };
        let standing = charge.cost_function().map(|cost| Standing::of(cost, quantity));
        let mut next = None;
        match standing.transpose()?.flatten() {
            Some(Standing::Tier { next: Some(ahead), .. }) => {
                let (missing, bound) = (grouped(ahead.missing), grouped(ahead.above));
                words.push(said(say!(
                    en "{missing} to go until {bound}", fr "encore {missing} jusqu’à {bound}"
                )));
                next = Some(float(&ahead.above));
            }
            Some(Standing::Package { room, .. }) => {
                let room = grouped(room);
                words.push(said(say!(
                    en "room for {room} in the last package",
                    fr "encore {room} dans le dernier lot"
                )));
            }
            _ => {}
        }
        Ok(Some(Self { quantity: float(&quantity), price: float(&price), next, words }))
    }
}
