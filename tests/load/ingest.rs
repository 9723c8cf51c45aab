//! Usage, taken in over HTTP with an API key: what is answered is on disk, counted once, added up.
//!
//! Each batch is compared with a raw loader that writes as many rows a transaction into the same
//! table of a database of its own: prepared statements on SQLite, COPY over one connection on
//! PostgreSQL. Single events are compared with a server that commits each by itself, and with one that
//! reads and forgets them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use palier_tests::{Engine, Server};

use crate::Options;
use crate::empty::Empty;
use crate::posts::{self, Posts, Taken};
use crate::report::{median, micros, name};
use crate::usage_pole::{Events, Ids, UsagePole};

/// Companies that report, each in two queues.
const MEMBERS: u64 = 100;

pub(crate) fn run(options: &Options) {
    palier_tests::postgres::make_durable();
    for engine in options.engines() {
        Bench::start(engine, options).run(options);
    }
}

/// The service, and a database like its own that nobody else writes to.
struct Bench {
    service: UsagePole,
    raw: UsagePole,
    yardstick: Empty,
    /// How many events were made so far: none comes twice.
    next: u64,
}

/// What a row came to in one round.
struct Round {
    taken: Taken,
    /// Events a second of what it is compared with.
    raw: u64,
    /// The same of a server that reads and forgets, for single events.
    forgotten: Option<u64>,
}

impl Bench {
    fn start(engine: Engine, options: &Options) -> Self {
        let builder = || Server::builder(engine).arg(format!("--workers={}", options.workers));
        let service = UsagePole::start(builder(), MEMBERS, 1);
        let mut raw = UsagePole::start(builder(), MEMBERS, 1);
        for pole in [&service, &raw] {
            pole.number_series();
            pole.prefill(options.stored.into());
            let verify = ["usage", "verify", "--pole", &pole.pole.code];
            pole.server.palier(verify).success();
        }
        raw.server.stop();
        let yardstick = Empty::committing(options.workers, &raw.pole.id, raw.server.database_url());
        Self { service, raw, yardstick, next: 0 }
    }

    fn run(&mut self, options: &Options) {
        println!(
            "\ningest, {}: {} events before, {} worker(s) a server, medians of {} rounds of {} s\n\n\
             {:<34}{:>11} {:>16} {:>16} {:>11}{:>11} {:>13} {:>8}",
            name(self.service.server.engine()),
            options.stored,
            options.workers,
            options.rounds,
            options.seconds,
            "",
            "events/s",
            "of raw",
            "of read-and-drop",
            "p50",
            "p99",
            "CPU an event",
            "peak"
        );
        for (size, clients) in
            [(1, options.connections), (100, 1), (100, 4), (1_000, 1), (1_000, 4)]
        {
            for ids in [Ids::Ordered, Ids::Random] {
                let rounds: Vec<_> =
                    (0..options.rounds).map(|_| self.round(size, clients, ids, options)).collect();
                print(size, clients, ids, &rounds);
            }
        }
    }

    fn round(&mut self, size: u64, clients: u32, ids: Ids, options: &Options) -> Round {
        let time = Duration::from_secs(options.seconds.into());
        let (raw, forgotten) = if size == 1 {
            let [drop, commit] = ["/drop", "/commit"].map(|it| self.yardstick.posts(it, clients));
            let forgotten = self.post(&drop, ids, time).events_per_second;
            (self.post(&commit, ids, time).events_per_second, Some(forgotten))
        } else {
            (self.load(size, ids, time), None)
        };
        let posts = self.service.posts(size, clients);
        Round { taken: self.post(&Arc::new(posts), ids, time), raw, forgotten }
    }

    fn post(&mut self, posts: &Arc<Posts>, ids: Ids, time: Duration) -> Taken {
        let events = Arc::new(Events::of(ids, MEMBERS, self.next));
        let taken = posts::run(posts, &events, time);
        self.next = events.given();
        taken
    }

    /// Loads rows into the other database; events a second.
    fn load(&mut self, size: u64, ids: Ids, time: Duration) -> u64 {
        let events = Events::of(ids, MEMBERS, self.next);
        let mut sql = crate::sql::Sql::open(self.raw.server.database_url());
        let began = Instant::now();
        while began.elapsed() < time {
            let mut rows = events.rows(size);
            rows.sort_unstable_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
            sql.add(&self.raw.pole.id, &rows);
        }
        let loaded = events.given() - self.next;
        self.next = events.given();
        loaded * 1_000_000 / began.elapsed().as_micros() as u64
    }
}

fn print(size: u64, clients: u32, ids: Ids, rounds: &[Round]) {
    let of = |of: &dyn Fn(&Round) -> u64| median(rounds.iter().map(of).collect());
    let percent = |it: &Round, of: u64| it.taken.events_per_second * 100 / of.max(1);
    let forgotten = if rounds.iter().all(|it| it.forgotten.is_some()) {
        format!("{} %", of(&|it| percent(it, it.forgotten.unwrap_or_default())))
    } else {
        "–".to_owned()
    };
    let order = if ids == Ids::Ordered { "ordered" } else { "random" };
    println!(
        "{:<34}{:>11} {:>14} % {forgotten:>16} {:>8} µs{:>8} µs {:>13} {:>5} MB",
        format!("{size} a request, {clients} clients, {order}"),
        of(&|it| it.taken.events_per_second),
        of(&|it| percent(it, it.raw)),
        of(&|it| it.taken.p50_micros),
        of(&|it| it.taken.p99_micros),
        micros(of(&|it| it.taken.cpu_nanos)),
        rounds.iter().map(|it| it.taken.peak_bytes).max().unwrap_or_default() / 1_000_000,
    );
}
