//! As much of HTTP/1.1 as the clients of Stripe speak.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// One call.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: String,
    headers: Vec<(String, String)>,
}

/// What is answered; none at all if the connection is to end.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Request {
    /// The next call of a connection; none, if there is no other.
    pub(crate) fn read(stream: &mut BufReader<&TcpStream>) -> Option<Self> {
        let first = line(stream)?;
        let mut words = first.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        let mut headers = Vec::new();
        while let Some((name, value)) = line(stream)?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self { method, path, query, body: String::new(), headers };
        let length = request.header("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).ok()?;
        request.body = String::from_utf8(body).ok()?;
        Some(request)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

impl Response {
    pub(crate) fn write(&self, mut stream: &TcpStream) -> Option<()> {
        let length = self.body.len();
        let mut head = format!("HTTP/1.1 {} .\r\ncontent-length: {length}\r\n", self.status);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        stream.write_all(format!("{head}\r\n{}", self.body).as_bytes()).ok()
    }
}

/// Waits until whoever is at the other end goes away.
pub(crate) fn outwait(stream: &mut BufReader<&TcpStream>) {
    while stream.fill_buf().is_ok_and(|bytes| !bytes.is_empty()) {
        let seen = stream.buffer().len();
        stream.consume(seen);
    }
}

fn line(stream: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut line = String::new();
    let length = stream.read_line(&mut line).ok()?;
    (length > 0).then(|| line.trim_end().to_owned())
}
