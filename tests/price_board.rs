//! `/v1/poles/{pole}/services/{service}/price-board`.

mod curve;
pub(crate) mod setting;
mod stream;

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use crate::people::{Person, at};
use setting::{Setting, tiers};

/// Whether a board counts so much.
fn counts(quantity: &str) -> impl Fn(&Value) -> bool {
    move |board| board["charges"][0]["pool"]["quantity"] == quantity
}

on_both!(it_shows_where_the_pool_stands_and_who_saves_what);
fn it_shows_where_the_pool_stands_and_who_saves_what(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    let forge = setting.key("member", &setting.members[0]);
    let board = setting.staff.get(&setting.at("price-board")).expect(200).json();
    assert_eq!(board["charges"][0]["unit_price"], "0");
    setting.hours(&[("forge", "50"), ("atelier", "60"), ("usine", "40")]);
    let board = setting.see(&forge, "price-board", counts("150"));
    let charge = &board["charges"][0];
    // 733 of 745 hours of the month have passed.
    let expected = json!({
        "position": 0, "name": "Hours", "meter": "hours", "price_base": "1",
        "unit_price": "0.933333", "tier": 2,
        "pool": {
            "quantity": "150", "active_members": 3,
            "next": { "tier": 3, "above": "300", "missing": "150", "unit_amount": "0.5" },
            "projection": charge["pool"]["projection"],
        },
        "own": { "quantity": "50", "amount": "46.67", "saving": "3.33" },
    });
    assert_eq!(*charge, expected);
    // The clock goes on while the test runs: 150 × 745 ÷ 733.
    let projected = charge["pool"]["projection"]["quantity"].as_str().unwrap();
    assert!(projected.starts_with("152.4"), "{projected}");
    assert_eq!((&board["month"], &board["currency"]), (&json!("2026-10"), &json!("EUR")));
    assert_eq!(board["member"], setting.members[0]);
    assert!(board.get("unpriced").is_none());

    // The same cents as a quote.
    let usage = [("forge", "50"), ("atelier", "60"), ("usine", "40"), ("tour", "0")];
    let members = usage.map(|(member, it)| json!({ "member": member, "quantity": it }));
    let quote = json!({ "pool": { "members": members } });
    let quote = setting.staff.post(&setting.at("quotes"), quote).expect(200).json();
    assert_eq!(quote["amounts"]["forge"], charge["own"]["amount"]);
    assert_eq!(quote["savings"]["forge"], charge["own"]["saving"]);

    // September is over: nobody used anything, and nothing is foreseen.
    let september = setting.staff.get(&setting.at("price-board?month=2026-09")).expect(200).json();
    let pool = &september["charges"][0]["pool"];
    assert_eq!((&pool["quantity"], pool.get("projection")), (&json!("0"), None));
    for query in ["month=2026-11", "month=2026-13", "member=x"] {
        setting.staff.get(&setting.at(&format!("price-board?{query}"))).expect(400);
    }
}

on_both!(an_event_that_is_voided_or_comes_late_moves_it);
fn an_event_that_is_voided_or_comes_late_moves_it(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    setting.hours(&[("forge", "50"), ("atelier", "60"), ("usine", "40")]);
    setting.see(&setting.staff, "price-board", counts("150"));
    let event = json!({ "id": "hours-of-usine", "time": "2026-10-02T08:00:00Z" });
    let void = json!({ "events": [event], "reason": "No." });
    setting.staff.post(&at(&setting.pole, "/usage/voids"), void).expect(200);
    let board = setting.see(&setting.staff, "price-board", counts("110"));
    assert_eq!(board["charges"][0]["pool"]["active_members"], 2);
    // The first instant of October in Paris, and the last of September.
    setting.report(&[
        ("a", "forge", "hours", "2026-09-30T22:00:00Z", "1", json!({})),
        ("b", "forge", "hours", "2026-09-30T21:59:59Z", "5", json!({})),
    ]);
    setting.see(&setting.staff, "price-board", counts("111"));
    setting.see(&setting.staff, "price-board?month=2026-09", counts("5"));
}

on_both!(few_members_cannot_be_read_off_it);
fn few_members_cannot_be_read_off_it(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    setting.hours(&[("forge", "50"), ("atelier", "60")]);
    let [forge, tour] = [0, 3].map(|nth| setting.key("member", &setting.members[nth]));
    let provider = setting.key("provider", &setting.provider);
    let used = |board: &Value| board["charges"][0]["unit_price"] != "0";
    let seen = |client| setting.see(client, "price-board", used)["charges"][0].clone();
    setting.see(&setting.staff, "price-board", counts("110"));
    let charge = seen(&forge);
    assert_eq!(charge.get("pool"), None, "a member sees no pool of two");
    assert_eq!((&charge["tier"], &charge["unit_price"]), (&json!(2), &json!("0.981818")));
    assert_eq!(charge["own"]["quantity"], "50");
    assert_eq!(seen(&provider)["pool"]["quantity"], "110");
    let asked = format!("price-board?member={}", setting.members[1]);
    let charge = setting.staff.get(&setting.at(&asked)).expect(200).json()["charges"][0].clone();
    assert_eq!(charge["own"]["quantity"], "60");
    forge.get(&setting.at(&asked)).expect(404);

    setting.hours(&[("usine", "40")]);
    setting.see(&setting.staff, "price-board", counts("150"));
    // Who uses nothing sees it, as everybody does.
    for client in [&forge, &tour] {
        assert_eq!(seen(client)["pool"]["active_members"], 3);
    }
    // Who acts for two of the three would be left with the figure of the third.
    let (first, second) = (&setting.members[0], &setting.members[1]);
    let grants = [first, second].map(|it| json!({ "role": "member_user", "member": it }));
    let person = Person::new(&setting.server, &setting.pole, &json!(grants));
    let both = setting.see(&person.client, "price-board", used);
    assert_eq!(both["charges"][0].get("pool"), None);
    assert_eq!(both.get("member"), None);

    let change = setting.staff.with_header("if-match", "*");
    let change = change.with_header("content-type", "application/merge-patch+json");
    let four = json!({ "minimum_active": 4 });
    let path = format!("/v1/poles/{}", setting.pole.code);
    change.send_json(ureq::http::Method::PATCH, &path, &four).expect(200);
    assert_eq!(seen(&forge).get("pool"), None);
    setting.hours(&[("tour", "1")]);
    setting.see(&setting.staff, "price-board", counts("151"));
    assert_eq!(seen(&forge)["pool"]["active_members"], 4);
}

