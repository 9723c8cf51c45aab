//! Keeps the files of documents as they become final, behind whoever makes them so.

use std::future::ready;

use actix_web::web::Data;
use futures_util::stream::{self, StreamExt as _};

use super::{ArchiveError, ensure};
use crate::app::App;
use crate::db::archive::{self, WaitingRow};
use crate::db::queue::{Waiting, patience};
use crate::db::{Db, DbError, invoices, poles};

/// How long it rests when there is nothing to do.
const REST: std::time::Duration = std::time::Duration::from_secs(2);
/// How many documents are looked for at a time.
const STEP: i64 = 50;

/// Keeps files, document after document, until it is told to stop.
pub(crate) async fn run(app: Data<App>) {
    while !app.is_stopping() {
        // Whoever asks for something meanwhile needs the other processors.
        match round(&app, Waiting::Due(app.now()), 1).await {
            Ok(kept) if kept > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "what is to be archived cannot be read"),
        }
        let _either = tokio::time::timeout(REST, app.closed()).await;
    }
}

/// Keeps the files of some documents that wait, so many at a time; of how many. What cannot be kept is tried
/// again later, and keeps no other from being kept.
pub(crate) async fn round(
    app: &Data<App>,
    which: Waiting,
    at_once: usize,
) -> Result<usize, DbError> {
    let waiting = app.db.read(move |conn| archive::waiting(conn, &which, STEP)).await?;
    let mut made = stream::iter(waiting)
        .take_while(|_| ready(!app.is_stopping()))
        .map(|row| async {
            let made = one(app, &row).await;
            (row, made)
        })
        .buffer_unordered(at_once);
    let mut kept: usize = 0;
    while let Some((row, made)) = made.next().await {
        match made {
            Ok(()) => kept = kept.saturating_add(1),
            Err(error) => {
                let error = error.to_string();
                tracing::error!(invoice = %row.invoice_id, %error, "a document is not archived");
                let again = app.now().plus(patience(row.attempts));
                app.db.write(move |conn| archive::postpone(conn, &row, again, &error)).await?;
            }
        }
    }
    if kept > 0 {
        // There may be mail now.
        app.wake.notify_one();
    }
    Ok(kept)
}

async fn one(app: &Data<App>, row: &WaitingRow) -> Result<(), ArchiveError> {
    let (pole, invoice) = (row.pole_id.clone(), row.invoice_id.clone());
    let found = move |conn: &mut Db| {
        Ok::<_, DbError>((
            poles::find(conn, pole.as_str())?,
            invoices::find(conn, &pole, &invoice)?,
        ))
    };
    // Both are there, as the queue refers to them, unless somebody got at the database.
    let (Some(pole), Some(invoice)) = app.db.read(found).await? else {
        return Err(ArchiveError::Gone("the document is gone".to_owned()));
    };
    ensure(app, &pole, &invoice).await.map(drop)
}
