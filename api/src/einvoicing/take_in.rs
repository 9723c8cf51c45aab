//! What a platform says, taken in: each message once, whole or not at all.

use actix_web::web::{Bytes, Data};
use aws_lc_rs::digest::{SHA256, digest};
use palier_billing::einvoice::cdar::{self, Participant, Report, Role, StatusMessage};
use palier_billing::einvoice::lifecycle::Status;

use super::platform::{Outcome, Platform, PlatformError};
use super::{NotTaken, Said, Why, message, record, words};
use crate::app::App;
use crate::db::DbError;
use crate::db::einvoices::{self, Direction, GivenBy, MessageRow};
use crate::db::invoices::{self, Filter, InvoiceRow, InvoiceStatus};
use crate::db::poles::{self, PoleRow};
use crate::fault;
use crate::id::{MessageId, new_id};
use crate::say;
use crate::text::Text;
use crate::work::{Author, Changes, Done, Tx};

/// Why a message was not taken in.
#[derive(Debug)]
enum Refusal {
    /// What is wrong with it.
    Said(Text),
    /// The database, which will be better.
    Database(DbError),
}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

/// Takes in one message that arrived; what became of it, and none if it is not there any more.
///
/// # Errors
/// The platform's; the database's, by which the message stays where it is.
pub(super) async fn take(
    app: &Data<App>,
    platform: &Platform,
    pole: &PoleRow,
    name: &str,
) -> Result<Option<Outcome>, PlatformError> {
    let Some(found) = platform.fetch(pole, name).await? else { return Ok(None) };
    let outcome = match found {
        Err(why) => Outcome::Refused(why),
        Ok(bytes) => match cdar::read(&bytes) {
            Err(faults) => Outcome::Refused(words::not_read(&faults)),
            Ok(message) => taken(app, pole, message, bytes).await?,
        },
    };
    fault::point("taken in");
    platform.settle(pole, name, outcome.clone()).await?;
    Ok(Some(outcome))
}

async fn taken(
    app: &Data<App>,
    pole: &PoleRow,
    message: StatusMessage,
    bytes: Bytes,
) -> Result<Outcome, PlatformError> {
    let (pole, now) = (pole.clone(), app.now());
    let author = Author::new(pole.pole_id.clone(), "palier".into(), new_id("req", now), now);
    let write = move |conn: &mut crate::db::Db| {
        author.write(conn, |tx| accept(tx, &pole, &message, &bytes))
    };
    match app.db.write(write).await {
        Ok(()) => Ok(Outcome::Taken),
        Err(Refusal::Said(why)) => Ok(Outcome::Refused(why)),
        Err(Refusal::Database(error)) => Err(PlatformError(error.to_string())),
    }
}

fn accept(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    message: &StatusMessage,
    bytes: &[u8],
) -> Result<Done<()>, Refusal> {
    poles::hold(tx.conn, tx.pole())?;
    let known_as = known_as(message);
    let sha256 = crate::hex(digest(&SHA256, bytes).as_ref());
    if let Some(known) = einvoices::message(tx.conn, tx.pole(), (Direction::In, &known_as))? {
        if known.sha256 == sha256 {
            return Ok(tx.unchanged(()));
        }
        let id = &message.id;
        return Err(Refusal::Said(say!(
            en "The message {id} came before, and said something else.\n",
            fr "Le message {id} est déjà venu, avec un autre contenu.\n"
        )));
    }
    let row = MessageRow {
        pole_id: tx.pole().clone(),
        message_id: MessageId::new(tx.at()),
        direction: Direction::In,
        known_as,
        sha256,
        body: bytes.to_vec(),
        recorded_at: tx.at(),
    };
    einvoices::add_message(tx.conn, &row)?;
    let given_by = giver(message.issuer.role);
    for report in &message.reports {
        let invoice = document(tx, report)?;
        let said = Said {
            status: theirs(report.status, given_by)?,
            given_by,
            happened_at: message::instant(pole, message.happened_at),
            reasons: report.explanations.iter().map(Why::from).collect(),
            note: String::new(),
            collected: None,
            message: Some(row.message_id.clone()),
        };
        let kept = record(tx, &invoice.invoice_id, said).map_err(|error| match error {
            NotTaken::Order(error) => Refusal::Said(about(report, words::out_of_order(error))),
            NotTaken::Database(error) => Refusal::Database(error),
        })?;
        let told = serde_json::json!({
            "status": kept.status, "given_by": kept.given_by, "message": message.id,
        });
        tx.note("invoice.status", invoice.invoice_id.as_str(), &Changes::made(&told))?;
    }
    Ok(tx.unchanged(()))
}

/// Who sent a message, and what they call it.
fn known_as(message: &StatusMessage) -> String {
    let Participant { role, id, name, .. } = &message.sender;
    let sender = match (id, name) {
        (Some(id), _) => format!("{}:{}", id.scheme, id.value),
        (None, Some(name)) => name.clone(),
        (None, None) => role.to_string(),
    };
    format!("{sender} {}", message.id)
}

fn giver(role: Role) -> GivenBy {
    match role {
        Role::Seller | Role::SellerAgent | Role::Invoicer => GivenBy::Seller,
        Role::Buyer | Role::BuyerAgent | Role::Invoicee | Role::Payer => GivenBy::Buyer,
        Role::Platform | Role::State => GivenBy::Platform,
        Role::Factor | Role::Payee => GivenBy::Other,
    }
}

/// A status that another can give: what was collected, and what the seller says, is said here.
fn theirs(status: Status, given_by: GivenBy) -> Result<Status, Refusal> {
    if status != Status::Collected && given_by != GivenBy::Seller {
        return Ok(status);
    }
    Err(Refusal::Said(say!(
        en "{status} is for the seller to say, not for its platform.\n",
        fr "Le statut {status} est au vendeur de le donner, non à sa plateforme.\n"
    )))
}

/// The document that a message is about: one of the pole's, and no other of its number.
fn document(tx: &mut Tx<'_>, report: &Report) -> Result<InvoiceRow, Refusal> {
    let number = &report.about.number;
    let filter = Filter {
        number: Some(number.clone()),
        status: Some(InvoiceStatus::Final),
        ..Filter::default()
    };
    let found = invoices::page(tx.conn, tx.pole(), &filter, None, 1)?.pop();
    let Some(found) = found else {
        return Err(Refusal::Said(say!(
            en "There is no document {number}.\n", fr "Il n’y a pas de document {number}.\n"
        )));
    };
    let issued = message::issued(&found)?;
    let content = issued.document.content();
    let about = &report.about;
    let same = about.issued_on.is_none_or(|day| day == issued.issued_on)
        && about.seller.is_none_or(|siren| Some(siren) == content.seller.siren)
        && about.type_code.as_ref().is_none_or(|code| code == content.kind.code());
    if same {
        return Ok(found);
    }
    Err(Refusal::Said(say!(
        en "The document {number} is of another day, seller or type.\n",
        fr "Le document {number} est d’un autre jour, vendeur ou type.\n"
    )))
}

/// What is wrong, with the document that it is about.
fn about(report: &Report, why: Text) -> Text {
    let number = &report.about.number;
    let Text { en, fr } = why;
    say!(en "{number}: {en}\n", fr "{number} : {fr}\n")
}
