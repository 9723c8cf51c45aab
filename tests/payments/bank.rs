//! Bank statements: what is booked of them, what stays open, and what somebody says it is.

mod at_once;
mod files;
mod resolved;
mod returned;

use palier_tests::{Answer, Engine, on_both};
use serde_json::{Value, json};
use ureq::http::Method;

use super::{Setting, faults};

const OWN: &str = "FR1420041010050500013M02606";
const FORGE_IBAN: &str = "FR7630006000011234567890189";
const USINE_IBAN: &str = "DE89370400440532013000";

/// An entry of a statement: the day of January 2028, cents, who, from where, and what was written.
#[derive(Clone, Copy)]
struct Moved<'a> {
    day: u8,
    cents: i64,
    name: &'a str,
    iban: &'a str,
    text: &'a str,
    reference: &'a str,
    returned: bool,
}

const MOVED: Moved<'static> =
    Moved { day: 15, cents: 0, name: "", iban: "", text: "", reference: "", returned: false };

fn amount(cents: i64) -> String {
    let cents = cents.unsigned_abs();
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn side(cents: i64) -> &'static str {
    if cents < 0 { "DBIT" } else { "CRDT" }
}

impl Moved<'_> {
    fn xml(&self) -> String {
        let Self { day, cents, name, iban, text, reference, returned } = *self;
        let side = side(cents);
        let (party, account) =
            if side == "CRDT" { ("Dbtr", "DbtrAcct") } else { ("Cdtr", "CdtrAcct") };
        let iban = if iban.is_empty() {
            String::new()
        } else {
            format!("<{account}><Id><IBAN>{iban}</IBAN></Id></{account}>")
        };
        let reason = if returned { "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" } else { "" };
        format!(
            "<Ntry><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>BOOK</Sts>\
             <BookgDt><Dt>2028-01-{day:02}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>\
             <NtryDtls><TxDtls><RltdPties><{party}><Nm>{name}</Nm></{party}>{iban}</RltdPties>\
             <RmtInf><Ustrd>{text}</Ustrd></RmtInf>{reason}</TxDtls></NtryDtls></Ntry>\n",
            amount(cents)
        )
    }
}

/// A camt.053 statement that begins with 1,000.00.
fn camt(id: &str, account: &str, moved: &[Moved<'_>]) -> String {
    let entries: String = moved.iter().map(Moved::xml).collect();
    let balance = |code: &str, cents: i64| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{}</Amt>\
             <CdtDbtInd>{}</CdtDbtInd><Dt><Dt>2028-01-31</Dt></Dt></Bal>",
            amount(cents),
            side(cents)
        )
    };
    let closing = moved.iter().fold(100_000, |sum, it| sum + it.cents);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>\
         <GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>{id}</Id>\
         <Acct><Id><IBAN>{account}</IBAN></Id></Acct>{}{}\n{entries}</Stmt>\
         </BkToCstmrStmt></Document>\n",
        balance("OPBD", 100_000),
        balance("CLBD", closing)
    )
}

impl Setting {
    /// Sends a file to the import.
    #[track_caller]
    fn send(&self, query: &str, kind: &str, file: &[u8]) -> Answer {
        let client = self.small.finance.with_header("content-type", kind);
        client.send(Method::POST, &self.small.at(&format!("bank-statements{query}")), Some(file))
    }

    #[track_caller]
    fn import(&self, file: &str) -> Value {
        self.send("", "application/xml", file.as_bytes()).expect(200).json()
    }

    /// Every movement with this status, or all.
    #[track_caller]
    fn movements(&self, status: &str) -> Vec<Value> {
        let at = self.small.at(&format!("bank-movements?limit=200{status}"));
        self.small.finance.get(&at).expect(200).json()["data"].as_array().unwrap().clone()
    }

    #[track_caller]
    fn payments(&self) -> Vec<Value> {
        let list = self.small.finance.get(&self.small.at("payments?limit=200")).expect(200);
        list.json()["data"].as_array().unwrap().clone()
    }

    #[track_caller]
    fn resolve(&self, movement: &Value, status: u16, what: Value) -> Value {
        let id = movement["id"].as_str().unwrap();
        let at = self.small.at(&format!("bank-movements/{id}/resolve"));
        self.small.finance.post(&at, what).expect(status).json()
    }

