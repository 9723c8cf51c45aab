//! The keys that sign access tokens, for whoever checks them.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::auth::keyring;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_signing_keys);
}

/// The public halves of the keys that sign access tokens (RFC 7517).
#[derive(Serialize, ToSchema)]
struct KeySet {
    keys: Vec<PublicKey>,
}

/// A public key (RFC 8037).
#[derive(Serialize, ToSchema)]
struct PublicKey {
    /// The thumbprint of the key (RFC 7638); tokens name it in their header.
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    kid: String,
    #[schema(example = "OKP")]
    kty: String,
    #[schema(example = "Ed25519")]
    crv: String,
    #[schema(example = "EdDSA")]
    alg: String,
    #[schema(example = "sig")]
    r#use: String,
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
}

/// The keys that sign access tokens.
///
/// After a rotation the key before is still here until every token it signed has expired. Fetch
/// them again when a token names a key you do not know.
#[utoipa::path(
    tag = "keys",
    operation_id = "getSigningKeys",
    responses((status = 200, description = "The keys.", body = KeySet)),
)]
#[get("/.well-known/jwks.json")]
async fn get_signing_keys(app: web::Data<App>) -> HttpResponse {
    let keys = app.keyring.refreshed(&app, keyring::USUAL).await;
    let mut response = HttpResponse::Ok();
    let for_a_while = HeaderValue::from_static("public, max-age=300");
    response.insert_header((CACHE_CONTROL, for_a_while));
    response.json(keys.jwks(app.now().timestamp()))
}
