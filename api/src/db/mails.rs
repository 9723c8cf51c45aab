//! Mails to members: what became of each.

use diesel::prelude::*;

use super::jobs::JobRow;
use super::schema::{jobs, mails};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::{JobId, MemberId, PoleId};

words! {
    /// Where a mail stands.
    pub(crate) enum MailState {
        /// It is on its way, or is tried again.
        Queued = "queued",
        /// A mail server took it.
        Sent = "sent",
        /// It was refused for good.
        Refused = "refused",
        /// It was tried for days, and nobody took it.
        GivenUp = "given_up",
        /// It was taken and came back.
        Bounced = "bounced",
        /// There was no mail server to give it to.
        NotSent = "not_sent",
    }
}

words! {
    /// What a mail tells.
    pub(crate) enum MailKind {
        /// A document that is final.
        Invoice = "invoice",
        /// That a document is collected, on which day and by what.
        CollectionNotice = "collection_notice",
        /// That money did not come in, or went back.
        CollectionFailed = "collection_failed",
        /// That something is late.
        Dunning = "dunning",
        /// That services are suspended since something is not paid, or are so no longer.
        Suspension = "suspension",
        /// That a tariff changes.
        PriceChange = "price_change",
        /// That usage reached what somebody wanted to be told of.
        UsageAlert = "usage_alert",
        /// That the pool reached another tier.
        TierReached = "tier_reached",
    }
}

/// A row of `mails`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = mails)]
pub(crate) struct MailRow {
    pub(crate) pole_id: PoleId,
    /// Of its job as well, and what its Message-ID begins with.
    pub(crate) mail_id: JobId,
    pub(crate) member_id: MemberId,
    pub(crate) kind: MailKind,
    /// The number of a document, the code of a service.
    pub(crate) about: String,
    pub(crate) recipient: String,
    pub(crate) subject: String,
    pub(crate) state: MailState,
    /// How often it was begun.
    pub(crate) attempts: i32,
    /// Why it did not leave; empty if it did.
    pub(crate) last_error: String,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// Which mails are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) member: Option<MemberId>,
    pub(crate) state: Option<MailState>,
    pub(crate) kind: Option<MailKind>,
    pub(crate) about: Option<String>,
}

/// Adds a mail.
pub(crate) fn insert(conn: &mut Db, row: &MailRow) -> Result<(), DbError> {
    diesel::insert_into(mails::table).values(row).execute(conn)?;
    Ok(())
}

/// One mail.
pub(crate) fn find(conn: &mut Db, pole: &PoleId, mail: &JobId) -> Result<Option<MailRow>, DbError> {
    let row = mails::table.find((pole, mail)).select(MailRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Mails from the latest on, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<MailRow>, DbError> {
    let mut query =
        mails::table.filter(mails::pole_id.eq(pole)).select(MailRow::as_select()).into_boxed();
    if let Some(member) = &filter.member {
        query = query.filter(mails::member_id.eq(member));
    }
    if let Some(state) = filter.state {
        query = query.filter(mails::state.eq(state));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(mails::kind.eq(kind));
    }
    if let Some(about) = &filter.about {
        query = query.filter(mails::about.eq(about));
    }
    if let Some(after) = after {
        query = query.filter(mails::mail_id.lt(after.to_owned()));
    }
    Ok(query.order(mails::mail_id.desc()).limit(rows).load(conn)?)
}

/// Notes what became of the mail that a job is; false if it is none that is kept.
pub(crate) fn note(
    conn: &mut Db,
    job: &JobRow,
    (state, error): (MailState, &str),
    at: Time,
) -> Result<bool, DbError> {
    let changed = diesel::update(mails::table.find((&job.pole_id, &job.job_id)))
        .set((
            mails::state.eq(state),
            mails::attempts.eq(job.attempts),
            mails::last_error.eq(error),
            mails::updated_at.eq(at),
        ))
        .execute(conn)?;
    Ok(changed > 0)
}

/// Changes where a mail stands, and where it goes.
pub(crate) fn replace(conn: &mut Db, row: &MailRow) -> Result<(), DbError> {
    diesel::update(mails::table.find((&row.pole_id, &row.mail_id)))
        .set((
            mails::recipient.eq(&row.recipient),
            mails::state.eq(row.state),
            mails::last_error.eq(&row.last_error),
            mails::updated_at.eq(row.updated_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets mails made before an instant, and what of them could never be sent.
pub(crate) fn forget_before(conn: &mut Db, before: Time) -> Result<(), DbError> {
    diesel::delete(jobs::table.filter(jobs::created_at.lt(before))).execute(conn)?;
    diesel::delete(mails::table.filter(mails::created_at.lt(before))).execute(conn)?;
    Ok(())
}
