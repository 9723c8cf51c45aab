//! The table that people read.

use super::{Desk, THREE, TIERS};

/// Digits are grouped by blanks that never end a line.
fn plain(table: &str) -> String {
    table.replace('\u{a0}', " ")
}

#[test]
fn one_charge() {
    let table = Desk::with(TIERS, THREE).quote("").success();
    assert!(table.contains("36\u{a0}000"));
    let expected = "\
Computing

  pool        60 000 core-hours, used by 3 of 3 members
  cost        3 300.00 EUR
  unit price  0.055 EUR
  tier        3 of 3 at 0.03 EUR, beyond 50 000

  member    quantity   unit price     amount   saving
─────────────────────────────────────────────────────
  atelier      1 200        0.055      66.00    30.00
  forge       36 000        0.055   1 980.00   250.00
  usine       22 800        0.055   1 254.00   250.00
─────────────────────────────────────────────────────
  total       60 000                3 300.00   530.00
";
    assert_eq!(plain(&table), expected);
}

#[test]
fn several_charges_and_months() {
    let tariff = r#"{"charges":[
        {"name":"Subscription","kind":"recurring","amount":"90","timing":"advance"},
        {"name":"Computing","kind":"usage","model":"graduated","free_units":"100",
         "minimum_amount":"25","unit_amount_cap":"0.06",
         "tiers":[{"up_to":"10000","unit_amount":"0.08"},{"unit_amount":"0.055"}]},
        {"name":"Operations team","kind":"shared_cost","fixed":"1000","capacity":"40000",
         "idle_cost":"pole","allocation":"two_part","markup_percent":"5"}]}"#;
    let usage = "id,member,meter,time,quantity\n\
        1,atelier,core-hours,2026-07-10T00:00:00Z,120\n\
        2,forge,core-hours,2026-07-10T00:00:00Z,8000\n\
        3,usine,core-hours,2026-08-01T00:00:00Z,22000.5\n";
    let table = Desk::with(tariff, usage).quote("--subscribed-since 2026-07-15").success();
    let table = plain(&table);
    let (july, rest) = table.split_once("\n\n\nAugust 2026 · Subscription\n").unwrap();
    assert_eq!(july, JULY);
    let (_, months) = rest.rsplit_once("\n\n\n").unwrap();
    assert_eq!(months, MONTHS);
}

const JULY: &str = "\
July 2026 · Subscription

  fee  90.00 EUR per month, in advance
  due  2026-07-15 to 2026-07-31 and 2026-08-01 to 2026-08-31


July 2026 · Computing

  pool        7 920 units, used by 2 of 3 members
  cost        633.60 EUR
  unit price  0.06 EUR
  tier        1 of 2 at 0.08 EUR, up to 10 000: 2 080 to go, then 0.055 EUR
  cap         reached: the pole forgoes 158.40 EUR

  member     used   billed   unit price    usage   minimum   amount   saving
────────────────────────────────────────────────────────────────────────────
  atelier     120       20         0.06     1.20     23.80    25.00     0.00
  forge     8 000    7 900         0.06   474.00             474.00     0.00
  usine         0        0         0.06     0.00     25.00    25.00     0.00
────────────────────────────────────────────────────────────────────────────
  total     8 120    7 920                475.20     48.80   524.00     0.00


July 2026 · Operations team

  pool            8 120 units, used by 2 of 3 members
  provider cost   1 000.00 EUR, shared in two parts: fixed equally, the rest by usage
  capacity        8 120 of 40 000 used, the pole pays for the rest
  recovered       213.15 EUR, 5 % markup included
  left with pole  797.00 EUR

  member    quantity   amount   saving
──────────────────────────────────────
  atelier        120    71.05   -67.90
  forge        8 000    71.05   138.95
  usine            0    71.05
──────────────────────────────────────
  total        8 120   213.15    71.05


July 2026 · total, EUR

  member    Subscription   Computing   Operations team      total   saving
──────────────────────────────────────────────────────────────────────────
  atelier         139.35       25.00             71.05     235.40   -67.90
  forge           139.35      474.00             71.05     684.40   138.95
  usine           139.35       25.00             71.05     235.40     0.00
──────────────────────────────────────────────────────────────────────────
  total           418.05      524.00            213.15   1 155.20    71.05";

const MONTHS: &str = "\
2 months · total, EUR

  member     2026-07    2026-08      total
──────────────────────────────────────────
  atelier     235.40     307.51     542.91
  forge       684.40     307.50     991.90
  usine       235.40   1 596.53   1 831.93
──────────────────────────────────────────
  total     1 155.20   2 211.54   3 366.74
";

#[test]
fn narrow_terminals_break_words_but_no_numbers() {
    let tariff = r#"{"charges":[
        {"name":"Calcul haute performance","kind":"usage","model":"standard","unit_amount":"1"},
        {"name":"Heures d’ingénieur","kind":"one_time","amount":"1"}]}"#;
    let usage = "member,quantity\nAtelier de mécanique de précision,1234567.25\n";
    let desk = Desk::with(tariff, usage);
    let mut command = palier_tests::palier();
    command.env("COLUMNS", "60").current_dir(desk.path());
    command.args(["quote", "--tariff", "tariff.json", "--usage", "usage.csv"]);
    let table = plain(&palier_tests::Finished::from(&mut command).success());
    let (_, total) = table.rsplit_once("\n\n\n").unwrap();
    assert_eq!(total, NARROW);
}

const NARROW: &str = "\
total, EUR

  member         Calcul haute        Heures          total   saving
                  performance   d’ingénieur
───────────────────────────────────────────────────────────────────
  Atelier de     1 234 567.25                 1 234 567.25     0.00
  mécanique de
  précision
───────────────────────────────────────────────────────────────────
  total          1 234 567.25          0.00   1 234 567.25     0.00
";
