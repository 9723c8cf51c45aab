//! Conditional requests: `If-None-Match` saves sending what the caller has already (RFC 9110).

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};

/// Gives every answer to a GET an entity tag, and answers 304 to who has that one.
///
/// An object's tag is its version; that of anything else is a digest of its bytes. An answer that
/// comes with a tag and with how it may be kept has seen to all of this by itself.
pub(crate) async fn conditional(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody, BoxBody>>, actix_web::Error> {
    let asked = *request.method() == Method::GET;
    let response = next.call(request).await?;
    let has = |name| response.headers().contains_key(name);
    let (tagged, kept) = (has(ETAG), has(CACHE_CONTROL));
    if !asked || response.status() != StatusCode::OK || (tagged && kept) {
        return Ok(response.map_into_left_body());
    }
    let (request, mut response) = response.into_parts();
    if !tagged {
        // A body that streams has no bytes to digest yet, and goes out as it is.
        let (head, body) = response.into_parts();
        let streams = match body.try_into_bytes() {
            Ok(bytes) => {
                let sum = digest(&SHA256, &bytes);
                let tag = sum.as_ref().get(..12).map(crate::hex).unwrap_or_default();
                let mut response = head.set_body(BoxBody::new(bytes));
                if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{tag}\"")) {
                    response.headers_mut().insert(ETAG, tag);
                }
                return Ok(finish(request, response).map_into_right_body());
            }
            Err(body) => head.set_body(body),
        };
        return Ok(ServiceResponse::new(request, streams).map_into_left_body());
    }
    // The same version may look different to another caller.
    response.headers_mut().append(VARY, HeaderValue::from_static("authorization"));
    Ok(finish(request, response.map_into_boxed_body()).map_into_right_body())
}

/// Says how an answer may be kept, and leaves out what the caller has.
fn finish(request: HttpRequest, mut response: HttpResponse) -> ServiceResponse<BoxBody> {
    let headers = response.headers_mut();
    if !headers.contains_key(CACHE_CONTROL) {
        // It may be kept and must be asked about: the tag makes that cheap.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    let known = request.headers().get(IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
    if !known.is_some_and(|known| is_among(tag, known)) {
        return ServiceResponse::new(request, response);
    }
    let mut not_modified = HttpResponse::NotModified().finish();
    for (name, value) in response.headers() {
        if *name == ETAG || *name == CACHE_CONTROL || *name == VARY {
            not_modified.headers_mut().insert(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, not_modified)
}

/// Whether a tag is one of those the caller has. Weak comparison: what matters is that the content
/// is the same.
fn is_among(tag: &str, known: &str) -> bool {
    fn opaque(tag: &str) -> &str {
        tag.trim().trim_start_matches("W/")
    }
    known.split(',').any(|one| one.trim() == "*" || opaque(one) == opaque(tag))
}
