//! Drawing credits: which credit pays for which lines of a document, and how much of them.
//!
//! A credit is a sum without VAT that lowers what a member is billed, for one service or for all. What
//! is drawn is taken off at the category and rate of VAT of the lines it is drawn for, so that VAT is
//! that of what is left to pay (CGI, art. 267, II, 1°: a price reduction is no part of the taxable
//! amount). No document comes to less than nothing by it.

use std::collections::BTreeMap;

use crate::{Currency, DocumentLine, Error, LineVat, Money, VatCategory};

/// A credit that may be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The service it is for, by its id; all of them, if none. What lies outside the scope of VAT is no
    /// service: such a fee is only lowered by a credit that names it.
    pub service: Option<String>,
    /// How much of it may be drawn, in minor units.
    pub available: i64,
}

/// What is taken off a document because of a credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Which of the credits, counted from 0.
    pub credit: usize,
    /// The service whose lines it pays for.
    pub service: Option<String>,
    /// What VAT makes of these lines, and so of what is taken off.
    pub vat: LineVat,
    /// How much, without VAT: more than nothing.
    pub amount: Money,
}

/// Draws credits, in their order, for the lines of a document.
///
/// Lines of one service and of one kind of VAT are one sum. What the document gives back elsewhere is
/// laid against these sums first. A credit for all services goes first to sums that no credit behind it
/// names, so that no credit is in the way of another; among these, as the lines stand.
///
/// ```
/// # use palier_billing::{Currency, drawing::{Credit, draw}};
/// let nothing = draw(Currency::EUR, &[], &[Credit { service: None, available: 100_00 }])?;
/// assert!(nothing.is_empty());
/// # Ok::<_, palier_billing::Error>(())
/// ```
///
/// # Errors
/// [`Error::Overflow`].
pub fn draw(
    currency: Currency,
    lines: &[DocumentLine],
    credits: &[Credit],
) -> Result<Vec<Draw>, Error> {
    let mut rooms = rooms(currency, lines)?;
    let mut draws = Vec::new();
    for (nth, credit) in credits.iter().enumerate() {
        let behind = credits.iter().skip(nth.saturating_add(1));
        let named: Vec<_> = behind.filter_map(|other| other.service.as_deref()).collect();
        let is_named = |room: &&mut Room<'_>| room.service.is_some_and(|it| named.contains(&it));
        let mut open: Vec<_> = rooms.iter_mut().filter(|room| room.is_for(credit)).collect();
        open.sort_by_key(is_named);
        let mut available = credit.available;
        for room in open {
            let amount = room.minor.min(available);
            if amount <= 0 {
                continue;
            }
            room.minor = room.minor.saturating_sub(amount);
            available = available.saturating_sub(amount);
            draws.push(Draw {
                credit: nth,
                service: room.service.map(str::to_owned),
                vat: room.vat.clone(),
                amount: Money::from_minor(amount, currency),
            });
        }
    }
    Ok(draws)
}

/// What can still be taken off the lines of a service that have the same VAT.
struct Room<'l> {
    service: Option<&'l str>,
    vat: &'l LineVat,
    minor: i64,
}

impl Room<'_> {
    fn is_for(&self, credit: &Credit) -> bool {
        match credit.service.as_deref() {
            Some(service) => self.service == Some(service),
            None => self.vat.category != VatCategory::OutOfScope,
        }
    }

    /// What a unit of it is with VAT, in millionths.
    fn with_vat(&self) -> i128 {
        let rate: i128 = self.vat.rate_percent.units().into();
        rate.saturating_add(WHOLE)
    }
}

/// Hundred per cent, as a rate has it: four places.
const WHOLE: i128 = 1_000_000;

const OUT_OF_RANGE: Error = Error::Overflow { what: "amount" };

/// What credits can be drawn for: nothing below nothing, and all together with VAT no more than the
/// document comes to.
fn rooms<'l>(currency: Currency, lines: &'l [DocumentLine]) -> Result<Vec<Room<'l>>, Error> {
    let mut rooms: Vec<Room<'l>> = Vec::new();
    for line in lines {
        let (service, vat) = (line.service.as_deref(), &line.vat);
        let minor = line.amount(currency)?.minor();
        match rooms.iter_mut().find(|room| room.service == service && room.vat == vat) {
            Some(room) => room.minor = room.minor.checked_add(minor).ok_or(OUT_OF_RANGE)?,
            None => rooms.push(Room { service, vat, minor }),
        }
    }
    let missing = offset_at_one_rate(&mut rooms);
    offset_at_others(&mut rooms, missing);
    Ok(rooms)
}

/// Lays what is given back against what is billed at the same category and rate: net against net.
/// What is missing then, with VAT, in millionths of a minor unit.
fn offset_at_one_rate(rooms: &mut [Room<'_>]) -> i128 {
    let mut given: BTreeMap<_, (i64, i128)> = BTreeMap::new();
    for room in rooms.iter_mut().filter(|room| room.minor < 0) {
        let key = (room.vat.category, room.vat.rate_percent);
        let (minor, _) = given.entry(key).or_insert((0, room.with_vat()));
        *minor = minor.saturating_sub(room.minor);
        room.minor = 0;
    }
    for room in rooms.iter_mut() {
        if let Some((minor, _)) = given.get_mut(&(room.vat.category, room.vat.rate_percent)) {
            let part = room.minor.min(*minor);
            room.minor = room.minor.saturating_sub(part);
            *minor = minor.saturating_sub(part);
        }
    }
    let missing = given.into_values().filter(|(minor, _)| *minor > 0);
    let missing = missing.map(|(minor, with_vat)| i128::from(minor).saturating_mul(with_vat));
    missing.fold(0, i128::saturating_add)
}

/// Lays what is missing at one rate against what is billed at others: gross against gross, since it is
/// the sum with VAT that says whether a document asks for money.
fn offset_at_others(rooms: &mut [Room<'_>], missing: i128) {
    if missing <= 0 {
        return;
    }
    // VAT is rounded once for each rate: there are no more of them than rooms, half a unit each.
    let rates = i128::try_from(rooms.len()).unwrap_or(i128::MAX);
    let mut missing = missing.saturating_add(rates.saturating_mul(WHOLE));
    for room in rooms.iter_mut().filter(|room| room.minor > 0) {
        if missing <= 0 {
            return;
        }
        let with_vat = room.with_vat();
        let needed = missing.checked_add(with_vat.saturating_sub(1));
        let needed = needed.and_then(|it| it.checked_div(with_vat)).unwrap_or(i128::MAX);
        let part = room.minor.min(i64::try_from(needed).unwrap_or(i64::MAX));
        room.minor = room.minor.saturating_sub(part);
        missing = missing.saturating_sub(i128::from(part).saturating_mul(with_vat));
    }
}

#[cfg(test)]
mod tests;
