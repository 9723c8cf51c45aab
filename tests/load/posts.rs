//! Connections that report usage, each request another.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process;
use crate::usage_pole::Events;

/// How long whoever is refused rests before sending it again. The answer says a second; one that
/// obeys is no load at all, and one that does not rest measures itself.
const REST: Duration = Duration::from_millis(20);

/// Where events go, and in what portions.
pub(crate) struct Posts {
    pub(crate) address: SocketAddr,
    pub(crate) process: u32,
    /// The request line and the header lines, but for the length of the body.
    pub(crate) head: String,
    /// Events of a request.
    pub(crate) size: u64,
    pub(crate) clients: u32,
}

/// What a round came to.
pub(crate) struct Taken {
    pub(crate) events_per_second: u64,
    /// Of what was accepted.
    pub(crate) p50_micros: u64,
    pub(crate) p99_micros: u64,
    /// Processor time of the server an event that was accepted.
    pub(crate) cpu_nanos: u64,
    /// The most memory the server has had, in this round.
    pub(crate) peak_bytes: u64,
    /// Of a thousand requests.
    pub(crate) refused_permille: u64,
}

/// Reports events for some time.
pub(crate) fn run(posts: &Arc<Posts>, events: &Arc<Events>, time: Duration) -> Taken {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.expect("a runtime");
    process::forget_peak(posts.process);
    let (cpu_before, began) = (process::cpu_millis(posts.process), Instant::now());
    let (mut latencies, mut refused) = (Vec::new(), 0_u64);
    runtime.block_on(async {
        let open =
            |_| tokio::spawn(connection(Arc::clone(posts), Arc::clone(events), began + time));
        let running: Vec<_> = (0..posts.clients).map(open).collect();
        for connection in running {
            let ended = connection.await.expect("a connection that lasts");
            latencies.extend(ended.0);
            refused += ended.1;
        }
    });
    let (took, cpu) = (began.elapsed(), process::cpu_millis(posts.process) - cpu_before);
    latencies.sort_unstable();
    let accepted = latencies.len() as u64;
    assert!(accepted > 0, "nothing was accepted");
    let at = |percent: usize| u64::from(latencies[(latencies.len() - 1) * percent / 100]);
    Taken {
        events_per_second: accepted * posts.size * 1_000_000 / took.as_micros() as u64,
        p50_micros: at(50),
        p99_micros: at(99),
        cpu_nanos: cpu * 1_000_000 / (accepted * posts.size),
        peak_bytes: process::peak_bytes(posts.process),
        refused_permille: refused * 1_000 / (accepted + refused),
    }
}

/// Latencies of what was accepted, in microseconds, and how many requests were refused.
type Ended = (Vec<u32>, u64);

async fn connection(posts: Arc<Posts>, events: Arc<Events>, until: Instant) -> Ended {
    let mut stream = open(posts.address).await;
    let (mut buffer, mut body) = (vec![0; 1 << 16], String::new());
    let (mut latencies, mut refused, mut again) = (Vec::new(), 0, false);
    while Instant::now() < until {
        if !again {
            events.write(posts.size, &mut body);
        }
        let request = format!("{}content-length: {}\r\n\r\n{body}", posts.head, body.len());
        let began = Instant::now();
        // Whoever is refused may find the connection closed before all was sent.
        let sent = stream.write_all(request.as_bytes()).await;
        let (status, closed) = answer(&mut stream, &mut buffer).await;
        again = status == 429;
        match status {
            200 => latencies.push(began.elapsed().as_micros() as u32),
            429 => {
                refused += 1;
                tokio::time::sleep(REST).await;
            }
            other => panic!("{other}: {}", String::from_utf8_lossy(&buffer)),
        }
        if closed || sent.is_err() {
            stream = open(posts.address).await;
        }
    }
    (latencies, refused)
}

async fn open(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    stream
}

/// Reads an answer to its end: its status, and whether the connection is closed behind it.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> (u16, bool) {
    let (mut filled, mut head) = (0, None);
    loop {
        filled += match stream.read(&mut buffer[filled..]).await.expect("an answer") {
            0 => panic!("the server hung up"),
            some => some,
        };
        head = head.or_else(|| Head::read(&buffer[..filled]));
        if let Some(Head { whole, status, closed }) = head
            && filled >= whole
        {
            return (status, closed);
        }
    }
}

/// What the head of an answer says.
#[derive(Clone, Copy)]
struct Head {
    /// How long the answer is.
    whole: usize,
    status: u16,
    closed: bool,
}

impl Head {
    fn read(read: &[u8]) -> Option<Self> {
        let end = read.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
        let text = String::from_utf8_lossy(&read[..end]).to_lowercase();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let length: usize = field("content-length: ").and_then(|it| it.parse().ok()).unwrap_or(0);
        let status = text.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("a status");
        let closed = field("connection: ") == Some("close");
        Some(Self { whole: end + length, status, closed })
    }
}
