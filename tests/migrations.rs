//! The schema: the same on both engines, ready to be spread by pole, and every step of it can be
//! taken back.

mod catalog;

use std::collections::BTreeSet;
use std::fs;

use palier_tests::{Engine, Pole, Server, on_both, wait_for, workspace};

use crate::seed::{self, seed};
use crate::sql::Sql;
use catalog::catalog;

/// The names of all migrations, oldest first.
fn names(engine: &str) -> Vec<String> {
    let folder = workspace().join("migrations").join(engine);
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

fn script(engine: &str, name: &str, which: &str) -> String {
    fs::read_to_string(workspace().join(format!("migrations/{engine}/{name}/{which}.sql"))).unwrap()
}

#[test]
fn both_engines_have_the_same_migrations() {
    assert_eq!(names("sqlite"), names("postgres"));
}

/// Tables under which SQLite makes others anew, whose checks it cannot change: they take the other's name in
/// the same step.
fn remade(script: &str) -> Vec<String> {
    let renamed = script.split("ALTER TABLE ").skip(1);
    let name = |rest: &str| rest.split_once(" RENAME TO ").map(|(name, _)| name.to_owned());
    renamed.filter_map(name).filter(|name| !name.contains(char::is_whitespace)).collect()
}

/// Checks, defaults and comments included; triggers are each engine's own.
#[test]
fn both_engines_make_the_same_tables_with_the_same_words() {
    for name in names("sqlite") {
        let tables = |engine: &str| {
            let script = script(engine, &name, "up").replace("BYTEA", "BLOB");
            // A table in the order of its key is SQLite’s to ask for.
            let script = script.replace(") WITHOUT ROWID;", ");");
            let remade = remade(&script);
            let mut parts = Vec::new();
            // So is how a table is put together: what it holds is compared below.
            for part in script.split("\n\n").filter(|part| !part.contains(" PARTITION ")) {
                // And how a table is made anew: what it comes to is compared with the other schema.
                if remade.iter().any(|name| part.contains(&format!("CREATE TABLE {name} "))) {
                    continue;
                }
                let from = part.find("CREATE TABLE").or_else(|| part.find("CREATE INDEX"));
                let from = from.or_else(|| part.find("CREATE UNIQUE INDEX"));
                let end = part.find("CREATE TRIGGER").unwrap_or(part.len());
                if from.is_some_and(|from| from < end) {
                    parts.push(part[..end].trim().to_owned());
                }
            }
            parts
        };
        assert_eq!(tables("sqlite"), tables("postgres"), "{name}");
    }
}

#[test]
fn both_engines_have_the_same_schema() {
    if !Engine::Postgres.is_here() {
        return;
    }
    let lines = |engine: Engine| -> BTreeSet<String> {
        let mut server = Server::start(engine);
        server.stop();
        catalog(&mut Sql::open(server.database_url())).into_iter().collect()
    };
    let (sqlite, postgres) = (lines(Engine::Sqlite), lines(Engine::Postgres));
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.difference(other).cloned().collect::<Vec<_>>().join("\n  ")
    };
    assert!(
        sqlite == postgres,
        "only on SQLite:\n  {}\nonly on PostgreSQL:\n  {}",
        only(&sqlite, &postgres),
        only(&postgres, &sqlite)
    );
    // The program need not know what a column has that an older row was given.
    let without_default = |line: &String| line.split(" default ").next().unwrap().to_owned();
    let columns: BTreeSet<_> =
        sqlite.iter().filter(|line| line.starts_with("column ")).map(without_default).collect();
    let program: BTreeSet<_> = catalog::of_the_program().into_iter().collect();
    assert!(
        columns == program,
        "only in the database:\n  {}\nonly in api/src/db/schema.rs:\n  {}",
        only(&columns, &program),
        only(&program, &columns)
    );
}

/// Tables of the deployment and not of a pole.
const OF_THE_DEPLOYMENT: [&str; 1] = ["signing_keys"];

on_both!(every_key_of_a_pole_s_table_begins_with_the_pole);
fn every_key_of_a_pole_s_table_begins_with_the_pole(server: &Server) {
    let mut sql = Sql::open(server.database_url());
    let catalog = catalog(&mut sql);
    for table in sql.tables() {
        let has_pole = catalog.contains(&format!("column {table}.pole_id text not null"));
        assert_eq!(has_pole, !OF_THE_DEPLOYMENT.contains(&table.as_str()), "{table}");
    }
    let mut keys = Vec::new();
    for line in &catalog {
        let unique = line.strip_prefix("primary key ").or_else(|| line.strip_prefix("unique "));
        let rest = unique.unwrap_or_default();
        let (table, columns) = rest.split_once('(').unwrap_or_default();
        // A pole is found by its code before anybody knows its id.
        let exempt = OF_THE_DEPLOYMENT.contains(&table) || rest == "poles(code)";
        if unique.is_some() && !exempt {
            assert!(columns.starts_with("pole_id,") || columns.starts_with("pole_id)"), "{line}");
            keys.push(line);
        }
        if let Some(foreign) = line.strip_prefix("foreign key ") {
            let (from, to) = foreign.split_once(" → ").unwrap();
            assert!(from.contains("(pole_id") && to.contains("(pole_id"), "{line}");
            keys.push(line);
        }
    }
    assert!(keys.len() > 10, "{catalog:#?}");
}

