//! Money that Stripe gives back.
//!
//! A refund pays out what the member has to its credit: a credit note that is open, or what it paid too
//! much. Where it has nothing, the payment is taken back, and what was kept of it is recorded anew, so that
//! the document is open again by what went back.

use std::collections::HashMap;

use actix_web::web::Data;
use palier_billing::Money;
use stripe_core::refund::CreateRefund;
use stripe_shared::Refund;

use super::intent::day;
use super::{Account, Stripe, Trouble};
use crate::app::App;
use crate::collections::{self, News, Receipt};
use crate::db::collections::{self as rows, CollectionRow, CollectionStatus};
use crate::db::payments::{self, Holder, PaymentKind, PaymentRow};
use crate::db::poles::{self, PoleRow};
use crate::db::stripe::{self, RefundRow};
use crate::id::{CollectionId, InvoiceId, PaymentId, PoleId};
use crate::payments::{Facts, Return, credit, note_of, record, reverse};
use crate::problem::Problem;
use crate::work::{Author, Changes, Tx};

/// Why a collection is back that was refunded as a whole.
const REFUNDED: &str = "refunded";
/// Under which name a refund says by which request it was asked for.
const REFUND: &str = "palier_refund";
/// Where a refund, or a dispute about a part, stands whose money is gone.
pub(super) const TAKEN: &str = "succeeded";

/// Gives money back that was collected.
///
/// # Errors
/// [`Trouble`] after which it is asked again.
pub(super) async fn run(
    app: &Data<App>,
    pole: PoleId,
    id: CollectionId,
    (amount_minor, key): (i64, &str),
) -> Result<(), Trouble> {
    let of_work = app.clone();
    let read = app.db.read(move |conn| {
        let row = rows::find(conn, &pole, &id)?;
        let (account, pole) =
            (Account::of(&of_work, conn, &pole)?, poles::find(conn, pole.as_str())?);
        Ok(row.zip(account).zip(pole))
    });
    let found = read.await.map_err(Trouble::ours)?;
    let Some(((row, account), pole)) = found else { return Ok(()) };
    let Some(intent) = row.external_id.clone() else { return Ok(()) };
    let stripe = account.stripe(app)?;
    // Keys are forgotten after a day; what was made is not.
    let made = stripe.refunds_of(&intent).await?;
    let is_this = |it: &Refund| {
        it.metadata.as_ref().and_then(|it| it.get(REFUND)).is_some_and(|named| named == key)
    };
    if made.iter().any(is_this) {
        return look(app, &stripe, &pole, &intent).await.map(drop);
    }
    let metadata = HashMap::from([(REFUND.to_owned(), key.to_owned())]);
    let request =
        CreateRefund::new().payment_intent(&intent).amount(amount_minor).metadata(metadata);
    match stripe.refund(&request, &format!("palier-refund-{key}")).await {
        Ok(()) => {}
        // It was given back already, by whomever, or cannot be: what was is looked at.
        Err(Trouble::Refused { code, said }) => {
            tracing::warn!(%intent, %said, "a refund is refused");
            let amount = Money::from_minor(amount_minor, row.amount().currency());
            let told = serde_json::json!({
                "amount": amount.to_string(), "code": code, "reason": said,
            });
            let id = row.collection_id;
            let noted = write(app, &pole, move |tx| {
                Ok(tx.note("collection.refund_refused", id.as_str(), &Changes::made(&told))?)
            });
            noted.await?;
        }
        Err(trouble) => return Err(trouble),
    }
    look(app, &stripe, &pole, &intent).await.map(drop)
}

/// Books the refunds of an intent that were not, and takes back those that failed.
pub(super) async fn look(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    intent: &str,
) -> Result<String, Trouble> {
    let mut refunds = stripe.refunds_of(intent).await?;
    refunds.sort_by_key(|refund| refund.created);
    let (of_pole, intent) = (pole.clone(), intent.to_owned());
    let booked = write(app, pole, move |tx| {
        poles::hold(tx.conn, tx.pole())?;
        let mut booked = 0_usize;
        for refund in &refunds {
            // As the one before left it: another payment may stand for it now.
            let row = rows::by_external(tx.conn, tx.pole(), &intent)?;
            let Some(row) = row else { return Ok(0) };
            booked = booked.saturating_add(usize::from(book(tx, &of_pole, &row, refund)?));
        }
        Ok(booked)
    });
    Ok(format!("{} refunds booked", booked.await?))
}

