//! CSV in all its spellings.

use encoding_rs::WINDOWS_1252;

use super::{FORGE, HEADER, faults, file, only};
use crate::members_file::{MAX_BYTES, MAX_ROWS, read};
use crate::text::Language;

#[test]
fn the_usual_file_is_read() {
    let member = only(file(&[FORGE]).as_bytes());
    assert_eq!(member.line, 2);
    assert_eq!(member.code, "forge");
    assert_eq!(member.name, "Forge du Rhône SAS");
    assert_eq!(member.siren.unwrap().to_string(), "732829320");
    assert_eq!(member.vat_number.unwrap().as_str(), "FR44732829320");
    assert_eq!(member.size_class.unwrap().as_str(), "pme");
    assert_eq!(member.address.lines(), ["36 rue de l’Atelier"]);
    assert_eq!(member.address.postcode(), Some("69007"));
    assert_eq!(member.address.city(), "Lyon");
    assert_eq!(member.email.as_deref(), Some("compta@forge.example"));
    assert_eq!(member.language, Some(Language::Fr));
    assert_eq!((member.siret, member.vat_regime, member.payment_terms), (None, None, None));
}

/// The trial's file, where the shared folder is at hand.
#[test]
fn the_members_of_the_trial_are_read_as_they_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/members.csv");
    let Ok(bytes) = std::fs::read(path) else {
        return;
    };
    let members = read(&bytes).unwrap();
    assert_eq!(members.len(), 69);
    for member in members {
        assert_eq!(member.vat_number, member.siren.map(palier_billing::Siren::vat_number));
    }
}

#[test]
fn encodings_and_separators_do_not_matter() {
    let text = file(&[FORGE]);
    let expected = only(text.as_bytes());
    let commas = text.replace(';', ",");
    let utf16: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [
        format!("\u{feff}{text}").into_bytes(),
        WINDOWS_1252.encode(&text).0.into_owned(),
        WINDOWS_1252.encode(&commas).0.into_owned(),
        text.replace(';', "\t").into_bytes(),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace("Forge du Rhône SAS", "\"Forge du Rhône SAS\"").into_bytes(),
        utf16,
    ] {
        assert_eq!(only(&bytes), expected);
    }
}

#[test]
fn french_headers_are_known_however_they_are_written() {
    let line = "forge;Forge;732 829 320;73282932000074;fr 44 732 829 320;tpe;SAS;36 rue;Bât. B;\
        1000;Bourg-en-Bresse;France;a@b.example;Français;30 jours;Standard;0225:732829320_COMPTA;BC-2026/17";
    for header in [
        "code;raison sociale;siren;siret;n° tva;taille;forme juridique;adresse;\
            complément d’adresse;code postal;ville;pays;courriel;langue;délai de paiement;\
            régime de tva;adresse de facturation électronique;bon de commande",
        "CODE;Nom;N° SIREN;N° SIRET;TVA INTRACOMMUNAUTAIRE;Taille;FORME JURIDIQUE;Adresse 1;\
            Adresse 2;CODE POSTAL;VILLE;Pays;E-mail;LANGUE;Delai de paiement;Regime TVA;\
            ADRESSE ELECTRONIQUE DE FACTURATION;N° commande",
        "code;name;siren;siret;vat_number;size;legal_form;address;address_line2;postcode;city;\
            country;email;language;payment_terms;vat_regime;electronic_address;purchase_order",
    ] {
        let member = only(format!("{header}\n{line}\n").as_bytes());
        assert_eq!(member.legal_form.as_deref(), Some("SAS"));
        assert_eq!(member.siret.unwrap().to_string(), "73282932000074");
        assert_eq!(member.vat_number.unwrap().as_str(), "FR44732829320");
        assert_eq!(member.size_class.unwrap().as_str(), "micro");
        assert_eq!(member.address.lines(), ["36 rue", "Bât. B"]);
        assert_eq!(member.address.postcode(), Some("01000"), "Excel dropped the zero");
        assert_eq!(member.payment_terms.unwrap().to_string(), "30_days");
        assert_eq!(member.vat_regime.unwrap().as_str(), "standard");
        assert_eq!(member.electronic_address.unwrap().to_string(), "0225:732829320_COMPTA");
        assert_eq!(member.purchase_order.as_deref(), Some("BC-2026/17"));
    }
}

#[test]
fn the_header_must_say_what_is_needed_and_nothing_unknown() {
    assert_eq!(faults(b""), ["empty"]);
    assert_eq!(faults(b" \n;;\n"), ["empty"]);
    assert_eq!(faults(format!("{HEADER}\n;;;\n").as_bytes()), ["no_members"]);
    let text = "\n\nname;colour;nom\nForge;red;\n";
    assert_eq!(
        faults(text.as_bytes()),
        [
            "3 colour unknown_column",
            "3 name repeated_column",
            "3 code missing_column",
            "3 address missing_column",
            "3 city missing_column",
        ]
    );
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let quoted = FORGE.replace("36 rue de l’Atelier", "\"36 rue de l’Atelier\nBâtiment B\"");
    let wrong = FORGE.replace("732829320", "732829321");
    let wrong = wrong.replace("forge;", "usine;");
    let text = file(&[&quoted, "", ";;;;", &wrong]);
    // The header is line 1, the quoted cell makes the first member two lines long.
    for text in [&text, &text.replace('\n', "\r\n"), &text.replace('\n', "\r")] {
        let expected = ["6 siren check_digit", "6 vat_number check_digit"];
        assert_eq!(faults(text.as_bytes()), expected);
    }
    assert_eq!(only(file(&[&quoted]).as_bytes()).address.lines().len(), 2);
    // A quote that nobody closes.
    let open = FORGE.replace("36 rue", "\"36 rue");
    assert_eq!(faults(file(&[FORGE, &open, &wrong]).as_bytes()), ["3 open_quote"]);
    assert_eq!(only(file(&[FORGE]).trim_end().as_bytes()).line, 2, "no line break at the end");
}

#[test]
fn a_separator_inside_a_cell_is_not_lost() {
    let line = FORGE.replace("36 rue", "36; rue");
    let found = faults(file(&[&line]).as_bytes());
    assert_eq!(found.first().map(String::as_str), Some("2 extra_cells"));
    // Empty cells behind the last column are what spreadsheets write.
    assert_eq!(only(file(&[&format!("{FORGE};;;")]).as_bytes()).code, "forge");
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    assert_eq!(faults(&vec![b'x'; MAX_BYTES + 1]), ["too_large"]);
    let line = |index| format!("m{index};A;;;;1 rue;10115;Berlin;DE;;");
    let lines: Vec<_> = (0..=MAX_ROWS).map(line).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    assert_eq!(read(file(&lines[1..]).as_bytes()).unwrap().len(), MAX_ROWS);
    assert_eq!(faults(file(&lines).as_bytes()), ["too_many_rows"]);
    let wide = format!("{HEADER}{}x\n", ";".repeat(1_000_000));
    assert_eq!(faults(wide.as_bytes()), ["1 too_many_columns"]);
}
