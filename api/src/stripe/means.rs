//! Cards and accounts that members let themselves be collected by: saved on a page of Stripe’s.

use std::collections::HashMap;

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAllowedPaymentMethodTypes,
    CreateCheckoutSessionSetupIntentData,
};
use stripe_core::customer::CreateCustomer;
use stripe_shared::{
    CheckoutSession, CheckoutSessionMode, CheckoutSessionStatus,
    PaymentIntentAllowedPaymentMethodTypes, PaymentMethod, SetupIntent,
};

use super::intent::currency;
use super::refund::write;
use super::{Account, Stripe, Trouble};
use crate::app::App;
use crate::collections as core;
use crate::db::means::{self, MeansKind, MeansRow, MeansStatus};
use crate::db::members::{self, MemberRow};
use crate::db::poles::{self, PoleRow};
use crate::db::stripe::{self, CustomerRow};
use crate::db::{Db, DbError};
use crate::id::{MeansId, PoleId};
use crate::problem::Problem;
use crate::work::{Changes, Tx};

/// Under which name a session says which means of payment it saves.
pub(super) const MEANS: &str = "palier_means";

/// What is known of a means of payment at Stripe, by where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    /// Where the member goes from the page.
    pub(crate) return_url: String,
    /// The page on which it is saved, while it is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// Until when the page is there, in seconds of the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mandate: Option<String>,
    /// `2029-03`, of a card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) card_expires: Option<String>,
}

impl Details {
    /// Those of a row.
    pub(crate) fn of(row: &MeansRow) -> Self {
        serde_json::from_str(&row.details).unwrap_or_default()
    }

    /// As the database keeps them.
    pub(crate) fn text(&self) -> Result<String, Problem> {
        serde_json::to_string(self).map_err(|error| Problem::internal(&error))
    }
}

/// A means of payment as charges name it.
pub(super) struct Saved {
    pub(super) payment_method: String,
    /// As Stripe calls the kind.
    pub(super) method: &'static str,
    pub(super) mandate: Option<String>,
}

impl Saved {
    /// The kind, as charges name it.
    pub(super) fn allowed(&self) -> PaymentIntentAllowedPaymentMethodTypes {
        match self.method {
            "sepa_debit" => PaymentIntentAllowedPaymentMethodTypes::SepaDebit,
            _ => PaymentIntentAllowedPaymentMethodTypes::Card,
        }
    }

    pub(super) fn of(row: &MeansRow) -> Option<Self> {
        let method = method(row.kind)?;
        let payment_method = row.external_id.clone()?;
        Some(Self { payment_method, method, mandate: Details::of(row).mandate })
    }
}

const fn method(kind: MeansKind) -> Option<&'static str> {
    match kind {
        MeansKind::StripeCard => Some("card"),
        MeansKind::StripeSepa => Some("sepa_debit"),
        MeansKind::Mandate => None,
    }
}

/// A way to pay, as pages of Stripe's name it.
pub(super) fn on_page(method: &str) -> CreateCheckoutSessionAllowedPaymentMethodTypes {
    match method {
        "sepa_debit" => CreateCheckoutSessionAllowedPaymentMethodTypes::SepaDebit,
        _ => CreateCheckoutSessionAllowedPaymentMethodTypes::Card,
    }
}

/// Makes the page on which a member saves a means of payment that is pending.
///
/// # Errors
/// [`Trouble`] after which it is asked again.
pub(crate) async fn run(app: &Data<App>, pole: PoleId, id: MeansId) -> Result<(), Trouble> {
    let (of_work, of_pole, of_means) = (app.clone(), pole.clone(), id.clone());
    let read = app.db.read(move |conn| pending(&of_work, conn, &of_pole, &of_means)).await;
    let Some((account, pole, member, row)) = read.map_err(Trouble::ours)? else {
        return Ok(());
    };
    let stripe = account.stripe(app)?;
    let customer = customer(app, &stripe, &pole, &member).await?;
    let details = Details::of(&row);
    let metadata = HashMap::from([(MEANS.to_owned(), id.to_string())]);
    let Some(method) = method(row.kind) else { return Ok(()) };
    let setup = CreateCheckoutSessionSetupIntentData {
        metadata: Some(metadata.clone()),
        ..CreateCheckoutSessionSetupIntentData::new()
    };
    let request = Box::new(
        CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Setup)
            .customer(&customer)
            .currency(currency(pole.currency()))
            .allowed_payment_method_types(vec![on_page(method)])
            .client_reference_id(id.as_str())
            .setup_intent_data(setup)
            .metadata(metadata)
            .success_url(&details.return_url)
            .cancel_url(&details.return_url),
    );
    let session = stripe.session(&request, &format!("palier-means-{id}")).await?;
    write(app, &pole, move |tx| {
        let found = means::find(tx.conn, tx.pole(), &id)?;
        let Some(row) = found.filter(|row| row.status == MeansStatus::Pending) else {
            return Ok(());
        };
        let details = Details {
            session: Some(session.id.to_string()),
            url: session.url.clone(),
            expires_at: Some(session.expires_at),
            ..Details::of(&row)
        };
        change(tx, &row, MeansRow { details: details.text()?, ..row.clone() }, "page")
    })
    .await
}

