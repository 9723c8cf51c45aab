//! Whether transfers, bills, payments, files and movements at the bank hold together.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use palier_billing::ledger::Role;

use super::file::TransferFile;
use super::paid_from;
use crate::db::bills::{self, BillStatus};
use crate::db::payments::{self, PaymentKind};
use crate::db::transfer_files::{self, TransferFileStatus};
use crate::db::transfers::{self, TransferKind, TransferRow, TransferStatus, Wanted};
use crate::db::{Db, DbError, bank};
use crate::id::{BankMovementId, PoleId};
use crate::invoicing::Settings;

/// How many rows are in memory at once.
const STEP: i64 = 500;

/// Verifies the transfers of a pole: each is of what its bill comes to, which is paid if it was executed; or
/// of what a member was paid back; what came back was taken back; files are as they were written, and of
/// what they hold; and what moved at the bank is what it was. Gives how many there are, and what is wrong.
/// Entries are compared with [bills](crate::bills::verify).
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<(u64, Vec<String>), DbError> {
    let mut faults = files(conn, pole)?;
    let mut moved: BTreeMap<BankMovementId, (i64, Vec<String>)> = BTreeMap::new();
    let (mut count, mut after) = (0_u64, None::<String>);
    loop {
        let rows = transfers::page(conn, pole, &Wanted::default(), after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.transfer_id.to_string());
        for row in rows {
            count = count.saturating_add(1);
            let wrong = match row.kind {
                TransferKind::Bill => of_bill(conn, pole, &row)?,
                TransferKind::Credit => of_credit(conn, pole, &row)?,
            };
            faults.extend(wrong.map(|what| format!("{}: {what}", row.transfer_id)));
            if let Some(id) = row.movement_id {
                let (sum, names) = moved.entry(id).or_default();
                *sum = sum.saturating_add(row.amount_minor);
                names.extend([row.transfer_id.to_string()].into_iter().chain(row.batch_id));
            }
        }
    }
    for (id, (sum, names)) in moved {
        let found = bank::find(conn, pole, &id)?;
        let same = found.is_some_and(|it| {
            let counterpart = it.counterpart.unwrap_or_default();
            it.amount_minor == sum.saturating_neg() && names.contains(&counterpart)
        });
        if !same {
            faults.push(format!("{id}: it is not what transfers were debited as"));
        }
    }
    Ok((count, faults))
}

/// What of a transfer differs from the bill that it pays.
fn of_bill(
    conn: &mut Db,
    pole: &PoleId,
    row: &TransferRow,
) -> Result<Option<&'static str>, DbError> {
    let bill = row.bill_id.as_ref().map(|id| bills::find(conn, pole, id)).transpose()?.flatten();
    let Some(bill) = bill else { return Ok(Some("its bill is missing")) };
    let executed = row.status == TransferStatus::Executed;
    let pays = transfers::of_bill(conn, pole, &bill.bill_id)?;
    let is_paid = pays.is_some_and(|it| it.status == TransferStatus::Executed);
    let entry = (row.journal.as_deref(), row.year, row.seq);
    let paid_from = Settings::moved(conn, pole, entry, paid_from(row).role())?;
    let waited = Settings::moved(conn, pole, entry, Role::VatDeductiblePending)?;
    let waited = waited.unwrap_or_default().saturating_neg();
    let back = (row.journal.as_deref(), row.back_year, row.back_seq);
    let waits_again = Settings::moved(conn, pole, back, Role::VatDeductiblePending)?;
    let rules = [
        (row.provider_id.as_ref() != Some(&bill.provider_id), "its bill is another provider’s"),
        (
            (row.amount_minor, &row.currency) != (bill.total_minor, &bill.currency),
            "its bill is of another amount",
        ),
        (executed && bill.status != BillStatus::Paid, "it was executed and its bill is not paid"),
        (
            bill.status == BillStatus::Paid && !is_paid,
            "its bill is paid and no transfer was executed",
        ),
        (
            row.seq.is_some() && paid_from != Some(row.amount_minor.saturating_neg()),
            "it was not paid from where it was sent by",
        ),
        (
            row.seq.is_some() && waited != bill.waiting_vat_minor(),
            "the VAT that waited for it is not what is deducted",
        ),
        (
            row.back_seq.is_some() && waits_again.unwrap_or_default() != bill.waiting_vat_minor(),
            "it came back, and its VAT does not wait again",
        ),
    ];
    Ok(rules.into_iter().find(|(broken, _)| *broken).map(|(_, what)| what))
}

/// What of a transfer differs from the payment by which a member has its credit back.
fn of_credit(
    conn: &mut Db,
    pole: &PoleId,
    row: &TransferRow,
) -> Result<Option<&'static str>, DbError> {
    let Some(id) = &row.payment_id else {
        return Ok(row.executed_on.is_some().then_some("it was executed and is no payment"));
    };
    let Some(paid) = payments::find(conn, pole, id)? else {
        return Ok(Some("its payment is missing"));
    };
    let back = payments::reversal(conn, pole, id)?.is_some();
    let rules = [
        (paid.kind != PaymentKind::Refund, "its payment is no refund"),
        (
            paid.amount_minor != row.amount_minor.saturating_neg(),
            "its payment is of another amount",
        ),
        (row.member_id.as_ref() != Some(&paid.member_id), "its payment is another member’s"),
        (
            row.status == TransferStatus::Returned && !back,
            "it came back and its payment was not taken back",
        ),
    ];
    Ok(rules.into_iter().find(|(broken, _)| *broken).map(|(_, what)| what))
}

fn files(conn: &mut Db, pole: &PoleId) -> Result<Vec<String>, DbError> {
    let (mut faults, mut after) = (Vec::new(), None::<String>);
    loop {
        let rows = transfer_files::page(conn, pole, after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { return Ok(faults) };
        after = Some(last.file_id.to_string());
        for row in rows {
            let body = transfer_files::body(conn, pole, &row.file_id)?.unwrap_or_default();
            let file = TransferFile::of(conn, row)?;
            let sum = file.transfers.iter().map(|it| it.amount_minor);
            let sum = sum.fold(0, i64::saturating_add);
            let count = i32::try_from(file.transfers.len()).ok();
            let live = |it: &TransferRow| it.status.is_live() || it.executed_on.is_some();
            let called_off = file.row.status == TransferFileStatus::Cancelled;
            let rules = [
                (
                    crate::hex(digest(&SHA256, &body).as_ref()) != file.row.sha256,
                    "it is not what was written",
                ),
                (
                    sum != file.row.amount_minor || count != Some(file.row.payments),
                    "its transfers come to another sum",
                ),
                (
                    called_off && file.transfers.iter().any(live),
                    "it was called off and carried out",
                ),
            ];
            let broken = rules.into_iter().filter(|(broken, _)| *broken);
            faults.extend(broken.map(|(_, what)| format!("{}: {what}", file.row.file_id)));
        }
    }
}
