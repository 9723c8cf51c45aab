//! What final documents are in the books.

use palier_billing::ledger::{
    Auxiliary, Chart, ChartAccount, Entry, Heading, LedgerError, Revenue, Sale, credit_note, sale,
};
use palier_billing::{DocumentKind, DocumentLine, Issued, VatCategory};

use super::InvoicingError;
use crate::db::services::ServiceRow;

/// The chart of a pole: its own, with the accounts of its services.
pub(super) fn chart(chart: &Chart, services: &[ServiceRow]) -> Chart {
    let mut chart = chart.clone();
    for service in services {
        let account = service.revenue_account.as_deref().and_then(|number| number.parse().ok());
        let named = account.and_then(|number| ChartAccount::new(number, &service.name_fr).ok());
        if let Some(account) = named {
            chart.sales.insert(service.service_id.to_string(), account);
        }
    }
    chart
}

/// What a line of a kind of document is for.
pub(crate) fn revenue(kind: DocumentKind, line: &DocumentLine) -> Revenue {
    match (&line.service, kind) {
        _ if line.kind.is_penalty() => Revenue::Penalty,
        (_, DocumentKind::Rebate) => Revenue::Rebate,
        (_, _) if line.vat.category == VatCategory::OutOfScope => Revenue::Membership,
        (Some(service), _) => Revenue::Service(service.clone()),
        (None, _) => Revenue::Service(String::new()),
    }
}

/// The entry of a document; none for one that comes to nothing.
pub(super) fn entry(chart: &Chart, issued: &Issued) -> Result<Option<Entry>, InvoicingError> {
    let content = issued.document.content();
    let code = content.buyer.code.clone().unwrap_or_default();
    let failed = |error: LedgerError| InvoicingError::Ledger {
        member: code.clone(),
        what: error.to_string(),
    };
    let label = format!("{} {}", issued.number, content.buyer.name);
    let lines = issued.document.lines();
    let lines = lines.map(|(line, amount)| (revenue(content.kind, line), amount));
    let facts = Sale {
        heading: Heading::new(issued.issued_on, &issued.number, &label).map_err(failed)?,
        customer: Auxiliary::new(&code, &content.buyer.name).map_err(failed)?,
        lines: lines.collect(),
        vat: issued.document.totals().vat.clone(),
        vat_due: content.vat_due,
    };
    let book = if content.kind.is_credit() { credit_note } else { sale };
    book(chart, &facts).map_err(failed)
}