on_both!(every_migration_goes_down_and_up_with_data_in_it);
fn every_migration_goes_down_and_up_with_data_in_it(engine: Engine) {
    let platform = tempfile::tempdir().unwrap();
    let mut server =
        Server::builder(engine).env("PALIER_EINVOICING_FOLDER", platform.path()).start();
    let pole = Pole::new(&server);
    fs::create_dir(platform.path().join(&pole.code)).unwrap();
    seed(&pole);
    seed::invoice(&server, &pole);
    // A moment later, a document is given to the platform, days are added up, and then a tier is told of.
    let behind = |table: &str| {
        let counts = Sql::open(server.database_url()).counts();
        (!counts.contains(&format!("{table} 0"))).then_some(())
    };
    for table in ["einvoice_messages", "usage_days", "tiers_told"] {
        assert_eq!(wait_for(seed::PATIENCE, || behind(table)), Some(()), "{table}");
    }
    server.stop();
    let url = server.database_url().to_owned();
    let names = names("sqlite");
    let before = (catalog(&mut Sql::open(&url)), Sql::open(&url).counts());
    for (left_over, count) in (0..names.len()).rev().zip(1..) {
        let (kept, gone) = names.split_at(left_over);
        let data = Sql::open(&url).counts();
        let said = server.palier(["migrations", "revert", "--count", &count.to_string()]);
        assert_eq!(said.success(), format!("{count}\n"));
        let left = Sql::open(&url).counts();
        let made = |names: &[String]| -> BTreeSet<String> {
            let scripts = names.iter().map(|name| script("sqlite", name, "up"));
            let tables = scripts.flat_map(|script| {
                let tables = script.split("CREATE TABLE ").skip(1);
                let remade = remade(&script);
                let names = tables.map(|rest| rest.split(' ').next().unwrap().to_owned());
                names.filter(|name| !remade.contains(name)).collect::<Vec<_>>()
            });
            tables.collect()
        };
        let table = |line: &String| line.split(' ').next().unwrap().to_owned();
        let tables: BTreeSet<_> = left.iter().map(table).collect();
        assert_eq!(tables, made(kept), "after taking back {gone:?}");
        // What stayed has its rows, whatever went.
        assert!(left.iter().all(|line| data.contains(line)), "{left:?} of {data:?}");
        let said = server.palier(["migrations", "run"]).success();
        assert_eq!(said, format!("{count}\n"));
        assert_eq!(catalog(&mut Sql::open(&url)), before.0, "{gone:?} came back differently");
    }
    // These queues empty themselves.
    let queues = ["jobs ", "usage_deltas ", "einvoice_outbox "];
    let queue = |line: &str| queues.iter().any(|queue| line.starts_with(queue));
    let empty = |line: &&String| line.ends_with(" 0") && !queue(line);
    let never: Vec<_> = before.1.iter().filter(empty).collect();
    assert!(never.is_empty(), "no data in {never:?}: add some to seed.rs");
    server.restart();
    Pole::new(&server).admin.get("/readyz").expect(200);
}

#[test]
fn a_migration_is_not_taken_back_in_production() {
    let mut server = Server::start(Engine::Sqlite);
    server.stop();
    let revert = ["migrations", "revert", "--mode", "production"];
    let refused = server.palier(revert).failure(2);
    assert!(refused.contains("production"), "{refused}");
    let tables = Sql::open(server.database_url()).tables();
    assert!(tables.contains(&"members".to_owned()), "{tables:?}");
}

on_both!(two_servers_bring_one_database_up_to_date_at_once);
fn two_servers_bring_one_database_up_to_date_at_once(engine: Engine) {
    let mut first = Server::start(engine);
    first.stop();
    let all = names("sqlite").len();
    first.palier(["migrations", "revert", "--count", &all.to_string()]).success();
    let url = first.database_url();
    std::thread::scope(|threads| {
        let starts: Vec<_> = (0..4)
            .map(|_| threads.spawn(|| drop(Server::builder(engine).database(url).start())))
            .collect();
        for start in starts {
            start.join().unwrap();
        }
    });
    assert!(Sql::open(url).tables().contains(&"members".to_owned()));
}
