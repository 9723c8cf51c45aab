//! What the service bears, against the least that an HTTP server can do.
//!
//! `cargo bench -p palier-tests --bench load -- [catalogue] [board] [ingest] [overload] [invoicing]
//! [documents] [--seconds N] [--rounds N] [--connections N] [--workers N] [--stored N] [--members N]
//! [--engine sqlite|postgres]`; `--rounds 1` is a quick look.
//!
//! The load runs in this process, every server in its own: the service on SQLite, the service on
//! PostgreSQL, and an actix-web handler that answers nothing, to the same request. Each measurement
//! comes right after one of that handler, and counts as its ratio to it: that holds where a machine's
//! speed does not. A server has one worker unless more are asked for, so that the load has a
//! processor of its own.
//!
//! A scenario is a file. [`catalogue`] and [`board`] ask for the same again and again, in
//! [`client::Target`]s that [`report`] measures and prints. [`ingest`] and [`overload`] report usage,
//! each request another, by [`posts`]; [`ingest`] compares with raw loaders and with servers that
//! do less, and begins with `--stored N` events in the tables (10,000,000 for what a pole has after
//! years, which takes minutes to write). Events wait for the disk here: PostgreSQL runs as a small
//! server would have it, and not as the tests do. [`invoicing`] closes a month of `--members N` companies,
//! and [`documents`] makes files of what is final.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::arithmetic_side_effects,
    reason = "a benchmark that cannot measure has nothing better to do than to stop"
)]

mod board;
mod catalogue;
mod client;
mod documents;
mod empty;
mod ingest;
mod invoicing;
mod overload;
mod posts;
mod process;
mod report;
mod rivals;
mod sql;
mod usage_pole;

use palier_tests::Engine;

/// A scenario, by its name on the command line.
type Scenario = (&'static str, fn(&Options));

const SCENARIOS: [Scenario; 6] = [
    ("catalogue", catalogue::run),
    ("board", board::run),
    ("ingest", ingest::run),
    ("overload", overload::run),
    ("invoicing", invoicing::run),
    ("documents", documents::run),
];

fn main() {
    // This program starts itself once more, as the yardstick.
    if let Some(workers) = std::env::var_os(empty::WORKERS) {
        return empty::serve(workers.to_str().and_then(|it| it.parse().ok()).expect("a number"));
    }
    let options = Options::read(std::env::args().skip(1));
    eprintln!("building `palier` first, if this release is not there yet");
    for (name, run) in SCENARIOS {
        if options.scenarios.is_empty() || options.scenarios.iter().any(|it| it == name) {
            run(&options);
        }
    }
}

/// What may be said on the command line.
struct Options {
    /// Which scenarios; all, if none is named.
    scenarios: Vec<String>,
    /// How long each address is measured in a round.
    seconds: u32,
    rounds: u32,
    connections: u32,
    /// Threads that answer, of each server.
    workers: u32,
    /// Usage events that are there before.
    stored: u32,
    /// Companies whose month is closed.
    members: u32,
    /// The only one that is measured; both, if none is named.
    engine: Option<Engine>,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut options = Self {
            scenarios: Vec::new(),
            seconds: 1,
            rounds: 9,
            connections: 64,
            workers: 1,
            stored: 0,
            members: 1_000,
            engine: None,
        };
        while let Some(argument) = arguments.next() {
            if argument == "--engine" {
                options.engine = Some(match arguments.next().as_deref() {
                    Some("sqlite") => Engine::Sqlite,
                    Some("postgres") => Engine::Postgres,
                    other => panic!("--engine: expected sqlite or postgres, found {other:?}"),
                });
                continue;
            }
            let mut number = || {
                let text = arguments.next().unwrap_or_default();
                let number = text.parse().ok().filter(|number| *number > 0);
                number.unwrap_or_else(|| panic!("{argument}: expected a number, found {text:?}"))
            };
            match argument.as_str() {
                "--seconds" => options.seconds = number(),
                "--rounds" => options.rounds = number(),
                "--connections" => options.connections = number(),
                "--workers" => options.workers = number(),
                "--stored" => options.stored = number(),
                "--members" => options.members = number(),
                // Cargo says so to every benchmark.
                "--bench" => {}
                name if SCENARIOS.iter().any(|(known, _)| *known == name) => {
                    options.scenarios.push(argument);
                }
                other => panic!("{other}: no scenario and no option of these; see load/main.rs"),
            }
        }
        options
    }

    /// The databases that are measured, of those that are here.
    fn engines(&self) -> impl Iterator<Item = Engine> {
        let both = [Engine::Sqlite, Engine::Postgres].into_iter();
        both.filter(|it| self.engine.is_none_or(|only| only == *it) && it.is_here())
    }
}
