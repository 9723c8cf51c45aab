//! The accounts of a pole's books, by its settings.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::ties::Reports;
use crate::invoices::real::settings;
use crate::invoices::setting::{Small, fee};

fn with(chart: Value) -> Value {
    let mut settings = settings();
    settings["chart"] = chart;
    settings
}

fn account(part: &str, number: &str) -> Value {
    json!({ "part": part, "number": number, "label": part })
}

/// What is wrong with settings: places and codes.
#[track_caller]
fn refused(small: &Small, status: u16, chart: Value) -> Vec<String> {
    let whatever = small.finance.with_header("if-match", "*");
    let answer = whatever.put(&small.at("billing-settings"), with(chart)).expect(status).json();
    let errors = answer["errors"].as_array().unwrap().iter();
    let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    errors.map(|it| format!("{} {}", text(it, "pointer"), text(it, "code"))).collect()
}

on_both!(entries_are_made_on_the_accounts_that_the_pole_names);
fn entries_are_made_on_the_accounts_that_the_pole_names(engine: Engine) {
    let small =
        Small::with(engine, &json!({ "charges": [fee()] }), json!({ "revenue_account": "706100" }));
    let own = json!({
        "accounts": [
            account("receivable", "411700"), account("bank", "512100"), account("vat_pending", "445800"),
        ],
        "vat_collected": [{ "rate_percent": "20", "number": "445712", "label": "TVA 20 %" }],
    });
    small.put("billing-settings", with(own.clone()));
    let kept = small.finance.get(&small.at("billing-settings")).expect(200).json();
    assert_eq!(kept["chart"], own);
    let chart = small.finance.get(&small.at("chart-of-accounts")).expect(200).json();
    let accounts = chart["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 23);
    let bank = accounts.iter().find(|it| it["part"] == "bank").unwrap();
    assert_eq!((&bank["number"], &bank["usual"]), (&json!("512100"), &json!(false)));
    assert_eq!(accounts.iter().filter(|it| it["usual"] == true).count(), 20);
    assert_eq!(
        chart["services"],
        json!([{ "service": "compute", "number": "706100", "label": "Calcul" }])
    );
    small.close("2026-07");
    let forge = &small.members["forge"];
    let open = small.finance.get(&small.at(&format!("open-items?member={forge}"))).expect(200);
    let paid = json!({
        "kind": "payment", "member": forge, "method": "transfer", "paid_on": "2028-02-01",
        "amount": "18.00", "reference": "VIR-0042",
        "allocations": [{ "invoice": open.string("/data/0/invoice"), "amount": "18.00" }],
    });
    small.finance.post(&small.at("payments"), paid).expect(201);
    let balance = Reports(&small).get("trial-balance?period=2028");
    let rows = balance["accounts"].as_array().unwrap().iter();
    let stands: Vec<_> = rows.map(|row| format!("{} {}", row["account"], row["closing"])).collect();
    let expected = [
        ("411700", "18.00"),
        ("445712", "-3.00"),
        ("445800", "-3.00"),
        ("512100", "18.00"),
        ("706100", "-30.00"),
    ];
    assert_eq!(stands, expected.map(|(account, stands)| format!("\"{account}\" \"{stands}\"")));
    assert_eq!(small.faults(), [""; 0]);
    // What somebody still owes is settled on the account on which it stands.
    let usual = json!({ "vat_collected": own["vat_collected"] });
    assert_eq!(refused(&small, 409, usual), ["/chart/accounts in_use", "/chart/accounts in_use"]);
    let of_service = json!({ "accounts": [
        account("receivable", "411700"), account("vat_pending", "445800"), account("rebates", "706100"),
    ] });
    assert_eq!(refused(&small, 409, of_service), ["/chart of_service"]);
    // Another bank takes nothing from what was.
    let moved = json!({ "accounts": [
        account("receivable", "411700"), account("bank", "512200"), account("vat_pending", "445800"),
    ] });
    small.put("billing-settings", with(moved));
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_chart_that_makes_no_sense_is_refused);
fn a_chart_that_makes_no_sense_is_refused(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let rate = |rate: &str, number: &str| json!({ "rate_percent": rate, "number": number, "label": "TVA" });
    for (chart, expected) in [
        (
            json!({ "accounts": [account("bank", "411000")] }),
            vec!["/chart/accounts/0/number account_class", "/chart/accounts/0/number duplicate"],
        ),
        (
            json!({ "accounts": [account("bank", "517000")] }),
            vec!["/chart/accounts/0/number duplicate"],
        ),
        (
            json!({ "accounts": [account("bank", "512100"), account("bank", "512200")] }),
            vec!["/chart/accounts/1/part duplicate"],
        ),
        (
            json!({ "accounts": [account("vat_collected", "708000")] }),
            vec!["/chart/accounts/0/number account_class"],
        ),
        (
            json!({ "vat_collected": [rate("20", "445710")] }),
            vec!["/chart/vat_collected/0/number duplicate"],
        ),
        (
            json!({ "vat_collected": [rate("20", "445711"), rate("20.0", "445712")] }),
            vec!["/chart/vat_collected/1/rate_percent duplicate"],
        ),
    ] {
        assert_eq!(refused(&small, 422, chart.clone()), expected, "{chart}");
    }
    for chart in [
        json!({ "accounts": [account("bank", "51-2")] }),
        json!({ "accounts": [account("till", "530000")] }),
        json!({ "accounts": [{ "part": "bank", "number": "512100", "label": " " }] }),
        json!({ "account": [] }),
    ] {
        refused(&small, 422, chart);
    }
}
