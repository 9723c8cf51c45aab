//! Lines by hand on a draft: `PUT /v1/poles/{pole}/invoices/{invoice}/manual-lines`.

use palier_tests::{Answer, Engine, on_both};
use serde_json::{Value, json};

use super::setting::{Small, fee, graduated};

/// The draft of a member.
fn draft(small: &Small, member: &str) -> Value {
    let mut documents = small.documents("2026-07").into_iter();
    documents.find(|it| it["document"]["buyer"]["code"] == member).unwrap()
}

fn set(small: &Small, draft: &Value, lines: &Value) -> Answer {
    let path = format!("invoices/{}/manual-lines", draft["id"].as_str().unwrap());
    let body = json!({ "reason": "Accord du 3 juillet", "lines": lines });
    small.finance.with_header("if-match", "*").put(&small.at(&path), body)
}

fn discount(price: &str) -> Value {
    json!({ "kind": "discount", "name": "Geste commercial", "unit_price": price })
}

on_both!(what_is_added_by_hand_is_billed_and_booked);
fn what_is_added_by_hand_is_billed_and_booked(engine: Engine) {
    let small = Small::new(engine, &[graduated(), fee()]);
    small.used("f", "forge", "2026-07-10", "6000");
    small.run("2026-07");
    let of_forge = draft(&small, "forge");
    let support = json!({ "kind": "manual", "name": "Assistance", "quantity": "2.5", "unit": "HUR",
        "unit_price": "80", "service": small.service });
    let answer = set(&small, &of_forge, &json!([support, discount("20.00")])).expect(200).json();
    // 480 € of usage and 15 € of fees, 200 € more, 20 € less.
    assert_eq!((&answer["net"], &answer["gross"]), (&json!("675.00"), &json!("810.00")));
    let line = &answer["document"]["lines"][2];
    assert_eq!((&line["kind"], &line["amount"]), (&json!("manual"), &json!("200.00")));
    assert_eq!(line["service"], json!(small.service));
    // Set again, they take the place of those before.
    let answer = set(&small, &of_forge, &json!([discount("95.00")])).expect(200).json();
    assert_eq!(answer["net"], "400.00");
    small.invoices(&["finalise"], "2026-07");
    let refused = set(&small, &of_forge, &json!([])).expect(409);
    assert_eq!(refused.problem()["errors"][0]["code"], "final");
    let billed = ["invoice", "usage 480.00", "recurring 15.00", "discount -95.00"];
    assert_eq!(small.billed("2026-07", "forge"), billed);
    assert_eq!(small.faults(), [""; 0]);
    // The reason is on record.
    let path = small.at("audit-log?limit=100");
    let log = small.finance.get(&path).expect(200).json();
    let mut entries = log["data"].as_array().unwrap().iter();
    let entry = entries.find(|it| it["action"] == "invoice.adjusted").unwrap();
    assert_eq!(entry["changes"]["reason"]["to"], "Accord du 3 juillet");
}

