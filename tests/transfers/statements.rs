//! What the bank's statement tells of transfers: those of a day as one sum, single ones, and what came back.

use std::fs;

use palier_tests::{Engine, on_both, scratch};
use serde_json::{Value, json};

use super::Setting;
use crate::collections::statements::{Moved, camt};

impl Setting {
    /// Imports a statement of a day, on the next; the new movements.
    #[track_caller]
    pub(super) fn statement(&self, id: &str, day: u8, moved: &[Moved<'_>]) -> Vec<Value> {
        let on = format!("2028-02-{day:02}");
        let to = scratch("transfers-statement").join("camt.xml");
        fs::write(&to, camt(id, &on, moved)).unwrap();
        let now = format!("2028-02-{:02}T09:00:00Z", day + 1);
        let report = self.payments(&now, &["import", to.to_str().unwrap()]);
        report["imported"].as_array().unwrap().clone()
    }

    #[track_caller]
    fn sent(&self) -> (String, [String; 2]) {
        self.plan("2028-02-06");
        let file = self.file();
        let names = ["2028-0118", "2028-0119"].map(|reference| {
            self.transfer(reference, "sent")["end_to_end"].as_str().unwrap().to_owned()
        });
        (file["message"].as_str().unwrap().to_owned(), names)
    }
}

on_both!(a_day_that_was_debited_as_one_sum_is_known_by_its_file);
fn a_day_that_was_debited_as_one_sum_is_known_by_its_file(engine: Engine) {
    let setting = Setting::billed(engine);
    let (message, [first, _]) = setting.sent();
    // Another sum, whatever it says, is for people; and so is the sum alone.
    let wrong = setting.statement("S-1", 4, &[(-126_001, &format!("VIR {message}"), "", "")]);
    assert_eq!((&wrong[0]["status"], &wrong[0]["batches"]), (&json!("open"), &json!([])));
    let doubtful = setting.statement("S-2", 5, &[(-126_000, "VIREMENTS SEPA", "", "")]);
    assert_eq!(doubtful[0]["batches"], json!([format!("{message}-1")]));
    assert_eq!(setting.statuses(), ["2028-0118 open", "2028-0119 open"]);
    let moved = setting.statement("S-3", 6, &[(-126_000, &format!("REMISE {message}"), "", "")]);
    assert_eq!(
        (&moved[0]["status"], &moved[0]["counterpart"]),
        (&json!("reconciled"), &json!(format!("{message}-1")))
    );
    assert_eq!(setting.statuses(), ["2028-0118 paid", "2028-0119 paid"]);
    assert_eq!(setting.transfer("2028-0118", "executed")["executed_on"], "2028-02-06");
    setting.stands_at(&[("445660", "210.00"), ("512000", "-1260.00"), ("611000", "1050.00")]);

    // One comes back, days later: its bill is open again, and paid by another.
    let back = setting.statement("S-4", 9, &[(120_000, "RETOUR VIREMENT", &first, "AC04")]);
    assert_eq!(back[0]["status"], "reconciled");
    let returned = setting.transfer("2028-0118", "returned");
    assert_eq!(returned["failure"]["code"], "AC04");
    assert_eq!(setting.statuses(), ["2028-0118 open", "2028-0119 paid"]);
    setting.stands_at(&[
        ("401000", "-1200.00"),
        // Its VAT waits again.
        ("445640", "200.00"),
        ("445660", "10.00"),
        ("512000", "-60.00"),
        ("611000", "1050.00"),
    ]);
    assert_eq!(setting.plan("2028-02-06")["transfers"][0]["number"], "2028-0118");
}

on_both!(transfers_are_debited_one_by_one_where_the_bank_does_so);
fn transfers_are_debited_one_by_one_where_the_bank_does_so(engine: Engine) {
    let setting = Setting::billed(engine);
    let (message, [first, second]) = setting.sent();
    // It came back before anybody knew that it was executed.
    let back = setting.statement("S-1", 7, &[(120_000, "RETOUR", &first, "AC01")]);
    assert_eq!(back[0]["status"], "open");
    let both = [(-120_000, "VIR SEPA", &*first, ""), (-5_900, "VIR SEPA", &*second, "")];
    let moved = setting.statement("S-2", 4, &both);
    let statuses: Vec<_> = moved.iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["reconciled", "open"]);
    setting.transfer("2028-0118", "returned");
    assert_eq!(setting.list("bank-movements?status=open").len(), 1);
    // What was said by hand is found on the statement.
    setting.payments("2028-02-05T09:00:00Z", &["settle", &message, "--paid-on", "2028-02-04"]);
    let moved = setting.statement("S-3", 5, &[(-6_000, "VIR SEPA", &second, "")]);
    let transfer = setting.transfer("2028-0119", "executed");
    assert_eq!(
        (&moved[0]["status"], &moved[0]["counterpart"]),
        (&json!("reconciled"), &transfer["id"])
    );
    assert_eq!(transfer["movement"], moved[0]["id"]);
    assert_eq!(setting.statuses(), ["2028-0118 open", "2028-0119 paid"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(somebody_says_which_batch_a_movement_is);
fn somebody_says_which_batch_a_movement_is(engine: Engine) {
    let setting = Setting::billed(engine);
    let (message, _) = setting.sent();
    let moved = setting.statement(
        "S-1",
        4,
        &[(-126_000, "VIREMENTS", "", ""), (-1_000, "VIREMENTS", "", "")],
    );
    let resolve =
        |place: usize| format!("bank-movements/{}/resolve", moved[place]["id"].as_str().unwrap());
    let batch = json!({ "action": "settle", "batch": format!("{message}-1") });
    let other = setting.post(&resolve(1), 409, batch.clone());
    assert_eq!(super::wrong(&other), ["/batch other_amount"]);
    let told = setting.post(&resolve(0), 200, batch);
    assert_eq!(told["status"], "reconciled");
    assert_eq!(setting.statuses(), ["2028-0118 paid", "2028-0119 paid"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}
