//! Disputes, which may come months later: while the bank has the money back, the documents are open.

use actix_web::web::Data;
use stripe_shared::Dispute;
use stripe_shared::dispute::DisputeStatus;

use super::intent::day;
use super::refund::{TAKEN, again, keep, write};
use super::{Stripe, Trouble};
use crate::app::App;
use crate::collections::{self, News, Receipt};
use crate::db::collections::{self as rows, CollectionRow, CollectionStatus};
use crate::db::payments::{self, Holder};
use crate::db::poles::{self, PoleRow};
use crate::db::stripe::{self, RefundRow};
use crate::payments::Return;
use crate::problem::Problem;
use crate::work::Tx;

/// Writes down what Stripe says of a dispute now.
///
/// # Errors
/// [`Trouble`] after which it is tried again.
pub(super) async fn look(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    id: &str,
) -> Result<String, Trouble> {
    let mut now = stripe.dispute_now(id).await?;
    loop {
        let said = learn(app, pole, &now).await?;
        // What another event told may have been written between the answer and what was written of it.
        let written = now.status.clone();
        now = stripe.dispute_now(id).await?;
        if now.status == written {
            return Ok(said);
        }
    }
}

/// Writes down what became of a dispute.
async fn learn(app: &Data<App>, pole: &PoleRow, dispute: &Dispute) -> Result<String, Trouble> {
    let intent = dispute.payment_intent.as_ref().map(|it| it.id().to_string());
    let Some(intent) = intent else { return Ok("of no intent".to_owned()) };
    let (id, of_pole) = (dispute.id.to_string(), pole.clone());
    let (status, reason) = (dispute.status.clone(), dispute.reason.clone());
    let (began, disputed) = (day(pole, dispute.created), dispute.amount);
    write(app, pole, move |tx| {
        poles::hold(tx.conn, tx.pole())?;
        let Some(row) = rows::by_external(tx.conn, tx.pole(), &intent)? else {
            return Ok("not asked for by Palier".to_owned());
        };
        let today = day(&of_pole, tx.at().timestamp().as_second());
        let back =
            Return { paid_on: began, reference: id.clone(), note: reason.clone(), movement: None };
        if let Some(said) = of_a_part(tx, &of_pole, &row, (&status, disputed), &back)? {
            return Ok(format!("collection {} {said}", row.collection_id));
        }
        let (status, said) = match (status, row.status) {
            (status, _) if is_question(&status) => {
                return Ok("asked about, no money moved".to_owned());
            }
            (DisputeStatus::Won, CollectionStatus::Returned) => {
                let paid = row.payment_id.as_ref();
                let paid = paid.map(|id| payments::find(tx.conn, tx.pole(), id)).transpose()?;
                let method = paid.flatten().map(|paid| paid.method);
                let Some(method) = method else { return Ok("nothing to do".to_owned()) };
                let (holder, movement) = (Holder::Provider, None);
                let receipt = Receipt { method, holder, paid_on: today, reference: id, movement };
                (News::Reinstated(receipt), "won")
            }
            (DisputeStatus::Won, _) => return Ok("won".to_owned()),
            (_, _) => (News::Returned { code: reason, reason: String::new(), back }, "disputed"),
        };
        collections::learn(tx, &row.collection_id, status)?;
        Ok(format!("collection {} {said}", row.collection_id))
    })
    .await
}

/// Whether no money moves for a dispute: somebody only asks.
const fn is_question(status: &DisputeStatus) -> bool {
    matches!(
        status,
        DisputeStatus::WarningNeedsResponse
            | DisputeStatus::WarningUnderReview
            | DisputeStatus::WarningClosed
            | DisputeStatus::Prevented
    )
}

/// Writes down what became of a dispute about a part of what was paid, which is booked once as a refund is: the
/// documents are open again by as much. None, if it is about all of it.
fn of_a_part(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    of: &CollectionRow,
    (status, amount_minor): (&DisputeStatus, i64),
    back: &Return,
) -> Result<Option<&'static str>, Problem> {
    let won = *status == DisputeStatus::Won;
    if let Some(known) = stripe::refund(tx.conn, tx.pole(), &back.reference)? {
        if !won || known.status != TAKEN {
            return Ok(Some("disputed in part"));
        }
        again(tx, pole, of, &known)?;
        stripe::update_refund(tx.conn, &RefundRow { status: "won".to_owned(), ..known })?;
        return Ok(Some("won in part"));
    }
    let paid = of.payment_id.as_ref().filter(|_| of.status == CollectionStatus::Succeeded);
    let paid = paid.map(|id| payments::find(tx.conn, tx.pole(), id)).transpose()?.flatten();
    let Some(paid) = paid.filter(|_| !won && !is_question(status)) else { return Ok(None) };
    let kept = paid.amount_minor.saturating_sub(amount_minor);
    if kept <= 0 {
        return Ok(None);
    }
    keep(tx, of, (&paid, kept), back.clone())?;
    let row = RefundRow {
        pole_id: tx.pole().clone(),
        refund_id: back.reference.clone(),
        collection_id: of.collection_id.clone(),
        amount_minor,
        status: TAKEN.to_owned(),
        payment_id: None,
        booked_at: tx.at(),
    };
    stripe::insert_refund(tx.conn, &row)?;
    Ok(Some("disputed in part"))
}
