//! A small blocking HTTP client, which shows the whole exchange when an answer is not as expected.

mod answer;

use std::borrow::Borrow;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{Method, Request};

pub use answer::Answer;

/// Talks to one server. Cheap to clone; what `with_…` returns shares the connections.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    headers: Vec<(String, String)>,
}

impl Client {
    /// A client of the server at `base`, which has no slash at its end.
    pub fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_mins(1)))
            .build();
        Self { agent: config.into(), base: base.to_owned(), headers: Vec::new() }
    }

    /// The server it talks to.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// One that is signed in by a token or an API key.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// One that sends this header, in place of its own of the same name.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.without_header(name);
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// One that does not send this header.
    #[must_use]
    pub fn without_header(&self, name: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
        client
    }

    /// GET.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None)
    }

    /// POST of a JSON body.
    #[track_caller]
    pub fn post(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.send_json(Method::POST, path, body.borrow())
    }

    /// PUT of a JSON body.
    #[track_caller]
    pub fn put(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.send_json(Method::PUT, path, body.borrow())
    }

    /// PATCH with a JSON body.
    #[track_caller]
    pub fn patch(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.send_json(Method::PATCH, path, body.borrow())
    }

    /// DELETE.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None)
    }

    /// Any method with a JSON body, its content type included unless the client has one.
    #[track_caller]
    pub fn send_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let has_type = self.headers.iter().any(|(it, _)| it.eq_ignore_ascii_case("content-type"));
        let json = "application/json";
        let client = if has_type { self.clone() } else { self.with_header("content-type", json) };
        client.send(method, path, Some(body.to_string().as_bytes()))
    }

    /// Any method with these bytes, or without a body. A method that may not have one cannot be
    /// given one.
    #[track_caller]
    pub fn send(&self, method: Method, path: &str, body: Option<&[u8]>) -> Answer {
        self.try_send(method, path, body).unwrap_or_else(|silence| panic!("{silence}"))
    }

    /// Sends a request, or the beginning of one whose header says that more will come, and leaves the
    /// connection as it is: for who stops in the middle of it.
    ///
    /// # Panics
    /// If there is nobody to talk to.
    #[track_caller]
    pub fn begin(&self, method: &Method, path: &str, body: &[u8]) -> TcpStream {
        let authority = self.base.strip_prefix("http://").expect("plain HTTP");
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\n");
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(authority).expect("a server");
        stream.write_all(&[head.as_bytes(), body].concat()).expect("a server that listens");
        stream
    }

    /// The same as [`Client::send`] of a server that may die before it answers.
    ///
    /// # Errors
    /// The exchange, as far as it went.
    #[track_caller]
    pub fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Answer, String> {
        assert!(path.starts_with('/'), "{path:?} is no path");
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(()).expect("a valid path and valid headers");
        let asked = answer::asked(&request, body);
        let (parts, ()) = request.into_parts();
        let answered = match body {
            Some(body) => self.agent.run(Request::from_parts(parts, body)),
            None => self.agent.run(Request::from_parts(parts, ())),
        };
        match answered {
            Ok(response) => Answer::read(asked, response),
            Err(error) => Err(format!("{asked}\n→ no answer: {error}")),
        }
    }
}
