//! What becomes of electronic invoices: statuses, messages, and what waits to be given to a platform.

use std::collections::BTreeMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use palier_billing::einvoice::lifecycle::Status;

use super::archive::FileForm;
use super::invoices::InvoiceRow;
use super::queue::Waiting;
use super::schema::{
    archived_files, einvoice_messages, einvoice_outbox, invoice_statuses, invoices,
};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{InvoiceId, MessageId, PaymentId, PoleId};
use crate::on_backend;

words! {
    /// A step in the life of an electronic invoice (AFNOR XP Z12-012).
    pub(crate) enum LifecycleStatus {
        /// 200: the seller’s platform took it in.
        Deposited = "deposited",
        /// 201: it was sent on.
        Issued = "issued",
        /// 202: the buyer’s platform took it in.
        Received = "received",
        /// 203: the buyer can see it.
        MadeAvailable = "made_available",
        /// 204: the buyer deals with it.
        TakenInCharge = "taken_in_charge",
        /// 205: the buyer will pay it.
        Approved = "approved",
        /// 206: with an exception.
        PartlyApproved = "partly_approved",
        /// 207: the buyer disputes it.
        Disputed = "disputed",
        /// 208: something is missing.
        Suspended = "suspended",
        /// 209: what was missing was given.
        Completed = "completed",
        /// 210: by the buyer, for good.
        Refused = "refused",
        /// 211: the buyer paid, by what it says.
        PaymentSent = "payment_sent",
        /// 212: money came in for it, or went back.
        Collected = "collected",
        /// 213: by a platform, for good.
        Rejected = "rejected",
        /// 214: stamped by who oversees the work.
        Endorsed = "endorsed",
        /// 220: it is void.
        Cancelled = "cancelled",
        /// 221: the buyer’s address leads nowhere.
        RoutingError = "routing_error",
        /// 224: a subcontractor asks the buyer for payment.
        DirectPaymentAsked = "direct_payment_asked",
        /// 225: the debt was sold.
        Factored = "factored",
        /// 226: the same, not told to the buyer.
        FactoredInConfidence = "factored_in_confidence",
        /// 227: it is paid to another account.
        PayeeAccountChanged = "payee_account_changed",
        /// 228: the debt was not sold.
        NotFactored = "not_factored",
        /// 501: what came is no document at all.
        Inadmissible = "inadmissible",
    }
}

/// The same statuses, in the words of the database and in those of the engine.
macro_rules! same {
    ($($name:ident),+ $(,)?) => {
        impl From<Status> for LifecycleStatus {
            fn from(status: Status) -> Self {
                match status { $(Status::$name => Self::$name),+ }
            }
        }

        impl From<LifecycleStatus> for Status {
            fn from(status: LifecycleStatus) -> Self {
                match status { $(LifecycleStatus::$name => Self::$name),+ }
            }
        }
    };
}

same!(
    Deposited,
    Issued,
    Received,
    MadeAvailable,
    TakenInCharge,
    Approved,
    PartlyApproved,
    Disputed,
    Suspended,
    Completed,
    Refused,
    PaymentSent,
    Collected,
    Rejected,
    Endorsed,
    Cancelled,
    RoutingError,
    DirectPaymentAsked,
    Factored,
    FactoredInConfidence,
    PayeeAccountChanged,
    NotFactored,
    Inadmissible,
);

words! {
    /// Who says what became of a document.
    pub(crate) enum GivenBy {
        /// The pole, which sells.
        Seller = "seller",
        /// A platform on the way.
        Platform = "platform",
        /// The member, or who acts for it.
        Buyer = "buyer",
        /// Somebody else: who bought the debt, who pays it.
        Other = "other",
    }
}

words! {
    /// Which way a message went.
    pub(crate) enum Direction {
        /// From the platform.
        In = "in",
        /// To the platform.
        Out = "out",
    }
}

/// A row of `invoice_statuses`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invoice_statuses, treat_none_as_default_value = false)]
pub(crate) struct StatusRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    /// From 1, in the order in which it was learned.
    pub(crate) seq: i32,
    pub(crate) status: LifecycleStatus,
    pub(crate) given_by: GivenBy,
    pub(crate) happened_at: Time,
    /// JSON.
    pub(crate) reasons: String,
    pub(crate) note: String,
    /// JSON.
    pub(crate) collected: Option<String>,
    pub(crate) payment_id: Option<PaymentId>,
    pub(crate) message_id: Option<MessageId>,
    pub(crate) recorded_at: Time,
}

/// A row of `einvoice_messages`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = einvoice_messages)]
pub(crate) struct MessageRow {
    pub(crate) pole_id: PoleId,
    pub(crate) message_id: MessageId,
    pub(crate) direction: Direction,
    pub(crate) known_as: String,
    pub(crate) sha256: String,
    pub(crate) body: Vec<u8>,
    pub(crate) recorded_at: Time,
}

