//! What a month draws, and in which order.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::super::setting::{Small, fee};
use super::{credit, draws, granted, july, stands};

on_both!(what_ends_first_is_drawn_first_and_the_last_in_part);
fn what_ends_first_is_drawn_first_and_the_last_in_part(engine: Engine) {
    let small = july(engine);
    let endless = granted(&small, "forge", &credit("100.00", "2026-01-01", None));
    let autumn = granted(&small, "forge", &credit("200.00", "2026-01-01", Some("2026-10-01")));
    let summer = granted(&small, "forge", &credit("300.00", "2026-01-01", Some("2026-09-01")));
    let review = small.run("2026-07");
    let drawn: Vec<_> = review["credits"].as_array().unwrap().iter().collect();
    let told = |nth: usize| ["drawn", "left", "ends_soon"].map(|name| drawn[nth][name].clone());
    assert_eq!(drawn.len(), 2);
    assert_eq!(told(0), [json!("300.00"), json!("0.00"), json!(false)]);
    assert_eq!(told(1), [json!("195.00"), json!("5.00"), json!(false)]);
    assert_eq!(stands(&small, "forge", &autumn)[2], "195.00");
    // A draft that is priced again says the same.
    assert_eq!(small.invoices(&["run", "--dry-run"], "2026-07")["credits"], review["credits"]);
    small.invoices(&["finalise"], "2026-07");
    let july = ["invoice", "usage 480.00", "recurring 15.00", "credit -300.00", "credit -195.00"];
    assert_eq!(small.billed("2026-07", "forge"), july);
    small.close("2026-08");
    let august = ["invoice", "recurring 15.00", "credit -5.00", "credit -10.00"];
    assert_eq!(small.billed("2026-08", "forge"), august);
    assert_eq!(
        stands(&small, "forge", &summer),
        ["300.00", "0.00", "0.00", "0.00", "0.00", "0.00"]
    );
    assert_eq!(stands(&small, "forge", &endless)[5], "90.00");
    let told = |number: &str, line, amount: &str, left: &str| {
        (number.to_owned(), line, amount.to_owned(), left.to_owned())
    };
    let of_autumn =
        [told("FA-2028-000001", 4, "195.00", "5.00"), told("FA-2028-000003", 2, "5.00", "0.00")];
    assert_eq!(draws(&small, "forge", &autumn), of_autumn);
    // Nobody else draws it, and it is nothing that was paid.
    assert_eq!(small.billed("2026-08", "usine"), ["invoice", "recurring 15.00"]);
    let documents = small.documents("2026-07");
    let document = &documents.iter().find(|it| it["number"] == "FA-2028-000001").unwrap();
    assert_eq!(document["document"]["totals"]["gross"], "0.00");
    let line = &document["document"]["lines"][3];
    assert_eq!(line["name"], "Crédit : Geste de 200.00");
    let detail = "Pour Calcul ; reste 5,00\u{a0}€ sur 200,00\u{a0}€, jusqu’au 30/09/2026";
    assert_eq!(line["detail"], detail);
    assert_eq!((&line["quantity"], &line["unit_price"]), (&json!("-1"), &json!("195")));
    assert_eq!(line["vat"]["rate_percent"], "20");
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_month_draws_what_is_valid_on_any_of_its_days);
fn a_month_draws_what_is_valid_on_any_of_its_days(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let of = |amount: &str, from: &str, until: Option<&str>| {
        granted(&small, "forge", &credit(amount, from, until))
    };
    let too_early = of("0.01", "2026-01-01", Some("2026-07-01"));
    let first_day = of("0.20", "2026-01-01", Some("2026-07-02"));
    let last_day = of("0.04", "2026-07-31", None);
    let too_late = of("5.00", "2026-08-01", None);
    let lost = of("50.00", "2026-07-01", Some("2026-08-01"));
    let review = small.run("2026-07");
    let ends = review["credits"].as_array().unwrap();
    // What is left of it is lost: nothing else can draw it.
    let lost_of = ends.iter().find(|it| it["grant"] == json!(lost)).unwrap();
    assert_eq!((&lost_of["left"], &lost_of["ends_soon"]), (&json!("35.20"), &json!(true)));
    small.invoices(&["finalise"], "2026-07");
    assert_eq!(
        small.billed("2026-07", "forge"),
        ["invoice", "recurring 15.00", "credit -0.20", "credit -14.80"]
    );
    assert_eq!(stands(&small, "forge", &too_early)[3], "0.01");
    assert_eq!(stands(&small, "forge", &first_day)[0], "0.20");
    assert_eq!(stands(&small, "forge", &last_day)[5], "0.04");
    assert_eq!(stands(&small, "forge", &too_late)[5], "5.00");
    assert_eq!(stands(&small, "forge", &lost)[3], "35.20");
    small.close("2026-08");
    let august = ["invoice", "recurring 15.00", "credit -0.04", "credit -5.00"];
    assert_eq!(small.billed("2026-08", "forge"), august);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_is_drawn_has_the_vat_of_what_it_is_drawn_for);
