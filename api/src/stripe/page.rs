//! The link on invoices by which a member pays at once: it leads to a page of Stripe's for what is open on
//! the day it is followed, and is good as long as anything is.

use std::collections::HashMap;

use actix_web::web::Data;
use aws_lc_rs::hmac;
use palier_billing::Money;
use secrecy::ExposeSecret as _;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, ProductData,
};
use stripe_shared::{CheckoutSessionMode, PaymentIntent};

use super::intent::{INVOICE, MEMBER, currency, day, news};
use super::means::on_page;
use super::refund::write;
use super::{Account, Trouble};
use crate::app::App;
use crate::auth::{CryptoError, MasterSecret, Purpose};
use crate::collections::{self, Arrival};
use crate::db::collections as rows;
use crate::db::invoices::{self, InvoiceRow, InvoiceStatus};
use crate::db::members::{self, MemberRow};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError, payments, stripe};
use crate::id::{InvoiceId, MemberId, PoleId};
use crate::problem::Problem;

/// How much of a signature a link bears: 16 bytes, which nobody guesses.
const TAG: usize = 16;

/// What stands in the link behind a document's id, so that nobody can make one.
fn tag(secret: &MasterSecret, pole: &PoleId, id: &InvoiceId) -> Result<String, CryptoError> {
    let key = secret.key(Purpose::PaymentLinks)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret());
    let tag = hmac::sign(&key, format!("{pole}/{id}").as_bytes());
    Ok(crate::hex(tag.as_ref().get(..TAG).unwrap_or_default()))
}

/// The link by which a document is paid.
pub(crate) fn link(app: &App, pole: &PoleRow, id: &InvoiceId) -> Result<String, CryptoError> {
    let tag = tag(&app.config.secret, &pole.pole_id, id)?;
    Ok(format!("{}/v1/poles/{}/pay/{id}.{tag}", app.public_url, pole.code))
}

/// The link by which a document is paid, if the pole collects by Stripe. It stays what it is, whatever
/// becomes of the document and of the account.
///
/// # Errors
/// The database’s; a [`Problem`] where no link can be made.
pub(crate) fn link_to_pay(
    app: &App,
    conn: &mut Db,
    pole: &PoleRow,
    id: &InvoiceId,
) -> Result<Option<String>, Problem> {
    if stripe::account(conn, &pole.pole_id)?.is_none() {
        return Ok(None);
    }
    link(app, pole, id).map(Some).map_err(|error| Problem::internal(&error))
}

/// The document that a link is of, if it is one of ours.
pub(crate) fn read_link(app: &App, pole: &PoleId, link: &str) -> Option<InvoiceId> {
    let (id, given) = link.split_once('.')?;
    let id: InvoiceId = id.parse().ok()?;
    let tag = tag(&app.config.secret, pole, &id).ok()?;
    crate::auth::same(tag.as_bytes(), given.as_bytes()).then_some(id)
}

/// Where a link leads.
pub(crate) enum Way {
    /// To this page.
    To(String),
    /// Nothing is open of the document.
    Settled(String),
    /// Its money is on its way.
    Underway(String),
    /// The pole does not collect by Stripe, or there is no such document.
    Nowhere,
}

/// What a page is made of.
struct Order {
    account: Account,
    invoice: InvoiceRow,
    member: MemberRow,
    open: Money,
    /// Whether it is being collected already.
    is_sent: bool,
}

fn order(
    app: &App,
    conn: &mut Db,
    pole: &PoleId,
    id: &InvoiceId,
) -> Result<Option<Order>, DbError> {
    let invoice = invoices::find(conn, pole, id)?;
    let invoice = invoice.filter(|row| row.status == InvoiceStatus::Final && !row.kind.is_credit());
    let Some((account, invoice)) = Account::of(app, conn, pole)?.zip(invoice) else {
        return Ok(None);
    };
    let Some(member) = members::find(conn, pole, &invoice.member_id)? else { return Ok(None) };
    let settled = payments::settled(conn, pole, std::slice::from_ref(id))?;
    let settled = settled.get(id).copied().unwrap_or_default();
    let open = Money::from_minor(invoice.gross_minor.saturating_sub(settled), invoice.currency());
    let is_sent = rows::is_sent(conn, pole, id)?;
    Ok(Some(Order { account, invoice, member, open, is_sent }))
}

