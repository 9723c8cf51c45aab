//! Measures in turn, and says what came of it.

use std::time::Duration;

use palier_tests::Engine;

use crate::Options;
use crate::client::{self, Measured, Target};

/// What is measured, what it is compared with, and what the rounds came to.
pub(crate) struct Row {
    what: String,
    target: Target,
    yardstick: Target,
    rounds: Vec<Round>,
}

struct Round {
    row: Measured,
    yardstick: Measured,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, target: Target, yardstick: Target) -> Self {
        Self { what: what.into(), target, yardstick, rounds: Vec::new() }
    }

    fn median(&self, of: impl Fn(&Measured) -> u64) -> u64 {
        median(self.rounds.iter().map(|round| of(&round.row)).collect())
    }

    fn print(&self) {
        let percent = |Round { row, yardstick }: &Round| {
            row.requests_per_second * 100 / yardstick.requests_per_second.max(1)
        };
        let ratios: Vec<_> = self.rounds.iter().map(percent).collect();
        let (least, most) = (ratios.iter().min(), ratios.iter().max());
        let range = format!("({}–{})", least.unwrap_or(&0), most.unwrap_or(&0));
        let cpu = |round: &Round| round.yardstick.cpu_nanos * 100 / round.row.cpu_nanos.max(1);
        println!(
            "{:<28}{:>11} {:>5} %  {range:>9}{:>8} µs{:>7} µs{:>8} {:>5} % {:>8} B",
            self.what,
            self.median(|it| it.requests_per_second),
            median(ratios.clone()),
            self.median(|it| it.p50_micros),
            self.median(|it| it.p99_micros),
            micros(self.median(|it| it.cpu_nanos)),
            median(self.rounds.iter().map(cpu).collect()),
            self.rounds.last().map_or(0, |it| it.row.bytes),
        );
    }
}

/// The one in the middle.
pub(crate) fn median(mut all: Vec<u64>) -> u64 {
    all.sort_unstable();
    all[all.len() / 2]
}

/// A time, in microseconds.
pub(crate) fn micros(nanos: u64) -> String {
    format!("{}.{} µs", nanos / 1_000, nanos % 1_000 / 100)
}

/// What people call an engine.
pub(crate) const fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}

/// Measures all rows round by round, each right after its yardstick, and prints them as a table.
pub(crate) fn measure(title: &str, mut rows: Vec<Row>, options: &Options) {
    let Options { seconds, rounds, connections, workers, .. } = options;
    let run = |target: &Target, time| client::run(target, time, *connections);
    for row in &rows {
        // Caches are filled, and the processor has found its pace.
        run(&row.target, Duration::from_millis(300));
    }
    let time = Duration::from_secs((*seconds).into());
    for _ in 0..*rounds {
        for row in &mut rows {
            let yardstick = run(&row.yardstick, time);
            row.rounds.push(Round { yardstick, row: run(&row.target, time) });
        }
    }
    let yardsticks = || rows.iter().flat_map(|row| &row.rounds).map(|round| &round.yardstick);
    println!(
        "\n{title}: {connections} connections, {workers} worker(s) a server, medians of {rounds} \
         rounds of {seconds} s\nan empty handler: {} requests/s, {} of processor time each\n\n\
         {:<28}{:>11} {:>7}  {:>9}{:>11}{:>10}{:>11} {:>7} {:>10}",
        median(yardsticks().map(|it| it.requests_per_second).collect()),
        micros(median(yardsticks().map(|it| it.cpu_nanos).collect())),
        "",
        "requests/s",
        "ratio",
        "min–max",
        "p50",
        "p99",
        "CPU each",
        "ratio",
        "answer"
    );
    rows.iter().for_each(Row::print);
}
