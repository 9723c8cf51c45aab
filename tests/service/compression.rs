//! Answers are sent compressed to who can read that, and say the same.

use std::io::Read as _;

use palier_tests::{Answer, Engine, Pole, Server};

use crate::people::at;
use crate::seed::member;

fn text(answer: &Answer) -> String {
    let mut text = String::new();
    let bytes = answer.bytes.as_slice();
    let read = match answer.header("content-encoding") {
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_string(&mut text),
        "br" => brotli::Decompressor::new(bytes, 4_096).read_to_string(&mut text),
        other => panic!("compressed with {other:?}?"),
    };
    read.unwrap();
    text
}

#[test]
fn gzip_and_brotli_say_what_the_plain_answer_says() {
    let pole = Pole::new(Server::shared(Engine::Sqlite));
    let members = at(&pole, "/members");
    for (code, siren) in [("forge", "732829320"), ("usine", "404833048"), ("étage", "552100554")] {
        let status = if code.is_ascii() { 201 } else { 422 };
        pole.admin.post(&members, member(code, siren)).expect(status);
    }
    for path in [&*members, &*at(&pole, "/audit-log"), "/openapi.json", "/docs"] {
        let plain = pole.admin.with_header("accept-encoding", "identity").get(path).expect(200);
        assert_eq!(plain.header("content-encoding"), "");
        for (accepted, used) in [("gzip", "gzip"), ("br", "br"), ("gzip;q=0.5, br", "br")] {
            let client = pole.admin.with_header("accept-encoding", accepted);
            let small = client.get(path).expect(200);
            assert_eq!(small.header("content-encoding"), used, "{path}");
            assert!(small.bytes.len() < plain.bytes.len(), "{path} {used}");
            assert_eq!(text(&small), plain.text(), "{path} {used}");
            assert_eq!(small.header("etag"), plain.header("etag"), "{path} {used}");
            let varies = small.headers.get_all("vary").iter();
            let varies = varies.filter_map(|it| it.to_str().ok()).collect::<Vec<_>>().join(", ");
            assert!(varies.contains("accept-encoding"), "{path} {used}: {varies:?}");
        }
    }
}
