//! Credits that are granted, and drawn by months: `/v1/poles/{pole}/members/{member}/credit-grants`,
//! `palier invoices grant`.

mod drawn;
mod given_back;
mod random;
mod seen;
mod tampered;
mod trouble;

use palier_tests::{Answer, Engine};
use serde_json::{Value, json};

use super::setting::{Small, fee, graduated};

/// July: 480 € of usage and 15 € of fees for `forge`, fees for `usine`.
fn july(engine: Engine) -> Small {
    let small = Small::new(engine, &[graduated(), fee()]);
    small.used("f", "forge", "2026-07-10", "6000");
    small
}

/// Where the credits of a member are.
fn credits_of(small: &Small, member: &str) -> String {
    small.at(&format!("members/{}/credit-grants", small.members[member]))
}

/// A credit for all services from a day on, up to another if there is one.
fn credit(amount: &str, from: &str, until: Option<&str>) -> Value {
    let mut credit = json!({ "amount": amount, "reason": format!("Geste de {amount}"),
        "valid_from": from });
    if let Some(until) = until {
        credit["valid_until"] = until.into();
    }
    credit
}

/// Grants a credit; its id.
#[track_caller]
fn granted(small: &Small, member: &str, credit: &Value) -> String {
    small.finance.post(&credits_of(small, member), credit).expect(201).string("/id")
}

/// A credit as it stands: what is drawn, given back, drafted, expired, revoked, left.
#[track_caller]
fn stands(small: &Small, member: &str, id: &str) -> [String; 6] {
    let path = format!("{}/{id}", credits_of(small, member));
    let credit = small.finance.get(&path).expect(200).json();
    ["drawn", "given_back", "drafted", "expired", "revoked", "left"]
        .map(|name| credit[name].as_str().unwrap().to_owned())
}

/// Number of the document, line, amount and what is left, of each draw of a credit, by number: here all
/// documents are of the same moment.
#[track_caller]
fn draws(small: &Small, member: &str, id: &str) -> Vec<(String, i64, String, String)> {
    let path = format!("{}/{id}/draws", credits_of(small, member));
    let list = small.finance.get(&path).expect(200).json();
    let told = list["data"].as_array().unwrap().iter().map(|it| {
        let text = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
        (text("number"), it["line"].as_i64().unwrap(), text("amount"), text("left"))
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

/// The document of a number, of a month.
#[track_caller]
fn numbered(small: &Small, period: &str, number: &str) -> Value {
    let mut documents = small.documents(period).into_iter();
    documents.find(|it| it["number"] == number).unwrap()
}

/// Where a fault is, and which.
fn refused(answer: &Answer) -> (String, String) {
    let error = &answer.problem()["errors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("pointer"), text("code"))
}
