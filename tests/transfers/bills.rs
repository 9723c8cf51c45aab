//! `/v1/poles/{pole}/providers/{provider}/bills`: what providers bill, and what that is in the books.

use palier_tests::{Engine, on_both};
use serde_json::json;

use super::{Setting, wrong};

on_both!(a_bill_is_owed_until_it_is_taken_back);
fn a_bill_is_owed_until_it_is_taken_back(engine: Engine) {
    let setting = Setting::new(engine);
    let bill = json!({
        "number": "2028-0118", "issued_on": "2028-01-15", "due_on": "2028-02-14",
        "reference": "RF18539007547034",
        "lines": [
            { "service": setting.small.service, "net": "1000.00", "rate_percent": "20" },
            // Rounded line by line.
            { "net": "33.33", "rate_percent": "5.5", "vat": "1.85" },
            { "net": "12.00", "category": "exempt" },
        ],
    });
    let once = setting.small.finance.with_header("idempotency-key", "bill-118");
    let at = setting.small.at(&setting.bills());
    let made = once.post(&at, &bill).expect(201).json();
    assert_eq!((&made["net"], &made["total"]), (&json!("1045.33"), &json!("1247.18")));
    assert_eq!((&made["entry"], &made["status"]), (&json!("AC000001"), &json!("open")));
    assert_eq!(made["lines"][0]["vat"], "200.00");
    // The same request is the same bill; another with its number is refused.
    assert_eq!(once.post(&at, &bill).expect(201).json(), made);
    let again = setting.post(&setting.bills(), 409, bill.clone());
    assert_eq!(wrong(&again), ["/number duplicate"]);
    setting.stands_at(&[("401000", "-1247.18"), ("445640", "201.85"), ("611000", "1045.33")]);
    let by_company = setting.small.at("reports/trial-balance?period=2028-02&by=company");
    let by_company = setting.small.finance.get(&by_company).expect(200).json();
    let company = &by_company["accounts"][0];
    assert_eq!(
        (&company["company"]["name"], &company["closing"]),
        (&json!("Méso"), &json!("-1247.18"))
    );
    assert_eq!(
        setting.list(&format!("{}?status=open", setting.bills())),
        std::slice::from_ref(&made)
    );

    let id = made["id"].as_str().unwrap();
    let cancel = format!("{}/{id}/cancel", setting.bills());
    let off = setting.post(&cancel, 200, json!({ "reason": "Avoir du fournisseur" }));
    assert_eq!(
        (&off["status"], &off["reason"]),
        (&json!("cancelled"), &json!("Avoir du fournisseur"))
    );
    let again = setting.post(&cancel, 409, json!({ "reason": "Encore" }));
    assert_eq!(wrong(&again), [" cancelled"]);
    setting.stands_at(&[]);
    // Its number is free again.
    setting.post(&setting.bills(), 201, bill);
    assert_eq!(setting.statuses(), ["2028-0118 cancelled", "2028-0118 open"]);
    assert_eq!(setting.small.faults(), [""; 0]);
    // Of another pole nothing is seen, nor of another provider.
    let elsewhere = palier_tests::Pole::new(&setting.small.server);
    let theirs = format!("/v1/poles/{}/{}", elsewhere.code, setting.bills());
    elsewhere.admin.get(&theirs).expect(404);
    elsewhere.admin.get(&format!("{theirs}/{id}")).expect(404);
    let other = json!({ "name": "Essais", "contact": { "email": "essais@meso.example" } });
    let other = setting.small.made("providers", other);
    let at = setting.small.at(&format!("providers/{other}/bills/{id}"));
    setting.small.finance.get(&at).expect(404);
}

