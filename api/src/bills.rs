//! What providers bill to a pole: recorded with the entry by which it is owed, and taken back by another.
//!
//! A number of a provider's counts once: the same bill comes by post and by mail, and is paid once. VAT is
//! what the provider charges, since that is what is owed; it must be what its rate gives, but for what
//! rounding line by line can come to.

mod line;
pub(crate) mod verify;

pub(crate) use line::BillLine;

use std::collections::BTreeMap;

use palier_billing::ledger::{Auxiliary, Entry, Heading, LedgerError, Purchase, purchase};
use palier_billing::{Currency, Error, Money, Percent, VatCategory, VatTotal};
use serde_json::json;

use crate::day::Day;
use crate::db::bills::{self, BillRow, BillStatus, BillVatDue};
use crate::db::providers::{self, ProviderRow};
use crate::db::{DbError, journal, poles, services, transfers, words};
use crate::id::{BillId, ProviderId, ServiceId};
use crate::invoicing::Settings;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::Text;
use crate::work::{Changes, Done, Tx};

/// By how many minor units VAT may differ from what its rate gives: a hundred lines, each half a cent off.
const TOLERANCE: u64 = 50;

words! {
    /// What VAT makes of what a provider supplies.
    pub(crate) enum BillVat {
        /// The provider charges it.
        Standard = "standard",
        /// The pole owes it itself, and deducts the same (autoliquidation).
        ReverseCharge = "reverse_charge",
        /// There is none: the supply or the provider is exempt.
        Exempt = "exempt",
        /// There is none: it is no supply.
        OutOfScope = "out_of_scope",
    }
}

impl From<BillVat> for VatCategory {
    fn from(word: BillVat) -> Self {
        match word {
            BillVat::Standard => Self::Standard,
            BillVat::ReverseCharge => Self::ReverseCharge,
            BillVat::Exempt => Self::Exempt,
            BillVat::OutOfScope => Self::OutOfScope,
        }
    }
}

/// A bill that is to be recorded.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) provider: ProviderId,
    pub(crate) number: String,
    pub(crate) issued_on: Day,
    pub(crate) due_on: Day,
    pub(crate) lines: Vec<Part>,
    pub(crate) vat_due: BillVatDue,
    /// What its payment is to name.
    pub(crate) reference: Option<String>,
}

/// What of a bill is of one rate, and for one service if it says so.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) service: Option<ServiceId>,
    pub(crate) category: BillVat,
    pub(crate) rate: Percent,
    pub(crate) net: Money,
    pub(crate) vat: Money,
}

/// Records a bill, and books that it is owed.
///
/// # Errors
/// A [`Problem`] where the provider has billed under the number before, or what it says does not add up; the
/// database's.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    (today, currency): (&Day, Currency),
    facts: Facts,
) -> Result<Done<BillRow>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let provider = providers::find(tx.conn, tx.pole(), &facts.provider)?;
    let provider = provider.ok_or_else(Problem::not_found)?;
    check(tx, &facts, today)?;
    if bills::is_number(tx.conn, tx.pole(), (&facts.provider, &facts.number))? {
        let detail = say!(
            en "The provider has billed under this number before.",
            fr "Une facture de ce fournisseur porte déjà ce numéro."
        );
        return Err(Problem::conflict(Fault::body("/number", "duplicate", detail)));
    }
    let sums = Sums::of(&facts.lines, currency)?;
    if sums.total.minor() <= 0 {
        let detail = say!(en "It comes to nothing.", fr "Son total est nul.");
        return Err(Problem::invalid(vec![Fault::body("/lines", "nothing", detail)]));
    }
    let on = (&facts.issued_on, facts.number.as_str());
    let booked = entry(tx, &provider, on, (&facts.lines, &sums, facts.vat_due))?;
    let booked = journal::add(tx.conn, tx.pole(), &booked, None, tx.at())?;
    let lines: Vec<_> = facts.lines.iter().map(BillLine::from).collect();
    let row = BillRow {
        pole_id: tx.pole().clone(),
        bill_id: BillId::new(tx.at()),
        provider_id: facts.provider,
        number: facts.number,
        issued_on: facts.issued_on,
        due_on: facts.due_on,
        currency: currency.code().to_owned(),
        lines: serde_json::to_string(&lines).map_err(|error| Problem::internal(&error))?,
        net_minor: sums.net.minor(),
        total_minor: sums.total.minor(),
        vat_due: facts.vat_due,
        reference: facts.reference,
        status: BillStatus::Open,
        reason: String::new(),
        journal: booked.journal,
        year: booked.year,
        seq: booked.seq,
        back_journal: None,
        back_year: None,
        back_seq: None,
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    bills::insert(tx.conn, &row)?;
    let changes = Changes::made(&told(&row));
    Ok(tx.done("provider_bill.recorded", row.bill_id.clone().as_str(), &changes, row)?)
}

