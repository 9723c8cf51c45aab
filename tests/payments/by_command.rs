//! `palier payments record` and `list`.

use palier_tests::{Engine, Finished, on_both};
use serde_json::{Value, json};

use super::Setting;

impl Setting {
    fn command(&self, told: &[&str]) -> Finished {
        let pole = ["--pole", &self.small.pole.code];
        self.small.server.palier(["payments"].iter().chain(told).chain(&pole))
    }
}

on_both!(the_command_records_and_lists);
fn the_command_records_and_lists(engine: Engine) {
    let setting = Setting::new(engine);
    let items = setting.open("forge");
    let numbers: Vec<_> = items.iter().map(|it| it["number"].as_str().unwrap()).collect();
    let record = |more: &[&str]| {
        let told =
            ["record", "--member", "forge", "--reference", "CHQ-7", "--paid-on", "2028-01-15"];
        setting.command(&[&told[..], more].concat())
    };
    // What is open of the first, and so much of the second.
    let second = format!("{}=30.00", numbers[1]);
    let told =
        ["--amount", "150", "--method", "cheque", "--invoice", numbers[0], "--invoice", &second];
    let said = record(&told).success();
    assert!(
        said.contains("2028-01-15") && said.contains("150.00") && said.contains("CHQ-7"),
        "{said}"
    );
    assert_eq!(setting.amounts("forge"), ["90.00"]);
    let told = ["--kind", "write_off", "--amount", "90", "--invoice", numbers[1], "--json"];
    let lost: Value = serde_json::from_str(&record(&told).success()).unwrap();
    assert_eq!((&lost["kind"], &lost["method"]), (&json!("write_off"), &json!("none")));
    assert_eq!(setting.amounts("forge"), [""; 0]);
    let listed = setting.command(&["list", "--json"]).success();
    let listed: Vec<Value> = listed.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let over_http = setting.small.finance.get(&setting.small.at("payments")).expect(200).json();
    assert_eq!(json!(listed), over_http["data"]);
    let table = setting.command(&["list", "--member", "forge"]).success();
    assert_eq!(table.lines().count(), 4, "{table}");
    let table = setting.command(&["list", "--member", "usine"]).success();
    assert_eq!(table.lines().count(), 2, "{table}");
    // Each in one line, and nothing is recorded.
    let unknown = ["--amount", "1", "--invoice", "FA-1"];
    let open = ["--amount", "1", "--invoice", numbers[0]];
    for (told, expected) in [
        (&["--amount", "1.234"][..], "--amount 1.234: expected an amount in EUR"),
        (&["--amount", "-1"][..], "--amount -1: expected an amount in EUR"),
        (&unknown[..], "FA-1: no document has this number"),
        (&open[..], "nothing of it is open"),
        (&["--amount", "1", "--kind", "gift"][..], "--kind: expected payment, refund or write_off"),
        (&["--amount", "1", "--kind", "refund"][..], "more than the member’s credit"),
        (&["--amount", "1", "--method", "none"][..], "--method: expected transfer"),
    ] {
        let said = record(told).failure(2);
        assert!(said.contains(expected) && said.lines().count() == 1, "{told:?}: {said}");
    }
    let nobody = ["record", "--member", "nobody", "--amount", "1", "--reference", "x", "--paid-on"];
    let said = setting.command(&[&nobody[..], &["2028-01-15"]].concat()).failure(2);
    assert_eq!(said, "palier: member: there is none called \"nobody\"\n");
    let later = ["record", "--member", "forge", "--amount", "1", "--reference", "x", "--paid-on"];
    let said = setting.command(&[&later[..], &["2028-02-02"]].concat()).failure(2);
    assert_eq!(said, "palier: The day has not come yet.\n");
    assert_eq!(setting.small.faults(), [""; 0]);
}
