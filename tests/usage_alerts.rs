//! `/v1/poles/{pole}/members/{member}/subscriptions/{subscription}/alerts`.

use std::time::Duration;

use palier_tests::{Answer, Engine, Server, on_both, wait_for};
use serde_json::{Value, json};

use crate::people::{at, faults, new_email};
use crate::price_board::setting::{NOW, Setting, tiers};
use crate::sql::Sql;

/// How long it may take until something is told: after a round comes a rest of many times its length.
const PATIENCE: Duration = Duration::from_mins(5);

/// The alerts of the subscription of `forge`.
struct Alerts {
    setting: Setting,
    path: String,
    hours: String,
    peak: String,
}

impl Alerts {
    fn new(engine: Engine) -> Self {
        let setting = Setting::new(engine, &tiers());
        let of = format!("/members/{}/subscriptions", setting.members[0]);
        let listed = setting.staff.get(&at(&setting.pole, &of)).expect(200);
        let path = at(&setting.pole, &format!("{of}/{}/alerts", listed.string("/data/0/id")));
        let meters = setting.staff.get(&setting.at("meters")).expect(200).json();
        let meter = |code: &str| {
            let meters = meters["data"].as_array().unwrap();
            let found = meters.iter().find(|it| it["code"] == code).unwrap();
            found["id"].as_str().unwrap().to_owned()
        };
        let (hours, peak) = (meter("hours"), meter("peak"));
        Self { setting, path, hours, peak }
    }

    fn post(&self, body: Value) -> Answer {
        self.setting.staff.post(&self.path, body)
    }

    /// Makes an alert that nobody else has the address of; gives back both.
    #[track_caller]
    fn make(&self, what: Value) -> (String, String) {
        let (mut body, email) = (what, new_email());
        body["email"] = json!(email);
        (format!("{}/{}", self.path, self.post(body).expect(201).string("/id")), email)
    }

    fn raised(&self, alert: &str) -> Option<Value> {
        self.setting.staff.get(alert).expect(200).json().get("raised_at").cloned()
    }

    #[track_caller]
    fn wait_for(&self, alert: &str) {
        let raised = wait_for(PATIENCE, || self.raised(alert));
        assert!(raised.is_some(), "nothing was told: {}", self.setting.server.log());
    }
}

on_both!(alerts_are_made_changed_and_taken_away);
fn alerts_are_made_changed_and_taken_away(engine: Engine) {
    let alerts = Alerts::new(engine);
    let staff = &alerts.setting.staff;
    let email = "jeanne@forge.example";
    let amount = json!({ "amount": "12.50", "email": email });
    let made = alerts.post(amount).expect(201);
    let path = format!("{}/{}", alerts.path, made.string("/id"));
    assert_eq!(staff.get(&path).expect(200).json(), made.json());
    assert_eq!([&made.json()["amount"], &made.json()["email"]], ["12.50", email]);
    let either = "/ one_of";
    let other = "mtr_01h455vb4pex5vsknk084sn02q";
    for (wrong, fault) in [
        (json!({}), either),
        (json!({ "quantity": "1" }), either),
        (json!({ "meter": alerts.hours }), either),
        (json!({ "meter": alerts.hours, "amount": "1" }), either),
        (json!({ "meter": alerts.hours, "quantity": "0" }), "/quantity minimum"),
        (json!({ "meter": other, "quantity": "1" }), "/meter unknown_meter"),
        (json!({ "amount": "0" }), "/amount minimum"),
        (json!({ "amount": "1.234" }), "/amount amount"),
        (json!({ "amount": "1", "email": "nobody" }), "/email format"),
    ] {
        let mut body = wrong.clone();
        if body.get("email").is_none() {
            body["email"] = json!(email);
        }
        let told = faults(&alerts.post(body).expect(422));
        let told: Vec<_> = told.iter().map(|(at, code)| format!("{at} {code}")).collect();
        assert_eq!(told, [fault.replace("/ ", " ")], "{wrong}");
    }
    let any = staff.with_header("if-match", "*");
    let quantity = json!({ "amount": null, "meter": alerts.hours, "quantity": "40" });
    let changed = any.patch(&path, quantity).expect(200).json();
    assert_eq!([&changed["meter"], &changed["quantity"]], [&json!(alerts.hours), &json!("40")]);
    assert_eq!(changed.get("amount"), None);
    let listed = staff.get(&alerts.path).expect(200).json();
    assert_eq!(listed["data"], json!([changed]));
    staff.delete(&path).expect(204);
    staff.get(&path).expect(404);
    for _ in 0..20 {
        alerts.make(json!({ "amount": "1000000" }));
    }
    alerts.post(json!({ "amount": "1", "email": email })).expect(409);
}