on_both!(vat_that_the_pole_owes_itself_is_due_and_deducted);
fn vat_that_the_pole_owes_itself_is_due_and_deducted(engine: Engine) {
    let setting = Setting::new(engine);
    let own = json!([{ "net": "100.00", "category": "reverse_charge", "rate_percent": "20" }]);
    let bill = setting.bill("DE-7", "2028-02-14", &own);
    assert_eq!(bill["total"], "100.00");
    setting.stands_at(&[
        ("401000", "-100.00"),
        ("445200", "-20.00"),
        ("445664", "20.00"),
        ("611000", "100.00"),
    ]);
    let cancel = format!("{}/{}/cancel", setting.bills(), bill["id"].as_str().unwrap());
    setting.post(&cancel, 200, json!({ "reason": "Erreur" }));
    setting.stands_at(&[]);
}

on_both!(vat_is_deducted_when_it_is_due_from_the_provider);
fn vat_is_deducted_when_it_is_due_from_the_provider(engine: Engine) {
    let setting = Setting::with_account(engine);
    let lines = json!([{ "net": "100.00", "rate_percent": "20" }]);
    // Of services, with the payment; of goods, and where the provider opted for it, with the bill.
    let waits = setting.bill("2028-1", "2028-02-14", &lines);
    assert_eq!(waits["vat_due"], "on_receipt");
    let goods = json!({
        "number": "2028-2", "issued_on": "2028-01-15", "due_on": "2028-02-14", "lines": lines,
        "vat_due": "on_debits",
    });
    let goods = setting.post(&setting.bills(), 201, goods);
    assert_eq!(goods["vat_due"], "on_debits");
    let owed = ("401000", "-240.00");
    setting.stands_at(&[owed, ("445640", "20.00"), ("445660", "20.00"), ("611000", "200.00")]);
    setting.plan("2028-02-14");
    let day = |name: &str| json!({ "paid_on": "2028-02-01", "reason": name });
    let at = |number: &str, status: &str, what: &str| {
        let id = setting.transfer(number, status)["id"].as_str().unwrap().to_owned();
        format!("transfers/{id}/{what}")
    };
    for (number, pending, deducted, left) in
        [("2028-1", "0.00", "40.00", "-120.00"), ("2028-2", "0.00", "40.00", "0.00")]
    {
        setting.post(&at(number, "planned", "settle"), 200, json!({ "paid_on": "2028-02-01" }));
        let balance = setting.balance();
        let stands = |account: &str| balance.get(account).map_or("0.00", String::as_str);
        let stand = ["445640", "445660", "401000"].map(stands);
        assert_eq!(stand, [pending, deducted, left], "{number}");
    }
    setting.post(&at("2028-1", "executed", "return"), 200, day("Chèque impayé"));
    setting.post(&at("2028-2", "executed", "return"), 200, day("Chèque impayé"));
    setting.stands_at(&[owed, ("445640", "20.00"), ("445660", "20.00"), ("611000", "200.00")]);
}

on_both!(what_was_booked_is_found_where_it_was_booked);
fn what_was_booked_is_found_where_it_was_booked(engine: Engine) {
    let setting = Setting::billed(engine);
    setting.plan("2028-02-06");
    for number in ["2028-0118", "2028-0119"] {
        let id = setting.transfer(number, "planned")["id"].as_str().unwrap().to_owned();
        let settle = format!("transfers/{id}/settle");
        setting.post(&settle, 200, json!({ "paid_on": "2028-02-01" }));
    }
    // The pole has another bank, and its accountant other numbers for VAT.
    let mut settings = crate::invoices::real::settings();
    settings["chart"] = json!({ "accounts": [
        { "part": "bank", "number": "512100", "label": "Banque coopérative" },
        { "part": "vat_deductible_pending", "number": "445641", "label": "TVA en attente" },
    ] });
    setting.small.put("billing-settings", settings.clone());
    assert_eq!(setting.small.faults(), [""; 0]);
    settings["chart"]["accounts"][0]["number"] = "512200".into();
    setting.small.put("billing-settings", settings);
    assert_eq!(setting.small.faults(), [""; 0]);
    // What waits for its payment stays where it is.
    setting.bill("2028-0120", "2028-02-14", &json!([{ "net": "1.00", "rate_percent": "20" }]));
    let mut moved = crate::invoices::real::settings();
    moved["chart"] = json!({ "accounts": [] });
    let at = setting.small.at("billing-settings");
    let any = setting.small.finance.with_header("if-match", "*");
    assert_eq!(wrong(&any.put(&at, moved).expect(409).json()), ["/chart/accounts in_use"]);
}

