//! `/v1/poles/{pole}/providers/{provider}/accounts`: who may say where a provider's money goes.

use palier_tests::{Engine, Pole, Server, on_both};
use serde_json::json;

use super::{MESO_IBAN, Setting, wrong};
use crate::people::{Person, at};

/// Another account.
const OTHER_IBAN: &str = "DE89370400440532013000";

on_both!(somebody_else_confirms_an_account);
fn somebody_else_confirms_an_account(server: &Server) {
    let pole = Pole::new(server);
    let finance = Person::new(server, &pole, &json!([{ "role": "finance" }])).client;
    let provider = json!({ "name": "Méso", "contact": { "email": "hpc@meso.example" } });
    let provider = pole.admin.post(&at(&pole, "/providers"), provider).expect(201).string("/id");
    let accounts = at(&pole, &format!("/providers/{provider}/accounts"));
    let account = json!({ "name": "Mésocentre", "iban": "fr76 3000 6000 0112 3456 7890 189" });
    let given = pole.admin.post(&accounts, account).expect(201).json();
    assert_eq!((&given["status"], &given["iban"]), (&json!("pending"), &json!("FR76 •••• 0189")));
    let confirm = |id: &str| format!("{accounts}/{id}/confirm");
    let first = given["id"].as_str().unwrap();
    let iban = json!({ "iban": MESO_IBAN });
    let own = pole.admin.post(&confirm(first), &iban).expect(409).json();
    assert_eq!(wrong(&own), [" same_person"]);
    let other = finance.post(&confirm(first), json!({ "iban": OTHER_IBAN })).expect(409).json();
    assert_eq!(wrong(&other), ["/iban other_account"]);
    let key = json!({ "name": "Payer", "scopes": ["payments:write"] });
    let key = pole.admin.post(&at(&pole, "/api-keys"), &key).expect(201).string("/key");
    server.client().with_token(&key).post(&confirm(first), &iban).expect(403);
    let confirmed = finance.post(&confirm(first), &iban).expect(200).json();
    assert_eq!(confirmed["status"], "confirmed");
    finance.post(&confirm(first), &iban).expect(409);
    // Whoever made a key is who gives by it.
    let other = json!({ "name": "Autre", "contact": { "email": "paie@autre.example" } });
    let other = pole.admin.post(&at(&pole, "/providers"), other).expect(201).string("/id");
    let others = at(&pole, &format!("/providers/{other}/accounts"));
    let account = json!({ "name": "Autre", "iban": OTHER_IBAN });
    let keyed = server.client().with_token(&key).post(&others, account).expect(201).string("/id");
    let confirm_it = format!("{others}/{keyed}/confirm");
    let own = pole.admin.post(&confirm_it, json!({ "iban": OTHER_IBAN })).expect(409).json();
    assert_eq!(wrong(&own), [" same_person"]);
    finance.post(&confirm_it, json!({ "iban": OTHER_IBAN })).expect(200);

    // Another one takes its place once it is confirmed, and one that nobody confirmed never does.
    let next = |iban: &str| {
        let account = json!({ "name": "Mésocentre", "iban": iban });
        finance.post(&accounts, account).expect(201).string("/id")
    };
    let forged = next("FR1420041010050500013M02606");
    let second = next(OTHER_IBAN);
    pole.admin.post(&confirm(&second), json!({ "iban": OTHER_IBAN })).expect(200);
    let listed = pole.admin.get(&accounts).expect(200).json();
    let listed = listed["data"].as_array().unwrap().iter();
    let listed: Vec<_> =
        listed.map(|it| (it["id"].as_str().unwrap(), it["status"].as_str().unwrap())).collect();
    assert_eq!(listed, [(first, "ended"), (&*forged, "ended"), (&*second, "confirmed")]);
    pole.admin.post(&format!("{accounts}/{second}/end"), json!({})).expect(200);
    pole.admin.post(&format!("{accounts}/{second}/end"), json!({})).expect(409);

    let bad = json!({ "name": "Mésocentre", "iban": "FR7630006000011234567890188" });
    assert_eq!(wrong(&finance.post(&accounts, bad).expect(422).json()), ["/iban iban"]);
    let far = json!({ "name": "Mésocentre", "iban": "CH9300762011623852957" });
    let far = wrong(&finance.post(&accounts, far).expect(422).json());
    assert_eq!(far.len(), 2, "its bank and its address: {far:?}");
    // Of another pole nothing is seen.
    let elsewhere = Pole::new(server);
    let theirs = at(&elsewhere, &format!("/providers/{provider}/accounts"));
    elsewhere.admin.get(&theirs).expect(404);
    elsewhere.admin.post(&format!("{theirs}/{first}/confirm"), &iban).expect(404);
    let log = pole.admin.get(&at(&pole, "/audit-log?limit=200")).expect(200).text().to_owned();
    assert!(log.contains("provider_account.confirmed") && !log.contains(MESO_IBAN), "{log}");
}

on_both!(nothing_is_paid_to_an_account_that_nobody_confirmed);
fn nothing_is_paid_to_an_account_that_nobody_confirmed(engine: Engine) {
    let setting = Setting::new(engine);
    setting.give(MESO_IBAN);
    setting.bill("1", "2028-02-04", &json!([{ "net": "10.00", "rate_percent": "20" }]));
    let planned = setting.plan("2028-02-04");
    assert_eq!(planned["transfers"], json!([]));
    assert_eq!(planned["left_out"][0]["code"], "no_account");
    setting.confirm(MESO_IBAN);
    assert_eq!(setting.plan("2028-02-04")["transfers"][0]["execute_on"], "2028-02-04");
    // One that comes later does not move what is planned; one that is confirmed does.
    setting.give(OTHER_IBAN);
    let content = setting.content(&setting.file());
    assert!(content.contains(MESO_IBAN) && !content.contains(OTHER_IBAN), "{content}");
    setting.bill("2", "2028-02-04", &json!([{ "net": "10.00", "rate_percent": "20" }]));
    setting.plan("2028-02-04");
    setting.confirm(OTHER_IBAN);
    let content = setting.content(&setting.file());
    assert!(content.contains(OTHER_IBAN) && !content.contains(MESO_IBAN), "{content}");
    assert_eq!(setting.transfer("2", "sent")["iban"], "DE89 •••• 3000");
    // Nobody pays to one that has ended.
    setting.bill("3", "2028-02-04", &json!([{ "net": "10.00", "rate_percent": "20" }]));
    setting.plan("2028-02-04");
    let accounts = format!("providers/{}/accounts", setting.meso);
    let confirmed = setting.list(&accounts).into_iter().find(|it| it["status"] == "confirmed");
    let id = confirmed.unwrap()["id"].as_str().unwrap().to_owned();
    setting.post(&format!("{accounts}/{id}/end"), 200, json!({}));
    let before = setting.file();
    assert_eq!(before["payments"], 1);
    assert_eq!(setting.transfer("3", "planned")["amount"], "12.00");
    assert_eq!(setting.small.faults(), [""; 0]);
}
