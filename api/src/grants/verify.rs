//! Whether credits are drawn as documents say.

use std::collections::BTreeMap;

use palier_billing::{Document, DocumentLineKind, Issued};

use crate::db::grants::{self, DrawRow, GrantRow};
use crate::db::invoices::{self, InvoiceRow, InvoiceStatus};
use crate::db::{Db, DbError};
use crate::id::{GrantId, InvoiceId, PoleId};

/// How many rows are in memory at once.
const STEP: i64 = 500;

/// How a line that draws a credit is known in the canonical form of a document: no text in it can look
/// so, since quotes are escaped there.
const MARK: &str = r#""kind":"credit""#;

/// Verifies the credits of a pole: between nothing and all of each is drawn, nothing of one that was
/// taken back; each line of a document that draws one has its row, of the same amount, and each row its
/// line. Gives how many credits there are, and what is wrong.
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<(u64, Vec<String>), DbError> {
    let mut rows: BTreeMap<InvoiceId, Vec<DrawRow>> = BTreeMap::new();
    let mut sums: BTreeMap<GrantId, i64> = BTreeMap::new();
    for row in grants::all_draws(conn, pole)? {
        let sum = sums.entry(row.grant_id.clone()).or_default();
        *sum = sum.saturating_add(row.amount_minor);
        rows.entry(row.invoice_id.clone()).or_default().push(row);
    }
    let (count, members, mut faults) = granted(conn, pole, sums)?;
    let mut after = None::<String>;
    loop {
        let filter = invoices::Filter::default();
        let page = invoices::page(conn, pole, &filter, after.as_deref(), STEP)?;
        let Some(last) = page.last() else { break };
        after = Some(last.invoice_id.to_string());
        for row in page {
            let draws = rows.remove(&row.invoice_id).unwrap_or_default();
            let name = row.number.as_deref().unwrap_or(row.invoice_id.as_str());
            let strange = |draw: &&DrawRow| members.get(&draw.grant_id) != Some(&row.member_id);
            if draws.iter().any(|draw| strange(&draw)) {
                faults.push(format!("{name}: it draws a credit of another member"));
            }
            if !draws.is_empty() || row.document.contains(MARK) {
                faults.extend(differs(&row, draws).map(|what| format!("{name}: {what}")));
            }
        }
    }
    let strays = rows.into_keys().map(|id| format!("{id}: it draws a credit, and is no document"));
    faults.extend(strays);
    Ok((count, faults))
}

/// Whose each credit is.
type Members = BTreeMap<GrantId, crate::id::MemberId>;

/// Compares every credit with what is drawn of it.
fn granted(
    conn: &mut Db,
    pole: &PoleId,
    mut sums: BTreeMap<GrantId, i64>,
) -> Result<(u64, Members, Vec<String>), DbError> {
    let (mut count, mut members, mut faults) = (0_u64, Members::new(), Vec::new());
    let mut after = None::<String>;
    loop {
        let page = grants::page(conn, pole, None, after.as_deref(), STEP)?;
        let Some(last) = page.last() else { break };
        after = Some(last.grant_id.to_string());
        for GrantRow { grant_id, member_id, amount_minor, revoked_at, .. } in page {
            count = count.saturating_add(1);
            let drawn = sums.remove(&grant_id).unwrap_or_default();
            let most = if revoked_at.is_some() { 0 } else { amount_minor };
            if !(0..=most).contains(&drawn) {
                faults.push(format!(
                    "{grant_id}: more is drawn of it than was granted, or less than nothing"
                ));
            }
            members.insert(grant_id, member_id);
        }
    }
    let strays = sums.into_keys().map(|id| format!("{id}: it is drawn, and was never granted"));
    faults.extend(strays);
    Ok((count, members, faults))
}

/// What of a document's draws differs from its lines.
fn differs(row: &InvoiceRow, draws: Vec<DrawRow>) -> Option<&'static str> {
    let read = match row.status {
        InvoiceStatus::Final => {
            serde_json::from_str::<Issued>(&row.document).map(|issued| issued.document)
        }
        _ => serde_json::from_str::<Document>(&row.document),
    };
    // What cannot be read is told by those who verify documents.
    let document = read.ok()?;
    let mut draws: BTreeMap<i32, i64> =
        draws.into_iter().map(|draw| (draw.line, draw.amount_minor)).collect();
    for (nth, (line, amount)) in (1..).zip(document.lines()) {
        if line.kind != DocumentLineKind::Credit {
            continue;
        }
        // An invoice takes off what it draws; a credit note has the lines of its invoice.
        let drawn = row.signed(amount.minor()).saturating_neg();
        if draws.remove(&nth) != Some(drawn) {
            return Some("a line of it draws another amount of a credit than is noted");
        }
    }
    (!draws.is_empty()).then_some("more is noted to be drawn by it than its lines say")
}
