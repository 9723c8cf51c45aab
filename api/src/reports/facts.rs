//! Documents and what settled them, by the days on which that was booked.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use palier_billing::ledger::{Revenue, Settlement};
use palier_billing::reports::VatFact;
use palier_billing::{Currency, Error, Issued, Money, VatDue, VatTotal};

use super::unreadable;
use crate::db::invoices::{self, InvoiceKind, InvoiceRow, InvoiceStatus};
use crate::db::members::{self, MemberRow};
use crate::db::payments::{PaymentKind, PaymentRow};
use crate::db::{Db, DbError, reports};
use crate::id::{InvoiceId, MemberId, PoleId};
use crate::invoicing;

/// How many documents are read at once: each is kept without its lines.
const STEP: i64 = 500;

/// A final document.
pub(super) struct Document {
    pub(super) number: String,
    pub(super) member: MemberId,
    pub(super) kind: InvoiceKind,
    pub(super) period: String,
    pub(super) issued_on: Date,
    pub(super) due_on: Date,
    /// Without VAT; these and its VAT are below zero for what is given back.
    pub(super) net: Money,
    pub(super) total: Money,
    pub(super) vat: Vec<VatTotal>,
    pub(super) vat_due: VatDue,
    /// What of it is revenue of services, by their ids.
    pub(super) services: BTreeMap<String, Money>,
}

/// A payment, a refund, a loss, or what takes one back.
pub(super) struct Booked {
    pub(super) row: PaymentRow,
    pub(super) on: Date,
    /// What was lost rather than settled.
    pub(super) is_loss: bool,
    pub(super) parts: Vec<(InvoiceId, Settlement)>,
}

/// All that was booked of what members owe until a day, that day included.
pub(super) struct Facts {
    last: Date,
    /// Later ones as well: somebody may pay before a document is issued.
    pub(super) documents: BTreeMap<InvoiceId, Document>,
    pub(super) payments: Vec<Booked>,
    pub(super) members: HashMap<MemberId, MemberRow>,
}

impl Facts {
    pub(super) fn until(
        conn: &mut Db,
        pole: &PoleId,
        currency: Currency,
        last: Date,
    ) -> Result<Self, DbError> {
        let documents = documents(conn, pole)?;
        let payments = payments(conn, pole, &documents, (currency, last))?;
        let everybody = members::Filter::default();
        let members = members::page(conn, pole, &everybody, None, i64::MAX)?;
        let members = members.into_iter().map(|row| (row.member_id.clone(), row)).collect();
        Ok(Self { last, documents, payments, members })
    }

    /// How much of each document is not settled, those of which nothing is open left out.
    pub(super) fn open(&self) -> Result<BTreeMap<&InvoiceId, Money>, DbError> {
        // What was paid of a document that was still to come is in the member's favour.
        let total = |it: &Document| {
            let zero = Money::zero(it.total.currency());
            if it.issued_on <= self.last { it.total } else { zero }
        };
        let mut open: BTreeMap<_, _> =
            self.documents.iter().map(|(id, it)| (id, total(it))).collect();
        for (id, part) in self.payments.iter().flat_map(|payment| &payment.parts) {
            if let Some(of) = open.get_mut(id) {
                *of = of.checked_sub(part.amount).map_err(|error| unreadable(&error))?;
            }
        }
        open.retain(|_, open| !open.is_zero());
        Ok(open)
    }

    /// What stands to each member's credit.
    pub(super) fn credits(&self) -> BTreeMap<&MemberId, i64> {
        let mut credits: BTreeMap<_, i64> = BTreeMap::new();
        for Booked { row, .. } in &self.payments {
            let credit = credits.entry(&row.member_id).or_default();
            *credit = credit.saturating_add(row.credit_minor);
        }
        credits.retain(|_, credit| *credit != 0);
        credits
    }

    /// What makes VAT due, or keeps it waiting.
    pub(super) fn vat(&self) -> impl Iterator<Item = VatFact<'_>> {
        let issued = self.documents.values().map(|it| VatFact::Issued {
            on: it.issued_on,
            total: it.total,
            vat: &it.vat,
            vat_due: it.vat_due,
        });
        let settled = self.payments.iter().flat_map(|payment| {
            let on = payment.on;
            payment.parts.iter().map(move |(_, part)| {
                if payment.is_loss {
                    VatFact::Lost { on, part }
                } else {
                    VatFact::Settled { on, part }
                }
            })
        });
        issued.chain(settled)
    }

    /// Code and name of a member.
    pub(super) fn named(&self, member: &MemberId) -> (String, String) {
        let row = self.members.get(member);
        row.map(|row| (row.code.clone(), row.name.clone())).unwrap_or_default()
    }
}

