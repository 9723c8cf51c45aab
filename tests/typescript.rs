//! A front end's way in: types made from the OpenAPI document, a client that the compiler checks
//! against them, and a tour with it through the real server.

use std::path::{Path, PathBuf};
use std::{fs, process::Command};

use palier_tests::{Engine, Finished, Pole, Server, skip_unless_ci, workspace};
use serde_json::{Value, json};

use crate::people::{PASSWORD, Person, at, member};

#[test]
fn a_typed_client_browses_signs_in_quotes_and_subscribes() {
    let Some(project) = project() else { return };
    let document = workspace().join("openapi/openapi.json");
    let types = [document.to_str().unwrap(), "--output", "api.ts"];
    tool(&project, "openapi-typescript", &types).success();
    tool(&project, "tsc", &[]).success();

    let server = Server::shared(Engine::Sqlite);
    let pole = Pole::new(server);
    offer_computing(&pole);
    let forge = member(&pole, "forge");
    let grants = json!([{ "role": "member_admin", "member": forge }]);
    let person = Person::with_password(server, &pole, &grants);
    let mut tour = Command::new("node");
    tour.arg("out/tour.js").current_dir(&project).envs([
        ("PALIER_URL", server.url().as_str()),
        ("PALIER_POLE", &pole.code),
        ("PALIER_SEARCH", "CALCUL"),
        ("PALIER_EMAIL", &person.email),
        ("PALIER_PASSWORD", PASSWORD),
    ]);
    let seen: Value = serde_json::from_str(&Finished::from(&mut tour).success()).unwrap();
    let subscription = seen["subscription"].as_str().unwrap();
    let expected = json!({
        "name": { "fr": "Calcul intensif", "en": "Computing" },
        "user": person.email,
        "member": forge,
        "total": "96.00",
        "currency": "EUR",
        "subscription": subscription,
        "status": "active",
    });
    assert_eq!(seen, expected);
    let made = at(&pole, &format!("/members/{forge}/subscriptions/{subscription}"));
    pole.admin.get(&made).expect(200);
}

/// Publishes a service that costs 0.08 € an hour.
fn offer_computing(pole: &Pole) {
    let make = |path: &str, body: Value| pole.admin.post(&at(pole, path), body).expect(201);
    let contact = json!({ "email": "hpc@mesocentre.example" });
    let provider = make("/providers", json!({ "name": "Mésocentre", "contact": contact }));
    let service = make(
        "/services",
        json!({
            "code": "compute",
            "provider": provider.string("/id"),
            "name": { "fr": "Calcul intensif", "en": "Computing" },
            "description": { "fr": "Des heures de calcul." },
            "category": "calcul",
            "unit": { "fr": "heure-cœur" },
        }),
    );
    let service = format!("/services/{}", service.string("/id"));
    make(&format!("{service}/meters"), json!({ "code": "core-hours" }));
    let charge = json!({
        "kind": "usage", "meter": "core-hours", "model": "standard", "unit_amount": "0.08",
    });
    let document = json!({ "charges": [charge] });
    let tariff = json!({ "name": "2026", "effective_from": "2026-01-01", "document": document });
    make(&format!("{service}/tariffs"), tariff);
    pole.admin.post(&at(pole, &format!("{service}/publish")), json!({})).expect(200);
}

/// The folder in which `tests/prepare` has installed what the tour stands on, with the tour of now.
fn project() -> Option<PathBuf> {
    let (from, to) = (workspace().join("tests/typescript"), workspace().join("target/typescript"));
    let lock = |folder: &Path| fs::read(folder.join("package-lock.json")).ok();
    let installed = to.join("node_modules/.bin/tsc").exists() && lock(&from) == lock(&to);
    if !installed {
        skip_unless_ci(
            "the TypeScript client's packages are not there: `tests/prepare` installs them",
        );
        return None;
    }
    for file in ["tour.ts", "tsconfig.json"] {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    Some(to)
}

fn tool(project: &Path, name: &str, arguments: &[&str]) -> Finished {
    let path = project.join("node_modules/.bin").join(name);
    Finished::from(Command::new(path).args(arguments).current_dir(project))
}
