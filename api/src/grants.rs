//! Credits that members are granted: granted, taken back, and how they stand.
//!
//! A credit is a promise to bill less, without VAT; `invoicing::draw` keeps it. It is not the credit of
//! payments, which is money that a member paid and that settles documents, VAT included.

use palier_billing::{Currency, Error, Money};

use crate::day::Day;
use crate::db::grants::{self, GrantRow, Standing};
use crate::db::invoice_runs::{self, RunStatus};
use crate::db::poles::{self, PoleRow};
use crate::db::{Db, DbError, invoices, services};
use crate::id::{GrantId, MemberId, PoleId, ServiceId};
use crate::invoicing::adjust::redraw;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::{Changes, Done, Tx};

pub(crate) mod verify;

/// A credit that is to be granted.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) member: MemberId,
    /// All services, if none.
    pub(crate) service: Option<ServiceId>,
    /// Without VAT.
    pub(crate) amount: Money,
    /// Why, as documents say it.
    pub(crate) reason: String,
    pub(crate) valid_from: Day,
    /// The first day on which it is valid no longer.
    pub(crate) valid_until: Option<Day>,
}

/// A credit, and how it stands.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) row: GrantRow,
    pub(crate) standing: Standing,
    /// Whether no month to come can draw it, since its days are over.
    pub(crate) is_over: bool,
}

/// What of credits is where, in minor units: granted, less drawn, plus given back, less what drafts
/// draw, less expired and revoked, is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) granted: i64,
    /// By final documents.
    pub(crate) drawn: i64,
    pub(crate) given_back: i64,
    /// By documents that are not final.
    pub(crate) drafted: i64,
    /// Not drawn in time.
    pub(crate) expired: i64,
    pub(crate) revoked: i64,
    pub(crate) left: i64,
}

impl Granted {
    /// What of it is where. Whoever sees no drafts sees nothing of what they draw.
    pub(crate) fn sums(&self, with_drafts: bool) -> Sums {
        let Standing { drawn, given_back, drafted } = self.standing;
        let drafted = if with_drafts { drafted } else { 0 };
        let granted = self.row.amount_minor;
        let rest = granted.saturating_sub(drawn).saturating_add(given_back).saturating_sub(drafted);
        let sums = Sums { granted, drawn, given_back, drafted, ..Sums::default() };
        match (self.row.revoked_at.is_some(), self.is_over) {
            (true, _) => Sums { revoked: rest, ..sums },
            (false, true) => Sums { expired: rest, ..sums },
            (false, false) => Sums { left: rest, ..sums },
        }
    }
}

impl Sums {
    /// Both together.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub(crate) fn plus(self, other: Self, currency: Currency) -> Result<Self, Error> {
        let add = |one: i64, other: i64| {
            let [one, other] = [one, other].map(|minor| Money::from_minor(minor, currency));
            one.checked_add(other).map(Money::minor)
        };
        Ok(Self {
            granted: add(self.granted, other.granted)?,
            drawn: add(self.drawn, other.drawn)?,
            given_back: add(self.given_back, other.given_back)?,
            drafted: add(self.drafted, other.drafted)?,
            expired: add(self.expired, other.expired)?,
            revoked: add(self.revoked, other.revoked)?,
            left: add(self.left, other.left)?,
        })
    }
}

/// Credits with how they stand. `today` says which month comes next in a pole that has invoiced none.
pub(crate) fn with_standings(
    conn: &mut Db,
    pole: &PoleId,
    today: &Day,
    rows: Vec<GrantRow>,
) -> Result<Vec<Granted>, DbError> {
    let ids: Vec<_> = rows.iter().map(|row| row.grant_id.clone()).collect();
    let mut standings = grants::standings(conn, pole, &ids)?;
    let next = next_month(conn, pole, today)?;
    let granted = rows.into_iter().map(|row| Granted {
        standing: standings.remove(&row.grant_id).unwrap_or_default(),
        is_over: row.valid_until.as_ref().is_some_and(|until| *until <= next),
        row,
    });
    Ok(granted.collect())
}

/// The first day of the month whose drafts are made next.
fn next_month(conn: &mut Db, pole: &PoleId, today: &Day) -> Result<Day, DbError> {
    let Some(run) = invoice_runs::all(conn, pole)?.into_iter().next() else {
        return Ok(today.start_of_month());
    };
    let first: Day = format!("{}-01", run.period).parse().unwrap_or_else(|_| today.clone());
    Ok(match run.status {
        RunStatus::Frozen => first,
        RunStatus::Drafted => first.end_of_month().next(),
    })
}

