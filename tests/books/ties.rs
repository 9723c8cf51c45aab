//! Every report fits the others, whatever happened.

use std::collections::BTreeMap;
use std::fs;

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use crate::invoices::setting::{Small, fee, graduated};

/// Cents.
pub(super) fn cents(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("no amount: {value}"));
    let (whole, cents) = text.split_once('.').unwrap();
    assert_eq!(cents.len(), 2, "{text}");
    format!("{whole}{cents}").parse().unwrap()
}

/// Numbers that look drawn by lot, and are the same every time.
struct Lot(u64);

impl Lot {
    fn below(&mut self, end: u64) -> u64 {
        // Xorshift (Marsaglia 2003).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Reports of a pole, over HTTP.
pub(super) struct Reports<'s>(pub(super) &'s Small);

impl Reports<'_> {
    #[track_caller]
    pub(super) fn get(&self, what: &str) -> Value {
        self.0.finance.get(&self.0.at(&format!("reports/{what}"))).expect(200).json()
    }

    /// Accounts of the balance of a period: opening, debits, credits, closing.
    #[track_caller]
    fn balance(&self, period: &str) -> BTreeMap<String, [i64; 4]> {
        let balance = self.get(&format!("trial-balance?period={period}"));
        let rows = balance["accounts"].as_array().unwrap().iter().map(|row| {
            let sums = ["opening", "debits", "credits", "closing"].map(|name| cents(&row[name]));
            (row["account"].as_str().unwrap().to_owned(), sums)
        });
        let rows: BTreeMap<_, _> = rows.collect();
        let sum = |at: usize| rows.values().map(|sums| sums[at]).sum::<i64>();
        assert_eq!([sum(0), sum(3), sum(1) - sum(2)], [0; 3], "{period}: {balance}");
        assert_eq!((sum(1), sum(2)), (cents(&balance["debits"]), cents(&balance["credits"])));
        for (account, [opening, debits, credits, closing]) in &rows {
            assert_eq!(opening + debits - credits, *closing, "{period} {account}");
        }
        rows
    }

