//! A collection as a charge: asked for once, whatever happens on the way.

use std::collections::HashMap;

use actix_web::web::Data;
use stripe_core::payment_intent::{CreatePaymentIntent, CreatePaymentIntentOffSession};
use stripe_shared::PaymentIntent;
use stripe_shared::payment_intent::PaymentIntentStatus;

use super::intent::{COLLECTION, INVOICE, currency, failed, news};
use super::means::Saved;
use super::{Account, Stripe, Trouble, event, refund};
use crate::app::App;
use crate::collections::{self, News};
use crate::day::Day;
use crate::db::collections::{self as rows, Channel, CollectionRow, CollectionStatus, Wanted};
use crate::db::poles::{self, PoleRow};
use crate::db::{Db, DbError, invoices, means, payments, stripe};
use crate::id::{CollectionId, InvoiceId, PoleId};
use crate::jobs::{self, Job};
use crate::problem::Problem;
use crate::work::{Author, Tx};

/// How many collections are handed over in one transaction.
const TOGETHER: i64 = 100;

/// Hands over what is due: a job for each collection whose day has come, in the transaction in which it is
/// marked as sent. What was paid otherwise meanwhile, in full or in part, is given up, and planned anew for
/// the rest.
///
/// # Errors
/// The database's.
pub(super) fn hand_over(app: &App, tx: &mut Tx<'_>, today: &Day) -> Result<usize, Problem> {
    // Another process may be at it: what it handed over is seen as sent.
    poles::hold(tx.conn, tx.pole())?;
    let due = due(tx.conn, tx.pole(), today)?;
    for row in &due {
        if is_as_planned(tx.conn, row)? {
            let sent = News::Sent { external_id: None, file_id: None };
            collections::learn(tx, &row.collection_id, sent)?;
            let (pole, collection) = (row.pole_id.clone(), row.collection_id.clone());
            jobs::enqueue(app, tx, &Job::StripeCharge { pole, collection })?;
        } else {
            give_up(tx, row)?;
        }
    }
    Ok(due.len())
}

/// Calls a collection off whose documents were paid otherwise, and plans what is left of it.
fn give_up(tx: &mut Tx<'_>, row: &CollectionRow) -> Result<(), Problem> {
    let reason = "paid otherwise".to_owned();
    collections::learn(tx, &row.collection_id, News::Cancelled { reason })?;
    collections::plan_rest(tx, row)
}

/// What is planned and whose day has come, as much of it as is handed over together.
pub(super) fn due(
    conn: &mut Db,
    pole: &PoleId,
    today: &Day,
) -> Result<Vec<CollectionRow>, DbError> {
    let wanted = Wanted {
        status: Some(CollectionStatus::Planned),
        channel: Some(Channel::Stripe),
        until: Some(today.clone()),
        ..Wanted::default()
    };
    rows::page(conn, pole, &wanted, None, TOGETHER)
}

