//! When a subscription may begin, change and end.

use super::{
    Day, MemberStatus, ServiceStatus, SubscriptionRow, members, services, subscriptions, tariffs,
};
use crate::db::suspensions;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Tx;

/// Whether a new subscription may begin as it says.
pub(super) fn may_begin(
    tx: &mut Tx<'_>,
    row: &SubscriptionRow,
    today: &Day,
    staff: bool,
) -> Result<(), Problem> {
    let member = members::find(tx.conn, &row.pole_id, &row.member_id)?;
    let member = member.ok_or_else(Problem::not_found)?;
    if member.status != MemberStatus::Active {
        return Err(Problem::state(say!(
            en "The member is suspended or has left.",
            fr "Le membre est suspendu ou a quitté le pôle."
        )));
    }
    // It could not be used, and would be billed.
    if suspensions::open_of(tx.conn, &row.pole_id, &row.member_id)?.is_some() {
        return Err(Problem::state(say!(
            en "The member’s services are suspended for what it has not paid.",
            fr "Les services du membre sont suspendus pour impayé."
        )));
    }
    let service = services::find(tx.conn, &row.pole_id, &row.service_id, None)?;
    if service.is_none_or(|service| service.status != ServiceStatus::Published) {
        let detail = say!(
            en "There is no published service of this id.",
            fr "Aucun service publié ne porte cet identifiant."
        );
        return Err(Problem::invalid(vec![Fault::body("/service", "unknown_service", detail)]));
    }
    let earliest = if staff { today.start_of_month() } else { today.clone() };
    if row.first_day < earliest {
        let detail = say!(
            en "It may begin on {earliest} or later.",
            fr "Il peut commencer le {earliest} ou plus tard."
        );
        return Err(Problem::invalid(vec![Fault::body("/first_day", "too_early", detail)]));
    }
    tariff_is_of_service(tx, row)?;
    does_not_overlap(tx, row)
}

/// Whether the tariff version it should stay with is one of its service.
pub(super) fn tariff_is_of_service(tx: &mut Tx<'_>, row: &SubscriptionRow) -> Result<(), Problem> {
    let Some(tariff) = &row.tariff_id else { return Ok(()) };
    if tariffs::find(tx.conn, &row.pole_id, &row.service_id, tariff)?.is_some() {
        return Ok(());
    }
    let detail = say!(
        en "The service has no tariff of this id.",
        fr "Le service n’a pas de tarif de cet identifiant."
    );
    Err(Problem::invalid(vec![Fault::body("/tariff", "unknown_tariff", detail)]))
}

/// Whether the member has no other subscription to the service in these days.
pub(super) fn does_not_overlap(tx: &mut Tx<'_>, row: &SubscriptionRow) -> Result<(), Problem> {
    if subscriptions::overlaps(tx.conn, row)? { Err(subscribed_already()) } else { Ok(()) }
}

/// The member has a subscription to the service in these days.
pub(super) fn subscribed_already() -> Problem {
    Problem::state(say!(
        en "The member subscribes to this service in these days already.",
        fr "Le membre est déjà abonné à ce service sur ces jours."
    ))
}

/// Whether it may end on a day: with a month that is not over.
pub(super) fn may_end(row: &SubscriptionRow, last_day: &Day, today: &Day) -> Result<(), Problem> {
    has_not_ended(row, today)?;
    let earliest = today.clone().max(row.first_day.clone());
    if *last_day == last_day.end_of_month() && *last_day >= earliest {
        return Ok(());
    }
    let detail = say!(
        en "It ends with a month: on {earliest} or later, the last of a month.",
        fr "Il se termine avec un mois : le {earliest} ou plus tard, le dernier jour d’un mois."
    );
    Err(Problem::invalid(vec![Fault::body("/last_day", "not_a_month_end", detail)]))
}

/// Whether it still goes on today.
pub(super) fn has_not_ended(row: &SubscriptionRow, today: &Day) -> Result<(), Problem> {
    if row.last_day.as_ref().is_none_or(|last| last >= today) {
        return Ok(());
    }
    Err(Problem::state(say!(en "It has ended already.", fr "Il est déjà terminé.")))
}
