//! What is settled, in the accounting file: postings that come to nothing together share a letter.

use std::collections::BTreeMap;

use palier_tests::{Engine, on_both, scratch};
use serde_json::json;

use super::Setting;

/// A line of the file that is on a member's account: letter, its day, entry, whose, cents.
type Line = (String, String, String, String, i64);

impl Setting {
    /// The lines of the accounting file on members' accounts, and its bytes.
    #[track_caller]
    fn lettered(&self, year: &str) -> (Vec<Line>, Vec<u8>) {
        let folder = scratch("fec");
        let pole = &self.small.pole.code;
        let to = ["--year", year, "--pole", pole, "--to", folder.to_str().unwrap()];
        self.small.server.palier(["fec", "export"].iter().chain(&to)).success();
        let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let bytes = std::fs::read(file).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let cents = |amount: &str| amount.replace(',', "").parse::<i64>().unwrap();
        let line = |line: &str| {
            let fields: Vec<_> = line.split('\t').map(str::to_owned).collect();
            let amount = cents(&fields[11]) - cents(&fields[12]);
            let [entry, whose, letter, on] = [2, 6, 13, 14].map(|nth: usize| fields[nth].clone());
            (letter, on, entry, whose, amount)
        };
        let lines = text.lines().skip(1).map(line).filter(|(_, _, _, whose, _)| !whose.is_empty());
        (lines.collect(), bytes)
    }
}

/// Entries and cents by letter; a letter is of one member and one day, and comes to nothing.
#[track_caller]
fn by_letter(lines: &[Line]) -> BTreeMap<String, Vec<(String, i64)>> {
    let mut letters: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        letters.entry(line.0.clone()).or_default().push(line);
    }
    let open = letters.remove("").unwrap_or_default();
    assert!(open.iter().all(|(_, on, ..)| on.is_empty()), "no letter, no day: {open:?}");
    let of = |(letter, lines): (String, Vec<&Line>)| {
        let (first, sum) = (lines[0], lines.iter().map(|line| line.4).sum::<i64>());
        assert!(sum == 0 && lines.len() > 1, "{letter}: {lines:?}");
        assert!(lines.iter().all(|it| (&it.1, &it.3) == (&first.1, &first.3)), "{lines:?}");
        assert_eq!(first.1.len(), 8, "{lines:?}");
        (letter, lines.into_iter().map(|it| (it.2.clone(), it.4)).collect())
    };
    letters.into_iter().map(of).collect()
}

on_both!(what_is_settled_shares_a_letter);
fn what_is_settled_shares_a_letter(engine: Engine) {
    let setting = Setting::new(engine);
    let (lines, _) = setting.lettered("2028");
    assert_eq!((lines.len(), by_letter(&lines).len()), (4, 0));
    let (first, second) = (setting.forge[0].as_str(), setting.forge[1].as_str());
    // In two parts, the second with something left, which pays a part of the next document.
    setting.record(setting.facts("payment", "forge", "50.00", &[(first, "50.00")]));
    assert_eq!(by_letter(&setting.lettered("2028").0).len(), 0, "it is open still");
    // The company has another name from here on; it is the same.
    let id = &setting.small.members["forge"];
    setting.small.patch(&format!("members/{id}"), json!({ "name": "Forge du Nord SAS" }));
    setting.record(setting.facts("payment", "forge", "100.00", &[(first, "70.00")]));
    let letters = by_letter(&setting.lettered("2028").0);
    assert_eq!(letters.keys().collect::<Vec<_>>(), ["AA"]);
    let amounts: Vec<_> = letters["AA"].iter().map(|(_, cents)| *cents).collect();
    assert_eq!(amounts, [-5_000, -7_000, 12_000], "in the order of the file");
    let at = setting.small.at(&format!("members/{id}/credit/use"));
    let all = json!({ "reference": "COMP-1", "paid_on": "2028-01-31" });
    setting.small.finance.post(&at, all).expect(201);
    let (lines, bytes) = setting.lettered("2028");
    let letters = by_letter(&lines);
    // The credit is used up, the second document not settled yet.
    assert_eq!(letters.keys().collect::<Vec<_>>(), ["AA", "AB"]);
    assert_eq!(letters["AB"].iter().map(|it| it.1).collect::<Vec<_>>(), [-3_000, 3_000]);
    assert!(lines.iter().any(|(letter, on, ..)| letter == "AB" && on == "20280131"));
    assert_eq!(setting.lettered("2028").1, bytes, "the same bytes once more");
    // A credit note beside the rest of its invoice.
    let credit = json!({ "reason": "Panne", "lines": [{ "line": 1, "amount": "10.00" }] });
    let credit = setting
        .small
        .finance
        .post(&setting.small.at(&format!("invoices/{second}/credit-notes")), credit);
    let credit = credit.expect(201).string("/id");
    let parts = [(second, "90.00"), (credit.as_str(), "12.00")];
    let last = setting.record(setting.facts("payment", "forge", "78.00", &parts));
    let letters = by_letter(&setting.lettered("2028").0);
    assert_eq!(letters.keys().collect::<Vec<_>>(), ["AA", "AB", "AC", "AD"]);
    // What comes back opens it again; what was lettered before keeps its letter.
    setting.reverse(&last, 200);
    let letters = by_letter(&setting.lettered("2028").0);
    assert_eq!(letters.keys().collect::<Vec<_>>(), ["AA", "AB"]);
    // A loss settles as well.
    let parts = [(second, "90.00")];
    setting.record(setting.facts("write_off", "forge", "90.00", &parts));
    let letters = by_letter(&setting.lettered("2028").0);
    assert_eq!(letters.keys().collect::<Vec<_>>(), ["AA", "AB", "AC"]);
    assert!(letters["AC"].iter().any(|(entry, _)| entry.starts_with("OD")), "{letters:?}");
    assert_eq!(setting.small.faults(), [""; 0]);
}
