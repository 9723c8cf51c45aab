//! The document as it is served, and a page that shows it; all of it from the program itself.

use std::sync::{Arc, OnceLock};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::{HttpResponse, Route, web};

use crate::problem::Problem;

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");

/// What the page may load: its own assets, and nothing from anywhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The document.
pub(in crate::routes) fn json() -> Route {
    static TEXT: OnceLock<web::Bytes> = OnceLock::new();
    web::get().to(async || {
        let document = crate::routes::document().map_err(|error| Problem::internal(&error))?;
        let text = TEXT.get_or_init(|| document.to_string().into());
        Ok::<_, Problem>(HttpResponse::Ok().content_type("application/json").body(text.clone()))
    })
}

/// Leads to the page.
pub(in crate::routes) fn home() -> Route {
    web::get().to(async || HttpResponse::Found().insert_header((LOCATION, "/docs")).finish())
}

/// The page that shows it.
pub(in crate::routes) fn page() -> Route {
    web::get().to(async || {
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .body(PAGE)
    })
}

/// A file that the page loads.
pub(in crate::routes) fn asset() -> Route {
    web::get().to(file)
}

async fn file(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::Ok();
    // Its name stays the same when the program is renewed: it is asked about each time.
    response.insert_header((CACHE_CONTROL, "no-cache"));
    if *name == "page.js" {
        return Ok(response.content_type("text/javascript").body(SCRIPT));
    }
    if !matches!(name.as_str(), "swagger-ui.css" | "swagger-ui-bundle.js") {
        return Err(Problem::not_found());
    }
    let file = utoipa_swagger_ui::serve(&name, Arc::default());
    let file = file.map_err(|error| Problem::internal(&error))?.ok_or_else(Problem::not_found)?;
    Ok(response.content_type(file.content_type).body(file.bytes.into_owned()))
}
