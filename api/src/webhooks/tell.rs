//! Telling providers: what is told, and to whom.

use std::collections::BTreeMap;

use super::event::{NamedMember, NamedService, SuspensionNews, WebhookEvent};
use crate::app::App;
use crate::db::members::MemberRow;
use crate::db::poles::PoleRow;
use crate::db::suspensions::{self, SuspensionRow};
use crate::db::webhooks::{self, DeliveryRow, DeliveryState, WebhookKind};
use crate::id::{DeliveryId, JobId, ProviderId};
use crate::jobs::{self, Job};
use crate::problem::Problem;
use crate::work::{Changes, Done, Tx};

/// Tells the providers of the services that a suspension suspends where it stands now, those that have an
/// endpoint: the others ask for entitlements.
///
/// # Errors
/// The database's.
pub(crate) fn tell(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    member: &MemberRow,
    suspension: &SuspensionRow,
) -> Result<(), Problem> {
    let of = std::slice::from_ref(&suspension.suspension_id);
    let mut providers: BTreeMap<ProviderId, Vec<NamedService>> = BTreeMap::new();
    for (_, service) in suspensions::services(tx.conn, tx.pole(), of)? {
        let named = NamedService { id: service.service_id, code: service.code };
        providers.entry(service.provider_id).or_default().push(named);
    }
    for (provider, services) in providers {
        if webhooks::endpoint(tx.conn, tx.pole(), &provider)?.is_none() {
            continue;
        }
        let event = event(pole, member, suspension, (provider.clone(), services));
        let delivery_id = DeliveryId::new(tx.at());
        let row = DeliveryRow {
            pole_id: tx.pole().clone(),
            provider_id: provider,
            kind: event.r#type,
            suspension_id: suspension.suspension_id.clone(),
            body: serde_json::to_string(&event).map_err(|error| Problem::internal(&error))?,
            state: DeliveryState::Queued,
            job_id: JobId::new(tx.at()),
            attempts: 0,
            status: None,
            error: None,
            attempted_at: None,
            queued_at: tx.at(),
            created_at: tx.at(),
            delivery_id,
        };
        webhooks::insert(tx.conn, &row)?;
        enqueue(app, tx, &row)?;
    }
    Ok(())
}

fn event(
    pole: &PoleRow,
    member: &MemberRow,
    suspension: &SuspensionRow,
    (provider, services): (ProviderId, Vec<NamedService>),
) -> WebhookEvent {
    let since = suspension.began_at;
    let (kind, timestamp, ended) = match suspension.lifted_at {
        None => (WebhookKind::MemberSuspended, since, 0),
        Some(at) => (WebhookKind::MemberReinstated, at, 1),
    };
    let member = NamedMember {
        id: member.member_id.clone(),
        code: member.code.clone(),
        name: member.name.clone(),
    };
    // 1 and 2 for the first suspension of a member and its end, 3 and 4 for the second.
    let sequence = suspension.seq.saturating_mul(2).saturating_sub(1).saturating_add(ended);
    WebhookEvent {
        r#type: kind,
        timestamp,
        data: SuspensionNews {
            pole: pole.code.clone(),
            provider,
            member,
            services,
            suspension: suspension.suspension_id.clone(),
            sequence,
            since,
            until: suspension.lifted_at,
        },
    }
}

fn enqueue(app: &App, tx: &mut Tx<'_>, row: &DeliveryRow) -> Result<(), Problem> {
    let (pole, delivery) = (row.pole_id.clone(), row.delivery_id.clone());
    jobs::insert(app, tx, row.job_id.clone(), &Job::Webhook { pole, delivery })
}

/// Delivers something now, whether it was delivered, given up, or would be tried again later. It has the same
/// id and says the same.
///
/// # Errors
/// If the provider has no endpoint any more; the database's.
pub(crate) fn again(
    app: &App,
    tx: &mut Tx<'_>,
    row: DeliveryRow,
) -> Result<Done<DeliveryRow>, Problem> {
    let waits = row.state == DeliveryState::Queued;
    let mut next = DeliveryRow { state: DeliveryState::Queued, queued_at: tx.at(), ..row };
    // A job that has ended well is about to go, if it has not gone.
    if !(waits && jobs::again(app, tx, &next.job_id, None)?) {
        next.job_id = JobId::new(tx.at());
        enqueue(app, tx, &next)?;
    }
    webhooks::note(tx.conn, &next)?;
    let id = next.delivery_id.clone();
    Ok(tx.done("webhook.sent_again", id.as_str(), &Changes::none(), next)?)
}
