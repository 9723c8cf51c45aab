//! What the database refuses, and what shows if somebody gets past it.

use palier_tests::{Engine, on_both};

use super::super::setting::Small;
use super::{credit, granted, july};
use crate::sql::Sql;

/// July final, which drew 100 € of a credit and all of another; a third is drawn by nobody.
fn drawn(engine: Engine) -> Small {
    let small = july(engine);
    granted(&small, "forge", &credit("40.00", "2026-01-01", Some("2027-01-01")));
    granted(&small, "forge", &credit("1000.00", "2026-01-01", None));
    granted(&small, "usine", &credit("7.00", "2030-01-01", None));
    small.close("2026-07");
    small
}

const CHANGES: [&str; 8] = [
    "UPDATE credit_grants SET amount_minor = amount_minor + 1",
    "UPDATE credit_grants SET valid_until = '2031-01-01', revoked_at = 1, revoked_for = 'x', version = 2",
    "UPDATE credit_grants SET revoked_at = 1, revoked_for = 'x' WHERE amount_minor = 4000",
    "DELETE FROM credit_grants",
    "UPDATE credit_draws SET amount_minor = amount_minor - 1",
    "DELETE FROM credit_draws",
    // More than was granted, and by a document that is final.
    "INSERT INTO credit_draws SELECT pole_id, invoice_id, line + 50, grant_id, amount_minor, 0 \
     FROM credit_draws WHERE amount_minor = 4000",
    "INSERT INTO credit_draws SELECT pole_id, invoice_id, line + 50, grant_id, 1, 0 \
     FROM credit_draws WHERE amount_minor <> 4000",
];

on_both!(the_database_refuses_to_draw_more_or_to_forget);
fn the_database_refuses_to_draw_more_or_to_forget(engine: Engine) {
    let small = drawn(engine);
    let mut sql = small.sql();
    for change in CHANGES {
        let refused = sql.try_run(change).expect_err(change);
        let why = ["taken back unused", "stays as it is", "not drawn by more"];
        assert!(why.iter().any(|why| refused.contains(why)), "{change}: {refused}");
    }
    if engine == Engine::Sqlite {
        sql.try_run("INSERT OR REPLACE INTO credit_grants SELECT * FROM credit_grants")
            .unwrap_err();
        sql.try_run("INSERT OR REPLACE INTO credit_draws SELECT * FROM credit_draws").unwrap_err();
    }
    assert_eq!(small.faults(), [""; 0]);
}

/// Each does what only somebody who owns the database could, what `palier verify` says of it, and what
/// mends it.
const BURGLARIES: [(&str, &str, &str); 6] = [
    (
        "UPDATE credit_draws SET amount_minor = 3999 WHERE amount_minor = 4000",
        "FA-2028-000001: a line of it draws another amount",
        "UPDATE credit_draws SET amount_minor = 4000 WHERE amount_minor = 3999",
    ),
    (
        "UPDATE credit_draws SET line = 90 WHERE amount_minor = 4000",
        "FA-2028-000001: a line of it draws another amount",
        "UPDATE credit_draws SET line = 3 WHERE amount_minor = 4000",
    ),
    (
        "INSERT INTO credit_draws SELECT pole_id, invoice_id, 91, grant_id, 1, 0 \
         FROM credit_draws WHERE amount_minor <> 4000",
        "FA-2028-000001: more is noted to be drawn",
        "DELETE FROM credit_draws WHERE line = 91",
    ),
    (
        "UPDATE credit_grants SET amount_minor = 3000 WHERE amount_minor = 4000",
        "grt_",
        "UPDATE credit_grants SET amount_minor = 4000 WHERE amount_minor = 3000",
    ),
    (
        "UPDATE credit_grants SET revoked_at = 1, revoked_for = 'x' WHERE amount_minor = 4000",
        "grt_",
        "UPDATE credit_grants SET revoked_at = NULL, revoked_for = NULL WHERE amount_minor = 4000",
    ),
    (
        "UPDATE credit_draws SET grant_id = (SELECT grant_id FROM credit_grants WHERE amount_minor = 700), \
         amount_minor = 700 WHERE amount_minor = 4000",
        "FA-2028-000001: it draws a credit of another member",
        "UPDATE credit_draws SET grant_id = (SELECT grant_id FROM credit_grants WHERE amount_minor = 4000), \
         amount_minor = 4000 WHERE amount_minor = 700",
    ),
];

on_both!(whoever_gets_past_it_is_found_out);
fn whoever_gets_past_it_is_found_out(engine: Engine) {
    let small = drawn(engine);
    let mut sql = small.sql();
    unguard(&mut sql);
    for (burglary, told, mended) in BURGLARIES {
        sql.run(burglary);
        let faults = small.faults();
        assert!(faults.iter().any(|fault| fault.starts_with(told)), "{burglary}: {faults:?}");
        sql.run(mended);
        assert_eq!(small.faults(), [""; 0], "{mended}");
    }
    sql.run("DELETE FROM credit_draws");
    let faults = small.faults();
    let told = "FA-2028-000001: a line of it draws another amount of a credit than is noted";
    assert_eq!(faults, [told]);
}

/// Takes the locks off.
fn unguard(sql: &mut Sql) {
    if matches!(sql, Sql::Postgres(_)) {
        return sql.run("SET session_replication_role = replica");
    }
    sql.run("PRAGMA foreign_keys = OFF");
    let triggers = "SELECT name AS line FROM sqlite_master WHERE type = 'trigger' \
                    AND tbl_name IN ('credit_grants', 'credit_draws')";
    for trigger in sql.lines(triggers) {
        sql.run(&format!("DROP TRIGGER {trigger}"));
    }
}
