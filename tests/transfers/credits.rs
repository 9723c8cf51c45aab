//! `/v1/poles/{pole}/transfers`: what stands to a member's credit, paid back.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::{Setting, wrong};

const FORGE_IBAN: &str = "DE89370400440532013000";

impl Setting {
    /// The forge pays 100.00 that nobody billed.
    #[track_caller]
    fn overpaid(engine: Engine) -> Self {
        let setting = Self::new(engine);
        let paid = json!({
            "kind": "payment", "member": setting.small.members["forge"], "method": "transfer",
            "paid_on": "2028-02-01", "amount": "100.00", "reference": "VIR-1",
        });
        setting.post("payments", 201, paid);
        setting
    }

    #[track_caller]
    fn back(&self, status: u16, amount: &str, more: &Value) -> Value {
        let mut body = json!({
            "member": self.small.members["forge"], "amount": amount, "reference": "Trop-perçu",
        });
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        self.post("transfers", status, body)
    }

    #[track_caller]
    fn credit(&self) -> String {
        let at = self.small.at(&format!("members/{}/balance", self.small.members["forge"]));
        self.small.finance.get(&at).expect(200).string("/credit")
    }
}

on_both!(a_credit_is_paid_back_once);
fn a_credit_is_paid_back_once(engine: Engine) {
    let setting = Setting::overpaid(engine);
    let none = setting.back(422, "70.00", &json!({}));
    assert_eq!(wrong(&none), ["/account required"]);
    let bad = json!({ "account": { "name": "Forge", "iban": "DE00370400440532013000" } });
    assert_eq!(wrong(&setting.back(422, "70.00", &bad)), ["/account/iban iban"]);
    assert_eq!(wrong(&setting.back(422, "0.00", &json!({}))), ["/amount nothing"]);
    let account = json!({ "account": { "name": "Forge", "iban": FORGE_IBAN } });
    let made = setting.back(201, "70.00", &account);
    assert_eq!((&made["kind"], &made["iban"]), (&json!("credit"), &json!("DE89 •••• 3000")));
    // What is going back already is not there twice.
    assert_eq!(wrong(&setting.back(409, "30.01", &account)), ["/amount no_credit"]);
    let mandate = json!({
        "member": setting.small.members["forge"], "scheme": "core", "signed_on": "2026-01-12",
        "debtor": "Forge", "iban": "FR7630006000011234567890189",
    });
    setting.post("payment-means", 201, mandate);
    setting.back(201, "30.00", &json!({ "reference": "Solde" }));
    let file = setting.file();
    let content = setting.content(&file);
    for part in [FORGE_IBAN, "FR7630006000011234567890189", "<Ustrd>Trop-percu</Ustrd>"] {
        assert!(content.contains(part), "{part}: {content}");
    }
    assert_eq!(setting.credit(), "100.00");
    let name = setting.transfer("Trop-perçu", "sent")["end_to_end"].as_str().unwrap().to_owned();
    let moved = setting.statement("S-1", 2, &[(-7_000, "VIR SEPA", &name, "")]);
    assert_eq!(moved[0]["status"], "reconciled");
    assert_eq!(setting.credit(), "30.00");
    let payments = setting.list("payments");
    let refund = payments.iter().find(|it| it["kind"] == "refund").unwrap();
    assert_eq!((&refund["amount"], &refund["reference"]), (&json!("-70.00"), &json!(name)));
    assert_eq!(setting.transfer("Trop-perçu", "executed")["payment"], refund["id"]);
    setting.stands_at(&[("411000", "-30.00"), ("512000", "30.00")]);
    // It comes back: the money stands to the member's credit again.
    let moved = setting.statement("S-2", 5, &[(7_000, "RETOUR", &name, "AC04")]);
    assert_eq!(moved[0]["status"], "reconciled");
    assert_eq!(setting.credit(), "100.00");
    setting.stands_at(&[("411000", "-100.00"), ("512000", "100.00")]);
}

on_both!(a_credit_is_spent_or_goes_back);
fn a_credit_is_spent_or_goes_back(engine: Engine) {
    let setting = Setting::overpaid(engine);
    let account = json!({ "account": { "name": "Forge", "iban": FORGE_IBAN } });
    setting.back(201, "100.00", &account);
    let refund = json!({
        "kind": "refund", "member": setting.small.members["forge"], "method": "cheque",
        "paid_on": "2028-02-01", "amount": "40.00", "reference": "CHQ-1",
    });
    setting.post("payments", 201, refund.clone());
    setting.post("transfer-files", 409, json!({ "execute_by": "2028-02-04" }));
    setting.transfer("Trop-perçu", "planned");
    let account =
        json!({ "account": { "name": "Forge", "iban": FORGE_IBAN }, "reference": "Reste" });
    let planned = setting.transfer("Trop-perçu", "planned")["id"].as_str().unwrap().to_owned();
    setting.post(&format!("transfers/{planned}/cancel"), 200, json!({ "reason": "Chèque" }));
    setting.back(201, "60.00", &account);
    setting.file();
    // While it is on its way nobody else spends it, not even what becomes due.
    assert_eq!(wrong(&setting.post("payments", 409, refund)), ["/amount no_credit"]);
    setting.small.close("2026-07");
    let using = format!("members/{}/credit/use", setting.small.members["forge"]);
    setting.post(&using, 409, json!({ "paid_on": "2028-02-01", "reference": "C-1" }));
    assert_eq!(setting.credit(), "60.00");
    let name = setting.transfer("Reste", "sent")["end_to_end"].as_str().unwrap().to_owned();
    let moved = setting.statement("S-1", 2, &[(-6_000, "VIR SEPA", &name, "")]);
    assert_eq!(moved[0]["status"], "reconciled");
    assert_eq!((setting.credit(), setting.small.faults()), ("0.00".to_owned(), vec![]));
}

on_both!(what_came_in_and_went_back_while_it_goes_out_is_for_people);
fn what_came_in_and_went_back_while_it_goes_out_is_for_people(engine: Engine) {
    let setting = Setting::overpaid(engine);
    let account = json!({ "account": { "name": "Forge", "iban": FORGE_IBAN } });
    setting.back(201, "60.00", &account);
    setting.file();
    let paid = setting.list("payments")[0]["id"].as_str().unwrap().to_owned();
    let back = json!({ "paid_on": "2028-02-01", "reference": "R-1", "note": "impayé" });
    setting.post(&format!("payments/{paid}/reverse"), 200, back);
    let name = setting.transfer("Trop-perçu", "sent")["end_to_end"].as_str().unwrap().to_owned();
    let moved = setting.statement("S-1", 2, &[(-6_000, "VIR SEPA", &name, "")]);
    assert_eq!(moved[0]["status"], "open");
    setting.transfer("Trop-perçu", "sent");
    assert_eq!(setting.small.faults(), [""; 0]);
}
