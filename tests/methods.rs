//! Methods: those that an address has, those that it has not, and HEAD.

use std::collections::BTreeSet;

use palier_tests::{Client, Engine, Pole, Server, on_both};
use serde_json::{Value, json};
use ureq::http::Method;

const ALL: [&str; 8] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// The addresses of the document, in this pole, and the methods that each has.
fn documented(pole: &Pole) -> Vec<(String, BTreeSet<String>)> {
    let document = pole.admin.get("/openapi.json").expect(200).json();
    let methods = |operations: &Value| {
        let names = operations.as_object().unwrap().keys().map(|name| name.to_uppercase());
        let mut names: BTreeSet<_> = names.collect();
        if names.contains("GET") {
            names.insert("HEAD".to_owned());
        }
        names
    };
    let paths = document["paths"].as_object().unwrap();
    paths.iter().map(|(path, operations)| (filled(path, pole), methods(operations))).collect()
}

/// An address with the pole's code, and something in every other place.
fn filled(path: &str, pole: &Pole) -> String {
    let part = |part: &str| match part {
        "{pole}" => pole.code.clone(),
        place if place.starts_with('{') => "something".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn send(client: &Client, method: &str, path: &str) -> palier_tests::Answer {
    client.send(method.parse().unwrap(), path, None)
}

/// The methods that an answer says there are.
fn allowed(answer: &palier_tests::Answer) -> BTreeSet<String> {
    answer.header("allow").split(", ").map(str::to_owned).collect()
}

on_both!(an_address_refuses_the_methods_it_does_not_have_and_names_those_it_has);
fn an_address_refuses_the_methods_it_does_not_have_and_names_those_it_has(pole: &Pole) {
    let addresses = documented(pole);
    assert!(addresses.len() > 30, "{addresses:?}");
    let anybody = pole.admin.without_header("authorization");
    for (path, methods) in &addresses {
        for method in ALL.into_iter().filter(|method| !methods.contains(*method)) {
            for client in [&pole.admin, &anybody] {
                let answer = send(client, method, path).expect(405);
                assert_eq!(allowed(&answer), *methods, "{method} {path}");
                if method != "HEAD" {
                    let kind = &answer.problem()["type"];
                    assert_eq!(*kind, "https://palier.dev/problems/method-not-allowed");
                }
            }
        }
    }
}

on_both!(what_is_no_part_of_the_api_can_only_be_read);
fn what_is_no_part_of_the_api_can_only_be_read(pole: &Pole) {
    for path in ["/", "/docs", "/docs/page.js", "/openapi.json", "/metrics"] {
        assert!(send(&pole.admin, "HEAD", path).status < 400, "{path}");
        let answer = pole.admin.post(path, json!({})).expect(405);
        assert_eq!(answer.header("allow"), "GET, HEAD", "{path}");
    }
}

on_both!(an_address_that_is_none_has_no_methods);
fn an_address_that_is_none_has_no_methods(pole: &Pole) {
    let base = format!("/v1/poles/{}", pole.code);
    for path in ["/nothing".to_owned(), format!("{base}/nothing"), format!("{base}/me/nothing")] {
        for method in ALL {
            let answer = send(&pole.admin, method, &path).expect(404);
            assert_eq!(answer.header("allow"), "", "{method} {path}");
        }
    }
}

on_both!(the_refusal_is_said_in_both_languages_and_whatever_slashes_there_are);
fn the_refusal_is_said_in_both_languages_and_whatever_slashes_there_are(pole: &Pole) {
    let path = format!("/v1//poles/{}/members/", pole.code);
    let french = pole.admin.with_header("accept-language", "fr");
    let problem = french.delete(&path).expect(405).problem();
    assert_eq!(problem["title"], "Méthode non prise en charge");
    let problem = pole.admin.delete(&path).expect(405).problem();
    assert_eq!(problem["title"], "Method not supported");
}

on_both!(head_is_answered_as_get_is_without_the_body);
fn head_is_answered_as_get_is_without_the_body(pole: &Pole) {
    let base = format!("/v1/poles/{}", pole.code);
    let plain = pole.admin.with_header("accept-encoding", "identity");
    for path in ["", "/catalogue", "/members", "/members/mbr_nothing", "/audit-log?limit=0"] {
        let path = format!("{base}{path}");
        let (get, head) = (plain.get(&path), send(&plain, "HEAD", &path));
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.text(), "", "{path}");
        for header in ["content-type", "content-length", "etag", "cache-control", "vary"] {
            assert_eq!(head.header(header), get.header(header), "{header} of {path}");
        }
    }
    let tag = plain.get(&base).expect(200).header("etag").to_owned();
    send(&plain.with_header("if-none-match", &tag), "HEAD", &base).expect(304);
    send(&plain.without_header("authorization"), "HEAD", &format!("{base}/members")).expect(401);
}

on_both!(an_operation_refuses_the_parameters_it_does_not_have);
fn an_operation_refuses_the_parameters_it_does_not_have(pole: &Pole) {
    let document = pole.admin.get("/openapi.json").expect(200).json();
    let mut asked = 0_usize;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let get = &operations["get"];
        if path.replace("{pole}", "").contains('{') || get["security"][0].is_null() {
            continue;
        }
        let parameters = get["parameters"].as_array().into_iter().flatten();
        let known: Vec<_> = parameters.filter_map(|it| it["name"].as_str()).collect();
        for name in ["limit", "cursor", "nonsense"].into_iter().filter(|it| !known.contains(it)) {
            let answer = pole.admin.get(&format!("{}?{name}=1", filled(path, pole))).expect(400);
            let fault = &answer.problem()["errors"][0];
            assert_eq!((&fault["parameter"], &fault["code"]), (&json!(name), &json!("unknown")));
            asked = asked.saturating_add(1);
        }
    }
    assert!(asked > 30, "only {asked} were asked");
}

/// A page asks with OPTIONS before it sends what is not simple, and may see why it was refused.
#[test]
fn pages_may_ask_which_methods_there_are() {
    let server = Server::builder(Engine::Sqlite).arg("--cors-origins=https://a.example").start();
    let page = server.client().with_header("origin", "https://a.example");
    let asks = page.with_header("access-control-request-method", "PATCH");
    let answer = asks.send(Method::OPTIONS, "/livez", None).expect(200);
    assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    let refused = page.delete("/livez").expect(405);
    assert_eq!(refused.header("access-control-allow-origin"), "https://a.example");
}
