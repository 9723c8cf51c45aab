//! What becomes of electronic invoices: their statuses, kept as they are learned, and what is exchanged
//! with an approved platform (*plateforme agréée*).
//!
//! Who says what follows the standard (AFNOR XP Z12-012). That a document was deposited, rejected or is
//! inadmissible is said by a platform; that it is approved, disputed or refused, by the buyer; that it is
//! collected, by the seller, here, in the transaction that books the money. To give a document to the
//! platform is none of these: the platform says that it took it in.

use palier_billing::Issued;
use palier_billing::einvoice::cdar::{Action, Explanation};
use palier_billing::einvoice::lifecycle::{Lifecycle, OutOfOrder, Reason, Status};
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::db::DbError;
use crate::db::einvoices::{self, GivenBy, LifecycleStatus, OutboxRow, StatusRow};
use crate::db::invoices::InvoiceRow;
use crate::id::{InvoiceId, MessageId, PaymentId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Tx;

pub(crate) mod collected;
mod folder;
pub(crate) mod late;
mod message;
pub(crate) mod platform;
pub(crate) mod run;
mod take_in;
pub(crate) mod verify;
mod words;

pub(crate) use collected::Part;
pub(crate) use platform::Platform;

/// Why a document has a status, as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Why {
    pub(crate) reason: Reason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<Action>,
}

impl From<&Explanation> for Why {
    fn from(it: &Explanation) -> Self {
        Self { reason: it.reason, text: it.text.clone(), action: it.action }
    }
}

/// What somebody says became of a document.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) status: Status,
    pub(crate) given_by: GivenBy,
    pub(crate) happened_at: Time,
    pub(crate) reasons: Vec<Why>,
    pub(crate) note: String,
    /// Of a 212: the money, by rate of VAT, and the payment that it is of.
    pub(crate) collected: Option<(Vec<Part>, PaymentId)>,
    /// The message by which it came.
    pub(crate) message: Option<MessageId>,
}

/// Why a status was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// What came before rules it out.
    #[error(transparent)]
    Order(#[from] OutOfOrder),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<NotTaken> for Problem {
    fn from(error: NotTaken) -> Self {
        match error {
            NotTaken::Order(error) => {
                Self::conflict(Fault::body("/status", "out_of_order", words::out_of_order(error)))
            }
            NotTaken::Database(error) => error.into(),
        }
    }
}

/// Keeps a status of a document, the pole being [held](crate::db::poles::hold). What the seller says goes to
/// the platform, if the document did.
///
/// Money is a fact, whatever is said of the document; what waits to be told of it does not count against
/// what others say meanwhile.
///
/// # Errors
/// [`NotTaken`].
pub(crate) fn record(
    tx: &mut Tx<'_>,
    invoice: &InvoiceId,
    said: Said,
) -> Result<StatusRow, NotTaken> {
    let before = einvoices::of(tx.conn, tx.pole(), invoice)?;
    let waiting = einvoices::waiting_of(tx.conn, tx.pole(), invoice)?;
    let mut lifecycle = Lifecycle::default();
    let told = before.iter().filter(|it| it.status != LifecycleStatus::Collected);
    let money = before
        .iter()
        .filter(|it| it.status == LifecycleStatus::Collected && !waiting.contains(&it.seq));
    for it in told.chain(money) {
        // What was kept was checked then; money may come in any order.
        let _kept = lifecycle.step(it.status.into());
    }
    if said.status != Status::Collected {
        lifecycle.step(said.status)?;
    }
    let seq = before.last().map_or(1, |it| it.seq.saturating_add(1));
    let (parts, payment_id) = said.collected.unzip();
    let row = StatusRow {
        pole_id: tx.pole().clone(),
        invoice_id: invoice.clone(),
        seq,
        status: said.status.into(),
        given_by: said.given_by,
        happened_at: said.happened_at,
        reasons: json(&said.reasons),
        note: said.note,
        collected: parts.map(|parts| json(&parts)),
        payment_id,
        message_id: said.message,
        recorded_at: tx.at(),
    };
    einvoices::add(tx.conn, &row)?;
    if said.status.is_terminal() {
        einvoices::drop_waiting(tx.conn, tx.pole(), invoice)?;
    } else if said.given_by == GivenBy::Seller
        && !lifecycle.is_over()
        && (!waiting.is_empty() || is_given(tx, invoice)?)
    {
        einvoices::enqueue(tx.conn, &[waits(tx, invoice, seq)])?;
    }
    Ok(row)
}