fn documents(conn: &mut Db, pole: &PoleId) -> Result<BTreeMap<InvoiceId, Document>, DbError> {
    let filter =
        invoices::Filter { status: Some(InvoiceStatus::Final), ..invoices::Filter::default() };
    let (mut documents, mut after) = (BTreeMap::new(), None::<String>);
    loop {
        let rows = invoices::page(conn, pole, &filter, after.as_deref(), STEP)?;
        let Some(end) = rows.last() else { return Ok(documents) };
        after = Some(end.invoice_id.to_string());
        for row in rows {
            let document = document(&row).map_err(|error| DbError::Unreadable {
                table: "invoices",
                id: row.invoice_id.to_string(),
                what: error,
            })?;
            documents.insert(row.invoice_id, document);
        }
    }
}

fn document(row: &InvoiceRow) -> Result<Document, String> {
    let issued: Issued = serde_json::from_str(&row.document).map_err(|error| error.to_string())?;
    let zero = Money::zero(row.currency());
    let signed = |money: Money| {
        if row.kind.is_credit() { zero.checked_sub(money) } else { Ok(money) }
    };
    let vat = issued.document.totals().vat.iter().map(|vat| {
        Ok::<_, Error>(VatTotal { base: signed(vat.base)?, vat: signed(vat.vat)?, ..*vat })
    });
    let content = issued.document.content();
    let mut services: BTreeMap<String, Money> = BTreeMap::new();
    for (line, amount) in issued.document.lines() {
        let revenue = invoicing::journal::revenue(content.kind, line);
        let Revenue::Service(service) = revenue else { continue };
        let sum = services.entry(service).or_insert(zero);
        let amount = signed(amount).map_err(|error| error.to_string())?;
        *sum = sum.checked_add(amount).map_err(|error| error.to_string())?;
    }
    // Lines of no service have no tag.
    services.remove("");
    Ok(Document {
        services,
        vat: vat.collect::<Result<_, _>>().map_err(|error| error.to_string())?,
        number: issued.number.clone(),
        member: row.member_id.clone(),
        kind: row.kind,
        period: row.period.clone(),
        issued_on: issued.issued_on,
        due_on: issued.due_on,
        net: Money::from_minor(row.signed(row.net_minor), row.currency()),
        total: Money::from_minor(row.signed(row.gross_minor), row.currency()),
        vat_due: content.vat_due,
    })
}

/// All that was booked, in the order in which it was recorded, with how much of each document was
/// settled before.
fn payments(
    conn: &mut Db,
    pole: &PoleId,
    documents: &BTreeMap<InvoiceId, Document>,
    (currency, last): (Currency, Date),
) -> Result<Vec<Booked>, DbError> {
    let mut parts: HashMap<_, Vec<_>> = HashMap::new();
    for part in reports::allocations(conn, pole)? {
        parts.entry(part.payment_id.clone()).or_default().push(part);
    }
    let rows = reports::booked_payments(conn, pole)?;
    let losses: std::collections::HashSet<_> = rows
        .iter()
        .filter(|(row, _)| row.kind == PaymentKind::WriteOff)
        .map(|(row, _)| row.payment_id.clone())
        .collect();
    let mut settled: HashMap<InvoiceId, Money> = HashMap::new();
    let mut booked = Vec::new();
    for (row, on) in rows.into_iter().filter(|(_, on)| on.date() <= last) {
        let is_loss = losses.contains(row.reverses.as_ref().unwrap_or(&row.payment_id));
        let mut of_payment = Vec::new();
        for part in parts.remove(&row.payment_id).unwrap_or_default() {
            let Some(document) = documents.get(&part.invoice_id) else { continue };
            let amount = Money::from_minor(part.amount_minor, currency);
            let before = settled.entry(part.invoice_id.clone()).or_insert(Money::zero(currency));
            let settlement = Settlement {
                document: document.number.clone(),
                total: document.total,
                vat: document.vat.clone(),
                vat_due: document.vat_due,
                before: *before,
                amount,
            };
            *before = before.checked_add(amount).map_err(|error| unreadable(&error))?;
            of_payment.push((part.invoice_id, settlement));
        }
        booked.push(Booked { row, on: on.date(), is_loss, parts: of_payment });
    }
    Ok(booked)
}
