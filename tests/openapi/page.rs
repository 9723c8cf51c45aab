//! The page that shows the document.

use palier_tests::{Client, Engine, Server};

use super::document::printed;

fn client() -> Client {
    Server::shared(Engine::Sqlite).client()
}

#[test]
fn the_document_is_served_as_it_is_printed() {
    let served = client().get("/openapi.json").expect(200).json();
    assert_eq!(serde_json::to_string_pretty(&served).unwrap(), printed().trim_end());
}

#[test]
fn the_root_leads_to_the_page() {
    assert_eq!(client().get("/").expect(302).header("location"), "/docs");
    let page = client().get("/docs").expect(200);
    assert_eq!(page.text(), client().get("/docs/").expect(200).text());
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
}

/// Whatever it loads is in the program, and its policy lets it load nothing else.
#[test]
fn the_page_works_without_the_internet() {
    let page = client().get("/docs").expect(200);
    let policy = page.header("content-security-policy");
    let sources: Vec<_> = policy.split(';').flat_map(|it| it.split_whitespace().skip(1)).collect();
    let own = ["'none'", "'self'", "data:", "'unsafe-inline'"];
    assert!(sources.iter().all(|source| own.contains(source)), "{policy}");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(policy.contains("script-src 'self';"), "{policy}");

    let places = page.text().split("href=\"").chain(page.text().split("src=\"")).skip(1);
    let places = places.filter_map(|rest| rest.split('"').next()).filter(|it| it.starts_with('/'));
    let mut loaded = 0;
    for place in places {
        let asset = client().get(place).expect(200);
        assert!(!asset.bytes.is_empty(), "{place}");
        let kind = asset.header("content-type");
        let expected = match place.rsplit_once('.') {
            Some((_, "css")) => "text/css",
            Some((_, "js")) => "text/javascript",
            _ => "application/json",
        };
        assert!(kind.starts_with(expected), "{place}: {kind}");
        loaded += 1;
    }
    assert_eq!(loaded, 4, "style, two scripts and a link to the document");
    assert!(!page.text().contains("//"), "an address elsewhere");
    client().get("/docs/other.js").expect(404).problem();
    client().get("/docs/../Cargo.toml").expect(404).problem();
}
