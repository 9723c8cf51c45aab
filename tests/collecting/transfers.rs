//! What providers are owed, passed on to their accounts at Stripe: once, and to the cent.

use palier_tests::stripe::{KEY, Means, Trouble};
use palier_tests::{Client, Engine, on_both};
use serde_json::{Value, json};
use ureq::http::Method;

use super::setting::{Collecting, until};

const PAID: [&str; 2] = ["succeeded 120.00", "succeeded 120.00"];

/// A pole whose provider, `Méso`, has an account at Stripe.
struct Passing {
    it: Collecting,
    meso: String,
    account: String,
}

impl Passing {
    #[track_caller]
    fn new(it: Collecting) -> Self {
        let meso = it.small.finance.get(&it.small.at("providers")).expect(200).string("/data/0/id");
        let account = it.stripe.connected();
        let passing = Self { it, meso, account };
        passing.give(&passing.account);
        passing
    }

    /// With 235.90 on the balance, of 240.00 that a member paid.
    #[track_caller]
    fn with_balance(engine: Engine) -> Self {
        let mut passing = Self::new(Collecting::new(engine));
        passing.earn();
        passing
    }

    /// It is Sunday, 19 March 2028, and what a member paid can be paid out.
    #[track_caller]
    fn earn(&mut self) {
        self.it.save("forge", Means::CARD);
        until(|| self.it.collections("forge"), &PAID);
        self.it.stripe.delivered();
        self.it.later(4);
    }

    /// Gives the provider another account at Stripe, which whoever runs the deployment confirms.
    #[track_caller]
    fn give(&self, account: &str) {
        let small = &self.it.small;
        let given = json!({ "name": "Mésocentre", "stripe_account": account });
        let at = small.at(&format!("providers/{}/accounts", self.meso));
        let given = small.finance.post(&at, given).expect(201).json();
        assert_eq!((&given["channel"], &given["status"]), (&json!("stripe"), &json!("pending")));
        let confirm = ["payments", "confirm", "Méso", "--stripe-account", account, "--pole"];
        let confirmed = small.server.palier([&confirm[..], &[&small.pole.code]].concat());
        assert_eq!(confirmed.success(), "Méso is paid to it from now on\n");
    }

    /// Records a bill of 120.00 that is due already, and plans to pay it.
    #[track_caller]
    fn bill(&self, number: &str) -> Value {
        let bill = json!({
            "number": number, "issued_on": "2028-02-15", "due_on": "2028-03-10",
            "lines": [{ "net": "100.00", "rate_percent": "20" }],
        });
        let bills = self.it.small.at(&format!("providers/{}/bills", self.meso));
        self.it.small.finance.post(&bills, bill).expect(201);
        self.plan()
    }

    #[track_caller]
    fn plan(&self) -> Value {
        let due = json!({ "due_by": "2028-03-31" });
        self.it.small.finance.post(&self.it.small.at("transfers/plan"), due).expect(200).json()
    }

    /// Numbers, statuses and why not of all transfers, as finance sees them.
    fn transfers(&self) -> Vec<String> {
        let listed = self.it.small.finance.get(&self.it.small.at("transfers")).expect(200).json();
        let line = |it: &Value| {
            let words = [&it["reference"], &it["status"], &it["failure"]["code"]];
            words.iter().filter_map(|it| it.as_str()).collect::<Vec<_>>().join(" ")
        };
        listed["data"].as_array().unwrap().iter().map(line).collect()
    }

    /// The first transfer.
    #[track_caller]
    fn transfer(&self) -> Value {
        let listed = self.it.small.finance.get(&self.it.small.at("transfers")).expect(200).json();
        listed["data"][0].clone()
    }

    #[track_caller]
    fn bill_statuses(&self) -> Vec<String> {
        self.it.small.sql().lines("SELECT status AS line FROM provider_bills ORDER BY bill_id")
    }

    /// Somebody does something at Stripe, on its pages.
    #[track_caller]
    fn at_stripe(&self, path: &str, body: &str) -> Value {
        let client = Client::new(&self.it.stripe.url())
            .with_token(KEY)
            .with_header("content-type", "application/x-www-form-urlencoded");
        client.send(Method::POST, path, Some(body.as_bytes())).expect(200).json()
    }

    /// What stands with the bank, with Stripe, owed to the provider, and on suspense, in cents.
    fn stand(&self) -> [String; 4] {
        ["512000", "517000", "401000", "471000"].map(|account| self.it.stands(account))
    }

    /// Has paid out what can be.
    #[track_caller]
    fn paid_out(&self) {
        let payout = self.it.stripe.pay_out().expect("something is available");
        let id = payout["id"].as_str().unwrap();
        let known = format!("SELECT status AS line FROM stripe_payouts WHERE payout_id = '{id}'");
        until(|| self.it.small.sql().lines(&known), &["paid"]);
    }
}

