//! Money asked for by members' means of payment: planned, sent, and what became of it.
//!
//! A collection is planned in a transaction that looks at what is open of its documents, sent outside of
//! one, and becomes a payment in the transaction that learns that it came in. While one is on its way no
//! document of it is collected again: the database refuses that as well. What members, banks and providers
//! say comes late and in any order, so that whatever moved money is recorded, also where the collection was
//! taken to be over.

pub(crate) mod announce;
pub(crate) mod answers;
pub(crate) mod daily;
pub(crate) mod debits;
pub(crate) mod left_out;
pub(crate) mod mandates;
mod news;
pub(crate) mod planner;
pub(crate) mod recall;
pub(crate) mod setbacks;
pub(crate) mod settings;
pub(crate) mod settle;
pub(crate) mod verify;

pub(crate) use news::{News, Receipt, is_back_by_hand, learn, still_open, taken_back};

use std::collections::HashMap;

use palier_billing::{Currency, Money};
use serde_json::json;

use crate::day::Day;
use crate::db::collections::{self, Channel, CollectionRow, CollectionStatus, PartRow, Wanted};
use crate::db::invoices::{self, InvoiceStatus};
use crate::db::payments::{self, Whose};
use crate::db::{Db, DbError, means, poles};
use crate::id::{CollectionId, InvoiceId, MeansId, MemberId, PaymentId, PoleId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::{Changes, Tx};

/// What is to be collected.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) member: MemberId,
    /// None where the member pays by itself, on a page of the provider.
    pub(crate) means: Option<MeansId>,
    pub(crate) channel: Channel,
    pub(crate) collect_on: Day,
    /// The day the member was told of day and amount, if it was.
    pub(crate) announced_on: Option<Day>,
    /// Documents of which all that is open is collected, in one currency.
    pub(crate) documents: Vec<InvoiceId>,
}

