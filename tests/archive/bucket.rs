//! A bucket as whoever speaks S3 has it, as far as Palier speaks to it: objects are put and got.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Objects = BTreeMap<String, Vec<u8>>;

/// Listens on a free port of 127.0.0.1 until the test process ends.
pub(super) struct Bucket {
    address: SocketAddr,
    objects: Arc<Mutex<Objects>>,
}

impl Bucket {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let objects = Arc::new(Mutex::new(Objects::new()));
        let ours = Arc::clone(&objects);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let objects = Arc::clone(&ours);
                std::thread::spawn(move || while answer(&stream, &objects).is_some() {});
            }
        });
        Self { address, objects }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn objects(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What objects are called, bucket first.
    pub(super) fn names(&self) -> Vec<String> {
        self.objects().keys().cloned().collect()
    }

    /// Changes a byte of one of them.
    pub(super) fn touch(&self) {
        let mut objects = self.objects();
        let bytes = objects.values_mut().next().unwrap();
        bytes[0] ^= 1;
    }
}

/// One request of a connection; none, if there is no other.
fn answer(stream: &TcpStream, objects: &Mutex<Objects>) -> Option<()> {
    let mut lines = BufReader::new(stream);
    let mut asked = String::new();
    lines.read_line(&mut asked).ok().filter(|read| *read > 0)?;
    let mut words = asked.split(' ');
    let (method, name) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut signed) = (0, false);
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let Some((header, value)) = line.trim_end().split_once(':') else { break };
        let value = value.trim_start();
        match header.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => signed = value.starts_with("AWS4-HMAC-SHA256 Credential=key/"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    let mut objects = objects.lock().unwrap_or_else(PoisonError::into_inner);
    let (status, body) = match (method.as_str(), objects.get(&name)) {
        _ if !signed => ("403 Forbidden", Vec::new()),
        ("PUT", _) => {
            objects.insert(name, body);
            ("200 OK", Vec::new())
        }
        ("GET", Some(bytes)) => ("200 OK", bytes.clone()),
        _ => ("404 Not Found", Vec::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\netag: \"1\"\r\n\
         last-modified: Wed, 01 Jan 2025 00:00:00 GMT\r\n\r\n",
        body.len()
    );
    let mut out = stream;
    out.write_all(head.as_bytes()).ok()?;
    out.write_all(&body).ok()
}
