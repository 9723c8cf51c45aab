//! The route table, which is also where the OpenAPI document comes from: one resource a file, with
//! its DTOs and their conversion beside its handlers.

#![expect(unused_qualifications, reason = "utoipa’s macros qualify what handlers take")]

use std::sync::LazyLock;

use actix_web::{App as Server, Route, web};
use serde_json::Value;
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::{Addresses, Api};

mod api_keys;
mod audit;
mod bank;
mod bilingual;
mod billing_settings;
mod bills;
mod catalogue;
mod closings;
mod collection_settings;
mod collections;
mod debit_files;
mod document;
mod dunning;
mod dunning_settings;
mod entitlements;
mod grants;
mod health;
mod identity_providers;
mod invoices;
mod mails;
mod me;
mod members;
mod meters;
mod payment_means;
mod payments;
mod poles;
mod price_board;
mod provider_accounts;
mod providers;
mod quotes;
mod reports;
mod services;
mod sessions;
mod stripe;
mod subscriptions;
mod tariffs;
mod transfer_files;
mod transfers;
mod usage;
mod users;
mod webhooks;
mod well_known;

pub(crate) use billing_settings::BillingSettingsInput;
pub(crate) use catalogue::Shelf;
pub(crate) use collection_settings::CollectionSettingsInput;
pub(crate) use debit_files::{DebitAnswer, DebitFile};
pub(crate) use dunning::Suspension;
pub(crate) use dunning_settings::DunningSettingsInput;
pub(crate) use grants::CreditGrant;
pub(crate) use invoices::{ManualLinesInput, read_lines};
pub(crate) use members::{Contact, Member, MemberInput, MemberPath};
pub(crate) use payments::{AllocationInput, Payment, parts_of};
pub(crate) use poles::PolePath;
pub(crate) use services::VatSupplyWord;
pub(crate) use stripe::StripeAccountInput;
pub(crate) use transfer_files::{TransferAnswer, TransferFile, TransferFormat};
pub(crate) use transfers::{Transfer, TransferPlan};
pub(crate) use usage::{UsageEventInput, read_alone};

/// Every address of the API.
fn all(api: &mut ServiceConfig<'_>) {
    api.configure(health::routes).configure(well_known::routes);
    api.service(
        scope::scope("/v1/poles/{pole}")
            // What is asked for most stands first: routes are tried in their order.
            .configure(catalogue::routes)
            .configure(usage::routes)
            .configure(poles::routes)
            .configure(sessions::routes)
            .configure(me::routes)
            .configure(users::routes)
            .configure(api_keys::routes)
            .configure(identity_providers::routes)
            .configure(members::routes)
            .configure(providers::routes)
            .configure(services::routes)
            .configure(subscriptions::routes)
            .configure(tariffs::routes)
            .configure(meters::routes)
            .configure(quotes::routes)
            .configure(price_board::routes)
            .configure(entitlements::routes)
            .configure(billing_settings::routes)
            .configure(invoices::routes)
            .configure(grants::routes)
            .configure(payments::routes)
            .configure(bank::routes)
            .configure(collection_settings::routes)
            .configure(payment_means::routes)
            .configure(collections::routes)
            .configure(debit_files::routes)
            .configure(bills::routes)
            .configure(provider_accounts::routes)
            .configure(transfers::routes)
            .configure(transfer_files::routes)
            .configure(stripe::routes)
            .configure(reports::routes)
            .configure(closings::routes)
            .configure(dunning_settings::routes)
            .configure(dunning::routes)
            .configure(webhooks::routes)
            .configure(mails::routes)
            .configure(audit::routes),
    );
}

/// An address, and what makes its route.
type Unlisted = (&'static str, fn() -> Route);

/// What is served besides the API, all of it only to be read.
const UNLISTED: [Unlisted; 5] = [
    ("/", document::home),
    ("/docs", document::page),
    ("/docs/{asset}", document::asset),
    ("/openapi.json", document::json),
    ("/metrics", health::metrics),
];

/// What is served, as the [`App`](crate::app::App) is told of it.
pub(crate) const API: Api = Api { document, addresses };

/// Serves all of it.
pub(crate) fn configure(server: &mut web::ServiceConfig) {
    all(&mut ServiceConfig::new(server));
    for (address, route) in UNLISTED {
        server.route(address, route());
    }
}

/// All that is served; nothing where there is no document, without which nothing is served at all.
fn addresses() -> Addresses {
    let listed = document()
        .map(|document| Addresses::new(document, UNLISTED.into_iter().map(|(address, _)| address)));
    listed.unwrap_or_default()
}

/// The OpenAPI document, made when it is first asked for.
///
/// # Errors
/// A document that cannot be written: a mistake in this program.
pub(crate) fn document() -> Result<&'static Value, &'static str> {
    static DOCUMENT: LazyLock<Result<Value, String>> = LazyLock::new(|| {
        let (_, openapi) = Server::new().into_utoipa_app().configure(all).split_for_parts();
        document::finish(openapi)
    });
    DOCUMENT.as_ref().map_err(String::as_str)
}
