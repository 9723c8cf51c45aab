//! The price curve as a picture.

use std::fs;

use super::{Desk, TIERS};

const JULY: &str = "id,member,meter,time,quantity\n\
    1,a,core-hours,2026-07-01T00:00:00Z,30000\n2,b,core-hours,2026-07-02T00:00:00Z,10235.6285\n";

/// Draws a curve, checks that it is XML, and returns it.
#[track_caller]
fn draw(desk: &Desk, more: &str) -> String {
    let arguments = format!("quote --tariff tariff.json --curve price.svg {more}");
    desk.palier(&arguments).success();
    let svg = fs::read_to_string(desk.path().join("price.svg")).unwrap();
    well_formed(&svg);
    svg
}

/// Every tag is closed where it should be, and nothing stands unescaped.
#[track_caller]
pub(crate) fn well_formed(svg: &str) {
    let mut open = Vec::new();
    let mut rest = svg;
    while let Some((text, from)) = rest.split_once('<') {
        assert!(!text.contains('>'), "{text}");
        let (tag, behind) = from.split_once('>').unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
        rest = behind;
    }
    for entity in svg.split('&').skip(1) {
        assert!(entity.split_once(';').is_some_and(|(name, _)| name.len() <= 4), "&{entity}");
    }
    assert!(open.is_empty() && rest.trim().is_empty());
}

/// The texts in it, with blanks for all that divides digits.
pub(crate) fn texts(svg: &str) -> Vec<String> {
    let texts = svg.split("<text ").skip(1).map(|text| {
        let (_, text) = text.split_once('>').unwrap();
        text.split('<').next().unwrap().trim().replace('\u{a0}', " ")
    });
    texts.collect()
}

#[test]
fn it_says_where_the_pool_stands() {
    let desk = Desk::with(TIERS, JULY);
    let svg = draw(&desk, "--usage usage.csv --period 2026-07");
    let texts = texts(&svg);
    for expected in [
        "Computing",
        "unit price, EUR",
        "volume of the pool, core-hours",
        "10 000",
        "50 000",
        "tier 2",
        "0.055",
        "July 2026: 0.061213 EUR",
        "at 40 235.6285 core-hours",
        "9 764.3715 to go until 50 000",
    ] {
        assert!(texts.iter().any(|text| text == expected), "{expected}: {texts:?}");
    }
    assert!(svg.contains("<title>Computing</title>"));
    assert_eq!(svg, draw(&desk, "--usage usage.csv --period 2026-07"));
}

#[test]
fn with_usage_the_quote_is_printed_too() {
    let desk = Desk::with(TIERS, JULY);
    let quote = desk.quote("").success();
    let both = desk.quote("--curve price.svg");
    assert_eq!(both.stdout, quote);
    assert_eq!(both.stderr, "", "there is no other month to choose");
    assert_eq!(desk.palier("quote --tariff tariff.json --curve price.svg").success(), "");
}

#[test]
fn of_several_months_the_last_is_marked() {
    let august = format!("{JULY}3,a,core-hours,2026-08-01T00:00:00Z,100\n");
    let both = Desk::with(TIERS, august).quote("--curve price.svg");
    let warning = "warning: --curve shows August 2026: choose another month with --period\n";
    assert_eq!(both.stderr, warning);
}

#[test]
fn jumps_stand_at_their_bounds() {
    let tariff = r#"{"name":"Scan <3D> & more","kind":"usage","model":"volume","tiers":[
        {"up_to":"100","unit_amount":"1"},{"up_to":"300","unit_amount":"0.8"},{"unit_amount":"0.5"}]}"#;
    let svg = draw(&Desk::with(tariff, ""), "");
    assert!(texts(&svg).contains(&"Scan &lt;3D&gt; &amp; more".to_owned()));
    let circles = svg.split("<circle cx=\"").skip(1);
    let mut at: Vec<u32> =
        circles.map(|it| it.split('"').next().unwrap().parse().unwrap()).collect();
    at.dedup();
    // The plot begins 78 pixels from the left, drawn eight times as fine.
    let (first, second) = (at[0] - 624, at[1] - 624);
    assert_eq!(at.len(), 2);
    assert!(second.abs_diff(3 * first) <= 3, "{at:?}");
}

