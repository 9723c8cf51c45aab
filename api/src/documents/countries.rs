//! Countries as an address from France names them: in French and in capitals, as La Poste asks.

use palier_billing::CountryCode;

/// Those of the European Economic Area, and those that most letters beyond it go to.
const NAMES: [(&str, &str); 48] = [
    ("AD", "ANDORRE"),
    ("AE", "ÉMIRATS ARABES UNIS"),
    ("AT", "AUTRICHE"),
    ("AU", "AUSTRALIE"),
    ("BE", "BELGIQUE"),
    ("BG", "BULGARIE"),
    ("BR", "BRÉSIL"),
    ("CA", "CANADA"),
    ("CH", "SUISSE"),
    ("CN", "CHINE"),
    ("CY", "CHYPRE"),
    ("CZ", "TCHÉQUIE"),
    ("DE", "ALLEMAGNE"),
    ("DK", "DANEMARK"),
    ("DZ", "ALGÉRIE"),
    ("EE", "ESTONIE"),
    ("ES", "ESPAGNE"),
    ("FI", "FINLANDE"),
    ("FR", "FRANCE"),
    ("GB", "ROYAUME-UNI"),
    ("GR", "GRÈCE"),
    ("HR", "CROATIE"),
    ("HU", "HONGRIE"),
    ("IE", "IRLANDE"),
    ("IL", "ISRAËL"),
    ("IN", "INDE"),
    ("IS", "ISLANDE"),
    ("IT", "ITALIE"),
    ("JP", "JAPON"),
    ("KR", "CORÉE DU SUD"),
    ("LI", "LIECHTENSTEIN"),
    ("LT", "LITUANIE"),
    ("LU", "LUXEMBOURG"),
    ("LV", "LETTONIE"),
    ("MA", "MAROC"),
    ("MC", "MONACO"),
    ("MT", "MALTE"),
    ("NL", "PAYS-BAS"),
    ("NO", "NORVÈGE"),
    ("PL", "POLOGNE"),
    ("PT", "PORTUGAL"),
    ("RO", "ROUMANIE"),
    ("SE", "SUÈDE"),
    ("SI", "SLOVÉNIE"),
    ("SK", "SLOVAQUIE"),
    ("TN", "TUNISIE"),
    ("UA", "UKRAINE"),
    ("US", "ÉTATS-UNIS"),
];

/// Parts of France whose letters have a French postcode, and need no country.
const FRENCH: &str = "FR BL GF GP MF MQ NC PF PM RE TF WF YT";

/// The last line of an address, where it has one: the name of a country other than France, or its two
/// letters.
pub(super) fn named(country: CountryCode) -> Option<&'static str> {
    let code = country.as_str();
    if FRENCH.split(' ').any(|french| french == code) {
        return None;
    }
    let name = NAMES.iter().find(|(it, _)| *it == code).map(|(_, name)| *name);
    // Every code of a country is a constant of its crate.
    Some(name.unwrap_or(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_finds_its_country() {
        let named = |code: &str| named(code.parse().unwrap());
        assert_eq!(named("DE"), Some("ALLEMAGNE"));
        assert_eq!([named("FR"), named("RE")], [None, None]);
        assert_eq!(named("NZ"), Some("NZ"));
        assert!(NAMES.is_sorted());
        for (code, _) in NAMES {
            assert!(code.parse::<CountryCode>().is_ok(), "{code}");
        }
    }
}