/// Says that a document, whose files are kept, is to be given to the platform, with what is already to be
/// told of it; false and nothing, where the reform does not want it.
///
/// # Errors
/// The database's.
pub(crate) fn enqueue(tx: &mut Tx<'_>, invoice: &InvoiceRow) -> Result<bool, DbError> {
    if !message::is_exchanged(&message::issued(invoice)?) {
        return Ok(false);
    }
    // Who records a payment meanwhile waits, and then sees that the document is to be given.
    crate::db::poles::hold(tx.conn, tx.pole())?;
    let id = &invoice.invoice_id;
    let ours = einvoices::of(tx.conn, tx.pole(), id)?.into_iter();
    let ours = ours.filter(|it| it.given_by == GivenBy::Seller).map(|it| it.seq);
    let rows: Vec<_> = std::iter::once(0).chain(ours).map(|seq| waits(tx, id, seq)).collect();
    einvoices::enqueue(tx.conn, &rows)?;
    Ok(true)
}

/// Whether the platform has a document.
fn is_given(tx: &mut Tx<'_>, invoice: &InvoiceId) -> Result<bool, DbError> {
    let Some(row) = crate::db::invoices::find(tx.conn, tx.pole(), invoice)? else {
        return Ok(false);
    };
    let name = message::name(&row, None);
    let out = (einvoices::Direction::Out, name.as_str());
    Ok(einvoices::message(tx.conn, tx.pole(), out)?.is_some())
}

fn waits(tx: &Tx<'_>, invoice: &InvoiceId, seq: i32) -> OutboxRow {
    OutboxRow {
        pole_id: tx.pole().clone(),
        invoice_id: invoice.clone(),
        seq,
        run_at: tx.at(),
        attempts: 0,
        last_error: String::new(),
    }
}

/// Nothing that is kept fails to be JSON: texts and lists of them.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A row that holds something else than this program wrote.
fn unreadable(row: &StatusRow, what: &dyn std::fmt::Display) -> DbError {
    let id = format!("{}/{}", row.invoice_id, row.seq);
    DbError::Unreadable { table: "invoice_statuses", id, what: what.to_string() }
}

impl StatusRow {
    /// Why.
    pub(crate) fn why(&self) -> Result<Vec<Why>, DbError> {
        serde_json::from_str(&self.reasons).map_err(|error| unreadable(self, &error))
    }

    /// What was collected, by rate.
    pub(crate) fn parts(&self) -> Result<Vec<Part>, DbError> {
        let read = |text: &String| serde_json::from_str(text);
        let parts = self.collected.as_ref().map(read).transpose();
        Ok(parts.map_err(|error| unreadable(self, &error))?.unwrap_or_default())
    }
}

/// A status by hand: what finance learned in another way than by a message.
///
/// # Errors
/// A [`Problem`]: what the reform does not allow, or what came before rules out.
pub(crate) fn by_hand(
    tx: &mut Tx<'_>,
    invoice: &InvoiceRow,
    mut said: Said,
) -> Result<StatusRow, Problem> {
    crate::db::poles::hold(tx.conn, tx.pole())?;
    let issued: Issued = message::issued(invoice)?;
    words::check(said.status, &said.reasons, &issued)?;
    if said.happened_at > tx.at() {
        let detail = say!(en "It has not happened yet.", fr "Cela n’est pas encore arrivé.");
        return Err(Problem::invalid(vec![Fault::body("/happened_at", "in_future", detail)]));
    }
    said.given_by = words::usual_giver(said.status);
    Ok(record(tx, &invoice.invoice_id, said)?)
}
