//! A mail server that keeps what it is sent, and misbehaves when told to.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Mail, wait_for};

/// Listens on a free port of 127.0.0.1 until the test process ends.
#[derive(Debug)]
pub struct Smtp {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// How a mail server answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manner {
    /// Takes every message.
    #[default]
    Takes,
    /// Refuses every recipient for good: 550.
    Refuses,
    /// Asks to be tried again later: 451 for every recipient.
    Defers,
    /// Takes the connection, and never says a word.
    Silent,
    /// Takes a message, and never says so.
    KeepsQuiet,
}

/// A message, with the addresses of its envelope.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The sender it was announced with.
    pub from: String,
    /// Every recipient it was announced for.
    pub to: Vec<String>,
    /// The message itself.
    pub mail: Mail,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    manner: Manner,
    deliveries: Vec<Delivery>,
    attempts: usize,
}

impl Smtp {
    /// Begins to listen.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on 127.0.0.1");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared::default());
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&ours);
                std::thread::spawn(move || shared.converse(&stream));
            }
        });
        Self { address, shared }
    }

    /// What `palier serve --smtp-url` takes.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How it answers from the next command on.
    pub fn behave(&self, manner: Manner) {
        self.shared.lock().manner = manner;
    }

    /// How often a client has connected.
    pub fn attempts(&self) -> usize {
        self.shared.lock().attempts
    }

    /// What was taken so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.shared.lock().deliveries.clone()
    }

    /// The first message to this address, which must arrive within a minute.
    #[track_caller]
    pub fn delivery_to(&self, address: &str) -> Delivery {
        let arrived = || {
            let deliveries = self.deliveries();
            deliveries.into_iter().find(|it| it.to.iter().any(|to| to == address))
        };
        wait_for(Duration::from_mins(1), arrived)
            .unwrap_or_else(|| panic!("no mail to {address}, only {:?}", self.deliveries()))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One connection. An error is the client's going away, which is its right.
    fn converse(&self, stream: &TcpStream) -> Option<()> {
        let mut state = self.lock();
        state.attempts = state.attempts.saturating_add(1);
        drop(state);
        let mut lines = BufReader::new(stream);
        let mut out = stream;
        let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).ok();
        self.wait_while_silent(&mut lines)?;
        say("220 palier-tests")?;
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let line = String::from_utf8(read_line(&mut lines)?).ok()?;
            let line = line.trim_end();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let manner = self.wait_while_silent(&mut lines)?;
            match (verb.as_str(), manner) {
                ("EHLO", _) => say("250-palier-tests\r\n250-8BITMIME\r\n250 SMTPUTF8")?,
                ("HELO" | "NOOP" | "RSET", _) => say("250 OK")?,
                ("MAIL", _) => {
                    from = address_in(line);
                    to.clear();
                    say("250 OK")?;
                }
                // As most servers do, it repeats whom it was told of.
                ("RCPT", Manner::Refuses) => say(&format!("550 {line}: no such user here"))?,
                ("RCPT", Manner::Defers) => say(&format!("451 {line}: try again later"))?,
                ("RCPT", _) => {
                    to.push(address_in(line));
                    say("250 OK")?;
                }
                ("DATA", _) if to.is_empty() => say("503 whom is it for?")?,
                ("DATA", manner) => {
                    say("354 go on, and end with a dot")?;
                    let mail = Mail::read(&read_message(&mut lines)?);
                    let to = std::mem::take(&mut to);
                    self.lock().deliveries.push(Delivery { from: from.clone(), to, mail });
                    if manner == Manner::KeepsQuiet {
                        std::io::copy(&mut lines, &mut std::io::sink()).ok()?;
                        return None;
                    }
                    say("250 taken")?;
                }
                ("QUIT", _) => {
                    say("221 bye")?;
                    return Some(());
                }
                _ => say("502 what?")?,
            }
        }
    }

    /// The manner of now; a silent server only waits for the client to give up.
    fn wait_while_silent(&self, lines: &mut impl BufRead) -> Option<Manner> {
        let manner = self.lock().manner;
        if manner == Manner::Silent {
            std::io::copy(lines, &mut std::io::sink()).ok()?;
            return None;
        }
        Some(manner)
    }
}

fn read_line(lines: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let length = lines.read_until(b'\n', &mut line).ok()?;
    (length > 0).then_some(line)
}

/// Up to the line that is a lone dot; a line that begins with a dot was sent with one more.
fn read_message(lines: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let line = read_line(lines)?;
        match line.strip_prefix(b".") {
            Some(b"\r\n") => return Some(message),
            Some(rest) => message.extend_from_slice(rest),
            None => message.extend_from_slice(&line),
        }
    }
}

/// `MAIL FROM:<a@example.org> SIZE=…` → `a@example.org`
fn address_in(line: &str) -> String {
    let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    address.map(|(address, _)| address.to_owned()).unwrap_or_default()
}