fn what_is_drawn_has_the_vat_of_what_it_is_drawn_for(engine: Engine) {
    let small = july(engine);
    let provider = json!({ "name": "Essais", "contact": { "email": "e@meso.example" } });
    let provider = small.made("providers", provider);
    let tariff = |amount: &str| json!({ "charges": [{ "kind": "recurring", "amount": amount }] });
    let books = small.service("books", &provider, json!({ "vat": "reduced" }), &tariff("100"));
    let dues = small.service("dues", &provider, json!({ "vat": "out_of_scope" }), &tariff("60"));
    small.subscribe("forge", &books, json!({}));
    small.subscribe("forge", &dues, json!({}));
    let mut of_books = credit("30.00", "2026-01-01", None);
    of_books["service"] = json!(books);
    let of_books = granted(&small, "forge", &of_books);
    let all = granted(&small, "forge", &credit("550.00", "2026-01-01", Some("2026-12-01")));
    let mut of_dues = credit("20.00", "2026-01-01", None);
    of_dues["service"] = json!(dues);
    let of_dues = granted(&small, "forge", &of_dues);
    small.close("2026-07");
    let documents = small.documents("2026-07");
    let forge: Vec<_> =
        documents.iter().filter(|it| it["document"]["buyer"]["code"] == "forge").collect();
    let of_part = |part: &str| &forge.iter().find(|it| it["part"] == part).unwrap()["document"];
    let said = |part: &str| {
        let lines = of_part(part)["lines"].as_array().unwrap().iter();
        let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
        let mut said: Vec<_> =
            lines.map(|it| format!("{} {}", text(it, "kind"), text(it, "amount"))).collect();
        said.sort();
        said
    };
    // What a credit behind it names comes last; fees outside the scope of VAT are no service.
    let services = [
        "credit -30.00",
        "credit -495.00",
        "credit -55.00",
        "recurring 100.00",
        "recurring 15.00",
        "usage 480.00",
    ];
    assert_eq!(said("services"), services);
    assert_eq!(said("fees"), ["credit -20.00", "recurring 60.00"]);
    // 15.00 at 5.5 % is all that is left to pay.
    let vat = json!([
        { "category": "S", "rate_percent": "5.5", "base": "15.00", "vat": "0.83" },
        { "category": "S", "rate_percent": "20", "base": "0.00", "vat": "0.00" },
    ]);
    assert_eq!(of_part("services")["totals"]["vat"], vat);
    assert_eq!(of_part("fees")["totals"]["gross"], "40.00");
    for (id, left) in [(of_books, "0.00"), (all, "0.00"), (of_dues, "0.00")] {
        assert_eq!(stands(&small, "forge", &id)[5], left);
    }
    // Revenue by service is what is left of it.
    let report = small.finance.get(&small.at("reports/revenue?period=2028-02")).expect(200).json();
    let rows = report["rows"].as_array().unwrap();
    let of_books = rows.iter().find(|row| row["code"] == "books").unwrap();
    assert_eq!(of_books["amount"], "15.00");
    // Of 60.00 outside the scope of VAT, 40.00; and of the fees, what the other member pays.
    assert_eq!(report["total"], "70.00");
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_changes_on_a_draft_changes_what_it_draws);
fn what_changes_on_a_draft_changes_what_it_draws(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let id = granted(&small, "forge", &credit("50.00", "2026-01-01", None));
    small.run("2026-07");
    let set = |lines: Value| {
        let documents = small.documents("2026-07").into_iter();
        let mut of_forge = documents.filter(|it| it["document"]["buyer"]["code"] == "forge");
        let draft = of_forge.next().unwrap()["id"].as_str().unwrap().to_owned();
        let path = small.at(&format!("invoices/{draft}/manual-lines"));
        let body = json!({ "reason": "Accord", "lines": lines });
        small.finance.with_header("if-match", "*").put(&path, body).expect(200);
    };
    let support = json!({ "kind": "manual", "name": "Assistance", "unit_price": "100" });
    set(json!([support]));
    let with_support =
        ["invoice", "recurring 15.00", "manual 100.00", "credit -15.00", "credit -35.00"];
    assert_eq!(small.billed("2026-07", "forge"), with_support);
    set(
        json!([{ "kind": "discount", "name": "Remise", "unit_price": "9", "service": small.service }]),
    );
    let with_discount = ["invoice", "recurring 15.00", "discount -9.00", "credit -6.00"];
    assert_eq!(small.billed("2026-07", "forge"), with_discount);
    // Beyond what is due, nothing is drawn, and money goes back.
    set(json!([{ "kind": "discount", "name": "Remise", "unit_price": "40" }]));
    assert_eq!(small.billed("2026-07", "forge"), ["rebate", "recurring -15.00", "discount 40.00"]);
    assert_eq!(stands(&small, "forge", &id)[5], "50.00");
    // Made again, lines by hand are gone, and the month draws what it would have.
    small.invoices(&["run", "--again"], "2026-07");
    assert_eq!(small.billed("2026-07", "forge"), ["invoice", "recurring 15.00", "credit -15.00"]);
    // A credit that is granted meanwhile is drawn once the drafts are made again.
    let sooner = granted(&small, "forge", &credit("4.00", "2026-01-01", Some("2026-09-01")));
    assert_eq!(stands(&small, "forge", &sooner)[5], "4.00");
    small.run("2026-07");
    assert_eq!(stands(&small, "forge", &sooner)[5], "4.00");
    small.invoices(&["run", "--again"], "2026-07");
    let both = ["invoice", "recurring 15.00", "credit -4.00", "credit -11.00"];
    assert_eq!(small.billed("2026-07", "forge"), both);
    small.invoices(&["finalise"], "2026-07");
    assert_eq!(stands(&small, "forge", &id), ["11.00", "0.00", "0.00", "0.00", "0.00", "39.00"]);
    assert_eq!(small.faults(), [""; 0]);
}