on_both!(a_provider_is_paid_out_of_what_members_paid);
fn a_provider_is_paid_out_of_what_members_paid(engine: Engine) {
    let mut pole = Passing::with_balance(engine);
    let planned = pole.bill("2028-7");
    let only = &planned["transfers"][0];
    assert_eq!((&only["channel"], &only["execute_on"]), (&json!("stripe"), &json!("2028-03-20")));
    // It is not the bank's.
    let file = json!({ "execute_by": "2028-03-31" });
    pole.it.small.finance.post(&pole.it.small.at("transfer-files"), file).expect(409);
    assert_eq!(pole.transfers(), ["2028-7 planned"]);
    pole.it.later(1);
    until(|| pole.transfers(), &["2028-7 executed"]);
    let [made] = pole.it.stripe.all("transfer").try_into().unwrap();
    let bill = pole.it.small.sql().lines("SELECT bill_id AS line FROM provider_bills").concat();
    assert_eq!(
        ["amount", "currency", "destination", "transfer_group", "description"]
            .map(|name| made[name].clone()),
        [json!(12_000), json!("eur"), json!(pole.account), json!(bill), json!("2028-7")]
    );
    let shown = pole.transfer();
    assert_eq!((&shown["channel"], &shown["name"]), (&json!("stripe"), &json!("Mésocentre")));
    assert_eq!((&shown["external_id"], &shown["executed_on"]), (&made["id"], &json!("2028-03-20")));
    let last = &pole.account[pole.account.len() - 4..];
    assert_eq!(shown["stripe_account"], format!("acct_ •••• {last}"));
    assert_eq!(pole.bill_statuses(), ["paid"]);
    assert_eq!(pole.stand(), ["0", "12000", "0", "0"]);
    let sql = |what: &str| pole.it.small.sql().run(what);
    sql("UPDATE transfers SET channel = NULL");
    let faults = pole.it.faults();
    assert!(faults.iter().any(|it| it.contains("not paid from where")), "{faults:?}");
    sql("UPDATE transfers SET channel = 'stripe'");
    assert_eq!(pole.it.faults(), [""; 0]);

    // The payout is of what was left, less 4.10 of fees.
    pole.paid_out();
    assert_eq!(pole.stand(), ["11590", "0", "0", "0"]);
    // Somebody takes it back: the bill is open again, and the next payout has the money.
    pole.at_stripe(&format!("/v1/transfers/{}/reversals", made["id"].as_str().unwrap()), "");
    until(|| pole.transfers(), &["2028-7 returned reversed"]);
    assert_eq!(pole.bill_statuses(), ["open"]);
    assert_eq!(pole.stand(), ["11590", "12000", "-12000", "0"]);
    pole.it.stripe.delivered();
    pole.paid_out();
    assert_eq!(pole.stand(), ["23590", "0", "-12000", "0"]);
    assert_eq!(pole.it.faults(), [""; 0]);
}

/// Trouble with the next transfers, and then none any more.
#[track_caller]
fn passed_on_once_after(engine: Engine, trouble: Trouble) {
    let mut pole = Passing::with_balance(engine);
    pole.bill("2028-7");
    pole.it.stripe.trouble_with("POST", "/v1/transfers", 2, trouble);
    pole.it.later(1);
    until(|| pole.transfers(), &["2028-7 executed"]);
    assert_eq!(pole.it.stripe.all("transfer").len(), 1, "{trouble:?}");
    assert_eq!(pole.stand(), ["0", "12000", "0", "0"]);
    assert_eq!(pole.it.faults(), [""; 0]);
}

on_both!(too_many_calls_pay_a_provider_later);
fn too_many_calls_pay_a_provider_later(engine: Engine) {
    passed_on_once_after(engine, Trouble::TooMany);
}

on_both!(an_answer_that_is_lost_pays_a_provider_once);
fn an_answer_that_is_lost_pays_a_provider_once(engine: Engine) {
    passed_on_once_after(engine, Trouble::LostAnswer);
}

on_both!(what_broke_after_it_was_done_pays_a_provider_once);
fn what_broke_after_it_was_done_pays_a_provider_once(engine: Engine) {
    passed_on_once_after(engine, Trouble::BrokenAfter);
}

on_both!(who_dies_between_the_answer_and_the_books_pays_nobody_again);
fn who_dies_between_the_answer_and_the_books_pays_nobody_again(engine: Engine) {
    let mut pole = Passing::with_balance(engine);
    pole.bill("2028-7");
    pole.it.stripe.trouble_with("POST", "/v1/transfers", 1, Trouble::Silence);
    pole.it.later(1);
    until(|| vec![pole.it.stripe.all("transfer").len().to_string()], &["1"]);
    pole.it.small.server.kill();
    // Keys are forgotten after a day, what was made is not.
    pole.it.later(3);
    until(|| pole.transfers(), &["2028-7 executed"]);
    assert_eq!(pole.it.stripe.all("transfer").len(), 1);
    assert_eq!(pole.it.faults(), [""; 0]);
}

