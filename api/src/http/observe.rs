//! What is around every request: its id, its address, its measure, its line in the log, the
//! language of its errors, and the headers every answer has.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, web};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::addresses::Address;
use super::language_of;
use crate::app::App;
use crate::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of a request from the beginning.
pub(crate) struct Observed {
    id: String,
    /// Which one it is, if there is such an address.
    pub(crate) address: Option<Arc<Address>>,
}

impl Observed {
    /// The id of this request.
    pub(crate) fn id(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map(|it| it.id.clone()).unwrap_or_default()
    }
}

/// The id that a proxy gave the request, or a new one.
fn id(headers: &HeaderMap, app: &App) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let well_formed = |id: &&str| {
        (8..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let given = given.filter(well_formed).map(str::to_owned);
    given.unwrap_or_else(|| crate::id::new_request_id(app.now()))
}

/// Figures for Prometheus.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    in_flight: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Arc<String>,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: Arc<String>,
}

/// Where usage is reported, as fast as it comes.
const USAGE: &str = "/v1/poles/{pole}/usage";

/// Upper bounds of the times that are counted together, in seconds.
const BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let seconds = Family::new_with_constructor(histogram);
        let (requests, in_flight) = (Family::default(), Gauge::default());
        let mut registry = Registry::with_prefix("palier");
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time to the answer", seconds.clone());
        registry.register("http_requests_in_flight", "Requests under way", in_flight.clone());
        Self { registry, requests, seconds, in_flight }
    }
}

impl Metrics {
    /// All figures, in the text format of `OpenMetrics`.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        encode(&mut text, &self.registry).unwrap_or_default();
        text
    }

    fn count(&self, method: &'static str, route: &Arc<String>, status: StatusCode, took: Duration) {
        let labels = RouteLabels { method, route: Arc::clone(route) };
        self.seconds.get_or_create(&labels).observe(took.as_secs_f64());
        let RouteLabels { method, route } = labels;
        let labels = RequestLabels { method, route, status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
    }
}

/// Answers a request, and sees to what is around it.
pub(crate) async fn observe(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let app = request.app_data::<web::Data<App>>().cloned();
    let Some(app) = app else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let id = id(request.headers(), &app);
    let address = app.addresses.at(request.match_info().as_str()).cloned();
    let method = known(request.method());
    if method == "HEAD" {
        // HTTP leaves the body out by itself: handlers answer as to a GET.
        request.head_mut().method = Method::GET;
    }
    request.extensions_mut().insert(Observed { id: id.clone(), address: address.clone() });
    app.metrics.in_flight.inc();
    let answered = next.call(request).await;
    app.metrics.in_flight.dec();
    let response = answered?;
    // The pattern and not the path: a path may hold what belongs in no log.
    let route = address.map_or_else(|| Arc::new("none".to_owned()), |it| Arc::clone(&it.pattern));
    let mut response = in_language(response);
    let status = response.status();
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let took = began.elapsed();
    app.metrics.count(method, &route, status, took);
    log(&id, method, &route, status, took);
    Ok(response)
}

fn log(id: &str, method: &str, route: &str, status: StatusCode, took: Duration) {
    let (code, micros) = (status.as_u16(), u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    if status.is_server_error() {
        tracing::warn!(request = id, method, route, status = code, micros, "answered");
    } else if matches!(method, "GET" | "HEAD") || (route == USAGE && status.is_success()) {
        // Reads and reports are many, and the metrics count them.
        tracing::debug!(request = id, method, route, status = code, micros, "answered");
    } else {
        tracing::info!(request = id, method, route, status = code, micros, "answered");
    }
}

/// The name of a method: callers must not be able to make up figures of their own.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::DELETE => "DELETE",
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::PUT => "PUT",
        _ => "other",
    }
}

/// Headers that keep browsers from doing more with an answer than it is for.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 5] = [
    (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY")),
    (HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("content-security-policy"),
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (HeaderName::from_static("cache-control"), HeaderValue::from_static("no-store")),
];

/// Whether a header tells a browser which pages may read an answer.
fn is_of_cors(name: &HeaderName) -> bool {
    *name == VARY || name.as_str().starts_with("access-control-")
}

/// Says a problem in the caller's language.
fn in_language<B: MessageBody + 'static>(response: ServiceResponse<B>) -> ServiceResponse {
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    match problem.cloned() {
        Some(problem) => {
            let mut answer = problem.response(language_of(response.request()));
            // What the layers in between have said still holds: which pages may read it.
            let said = response.headers().iter();
            for (name, value) in said.filter(|(name, _)| is_of_cors(name)) {
                answer.headers_mut().append(name.clone(), value.clone());
            }
            response.into_response(answer)
        }
        None => response.map_into_boxed_body(),
    }
}