/// Whether all that is to be collected is still open.
fn is_as_planned(conn: &mut Db, row: &CollectionRow) -> Result<bool, DbError> {
    let pole = &row.pole_id;
    let parts = rows::parts(conn, pole, std::slice::from_ref(&row.collection_id))?;
    let ids: Vec<_> = parts.iter().map(|part| part.invoice_id.clone()).collect();
    let settled = payments::settled(conn, pole, &ids)?;
    for part in parts {
        let document = invoices::find(conn, pole, &part.invoice_id)?;
        let gross = document.map_or(0, |document| document.gross_minor);
        let settled = settled.get(&part.invoice_id).copied().unwrap_or_default();
        if gross.saturating_sub(settled) < part.amount_minor {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a charge is made of.
struct Order {
    account: Account,
    pole: PoleRow,
    row: CollectionRow,
    customer: String,
    saved: Saved,
    documents: Vec<InvoiceId>,
    /// The numbers of its documents.
    numbers: String,
}

/// Reads what a charge is made of; none if there is nothing to be asked for any more.
fn order(
    app: &App,
    conn: &mut Db,
    pole: &PoleId,
    id: &CollectionId,
) -> Result<Option<Order>, Problem> {
    let row = rows::find(conn, pole, id)?.filter(|row| row.status == CollectionStatus::Sent);
    let Some(row) = row else { return Ok(None) };
    let account = Account::of(app, conn, pole)?;
    let pole = poles::find(conn, pole.as_str())?;
    let customer = stripe::customer(conn, &row.pole_id, &row.member_id)?;
    let means = match &row.means_id {
        Some(id) => means::find(conn, &row.pole_id, id)?,
        None => None,
    };
    let saved = means.as_ref().and_then(Saved::of);
    let Some((((account, pole), customer), saved)) = account.zip(pole).zip(customer).zip(saved)
    else {
        return Err(Problem::internal(&format!(
            "{id} has no account, customer or means of payment"
        )));
    };
    let (mut documents, mut numbers) = (Vec::new(), Vec::new());
    for part in rows::parts(conn, &row.pole_id, std::slice::from_ref(id))? {
        let document = invoices::find(conn, &row.pole_id, &part.invoice_id)?;
        numbers.extend(document.and_then(|document| document.number));
        documents.push(part.invoice_id);
    }
    let numbers = numbers.join(", ");
    Ok(Some(Order { account, pole, row, customer, saved, documents, numbers }))
}

/// Charges a collection, and writes down what came of it.
///
/// # Errors
/// [`Trouble`] after which it is asked again.
pub(crate) async fn run(app: &Data<App>, pole: PoleId, id: CollectionId) -> Result<(), Trouble> {
    let of_work = app.clone();
    let (of_pole, of_collection) = (pole.clone(), id.clone());
    let order = app.db.read(move |conn| order(&of_work, conn, &of_pole, &of_collection)).await;
    let Some(order) = order? else { return Ok(()) };
    let stripe = order.account.stripe(app)?;
    // Whoever was interrupted does not know whether it was asked for. Keys are forgotten after a day; what
    // was made is not.
    let intent = match already(app, &stripe, &order).await? {
        Already::Asked(intent) => Ok(intent),
        Already::Paying => {
            let reason = "paid online".to_owned();
            return write(app, &order.pole, id, None, Some(News::Cancelled { reason })).await;
        }
        // It may have waited for days, and been paid otherwise meanwhile.
        Already::Nothing if !is_open(app, &order).await? => {
            let Order { pole, row, .. } = order;
            return refund::write(app, &pole, move |tx| give_up(tx, &row)).await;
        }
        Already::Nothing => stripe.charge(&request(&order), &format!("palier-charge-{id}")).await,
    };
    match intent {
        Ok(intent) => settle(app, &order.pole, id, &intent).await,
        Err(Trouble::Declined(error)) => {
            let named = error.payment_intent.as_ref().map(|intent| intent.id.to_string());
            let failed = failed(&error);
            write(app, &order.pole, id, named.clone(), Some(failed)).await?;
            // So that nobody can confirm it later: a second try is another collection.
            if let Some(intent) = named {
                let cancelled = stripe.cancel(&intent, &format!("palier-cancel-{intent}")).await;
                if let Err(error) = cancelled {
                    tracing::warn!(%intent, %error, "a declined intent is not cancelled");
                }
            }
            Ok(())
        }
        Err(Trouble::Refused { said, .. } | Trouble::Unknown(said)) => {
            let failed = News::Failed { code: "refused".to_owned(), reason: said };
            write(app, &order.pole, id, None, Some(failed)).await
        }
        Err(trouble) => Err(trouble),
    }
}

/// What Stripe has of a collection before it is asked for it.
enum Already {
    /// It was asked for.
    Asked(Box<PaymentIntent>),
    /// Its member pays, or has paid, one of its documents on a page.
    Paying,
    Nothing,
}

/// Looks for what was made of a collection before, and for what its member pays by itself, which is taken in
/// though nobody has told of it yet.
async fn already(app: &Data<App>, stripe: &Stripe, order: &Order) -> Result<Already, Trouble> {
    let since = order.row.created_at.timestamp().as_second().saturating_sub(86_400);
    let made = stripe.intents_since(&order.customer, since).await?;
    let id = order.row.collection_id.as_str();
    let same = |intent: &&PaymentIntent| {
        intent.metadata.get(COLLECTION).is_some_and(|collection| collection == id)
    };
    if let Some(found) = made.iter().find(same) {
        return stripe.intent_now(found.id.as_str()).await.map(Already::Asked);
    }
    let is_paid = |intent: &&PaymentIntent| {
        let document = intent.metadata.get(INVOICE);
        document.is_some_and(|id| order.documents.iter().any(|it| it.as_str() == id))
            && matches!(
                intent.status,
                PaymentIntentStatus::Processing | PaymentIntentStatus::Succeeded
            )
    };
    let mut already = Already::Nothing;
    for intent in made.iter().filter(is_paid) {
        event::intent(app, stripe, &order.pole, intent.id.as_str()).await?;
        if intent.status == PaymentIntentStatus::Processing {
            already = Already::Paying;
        }
    }
    Ok(already)
}

/// Whether all that is to be collected is open still.
async fn is_open(app: &Data<App>, order: &Order) -> Result<bool, Trouble> {
    let row = order.row.clone();
    let open = app.db.read(move |conn| is_as_planned(conn, &row)).await;
    open.map_err(Trouble::ours)
}

fn request(order: &Order) -> Box<CreatePaymentIntent> {
    let amount = order.row.amount();
    let metadata = HashMap::from([(COLLECTION.to_owned(), order.row.collection_id.to_string())]);
    let mut request = CreatePaymentIntent::new(amount.minor(), currency(amount.currency()))
        .customer(&order.customer)
        .payment_method(&order.saved.payment_method)
        .allowed_payment_method_types([order.saved.allowed()])
        .description(&order.numbers)
        .metadata(metadata)
        .off_session(CreatePaymentIntentOffSession::Bool(true))
        .confirm(true)
        .expand(["latest_charge".to_owned()]);
    if let Some(mandate) = &order.saved.mandate {
        request = request.mandate(mandate);
    }
    Box::new(request)
}

/// Writes down what an intent says of its collection.
pub(super) async fn settle(
    app: &Data<App>,
    pole: &PoleRow,
    id: CollectionId,
    intent: &PaymentIntent,
) -> Result<(), Trouble> {
    write(app, pole, id, Some(intent.id.to_string()), news(pole, intent)).await
}

async fn write(
    app: &Data<App>,
    pole: &PoleRow,
    id: CollectionId,
    named: Option<String>,
    news: Option<News>,
) -> Result<(), Trouble> {
    let now = app.now();
    let author =
        Author::new(pole.pole_id.clone(), "palier".into(), crate::id::new_id("req", now), now);
    let written = app.write(author, move |tx| {
        for news in named.map(News::Named).into_iter().chain(news) {
            collections::learn(tx, &id, news)?;
        }
        Ok(tx.unchanged(()))
    });
    Ok(written.await?)
}