on_both!(members_who_stay_with_a_version_see_it_by_that_version);
fn members_who_stay_with_a_version_see_it_by_that_version(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    let dearer = json!([{
        "kind": "usage", "meter": "hours", "model": "standard", "unit_amount": "2",
    }]);
    let tariff = json!({
        "name": "2027", "effective_from": "2026-11-01", "document": { "charges": dearer },
    });
    let tariff = setting.staff.post(&setting.at("tariffs"), tariff).expect(201).string("/id");
    let subscriptions =
        at(&setting.pole, &format!("/members/{}/subscriptions", setting.members[0]));
    let subscription = setting.staff.get(&subscriptions).expect(200).string("/data/0/id");
    let change = setting.staff.with_header("if-match", "*");
    let change = change.with_header("content-type", "application/merge-patch+json");
    let pinned = json!({ "tariff": tariff });
    let path = format!("{subscriptions}/{subscription}");
    change.send_json(ureq::http::Method::PATCH, &path, &pinned).expect(200);
    setting.hours(&[("forge", "50"), ("atelier", "60"), ("usine", "40")]);
    let [forge, atelier] = [0, 1].map(|nth| setting.key("member", &setting.members[nth]));
    let board = setting.see(&forge, "price-board", counts("150"));
    assert_eq!(board["tariff"], tariff);
    assert_eq!(board["charges"][0]["own"]["amount"], "100.00");
    let board = setting.see(&atelier, "price-board", counts("150"));
    assert_eq!(board["charges"][0]["own"]["amount"], "56.00");
}

on_both!(stocks_have_a_board_too);
fn stocks_have_a_board_too(engine: Engine) {
    let setting = Setting::new(
        engine,
        &json!([
            { "kind": "usage", "meter": "store", "model": "standard", "unit_amount": "2" },
            { "kind": "usage", "meter": "users", "model": "standard", "unit_amount": "5" },
            { "kind": "recurring", "amount": "15" },
            { "kind": "usage", "meter": "hours", "scope": "member", "model": "standard",
              "unit_amount": "1" },
        ]),
    );
    let none = json!({});
    setting.report(&[
        // As in September for 25 days, then nothing: 745 × 601 ÷ 745.
        ("a", "forge", "store", "2026-09-05T10:00:00Z", "745", none.clone()),
        ("b", "forge", "store", "2026-10-25T23:00:00Z", "0", none),
        ("c", "forge", "users", "2026-10-20T10:00:00Z", "1", json!({ "user": "ann" })),
        ("d", "atelier", "users", "2026-10-20T10:00:00Z", "1", json!({ "user": "ann" })),
        ("e", "atelier", "users", "2026-10-21T10:00:00Z", "1", json!({ "user": "ann" })),
        ("f", "atelier", "jobs", "2026-10-21T10:00:00Z", "1", json!({})),
    ]);
    let board = setting.see(&setting.staff, "price-board", counts("601"));
    let charges = board["charges"].as_array().unwrap();
    assert_eq!(charges.len(), 2, "fees and members' own volume have no pool");
    assert_eq!(charges[0]["pool"]["projection"], json!({ "quantity": "601", "unit_price": "2" }));
    assert_eq!(charges[1]["pool"]["quantity"], "2");
    assert_eq!(charges[1]["pool"].get("projection"), None);
    assert_eq!(board["unpriced"], json!(["jobs"]));
    assert_eq!(board["strangers"], json!([]));
}

on_both!(volume_adds_up_over_a_contract_year);
fn volume_adds_up_over_a_contract_year(engine: Engine) {
    let mut charges = tiers();
    charges[0]["basis"] = json!("contract_year");
    let setting = Setting::new(engine, &charges);
    let none = json!({});
    let september = "2026-09-02T08:00:00Z";
    setting.report(&[
        ("a", "forge", "hours", september, "50", none.clone()),
        ("b", "atelier", "hours", september, "50", none),
    ]);
    setting.hours(&[("forge", "50"), ("atelier", "50")]);
    let asked = format!("price-board?member={}", setting.members[0]);
    let board = setting.see(&setting.staff, &asked, counts("200"));
    let charge = &board["charges"][0];
    // 200 hours of the year cost 180 €; half of them, less the 50 € of September.
    assert_eq!(charge["unit_price"], "0.9");
    assert_eq!(charge["own"]["amount"], "40.00");
    assert_eq!(charge["pool"].get("projection"), None);
}

on_both!(who_is_in_no_pool_of_it_finds_nothing);
fn who_is_in_no_pool_of_it_finds_nothing(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    let stranger = crate::people::member(&setting.pole, "stranger");
    let stranger = setting.key("member", &stranger);
    stranger.get(&setting.at("price-board")).expect(404).problem();
    let nothing = setting.at("price-board").replace("_0", "_1");
    setting.staff.get(&nothing).expect(404).problem();
}