    /// That all reports of a period fit its balance.
    #[track_caller]
    pub(super) fn fit(&self, period: &str) {
        let balance = self.balance(period);
        let of = |prefix: &str, sum: fn(&[i64; 4]) -> i64| -> i64 {
            balance.iter().filter(|(it, _)| it.starts_with(prefix)).map(|(_, it)| sum(it)).sum()
        };
        let moved = |[_, debits, credits, _]: &[i64; 4]| debits - credits;
        let closing = |[.., closing]: &[i64; 4]| *closing;
        // What members owe is what the accounts of customers stand at.
        let last = self.get(&format!("journal?period={period}"))["last_day"].clone();
        let as_of = last.as_str().unwrap();
        let aged = self.get(&format!("aged-receivables?as_of={as_of}"));
        let open = self.get(&format!("open-documents?as_of={as_of}"));
        let balances = self.get(&format!("member-balances?as_of={as_of}"));
        let by_company = self.get(&format!("trial-balance?by=company&period={period}"));
        let sum = |rows: &Value, field: &str| -> i64 {
            rows.as_array().unwrap().iter().map(|row| cents(&row[field])).sum()
        };
        let owed = of("411", closing);
        assert_eq!(cents(&aged["total"]["total"]), owed, "{period} {aged}");
        assert_eq!(sum(&aged["members"], "total"), owed);
        assert_eq!(
            (cents(&balances["balance"]), sum(&balances["members"], "balance")),
            (owed, owed)
        );
        assert_eq!(sum(&by_company["accounts"], "closing"), owed, "{period} {by_company}");
        assert_eq!(sum(&open["documents"], "open"), cents(&open["open"]));
        let member = |rows: &Value, code: &Value, field: &str| {
            let found = rows.as_array().unwrap().iter().find(|row| row["code"] == *code);
            found.map_or(0, |row| cents(&row[field]))
        };
        for row in by_company["accounts"].as_array().unwrap() {
            let (code, stands) = (&row["company"]["code"], cents(&row["closing"]));
            assert_eq!(member(&balances["members"], code, "balance"), stands, "{period} {code}");
        }
        // VAT to declare is what moved on its accounts; what waits stands on its own.
        let vat = self.get(&format!("vat?period={period}"));
        assert_eq!(cents(&vat["due"]), -of("44571", moved), "{period} {vat}");
        assert_eq!(cents(&vat["pending"]), -of("44574", closing), "{period} {vat}");
        // Revenue is the accounts of income, whichever way it is told apart.
        for by in ["service", "member"] {
            let revenue = self.get(&format!("revenue?by={by}&period={period}"));
            assert_eq!(cents(&revenue["total"]), -of("7", moved), "{period} {by} {revenue}");
            assert_eq!(sum(&revenue["rows"], "amount"), -of("7", moved));
        }
        // Entries, documents and payments come to the same movements.
        let journal = self.get(&format!("journal?period={period}"));
        let mut entered: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for entry in journal["entries"].as_array().unwrap() {
            assert_eq!(sum(&entry["lines"], "debit"), sum(&entry["lines"], "credit"), "{entry}");
            for line in entry["lines"].as_array().unwrap() {
                let sums = entered.entry(line["account"].as_str().unwrap().to_owned());
                let (debits, credits) = sums.or_default();
                *debits += cents(&line["debit"]);
                *credits += cents(&line["credit"]);
            }
        }
        let moving = balance.iter().filter(|(_, [_, debits, credits, _])| debits + credits != 0);
        let moving = moving.map(|(it, [_, debits, credits, _])| (it.clone(), (*debits, *credits)));
        assert_eq!(entered, moving.collect(), "{period}");
        let invoices = self.get(&format!("invoices?period={period}"));
        let payments = self.get(&format!("payments?period={period}"));
        let settled = sum(&payments["payments"], "settled") + sum(&payments["payments"], "credit");
        assert_eq!(cents(&invoices["gross"]) - settled, of("411", moved), "{period}");
        assert_eq!(cents(&payments["amount"]), of("512", moved) + of("517", moved), "{period}");
    }

    /// That the accounting file of a year comes to the balance of the year.
    #[track_caller]
    pub(super) fn fit_the_file(&self, year: &str) {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().to_str().unwrap();
        let export = ["fec", "export", "--pole", &self.0.pole.code, "--year", year, "--to", to];
        self.0.server.palier(export).success();
        let name = folder.path().join(format!("732829320FEC{year}1231.txt"));
        let file = fs::read_to_string(name).unwrap();
        let mut filed: BTreeMap<String, i64> = BTreeMap::new();
        for line in file.lines().skip(1) {
            let fields: Vec<_> = line.split('\t').collect();
            let amount = |at: usize| fields[at].replace(',', "").parse::<i64>().unwrap();
            *filed.entry(fields[4].to_owned()).or_default() += amount(11) - amount(12);
        }
        filed.retain(|_, balance| *balance != 0);
        let opens = file.contains("\nAN\t");
        let balance = self.balance(year).into_iter();
        // Without an opening entry, the file is of what moved.
        let told = balance
            .map(|(account, sums)| (account, if opens { sums[3] } else { sums[1] - sums[2] }))
            .filter(|(_, balance)| *balance != 0);
        assert_eq!(filed, told.collect(), "{year}");
    }
}

