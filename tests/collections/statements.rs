//! What the bank's statement tells of direct debits: batches, single debits, and what went back.

use std::fs;

use palier_tests::{Engine, on_both, scratch};
use serde_json::{Value, json};

use super::{Setting, wrong};

const OWN: &str = "FR1420041010050500013M02606";

/// What moved: cents, what the bank wrote, the name from end to end, and the code of a return.
pub(crate) type Moved<'a> = (i64, &'a str, &'a str, &'a str);

fn entry((cents, text, name, code): &Moved<'_>, day: &str, reference: usize) -> String {
    let amount = format!("{}.{:02}", cents.abs() / 100, cents.abs() % 100);
    let side = if *cents < 0 { "DBIT" } else { "CRDT" };
    let refs = if name.is_empty() {
        String::new()
    } else {
        format!("<Refs><EndToEndId>{name}</EndToEndId></Refs>")
    };
    let reason = if code.is_empty() {
        String::new()
    } else {
        format!("<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf>")
    };
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>BOOK</Sts>\
         <BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>R-{day}-{reference}</AcctSvcrRef>\
         <NtryDtls><TxDtls>{refs}<RmtInf><Ustrd>{text}</Ustrd></RmtInf>{reason}</TxDtls></NtryDtls>\
         </Ntry>"
    )
}

fn balance(code: &str, cents: i64, day: &str) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>\
         <Amt Ccy=\"EUR\">{}.{:02}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>",
        cents / 100,
        cents % 100
    )
}