on_both!(each_transfer_is_asked_for_once_by_several_processes);
fn each_transfer_is_asked_for_once_by_several_processes(engine: Engine) {
    let mut pole = Passing::with_balance(engine);
    pole.bill("2028-7");
    pole.it.later(1);
    let other = pole.it.another();
    until(|| pole.transfers(), &["2028-7 executed"]);
    assert_eq!(pole.it.stripe.calls_to("POST", "/v1/transfers").len(), 1);
    drop(other);
}

on_both!(what_the_balance_does_not_cover_waits);
fn what_the_balance_does_not_cover_waits(engine: Engine) {
    let mut pole = Passing::new(Collecting::new(engine));
    pole.bill("2028-7");
    pole.it.later(1);
    until(|| pole.transfers(), &["2028-7 planned balance_insufficient"]);
    let why = pole.transfer()["failure"]["reason"]["en"].as_str().unwrap().to_owned();
    assert!(why.contains("does not cover it yet"), "{why}");
    assert_eq!(
        (pole.bill_statuses(), pole.stand()),
        (vec!["open".into()], ["0", "0", "-12000", "0"].map(str::to_owned))
    );
    // As long as there is no more, it is not asked for, and nothing is written about it.
    let entries = "SELECT COUNT(*) || '' AS line FROM audit_log WHERE action LIKE 'transfer%'";
    let before = pole.it.small.sql().lines(entries);
    let looked = pole.it.stripe.calls_to("GET", "/v1/balance").len();
    pole.it.later(1);
    let looks = || pole.it.stripe.calls_to("GET", "/v1/balance").len();
    until(|| vec![(looks() > looked).to_string()], &["true"]);
    assert_eq!(pole.it.small.sql().lines(entries), before);
    // Then it is, under another key, since Stripe repeats itself under the same.
    pole.earn();
    until(|| pole.transfers(), &["2028-7 executed"]);
    let calls = pole.it.stripe.calls_to("POST", "/v1/transfers");
    let keys: std::collections::BTreeSet<_> =
        calls.iter().map(|call| call.idempotency_key.clone().unwrap()).collect();
    assert_eq!((calls.len(), keys.len()), (2, 2));
    assert_eq!(pole.it.stripe.all("transfer").len(), 1);
    assert_eq!(pole.it.faults(), [""; 0]);
}

on_both!(an_account_that_stripe_does_not_know_is_told_of);
fn an_account_that_stripe_does_not_know_is_told_of(engine: Engine) {
    let mut pole = Passing::with_balance(engine);
    pole.give("acct_1Nobody");
    pole.bill("2028-7");
    pole.it.later(1);
    until(|| pole.transfers(), &["2028-7 rejected resource_missing"]);
    assert_eq!(pole.bill_statuses(), ["open"]);
    // Its account is another: the bill is planned once more.
    pole.give(&pole.account);
    assert_eq!(pole.plan()["transfers"][0]["number"], "2028-7");
    pole.it.later(1);
    until(|| pole.transfers(), &["2028-7 rejected resource_missing", "2028-7 executed"]);
    assert_eq!(pole.it.faults(), [""; 0]);
}

on_both!(nobody_takes_a_transfer_out_of_stripes_hands);
fn nobody_takes_a_transfer_out_of_stripes_hands(engine: Engine) {
    let mut pole = Passing::with_balance(engine);
    pole.bill("2028-7");
    pole.it.stripe.trouble_with("POST", "/v1/transfers", 1_000, Trouble::Broken);
    pole.it.later(1);
    until(|| pole.transfers(), &["2028-7 sent"]);
    let small = &pole.it.small;
    let one = |what: &str| {
        small.at(&format!("transfers/{}/{what}", pole.transfer()["id"].as_str().unwrap()))
    };
    let said = small.finance.post(&one("settle"), json!({ "paid_on": "2028-03-20" })).expect(409);
    assert_eq!(said.string("/errors/0/code"), "at_stripe");
    let said = small.finance.post(&one("cancel"), json!({ "reason": "non" })).expect(409);
    assert_eq!(said.string("/errors/0/code"), "not_planned");
    small.pole.admin.delete(&small.at("stripe-account")).expect(409);
    pole.it.stripe.no_more_trouble();
    until(|| pole.transfers(), &["2028-7 executed"]);
    let back = json!({ "paid_on": "2028-03-20", "code": "AC04", "reason": "Compte clos" });
    let small = &pole.it.small;
    let said = small.at(&format!("transfers/{}/return", pole.transfer()["id"].as_str().unwrap()));
    let said = small.finance.post(&said, back).expect(409);
    assert_eq!(said.string("/errors/0/code"), "at_stripe");
    // Without an account of the pole's there is nobody to pass anything on.
    pole.it.small.pole.admin.delete(&pole.it.small.at("stripe-account")).expect(204);
    assert_eq!(pole.bill("2028-8")["left_out"][0]["code"], "not_at_stripe");
    assert_eq!(pole.it.faults(), [""; 0]);
}