on_both!(whatever_happens_the_reports_fit_one_another);
fn whatever_happens_the_reports_fit_one_another(engine: Engine) {
    let small = Small::new(engine, &[fee(), graduated()]);
    let reports = Reports(&small);
    let mut lot = Lot(0x9e37_79b9_7f4a_7c15);
    for (month, issued) in
        [("2026-10", "2026-11-03"), ("2026-11", "2026-12-02"), ("2026-12", "2027-01-04")]
    {
        for member in ["forge", "usine"] {
            let hours = format!("{}.{:02}", lot.below(9_000), lot.below(100));
            small.used(&format!("{member}-{month}"), member, &format!("{month}-14"), &hours);
        }
        for command in ["run", "finalise"] {
            let now = format!("{issued}T08:00:00Z");
            small.try_invoices(&[command, "--now", &now], month).success();
        }
    }
    let list = small.finance.get(&small.at("invoices?limit=100")).expect(200).json();
    let mut recorded = Vec::new();
    for document in list["data"].as_array().unwrap() {
        let id = document["id"].as_str().unwrap();
        for _ in 0..lot.below(3) {
            recorded.push(happens(&small, document, &mut lot));
        }
        if lot.below(2) == 0 {
            let amount = format!("{}.{:02}", lot.below(10) + 1, lot.below(100));
            let credit = json!({ "reason": "Panne", "lines": [{ "line": 1, "amount": amount }] });
            small
                .finance
                .post(&small.at(&format!("invoices/{id}/credit-notes")), credit)
                .expect(201);
        }
    }
    let recorded: Vec<_> = recorded.into_iter().flatten().collect();
    assert!(recorded.len() > 3, "{recorded:?}");
    let why = json!({ "paid_on": "2028-01-20", "reference": "REJET", "note": "AC04" });
    let back = small.at(&format!("payments/{}/reverse", recorded[1]));
    small.finance.post(&back, why).expect(200);
    for period in [
        "2026-10", "2026-11", "2026-12", "2026-Q4", "2026", "2027-01", "2027-06", "2027-Q2",
        "2027", "2028-01", "2028-02", "2028-Q1", "2028",
    ] {
        reports.fit(period);
    }
    for year in ["2026", "2027", "2028"] {
        reports.fit_the_file(year);
    }
    assert_eq!(small.faults(), [""; 0]);
    // What somebody who owns the database puts wrong shows.
    let mut sql = small.sql();
    match engine {
        Engine::Sqlite => sql.run("DROP TRIGGER payment_allocations_are_not_changed"),
        Engine::Postgres => sql.run("SET session_replication_role = replica"),
    }
    sql.run(
        "UPDATE payment_allocations SET amount_minor = amount_minor - 1 \
         WHERE payment_id = (SELECT min(payment_id) FROM payment_allocations)",
    );
    assert!(!small.faults().is_empty());
}

/// A payment of a document, a loss, or money that settles nothing; its id, unless there is nothing.
fn happens(small: &Small, document: &Value, lot: &mut Lot) -> Option<String> {
    let (id, member) = (document["id"].as_str().unwrap(), document["member"].as_str().unwrap());
    let items = small.finance.get(&small.at(&format!("open-items?limit=100&member={member}")));
    let items = items.expect(200).json();
    let item = items["data"].as_array().unwrap().iter().find(|item| item["invoice"] == id);
    let open = item.map_or(0, |item| cents(&item["open"]));
    let part = (open / i64::try_from(lot.below(3) + 1).unwrap()).max(0);
    let (kind, method, over) = match lot.below(4) {
        0 if part > 0 => ("write_off", "none", 0),
        1 => ("payment", "card", 7),
        _ => ("payment", "transfer", 0),
    };
    let (day, amount) = (lot.below(28) + 1, part + over);
    if amount == 0 {
        return None;
    }
    let money = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    let parts =
        if part > 0 { json!([{ "invoice": id, "amount": money(part) }]) } else { json!([]) };
    let month =
        ["2026-12", "2027-01", "2027-06", "2028-01"][usize::try_from(lot.below(4)).unwrap()];
    let facts = json!({
        "kind": kind, "member": member, "method": method, "paid_on": format!("{month}-{day:02}"),
        "amount": money(amount), "reference": "VIR-1", "allocations": parts,
    });
    Some(small.finance.post(&small.at("payments"), facts).expect(201).string("/id"))
}
