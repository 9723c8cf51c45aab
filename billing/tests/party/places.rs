//! Countries, addresses, sizes, and the VAT regime that follows from a place.

use palier_billing::{
    Address, AddressFault, CountryCode, PartyError, RateScale, SizeClass, VatCategory, VatNumber,
    VatRegime, VatTerritory,
};

use crate::{address, refused, round_trips};

#[test]
fn countries_are_those_of_the_standard() {
    for code in ["FR", "DE", "GR", "RE", "US", "SS"] {
        round_trips::<CountryCode>(code);
    }
    assert_eq!(refused::<CountryCode>(""), PartyError::Empty);
    // Left to users, reserved, in small letters, of three letters, no letters.
    for code in ["XK", "ZZ", "EL", "UK", "XI", "fr", "FRA", "F", "é", "12"] {
        assert_eq!(refused::<CountryCode>(code), PartyError::Country, "{code}");
    }
    assert_eq!(CountryCode::parse_lenient(" fr "), Ok(CountryCode::FR));
    let all = (b'A'..=b'Z').flat_map(|a| (b'A'..=b'Z').map(move |b| [a, b]));
    let codes: Vec<CountryCode> =
        all.filter_map(|code| str::from_utf8(&code).unwrap().parse().ok()).collect();
    assert_eq!(codes.len(), 249);
    assert_eq!(codes.iter().filter(|code| code.is_eu()).count(), 27);
}

#[test]
fn sizes_have_one_name_and_several_spellings() {
    for size in SizeClass::ALL {
        round_trips::<SizeClass>(size.as_str());
    }
    for (text, size) in
        [("TPE", SizeClass::Micro), ("PME", SizeClass::Pme), ("Eti ", SizeClass::Eti)]
    {
        assert_eq!(SizeClass::parse_lenient(text), Ok(size));
        assert!(text.parse::<SizeClass>().is_err());
    }
    assert_eq!(SizeClass::parse_lenient("Grande entreprise"), Ok(SizeClass::Ge));
    let allowed = PartyError::NotOneOf { allowed: &["micro", "pme", "eti", "ge"] };
    assert_eq!(SizeClass::parse_lenient("huge"), Err(allowed));
    assert_eq!(SizeClass::parse_lenient(" "), Err(PartyError::Empty));
}

#[test]
fn an_address_is_kept_tidy_and_reads_back() {
    let lines = [" 36 rue de l’Atelier ", "", "Bâtiment B"];
    let address = Address::new(lines, Some(" 69007"), "Lyon ", CountryCode::FR).unwrap();
    assert_eq!(address.lines(), ["36 rue de l’Atelier", "Bâtiment B"]);
    assert_eq!((address.postcode(), address.city()), (Some("69007"), "Lyon"));
    let json = serde_json::to_string(&address).unwrap();
    assert_eq!(
        json,
        r#"{"lines":["36 rue de l’Atelier","Bâtiment B"],"postcode":"69007","city":"Lyon","country":"FR"}"#
    );
    assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), address);
    let error = serde_json::from_str::<Address>(&json.replace("69007", "6900")).unwrap_err();
    assert!(error.to_string().starts_with("postcode is not a postcode of FR"), "{error}");

    let dublin = Address::new(["1 Quay"], None, "Dublin", "IE".parse().unwrap()).unwrap();
    let json = serde_json::to_string(&dublin).unwrap();
    assert_eq!(json, r#"{"lines":["1 Quay"],"city":"Dublin","country":"IE"}"#);
    assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), dublin);
}

#[test]
fn all_faults_of_an_address_are_found_at_once() {
    let faults = Address::new([" "], Some("6900A"), "", CountryCode::FR).unwrap_err();
    let postcode = PartyError::Postcode { country: CountryCode::FR, example: "69007" };
    let fault = |field, error| AddressFault { field, error };
    assert_eq!(
        faults,
        [
            fault("lines", PartyError::Empty),
            fault("postcode", postcode),
            fault("city", PartyError::Empty)
        ]
    );
    let only = |lines: &[&str], postcode: &str, city: &str| {
        let result = Address::new(lines.iter().copied(), Some(postcode), city, CountryCode::FR);
        let [fault] = result.unwrap_err().try_into().unwrap();
        fault
    };
    assert_eq!(only(&["a"], "", "Lyon"), fault("postcode", PartyError::Empty));
    let many = PartyError::TooManyLines { limit: 3, found: 4 };
    assert_eq!(only(&["a", "b", "c", "d"], "69007", "Lyon"), fault("lines", many));
    let long = PartyError::TooLong { limit: 200, found: 201 };
    assert_eq!(only(&["a"], "69007", &"é".repeat(201)), fault("city", long));
    let nul = PartyError::WrongCharacter { found: '\0', position: 2 };
    assert_eq!(only(&["a\0"], "69007", "Lyon"), fault("lines", nul));
}