/// Plans a collection of what is open of some documents.
///
/// # Errors
/// A [`Problem`] where one of them is no document of the member's that asks for money, is settled, or is
/// being collected; the database's.
pub(crate) fn plan(tx: &mut Tx<'_>, plan: Plan) -> Result<CollectionRow, Problem> {
    // What is open, and on its way, is read before it is written.
    poles::hold(tx.conn, tx.pole())?;
    let (parts, attempt) = parts(tx, &plan)?;
    let currency = parts.first().map_or(Currency::EUR, |(_, open)| open.currency());
    let amount = Money::sum(currency, parts.iter().map(|(_, open)| *open));
    let amount = amount.map_err(|error| Problem::internal(&error))?;
    let row = CollectionRow {
        pole_id: tx.pole().clone(),
        collection_id: CollectionId::new(tx.at()),
        member_id: plan.member,
        means_id: plan.means,
        channel: plan.channel,
        status: CollectionStatus::Planned,
        currency: currency.code().to_owned(),
        amount_minor: amount.minor(),
        collect_on: plan.collect_on,
        announced_on: plan.announced_on,
        attempt,
        external_id: None,
        file_id: None,
        failure_code: None,
        failure_reason: None,
        payment_id: None,
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    let part = |(invoice_id, open): (InvoiceId, Money)| PartRow {
        pole_id: row.pole_id.clone(),
        collection_id: row.collection_id.clone(),
        invoice_id,
        amount_minor: open.minor(),
        live: true,
    };
    let parts: Vec<_> = parts.into_iter().map(part).collect();
    collections::insert(tx.conn, &row, &parts)?;
    tx.note("collection.planned", row.collection_id.as_str(), &Changes::made(&told(&row)))?;
    Ok(row)
}

/// What is open of documents that are to be collected, and which try it is for them.
fn parts(tx: &mut Tx<'_>, plan: &Plan) -> Result<(Vec<(InvoiceId, Money)>, i32), Problem> {
    let settled = payments::settled(tx.conn, tx.pole(), &plan.documents)?;
    let moving = collections::on_the_way(tx.conn, tx.pole(), &plan.documents)?;
    let (mut parts, mut attempt): (Vec<(InvoiceId, Money)>, i32) = (Vec::new(), 0);
    for (place, id) in plan.documents.iter().enumerate() {
        let found = invoices::find(tx.conn, tx.pole(), id)?;
        let found = found.filter(|row| row.status == InvoiceStatus::Final && !row.kind.is_credit());
        let found = found.filter(|row| row.member_id == plan.member);
        let document = found.ok_or_else(|| refuse(place, Wrong::Unknown))?;
        let settled = settled.get(id).copied().unwrap_or_default();
        let open = document.gross_minor.saturating_sub(settled);
        if open <= 0 {
            return Err(refuse(place, Wrong::Settled));
        }
        if moving.contains(id) || parts.iter().any(|(other, _)| other == id) {
            return Err(refuse(place, Wrong::OnTheWay));
        }
        let open = Money::from_minor(open, document.currency());
        if parts.first().is_some_and(|(_, first)| first.currency() != open.currency()) {
            return Err(refuse(place, Wrong::OtherCurrency));
        }
        let before = collections::attempts(tx.conn, tx.pole(), id)?;
        attempt = attempt.max(before.saturating_add(1));
        parts.push((id.clone(), open));
    }
    if parts.is_empty() {
        return Err(refuse(0, Wrong::Unknown));
    }
    Ok((parts, attempt))
}

/// Plans anew what is left of a collection that was given up, if anything is.
///
/// # Errors
/// As [`plan`].
pub(crate) fn plan_rest(tx: &mut Tx<'_>, of: &CollectionRow) -> Result<(), Problem> {
    let its = documents(tx, of)?;
    let settled = payments::settled(tx.conn, tx.pole(), &its)?;
    let mut open = Vec::new();
    for id in its {
        let document = invoices::find(tx.conn, tx.pole(), &id)?;
        let settled = settled.get(&id).copied().unwrap_or_default();
        if document.is_some_and(|document| document.gross_minor > settled) {
            open.push(id);
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    let again = Plan {
        member: of.member_id.clone(),
        means: of.means_id.clone(),
        channel: of.channel,
        collect_on: of.collect_on.clone(),
        announced_on: of.announced_on.clone(),
        documents: open,
    };
    plan(tx, again).map(drop)
}

/// What a member pays by itself, on a page of the provider.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) member: MemberId,
    pub(crate) invoice: InvoiceId,
    pub(crate) amount: Money,
    /// What it is called at the provider.
    pub(crate) external_id: String,
    pub(crate) on: Day,
}

/// Notes money that a member is sending by itself: whatever is open of its document, and even if it is being
/// collected otherwise, since nobody can keep it from paying.
///
/// # Errors
/// The database's.
pub(crate) fn arrive(tx: &mut Tx<'_>, it: Arrival) -> Result<CollectionRow, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    if let Some(known) = collections::by_external(tx.conn, tx.pole(), &it.external_id)? {
        return Ok(known);
    }
    call_off(tx, &it)?;
    let invoice = std::slice::from_ref(&it.invoice);
    let moving = collections::on_the_way(tx.conn, tx.pole(), invoice)?;
    let before = collections::attempts(tx.conn, tx.pole(), &it.invoice)?;
    let row = CollectionRow {
        pole_id: tx.pole().clone(),
        collection_id: CollectionId::new(tx.at()),
        member_id: it.member,
        means_id: None,
        channel: Channel::Stripe,
        status: CollectionStatus::Processing,
        currency: it.amount.currency().code().to_owned(),
        amount_minor: it.amount.minor(),
        collect_on: it.on,
        announced_on: None,
        attempt: before.saturating_add(1),
        external_id: Some(it.external_id),
        file_id: None,
        failure_code: None,
        failure_reason: None,
        payment_id: None,
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    let part = PartRow {
        pole_id: row.pole_id.clone(),
        collection_id: row.collection_id.clone(),
        invoice_id: it.invoice,
        amount_minor: row.amount_minor,
        live: moving.is_empty(),
    };
    collections::insert(tx.conn, &row, &[part])?;
    tx.note("collection.arrived", row.collection_id.as_str(), &Changes::made(&told(&row)))?;
    Ok(row)
}

/// Calls off what was planned of a document that its member is paying by itself.
fn call_off(tx: &mut Tx<'_>, it: &Arrival) -> Result<(), Problem> {
    let whose = Whose { among: None, member: Some(it.member.clone()) };
    let status = Some(CollectionStatus::Planned);
    let wanted = Wanted { whose, status, ..Wanted::default() };
    for row in collections::page(tx.conn, tx.pole(), &wanted, None, i64::MAX)? {
        // What is planned with others waits until it is settled.
        if documents(tx, &row)? == [it.invoice.clone()] {
            let reason = "paid online".to_owned();
            learn(tx, &row.collection_id, News::Cancelled { reason })?;
        }
    }
    Ok(())
}

/// Notes that another payment now stands for a collection: part of the first went back.
///
/// # Errors
/// A [`Problem`] where somebody changed it meanwhile; the database's.
pub(crate) fn replace_payment(
    tx: &mut Tx<'_>,
    of: &CollectionRow,
    payment: PaymentId,
) -> Result<(), Problem> {
    let next = CollectionRow {
        payment_id: Some(payment),
        version: of.version.saturating_add(1),
        updated_at: tx.at(),
        ..of.clone()
    };
    if !collections::update(tx.conn, &next, of.version)? {
        return Err(Problem::changed());
    }
    let changes = Changes::between(&told(of), &told(&next));
    Ok(tx.note("collection.part_returned", next.collection_id.as_str(), &changes)?)
}

/// Takes back by which means a member is collected, since another takes its place.
///
/// # Errors
/// A [`Problem`] where somebody changed it meanwhile; the database's.
pub(crate) fn no_default(tx: &mut Tx<'_>, member: &MemberId) -> Result<(), Problem> {
    let Some(row) = means::default_of(tx.conn, tx.pole(), member)? else { return Ok(()) };
    let version = row.version;
    let next = means::MeansRow {
        is_default: false,
        version: version.saturating_add(1),
        updated_at: tx.at(),
        ..row
    };
    if !means::update(tx.conn, &next, version)? {
        return Err(Problem::changed());
    }
    let (was, is) = (json!({ "is_default": true }), json!({ "is_default": false }));
    let changes = Changes::between(&was, &is);
    Ok(tx.note("payment_means.changed", next.means_id.as_str(), &changes)?)
}

/// Calls off what is planned by a means of payment that ends.
///
/// # Errors
/// As [`learn`].
pub(crate) fn no_more_by(
    tx: &mut Tx<'_>,
    ended: &means::MeansRow,
    reason: &str,
) -> Result<(), Problem> {
    let whose = Whose { among: None, member: Some(ended.member_id.clone()) };
    let status = Some(CollectionStatus::Planned);
    let wanted = Wanted { whose, status, ..Wanted::default() };
    let planned = collections::page(tx.conn, tx.pole(), &wanted, None, i64::MAX)?;
    for it in planned.into_iter().filter(|it| it.means_id.as_ref() == Some(&ended.means_id)) {
        learn(tx, &it.collection_id, News::Cancelled { reason: reason.to_owned() })?;
    }
    Ok(())
}

/// The documents of a collection.
fn documents(tx: &mut Tx<'_>, row: &CollectionRow) -> Result<Vec<InvoiceId>, DbError> {
    let its = collections::parts(tx.conn, tx.pole(), std::slice::from_ref(&row.collection_id))?;
    Ok(its.into_iter().map(|part| part.invoice_id).collect())
}

/// Collections with what they are of, in their order.
pub(crate) fn whole(
    conn: &mut Db,
    pole: &PoleId,
    rows: Vec<CollectionRow>,
) -> Result<Vec<(CollectionRow, Vec<PartRow>)>, DbError> {
    let ids: Vec<_> = rows.iter().map(|row| row.collection_id.clone()).collect();
    let mut parts: HashMap<_, Vec<_>> = HashMap::new();
    for part in collections::parts(conn, pole, &ids)? {
        parts.entry(part.collection_id.clone()).or_default().push(part);
    }
    let with = |row: CollectionRow| {
        let its = parts.remove(&row.collection_id).unwrap_or_default();
        (row, its)
    };
    Ok(rows.into_iter().map(with).collect())
}

/// What the audit log says of one.
fn told(row: &CollectionRow) -> serde_json::Value {
    json!({
        "member": row.member_id, "means": row.means_id, "channel": row.channel,
        "status": row.status, "amount": row.amount().to_string(), "currency": row.currency,
        "collect_on": row.collect_on, "external_id": row.external_id, "file": row.file_id,
        "failure_code": row.failure_code, "payment": row.payment_id,
    })
}

/// Why a document cannot be collected.
#[derive(Clone, Copy)]
enum Wrong {
    Unknown,
    Settled,
    OnTheWay,
    OtherCurrency,
}

fn refuse(place: usize, wrong: Wrong) -> Problem {
    let pointer = format!("/documents/{place}");
    let fault = |code, detail| Fault::body(pointer, code, detail);
    match wrong {
        Wrong::Unknown => Problem::invalid(vec![fault(
            "unknown_invoice",
            say!(
                en "The member has no final document of this id that asks for money.",
                fr "Le membre n’a pas de document définitif à payer de cet identifiant."
            ),
        )]),
        Wrong::OtherCurrency => Problem::invalid(vec![fault(
            "other_currency",
            say!(
                en "It is in another currency than those before.",
                fr "Il est dans une autre devise que les précédents."
            ),
        )]),
        Wrong::Settled => Problem::conflict(fault(
            "settled",
            say!(en "Nothing of it is open.", fr "Il est entièrement réglé."),
        )),
        Wrong::OnTheWay => Problem::conflict(fault(
            "being_collected",
            say!(en "It is being collected.", fr "Son encaissement est en cours."),
        )),
    }
}
