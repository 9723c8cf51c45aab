//! Which pages may call the API from a browser.

use palier_tests::{Answer, Client, Engine, Server};
use ureq::http::Method;

const OURS: &str = "https://marche.example";
const THEIRS: &str = "https://elsewhere.example";

fn allowed(answer: &Answer) -> &str {
    answer.header("access-control-allow-origin")
}

/// What a browser asks before it sends a page's request.
fn preflight(client: &Client, origin: &str, method: &str, headers: &str) -> Answer {
    client
        .with_header("origin", origin)
        .with_header("access-control-request-method", method)
        .with_header("access-control-request-headers", headers)
        .send(Method::OPTIONS, "/v1/poles/aero/members", None)
}

#[test]
fn pages_of_the_origins_that_were_named_may_call() {
    let origins = format!("{OURS},http://localhost:5173");
    let server = Server::builder(Engine::Sqlite).env("PALIER_CORS_ORIGINS", origins).start();
    let client = server.client();
    for origin in [OURS, "http://localhost:5173"] {
        let page = client.with_header("origin", origin);
        let answer = page.get("/livez").expect(200);
        assert_eq!(allowed(&answer), origin);
        // Tokens travel in a header; a browser is never told to add what it knows of its user.
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        let readable = answer.header("access-control-expose-headers").to_lowercase();
        for header in ["etag", "location", "retry-after", "x-request-id"] {
            assert!(readable.contains(header), "{header}: {readable}");
        }
        let asked = preflight(&client, origin, "PATCH", "authorization,if-match,content-type");
        let asked = asked.expect(200);
        assert_eq!(allowed(&asked), origin);
        assert!(asked.header("access-control-allow-methods").contains("PATCH"), "{asked}");
        let headers = asked.header("access-control-allow-headers").to_lowercase();
        for header in ["authorization", "if-match", "idempotency-key"] {
            assert!(headers.contains(header), "{header}: {headers}");
        }
        assert_eq!(asked.header("access-control-max-age"), "3600");
        assert_eq!(asked.header("x-content-type-options"), "nosniff");
    }
}

#[test]
fn pages_of_other_origins_may_not() {
    let named = Server::builder(Engine::Sqlite).env("PALIER_CORS_ORIGINS", OURS).start();
    for server in [&named, Server::shared(Engine::Sqlite)] {
        let client = server.client();
        let answers = [
            client.with_header("origin", THEIRS).get("/livez"),
            client.with_header("origin", "null").get("/livez"),
            client.with_header("origin", &format!("{OURS}.evil.example")).get("/livez"),
            preflight(&client, THEIRS, "GET", "authorization"),
        ];
        for answer in answers {
            assert_eq!(allowed(&answer), "", "{answer}");
        }
        // Who is no page is not concerned.
        assert_eq!(allowed(&client.get("/livez").expect(200)), "");
    }
}

#[test]
fn a_page_may_not_send_what_the_api_does_not_read() {
    let server = Server::builder(Engine::Sqlite).env("PALIER_CORS_ORIGINS", OURS).start();
    let client = server.client();
    for (method, headers) in [("TRACE", "authorization"), ("GET", "x-forwarded-for")] {
        let answer = preflight(&client, OURS, method, headers);
        assert_eq!(answer.status, 400, "{method} {headers}: {answer}");
    }
}

#[test]
fn all_pages_may_call_where_a_star_says_so() {
    let server = Server::builder(Engine::Sqlite).env("PALIER_CORS_ORIGINS", "*").start();
    let answer = server.client().with_header("origin", THEIRS).get("/livez").expect(200);
    assert_eq!(allowed(&answer), "*");
    let asked = preflight(&server.client(), THEIRS, "POST", "authorization").expect(200);
    assert_eq!(allowed(&asked), "*");
}

#[test]
fn a_page_can_read_what_is_wrong_as_well() {
    let server = Server::builder(Engine::Sqlite).env("PALIER_CORS_ORIGINS", OURS).start();
    let page = server.client().with_header("origin", OURS);
    for (path, status) in [("/v1/poles/none", 404), ("/nothing/here", 404), ("/v1/poles/a/b", 404)]
    {
        let problem = page.get(path).expect(status);
        problem.problem();
        assert_eq!(allowed(&problem), OURS, "{problem}");
        let readable = problem.header("access-control-expose-headers").to_lowercase();
        assert!(readable.contains("x-request-id"), "{problem}");
    }
}
