//! What was issued and what was paid in a period, document by document.

use palier_billing::{Currency, Error, Money};
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::{Booked, Document, Facts};
use super::{Period, Report, Span, unreadable};
use crate::day::Day;
use crate::db::invoices::InvoiceKind;
use crate::db::payments::{PaymentKind, PaymentMethod};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::id::{InvoiceId, MemberId, PaymentId};
use crate::say;
use crate::sheet::{Cell, Sheet, columns};

/// The invoices and credit notes that were issued in the days of a period, by number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceRegister {
    #[serde(flatten)]
    span: Span,
    /// A document each.
    documents: Vec<RegisteredInvoice>,
    /// All of them without VAT, less what is given back.
    #[schema(value_type = String, example = "3300.00")]
    net: Money,
    /// Their VAT.
    #[schema(value_type = String, example = "660.00")]
    vat: Money,
    /// With VAT.
    #[schema(value_type = String, example = "3960.00")]
    gross: Money,
}

/// A document that was issued; amounts are below zero for what is given back.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RegisteredInvoice {
    invoice: InvoiceId,
    /// Its number.
    #[schema(example = "FA-2026-000123")]
    number: String,
    kind: InvoiceKind,
    member: MemberId,
    /// The member's code.
    #[schema(example = "forge")]
    code: String,
    /// Its name.
    name: String,
    /// The month it bills.
    #[schema(example = "2026-07")]
    billed_month: String,
    issued_on: Day,
    /// The day by which it is to be paid.
    due_on: Day,
    /// Without VAT.
    #[schema(value_type = String, example = "100.00")]
    net: Money,
    /// Its VAT.
    #[schema(value_type = String, example = "20.00")]
    vat: Money,
    /// With VAT.
    #[schema(value_type = String, example = "120.00")]
    gross: Money,
}

impl InvoiceRegister {
    /// What was issued in the days of a period.
    pub(crate) fn read(conn: &mut Db, pole: &PoleRow, period: &Period) -> Result<Self, DbError> {
        let currency = pole.currency();
        let facts = Facts::until(conn, &pole.pole_id, currency, period.last())?;
        let made = Self::of(&facts, period, currency);
        made.map_err(|error| unreadable(&error))
    }

    fn of(facts: &Facts, period: &Period, currency: Currency) -> Result<Self, Error> {
        let issued = facts.documents.iter().filter(|(_, it)| period.days().contains(it.issued_on));
        let documents = issued.map(|(id, it): (_, &Document)| {
            let (code, name) = facts.named(&it.member);
            Ok(RegisteredInvoice {
                invoice: id.clone(),
                number: it.number.clone(),
                kind: it.kind,
                member: it.member.clone(),
                code,
                name,
                billed_month: it.period.clone(),
                issued_on: it.issued_on.into(),
                due_on: it.due_on.into(),
                net: it.net,
                vat: it.total.checked_sub(it.net)?,
                gross: it.total,
            })
        });
        let mut documents = documents.collect::<Result<Vec<_>, Error>>()?;
        documents.sort_by(|one, other| one.number.cmp(&other.number));
        let sum =
            |of: fn(&RegisteredInvoice) -> Money| Money::sum(currency, documents.iter().map(of));
        let (net, vat, gross) = (sum(|it| it.net)?, sum(|it| it.vat)?, sum(|it| it.gross)?);
        Ok(Self { span: Span::of(period, currency), documents, net, vat, gross })
    }
}

impl Report for InvoiceRegister {
    fn sheet(&self) -> Sheet {
        let row = |it: &RegisteredInvoice| {
            vec![
                Cell::text(&it.number),
                Cell::text(it.kind.as_str()),
                Cell::text(&it.code),
                Cell::text(&it.name),
                Cell::text(&it.billed_month),
                Cell::Day(it.issued_on.date()),
                Cell::Day(it.due_on.date()),
                Cell::Money(it.net),
                Cell::Money(it.vat),
                Cell::Money(it.gross),
            ]
        };
        let mut total = vec![Cell::Empty; 7];
        total.extend([self.net, self.vat, self.gross].map(Cell::Money));
        Sheet {
            name: format!("invoices-{}", self.span.period),
            title: say!(en "Invoices", fr "Factures"),
            columns: columns![
                "number" "Number" "Numéro", "kind" "Kind" "Nature", "code" "Code" "Code",
                "name" "Member" "Membre", "billed_month" "Billed month" "Mois facturé",
                "issued_on" "Issued" "Émise le", "due_on" "Due" "Échéance",
                "net" "Net" "HT", "vat" "VAT" "TVA", "gross" "Gross" "TTC",
            ],
            rows: self.documents.iter().map(row).collect(),
            total: Some(total),
        }
    }
}