/// Takes a bill back that was a mistake, or that its provider took back.
///
/// # Errors
/// A [`Problem`] where it is not open; the database's.
pub(crate) fn cancel(
    tx: &mut Tx<'_>,
    row: BillRow,
    (today, reason): (&Day, String),
) -> Result<Done<BillRow>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    match row.status {
        BillStatus::Open => {}
        BillStatus::Paid => {
            let detail = say!(en "It was paid.", fr "Elle est payée.");
            return Err(Problem::conflict(Fault::body("", "paid", detail)));
        }
        BillStatus::Cancelled => {
            let detail = say!(en "It was cancelled already.", fr "Elle est déjà annulée.");
            return Err(Problem::conflict(Fault::body("", "cancelled", detail)));
        }
    }
    if transfers::of_bill(tx.conn, tx.pole(), &row.bill_id)?.is_some() {
        let detail = say!(
            en "A transfer is to pay it: call that off first.",
            fr "Un virement doit la payer : annulez-le d’abord."
        );
        return Err(Problem::conflict(Fault::body("", "being_paid", detail)));
    }
    let provider = providers::find(tx.conn, tx.pole(), &row.provider_id)?;
    let provider = provider.ok_or_else(Problem::not_found)?;
    let mut lines = parts(&row)?;
    for it in &mut lines {
        let zero = Money::zero(it.net.currency());
        it.net = zero.checked_sub(it.net).map_err(|error| figures(&error))?;
        it.vat = zero.checked_sub(it.vat).map_err(|error| figures(&error))?;
    }
    let sums = Sums::of(&lines, row.total().currency())?;
    // Not before the bill, where its day is still to come elsewhere.
    let on = today.clone().max(row.issued_on.clone());
    let back = entry(tx, &provider, (&on, row.number.as_str()), (&lines, &sums, row.vat_due))?;
    let back = journal::add(tx.conn, tx.pole(), &back, None, tx.at())?;
    let (before, version) = (told(&row), row.version);
    let next = BillRow {
        status: BillStatus::Cancelled,
        reason,
        back_journal: Some(back.journal),
        back_year: Some(back.year),
        back_seq: Some(back.seq),
        version: version.saturating_add(1),
        updated_at: tx.at(),
        ..row
    };
    if !bills::update(tx.conn, &next, version)? {
        return Err(Problem::changed());
    }
    let changes = Changes::between(&before, &told(&next));
    Ok(tx.done("provider_bill.cancelled", next.bill_id.clone().as_str(), &changes, next)?)
}

/// A provider as whom money is owed to. Its code is its id: it has no other, and keeps it for good.
pub(crate) fn auxiliary(provider: &ProviderRow) -> Result<Auxiliary, Problem> {
    let made = Auxiliary::new(provider.provider_id.as_str(), &provider.name);
    made.map_err(|error| unbooked(&error))
}

/// What a bill is for, as it was recorded.
pub(crate) fn parts(row: &BillRow) -> Result<Vec<Part>, DbError> {
    let unreadable = |what: &dyn std::fmt::Display| DbError::Unreadable {
        table: "provider_bills",
        id: row.bill_id.to_string(),
        what: what.to_string(),
    };
    let lines: Vec<BillLine> =
        serde_json::from_str(&row.lines).map_err(|error| unreadable(&error))?;
    let currency = row.total().currency();
    let read =
        lines.into_iter().map(|line| line.part(currency).map_err(|error| unreadable(&error)));
    read.collect()
}

/// What a bill comes to.
pub(crate) struct Sums {
    pub(crate) net: Money,
    pub(crate) total: Money,
    vat: Vec<VatTotal>,
}

impl Sums {
    /// # Errors
    /// A [`Problem`] where a sum is beyond all that is owed.
    pub(crate) fn of(lines: &[Part], currency: Currency) -> Result<Self, Problem> {
        let sum = |of: fn(&Part) -> Money| {
            Money::sum(currency, lines.iter().map(of)).map_err(|error| figures(&error))
        };
        let net = sum(|it| it.net)?;
        let total = net.checked_add(sum(|it| it.vat)?).map_err(|error| figures(&error))?;
        let mut by_rate: BTreeMap<(VatCategory, Percent), (Money, Money)> = BTreeMap::new();
        let zero = Money::zero(currency);
        for it in lines {
            let (base, vat) = by_rate.entry((it.category.into(), it.rate)).or_insert((zero, zero));
            *base = base.checked_add(it.net).map_err(|error| figures(&error))?;
            *vat = vat.checked_add(it.vat).map_err(|error| figures(&error))?;
        }
        let total_of = |((category, rate_percent), (base, vat))| VatTotal {
            category,
            rate_percent,
            base,
            vat,
        };
        Ok(Self { net, total, vat: by_rate.into_iter().map(total_of).collect() })
    }
}

