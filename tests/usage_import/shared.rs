//! Three months of 69 members on a shared computer, if the file lies beside the workspace.

use palier_tests::{Engine, Finished, Pole, Server, on_both, skip, workspace};
use serde_json::{Value, json};

use crate::sql::Sql;

/// Pool totals in millionths by month, events, and members that used anything, as the file's own
/// account has them.
const MONTHS: [&str; 4] =
    ["40235628612 5944 49", "56593878877 5915 53", "34900216652 6379 49", "3057778 1 1"];
/// When the months begin in Paris, in seconds.
const BEGIN: [u64; 5] = [1_782_856_800, 1_785_535_200, 1_788_213_600, 1_790_805_600, 1_793_487_600];

on_both!(the_shared_usage_imports_as_it_is);
fn the_shared_usage_imports_as_it_is(engine: Engine) {
    let data = workspace().join("../shared/data");
    let (members, usage) = (data.join("members.csv"), data.join("usage_2026-07_2026-09.csv.gz"));
    if !usage.exists() || !members.exists() {
        return skip(&format!("{} is not there: real usage is NOT imported", usage.display()));
    }
    let server = Server::builder(engine).now("2026-07-01T12:00:00Z").start();
    let pole = Pole::new(&server);
    let members = ["members", "import", members.to_str().unwrap(), "--pole", &pole.code];
    server.palier(members).success();
    subscribe_all(&pole);

    let import = || {
        let mut command = server.settled();
        command.env("PALIER_NOW", "2026-10-02T00:00:00Z");
        command.args(["usage", "import", "--json", "--pole", &pole.code]).arg(&usage);
        let said: Value = serde_json::from_str(&Finished::from(&mut command).success()).unwrap();
        ["accepted", "duplicates", "rejected"].map(|name| said[name].as_u64().unwrap())
    };
    assert_eq!(import(), [18_239, 0, 0]);
    assert_eq!(import(), [0, 18_239, 0]);
    let verified = server.palier(["usage", "verify", "--pole", &pole.code]).success();
    assert!(verified.starts_with("usage: 18\u{a0}239 events count, 0 voided; "), "{verified}");
    let mut sql = Sql::open(server.database_url());
    for (month, ends) in MONTHS.iter().zip(BEGIN.windows(2)) {
        let totals = format!(
            "SELECT CAST(sum(quantity_micros) AS TEXT) || ' ' || CAST(count(*) AS TEXT) || ' ' \
             || CAST(count(DISTINCT series_id) AS TEXT) AS line FROM usage_events \
             WHERE happened_at >= {}000000 AND happened_at < {}000000",
            ends[0], ends[1]
        );
        assert_eq!(sql.lines(&totals), [*month]);
    }
}

/// Subscribes every member to a service that counts core-hours.
fn subscribe_all(pole: &Pole) {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let made = |what: &str, body: Value| pole.admin.post(&at(what), body).expect(201);
    let provider = json!({ "name": "Méso", "contact": { "email": "hpc@meso.example" } });
    let provider = made("providers", provider).string("/id");
    let service = json!({
        "code": "compute", "provider": provider, "name": { "fr": "Calcul" }, "category": "calcul",
    });
    let service = made("services", service).string("/id");
    made(&format!("services/{service}/meters"), json!({ "code": "core-hours" }));
    pole.price(&at(&format!("services/{service}")));
    pole.publish(&at(&format!("services/{service}")));
    let members = pole.admin.get(&at("members?limit=200")).expect(200).json();
    let members = members["data"].as_array().unwrap();
    assert_eq!(members.len(), 69);
    for member in members {
        let subscription = json!({ "service": service, "first_day": "2026-07-01" });
        let member = member["id"].as_str().unwrap();
        made(&format!("members/{member}/subscriptions"), subscription);
    }
}
