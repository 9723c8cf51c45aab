//! `/livez` and `/readyz`: for whatever starts the service, watches it and sends it traffic.

use std::time::Duration;

use palier_tests::{Engine, Pole, Server, on_both, wait_for};
use serde_json::json;

use crate::people::at;
use crate::seed::member;
use crate::sql::Sql;

on_both!(a_server_that_can_do_its_work_is_alive_and_ready);
fn a_server_that_can_do_its_work_is_alive_and_ready(server: &Server) {
    for path in ["/livez", "/readyz"] {
        assert_eq!(server.client().get(path).expect(200).json(), json!({ "status": "ok" }));
    }
}

/// SQLite has no counterpart: its database is a file of the process's own, and is never away.
#[test]
fn a_server_whose_database_is_away_is_not_ready_until_it_is_back() {
    if !Engine::Postgres.is_here() {
        return;
    }
    let server = Server::start(Engine::Postgres);
    let pole = Pole::new(&server);
    let (cluster, database) = server.database_url().rsplit_once('/').unwrap();
    let mut elsewhere = Sql::open(&format!("{cluster}/postgres"));
    let let_in = |elsewhere: &mut Sql, whether: bool| {
        elsewhere.run(&format!("ALTER DATABASE \"{database}\" ALLOW_CONNECTIONS {whether}"));
    };
    let_in(&mut elsewhere, false);
    let ready = || server.client().get("/readyz");
    // Again and again: who was just being let in is not seen at first.
    let turned_out = || {
        elsewhere.lines(&format!(
            "SELECT pg_terminate_backend(pid)::text AS line FROM pg_stat_activity \
             WHERE datname = '{database}'"
        ));
        Some(ready()).filter(|answer| answer.status != 200)
    };
    let refused = wait_for(Duration::from_mins(1), turned_out).expect("its database is away");
    let made = pole.admin.post(&at(&pole, "/members"), member("forge", "732829320"));
    for refused in [refused, made] {
        let problem = refused.expect(503).problem();
        assert_eq!(problem["type"], "https://palier.dev/problems/unavailable");
    }
    server.client().get("/livez").expect(200);

    let_in(&mut elsewhere, true);
    let again = || (ready().status == 200).then_some(());
    wait_for(Duration::from_mins(1), again).expect("it is ready again, without a restart");
    pole.admin.post(&at(&pole, "/members"), member("forge", "732829320")).expect(201);
}

on_both!(a_server_is_not_ready_while_the_schema_is_not_its_own);
fn a_server_is_not_ready_while_the_schema_is_not_its_own(engine: Engine) {
    let server = Server::start(engine);
    let mut sql = Sql::open(server.database_url());
    let newest = "SELECT max(version) AS line FROM __diesel_schema_migrations";
    let version = sql.lines(newest).remove(0);
    let rename = |from: &str, to: &str| {
        format!("ALTER TABLE __diesel_schema_migrations RENAME COLUMN {from} TO {to}")
    };
    for (harm, mend) in [
        (
            format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"),
            format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')"),
        ),
        (rename("version", "revision"), rename("revision", "version")),
    ] {
        sql.run(&harm);
        let refused = server.client().get("/readyz").expect(503).problem();
        assert_eq!(refused["type"], "https://palier.dev/problems/unavailable", "{harm}");
        sql.run(&mend);
        server.client().get("/readyz").expect(200);
    }
}
