//! The route table, which is also where the OpenAPI document comes from: one resource a file, with
//! its DTOs and their conversion beside its handlers.

#![expect(unused_qualifications, reason = "utoipa’s macros qualify what handlers take")]

use actix_web::{App as Server, web};
use serde_json::Value;
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

mod api_keys;
mod audit;
mod bilingual;
mod catalogue;
mod document;
mod entitlements;
mod health;
mod identity_providers;
mod me;
mod members;
mod meters;
mod poles;
mod price_board;
mod providers;
mod quotes;
mod services;
mod sessions;
mod subscriptions;
mod tariffs;
mod usage;
mod users;
mod well_known;

pub(crate) use catalogue::Shelf;
pub(crate) use members::{AddressInput, Contact, Line, Member, MemberInput, MemberPath};
pub(crate) use poles::{PolePath, WrittenLanguage};
pub(crate) use usage::UsageEventInput;

/// Every address of the API.
pub(crate) fn all(api: &mut ServiceConfig<'_>) {
    api.configure(health::routes).configure(well_known::routes);
    api.service(
        scope::scope("/v1/poles/{pole}")
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
            .configure(catalogue::routes)
            .configure(quotes::routes)
            .configure(usage::routes)
            .configure(price_board::routes)
            .configure(entitlements::routes)
            .configure(audit::routes),
    );
}

/// Addresses that are no part of the API.
pub(crate) fn unlisted(server: &mut web::ServiceConfig, document: &Value) {
    server.configure(health::unlisted);
    server.configure(|server| document::serve(server, document));
}

/// The OpenAPI document.
///
/// # Errors
/// A document that cannot be written: a mistake in this program.
pub(crate) fn document() -> Result<Value, String> {
    let (_, openapi) = Server::new().into_utoipa_app().configure(all).split_for_parts();
    document::finish(openapi)
}