on_both!(a_discount_beyond_what_is_due_gives_money_back);
fn a_discount_beyond_what_is_due_gives_money_back(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    small.run("2026-07");
    let of_forge = draft(&small, "forge");
    let answer = set(&small, &of_forge, &json!([discount("40.00")])).expect(200).json();
    let said = ["kind", "net", "gross"].map(|name| answer[name].as_str().unwrap());
    assert_eq!(said, ["rebate", "25.00", "30.00"]);
    // And back again.
    let answer = set(&small, &of_forge, &json!([])).expect(200).json();
    assert_eq!((&answer["kind"], &answer["net"]), (&json!("invoice"), &json!("15.00")));
    set(&small, &of_forge, &json!([discount("40.00")])).expect(200);
    let numbers = small.invoices(&["finalise"], "2026-07")["numbers"].clone();
    assert_eq!(numbers, json!(["AV-2028-000001", "FA-2028-000001"]));
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(lines_that_cannot_be_are_refused_where_they_stand);
fn lines_that_cannot_be_are_refused_where_they_stand(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    small.run("2026-07");
    let of_forge = draft(&small, "forge");
    let with = |name: &str, value: &str| {
        let mut line = discount("1");
        line[name] = value.into();
        json!([discount("1"), line])
    };
    let wrong = [
        (with("quantity", "-1"), "/lines/1/quantity"),
        (with("quantity", "0.00001"), "/lines/1/quantity"),
        (with("unit_price", "-1"), "/lines/1/unit_price"),
        (with("name", " "), "/lines/1/name"),
        (with("kind", "usage"), "/lines/1/kind"),
        (with("vat", "none"), "/lines/1/vat"),
        (with("service", "svc_01k9gz7v3hf8mv3r0x2p6d9qae"), "/lines/1/service"),
    ];
    for (lines, pointer) in wrong {
        let answer = set(&small, &of_forge, &lines).expect(422);
        assert_eq!(answer.problem()["errors"][0]["pointer"], pointer, "{lines}");
    }
    // What lies outside the scope of VAT may not stand beside what does not (BR-O-11).
    let mut fee = discount("1");
    fee["kind"] = "manual".into();
    fee["vat"] = "out_of_scope".into();
    set(&small, &of_forge, &json!([fee])).expect(409);
    assert_eq!(draft(&small, "forge"), of_forge);
}

on_both!(the_command_line_does_the_same);
fn the_command_line_does_the_same(engine: Engine) {
    let small = Small::new(engine, &[graduated(), fee()]);
    small.used("f", "forge", "2026-07-10", "6000");
    small.run("2026-07");
    let of_forge = draft(&small, "forge");
    let id = of_forge["id"].as_str().unwrap();
    let run = |name: &str, of: &str, more: &[&str]| {
        let told = ["invoices", name, "--pole", &small.pole.code, of];
        small.server.palier(told.iter().chain(more))
    };
    let reason = ["--reason", "Accord du 3 juillet"];
    let line = |more: &[&str]| run("add-line", id, &[&reason, more].concat());
    let support = [
        "--name",
        "Assistance",
        "--price",
        "80",
        "--quantity",
        "2.5",
        "--unit",
        "HUR",
        "--service",
        "compute",
    ];
    line(&support).success();
    // One comes behind the other.
    let said = line(&["--name", "Geste", "--price", "20.00", "--discount", "--json"]).success();
    let said: Value = serde_json::from_str(&said).unwrap();
    let lines = said["document"]["lines"].as_array().unwrap();
    let amounts: Vec<_> = lines.iter().map(|line| line["amount"].as_str().unwrap()).collect();
    assert_eq!(amounts, ["480.00", "15.00", "200.00", "-20.00"]);
    assert_eq!(lines[2]["service"], json!(small.service));
    // What cannot be is told in a line, with its option, and changes nothing.
    let before = draft(&small, "forge");
    let wrong: [(&[&str], &str); 6] = [
        (&["--name", "A", "--price", "-1"], "--price: "),
        (&["--name", " ", "--price", "1"], "--name: "),
        (&["--name", "A", "--price", "1", "--quantity", "0.00001"], "--quantity: "),
        (&["--name", "A", "--price", "1", "--vat", "none"], "--vat: "),
        (
            &["--name", "A", "--price", "1", "--service", "nowhere"],
            "nowhere: no service has this code",
        ),
        (&["--name", "A", "--price", "1", "--vat", "out_of_scope"], "member forge: "),
    ];
    for (more, what) in wrong {
        let refused = line(more).failure(2);
        assert!(refused.contains(what) && refused.trim_end().lines().count() == 1, "{refused}");
    }
    let nobody = "inv_01k9gz7v3hf8mv3r0x2p6d9qae";
    let refused = run("hold", nobody, &[]).failure(2);
    assert!(refused.contains("no document has this id"), "{refused}");
    assert_eq!(draft(&small, "forge"), before);
    // Off again, and held until it is released.
    run("drop-lines", id, &reason).success();
    assert_eq!(draft(&small, "forge")["document"]["totals"]["net"], "495.00");
    assert!(run("hold", id, &[]).success().contains("held"));
    let numbers = |small: &Small| small.invoices(&["finalise"], "2026-07")["numbers"].clone();
    assert_eq!(numbers(&small), json!(["FA-2028-000001"]));
    run("release", id, &[]).success();
    assert_eq!(numbers(&small), json!(["FA-2028-000002"]));
    for refused in [run("hold", id, &[]), run("drop-lines", id, &reason), line(&support)] {
        assert!(refused.failure(2).contains("It is final"));
    }
    assert_eq!(small.faults(), [""; 0]);
}