    /// The numbers of a member's open documents, oldest first.
    #[track_caller]
    fn numbers(&self, member: &str) -> Vec<String> {
        self.open(member).iter().map(|it| it["number"].as_str().unwrap().to_owned()).collect()
    }

    #[track_caller]
    fn credit(&self, member: &str) -> String {
        let id = &self.small.members[member];
        let at = self.small.at(&format!("members/{id}/balance"));
        self.small.finance.get(&at).expect(200).string("/credit")
    }
}

/// What an import says of itself: movements, known, booked and open.
fn counts(report: &Value) -> [u64; 4] {
    ["movements", "known", "booked", "open"].map(|name| report[name].as_u64().unwrap())
}

/// Outcome, documents with amounts, and reasons of a movement's proposals.
fn proposals(movement: &Value) -> Vec<String> {
    let of = |it: &Value| {
        let parts = it["allocations"].as_array().unwrap().iter();
        let parts = parts.map(|part| {
            format!("{} {}", part["number"].as_str().unwrap(), part["amount"].as_str().unwrap())
        });
        let reasons = it["reasons"].as_array().unwrap().iter();
        let reasons = reasons.map(|it| it["reason"].as_str().unwrap().to_owned());
        format!(
            "{}: {} ({})",
            it["outcome"].as_str().unwrap(),
            parts.collect::<Vec<_>>().join(", "),
            reasons.collect::<Vec<_>>().join(", ")
        )
    };
    movement["proposals"].as_array().unwrap().iter().map(of).collect()
}

on_both!(what_is_certain_is_booked_once);
fn what_is_certain_is_booked_once(engine: Engine) {
    let setting = Setting::new(engine);
    let (forge, usine) = (setting.numbers("forge"), setting.numbers("usine"));
    let two = format!("Factures {} et {}", usine[0], usine[1]);
    let part = format!("acompte {}", forge[0]);
    let paid = Moved { cents: 5000, text: &part, reference: "A1", iban: FORGE_IBAN, ..MOVED };
    let both = Moved { cents: 24_000, text: &two, reference: "A2", ..MOVED };
    let fees = Moved { cents: -300, text: "Frais de tenue", reference: "A3", ..MOVED };
    let file = camt("RLV-1", OWN, &[paid, both, fees]);
    let rehearsed = setting.send("?dry_run=true", "text/xml", file.as_bytes()).expect(200).json();
    assert_eq!((counts(&rehearsed), &rehearsed["dry_run"]), ([3, 0, 2, 1], &json!(true)));
    assert_eq!(setting.movements("").len() + setting.payments().len(), 0);

    let report = setting.import(&file);
    assert_eq!((counts(&report), &report["account"]), ([3, 0, 2, 1], &json!(OWN)));
    assert_eq!(setting.amounts("forge"), ["70.00", "120.00"]);
    assert_eq!(setting.amounts("usine"), [""; 0]);
    let payments = setting.payments();
    assert_eq!(payments.len(), 2);
    let first = &report["imported"][0];
    let paid_by = payments.iter().find(|it| it["id"] == first["payment"]).unwrap();
    assert_eq!((&first["status"], &paid_by["movement"]), (&json!("booked"), &first["id"]));
    assert_eq!((&paid_by["reference"], &paid_by["paid_on"]), (&json!("A1"), &json!("2028-01-15")));
    let booked = setting.booked(paid_by);
    assert_eq!(booked, ["411000 0 5000", "445710 0 833", "445740 833 0", "512000 5000 0"]);
    let open = setting.movements("&status=open");
    assert_eq!(
        (open.len(), &open[0]["amount"], &open[0]["proposals"]),
        (1, &json!("-3.00"), &json!([]))
    );

    // The same file, and another that overlaps it.
    assert_eq!(counts(&setting.import(&file)), [3, 3, 0, 0]);
    let rest = format!("solde {}", forge[0]);
    let rest = Moved { day: 16, cents: 7000, text: &rest, reference: "A4", ..MOVED };
    let report = setting.import(&camt("RLV-2", OWN, &[paid, both, fees, rest]));
    assert_eq!(counts(&report), [4, 3, 1, 0]);
    assert_eq!(setting.amounts("forge"), ["120.00"]);
    let list = setting.small.finance.get(&setting.small.at("bank-statements")).expect(200).json();
    let names: Vec<_> =
        list["data"].as_array().unwrap().iter().map(|it| &it["reference"]).collect();
    assert_eq!(
        (names, &list["data"][0]["closing"]),
        (vec![&json!("RLV-1"), &json!("RLV-2")], &json!("1287.00"))
    );

    // The bank calls it the same, and says something else.
    let other = Moved { cents: 5100, ..paid };
    let refused =
        setting.send("", "application/xml", camt("RLV-1", OWN, &[other, both, fees]).as_bytes());
    assert_eq!(faults(&refused.expect(409).json()), ["- contradicts"]);
    assert_eq!(setting.movements("").len(), 4);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_is_too_much_is_credit_and_what_comes_twice_as_well);
