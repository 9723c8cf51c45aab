//! `/v1/poles/{pole}/services/{service}/price-curve`, and its picture.

use palier_tests::{Engine, on_both};
use serde_json::json;

use super::counts;
use super::setting::{Setting, tiers};
use crate::quote::curve::{texts, well_formed};

on_both!(it_shows_where_the_pool_stands_to_who_may_know);
fn it_shows_where_the_pool_stands_to_who_may_know(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    let forge = setting.key("member", &setting.members[0]);
    setting.hours(&[("forge", "50"), ("atelier", "60")]);
    setting.see(&setting.staff, "price-board", counts("110"));
    let curve = |client: &palier_tests::Client| {
        let answer = client.get(&setting.at("price-curve")).expect(200).json();
        answer["charges"][0].clone()
    };
    let (seen, own) = (curve(&setting.staff), curve(&forge));
    assert_eq!(seen["here"], json!({ "quantity": "110", "unit_price": "0.981818" }));
    assert_eq!(own.get("here"), None);
    assert_eq!(own["segments"], seen["segments"]);
    assert_eq!(
        seen["segments"][1],
        json!({
            "start": { "quantity": "100", "total": "100.00", "unit_price": "1" },
            "end": { "quantity": "300", "total": "260.00", "unit_price": "0.866667" },
            "shape": "linear", "tier": 2, "capped": false,
        })
    );
    let svg = |client: &palier_tests::Client, query: &str| {
        let answer = client.get(&setting.at(&format!("price-curve.svg{query}"))).expect(200);
        assert_eq!(answer.header("content-type"), "image/svg+xml");
        well_formed(answer.text());
        answer
    };
    let has = |svg: &str, text: &str| texts(svg).iter().any(|it| it == text);
    let staffs = svg(&setting.staff, "");
    assert!(has(staffs.text(), "October 2026: 0.981818 EUR"), "{:?}", texts(staffs.text()));
    assert!(has(staffs.text(), "190 to go until 300"));
    let own = svg(&forge, "");
    let own_texts = texts(own.text());
    assert!(own_texts.contains(&"tier 2".to_owned()), "{own_texts:?}");
    assert!(!own_texts.iter().any(|text| text.contains("October")), "{own_texts:?}");
    // It is not sent again to who has it.
    let tag = own.header("etag").to_owned();
    assert!(own.header("vary").contains("accept-language"), "{own}");
    let known = forge.with_header("if-none-match", &tag);
    known.get(&setting.at("price-curve.svg")).expect(304);

    let french = svg(&setting.staff.with_header("accept-language", "fr"), "?size=narrow");
    for text in ["0.981818 EUR", "octobre 2026", "à 110 hours", "encore 190 jusqu’à 300"] {
        assert!(has(french.text(), text), "{text}: {:?}", texts(french.text()));
    }
    assert!(has(french.text(), "palier 2") && french.text().contains("width=\"390\""));
    let dark = svg(&setting.staff, "?theme=dark");
    assert!(!dark.text().contains("#FFFFFF") && dark.text().contains("#11171E"));
    assert_eq!(texts(dark.text()), texts(staffs.text()));
    setting.staff.get(&setting.at("price-curve.svg?charge=1")).expect(404).problem();
    setting.staff.get(&setting.at("price-curve.svg?theme=pink")).expect(400).problem();
}

on_both!(a_cost_that_members_share_has_one_too);
fn a_cost_that_members_share_has_one_too(engine: Engine) {
    let setting = Setting::new(
        engine,
        &json!([
            { "kind": "recurring", "amount": "15" },
            { "kind": "shared_cost", "meter": "hours", "fixed": "110", "allocation": "equal" },
        ]),
    );
    setting.hours(&[("forge", "50"), ("atelier", "60")]);
    let of = |client: &palier_tests::Client| {
        let svg = client.get(&setting.at("price-curve.svg")).expect(200);
        texts(svg.text()).iter().any(|text| text == "at 110 hours")
    };
    let seen = || of(&setting.staff).then_some(());
    palier_tests::wait_for(std::time::Duration::from_mins(1), seen).expect("the pool's place");
    assert!(!of(&setting.key("member", &setting.members[0])), "a pool of two");
}