/// A statement of a day of the pole's account.
pub(crate) fn camt(id: &str, on: &str, moved: &[Moved<'_>]) -> String {
    let entries = moved.iter().enumerate();
    let entries: String = entries.map(|(nth, it)| entry(it, on, nth)).collect();
    format!(
        "<?xml version=\"1.0\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>\
         <GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>{id}</Id>\
         <Acct><Id><IBAN>{OWN}</IBAN></Id></Acct>{}{}{entries}</Stmt></BkToCstmrStmt></Document>",
        balance("OPBD", 1_000_000, on),
        balance("CLBD", moved.iter().fold(1_000_000, |sum, it| sum + it.0), on),
    )
}

impl Setting {
    /// Imports a statement of a day, on the next; the new movements.
    #[track_caller]
    fn statement(&self, id: &str, day: u8, moved: &[Moved<'_>]) -> Vec<Value> {
        let on = format!("2028-02-{day:02}");
        let to = scratch("collections-statement").join("camt.xml");
        fs::write(&to, camt(id, &on, moved)).unwrap();
        let now = format!("2028-02-{:02}T09:00:00Z", day + 1);
        let report = self.payments(&now, &["import", to.to_str().unwrap()]);
        report["imported"].as_array().unwrap().clone()
    }

    #[track_caller]
    fn sent(&self) -> (String, [String; 2]) {
        self.plan();
        let file = self.file();
        let names = ["forge", "usine"]
            .map(|it| self.collection(it, "sent")["external_id"].as_str().unwrap().to_owned());
        (file["message"].as_str().unwrap().to_owned(), names)
    }
}

on_both!(a_batch_that_came_in_is_known_by_its_file_and_its_sum);
fn a_batch_that_came_in_is_known_by_its_file_and_its_sum(engine: Engine) {
    let setting = Setting::signed(engine);
    let (message, [forge, usine]) = setting.sent();
    // Both batches come to the same: which one it is, only its name says.
    let doubtful = format!("REMISE {message}");
    let moved = setting.statement("S-1", 2, &[(12_000, &doubtful, "", "")]);
    assert_eq!(moved[0]["status"], "open");
    assert_eq!(moved[0]["batches"].as_array().unwrap().len(), 2);
    let first = format!("REMISE PRLV {message}-1 DU 02/02");
    let moved = setting.statement("S-2", 3, &[(12_000, &first, "", "")]);
    assert_eq!(moved[0]["status"], "reconciled");
    assert_eq!(moved[0]["counterpart"], format!("{message}-1"));
    let core = if setting.open("forge").is_empty() { "forge" } else { "usine" };
    assert_eq!(core, "forge");
    assert_eq!(setting.paid("forge"), ["payment direct_debit 120.00 2028-02-03"]);
    let paid = setting.list(&format!("payments?member={}", setting.small.members["forge"]));
    assert_eq!(paid[0].get("movement"), None);
    assert_eq!(setting.small.faults(), [""; 0]);

    // Somebody says which the other is.
    let open = setting.list("bank-movements?status=open");
    let id = open[0]["id"].as_str().unwrap();
    assert_eq!(open[0]["batches"], json!([format!("{message}-2")]));
    let resolve = format!("bank-movements/{id}/resolve");
    let wrong = json!({ "action": "settle", "batch": format!("{message}-1") });
    setting.post(&resolve, 409, wrong);
    // As of the day of the movement, which has not come on the server.
    let right = json!({ "action": "settle", "batch": format!("{message}-2") });
    let told = setting.post(&resolve, 200, right);
    assert_eq!((&told["status"], &told["batches"]), (&json!("reconciled"), &json!([])));
    assert_eq!(setting.open("usine"), [""; 0]);
    setting.post(&resolve, 409, json!({ "action": "ignore", "reason": "Erreur" }));

    // The debtor has its money back weeks later: the document is open again.
    let moved = setting.statement("S-3", 20, &[(-12_000, "REJET PRELEVEMENT", &forge, "MD06")]);
    assert_eq!(moved[0]["status"], "booked");
    let back = setting.collection("forge", "returned");
    assert_eq!(back["failure"]["code"], "MD06");
    assert_eq!(setting.open("forge"), ["120.00"]);
    assert_eq!(
        setting.paid("forge"),
        ["payment direct_debit 120.00 2028-02-03", "reversal direct_debit -120.00 2028-02-20"]
    );
    // It is none of those that may pass later.
    let planned = setting.payments("2028-02-25T09:00:00Z", &["collect", "--dry-run"]);
    assert_eq!(planned["collections"], json!([]));
    // A sum that is not that of the debit is for people.
    let moved = setting.statement("S-4", 21, &[(-12_500, "REJET", &usine, "AM04")]);
    assert_eq!(moved[0]["status"], "open");
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(debits_come_in_one_by_one_where_the_bank_credits_them_so);
fn debits_come_in_one_by_one_where_the_bank_credits_them_so(engine: Engine) {
    let setting = Setting::signed(engine);
    setting.collect_by(json!({ "notice_days": 1, "batch_booking": false }), &[3]);
    let (_, [forge, usine]) = setting.sent();
    let moved =
        setting.statement("S-1", 2, &[(12_000, "PRLV", &forge, ""), (11_900, "PRLV", &usine, "")]);
    let statuses: Vec<_> = moved.iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["booked", "open"]);
    assert_eq!(setting.collection("forge", "succeeded")["payment"], moved[0]["payment"]);
    setting.collection("usine", "sent");
    // It goes back before anybody knew that it came in, and is tried again.
    let moved = setting.statement("S-2", 3, &[(-12_000, "REJET", &usine, "AM04")]);
    assert_eq!(moved[0]["status"], "open");
    let file = setting.list("debit-files")[0]["message"].as_str().unwrap().to_owned();
    setting.payments("2028-02-04T09:00:00Z", &["settle", &file, "--paid-on", "2028-02-02"]);
    setting.collection("usine", "returned");
    let movement = setting.list("bank-movements?status=booked");
    assert!(movement.iter().any(|it| it["amount"] == "-120.00"), "{movement:?}");
    let planned = setting.payments("2028-02-04T09:00:00Z", &["collect"]);
    assert_eq!(planned["collections"][0]["collect_on"], "2028-02-07");
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_was_said_by_hand_is_found_on_the_statement);
fn what_was_said_by_hand_is_found_on_the_statement(engine: Engine) {
    let setting = Setting::signed(engine);
    let (message, _) = setting.sent();
    setting.payments("2028-02-03T09:00:00Z", &["settle", &message, "--paid-on", "2028-02-02"]);
    let second = format!("{message}-2");
    let moved = setting.statement("S-1", 2, &[(12_000, &second, "", "")]);
    assert_eq!(
        (&moved[0]["status"], &moved[0]["counterpart"]),
        (&json!("reconciled"), &json!(second))
    );
    assert_eq!(setting.list("payments").len(), 2);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_the_bank_takes_out_of_a_batch_is_a_fee);
fn what_the_bank_takes_out_of_a_batch_is_a_fee(engine: Engine) {
    let setting = Setting::signed(engine);
    let (message, _) = setting.sent();
    let [first, second] = [1, 2].map(|nth| format!("{message}-{nth}"));
    // Each batch is of one debit of 120.00: 1.20 less is a fee, 2.01 is not.
    let moved = setting.statement("S-1", 2, &[(11_880, &first, "", ""), (11_799, "PRLV", "", "")]);
    let [less, other] = [&moved[0], &moved[1]];
    let of = |batch: &str| json!({ "batch": batch, "fees": "1.20" });
    assert_eq!(
        (&less["status"], &less["batches"], &less["batches_less_fees"]),
        (&json!("open"), &json!([]), &json!([of(&first), of(&second)]))
    );
    assert_eq!((&other["status"], &other["batches_less_fees"]), (&json!("open"), &json!([])));
    let at = format!("bank-movements/{}/resolve", less["id"].as_str().unwrap());
    let settle = |status: u16, fees: Value| {
        let mut said = json!({ "action": "settle", "batch": first });
        if !fees.is_null() {
            said["fees"] = fees;
        }
        setting.post(&at, status, said)
    };
    assert_eq!(wrong(&settle(409, json!(null))), ["/batch other_amount"]);
    assert_eq!(wrong(&settle(409, json!("1.19"))), ["/batch other_amount"]);
    assert_eq!(wrong(&settle(422, json!("-1.20"))), ["/fees negative"]);
    let ignored = json!({ "action": "ignore", "reason": "Frais", "fees": "1.20" });
    assert_eq!(wrong(&setting.post(&at, 422, ignored)), ["/fees not_here"]);
    let done = settle(200, json!("1.20"));
    assert_eq!((&done["status"], &done["counterpart"]), (&json!("reconciled"), &json!(first)));
    // The member has paid all of it, and the account holds what the statement says.
    let of_account = |account: &str| {
        setting.small.sql().lines(&format!(
            "SELECT CAST(sum(debit_minor - credit_minor) AS TEXT) AS line FROM journal_lines \
             WHERE account = '{account}'"
        ))
    };
    assert_eq!([of_account("512000"), of_account("627000")].concat(), ["11880", "120"]);
    let file = &setting.list("debit-files")[0];
    let batch = file["batches"].as_array().unwrap().iter().find(|it| it["id"] == *first).unwrap();
    assert_eq!((&batch["settled"], &batch["fees"]), (&json!("120.00"), &json!("1.20")));
    assert_eq!(setting.small.faults(), [""; 0]);
}
