//! Documents as rows, before they are final.

use palier_billing::{Document, Issued};

use crate::db::DbError;
use crate::db::invoices::{InvoiceKind, InvoiceRow, InvoiceStatus};
use crate::id::{InvoiceId, MemberId};
use crate::work::Author;

/// The row of a draft: whose it is, of which month, and which of its documents.
pub(super) fn draft(
    author: &Author,
    id: InvoiceId,
    (member, period, part): (&MemberId, &str, &str),
    document: &Document,
) -> Result<InvoiceRow, DbError> {
    let nothing = InvoiceRow {
        pole_id: author.pole.clone(),
        invoice_id: id,
        member_id: member.clone(),
        period: period.to_owned(),
        part: part.to_owned(),
        kind: InvoiceKind::Invoice,
        status: InvoiceStatus::Draft,
        currency: document.content().currency.code().to_owned(),
        net_minor: 0,
        vat_minor: 0,
        gross_minor: 0,
        document: String::new(),
        remark: String::new(),
        series: None,
        year: None,
        seq: None,
        number: None,
        issued_on: None,
        due_on: None,
        seal: None,
        version: 0,
        created_at: author.at,
        updated_at: author.at,
    };
    saying(nothing, document)
}

/// The next version of a draft, saying something else.
pub(super) fn saying(row: InvoiceRow, document: &Document) -> Result<InvoiceRow, DbError> {
    let totals = document.totals();
    let text = serde_json::to_string(document).map_err(|error| unreadable(&row, &error))?;
    let kind = document.content().kind;
    let other = || unreadable(&row, &format_args!("a {kind} is no document to a member"));
    Ok(InvoiceRow {
        kind: InvoiceKind::of(kind).ok_or_else(other)?,
        net_minor: totals.net.minor(),
        vat_minor: totals.vat_total.minor(),
        gross_minor: totals.gross.minor(),
        document: text,
        version: row.version.saturating_add(1),
        ..row
    })
}

/// The document of a draft.
pub(super) fn read(row: &InvoiceRow) -> Result<Document, DbError> {
    serde_json::from_str(&row.document).map_err(|error| unreadable(row, &error))
}

/// What a document says, draft or final.
pub(super) fn read_any(row: &InvoiceRow) -> Result<Document, DbError> {
    if row.status != InvoiceStatus::Final {
        return read(row);
    }
    let issued: Issued =
        serde_json::from_str(&row.document).map_err(|error| unreadable(row, &error))?;
    Ok(issued.document)
}

/// A row does not hold what this program wrote.
pub(super) fn unreadable(row: &InvoiceRow, what: &dyn std::fmt::Display) -> DbError {
    DbError::Unreadable {
        table: "invoices",
        id: row.invoice_id.to_string(),
        what: what.to_string(),
    }
}
