use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use palier_tests::Client;
use serde_json::json;

/// Answers every request of one connection after the other with these bytes, and hands out what it
/// was asked.
fn server(answer: &'static str) -> (Client, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()));
    let (heard, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut request, mut length) = (String::new(), 0);
            while !request.ends_with("\r\n\r\n") {
                let from = request.len();
                stream.read_line(&mut request).unwrap();
                if let Some(value) = request[from..].strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            request.push_str(str::from_utf8(&body).unwrap());
            let _ = heard.send(request);
            write!(stream.get_mut(), "HTTP/1.1 {answer}").unwrap();
        }
    });
    (client, requests)
}

fn message_of(fails: impl FnOnce()) -> String {
    *catch_unwind(AssertUnwindSafe(fails)).unwrap_err().downcast::<String>().unwrap()
}

const MISSING: &str = "404 Not Found\r\ncontent-type: application/problem+json\r\n\
    connection: close\r\n\r\n\
    {\"type\":\"urn:x:missing\",\"title\":\"No\",\"status\":404,\"detail\":\"Not it\"}";

#[test]
fn a_request_is_sent_as_said() {
    let (client, requests) =
        server("201 Created\r\nx-it: yes\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let client = client.with_token("old").with_token("abc").with_header("Accept-Language", "fr");
    let answer = client.post("/v1/things?a=b", json!({ "name": "É" })).expect(201);
    assert_eq!((answer.header("X-It"), answer.header("x-other"), answer.text()), ("yes", "", ""));
    let heard = requests.recv().unwrap().to_lowercase();
    assert!(heard.starts_with("post /v1/things?a=b http/1.1\r\n"), "{heard}");
    assert!(heard.ends_with("\r\n\r\n{\"name\":\"é\"}"), "{heard}");
    for header in
        ["authorization: bearer abc", "accept-language: fr", "content-type: application/json"]
    {
        assert_eq!(heard.matches(header).count(), 1, "{header}: {heard}");
    }
    assert!(!heard.contains("old"), "{heard}");

    client
        .without_header("authorization")
        .with_header("content-type", "text/csv")
        .put("/", json!(1));
    let heard = requests.recv().unwrap().to_lowercase();
    assert!(heard.starts_with("put / "), "{heard}");
    assert!(
        heard.contains("content-type: text/csv") && !heard.contains("authorization"),
        "{heard}"
    );
    for (method, answer) in [
        ("GET", client.get("/")),
        ("DELETE", client.delete("/")),
        ("PATCH", client.patch("/", json!({}))),
    ] {
        answer.expect(201);
        let heard = requests.recv().unwrap();
        assert!(heard.starts_with(method), "{heard}");
    }
}

#[test]
fn an_answer_that_is_not_as_expected_is_shown_with_its_request() {
    let (client, _requests) = server(MISSING);
    let said = message_of(|| drop(client.post("/v1/x", json!({ "asked": 1 })).expect(200)));
    for part in ["POST http://127.0.0.1", "/v1/x\n", "{\"asked\":1}", "→ 404", "\"Not it\""] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_problem_is_looked_through() {
    let (client, _requests) = server(MISSING);
    let problem = client.get("/").expect(404).problem();
    assert_eq!(problem["type"], "urn:x:missing");
    assert_eq!(client.get("/").string("/detail"), "Not it");
    let said = message_of(|| drop(client.get("/").string("/status")));
    assert!(said.contains("no string at \"/status\""), "{said}");
    for wrong in [
        "404 No\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{}",
        "404 No\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n\
            {\"type\":\"urn:x\",\"title\":\"No\",\"status\":404}",
        "404 No\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n\
            {\"type\":\"urn:x\",\"title\":\"No\",\"status\":400,\"detail\":\"Not it\"}",
        "200 OK\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n\
            {\"type\":\"urn:x\",\"title\":\"No\",\"status\":200,\"detail\":\"Not it\"}",
    ] {
        let (client, _requests) = server(wrong);
        message_of(|| drop(client.get("/").problem()));
    }
}

#[test]
fn a_redirect_is_an_answer() {
    let (client, _requests) =
        server("303 See Other\r\nlocation: /x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assert_eq!(client.get("/").expect(303).header("location"), "/x");
}
