//! Where providers are told of what happens, and what they were told.

use diesel::prelude::*;

use super::schema::{webhook_deliveries, webhook_endpoints};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::{DeliveryId, JobId, PoleId, ProviderId, SuspensionId};

words! {
    /// What a provider is told by a webhook.
    pub(crate) enum WebhookKind {
        /// A member may not use services for now, since it has not paid.
        MemberSuspended = "member.suspended",
        /// It may use them again.
        MemberReinstated = "member.reinstated",
    }
}

words! {
    /// Where a delivery stands.
    pub(crate) enum DeliveryState {
        /// It is on its way, or is tried again.
        Queued = "queued",
        /// The provider answered with a 2xx.
        Delivered = "delivered",
        /// It was tried for days, or there is nowhere to deliver it to any more.
        GivenUp = "given_up",
    }
}

words! {
    /// Why an attempt to deliver failed.
    pub(crate) enum DeliveryError {
        /// The answer has another status than a 2xx.
        Status = "status",
        /// The answer leads elsewhere, which is not followed.
        Redirect = "redirect",
        /// There was no answer in time.
        Timeout = "timeout",
        /// Nobody could be reached there, or with no certificate that is good.
        NoConnection = "no_connection",
        /// The address is none that may be called from here.
        Address = "address",
        /// The provider has no endpoint any more.
        NoEndpoint = "no_endpoint",
    }
}

/// A row of `webhook_endpoints`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_endpoints)]
pub(crate) struct EndpointRow {
    pub(crate) pole_id: PoleId,
    pub(crate) provider_id: ProviderId,
    pub(crate) url: String,
    /// What webhooks are signed with, encrypted.
    pub(crate) secrets: Vec<u8>,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// A row of `webhook_deliveries`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_deliveries)]
pub(crate) struct DeliveryRow {
    pub(crate) pole_id: PoleId,
    /// What the provider knows it by, however often it comes.
    pub(crate) delivery_id: DeliveryId,
    pub(crate) provider_id: ProviderId,
    pub(crate) kind: WebhookKind,
    pub(crate) suspension_id: SuspensionId,
    /// As it is sent, to the byte.
    pub(crate) body: String,
    pub(crate) state: DeliveryState,
    /// The job that delivers it.
    pub(crate) job_id: JobId,
    pub(crate) attempts: i32,
    /// The status of the last answer.
    pub(crate) status: Option<i32>,
    /// What was wrong with the last attempt, if anything was.
    pub(crate) error: Option<DeliveryError>,
    pub(crate) attempted_at: Option<Time>,
    /// Since when it has been tried.
    pub(crate) queued_at: Time,
    pub(crate) created_at: Time,
}

/// The endpoint of a provider, if it has one.
pub(crate) fn endpoint(
    conn: &mut Db,
    pole: &PoleId,
    provider: &ProviderId,
) -> Result<Option<EndpointRow>, DbError> {
    let row = webhook_endpoints::table.find((pole, provider)).select(EndpointRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Adds the endpoint of a provider that has none.
pub(crate) fn insert_endpoint(conn: &mut Db, row: &EndpointRow) -> Result<(), DbError> {
    diesel::insert_into(webhook_endpoints::table).values(row).execute(conn)?;
    Ok(())
}

/// Replaces an endpoint, if it is still at this version; says whether it was.
pub(crate) fn update_endpoint(
    conn: &mut Db,
    row: &EndpointRow,
    version: i64,
) -> Result<bool, DbError> {
    let at = webhook_endpoints::table.find((&row.pole_id, &row.provider_id));
    let changed = diesel::update(at.filter(webhook_endpoints::version.eq(version))).set((
        webhook_endpoints::url.eq(&row.url),
        webhook_endpoints::secrets.eq(&row.secrets),
        webhook_endpoints::version.eq(row.version),
        webhook_endpoints::updated_at.eq(row.updated_at),
    ));
    Ok(changed.execute(conn)? > 0)
}

/// Forgets an endpoint; says whether there was one.
pub(crate) fn remove_endpoint(
    conn: &mut Db,
    pole: &PoleId,
    provider: &ProviderId,
) -> Result<bool, DbError> {
    let at = webhook_endpoints::table.find((pole, provider));
    Ok(diesel::delete(at).execute(conn)? > 0)
}

/// Adds a delivery.
pub(crate) fn insert(conn: &mut Db, row: &DeliveryRow) -> Result<(), DbError> {
    diesel::insert_into(webhook_deliveries::table).values(row).execute(conn)?;
    Ok(())
}

/// One delivery.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    delivery: &DeliveryId,
) -> Result<Option<DeliveryRow>, DbError> {
    let row = webhook_deliveries::table.find((pole, delivery)).select(DeliveryRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// What a provider was told of a suspension.
pub(crate) fn of_suspension(
    conn: &mut Db,
    pole: &PoleId,
    suspension: &SuspensionId,
) -> Result<Vec<DeliveryRow>, DbError> {
    let rows = webhook_deliveries::table
        .filter(webhook_deliveries::pole_id.eq(pole))
        .filter(webhook_deliveries::suspension_id.eq(suspension))
        .order(webhook_deliveries::delivery_id)
        .select(DeliveryRow::as_select());
    Ok(rows.load(conn)?)
}

/// What a provider was told, from the latest on, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    (provider, state): (&ProviderId, Option<DeliveryState>),
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<DeliveryRow>, DbError> {
    let mut query = webhook_deliveries::table
        .filter(webhook_deliveries::pole_id.eq(pole))
        .filter(webhook_deliveries::provider_id.eq(provider))
        .select(DeliveryRow::as_select())
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(webhook_deliveries::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(webhook_deliveries::delivery_id.lt(after.to_owned()));
    }
    Ok(query.order(webhook_deliveries::delivery_id.desc()).limit(rows).load(conn)?)
}

/// Notes where a delivery stands, and what became of its last attempt.
pub(crate) fn note(conn: &mut Db, row: &DeliveryRow) -> Result<(), DbError> {
    let at = webhook_deliveries::table.find((&row.pole_id, &row.delivery_id));
    diesel::update(at)
        .set((
            webhook_deliveries::state.eq(row.state),
            webhook_deliveries::job_id.eq(&row.job_id),
            webhook_deliveries::attempts.eq(row.attempts),
            webhook_deliveries::status.eq(row.status),
            webhook_deliveries::error.eq(row.error),
            webhook_deliveries::attempted_at.eq(row.attempted_at),
            webhook_deliveries::queued_at.eq(row.queued_at),
        ))
        .execute(conn)?;
    Ok(())
}