/// The page on which what is open of a document is paid, unless it is being collected. The same on the same
/// day, as long as as much is open: who follows the link twice pays once.
///
/// # Errors
/// [`Trouble`], where Stripe makes none.
pub(crate) async fn lead(app: &Data<App>, pole: &PoleRow, id: InvoiceId) -> Result<Way, Trouble> {
    let (of_work, pole_id, of_invoice) = (app.clone(), pole.pole_id.clone(), id.clone());
    let read = app.db.read(move |conn| order(&of_work, conn, &pole_id, &of_invoice)).await;
    let order = read.map_err(Trouble::ours)?;
    let Some(Order { account, invoice, member, open, is_sent }) = order else {
        return Ok(Way::Nowhere);
    };
    let number = invoice.number.clone().unwrap_or_default();
    if open.minor() <= 0 {
        return Ok(Way::Settled(number));
    }
    if is_sent {
        return Ok(Way::Underway(number));
    }
    let stripe = account.stripe(app)?;
    let customer = super::means::customer(app, &stripe, pole, &member).await?;
    let metadata = HashMap::from([
        (MEMBER.to_owned(), member.member_id.to_string()),
        (INVOICE.to_owned(), id.to_string()),
    ]);
    let line = CreateCheckoutSessionLineItems {
        quantity: Some(1),
        price_data: Some(CreateCheckoutSessionLineItemsPriceData {
            unit_amount: Some(open.minor()),
            product_data: Some(ProductData::new(&number)),
            ..CreateCheckoutSessionLineItemsPriceData::new(currency(open.currency()))
        }),
        ..CreateCheckoutSessionLineItems::new()
    };
    let intent = CreateCheckoutSessionPaymentIntentData {
        description: Some(number.clone()),
        metadata: Some(metadata.clone()),
        ..CreateCheckoutSessionPaymentIntentData::new()
    };
    let methods = account.settings.methods.iter().map(|method| on_page(method.as_str()));
    let methods: Vec<_> = methods.collect();
    let back = link(app, pole, &id).map_err(|error| Trouble::refused(&error))?;
    let request = Box::new(
        CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Payment)
            .customer(&customer)
            .allowed_payment_method_types(methods)
            .line_items(vec![line])
            .payment_intent_data(intent)
            .metadata(metadata)
            .success_url(format!("{back}?paid=true"))
            .cancel_url(format!("{back}?paid=false")),
    );
    let today = day(pole, app.now().timestamp().as_second());
    let key = format!("palier-page-{id}-{}-{}", open.minor(), today.date());
    let session = stripe.session(&request, &key).await?;
    match session.url {
        Some(url) => Ok(Way::To(url)),
        None => Ok(Way::Settled(number)),
    }
}

/// Writes down what was paid on a page.
pub(super) async fn paid(
    app: &Data<App>,
    pole: &PoleRow,
    intent: &PaymentIntent,
    (member, invoice): (&str, &str),
) -> Result<String, Trouble> {
    let Some((member, invoice)) = member.parse::<MemberId>().ok().zip(invoice.parse().ok()) else {
        return Ok("not asked for by Palier".to_owned());
    };
    // What was not paid is no collection: somebody looked at a page.
    let Some(news) = news(pole, intent).filter(|news| {
        matches!(news, collections::News::Processing | collections::News::Succeeded(_))
    }) else {
        return Ok("not paid".to_owned());
    };
    let code = intent.currency.to_string().to_ascii_uppercase();
    let Some(currency) = palier_billing::Currency::from_code(&code) else {
        return Ok(format!("in {code}"));
    };
    let arrival = Arrival {
        member,
        invoice,
        amount: Money::from_minor(intent.amount, currency),
        external_id: intent.id.to_string(),
        on: day(pole, intent.created),
    };
    write(app, pole, move |tx| {
        let row = collections::arrive(tx, arrival)?;
        let row = collections::learn(tx, &row.collection_id, news)?;
        Ok(format!("collection {}", row.collection_id))
    })
    .await
}
