//! What the database refuses, and what shows if somebody gets past it.

use palier_tests::{Engine, on_both};

use super::setting::{Small, fee, graduated};
use crate::sql::Sql;

/// Six documents of three months, final, and drafts of a fourth.
fn four_months(engine: Engine) -> Small {
    let small = Small::new(engine, &[graduated(), fee()]);
    small.used("f", "forge", "2026-07-10", "6000");
    small.close("2026-07");
    small.close("2026-08");
    small.close("2026-09");
    small.run("2026-10");
    small
}

/// Each changes something that must not change.
const CHANGES: [&str; 13] = [
    "UPDATE invoices SET gross_minor = gross_minor + 1, net_minor = net_minor + 1 WHERE status = 'final'",
    "UPDATE invoices SET document = replace(document, '15', '16') WHERE status = 'final'",
    "UPDATE invoices SET status = 'draft', number = NULL WHERE status = 'final'",
    "UPDATE invoices SET due_on = '2030-01-01' WHERE status = 'final'",
    "DELETE FROM invoices WHERE status = 'final'",
    "UPDATE journal_entries SET total_minor = total_minor + 1",
    "UPDATE journal_entries SET piece = 'FA-2028-000009'",
    "DELETE FROM journal_entries",
    "UPDATE journal_lines SET debit_minor = debit_minor + 1 WHERE debit_minor > 0",
    "UPDATE journal_lines SET account = '707000'",
    "DELETE FROM journal_lines",
    "INSERT INTO journal_lines (pole_id, journal, year, seq, line, account, account_label, label, \
     debit_minor, credit_minor) SELECT pole_id, journal, year, seq, 99, '411000', 'Clients', 'x', 1, 0 \
     FROM journal_entries",
    "INSERT INTO journal_entries (pole_id, journal, year, seq, entry_on, piece, piece_on, label, \
     total_minor, recorded_at) SELECT pole_id, journal, year, seq + 100, entry_on, piece, piece_on, \
     label, 7, recorded_at FROM journal_entries",
];

/// What only SQLite has: rows that take the place of others.
const REPLACEMENTS: [&str; 3] = [
    "UPDATE OR REPLACE invoices SET number = 'FA-2028-000001', status = 'final' WHERE status = 'draft'",
    "INSERT OR REPLACE INTO invoices SELECT * FROM invoices WHERE status = 'final'",
    "INSERT OR REPLACE INTO journal_entries SELECT * FROM journal_entries",
];

on_both!(the_database_refuses_every_change);
fn the_database_refuses_every_change(engine: Engine) {
    let small = four_months(engine);
    let mut sql = small.sql();
    let more = if engine == Engine::Sqlite { &REPLACEMENTS[..] } else { &[] };
    for change in CHANGES.iter().chain(more) {
        let refused = sql.try_run(change).expect_err(change);
        let why = ["a final document never changes", "append-only", "balances"];
        assert!(why.iter().any(|why| refused.contains(why)), "{change}: {refused}");
    }
    assert_eq!(small.faults(), [""; 0]);
}

/// Each does what only somebody who owns the database could, and what `palier verify` says of it.
const BURGLARIES: [(&str, &str); 9] = [
    (
        "UPDATE invoices SET document = replace(document, '\"15\"', '\"16\"') \
         WHERE number = 'FA-2028-000001'",
        "FA-2028-000001: its seal does not fit",
    ),
    (
        "UPDATE invoices SET gross_minor = gross_minor + 1, vat_minor = vat_minor + 1 \
         WHERE number = 'FA-2028-000002'",
        "FA-2028-000002: its row has other sums",
    ),
    (
        "UPDATE invoices SET due_on = '2030-01-01' WHERE number = 'FA-2028-000003'",
        "FA-2028-000003: its row has another number or other days",
    ),
    (
        "UPDATE invoices SET seal = 'none' WHERE number = 'FA-2028-000005'",
        "FA-2028-000005: its seal does not fit",
    ),
    (
        "DELETE FROM invoices WHERE number = 'FA-2028-000004'",
        "FA-2028-000005: the number before it",
    ),
    (
        "DELETE FROM invoices WHERE number = 'FA-2028-000006'",
        "series invoice 2028: its end is missing",
    ),
    (
        "UPDATE journal_lines SET debit_minor = debit_minor + 1 WHERE seq = 2 AND debit_minor > 0",
        "2028 VE000002: it does not balance",
    ),
    (
        "DELETE FROM journal_lines WHERE seq = 3; DELETE FROM journal_entries WHERE seq = 3",
        "FA-2028-000003: the books have another amount for it",
    ),
    (
        "UPDATE journal_entries SET piece = 'FA-2028-000099' WHERE seq = 1",
        "FA-2028-000099: it is booked and is no document",
    ),
];

on_both!(whoever_gets_past_it_is_found_out);
fn whoever_gets_past_it_is_found_out(engine: Engine) {
    let small = four_months(engine);
    let mut sql = small.sql();
    unguard(&mut sql);
    for (burglary, told) in BURGLARIES {
        let is_told = |faults: &[String]| faults.iter().any(|fault| fault.starts_with(told));
        assert!(!is_told(&small.faults()), "{told} before its time");
        sql.run(burglary);
        let faults = small.faults();
        assert!(is_told(&faults), "{burglary}: {faults:?}");
    }
}

/// Takes the locks off.
fn unguard(sql: &mut Sql) {
    if matches!(sql, Sql::Postgres(_)) {
        // Foreign keys are triggers as well, so that all are off for this connection.
        return sql.run("SET session_replication_role = replica");
    }
    sql.run("PRAGMA foreign_keys = OFF");
    let triggers = "SELECT name AS line FROM sqlite_master WHERE type = 'trigger' \
                    AND tbl_name IN ('invoices', 'journal_entries', 'journal_lines')";
    for trigger in sql.lines(triggers) {
        sql.run(&format!("DROP TRIGGER {trigger}"));
    }
}