on_both!(a_bill_that_does_not_add_up_is_refused);
fn a_bill_that_does_not_add_up_is_refused(engine: Engine) {
    let setting = Setting::new(engine);
    let refused = |change: serde_json::Value| {
        let mut bill = json!({
            "number": "1", "issued_on": "2028-01-15", "due_on": "2028-02-14",
            "lines": [{ "net": "100.00", "rate_percent": "20" }],
        });
        for (field, value) in change.as_object().unwrap() {
            bill[field] = value.clone();
        }
        wrong(&setting.post(&setting.bills(), 422, bill))
    };
    let lines = |line: serde_json::Value| json!({ "lines": [line] });
    for (change, expected) in [
        (json!({ "issued_on": "2028-02-02" }), "/issued_on in_future"),
        (json!({ "due_on": "2028-01-14" }), "/due_on before_issue"),
        (json!({ "reference": "RF19539007547034" }), "/reference reference_check"),
        (lines(json!({ "net": "0.00", "rate_percent": "20" })), "/lines nothing"),
        (lines(json!({ "net": "1.234", "rate_percent": "20" })), "/lines/0/net amount"),
        (
            lines(json!({ "net": "100.00", "rate_percent": "20", "vat": "20.51" })),
            "/lines/0/vat vat",
        ),
        (
            lines(json!({ "net": "100.00", "category": "exempt", "vat": "1.00" })),
            "/lines/0/vat not_charged",
        ),
        (
            lines(json!({ "net": "100.00", "category": "exempt", "rate_percent": "20" })),
            "/lines/0/rate_percent not_here",
        ),
        (
            lines(
                json!({ "net": "1.00", "rate_percent": "20", "service": "svc_01k9gz7v3hf8mv3r0x2p6d9qae" }),
            ),
            "/lines/0/service unknown_service",
        ),
        (lines(json!({ "net": "1.00" })), "/lines/0/rate_percent required"),
        (
            json!({ "lines": [
                { "net": "1.00", "category": "reverse_charge", "rate_percent": "20" },
                { "net": "1.00", "category": "reverse_charge", "rate_percent": "10" },
            ] }),
            "/lines several_rates",
        ),
    ] {
        let found = refused(change.clone());
        assert!(found.iter().any(|it| it.starts_with(expected)), "{change}: {found:?}");
    }
    assert_eq!(setting.list(&setting.bills()).len(), 0);
}

on_both!(a_bill_of_a_month_that_is_closed_is_booked_on_the_first_open_day);
fn a_bill_of_a_month_that_is_closed_is_booked_on_the_first_open_day(engine: Engine) {
    let setting = Setting::new(engine);
    let lines = json!([{ "net": "10.00", "rate_percent": "20" }]);
    setting.bill("A", "2028-02-14", &lines);
    setting.post("closings/2028-01", 200, json!({ "accept_missing": true }));
    setting.bill("B", "2028-02-14", &lines);
    let journal = setting.small.at("reports/journal?period=2028-02");
    let journal = setting.small.finance.get(&journal).expect(200).json();
    let entry = &journal["entries"][0];
    assert_eq!((&entry["date"], &entry["piece"]), (&json!("2028-02-01"), &json!("B")), "{journal}");
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_a_provider_billed_stays_as_it_is);
fn what_a_provider_billed_stays_as_it_is(engine: Engine) {
    let setting = Setting::billed(engine);
    for change in [
        "UPDATE provider_bills SET total_minor = total_minor + 1",
        "UPDATE provider_bills SET number = 'x'",
        "DELETE FROM provider_bills",
    ] {
        let refused = setting.small.sql().try_run(change).unwrap_err();
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    setting.small.sql().run("UPDATE provider_bills SET status = 'paid'");
    let faults = setting.small.faults();
    assert!(faults.iter().any(|it| it.starts_with("what is owed to providers")), "{faults:?}");
}
