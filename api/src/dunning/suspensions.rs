//! Suspensions: the services of a member that has not paid after formal notice.
//!
//! A suspension is for documents that a formal notice went out about, and ends as soon as none of them holds
//! it any more: paid, left alone, or covered by the member's credit. It is looked for round after round
//! ([`daily`]) rather than where money comes in, so that no way in which a document is settled can forget it:
//! payments, statements, collections, credit notes, losses. A round looks again at a pole only where its
//! audit log has grown, since nothing is settled without an entry in it.
//!
//! Row, mail and what providers are told are one transaction, under the lock that payments take. What
//! members use meanwhile is taken and billed all the same: it happened.

use serde_json::json;

use super::late::Late;
use crate::app::App;
use crate::day::Day;
use crate::db::members::MemberRow;
use crate::db::poles::PoleRow;
use crate::db::suspensions::{self, CauseRow, LiftedWhy, SuspendedServiceRow, SuspensionRow};
use crate::db::{DbError, Violation, members, poles};
use crate::id::{MemberId, SuspensionId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::webhooks;
use crate::work::{Changes, Done, Tx};

pub(crate) mod daily;
mod due;
mod mail;
mod verify;

pub(super) use verify::verify;

/// Suspends the services of a member now, for what a formal notice went out about and is not paid: without
/// waiting for the day that it announced, and whatever somebody said of it before.
///
/// # Errors
/// A [`Problem`] if they are suspended already, nothing is open after formal notice, or there are no services;
/// the database's.
pub(crate) fn suspend(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    (member, reason): (&MemberId, &str),
) -> Result<Done<SuspensionRow>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let found = members::find(tx.conn, tx.pole(), member)?;
    let member = found.ok_or_else(|| {
        let detail = say!(en "There is no such member.", fr "Ce membre n’existe pas.");
        Problem::invalid(vec![Fault::body("/member", "not_found", detail)])
    })?;
    let today = Day::today(pole, tx.at());
    let documents = due::by_hand(tx.conn, tx.pole(), &member.member_id, &today)?;
    if documents.is_empty() {
        let detail = say!(
            en "Nothing is open after formal notice that is neither paused nor being collected, nor covered \
                by the member’s credit.",
            fr "Rien ne reste dû après mise en demeure, hors relances suspendues, encaissements en cours et \
                crédit du membre."
        );
        return Err(Problem::conflict(Fault::body("/member", "no_formal_notice", detail)));
    }
    begin(app, tx, pole, &member, (documents, &today, reason))
}

/// Begins a suspension for some documents.
fn begin(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    member: &MemberRow,
    (documents, today, reason): (Vec<Late>, &Day, &str),
) -> Result<Done<SuspensionRow>, Problem> {
    let services = suspensions::subscribed(tx.conn, tx.pole(), &member.member_id, today)?;
    if services.is_empty() {
        let detail = say!(
            en "The member is subscribed to no service.",
            fr "Le membre n’est abonné à aucun service."
        );
        return Err(Problem::conflict(Fault::body("/member", "no_services", detail)));
    }
    let before = suspensions::count_of(tx.conn, tx.pole(), &member.member_id)?;
    let row = SuspensionRow {
        pole_id: tx.pole().clone(),
        suspension_id: SuspensionId::new(tx.at()),
        member_id: member.member_id.clone(),
        seq: before.saturating_add(1),
        actor: tx.author.actor.clone(),
        reason: reason.to_owned(),
        began_on: today.clone(),
        began_at: tx.at(),
        lifted: None,
        lifted_by: None,
        lift_reason: None,
        lifted_on: None,
        lifted_at: None,
    };
    let cause = |it: &Late| {
        let (letter_id, _) = it.notice.clone()?;
        Some(CauseRow {
            pole_id: row.pole_id.clone(),
            suspension_id: row.suspension_id.clone(),
            invoice_id: it.row.invoice_id.clone(),
            letter_id,
            open_minor: it.open.minor(),
        })
    };
    let causes: Vec<_> = documents.iter().filter_map(cause).collect();
    let suspended = services.into_iter().map(|service_id| SuspendedServiceRow {
        pole_id: row.pole_id.clone(),
        suspension_id: row.suspension_id.clone(),
        service_id,
    });
    let suspended: Vec<_> = suspended.collect();
    // One that goes on stands in the way of another.
    if suspensions::open_of(tx.conn, tx.pole(), &member.member_id)?.is_some() {
        return Err(suspended_already());
    }
    suspensions::insert(tx.conn, &row, &causes, &suspended).map_err(taken)?;
    mail::began(app, tx, pole, member, &documents)?;
    webhooks::tell(app, tx, pole, member, &row)?;
    let numbers: Vec<_> = documents.iter().map(Late::number).collect();
    let told = json!({ "member": row.member_id, "documents": numbers, "reason": row.reason });
    let id = row.suspension_id.clone();
    Ok(tx.done("suspension.began", id.as_str(), &Changes::made(&told), row)?)
}

/// Ends a suspension, and says why.
///
/// # Errors
/// A [`Problem`] if it has ended; the database's.
pub(crate) fn lift(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    row: SuspensionRow,
    (why, reason): (LiftedWhy, &str),
) -> Result<Done<SuspensionRow>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let next = SuspensionRow {
        lifted: Some(why),
        lifted_by: Some(tx.author.actor.clone()),
        lift_reason: Some(reason.to_owned()),
        lifted_on: Some(Day::today(pole, tx.at())),
        lifted_at: Some(tx.at().max(row.began_at)),
        ..row
    };
    if !suspensions::lift(tx.conn, &next)? {
        let detail = say!(en "It has ended already.", fr "Elle est déjà levée.");
        return Err(Problem::state(detail));
    }
    let member = members::find(tx.conn, tx.pole(), &next.member_id)?;
    let member = member.ok_or_else(Problem::not_found)?;
    mail::lifted(app, tx, pole, &member)?;
    webhooks::tell(app, tx, pole, &member, &next)?;
    let told = json!({ "member": next.member_id, "lifted": why, "reason": reason });
    let id = next.suspension_id.clone();
    Ok(tx.done("suspension.lifted", id.as_str(), &Changes::made(&told), next)?)
}

fn taken(error: DbError) -> Problem {
    if error.violation() == Some(Violation::Unique) { suspended_already() } else { error.into() }
}

fn suspended_already() -> Problem {
    let detail = say!(
        en "The member’s services are suspended already.",
        fr "Les services du membre sont déjà suspendus."
    );
    Problem::conflict(Fault::body("/member", "suspended_already", detail))
}
