//! Any sequence of reports, repeats, conflicts, voids and amendments comes to what a plain model of
//! it says: what is told of each event, what counts in the end, and what the days add up to.
#![expect(clippy::arithmetic_side_effects, reason = "test arithmetic on small numbers")]

use std::collections::BTreeMap;
use std::time::Duration;

use palier_tests::{Engine, on_both, wait_for};
use serde_json::{Value, json};

use super::{Setting, event};
use crate::dice::Dice;
use crate::sql::Sql;

/// What the model knows of an event.
struct Known {
    time: String,
    event: Value,
    counts: bool,
}

/// The plain model: all in one map.
#[derive(Default)]
struct Model(BTreeMap<String, Known>);

impl Model {
    /// What a report of one event must be told.
    fn report(&mut self, event: &Value) -> &'static str {
        let (id, time) = (event["id"].as_str().unwrap(), event["time"].as_str().unwrap());
        if let Some(known) = self.0.get(id) {
            return if known.event == *event { "duplicate" } else { "conflict" };
        }
        if let Some(first) = event.get("amends") {
            let amended = self.0.get_mut(first["id"].as_str().unwrap());
            match amended.filter(|it| it.counts && it.time == first["time"].as_str().unwrap()) {
                Some(amended) => amended.counts = false,
                None => return "rejected",
            }
        }
        let known = Known { time: time.to_owned(), event: event.clone(), counts: true };
        self.0.insert(id.to_owned(), known);
        "accepted"
    }

    /// Millionths and events that count, by day of September.
    fn days(&self) -> BTreeMap<String, (i64, i64)> {
        let mut days: BTreeMap<_, (i64, i64)> = BTreeMap::new();
        for known in self.0.values().filter(|known| known.counts) {
            let quantity: i64 = known.event["quantity"].as_str().unwrap().parse().unwrap();
            let day = days.entry(known.time[8..10].to_owned()).or_default();
            *day = (day.0 + quantity * 1_000_000, day.1 + 1);
        }
        days
    }
}

on_both!(whatever_is_sent_in_whatever_order_comes_to_what_the_model_says);
fn whatever_is_sent_in_whatever_order_comes_to_what_the_model_says(engine: Engine) {
    let setting = Setting::of(engine);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut model = Model::default();
    let time =
        |dice: &mut Dice| format!("2026-09-{:02}T1{}:00:00Z", 1 + dice.roll(28), dice.roll(3));
    for turn in 0..80 {
        if dice.roll(5) == 0 {
            // Takes back some that are there, whether they count or not.
            let nth = usize::try_from(dice.roll(40)).unwrap();
            let events: Vec<_> = model
                .0
                .iter()
                .skip(nth)
                .take(3)
                .map(|(id, known)| json!({ "id": id, "time": known.time }))
                .collect();
            if events.is_empty() {
                continue;
            }
            let counting =
                events.iter().filter(|it| model.0[it["id"].as_str().unwrap()].counts).count();
            let body = json!({ "events": events, "reason": "A test." });
            let told = setting.pole.admin.post(&format!("{}/voids", setting.usage), body);
            assert_eq!(told.expect(200).json()["voided"], counting, "turn {turn}");
            for it in &events {
                model.0.get_mut(it["id"].as_str().unwrap()).unwrap().counts = false;
            }
            continue;
        }
        let mut batch = Vec::new();
        for _ in 0..=dice.roll(19) {
            let id = format!("e{}", dice.roll(150));
            let quantity = (1 + dice.roll(3)).to_string();
            let mut one = match model.0.get(&id) {
                // Mostly the same again, sometimes almost.
                Some(known) if dice.roll(4) > 0 => known.event.clone(),
                _ => event(&id, &time(&mut dice), &quantity),
            };
            if one.get("amends").is_none() && dice.roll(8) == 0 {
                let nth = usize::try_from(dice.roll(30)).unwrap();
                if let Some((first, known)) = model.0.iter().nth(nth) {
                    one["amends"] = json!({ "id": first, "time": known.time });
                }
            }
            batch.push(one);
        }
        // Within a batch, what amends comes last.
        batch.sort_by_key(|one| one.get("amends").is_some());
        let expected: Vec<_> = batch.iter().map(|one| model.report(one)).collect();
        let told = setting.report(&json!(batch));
        let mut outcomes = vec!["accepted".to_owned(); batch.len()];
        if batch.len() == 1 && told.status >= 400 {
            outcomes[0] = if told.status == 409 { "conflict" } else { "rejected" }.to_owned();
        } else {
            for it in told.json()["events"].as_array().unwrap() {
                let index = usize::try_from(it["index"].as_u64().unwrap()).unwrap();
                it["outcome"].as_str().unwrap().clone_into(&mut outcomes[index]);
            }
        }
        assert_eq!(outcomes, expected, "turn {turn}: {}", json!(batch));
    }

    let mut counting = setting.events();
    counting.retain(|(.., counts)| *counts);
    let mut counting: Vec<_> = counting.into_iter().map(|(id, ..)| id).collect();
    counting.sort_unstable();
    let expected: Vec<_> =
        model.0.iter().filter(|(_, known)| known.counts).map(|(id, _)| id.clone()).collect();
    assert!(expected.len() > 20, "{} events", expected.len());
    assert_eq!(counting, expected);

    let mut sql = Sql::open(setting.server.database_url());
    let folded = || sql.lines("SELECT delta_id AS line FROM usage_deltas").is_empty().then_some(());
    assert_eq!(wait_for(Duration::from_mins(1), folded), Some(()));
    let days = sql.lines(
        "SELECT (day - 20696) || ' ' || quantity_micros || ' ' || events AS line FROM usage_days \
         WHERE events <> 0 OR quantity_micros <> 0",
    );
    let days: BTreeMap<String, (i64, i64)> = days
        .iter()
        .map(|line| {
            let mut parts = line.split(' ').map(|part| part.parse::<i64>().unwrap());
            let [day, quantity, events] = std::array::from_fn(|_| parts.next().unwrap());
            (format!("{day:02}"), (quantity, events))
        })
        .collect();
    assert_eq!(days, model.days());
}
