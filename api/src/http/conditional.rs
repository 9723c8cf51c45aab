//! Conditional requests: `If-None-Match` saves sending what the caller has already (RFC 9110).

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use aws_lc_rs::digest::{SHA256, digest};

/// Gives every answer to a GET an entity tag, and answers 304 to who has that one.
///
/// An object's tag is its version; that of anything else is a digest of its bytes.
pub(crate) async fn conditional(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody, BoxBody>>, actix_web::Error> {
    let asked = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = request.headers().get(IF_NONE_MATCH).cloned();
    let response = next.call(request).await?;
    if !asked || response.status() != StatusCode::OK {
        return Ok(response.map_into_left_body());
    }
    let (request, mut response) = response.into_parts();
    if !response.headers().contains_key(ETAG) {
        // A body that streams has no bytes to digest yet, and goes out as it is.
        let (head, body) = response.into_parts();
        let tagged = match body.try_into_bytes() {
            Ok(bytes) => {
                let sum = digest(&SHA256, &bytes);
                let tag = sum.as_ref().get(..12).map(crate::hex).unwrap_or_default();
                let mut response = head.set_body(BoxBody::new(bytes));
                if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{tag}\"")) {
                    response.headers_mut().insert(ETAG, tag);
                }
                return Ok(finish(request, response.map_into_boxed_body(), known.as_ref())
                    .map_into_right_body());
            }
            Err(body) => head.set_body(body),
        };
        return Ok(ServiceResponse::new(request, tagged).map_into_left_body());
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("authorization"));
    Ok(finish(request, response.map_into_boxed_body(), known.as_ref()).map_into_right_body())
}

fn finish(
    request: actix_web::HttpRequest,
    mut response: HttpResponse,
    known: Option<&HeaderValue>,
) -> ServiceResponse<BoxBody> {
    let headers = response.headers_mut();
    if !headers.contains_key(CACHE_CONTROL) {
        // It may be kept and must be asked about: the tag makes that cheap.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
    let known = known.and_then(|known| known.to_str().ok()).unwrap_or_default();
    // Weak comparison: what matters is that the content is the same.
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let fresh = known.split(',').any(|one| one.trim() == "*" || opaque(one) == opaque(&tag));
    if known.is_empty() || !fresh {
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