type Pending = (Account, PoleRow, MemberRow, MeansRow);

fn pending(
    app: &App,
    conn: &mut Db,
    pole: &PoleId,
    id: &MeansId,
) -> Result<Option<Pending>, DbError> {
    let row = means::find(conn, pole, id)?;
    let row =
        row.filter(|row| row.status == MeansStatus::Pending && Details::of(row).url.is_none());
    let Some(row) = row else { return Ok(None) };
    let member = members::find(conn, pole, &row.member_id)?;
    let (account, pole) = (Account::of(app, conn, pole)?, poles::find(conn, pole.as_str())?);
    Ok(account.zip(pole).zip(member).map(|((account, pole), member)| (account, pole, member, row)))
}

/// What a member is called at Stripe; it is made known there, if it was not.
pub(super) async fn customer(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    member: &MemberRow,
) -> Result<String, Trouble> {
    let (pole_id, member_id) = (pole.pole_id.clone(), member.member_id.clone());
    let of_member = member_id.clone();
    let known = app.db.read(move |conn| stripe::customer(conn, &pole_id, &of_member)).await;
    if let Some(known) = known.map_err(Trouble::ours)? {
        return Ok(known);
    }
    let metadata = HashMap::from([("palier_member".to_owned(), member_id.to_string())]);
    let mut new = CreateCustomer::new().name(&member.name).metadata(metadata);
    if let Some(email) = &member.contact_email {
        new = new.email(email);
    }
    let made = stripe.customer(&new, &format!("palier-customer-{member_id}")).await?;
    let customer_id = made.id.to_string();
    let row = CustomerRow {
        pole_id: pole.pole_id.clone(),
        member_id,
        customer_id: customer_id.clone(),
        made_at: app.now(),
    };
    let noted = app.db.write(move |conn| stripe::note_customer(conn, &row)).await;
    noted.map_err(Trouble::ours)?;
    Ok(customer_id)
}

/// Writes down what became of a page on which a means of payment is saved, or a document paid.
pub(super) async fn of_session(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    session: &CheckoutSession,
) -> Result<String, Trouble> {
    if let Some(setup) = &session.setup_intent {
        if session.status == Some(CheckoutSessionStatus::Expired) {
            let named = session.metadata.as_ref().and_then(|it| it.get(MEANS)).cloned();
            return expired(app, pole, named).await;
        }
        return of_setup(app, stripe, pole, setup.id().as_str()).await;
    }
    match &session.payment_intent {
        Some(intent) => super::event::intent(app, stripe, pole, intent.id().as_str()).await,
        None => Ok("nothing was paid or saved".to_owned()),
    }
}

async fn expired(
    app: &Data<App>,
    pole: &PoleRow,
    means: Option<String>,
) -> Result<String, Trouble> {
    let Some(id) = means.and_then(|id| id.parse::<MeansId>().ok()) else {
        return Ok("not of Palier".to_owned());
    };
    write(app, pole, move |tx| {
        let found = means::find(tx.conn, tx.pole(), &id)?;
        let Some(row) = found.filter(|row| row.status == MeansStatus::Pending) else {
            return Ok("known".to_owned());
        };
        let reason = "page expired".to_owned();
        change(tx, &row, MeansRow { status: MeansStatus::Ended, reason, ..row.clone() }, "ended")?;
        Ok("page expired".to_owned())
    })
    .await
}

