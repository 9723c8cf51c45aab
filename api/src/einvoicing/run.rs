//! Exchanges with the platform, round after round: gives what waits, and takes in what arrived.

use actix_web::web::{Bytes, Data};
use aws_lc_rs::digest::{SHA256, digest};

use super::platform::{Outcome, Platform};
use super::{message, take_in};
use crate::app::App;
use crate::archive;
use crate::db::archive::FileForm;
use crate::db::einvoices::{self, Direction, MessageRow, OutboxRow};
use crate::db::poles::{self, PoleRow};
use crate::db::queue::{Waiting, patience};
use crate::db::{Db, DbError, invoices};
use crate::fault;
use crate::id::MessageId;

/// How long it rests when there is nothing to do.
const REST: std::time::Duration = std::time::Duration::from_secs(2);
/// How many files are given at a time.
const STEP: i64 = 50;

/// What was exchanged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchanged {
    /// Files that the platform was given.
    pub(crate) given: u64,
    /// Messages that were taken in.
    pub(crate) taken: u64,
    /// Messages that were not, by their names.
    pub(crate) refused: Vec<String>,
    /// Why anything could not be given or taken in for now.
    pub(crate) failed: Vec<String>,
}

/// Exchanges until it is told to stop; at once, if there is no platform.
pub(crate) async fn run(app: Data<App>) {
    if app.platform.is_none() {
        return;
    }
    while !app.is_stopping() {
        match round(&app, None).await {
            Ok(done) if done.given > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "what is to be exchanged cannot be read"),
        }
        let _either = tokio::time::timeout(REST, app.closed()).await;
    }
}

/// Exchanges for a pole until nothing is left that can be.
///
/// # Errors
/// The database's.
pub(crate) async fn all(app: &Data<App>, pole: &PoleRow) -> Result<Exchanged, DbError> {
    let mut all = Exchanged::default();
    loop {
        let Exchanged { given, taken, refused, failed } = round(app, Some(pole)).await?;
        let moved = given > 0 || taken > 0 || !refused.is_empty();
        all.given = all.given.saturating_add(given);
        all.taken = all.taken.saturating_add(taken);
        all.refused.extend(refused);
        // What failed is tried again each time.
        all.failed = failed;
        if !moved || app.is_stopping() {
            return Ok(all);
        }
    }
}

/// Exchanges once: for all poles, or for one, though some of what it has may be due later.
///
/// # Errors
/// The database's.
async fn round(app: &Data<App>, only: Option<&PoleRow>) -> Result<Exchanged, DbError> {
    let mut done = Exchanged::default();
    let Some(platform) = &app.platform else { return Ok(done) };
    let poles = match only {
        Some(pole) => vec![pole.clone()],
        None => app.db.read(poles::all).await?,
    };
    for pole in poles.iter().filter(|pole| platform.serves(pole)) {
        receive(app, platform, pole, &mut done).await;
    }
    let which = match only {
        Some(pole) => Waiting::Of(pole.pole_id.clone()),
        None => Waiting::Due(app.now()),
    };
    let waiting = app.db.read(move |conn| einvoices::waiting(conn, &which, STEP)).await?;
    for row in waiting {
        if app.is_stopping() {
            break;
        }
        match give(app, platform, &row).await {
            Ok(given) => done.given = done.given.saturating_add(u64::from(given)),
            Err(error) => {
                tracing::error!(invoice = %row.invoice_id, %error, "it cannot be given to the platform");
                let again = app.now().plus(patience(row.attempts));
                done.failed.push(format!("{}: {error}", row.invoice_id));
                app.db.write(move |conn| einvoices::postpone(conn, &row, again, &error)).await?;
            }
        }
    }
    Ok(done)
}

/// Takes in what arrived. What cannot be for now stays where it is.
async fn receive(app: &Data<App>, platform: &Platform, pole: &PoleRow, done: &mut Exchanged) {
    let mut failed = |error: String| {
        tracing::error!(pole = %pole.code, %error, "messages cannot be taken in");
        done.failed.push(error);
    };
    let names = match platform.arrived(pole).await {
        Ok(names) => names,
        Err(error) => return failed(error.to_string()),
    };
    for name in names {
        if app.is_stopping() {
            return;
        }
        match take_in::take(app, platform, pole, &name).await {
            Ok(None) => {}
            Ok(Some(Outcome::Taken)) => done.taken = done.taken.saturating_add(1),
            Ok(Some(Outcome::Refused(why))) => {
                let why = why.en.trim_end().to_owned();
                tracing::warn!(pole = %pole.code, file = %name, %why, "a message is refused");
                done.refused.push(format!("{name}: {why}"));
            }
            Err(error) => {
                tracing::error!(pole = %pole.code, file = %name, %error, "a message cannot be taken in");
                done.failed.push(format!("{name}: {error}"));
            }
        }
    }
}

/// Gives the platform one thing; false if another process has. Whoever gives it again, after a crash, gives
/// the same bytes under the same name, by which the platform knows that it has it.
async fn give(app: &Data<App>, platform: &Platform, row: &OutboxRow) -> Result<bool, String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let id = row.pole_id.clone();
    let pole = app.db.read(move |conn| poles::find(conn, id.as_str())).await;
    let pole = pole.map_err(|error| told(&error))?.ok_or("its pole is gone")?;
    let _turn = platform.turn(&pole).await.map_err(|error| told(&error))?;
    let (id, invoice, seq) = (row.pole_id.clone(), row.invoice_id.clone(), row.seq);
    let found = move |conn: &mut Db| {
        Ok::<_, DbError>((
            einvoices::waiting_of(conn, &id, &invoice)?.contains(&seq),
            invoices::find(conn, &id, &invoice)?,
            einvoices::find(conn, &id, (&invoice, seq))?,
        ))
    };
    let (waits, invoice, status) = app.db.read(found).await.map_err(|error| told(&error))?;
    // Whoever had the turn before may have given it.
    if !waits {
        return Ok(false);
    }
    let invoice = invoice.ok_or("the document is gone")?;
    let (bytes, body): (Bytes, Vec<u8>) = match &status {
        Some(status) => {
            let bytes = message::status(&pole, &invoice, status).map_err(|error| told(&error))?;
            (bytes.clone().into(), bytes)
        }
        None => {
            let kept = archive::of(app, &pole, &invoice, FileForm::Cii).await;
            let kept = kept.map_err(|error| told(&error))?;
            (kept.ok_or("it is no electronic invoice")?.bytes, Vec::new())
        }
    };
    let name = message::name(&invoice, status.as_ref());
    let sha256 = crate::hex(digest(&SHA256, &bytes).as_ref());
    platform.give(&pole, &name, bytes).await.map_err(|error| told(&error))?;
    fault::point("given");
    let message = MessageRow {
        pole_id: row.pole_id.clone(),
        message_id: MessageId::new(app.now()),
        direction: Direction::Out,
        known_as: name.clone(),
        sha256,
        body,
        recorded_at: app.now(),
    };
    let row = row.clone();
    let given = move |conn: &mut Db| {
        // The document may be over by now.
        if einvoices::given(conn, &row)? {
            einvoices::add_message(conn, &message)?;
        }
        Ok::<_, DbError>(())
    };
    app.db.write(given).await.map_err(|error| told(&error))?;
    platform.given(&pole, &name).await.map_err(|error| told(&error))?;
    Ok(true)
}
