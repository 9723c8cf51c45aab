//! Files with mistakes: all of them are said, and nothing is imported.

use palier_tests::{Pole, Server, on_both};
use serde_json::json;

use super::{CSV, FORGE, HEADER, file, members, run, saved, send_to};

const WRONG: [&str; 3] =
    [FORGE, "a b;;732829321;1 rue;690070;Lyon;nobody", "forge;Usine;404833048;1 rue;69001;Lyon;"];

on_both!(every_fault_is_told_with_line_and_column);
fn every_fault_is_told_with_line_and_column(pole: &Pole) {
    let french = pole.admin.with_header("accept-language", "fr");
    let problem = send_to(&french, pole, "", CSV, file(&WRONG).as_bytes()).expect(422).problem();
    assert_eq!(problem["type"], "https://palier.dev/problems/invalid-body");
    assert_eq!(problem["detail"], "Le fichier contient 6 erreurs ; rien n’a été importé.");
    let errors = problem["errors"].as_array().unwrap();
    let short: Vec<_> =
        errors.iter().map(|it| json!([it["line"], it["column"], it["code"]])).collect();
    let expected = [
        json!([3, "code", "code"]),
        json!([3, "name", "empty"]),
        json!([3, "siren", "check_digit"]),
        json!([3, "postcode", "postcode"]),
        json!([3, "email", "email"]),
        json!([4, "code", "duplicate"]),
    ];
    assert_eq!(short, expected);
    assert_eq!(errors[5]["detail"], "Cette valeur se trouve déjà à la ligne 2.");

    let english = send_to(&pole.admin, pole, "", CSV, file(&WRONG).as_bytes()).expect(422);
    assert_eq!(english.string("/errors/5/detail"), "This stands on line 2 already.");
    // A dry run looks as closely.
    let dry = send_to(&pole.admin, pole, "?dry_run=true", CSV, file(&WRONG).as_bytes());
    assert_eq!(dry.expect(422).json(), english.json());
    assert!(members(pole).is_empty());
}

on_both!(every_fault_is_a_line_of_the_command);
fn every_fault_is_a_line_of_the_command(server: &Server) {
    let pole = Pole::new(server);
    let path = saved("wrong.csv", file(&WRONG));
    let name = path.display();
    let expected = format!(
        "\
palier: {name}: line 3, column code: Expected 1 to 64 letters without accents, digits, dots, \
hyphens or underscores.
palier: {name}: line 3, column name: This must be given.
palier: {name}: line 3, column siren: The check digit does not match: at least one digit is \
mistyped.
palier: {name}: line 3, column postcode: This is no postcode of FR, such as 69007.
palier: {name}: line 3, column email: Expected an e-mail address.
palier: {name}: line 4, column code: This stands on line 2 already.
"
    );
    for more in [[].as_slice(), &["--dry-run"], &["--json"]] {
        let finished = run(server, &pole, &path, more);
        assert_eq!(finished.stdout, "");
        assert_eq!(finished.failure(2), expected);
    }
    assert!(members(&pole).is_empty());
}

on_both!(what_is_wrong_with_a_file_as_a_whole_has_no_line);
fn what_is_wrong_with_a_file_as_a_whole_has_no_line(server: &Server) {
    let pole = Pole::new(server);
    let problem = send_to(&pole.admin, &pole, "", CSV, b"").expect(422).problem();
    let expected = json!([{ "code": "empty", "detail": "The file is empty." }]);
    assert_eq!(problem["errors"], expected);

    let header = saved("header.csv", format!("{HEADER};colour\n"));
    let said = run(server, &pole, &header, &[]).failure(2);
    assert!(said.contains(": line 1, column colour: This column is not known."), "{said}");
    let empty = saved("empty.csv", "");
    let said = run(server, &pole, &empty, &[]).failure(2);
    assert_eq!(said, format!("palier: {}: The file is empty.\n", empty.display()));
    let said = run(server, &pole, &empty.with_file_name("none.csv"), &[]).failure(2);
    assert!(said.ends_with("none.csv: expected a file, found none of that name\n"), "{said}");

    let mut large = format!("{HEADER}\n{FORGE}\n").into_bytes();
    large.resize((8 << 20) + 1, b'\n');
    let said = run(server, &pole, &saved("large.csv", large), &[]).failure(2);
    assert!(said.ends_with("large.csv: The file is too large: at most 8 MB are read.\n"), "{said}");
}