/// Writes down what a setup says: the means of payment that was saved. It becomes the one by which the
/// member is collected.
pub(super) async fn of_setup(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    id: &str,
) -> Result<String, Trouble> {
    let setup = stripe.setup_now(id).await?;
    let named = setup.metadata.as_ref().and_then(|it| it.get(MEANS));
    let Some(id) = named.and_then(|id| id.parse::<MeansId>().ok()) else {
        return Ok("not of Palier".to_owned());
    };
    let method = setup.payment_method.as_ref().and_then(|it| it.as_object());
    let method = method.cloned().map(Box::new);
    let Some(method) = method.filter(|_| setup.status.as_str() == "succeeded") else {
        return Ok(setup.status.as_str().to_owned());
    };
    write(app, pole, move |tx| saved(tx, &id, &setup, &method)).await
}

fn saved(
    tx: &mut Tx<'_>,
    id: &MeansId,
    setup: &SetupIntent,
    method: &PaymentMethod,
) -> Result<String, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let found = means::find(tx.conn, tx.pole(), id)?;
    let Some(row) = found.filter(|row| row.status == MeansStatus::Pending) else {
        return Ok("known".to_owned());
    };
    let before = Details::of(&row);
    let card = method.card.as_ref();
    let details = Details {
        return_url: before.return_url,
        mandate: setup.mandate.as_ref().map(|it| it.id().to_string()),
        card_expires: card.map(|card| format!("{:04}-{:02}", card.exp_year, card.exp_month)),
        ..Details::default()
    };
    core::no_default(tx, &row.member_id)?;
    let next = MeansRow {
        status: MeansStatus::Active,
        is_default: true,
        label: label(method),
        details: details.text()?,
        external_id: Some(method.id.to_string()),
        ..row.clone()
    };
    change(tx, &row, next, "active")?;
    Ok(format!("{id} saved"))
}

/// By what people know it: the last digits.
fn label(method: &PaymentMethod) -> String {
    if let Some(card) = &method.card {
        let mut brand = card.display_brand.clone().unwrap_or_else(|| card.brand.clone());
        if let Some(first) = brand.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        return format!("{brand} •••• {}", card.last4);
    }
    let Some(debit) = &method.sepa_debit else { return "Stripe".to_owned() };
    let country = debit.country.as_deref().unwrap_or_default();
    format!("IBAN {country}•• •••• {}", debit.last4.as_deref().unwrap_or_default())
}

/// Has a card or an account forgotten.
///
/// # Errors
/// [`Trouble`] after which it is asked again.
pub(super) async fn forget(app: &Data<App>, pole: PoleId, method: String) -> Result<(), Trouble> {
    let of_work = app.clone();
    let account = app.db.read(move |conn| Account::of(&of_work, conn, &pole)).await;
    let Some(account) = account.map_err(Trouble::ours)? else { return Ok(()) };
    let stripe = account.stripe(app)?;
    match stripe.detach(&method, &format!("palier-forget-{method}")).await {
        // It is gone already.
        Ok(()) | Err(Trouble::Unknown(_) | Trouble::Refused { .. }) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}

/// Writes down that a means of payment can be used no more.
pub(super) async fn detached(
    app: &Data<App>,
    pole: &PoleRow,
    method: String,
    reason: &'static str,
) -> Result<String, Trouble> {
    write(app, pole, move |tx| {
        poles::hold(tx.conn, tx.pole())?;
        let found = means::by_external(tx.conn, tx.pole(), &method)?;
        let Some(row) = found.filter(|row| row.status == MeansStatus::Active) else {
            return Ok("known".to_owned());
        };
        core::no_more_by(tx, &row, reason)?;
        let next = MeansRow {
            status: MeansStatus::Ended,
            is_default: false,
            reason: reason.to_owned(),
            ..row.clone()
        };
        change(tx, &row, next, "ended")?;
        Ok(format!("{} ended", row.means_id))
    })
    .await
}

fn change(tx: &mut Tx<'_>, row: &MeansRow, next: MeansRow, what: &str) -> Result<(), Problem> {
    let version = row.version;
    let next = MeansRow { version: version.saturating_add(1), updated_at: tx.at(), ..next };
    if !means::update(tx.conn, &next, version)? {
        return Err(Problem::changed());
    }
    let told = |row: &MeansRow| {
        serde_json::json!({
            "status": row.status, "is_default": row.is_default, "label": row.label,
            "external_id": row.external_id, "reason": row.reason,
        })
    };
    let changes = Changes::between(&told(row), &told(&next));
    Ok(tx.note(&format!("payment_means.{what}"), row.means_id.as_str(), &changes)?)
}
