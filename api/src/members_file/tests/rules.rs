//! What a line must say.

use super::{FORGE, faults, file, only};
use crate::members_file::read;

/// The file with one line, in which something is replaced.
fn with(from: &str, to: &str) -> Vec<u8> {
    assert!(FORGE.contains(from));
    file(&[&FORGE.replace(from, to)]).into_bytes()
}

#[test]
fn every_fault_of_every_line_is_said() {
    let lines = [
        FORGE,
        "a b;;732829321;FR45732829320;huge;;6900;;F;nobody;de",
        "usine;Usine;;;;1 rue;10115;Berlin;DE;;",
        "x;X;;;;1 rue;69001;Lyon;;;",
    ];
    let expected = [
        "3 code code",
        "3 name empty",
        "3 siren check_digit",
        "3 country country",
        "3 vat_number vat_key",
        "3 size not_one_of",
        "3 email email",
        "3 language language",
        "5 siren required",
    ];
    assert_eq!(faults(file(&lines).as_bytes()), expected);
    let address = with("36 rue de l’Atelier;69007;Lyon", ";690070;");
    assert_eq!(faults(&address), ["2 address empty", "2 postcode postcode", "2 city empty"]);
}

#[test]
fn a_fault_is_said_in_both_languages() {
    let found = read(&with("FR44", "FR45")).unwrap_err();
    let [fault] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((fault.line, fault.column.as_deref()), (Some(2), Some("vat_number")));
    assert_eq!(
        fault.text.en,
        "The key does not match the SIREN, for which FR44732829320 would be right."
    );
    assert_eq!(
        fault.text.fr,
        "La clé ne correspond pas au SIREN, pour lequel FR44732829320 serait juste."
    );
}

#[test]
fn nothing_stands_twice() {
    let other = FORGE.replace("forge;", "other;");
    let same_code = "forge;Usine;404833048;FR83404833048;;1 rue;69001;Lyon;FR;;";
    let found = faults(file(&[FORGE, &other, same_code]).as_bytes());
    assert_eq!(found, ["3 siren duplicate", "4 code duplicate"]);
    let text = read(file(&[FORGE, &other]).as_bytes()).unwrap_err();
    assert_eq!(text[0].text.fr, "Cette valeur se trouve déjà à la ligne 2.");
    // Compared even where a line is refused for something else.
    let wrong = FORGE.replace(";PME;", ";huge;");
    let found = faults(file(&[&wrong, &wrong]).as_bytes());
    let expected =
        ["2 size not_one_of", "3 size not_one_of", "3 code duplicate", "3 siren duplicate"];
    assert_eq!(found, expected);
}

#[test]
fn numbers_belong_to_one_company() {
    let foreign = with("FR44732829320", "FR83404833048");
    assert_eq!(faults(&foreign), ["2 vat_number other_siren"]);
    let header = "code;name;siren;siret;address;postcode;city\n";
    let line = |numbers| format!("{header}a;A;{numbers};1 rue;69001;Lyon\n").into_bytes();
    assert_eq!(faults(&line("404833048;73282932000074")), ["2 siret other_siren"]);
    assert_eq!(only(&line(";732 829 320 00074")).siren.unwrap().to_string(), "732829320");
    // One that is mistyped is not also missing.
    assert_eq!(faults(&line("732829321;")), ["2 siren check_digit"]);
    assert_eq!(faults(&line(";")), ["2 siren required"]);
}

#[test]
fn members_abroad_need_no_siren() {
    let line = "b;Berlin GmbH;;DE136695976;;1 Straße;10115;Berlin;DE;;en";
    let member = only(file(&[line]).as_bytes());
    assert_eq!((member.siren, member.address.country().as_str()), (None, "DE"));
    let line = "d;Dublin Ltd;;;;1 Quay;;Dublin;ie;;";
    assert_eq!(only(file(&[line]).as_bytes()).address.postcode(), None);
}

#[test]
fn a_regime_must_fit_the_address() {
    let header = "code;name;siren;vat_number;vat_regime;address;postcode;city;country\n";
    let line = |line: &str| format!("{header}{line}\n").into_bytes();
    let berlin = line("b;B;;DE136695976;intra_eu;1 Straße;10115;Berlin;DE");
    assert_eq!(only(&berlin).vat_regime.unwrap().as_str(), "intra_eu");
    let without = line("b;B;;;intra_eu;1 Straße;10115;Berlin;DE");
    assert_eq!(faults(&without), ["2 vat_regime regime_needs_vat_number"]);
    let lyon = line("a;A;732829320;;overseas;1 rue;69001;Lyon;FR");
    assert_eq!(faults(&lyon), ["2 vat_regime regime_elsewhere"]);
    // What follows from another fault is not said.
    let mistyped = line("b;B;;DE136695977;intra_eu;1 Straße;10115;Berlin;DE");
    assert_eq!(faults(&mistyped), ["2 vat_number check_digit"]);
}

#[test]
fn an_electronic_address_is_the_companys_own() {
    let header = "code;name;siren;address;postcode;city;electronic_address\n";
    let line = |address: &str| format!("{header}a;A;732829320;1 rue;69001;Lyon;{address}\n");
    let of_another = faults(line("0225:404833048").as_bytes());
    assert_eq!(of_another, ["2 electronic_address other_siren"]);
    assert_eq!(faults(line("732829320").as_bytes()).len(), 1);
    let own = only(line("0225:732829320_COMPTA").as_bytes()).electronic_address.unwrap();
    assert_eq!(own.to_string(), "0225:732829320_COMPTA");
    assert_eq!(only(line("").as_bytes()).electronic_address, None);
}

#[test]
fn codes_and_names_have_bounds() {
    let long = "x".repeat(64);
    assert_eq!(only(&with("forge;", &format!("{long};"))).code, long);
    for code in [format!("{long}x"), "é".to_owned(), "a/b".to_owned()] {
        assert_eq!(faults(&with("forge;", &format!("{code};"))), ["2 code code"]);
    }
    let name = "é".repeat(201);
    assert_eq!(faults(&with("Forge du Rhône SAS", &name)), ["2 name too_long"]);
    assert_eq!(faults(&with("Forge du Rhône SAS", "For\0ge")), ["2 name wrong_character"]);
}

#[test]
fn ambiguous_terms_are_not_guessed() {
    let header = "code;name;siren;address;postcode;city;payment_terms\n";
    let line = |terms: &str| format!("{header}a;A;732829320;1 rue;69001;Lyon;{terms}\n");
    let found = faults(line("45 jours fin de mois").as_bytes());
    assert_eq!(found, ["2 payment_terms term_form"]);
    assert_eq!(faults(line("90").as_bytes()), ["2 payment_terms term_too_long"]);
    let terms = only(line("end_of_month_45_days").as_bytes()).payment_terms.unwrap();
    assert_eq!(terms.to_string(), "end_of_month_45_days");
}