/// A row of `einvoice_outbox`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = einvoice_outbox, treat_none_as_default_value = false)]
pub(crate) struct OutboxRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    /// Which status of the document; 0 for the document itself.
    pub(crate) seq: i32,
    pub(crate) run_at: Time,
    pub(crate) attempts: i32,
    pub(crate) last_error: String,
}

/// Adds a status.
pub(crate) fn add(conn: &mut Db, row: &StatusRow) -> Result<(), DbError> {
    diesel::insert_into(invoice_statuses::table).values(row).execute(conn)?;
    Ok(())
}

/// The statuses of a document, in their order.
pub(crate) fn of(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<Vec<StatusRow>, DbError> {
    page(conn, pole, invoice, None, i64::MAX)
}

/// The statuses of a document behind one of them, in their order.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
    after: Option<i64>,
    rows: i64,
) -> Result<Vec<StatusRow>, DbError> {
    let after = after.and_then(|after| i32::try_from(after).ok()).unwrap_or_default();
    let found = invoice_statuses::table
        .filter(invoice_statuses::pole_id.eq(pole).and(invoice_statuses::invoice_id.eq(invoice)))
        .filter(invoice_statuses::seq.gt(after))
        .order(invoice_statuses::seq)
        .limit(rows)
        .select(StatusRow::as_select());
    Ok(found.load(conn)?)
}

