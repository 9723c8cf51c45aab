//! Bank statements: camt.053, and CSV by a mapping of its columns.

#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use palier_billing::Money;
use palier_billing::statement::{CsvMapping, Statement, read_camt, read_csv};

static MAPPING: LazyLock<CsvMapping> = LazyLock::new(|| {
    serde_json::from_str(
        r#"{ "booked_on": "Date", "value_on": "Valeur", "text": ["Libellé", "Détail"],
            "amount": { "debit": "Débit", "credit": "Crédit" }, "counterparty_iban": "IBAN" }"#,
    )
    .expect("a mapping")
});

fuzz_target!(|bytes: &[u8]| {
    for statement in read_camt(bytes).unwrap_or_default() {
        holds(&statement);
    }
    if let Ok(statement) = read_csv(bytes, &MAPPING, "FR7630006000011234567890189") {
        holds(&statement);
    }
});

/// What must be true of every statement that is read.
fn holds(statement: &Statement) {
    let keys: BTreeSet<_> = statement.lines.iter().map(|line| &line.key).collect();
    assert_eq!(keys.len(), statement.lines.len(), "two movements with one key");
    for line in &statement.lines {
        assert!(!line.remittance.contains(['\n', '\0']), "more than a line: {line:?}");
    }
    if let Some(balances) = &statement.balances {
        let currency = balances.opening.currency();
        let moved = statement.lines.iter().map(|line| line.amount);
        let moved = Money::sum(currency, moved).expect("a sum");
        let closing = balances.opening.checked_add(moved).expect("a sum");
        assert_eq!(closing, balances.closing, "balances that do not add up");
    }
}
