//! `/v1/poles/{pole}/services/{service}/price-board/stream`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use palier_tests::{Engine, on_both};
use serde_json::Value;

use super::setting::{Setting, tiers};

/// Events as they come.
struct Events(BufReader<TcpStream>);

impl Events {
    /// Asks for them, and reads the head of the answer.
    #[track_caller]
    fn of(setting: &Setting, token: &str, path: &str) -> Self {
        let address = setting.server.url().replace("http://", "");
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             accept-encoding: gzip, br\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut events = Self(BufReader::new(stream));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push_str(&events.line().expect("an answer"));
        }
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("content-type: text/event-stream\r\n"), "{head}");
        events
    }

    /// The next line; none at the end.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).expect("a line in time");
        (read > 0).then_some(line)
    }

    /// The next board.
    fn next(&mut self) -> Option<Value> {
        loop {
            let line = self.line()?;
            if let Some(json) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(json).unwrap());
            }
        }
    }
}

on_both!(it_tells_of_every_change_and_ends_with_the_server);
fn it_tells_of_every_change_and_ends_with_the_server(engine: Engine) {
    let mut setting = Setting::new(engine, &tiers());
    let path = setting.at("price-board/stream");
    let mut staff = Events::of(&setting, &setting.secret, &path);
    let forge = setting.secret_of("member", &setting.members[0]);
    let mut member = Events::of(&setting, &forge, &path);
    let quantity = |board: &Value| board["charges"][0]["pool"]["quantity"].clone();
    assert_eq!(quantity(&staff.next().unwrap()), "0");
    assert_eq!(quantity(&member.next().unwrap()), Value::Null);
    let began = Instant::now();
    setting.hours(&[("forge", "50"), ("atelier", "60")]);
    // Both may be seen one after the other.
    let last = loop {
        let board = staff.next().unwrap();
        if quantity(&board) == "110" {
            break board;
        }
    };
    // A second, and what a busy machine makes of it; the stream lasts a quarter of an hour.
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    assert_eq!(last["charges"][0]["unit_price"], "0.981818");
    let own = loop {
        let board = member.next().unwrap();
        assert_eq!(quantity(&board), Value::Null, "a pool of two");
        if board["charges"][0]["unit_price"] == "0.981818" {
            break board;
        }
    };
    assert_eq!(own["charges"][0]["own"]["quantity"], "50");
    // A stream may say when it ends, and none keeps the server from it.
    let asked = setting.at("price-board/stream?seconds=1");
    let short = setting.staff.get(&asked).expect(200);
    assert!(short.text().starts_with("event: price-board\ndata: {"), "{short}");
    let began = Instant::now();
    setting.server.stop();
    // For as long as 30 seconds it would wait for requests that are under way.
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    while staff.line().is_some() {}
}

on_both!(who_may_not_look_is_told_at_once);
fn who_may_not_look_is_told_at_once(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    let stranger = crate::people::member(&setting.pole, "stranger");
    let stranger = setting.key("member", &stranger);
    stranger.get(&setting.at("price-board/stream?seconds=1")).expect(404).problem();
    setting.staff.get(&setting.at("price-board/stream?seconds=901")).expect(400).problem();
}