#[test]
fn every_kind_of_charge_has_its_picture() {
    for (charge, expected) in [
        (
            r#""model":"package","amount":"12","package_size":"100""#,
            "room for 64.3715 in the last package",
        ),
        (r#""model":"standard","unit_amount":"0.5""#, "Every unit at one price"),
        (r#""model":"percentage","rate_percent":"2.9""#, "A percentage of what is used"),
        (r#""model":"standard","unit_amount":"0""#, "July 2026: 0 EUR"),
        (
            r#""model":"volume","unit_amount_cap":"60","tiers":[{"up_to":"5","unit_amount":"10",
               "flat_amount":"100"},{"unit_amount":"5","flat_amount":"50"}]"#,
            "cap 60 EUR; thin line: without it",
        ),
        (
            r#""scope":"member","model":"graduated","tiers":[{"up_to":"5","unit_amount":"1"},
               {"up_to":"5000000","unit_amount":"0.5"},{"unit_amount":"0.25"}]"#,
            "volume of one member, units",
        ),
        (
            r#""model":"graduated","price_base":"1000","tiers":[{"up_to":"5","unit_amount":"0.001"},
               {"unit_amount":"0.0005"}]"#,
            "price of 1 000 units, EUR",
        ),
    ] {
        let desk = Desk::with(format!(r#"{{"kind":"usage",{charge}}}"#), JULY);
        let texts = texts(&draw(&desk, "--usage usage.csv --period 2026-07"));
        assert!(texts.iter().any(|text| text == expected), "{expected}: {texts:?}");
        draw(&desk, "");
    }
    let shared = r#"{"kind":"shared_cost","fixed":"14000","capacity":"140000","idle_cost":"pole",
        "allocation":"proportional"}"#;
    let texts = texts(&draw(&Desk::with(shared, JULY), "--usage usage.csv"));
    assert!(texts.contains(&"capacity 140 000, the pole pays for idle units".to_owned()));
    assert!(texts.contains(&"July 2026: 0.1 EUR".to_owned()), "{texts:?}");
}

#[test]
fn a_charge_is_chosen_by_name_or_number() {
    let tariff = r#"{"charges":[{"name":"Fee","kind":"recurring","amount":"1"},
        {"name":"One","kind":"usage","model":"standard","unit_amount":"1"},
        {"name":"Two","kind":"shared_cost","fixed":"1","allocation":"equal"}]}"#;
    let desk = Desk::with(tariff, JULY);
    for (choice, title) in
        [("", "One"), ("--charge 2", "One"), ("--charge 3", "Two"), ("--charge Two", "Two")]
    {
        assert_eq!(texts(&draw(&desk, choice))[0], title);
    }
    let said = desk.palier("quote --tariff tariff.json --curve price.svg").stderr;
    assert_eq!(said, "warning: --curve shows charge 2: choose another with --charge\n");
    let fee = desk.palier("quote --tariff tariff.json --curve x.svg --charge Fee").failure(2);
    assert_eq!(fee, "palier: --charge: expected a charge for usage, found the fee \"Fee\"\n");
    let fees = Desk::with(r#"{"charges":[{"kind":"one_time","amount":"1"}]}"#, JULY);
    let none = fees.palier("quote --tariff tariff.json --curve x.svg").failure(2);
    assert_eq!(
        none,
        "palier: --curve: expected a charge for usage, found only fees in the tariff\n"
    );
    assert!(!fees.path().join("x.svg").exists());
}

/// Drawn again, the picture that the README shows is the same bytes. To draw it anew:
/// `palier quote --tariff api/examples/compute.json --usage api/examples/compute.csv
/// --curve api/examples/compute.svg`
#[test]
fn the_picture_of_the_readme_is_true() {
    let examples = palier_tests::workspace().join("api/examples");
    let read = |name: &str| fs::read_to_string(examples.join(name)).unwrap();
    let desk = Desk::with(read("compute.json"), read("compute.csv"));
    assert!(draw(&desk, "--usage usage.csv") == read("compute.svg"), "it has changed");
}
