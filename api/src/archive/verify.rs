//! Whether what is kept is what was kept.

use super::Store;
use crate::db::archive::{self, ArchivedRow};
use crate::db::{Database, DbError};
use crate::id::PoleId;

/// How many rows are read at a time.
const STEP: i64 = 500;

/// How many files were looked at, and what is wrong with any, in words. Every one of them is read.
pub(crate) async fn verify(
    db: &Database,
    store: &Store,
    pole: &PoleId,
) -> Result<(u64, Vec<String>), DbError> {
    let (mut count, mut faults) = (0_u64, Vec::new());
    let mut after: Option<ArchivedRow> = None;
    loop {
        let (of, behind) = (pole.clone(), after.take());
        let rows = db.read(move |conn| archive::page(conn, &of, behind.as_ref(), STEP)).await?;
        for row in &rows {
            count = count.saturating_add(1);
            if let Err(error) = store.fetch(&row.pole_id, row.form, &row.sha256).await {
                faults.push(format!("{}: {error}", row.invoice_id));
            }
        }
        match rows.into_iter().last() {
            Some(last) => after = Some(last),
            None => return Ok((count, faults)),
        }
    }
}