fn what_is_too_much_is_credit_and_what_comes_twice_as_well(engine: Engine) {
    let setting = Setting::new(engine);
    let usine = setting.numbers("usine");
    let both = usine.join(" ");
    let over = Moved { cents: 25_000, text: &both, reference: "B1", ..MOVED };
    let twice = Moved { day: 16, cents: 12_000, text: &usine[0], reference: "B2", ..MOVED };
    let report = setting.import(&camt("RLV-1", OWN, &[over, twice]));
    assert_eq!(counts(&report), [2, 0, 2, 0]);
    assert_eq!(setting.amounts("usine"), [""; 0]);
    assert_eq!(setting.credit("usine"), "130.00");
    // A part of two documents may be a part of either.
    let forge = setting.numbers("forge").join(" ");
    let part = Moved { cents: 20_000, text: &forge, reference: "B3", ..MOVED };
    let report = setting.import(&camt("RLV-2", OWN, &[part]));
    assert_eq!(counts(&report), [1, 0, 0, 1]);
    assert_eq!(setting.amounts("forge"), ["120.00", "120.00"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(a_name_is_a_hint_and_an_account_is_learned);
fn a_name_is_a_hint_and_an_account_is_learned(engine: Engine) {
    let setting = Setting::new(engine);
    let id = &setting.small.members["usine"];
    setting.small.patch(&format!("members/{id}"), json!({ "name": "Usine Générale SA" }));
    let usine = setting.numbers("usine");
    let name =
        Moved { cents: 12_000, name: "USINE GENERALE", iban: USINE_IBAN, reference: "C1", ..MOVED };
    // Two documents of the amount fit as well, so one of them is settled first.
    setting.record(setting.facts("payment", "usine", "120.00", &[(&setting.usine[1], "120.00")]));
    assert_eq!(counts(&setting.import(&camt("RLV-1", OWN, &[name]))), [1, 0, 0, 1]);
    let open = setting.movements("&status=open").remove(0);
    assert_eq!(proposals(&open), [format!("exact: {} 120.00 (name, open_amount)", usine[0])]);
    assert_eq!(open["proposals"][0]["member"], json!(id));
    let part = json!([{ "invoice": open["proposals"][0]["allocations"][0]["invoice"], "amount": "120.00" }]);
    let what = json!({ "action": "allocate", "member": id, "allocations": part });
    let done = setting.resolve(&open, 200, what.clone());
    assert_eq!((&done["status"], &done["proposals"]), (&json!("booked"), &json!([])));
    assert_eq!(setting.amounts("usine"), [""; 0]);
    assert_eq!(faults(&setting.resolve(&open, 409, what)), [" booked"]);
    // From now on the account is the usine's: what it owes exactly is certain, by whatever name.
    setting.small.close("2026-09");
    let paid = Moved {
        day: 17,
        cents: 12_000,
        name: "HOLDING",
        iban: USINE_IBAN,
        reference: "C2",
        ..MOVED
    };
    // Another member's number from that account is not.
    let other = setting.numbers("forge")[0].clone();
    let torn =
        Moved { day: 18, cents: 12_000, iban: USINE_IBAN, text: &other, reference: "C3", ..MOVED };
    let report = setting.import(&camt("RLV-2", OWN, &[paid, torn]));
    assert_eq!(counts(&report), [2, 0, 1, 1]);
    assert_eq!(setting.amounts("usine"), [""; 0]);
    let open = setting.movements("&status=open").remove(0);
    let why = format!("exact: {other} 120.00 (number, other_payer)");
    assert_eq!(proposals(&open), [why.as_str(), "credit:  (iban)"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}