/// Grants a credit.
///
/// # Errors
/// A [`Problem`] that says what is wrong with it, field by field.
pub(crate) fn grant(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    facts: Facts,
) -> Result<Done<Granted>, Problem> {
    // Whoever draws credits reads them once, and holds the pole.
    poles::hold(tx.conn, tx.pole())?;
    check(tx, &facts)?;
    let Facts { member, service, amount, reason, valid_from, valid_until } = facts;
    let row = GrantRow {
        pole_id: tx.pole().clone(),
        grant_id: GrantId::new(tx.at()),
        member_id: member,
        service_id: service,
        currency: amount.currency().code().to_owned(),
        amount_minor: amount.minor(),
        reason,
        valid_from,
        valid_until,
        granted_at: tx.at(),
        revoked_at: None,
        revoked_for: None,
        version: 1,
    };
    grants::insert(tx.conn, &row)?;
    let changes = Changes::made(&serde_json::json!({
        "member": row.member_id, "service": row.service_id, "amount": amount,
        "reason": row.reason, "valid_from": row.valid_from, "valid_until": row.valid_until,
    }));
    let id = row.grant_id.clone();
    let granted = one(tx, pole, row)?;
    Ok(tx.done("credit_grant.created", id.as_str(), &changes, granted)?)
}

fn check(tx: &mut Tx<'_>, facts: &Facts) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if facts.amount.minor() <= 0 {
        let detail = say!(en "Expected more than nothing.", fr "Attendu : plus que rien.");
        faults.push(Fault::body("/amount", "minimum", detail));
    }
    if facts.valid_until.as_ref().is_some_and(|until| *until <= facts.valid_from) {
        let detail = say!(
            en "Expected a day after the one from which it is valid.",
            fr "Attendu : un jour après celui de début de validité."
        );
        faults.push(Fault::body("/valid_until", "order", detail));
    }
    if let Some(service) = &facts.service
        && services::find(tx.conn, tx.pole(), service, None)?.is_none()
    {
        let detail = say!(en "There is no such service.", fr "Ce service n’existe pas.");
        faults.push(Fault::body("/service", "not_found", detail));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// Takes back a credit of which nothing is used. Drafts that draw it draw what else there is; a month
/// whose drafts are being made is priced again.
///
/// # Errors
/// A [`Problem`]: there is no such credit, it was taken back before, or final documents draw it.
pub(crate) fn revoke(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    (member, id): (&MemberId, &GrantId),
    reason: &str,
) -> Result<Done<Granted>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let row = grants::find(tx.conn, tx.pole(), member, id)?.ok_or_else(Problem::not_found)?;
    if row.revoked_at.is_some() {
        let text = say!(en "It was taken back already.", fr "Il a déjà été retiré.");
        return Err(Problem::conflict(Fault::body("", "revoked", text)));
    }
    let Granted { row, standing, .. } = one(tx, pole, row)?;
    if standing.drawn != standing.given_back {
        let used = standing.drawn.saturating_sub(standing.given_back);
        let used = Money::from_minor(used, row.currency());
        let text = say!(
            en "Invoices have drawn {used} of it: what was promised and used stays.",
            fr "Des factures en ont utilisé {used} : ce qui a été accordé et utilisé reste acquis."
        );
        return Err(Problem::conflict(Fault::body("", "drawn", text)));
    }
    let drafts = grants::drafts_of(tx.conn, tx.pole(), id)?;
    for draft in &drafts {
        grants::forget(tx.conn, tx.pole(), draft)?;
    }
    let row = GrantRow {
        revoked_at: Some(tx.at()),
        revoked_for: Some(reason.to_owned()),
        version: row.version.saturating_add(1),
        ..row
    };
    grants::revoke(tx.conn, &row)?;
    for draft in &drafts {
        let draft = invoices::find(tx.conn, tx.pole(), draft)?.ok_or(DbError::Interrupted)?;
        redraw(tx, draft)?;
    }
    let changes = Changes::made(&serde_json::json!({ "reason": reason, "drafts": drafts }));
    let granted = one(tx, pole, row)?;
    Ok(tx.done("credit_grant.revoked", id.as_str(), &changes, granted)?)
}

/// A credit with how it stands.
fn one(tx: &mut Tx<'_>, pole: &PoleRow, row: GrantRow) -> Result<Granted, DbError> {
    let today = Day::today(pole, tx.at());
    let mut granted = with_standings(tx.conn, tx.pole(), &today, vec![row])?;
    granted.pop().ok_or(DbError::Interrupted)
}
