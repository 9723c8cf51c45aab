//! `palier quote`: any tariff, any usage, nothing stored.

pub(crate) mod curve;
mod errors;
mod months;
mod real;
mod table;
mod usage;
mod vectors;

use std::{fs, path::Path};

use palier_tests::{Finished, palier};
use serde_json::Value;

/// Three tiers on the pool's volume, the tariff of most tests.
const TIERS: &str = r#"{
  "meters": [{ "code": "core-hours", "unit": "HUR" }],
  "charges": [{ "name": "Computing", "kind": "usage", "model": "graduated", "tiers": [
    { "up_to": "10000", "unit_amount": "0.08" },
    { "up_to": "50000", "unit_amount": "0.055" },
    { "unit_amount": "0.03" }
  ]}]
}"#;

const THREE: &str = "member,quantity\natelier,1200\nforge,36000\nusine,22800\n";

/// A folder with the files that quotes are asked for.
struct Desk(tempfile::TempDir);

impl Desk {
    /// With `tariff.json`, `usage.csv` and nothing else.
    fn with(tariff: impl AsRef<[u8]>, usage: impl AsRef<[u8]>) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.put("tariff.json", tariff);
        desk.put("usage.csv", usage);
        desk
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), content).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// `palier` with arguments between single spaces.
    fn palier(&self, arguments: &str) -> Finished {
        let arguments = arguments.split(' ').filter(|it| !it.is_empty());
        Finished::from(palier().current_dir(self.path()).args(arguments))
    }

    /// A quote of `usage.csv`, with more arguments.
    fn quote(&self, more: &str) -> Finished {
        self.palier(&format!("quote --tariff tariff.json --usage usage.csv {more}"))
    }

    #[track_caller]
    fn json(&self, more: &str) -> Value {
        serde_json::from_str(&self.quote(&format!("--format json {more}")).success()).unwrap()
    }
}

/// The sum of decimals, in millionths.
fn sum<'v>(decimals: impl Iterator<Item = &'v Value>) -> i128 {
    decimals.map(|decimal| millionths(decimal.as_str().unwrap())).sum()
}

fn millionths(decimal: &str) -> i128 {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    format!("{whole}{fraction:0<6}").parse().unwrap()
}
