//! A client that does as little as a client can, so that the servers are what is measured.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process::cpu_millis;

/// What is sent, and to which process.
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) process: u32,
    /// A request as it goes over the wire.
    pub(crate) request: Vec<u8>,
}

impl Target {
    /// A GET, with these header lines.
    pub(crate) fn get(address: SocketAddr, process: u32, path: &str, headers: &str) -> Self {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n");
        Self { address, process, request: request.into_bytes() }
    }
}

/// What a round came to.
pub(crate) struct Measured {
    pub(crate) requests_per_second: u64,
    pub(crate) p50_micros: u64,
    pub(crate) p99_micros: u64,
    /// Processor time of the server a request.
    pub(crate) cpu_nanos: u64,
    /// How long an answer is, with its head.
    pub(crate) bytes: usize,
}

/// Sends the request over and over on each of some connections, which are kept.
pub(crate) fn run(target: &Target, time: Duration, connections: u32) -> Measured {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let runtime = runtime.expect("a runtime");
    let (mut latencies, mut bytes) = (Vec::new(), 0);
    let (cpu_before, began) = (cpu_millis(target.process), Instant::now());
    runtime.block_on(async {
        let open = |_| {
            let request = target.request.clone();
            tokio::spawn(connection(target.address, request, began + time))
        };
        let running: Vec<_> = (0..connections).map(open).collect();
        for connection in running {
            let ended = connection.await.expect("a connection that lasts");
            latencies.extend(ended.latencies);
            bytes = ended.bytes;
        }
    });
    let (took, cpu) = (began.elapsed(), cpu_millis(target.process) - cpu_before);
    latencies.sort_unstable();
    let at = |percent: usize| u64::from(latencies[(latencies.len() - 1) * percent / 100]);
    let requests = latencies.len() as u64;
    Measured {
        requests_per_second: requests * 1_000_000 / took.as_micros() as u64,
        p50_micros: at(50),
        p99_micros: at(99),
        cpu_nanos: cpu * 1_000_000 / requests,
        bytes,
    }
}

/// What a connection has seen.
struct Ended {
    /// In microseconds, of each request.
    latencies: Vec<u32>,
    bytes: usize,
}

async fn connection(address: SocketAddr, request: Vec<u8>, until: Instant) -> Ended {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    let mut buffer = vec![0; 1 << 20];
    let mut ended = Ended { latencies: Vec::new(), bytes: 0 };
    let mut began = Instant::now();
    while began < until {
        stream.write_all(&request).await.expect("it reads");
        ended.bytes = answer(&mut stream, &mut buffer).await;
        let now = Instant::now();
        ended.latencies.push((now - began).as_micros() as u32);
        began = now;
    }
    ended
}

/// Reads one answer to its end; it must be a success.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> usize {
    let (mut filled, mut whole) = (0, None);
    while whole.is_none_or(|whole| filled < whole) {
        filled += match stream.read(&mut buffer[filled..]).await.expect("an answer") {
            0 => panic!("the server hung up"),
            some => some,
        };
        whole = whole.or_else(|| length(&buffer[..filled]));
    }
    filled
}

/// How long an answer is with its head, once the head is there.
fn length(read: &[u8]) -> Option<usize> {
    const LENGTH: &[u8] = b"content-length: ";
    assert!(read.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(read));
    let (mut line, mut body) = (0, 0);
    // Line by line, and no further into each than its name: this runs for every answer.
    loop {
        let end = line + read[line..].iter().position(|byte| *byte == b'\n')?;
        let text = &read[line..end];
        if text == b"\r" {
            return Some(end + 1 + body);
        }
        if text.len() > LENGTH.len() && text[..LENGTH.len()].eq_ignore_ascii_case(LENGTH) {
            let number = str::from_utf8(&text[LENGTH.len()..]).ok();
            body = number.and_then(|it| it.trim().parse().ok()).expect("a length");
        }
        line = end + 1;
    }
}