#[test]
fn territories_of_france() {
    use VatTerritory::{France, MemberState, Outside, OverseasTaxed, OverseasUntaxed};
    for (postcode, country, territory) in [
        ("69007", "FR", France),
        ("20000", "FR", France),
        ("98000", "MC", France),
        ("97110", "FR", OverseasTaxed),
        ("97200", "FR", OverseasTaxed),
        ("97400", "RE", OverseasTaxed),
        ("97300", "FR", OverseasUntaxed),
        ("97600", "YT", OverseasUntaxed),
        ("97133", "FR", Outside),
        ("97150", "MF", Outside),
        ("98800", "FR", Outside),
        ("10115", "DE", MemberState),
        ("8001", "CH", Outside),
        ("BT1 1AA", "GB", Outside),
    ] {
        assert_eq!(address(postcode, country).vat_territory(), territory, "{postcode} {country}");
    }
}

#[test]
fn the_regime_follows_from_place_and_number() {
    let german: VatNumber = "DE136695976".parse().unwrap();
    let french: VatNumber = "FR44732829320".parse().unwrap();
    for (postcode, country, number, regime) in [
        ("69007", "FR", Some(&french), "standard"),
        ("97400", "FR", Some(&french), "overseas"),
        ("97300", "FR", None, "overseas_untaxed"),
        ("10115", "DE", Some(&german), "intra_eu"),
        ("10115", "DE", Some(&french), "standard"),
        ("10115", "DE", None, "standard"),
        ("8001", "CH", None, "outside_eu"),
    ] {
        let address = address(postcode, country);
        let suggested = VatRegime::suggested(&address, number);
        assert_eq!(suggested.as_str(), regime);
        assert_eq!(suggested.check(&address, number), Ok(()));
        round_trips::<VatRegime>(regime);
    }
}

#[test]
fn a_regime_that_does_not_fit_is_refused() {
    let german: VatNumber = "DE136695976".parse().unwrap();
    let (lyon, berlin, cayenne) =
        (address("69007", "FR"), address("10115", "DE"), address("97300", "FR"));
    let elsewhere = |suggested| Err(PartyError::RegimeElsewhere { suggested });
    let reverse = VatRegime::IntraEu;
    assert_eq!(reverse.check(&berlin, None), Err(PartyError::RegimeNeedsVatNumber));
    assert_eq!(reverse.check(&lyon, Some(&german)), elsewhere(VatRegime::Standard));
    assert_eq!(VatRegime::Standard.check(&berlin, Some(&german)), elsewhere(VatRegime::IntraEu));
    assert_eq!(VatRegime::Overseas.check(&cayenne, None), elsewhere(VatRegime::OverseasUntaxed));
    assert_eq!(VatRegime::Franchise.check(&cayenne, None), Ok(()));
    assert_eq!(VatRegime::Exempt.check(&lyon, None), Ok(()));
    assert_eq!(VatRegime::Exempt.check(&berlin, Some(&german)), elsewhere(reverse));
}

#[test]
fn what_a_regime_means_for_an_invoice() {
    use VatTerritory::{France, MemberState, Outside, OverseasTaxed, OverseasUntaxed};
    for (regime, territory, category, scale, vatex) in [
        (VatRegime::Standard, France, "S", RateScale::Mainland, None),
        (VatRegime::Franchise, France, "S", RateScale::Mainland, None),
        (VatRegime::Franchise, OverseasTaxed, "S", RateScale::Overseas, None),
        (VatRegime::Franchise, OverseasUntaxed, "E", RateScale::Untaxed, Some("VATEX-FR-CGI295")),
        (VatRegime::Overseas, OverseasTaxed, "S", RateScale::Overseas, None),
        (
            VatRegime::OverseasUntaxed,
            OverseasUntaxed,
            "E",
            RateScale::Untaxed,
            Some("VATEX-FR-CGI295"),
        ),
        (VatRegime::IntraEu, MemberState, "AE", RateScale::Untaxed, Some("VATEX-EU-AE")),
        (VatRegime::OutsideEu, Outside, "G", RateScale::Untaxed, Some("VATEX-EU-G")),
        (VatRegime::Exempt, France, "E", RateScale::Untaxed, Some("VATEX-FR-CGI261B")),
    ] {
        let treatment = regime.treatment(territory);
        assert_eq!(treatment.category.as_str(), category);
        assert_eq!(treatment.scale, scale);
        assert_eq!(treatment.wording.map(|wording| wording.vatex), vatex);
        assert_eq!(treatment.category == VatCategory::Standard, treatment.wording.is_none());
    }
    let reverse = VatRegime::IntraEu.treatment(MemberState).wording.unwrap();
    assert!(reverse.fr.starts_with("Autoliquidation"), "the word the law asks for");
}