/// The payments, refunds and losses that were booked in the days of a period, in the order in which
/// they were recorded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PaymentRegister {
    #[serde(flatten)]
    span: Span,
    /// A payment each.
    payments: Vec<RegisteredPayment>,
    /// What came in, less what went out.
    #[schema(value_type = String, example = "120.00")]
    amount: Money,
}

/// A payment that was booked.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RegisteredPayment {
    payment: PaymentId,
    kind: PaymentKind,
    method: PaymentMethod,
    /// Its entry in the journal.
    #[schema(example = "BQ000042")]
    entry: String,
    member: MemberId,
    /// The member's code.
    #[schema(example = "forge")]
    code: String,
    /// Its name.
    name: String,
    /// The day on which it happened.
    paid_on: Day,
    /// The day on which it is booked: a later one, if the books were closed for that day.
    booked_on: Day,
    /// What proves it.
    #[schema(example = "VIR-0042")]
    reference: String,
    /// Above zero what came in, below what went out; nothing where no money moved.
    #[schema(value_type = String, example = "120.00")]
    amount: Money,
    /// What it settles of documents.
    #[schema(value_type = String, example = "120.00")]
    settled: Money,
    /// By how much it changes what stands to the member's credit.
    #[schema(value_type = String, example = "0.00")]
    credit: Money,
}

impl PaymentRegister {
    /// What was booked in the days of a period.
    pub(crate) fn read(conn: &mut Db, pole: &PoleRow, period: &Period) -> Result<Self, DbError> {
        let currency = pole.currency();
        let facts = Facts::until(conn, &pole.pole_id, currency, period.last())?;
        let booked = facts.payments.iter().filter(|it| period.days().contains(it.on));
        let payments = booked.map(|it| RegisteredPayment::of(it, &facts, currency));
        let payments = payments.collect::<Result<Vec<_>, Error>>();
        let payments = payments.map_err(|error| unreadable(&error))?;
        let amount = Money::sum(currency, payments.iter().map(|it| it.amount));
        let amount = amount.map_err(|error| unreadable(&error))?;
        Ok(Self { span: Span::of(period, currency), payments, amount })
    }
}

impl RegisteredPayment {
    fn of(
        Booked { row, on, parts, .. }: &Booked,
        facts: &Facts,
        currency: Currency,
    ) -> Result<Self, Error> {
        let (code, name) = facts.named(&row.member_id);
        Ok(Self {
            payment: row.payment_id.clone(),
            kind: row.kind,
            method: row.method,
            entry: format!("{}{:06}", row.journal, row.seq),
            member: row.member_id.clone(),
            code,
            name,
            paid_on: row.paid_on.clone(),
            booked_on: (*on).into(),
            reference: row.reference.clone(),
            amount: Money::from_minor(row.amount_minor, currency),
            settled: Money::sum(currency, parts.iter().map(|(_, part)| part.amount))?,
            credit: Money::from_minor(row.credit_minor, currency),
        })
    }
}

impl Report for PaymentRegister {
    fn sheet(&self) -> Sheet {
        let row = |it: &RegisteredPayment| {
            vec![
                Cell::text(&it.entry),
                Cell::text(it.kind.as_str()),
                Cell::text(it.method.as_str()),
                Cell::text(&it.code),
                Cell::text(&it.name),
                Cell::Day(it.paid_on.date()),
                Cell::Day(it.booked_on.date()),
                Cell::text(&it.reference),
                Cell::Money(it.amount),
                Cell::Money(it.settled),
                Cell::Money(it.credit),
            ]
        };
        let mut total = vec![Cell::Empty; 8];
        total.extend([Cell::Money(self.amount), Cell::Empty, Cell::Empty]);
        Sheet {
            name: format!("payments-{}", self.span.period),
            title: say!(en "Payments", fr "Paiements"),
            columns: columns![
                "entry" "Entry" "Écriture", "kind" "Kind" "Nature", "method" "Method" "Moyen",
                "code" "Code" "Code", "name" "Member" "Membre", "paid_on" "Paid on" "Payé le",
                "booked_on" "Booked on" "Comptabilisé le", "reference" "Reference" "Référence",
                "amount" "Amount" "Montant", "settled" "Settled" "Imputé",
                "credit" "Credit" "Crédit",
            ],
            rows: self.payments.iter().map(row).collect(),
            total: Some(total),
        }
    }
}