fn entry(
    tx: &mut Tx<'_>,
    provider: &ProviderRow,
    (on, number): (&Day, &str),
    (lines, sums, vat_due): (&[Part], &Sums, BillVatDue),
) -> Result<Entry, Problem> {
    let chart = Settings::of(tx.conn, tx.pole())?.chart;
    let label = format!("{number} {}", provider.name);
    let heading = Heading::new(on.date(), number, &label).map_err(|error| unbooked(&error))?;
    let own = lines.iter().find(|it| it.category == BillVat::ReverseCharge);
    let of_line = |it: &Part| (it.service.as_ref().map(ToString::to_string), it.net);
    let facts = Purchase {
        heading,
        provider: auxiliary(provider)?,
        lines: lines.iter().map(of_line).collect(),
        vat: sums.vat.clone(),
        vat_due: vat_due.into(),
        reverse_charge: own.map(|it| it.rate),
    };
    let made = purchase(&chart, &facts).map_err(|error| unbooked(&error))?;
    made.ok_or_else(|| Problem::internal(&"a bill that comes to something books nothing"))
}

/// What the document alone cannot show.
fn check(tx: &mut Tx<'_>, facts: &Facts, today: &Day) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if facts.issued_on > *today {
        let detail = say!(en "The day has not come yet.", fr "Ce jour n’est pas encore venu.");
        faults.push(Fault::body("/issued_on", "in_future", detail));
    }
    if facts.due_on < facts.issued_on {
        let detail = say!(
            en "It is due before it was issued.", fr "L’échéance précède l’émission."
        );
        faults.push(Fault::body("/due_on", "before_issue", detail));
    }
    faults.extend(vat_faults(&facts.lines)?);
    for (place, line) in facts.lines.iter().enumerate() {
        let Some(id) = &line.service else { continue };
        let found = services::find(tx.conn, tx.pole(), id, None)?;
        if found.is_none_or(|it| it.provider_id != facts.provider) {
            let detail = say!(
                en "The provider has no such service.",
                fr "Le fournisseur n’a pas ce service."
            );
            faults.push(Fault::body(format!("/lines/{place}/service"), "unknown_service", detail));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// Whether VAT is what its rates give, by rate.
fn vat_faults(lines: &[Part]) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    let mut fault = |place: usize, code, detail: Text| {
        faults.push(Fault::body(format!("/lines/{place}/vat"), code, detail));
    };
    let mut seen = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        if line.category != BillVat::Standard {
            if !line.vat.is_zero() {
                let detail = say!(
                    en "The provider charges none of this kind.",
                    fr "Le fournisseur n’en facture pas dans ce cas."
                );
                fault(place, "not_charged", detail);
            }
            continue;
        }
        if seen.contains(&line.rate) {
            continue;
        }
        seen.push(line.rate);
        let same = lines.iter().filter(|it| it.category == line.category && it.rate == line.rate);
        let currency = line.net.currency();
        let sums = Money::sum(currency, same.clone().map(|it| it.net))
            .and_then(|net| net.percent(line.rate))
            .and_then(|due| Ok((due, Money::sum(currency, same.map(|it| it.vat))?)));
        let (due, charged) = sums.map_err(|error| figures(&error))?;
        if due.minor().abs_diff(charged.minor()) > TOLERANCE {
            let rate = line.rate;
            let detail = say!(
                en "At {rate} % it comes to {due}, and {charged} are charged.",
                fr "À {rate} %, elle est de {due} ; {charged} sont facturés."
            );
            fault(place, "vat", detail);
        }
    }
    let own: Vec<_> = lines.iter().filter(|it| it.category == BillVat::ReverseCharge).collect();
    if own.windows(2).any(|pair| matches!(pair, [one, other] if one.rate != other.rate)) {
        let detail = say!(
            en "What the pole owes VAT of itself is of one rate.",
            fr "L’autoliquidation se fait à un seul taux par facture."
        );
        faults.push(Fault::body("/lines", "several_rates", detail));
    }
    Ok(faults)
}

/// What the audit log says of one.
fn told(row: &BillRow) -> serde_json::Value {
    json!({
        "provider": row.provider_id, "number": row.number, "issued_on": row.issued_on,
        "due_on": row.due_on, "total": row.total().to_string(), "currency": row.currency,
        "status": row.status, "reason": row.reason,
    })
}

fn figures(error: &Error) -> Problem {
    let detail = say!(en "{error}.", fr "Un montant est trop grand.");
    Problem::invalid(vec![Fault::body("/lines", "out_of_range", detail)])
}

pub(crate) fn unbooked(error: &LedgerError) -> Problem {
    let detail = say!(
        en "It cannot be booked: {error}.",
        fr "Elle ne peut être comptabilisée : {error}."
    );
    Problem::conflict(Fault::body("", "not_booked", detail))
}
