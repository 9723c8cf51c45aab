//! A document for each service, for members that want it so.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::setting::{Small, fee, graduated};

/// What a month's documents bill a member: number, part without ids, then each line's amount.
fn documents(small: &Small, period: &str, member: &str) -> Vec<String> {
    let mut documents = small.documents(period);
    documents.retain(|it| it["document"]["buyer"]["code"] == member);
    let told = documents.iter().map(|it| {
        let part = it["part"].as_str().unwrap();
        let (part, of) = part.split_once('/').unwrap_or((part, ""));
        let lines = it["document"]["lines"].as_array().unwrap();
        // The lines of a document for a service are that service's.
        assert!(of.is_empty() || lines.iter().all(|line| line["service"] == of), "{it}");
        let amounts = lines.iter().map(|line| line["amount"].as_str().unwrap());
        let number = it["number"].as_str().unwrap_or("draft");
        format!("{number} {part} {}", amounts.collect::<Vec<_>>().join(" "))
    });
    let mut told: Vec<_> = told.collect();
    told.sort_unstable();
    told
}

/// Both members use two services and pay a fee outside the scope of VAT; `forge` wants a document each.
fn two_services(engine: Engine) -> Small {
    let small = Small::new(engine, &[graduated(), fee()]);
    let provider = json!({ "name": "Autre", "contact": { "email": "a@autre.example" } });
    let provider = small.made("providers", provider);
    let flat = |amount: &str| json!({ "charges": [{ "kind": "recurring", "amount": amount }] });
    let storage = small.service("storage", &provider, json!({}), &flat("20"));
    let outside = json!({ "vat": "out_of_scope" });
    let club = small.service("club", &provider, outside, &flat("30"));
    for member in ["forge", "usine"] {
        let more = json!({ "minimum_amount": "50" });
        small.subscribe(member, &storage, more);
        small.subscribe(member, &club, json!({}));
    }
    by(&small, "service");
    small
}

/// Sets how many documents `forge` gets.
fn by(small: &Small, what: &str) {
    small.patch(&format!("members/{}", small.members["forge"]), json!({ "invoices_by": what }));
}

on_both!(who_wants_it_gets_a_document_for_each_service);
fn who_wants_it_gets_a_document_for_each_service(engine: Engine) {
    let small = two_services(engine);
    // Each service has a meter of this name.
    let event = json!({ "id": "f", "member": "forge", "service": "compute", "meter": "hours",
        "quantity": "1000", "time": "2026-07-10T10:00:00Z" });
    small.finance.post(&small.at("usage"), event).expect(200);
    let review = small.run("2026-07");
    assert_eq!(review["documents"], 5);
    // What is missing to the minimum of a subscription stands with its service.
    let each = ["draft fees 30.00", "draft services 20.00 30.00", "draft services 80.00 15.00"];
    assert_eq!(documents(&small, "2026-07", "forge"), each);
    let together = ["draft fees 30.00", "draft services 15.00 20.00 30.00"];
    assert_eq!(documents(&small, "2026-07", "usine"), together);
    // Drafts stay as they are written, whatever the member wants since.
    by(&small, "period");
    assert_eq!(small.run("2026-07")["documents"], 5);
    small.invoices(&["finalise"], "2026-07");
    let mut parts = documents(&small, "2026-07", "forge");
    parts.retain(|it| it.starts_with("FA-2028-00000") && it.as_str() < "FA-2028-000004");
    assert_eq!(parts.len(), 3, "numbers follow members: {parts:?}");
    small.close("2026-08");
    assert_eq!(documents(&small, "2026-08", "forge").len(), 2);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(drafts_made_anew_follow_what_the_member_wants_now);
fn drafts_made_anew_follow_what_the_member_wants_now(engine: Engine) {
    let small = two_services(engine);
    small.run("2026-07");
    by(&small, "period");
    let net = |review: &Value| review["net"].as_str().unwrap().to_owned();
    let before = net(&small.run("2026-07"));
    let again = small.invoices(&["run", "--again"], "2026-07");
    assert_eq!((again["documents"].clone(), net(&again)), (json!(4), before));
    // As a kill would have left it, and the member thinks again.
    let mut sql = small.sql();
    sql.run("DELETE FROM billed_charges");
    sql.run("UPDATE invoice_runs SET status = 'frozen', drafted_at = NULL");
    by(&small, "service");
    assert_eq!(small.run("2026-07")["documents"], 5);
    let each = ["draft fees 30.00", "draft services 15.00", "draft services 20.00 30.00"];
    assert_eq!(documents(&small, "2026-07", "forge"), each);
    small.invoices(&["finalise"], "2026-07");
    assert_eq!(small.faults(), [""; 0]);
}