on_both!(what_somebody_passed_on_at_stripe_waits_on_suspense);
fn what_somebody_passed_on_at_stripe_waits_on_suspense(engine: Engine) {
    let mut pole = Passing::with_balance(engine);
    pole.bill("2028-7");
    pole.it.later(1);
    until(|| pole.transfers(), &["2028-7 executed"]);
    // 10.00 that no bill asked for, and a fifth of what one did comes back.
    let made = pole.transfer()["external_id"].as_str().unwrap().to_owned();
    pole.at_stripe(
        "/v1/transfers",
        &format!("amount=1000&currency=eur&destination={}", pole.account),
    );
    pole.at_stripe(&format!("/v1/transfers/{made}/reversals"), "amount=2400");
    pole.it.stripe.delivered();
    pole.paid_out();
    assert_eq!(pole.transfers(), ["2028-7 executed"]);
    assert_eq!(pole.stand(), ["12990", "0", "0", "-1400"]);
    assert_eq!(pole.it.faults(), [""; 0]);
}

on_both!(a_transfer_that_went_back_unheard_is_found);
fn a_transfer_that_went_back_unheard_is_found(engine: Engine) {
    let mut pole = Passing::with_balance(engine);
    pole.bill("2028-7");
    pole.it.later(1);
    until(|| pole.transfers(), &["2028-7 executed"]);
    let made = pole.transfer()["external_id"].as_str().unwrap().to_owned();
    pole.it.heard();
    pole.it.stripe.hold();
    pole.at_stripe(&format!("/v1/transfers/{made}/reversals"), "");
    assert_eq!(pole.transfers(), ["2028-7 executed"]);
    pole.it.look();
    until(|| pole.transfers(), &["2028-7 returned reversed"]);
    assert_eq!(pole.it.faults(), [""; 0]);
}

on_both!(an_account_is_at_a_bank_or_at_stripe);
fn an_account_is_at_a_bank_or_at_stripe(engine: Engine) {
    let pole = Passing::new(Collecting::new(engine));
    let small = &pole.it.small;
    let accounts = small.at(&format!("providers/{}/accounts", pole.meso));
    let wrong = |body: Value| {
        let said = small.finance.post(&accounts, body).expect(422);
        format!("{} {}", said.string("/errors/0/pointer"), said.string("/errors/0/code"))
    };
    let (iban, stripe) = ("FR7630006000011234567890189", "acct_1PgafTB7WZ01zgkW");
    assert_eq!(wrong(json!({ "name": "M" })), "/iban required");
    let both = json!({ "name": "M", "iban": iban, "stripe_account": stripe });
    assert_eq!(wrong(both), "/stripe_account either");
    let bank = json!({ "name": "M", "stripe_account": stripe, "bic": "AGRIFRPPXXX" });
    assert_eq!(wrong(bank), "/bic at_stripe");
    for odd in ["acct_", "acct_1/../transfers", "cus_1PgafTB7WZ01zgkW", "acct_é"] {
        let body = json!({ "name": "M", "stripe_account": odd });
        assert_eq!(wrong(body), "/stripe_account account", "{odd}");
    }
    // Another number is not confirmed, nor one at a bank; nobody sees the whole of it.
    let given = json!({ "name": "M", "stripe_account": stripe });
    let given = small.finance.post(&accounts, given).expect(201).json();
    assert_eq!(given["stripe_account"], "acct_ •••• zgkW");
    let confirm = |number: &[&str]| {
        let told = [&["payments", "confirm", "Méso", "--pole", &small.pole.code], number].concat();
        let told = small.server.palier(told);
        (told.status.code(), told.stderr)
    };
    for number in [["--stripe-account", "acct_1PgafTB7WZ01zgkw"], ["--iban", iban]] {
        let (code, said) = confirm(&number);
        assert_eq!(
            (code, said.contains("not the number that was given")),
            (Some(2), true),
            "{said}"
        );
    }
    assert_eq!(confirm(&[]).0, Some(2));
    assert_eq!(confirm(&["--stripe-account", stripe]).0, Some(0));
    let log = small.pole.admin.get(&small.at("audit-log?limit=200")).expect(200).text().to_owned();
    assert!(log.contains("provider_account.given") && !log.contains(stripe), "{log}");
}