/// The last that was learned of a document.
pub(crate) fn last(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<Option<LifecycleStatus>, DbError> {
    let row = invoice_statuses::table
        .filter(invoice_statuses::pole_id.eq(pole).and(invoice_statuses::invoice_id.eq(invoice)))
        .order(invoice_statuses::seq.desc())
        .select(invoice_statuses::status);
    Ok(row.first(conn).optional()?)
}

/// A status of a document.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    (invoice, seq): (&InvoiceId, i32),
) -> Result<Option<StatusRow>, DbError> {
    let row = invoice_statuses::table.find((pole, invoice, seq)).select(StatusRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// What a payment brought, document by document.
pub(crate) fn of_payment(
    conn: &mut Db,
    pole: &PoleId,
    payment: &PaymentId,
) -> Result<Vec<StatusRow>, DbError> {
    let rows = invoice_statuses::table
        .filter(invoice_statuses::pole_id.eq(pole).and(invoice_statuses::payment_id.eq(payment)))
        .order(invoice_statuses::invoice_id)
        .select(StatusRow::as_select());
    Ok(rows.load(conn)?)
}

/// What was collected of a pole's documents, by document, in their order.
pub(crate) fn all_collected(
    conn: &mut Db,
    pole: &PoleId,
) -> Result<BTreeMap<InvoiceId, Vec<StatusRow>>, DbError> {
    let rows = invoice_statuses::table
        .filter(invoice_statuses::pole_id.eq(pole))
        .filter(invoice_statuses::status.eq(LifecycleStatus::Collected))
        .order((invoice_statuses::invoice_id, invoice_statuses::seq))
        .select(StatusRow::as_select());
    let mut by_document: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows.load::<StatusRow>(conn)? {
        by_document.entry(row.invoice_id.clone()).or_default().push(row);
    }
    Ok(by_document)
}

/// Documents issued until a day that ended on their way (refused, rejected, inadmissible) and were not
/// given back whole since.
pub(crate) fn returned(
    conn: &mut Db,
    pole: &PoleId,
    last: &Day,
) -> Result<Vec<(Option<String>, LifecycleStatus)>, DbError> {
    let open = sql::<Bool>(
        "net_minor <> coalesce((SELECT sum(c.amount_minor) FROM credited_lines c \
         WHERE c.pole_id = invoices.pole_id AND c.invoice_id = invoices.invoice_id), 0)",
    );
    let of_invoice = invoices::pole_id
        .eq(invoice_statuses::pole_id)
        .and(invoices::invoice_id.eq(invoice_statuses::invoice_id));
    let over = [LifecycleStatus::Refused, LifecycleStatus::Rejected, LifecycleStatus::Inadmissible];
    let rows = invoice_statuses::table
        .inner_join(invoices::table.on(of_invoice))
        .filter(invoice_statuses::pole_id.eq(pole))
        .filter(invoice_statuses::status.eq_any(over))
        .filter(invoices::issued_on.le(last))
        .filter(open)
        .order(invoices::number)
        .select((invoices::number, invoice_statuses::status));
    Ok(rows.load(conn)?)
}

/// Adds a message, which is not there yet.
pub(crate) fn add_message(conn: &mut Db, row: &MessageRow) -> Result<(), DbError> {
    diesel::insert_into(einvoice_messages::table).values(row).execute(conn)?;
    Ok(())
}

/// A message by what it is known as.
pub(crate) fn message(
    conn: &mut Db,
    pole: &PoleId,
    (direction, known_as): (Direction, &str),
) -> Result<Option<MessageRow>, DbError> {
    let row = einvoice_messages::table
        .filter(einvoice_messages::pole_id.eq(pole))
        .filter(einvoice_messages::direction.eq(direction))
        .filter(einvoice_messages::known_as.eq(known_as))
        .select(MessageRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Says that something is to be given to the platform; nothing, if it waits already.
pub(crate) fn enqueue(conn: &mut Db, rows: &[OutboxRow]) -> Result<(), DbError> {
    on_backend!(conn, c => {
        diesel::insert_into(einvoice_outbox::table).values(rows).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}

/// What of a document waits.
pub(crate) fn waiting_of(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<Vec<i32>, DbError> {
    let rows = einvoice_outbox::table
        .filter(einvoice_outbox::pole_id.eq(pole).and(einvoice_outbox::invoice_id.eq(invoice)))
        .order(einvoice_outbox::seq)
        .select(einvoice_outbox::seq);
    Ok(rows.load(conn)?)
}

/// What can be given to the platform, what has waited longest first: documents, and statuses of those that
/// the platform has taken in.
pub(crate) fn waiting(
    conn: &mut Db,
    which: &Waiting,
    rows: i64,
) -> Result<Vec<OutboxRow>, DbError> {
    let ready = sql::<Bool>(
        "(seq = 0 OR EXISTS (SELECT 1 FROM invoice_statuses s \
         WHERE s.pole_id = einvoice_outbox.pole_id \
         AND s.invoice_id = einvoice_outbox.invoice_id AND s.status = 'deposited'))",
    );
    let query = einvoice_outbox::table
        .filter(ready)
        .order((einvoice_outbox::run_at, einvoice_outbox::invoice_id, einvoice_outbox::seq))
        .select(OutboxRow::as_select())
        .into_boxed();
    let query = match which {
        Waiting::Due(now) => query.filter(einvoice_outbox::run_at.le(*now)),
        Waiting::Of(pole) => query.filter(einvoice_outbox::pole_id.eq(pole)),
    };
    Ok(query.limit(rows).load(conn)?)
}

/// Documents issued since a day whose electronic invoice is kept and does not wait to be given to the
/// platform, in the order in which they were made, those behind a place.
pub(crate) fn kept_since(
    conn: &mut Db,
    pole: &PoleId,
    since: &Day,
    after: Option<&InvoiceId>,
    rows: i64,
) -> Result<Vec<InvoiceRow>, DbError> {
    let kept = archived_files::table
        .filter(archived_files::pole_id.eq(pole).and(archived_files::form.eq(FileForm::Cii)))
        .select(archived_files::invoice_id);
    let waiting = einvoice_outbox::table
        .filter(einvoice_outbox::pole_id.eq(pole).and(einvoice_outbox::seq.eq(0)))
        .select(einvoice_outbox::invoice_id);
    let mut query = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::issued_on.ge(since)))
        .filter(invoices::invoice_id.eq_any(kept))
        .filter(invoices::invoice_id.ne_all(waiting))
        .select(InvoiceRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(invoices::invoice_id.gt(after));
    }
    Ok(query.order(invoices::invoice_id).limit(rows).load(conn)?)
}

/// Takes something out of what waits, since it was given; false if somebody else did.
pub(crate) fn given(conn: &mut Db, row: &OutboxRow) -> Result<bool, DbError> {
    let at = einvoice_outbox::table.find((&row.pole_id, &row.invoice_id, row.seq));
    Ok(diesel::delete(at).execute(conn)? > 0)
}

/// Takes all of a document out of what waits: it is over.
pub(crate) fn drop_waiting(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<(), DbError> {
    let all = einvoice_outbox::table
        .filter(einvoice_outbox::pole_id.eq(pole).and(einvoice_outbox::invoice_id.eq(invoice)));
    diesel::delete(all).execute(conn)?;
    Ok(())
}

/// It could not be given; it is tried again later.
pub(crate) fn postpone(
    conn: &mut Db,
    row: &OutboxRow,
    run_at: Time,
    error: &str,
) -> Result<(), DbError> {
    diesel::update(einvoice_outbox::table.find((&row.pole_id, &row.invoice_id, row.seq)))
        .set((
            einvoice_outbox::run_at.eq(run_at),
            einvoice_outbox::attempts.eq(row.attempts.saturating_add(1)),
            einvoice_outbox::last_error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}
