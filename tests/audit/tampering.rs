//! What a burglar does to the log behind the service's back, and what comes of it.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

use palier_tests::{Engine, Pole, Server, on_both};
use serde_json::{Value, json};

use crate::people::at;
use crate::seed::seed;
use crate::sql::Sql;

#[track_caller]
fn verification(pole: &Pole) -> Value {
    pole.admin.get(&at(pole, "/audit-log/verification")).expect(200).json()
}

fn columns(replaced: &str, value: &str) -> String {
    ["pole_id", "seq", "at", "actor", "action", "object", "request", "changes", "seal"]
        .map(|it| if it == replaced { value } else { it })
        .join(", ")
}

on_both!(the_database_refuses_to_change_the_log);
fn the_database_refuses_to_change_the_log(engine: Engine) {
    let server = Server::start(engine);
    let pole = Pole::new(&server);
    let mut sql = Sql::open(server.database_url());
    let before = verification(&pole);
    let row = "SELECT pole_id, seq, at, 'nobody', action, object, request, changes, seal \
               FROM audit_log WHERE seq = 1";
    let engines_own = match engine {
        // It deletes the row that is in its way, without a word to triggers that watch deletions.
        Engine::Sqlite => vec![
            format!("INSERT OR REPLACE INTO audit_log {row}"),
            "UPDATE OR REPLACE audit_log SET seq = 1 WHERE seq = 2".to_owned(),
        ],
        Engine::Postgres => vec![
            "TRUNCATE audit_log".to_owned(),
            format!(
                "INSERT INTO audit_log {row} \
                 ON CONFLICT (pole_id, seq) DO UPDATE SET actor = excluded.actor"
            ),
        ],
    };
    let anyones = [
        "UPDATE audit_log SET actor = 'nobody' WHERE seq = 1",
        "UPDATE audit_log SET seal = seal",
        "DELETE FROM audit_log WHERE seq = 2",
        "DELETE FROM audit_log",
    ];
    for statement in anyones.into_iter().map(str::to_owned).chain(engines_own) {
        let refused = sql.try_run(&statement).expect_err(&statement);
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(verification(&pole), before);
}

// The triggers keep mistakes out; whoever owns the database can take them away, and then it shows.
on_both!(whatever_is_done_to_the_log_shows_and_where);
fn whatever_is_done_to_the_log_shows_and_where(engine: Engine) {
    let server = Server::start(engine);
    let (pole, other) = (Pole::new(&server), Pole::new(&server));
    seed(&pole);
    let mut sql = Sql::open(server.database_url());
    sql.run(match engine {
        Engine::Sqlite => {
            "DROP TRIGGER audit_log_is_not_changed; DROP TRIGGER audit_log_is_not_deleted"
        }
        Engine::Postgres => "SET session_replication_role = replica",
    });
    sql.run(&format!(
        "CREATE TABLE kept AS SELECT * FROM audit_log WHERE pole_id = '{id}'; \
         CREATE TABLE kept_head AS SELECT * FROM audit_heads WHERE pole_id = '{id}'",
        id = pole.id
    ));
    let last = verification(&pole)["entries"].as_i64().unwrap();
    assert!(last > 10, "{last}");

    let ours = |seq: i64| format!("WHERE pole_id = '{}' AND seq = {seq}", pole.id);
    let edit = |what: &str, seq: i64| format!("UPDATE audit_log SET {what} {}", ours(seq));
    let delete = |seq: i64| format!("DELETE FROM audit_log {}", ours(seq));
    let head = |what: &str| format!("UPDATE audit_heads SET {what} WHERE pole_id = '{}'", pole.id);
    let copy = |replaced: &str, value: &str, seq: i64| {
        let columns = columns(replaced, value);
        format!("INSERT INTO audit_log SELECT {columns} FROM kept {}", ours(seq))
    };
    let harms = [
        (edit("at = at + 1", 5), 5),
        (edit("actor = 'operator'", 5), 5),
        (edit("action = 'member.deleted'", 5), 5),
        (edit("object = 'mbr_1'", 5), 5),
        (edit("request = 'req_1'", 5), 5),
        (edit("changes = '{}'", 5), 5),
        // The same to whoever reads it as JSON, and not what was written.
        (edit("changes = changes || ' '", 5), 5),
        (edit(&format!("seal = '{}'", "0".repeat(64)), 5), 5),
        (delete(1), 1),
        (delete(7), 7),
        (delete(last), last),
        (format!("DELETE FROM audit_log WHERE pole_id = '{}'", pole.id), 1),
        // Two change places.
        (format!("{}; {}; {}", edit("seq = 0", 4), edit("seq = 4", 6), edit("seq = 6", 0)), 4),
        // One is missing, and those behind it close up.
        (format!("{}; {}", delete(last - 1), edit("seq = seq - 1", last)), last - 1),
        // One too many: at the end, and in another pole's chain.
        (copy("seq", "seq + 1", last), last + 1),
        (edit(&format!("pole_id = '{}', seq = 99", other.id), 9), 9),
        // The end is cut off, and the head says so too: only its seal does not fit.
        (format!("{}; {}", delete(last), head("seq = seq - 1")), last),
        (head("seal = ''"), last + 1),
    ];
    for (harm, expected) in harms {
        sql.run(&harm);
        let broken = json!({ "intact": false, "entries": expected - 1, "broken_at": expected });
        assert_eq!(verification(&pole), broken, "{harm}");
        sql.run(&format!(
            "DELETE FROM audit_log WHERE pole_id = '{id}' OR seq = 99; \
             INSERT INTO audit_log SELECT * FROM kept; \
             UPDATE audit_heads SET seq = (SELECT seq FROM kept_head), \
             seal = (SELECT seal FROM kept_head) WHERE pole_id = '{id}'",
            id = pole.id
        ));
        assert_eq!(verification(&pole), json!({ "intact": true, "entries": last }), "{harm}");
    }
    // Each pole has a chain of its own.
    assert_eq!(verification(&other)["intact"], json!(true));
}
