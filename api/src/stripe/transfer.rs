//! What the pole owes a provider, passed on from its balance to the provider's account: separate charges and
//! transfers (docs.stripe.com/connect/separate-charges-and-transfers).
//!
//! A transfer is asked for once, as a charge is. What the balance does not cover yet waits, and is asked for again
//! when it does, under another key: Stripe repeats its refusal under the same one for a day.

use std::collections::HashMap;

use actix_web::web::Data;
use stripe_connect::transfer::CreateTransfer;
use stripe_shared::Transfer;

use super::intent::{currency, day};
use super::refund::write;
use super::{Account, Stripe, Trouble};
use crate::app::App;
use crate::day::Day;
use crate::db::collections::Channel;
use crate::db::poles::{self, PoleRow};
use crate::db::provider_accounts::{self, AccountStatus};
use crate::db::transfers::{self as rows, Asked, TransferRow, TransferStatus};
use crate::db::{Db, DbError};
use crate::id::{PoleId, TransferId};
use crate::jobs::{self, Job};
use crate::problem::Problem;
use crate::transfers::{
    Back, Proof, come_back, execute, hand_over as handed_over, put_off, reject,
};
use crate::work::Tx;

/// Under which name a transfer says which of ours it is.
const TRANSFER: &str = "palier_transfer";
/// What Stripe says of a transfer that the balance does not cover.
const UNCOVERED: &str = "balance_insufficient";
/// How many are handed over in one transaction.
const TOGETHER: i64 = 100;

/// What is planned, whose day has come, and that goes to accounts at Stripe: what was not asked for yet, or what
/// had to wait.
pub(super) fn due(
    conn: &mut Db,
    pole: &PoleId,
    today: &Day,
    asked: Asked,
) -> Result<Vec<TransferRow>, DbError> {
    rows::due_at_stripe(conn, pole, (today, asked), TOGETHER)
}

/// Hands over what is due and was not asked for yet.
///
/// # Errors
/// The database's.
pub(super) fn hand_over(app: &App, tx: &mut Tx<'_>, today: &Day) -> Result<usize, Problem> {
    // Another process may be at it: what it handed over is seen as sent.
    poles::hold(tx.conn, tx.pole())?;
    let due = due(tx.conn, tx.pole(), today, Asked::Never)?;
    due.iter().try_for_each(|row| enqueue(app, tx, row))?;
    Ok(due.len())
}

/// Hands over what had to wait, in the order in which it was planned, as far as the balance covers it now.
///
/// # Errors
/// [`Trouble`], after which it waits on.
pub(super) async fn hand_over_waiting(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
) -> Result<usize, Trouble> {
    let (pole_id, today) = (pole.pole_id.clone(), Day::today(pole, app.now()));
    let of_read = today.clone();
    let waiting = app.db.read(move |conn| due(conn, &pole_id, &of_read, Asked::InVain)).await;
    let Some(first) = waiting.map_err(Trouble::ours)?.into_iter().next() else { return Ok(0) };
    let mut left = stripe.available(&currency(first.amount().currency())).await?;
    let of_work = app.clone();
    write(app, pole, move |tx| {
        poles::hold(tx.conn, tx.pole())?;
        let mut waiting = due(tx.conn, tx.pole(), &today, Asked::InVain)?;
        waiting.retain(|row| {
            let is_covered = row.amount_minor <= left;
            left = left.saturating_sub(if is_covered { row.amount_minor } else { 0 });
            is_covered
        });
        waiting.iter().try_for_each(|row| enqueue(&of_work, tx, row))?;
        Ok(waiting.len())
    })
    .await
}

/// Has one asked for: a job, in the transaction in which it is marked as sent.
fn enqueue(app: &App, tx: &mut Tx<'_>, row: &TransferRow) -> Result<(), Problem> {
    let missing = || Problem::internal(&"a transfer for Stripe has no account");
    let provider = row.provider_id.as_ref().ok_or_else(missing)?;
    let confirmed = (provider, AccountStatus::Confirmed);
    let account = provider_accounts::of_provider(tx.conn, tx.pole(), confirmed)?;
    handed_over(tx, row, account.ok_or_else(missing)?)?;
    let (pole, transfer) = (row.pole_id.clone(), row.transfer_id.clone());
    jobs::enqueue(app, tx, &Job::StripeTransfer { pole, transfer })?;
    Ok(())
}

/// What a transfer is made of.
struct Order {
    account: Account,
    pole: PoleRow,
    row: TransferRow,
    /// The account that is credited, and the bill that is paid.
    payee: String,
    bill: String,
}

/// Reads what a transfer is made of; none if there is nothing to be asked for any more.
fn order(
    app: &App,
    conn: &mut Db,
    pole: &PoleId,
    id: &TransferId,
) -> Result<Option<Order>, DbError> {
    let is_asked_for = |row: &TransferRow| {
        (row.status, row.channel) == (TransferStatus::Sent, Some(Channel::Stripe))
    };
    let Some(row) = rows::find(conn, pole, id)?.filter(is_asked_for) else { return Ok(None) };
    let account = Account::of(app, conn, pole)?.zip(poles::find(conn, pole.as_str())?);
    let payee = row.number.clone().zip(row.bill_id.as_ref().map(ToString::to_string));
    Ok(account.zip(payee).map(|((account, pole), (payee, bill))| Order {
        account,
        pole,
        row,
        payee,
        bill,
    }))
}

