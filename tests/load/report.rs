//! Measures in turn, and says what came of it.

use std::time::Duration;

use crate::Options;
use crate::client::{self, Measured, Target};

/// What is measured, and what its rounds came to.
pub(crate) struct Row {
    what: String,
    target: Target,
    rounds: Vec<Measured>,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, target: Target) -> Self {
        Self { what: what.into(), target, rounds: Vec::new() }
    }

    fn median(&self, of: impl Fn(&Measured) -> u64) -> u64 {
        median(self.rounds.iter().map(of).collect())
    }
}

fn median(mut all: Vec<u64>) -> u64 {
    all.sort_unstable();
    all[all.len() / 2]
}

/// Measures all rows round by round, and prints them as a table. The first is what the others are
/// compared with.
pub(crate) fn measure(title: &str, mut rows: Vec<Row>, options: &Options) {
    let Options { seconds, rounds, connections, workers, .. } = options;
    for row in &rows {
        // Caches are filled, and the processor has found its pace.
        client::run(&row.target, Duration::from_millis(300), *connections);
    }
    for _ in 0..*rounds {
        for row in &mut rows {
            let time = Duration::from_secs((*seconds).into());
            row.rounds.push(client::run(&row.target, time, *connections));
        }
    }
    println!(
        "\n{title}: {connections} connections, {workers} worker(s) a server, medians of {rounds} \
         rounds of {seconds} s\n\n{:<34}{:>11} {:>7}  {:>11}{:>10}{:>10}{:>14}{:>9}",
        "", "requests/s", "ratio", "(min–max)", "p50", "p99", "CPU/request", "answer"
    );
    let Some((first, _)) = rows.split_first() else { return };
    for row in &rows {
        print_row(row, first);
    }
}

fn print_row(row: &Row, first: &Row) {
    let pairs = row.rounds.iter().zip(&first.rounds);
    let percent = |(row, first): (&Measured, &Measured)| {
        row.requests_per_second * 100 / first.requests_per_second.max(1)
    };
    // Of each round with the same round, not of the medians: both then had the same machine.
    let ratios: Vec<_> = pairs.map(percent).collect();
    let (least, most) = (ratios.iter().min(), ratios.iter().max());
    let range = format!("({}–{})", least.unwrap_or(&0), most.unwrap_or(&0));
    let cpu = row.median(|it| it.cpu_nanos);
    println!(
        "{:<34}{:>11} {:>5} %  {range:>11}{:>7} µs{:>7} µs{:>9}.{} µs{:>7} B",
        row.what,
        row.median(|it| it.requests_per_second),
        median(ratios.clone()),
        row.median(|it| it.p50_micros),
        row.median(|it| it.p99_micros),
        cpu / 1_000,
        cpu % 1_000 / 100,
        row.rounds.last().map_or(0, |it| it.bytes),
    );
}
