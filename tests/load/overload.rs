//! More usage than can be written: what is refused, and what that costs those who are not.
//!
//! Unloaded, there are as many clients as the queue has room for; overloaded, eight times as many.
//! Who is refused rests 20 milliseconds, far less than the answer asks for, and sends it again.

use std::sync::Arc;
use std::time::Duration;

use palier_tests::Server;

use crate::Options;
use crate::posts::{self, Taken};
use crate::report::{median, name};
use crate::usage_pole::{Events, Ids, UsagePole};

/// Events of a request, and how many requests there is room for.
const SIZE: u64 = 1_000;
const ROOM: u32 = 4;
/// How many times as many clients there are then.
const TIMES: u32 = 8;

pub(crate) fn run(options: &Options) {
    palier_tests::postgres::make_durable();
    println!(
        "\noverload: requests of {SIZE} events, room for {ROOM} of them; {} rounds of {} s\n\n\
         {:<28}{:>11}{:>11}{:>11}{:>11}{:>10}",
        options.rounds, options.seconds, "", "events/s", "p50", "p99", "refused", "peak"
    );
    for engine in options.engines() {
        // A body is shorter than its events are taken to be until some were seen.
        let queue = u64::from(ROOM) * SIZE * 11 / 10;
        let server = Server::builder(engine)
            .arg(format!("--workers={}", options.workers))
            .arg(format!("--usage-queue={queue}"));
        let pole = UsagePole::start(server, 100, 1);
        pole.number_series();
        let (mut calm, mut loaded, mut next) = (Vec::new(), Vec::new(), 0);
        for _ in 0..options.rounds {
            for (clients, rounds) in [(ROOM, &mut calm), (ROOM * TIMES, &mut loaded)] {
                let events = Arc::new(Events::of(Ids::Random, 100, next));
                let time = Duration::from_secs(options.seconds.into());
                rounds.push(posts::run(&Arc::new(pole.posts(SIZE, clients)), &events, time));
                next = events.given();
            }
        }
        print(&format!("{ROOM} clients, {}", name(engine)), &calm);
        print(&format!("{} clients, {}", ROOM * TIMES, name(engine)), &loaded);
        let ratios = loaded
            .iter()
            .zip(&calm)
            .map(|(loaded, calm)| loaded.p99_micros * 100 / calm.p99_micros.max(1));
        println!("{:<28}{:>31} %", "p99, overloaded to not", median(ratios.collect()));
    }
}

fn print(what: &str, rounds: &[Taken]) {
    let of = |of: &dyn Fn(&Taken) -> u64| median(rounds.iter().map(of).collect());
    let refused = of(&|it| it.refused_permille);
    println!(
        "{what:<28}{:>11}{:>8} µs{:>8} µs{:>9} %{:>7} MB",
        of(&|it| it.events_per_second),
        of(&|it| it.p50_micros),
        of(&|it| it.p99_micros),
        format!("{}.{}", refused / 10, refused % 10),
        rounds.iter().map(|it| it.peak_bytes).max().unwrap_or_default() / 1_000_000,
    );
}