/// Passes on what a provider is owed, and writes down what came of it.
///
/// # Errors
/// [`Trouble`] after which it is asked again.
pub(super) async fn run(app: &Data<App>, pole: PoleId, id: TransferId) -> Result<(), Trouble> {
    let (of_work, of_transfer) = (app.clone(), id.clone());
    let order = app.db.read(move |conn| order(&of_work, conn, &pole, &of_transfer)).await;
    let Some(order) = order.map_err(Trouble::ours)? else {
        return Ok(());
    };
    let stripe = order.account.stripe(app)?;
    // Whoever was interrupted does not know whether it was asked for, and keys are forgotten.
    let made = match already(&stripe, &order).await? {
        Some(made) => Ok(made),
        None => {
            // Each time it is handed over it has another version.
            let key = format!("palier-transfer-{id}-{}", order.row.version);
            stripe.transfer(&request(&order), &key).await
        }
    };
    let Order { pole, row, .. } = order;
    let of_pole = pole.clone();
    match made {
        Ok(made) => write(app, &pole, move |tx| learn(tx, &of_pole, &id, &made)).await.map(drop),
        Err(Trouble::Refused { code, said }) if code == UNCOVERED => {
            write(app, &pole, move |tx| put_off(tx, &row, (code, said))).await.map(drop)
        }
        Err(Trouble::Refused { code, said }) => {
            write(app, &pole, move |tx| reject(tx, &row, (code, said))).await.map(drop)
        }
        Err(trouble) => Err(trouble),
    }
}

/// The transfer that was made before, if one was.
async fn already(stripe: &Stripe, order: &Order) -> Result<Option<Transfer>, Trouble> {
    let made = stripe.transfers_of(&order.bill).await?;
    let id = order.row.transfer_id.as_str();
    Ok(made.into_iter().find(|it| it.metadata.get(TRANSFER).is_some_and(|named| named == id)))
}

fn request(order: &Order) -> CreateTransfer {
    let amount = order.row.amount();
    let metadata = HashMap::from([(TRANSFER.to_owned(), order.row.transfer_id.to_string())]);
    CreateTransfer::new(currency(amount.currency()), &order.payee)
        .amount(amount.minor())
        .description(&order.row.reference)
        .transfer_group(&order.bill)
        .metadata(metadata)
}

/// Writes down what Stripe says of a transfer now, if it is one of the pole's.
///
/// # Errors
/// [`Trouble`] after which it is looked at again.
pub(super) async fn look(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    id: &str,
) -> Result<String, Trouble> {
    let now = stripe.transfer_now(id).await?;
    let named = now.metadata.get(TRANSFER).and_then(|id| id.parse().ok());
    let Some(named) = named else { return Ok("not asked for by Palier".to_owned()) };
    let of_pole = pole.clone();
    write(app, pole, move |tx| learn(tx, &of_pole, &named, &now)).await
}

/// Books a transfer that was made, or that was taken back as a whole.
fn learn(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    id: &TransferId,
    now: &Transfer,
) -> Result<String, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let Some(mut row) = rows::find(tx.conn, tx.pole(), id)? else {
        return Ok("not asked for by Palier".to_owned());
    };
    let is_other = row.external_id.as_ref().is_some_and(|known| known != now.id.as_str());
    if row.channel != Some(Channel::Stripe) || row.amount_minor != now.amount || is_other {
        tracing::error!(transfer = %id, made = %now.id, "Stripe has it as another, which is not booked");
        return Ok(format!("{id} is another"));
    }
    if row.status == TransferStatus::Sent {
        let proof = Proof::AtStripe(now.id.to_string());
        row = execute(tx, &row, &day(pole, now.created), proof)?;
    }
    if row.status == TransferStatus::Executed && now.reversed {
        let last = now.reversals.data.iter().map(|it| it.created).max();
        let back = Back {
            on: day(pole, last.unwrap_or_else(|| tx.at().timestamp().as_second())),
            code: "reversed".to_owned(),
            reason: String::new(),
        };
        row = come_back(tx, &row, back)?;
    }
    Ok(format!("{id} {}", row.status.as_str()))
}

/// Whether the books know a transfer as it is now: made, and taken back if `back`.
///
/// # Errors
/// [`Trouble`] after which it is asked again.
pub(super) async fn is_booked(
    app: &Data<App>,
    pole: &PoleRow,
    (id, back): (&str, bool),
) -> Result<bool, Trouble> {
    let (pole, id) = (pole.pole_id.clone(), id.to_owned());
    let found = app.db.read(move |conn| rows::by_external(conn, &pole, &id)).await;
    let found = found.map_err(Trouble::ours)?;
    Ok(found.is_some_and(|row| !back || row.status == TransferStatus::Returned))
}
