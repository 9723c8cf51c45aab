//! Which addresses there are, and which methods each of them has.
//!
//! The OpenAPI document says it, and that is made from the route table: an address cannot be
//! forgotten here.

use std::collections::BTreeMap;
use std::str::FromStr as _;
use std::sync::Arc;

use actix_web::HttpMessage as _;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::Next;
use serde_json::Value;

use super::language_of;
use super::observe::Observed;
use crate::problem::{Problem, ProblemType};
use crate::say;

/// All addresses: a part of an address leads from a node to the next.
#[derive(Default)]
pub(crate) struct Addresses {
    fixed: BTreeMap<String, Self>,
    /// Where a part stands for any text, such as `{member}`.
    any: Option<Box<Self>>,
    address: Option<Arc<Address>>,
}

/// An address, as the document writes it.
pub(crate) struct Address {
    /// Such as `/v1/poles/{pole}`.
    pub(crate) pattern: Arc<String>,
    operations: Vec<Operation>,
}

/// A method of an address.
#[derive(Clone)]
struct Operation {
    method: Method,
    /// The parameters that its query may have.
    query: Vec<String>,
}

impl Operation {
    fn read((name, operation): (&String, &Value)) -> Option<Self> {
        let method = Method::from_str(&name.to_uppercase()).ok()?;
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let query = parameters.filter(|it| it["in"] == "query");
        let query = query.filter_map(|it| it["name"].as_str().map(str::to_owned)).collect();
        Some(Self { method, query })
    }
}

impl Addresses {
    /// Those of the document, and some to be read that it does not have.
    pub(crate) fn new(document: &Value, unlisted: impl IntoIterator<Item = &'static str>) -> Self {
        let mut addresses = Self::default();
        let paths = document["paths"].as_object().into_iter().flatten();
        for (pattern, operations) in paths {
            let operations = operations.as_object().into_iter().flatten();
            addresses.add(pattern, operations.filter_map(Operation::read).collect());
        }
        for pattern in unlisted {
            addresses.add(pattern, vec![Operation { method: Method::GET, query: Vec::new() }]);
        }
        addresses
    }

    fn add(&mut self, pattern: &str, mut operations: Vec<Operation>) {
        let mut node = self;
        for part in parts(pattern) {
            node = if part.starts_with('{') {
                node.any.get_or_insert_default()
            } else {
                node.fixed.entry(part.to_owned()).or_default()
            };
        }
        if let Some(get) = operations.iter().find(|it| it.method == Method::GET) {
            operations.push(Operation { method: Method::HEAD, ..get.clone() });
        }
        let pattern = Arc::new(pattern.to_owned());
        node.address = Some(Arc::new(Address { pattern, operations }));
    }

    /// The address of a path. Where two could be meant, `members/import` is itself and not a member.
    pub(crate) fn at(&self, path: &str) -> Option<&Arc<Address>> {
        self.below(parts(path))
    }

    fn below<'p>(&self, mut parts: impl Iterator<Item = &'p str> + Clone) -> Option<&Arc<Address>> {
        let Some(part) = parts.next() else { return self.address.as_ref() };
        let fixed = self.fixed.get(part).and_then(|node| node.below(parts.clone()));
        fixed.or_else(|| self.any.as_ref()?.below(parts))
    }
}

/// What stands between the slashes; one too many changes nothing.
fn parts(path: &str) -> impl Iterator<Item = &str> + Clone {
    path.split('/').filter(|part| !part.is_empty())
}

impl Address {
    /// Whether it has this method.
    pub(crate) fn has(&self, method: &Method) -> bool {
        self.operations.iter().any(|it| it.method == *method)
    }

    /// The parameters that a query may have.
    pub(crate) fn query(&self, method: &Method) -> &[String] {
        let operation = self.operations.iter().find(|it| it.method == *method);
        operation.map_or(&[], |it| &it.query)
    }
}

/// Refuses a method that the address does not have, and says which ones it has (RFC 9110).
pub(crate) async fn allow(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody, BoxBody>>, actix_web::Error> {
    let address = request.extensions().get::<Observed>().and_then(|it| it.address.clone());
    match address {
        Some(address) if !address.has(request.method()) => {
            let mut answer = refusal().response(language_of(request.request()));
            let names: Vec<_> = address.operations.iter().map(|it| it.method.as_str()).collect();
            if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
                answer.headers_mut().insert(ALLOW, names);
            }
            Ok(request.into_response(answer).map_into_right_body())
        }
        _ => Ok(next.call(request).await?.map_into_left_body()),
    }
}

fn refusal() -> Problem {
    let detail = say!(
        en "This address has other methods; Allow names them.",
        fr "Cette adresse a d’autres méthodes ; Allow les nomme."
    );
    Problem::new(ProblemType::MethodNotAllowed, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_said_in_full_comes_before_what_stands_for_any_text() {
        let paths = json!({ "/m": { "get": {} }, "/m/import": { "post": {} },
            "/m/{member}": { "get": {}, "patch": {} }, "/m/{member}/s": { "get": {} } });
        let addresses = Addresses::new(&json!({ "paths": paths }), ["/"]);
        for (path, expected) in [
            ("/", Some("/")),
            ("/m", Some("/m")),
            ("//m/", Some("/m")),
            ("/m/import", Some("/m/import")),
            ("/m/a", Some("/m/{member}")),
            ("/m/import/s", Some("/m/{member}/s")),
            ("/n", None),
            ("/m/a/s/b", None),
        ] {
            let found = addresses.at(path).map(|address| address.pattern.as_str());
            assert_eq!(found, expected, "{path}");
        }
        let import = addresses.at("/m/import").unwrap();
        assert!(import.has(&Method::POST) && !import.has(&Method::GET));
    }
}