/// Books one, if that is due; says whether something was done.
fn book(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    of: &CollectionRow,
    refund: &Refund,
) -> Result<bool, Problem> {
    let status = refund.status.as_deref().unwrap_or_default();
    let known = stripe::refund(tx.conn, tx.pole(), refund.id.as_str())?;
    match (known, status) {
        (None, TAKEN) => {
            let payment = pay_back(tx, pole, of, refund)?;
            let row = RefundRow {
                pole_id: tx.pole().clone(),
                refund_id: refund.id.to_string(),
                collection_id: of.collection_id.clone(),
                amount_minor: refund.amount,
                status: status.to_owned(),
                payment_id: payment,
                booked_at: tx.at(),
            };
            stripe::insert_refund(tx.conn, &row)?;
            Ok(true)
        }
        // The bank did not take it: the money is back on the balance.
        (Some(row), "failed" | "canceled") if row.status == TAKEN => {
            if let Some(payment) = &row.payment_id {
                let back = Return {
                    paid_on: day(pole, tx.at().timestamp().as_second()),
                    reference: row.refund_id.clone(),
                    note: status.to_owned(),
                    movement: None,
                };
                let recorded = reverse(tx, payment, back)?;
                note(tx, &recorded)?;
            } else {
                again(tx, pole, of, &row)?;
            }
            stripe::update_refund(tx.conn, &RefundRow { status: status.to_owned(), ..row })?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Records that money went back; the payment that says so.
fn pay_back(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    of: &CollectionRow,
    refund: &Refund,
) -> Result<Option<PaymentId>, Problem> {
    let paid = of.payment_id.as_ref().map(|id| payments::find(tx.conn, tx.pole(), id));
    let Some(paid) = paid.transpose()?.flatten() else { return Ok(None) };
    let amount = Money::from_minor(refund.amount, of.amount().currency());
    let on = day(pole, refund.created);
    let parts = credit::to_pay_out(tx, &of.member_id, amount)?;
    if let Some(parts) = parts {
        let facts = Facts {
            kind: PaymentKind::Refund,
            member: of.member_id.clone(),
            method: paid.method,
            holder: Some(Holder::Provider),
            paid_on: on,
            amount,
            reference: refund.id.to_string(),
            note: of.external_id.clone().unwrap_or_default(),
            movement: None,
            parts,
        };
        let recorded = record(tx, facts)?;
        note(tx, &recorded)?;
        return Ok(Some(recorded.row.payment_id));
    }
    let back = Return {
        paid_on: on.clone(),
        reference: refund.id.to_string(),
        note: "refunded".to_owned(),
        movement: None,
    };
    if payments::reversal(tx.conn, tx.pole(), &paid.payment_id)?.is_some() {
        return Ok(None);
    }
    let kept = paid.amount_minor.saturating_sub(refund.amount);
    if kept <= 0 {
        let (code, reason) = (REFUNDED.to_owned(), String::new());
        let news = News::Returned { code, reason, back };
        collections::learn(tx, &of.collection_id, news)?;
        return Ok(None);
    }
    keep(tx, of, (&paid, kept), back)?;
    Ok(None)
}

/// Records anew what a refund took of a payment, since it did not arrive: it settles what it settled.
pub(super) fn again(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    of: &CollectionRow,
    refund: &RefundRow,
) -> Result<(), Problem> {
    let paid = of.payment_id.as_ref().map(|id| payments::find(tx.conn, tx.pole(), id));
    let Some(paid) = paid.transpose()?.flatten() else { return Ok(()) };
    let (method, holder) = (paid.method, Holder::Provider);
    let paid_on = day(pole, tx.at().timestamp().as_second());
    let reference = refund.refund_id.clone();
    // Where it took all there was, and not a dispute after it.
    let is_whole = of.failure_code.as_deref() == Some(REFUNDED);
    if of.status == CollectionStatus::Returned && is_whole {
        let receipt = Receipt { method, holder, paid_on, reference, movement: None };
        return collections::learn(tx, &of.collection_id, News::Reinstated(receipt)).map(drop);
    }
    let amount = Money::from_minor(refund.amount_minor, of.amount().currency());
    let facts = Facts {
        kind: PaymentKind::Payment,
        member: of.member_id.clone(),
        method,
        holder: Some(holder),
        paid_on,
        amount,
        reference,
        note: String::new(),
        movement: None,
        parts: collections::still_open(tx, of, amount)?,
    };
    let recorded = record(tx, facts)?;
    note(tx, &recorded)
}

/// Takes a payment back, and records anew what was kept of it: it settles what it settled, as far as it goes.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    of: &CollectionRow,
    (paid, kept): (&PaymentRow, i64),
    back: Return,
) -> Result<(), Problem> {
    let on = back.paid_on.clone();
    let settled =
        payments::allocations(tx.conn, tx.pole(), std::slice::from_ref(&paid.payment_id))?;
    let recorded = reverse(tx, &paid.payment_id, back)?;
    note(tx, &recorded)?;
    let (mut left, mut parts): (i64, Vec<(InvoiceId, Money)>) = (kept, Vec::new());
    for it in settled {
        let part = it.amount_minor.min(left);
        if part > 0 {
            left = left.saturating_sub(part);
            parts.push((it.invoice_id, Money::from_minor(part, paid.currency())));
        }
    }
    let facts = Facts {
        kind: PaymentKind::Payment,
        member: paid.member_id.clone(),
        method: paid.method,
        holder: Some(Holder::Provider),
        paid_on: on,
        amount: Money::from_minor(kept, paid.currency()),
        reference: paid.reference.clone(),
        note: String::new(),
        movement: None,
        parts,
    };
    let recorded = record(tx, facts)?;
    note(tx, &recorded)?;
    collections::replace_payment(tx, of, recorded.row.payment_id)
}

fn note(tx: &mut Tx<'_>, recorded: &crate::payments::Recorded) -> Result<(), Problem> {
    let (action, made) = note_of(recorded);
    Ok(tx.note(action, recorded.row.payment_id.as_str(), &made)?)
}

/// Writes in the pole’s name.
pub(super) async fn write<T: Send + 'static>(
    app: &Data<App>,
    pole: &PoleRow,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Trouble> {
    let now = app.now();
    let request = crate::id::new_id("req", now);
    let author = Author::new(pole.pole_id.clone(), "palier".into(), request, now);
    let written = app.write(author, move |tx| {
        let value = work(tx)?;
        Ok(tx.unchanged(value))
    });
    Ok(written.await?)
}