on_both!(an_alert_tells_once_a_month_what_is_reached);
fn an_alert_tells_once_a_month_what_is_reached(engine: Engine) {
    let alerts = Alerts::new(engine);
    let setting = &alerts.setting;
    let (hours, hours_mail) = alerts.make(json!({ "meter": alerts.hours, "quantity": "40" }));
    let (peak, peak_mail) = alerts.make(json!({ "meter": alerts.peak, "quantity": "7.5" }));
    // Both together use 160 hours: 148 euros by the tiers, 0.925 an hour.
    let (amount, amount_mail) = alerts.make(json!({ "amount": "37.00" }));
    let (more, _) = alerts.make(json!({ "amount": "37.01" }));
    let day = "2026-10-03T08:00:00Z";
    // All at once: the hours of one without those of the other cost more, and might be told of.
    setting.report(&[
        ("p", "forge", "peak", day, "7.5", json!({})),
        ("f", "forge", "hours", day, "40", json!({})),
        ("a", "atelier", "hours", day, "120", json!({})),
    ]);
    for alert in [&hours, &peak, &amount] {
        alerts.wait_for(alert);
    }
    assert_eq!(alerts.raised(&more), None);
    let mail = setting.server.mail_to(&hours_mail);
    assert_eq!(mail.subject, "Calcul (hours) : seuil de 40 atteint en octobre 2026");
    let reached = "Forge du Rhône SAS a atteint en octobre 2026 le seuil";
    assert!(mail.text.contains(reached), "{}", mail.text);
    let mail = setting.server.mail_to(&peak_mail);
    assert_eq!(mail.subject, "Calcul (peak) : seuil de 7,5 atteint en octobre 2026");
    let mail = setting.server.mail_to(&amount_mail);
    assert!(mail.text.contains("- À ce jour : 37,00\u{a0}€\r\n"), "{}", mail.text);

    // More of it tells no more, a new threshold does.
    setting.report(&[("more", "forge", "hours", day, "10", json!({}))]);
    alerts.wait_for(&more);
    let any = setting.staff.with_header("if-match", "*");
    any.patch(&hours, json!({ "quantity": "50" })).expect(200);
    let mails = setting.server.mails_to(&hours_mail, 2);
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[1].subject, "Calcul (hours) : seuil de 50 atteint en octobre 2026");
    assert_eq!(setting.server.mails_to(&peak_mail, 1).len(), 1);
    // In English, to who is written to in it.
    let member = at(&setting.pole, &format!("/members/{}", setting.members[0]));
    any.patch(&member, json!({ "language": "en" })).expect(200);
    let (_, email) = alerts.make(json!({ "meter": alerts.hours, "quantity": "45" }));
    let mail = setting.server.mail_to(&email);
    assert_eq!(mail.subject, "Calcul (hours): 45 reached in October 2026");
    assert!(mail.text.contains("- So far: 50\r\n"), "{}", mail.text);
}

on_both!(two_servers_and_crashes_tell_once);
fn two_servers_and_crashes_tell_once(engine: Engine) {
    let mut alerts = Alerts::new(engine);
    let url = alerts.setting.server.database_url().to_owned();
    let second = Server::builder(engine).database(&url).now(NOW).start();
    let made: Vec<_> = (1..=12)
        .map(|nth| alerts.make(json!({ "meter": alerts.hours, "quantity": nth.to_string() })))
        .collect();
    alerts.setting.hours(&[("forge", "12")]);
    // In the middle of it, mostly.
    wait_for(PATIENCE, || alerts.raised(&made[0].0));
    alerts.setting.server.kill();
    alerts.setting.server.restart();
    for (alert, _) in &made {
        alerts.wait_for(alert);
    }
    // A notice, its entry in the log and its mail are one transaction.
    let mut sql = Sql::open(&url);
    assert_eq!(sql.lines("SELECT alert_id AS line FROM usage_notices").len(), made.len());
    let raised = "SELECT object AS line FROM audit_log WHERE action = 'usage_alert.raised'";
    assert_eq!(sql.lines(raised).len(), made.len());
    drop(second);
}
