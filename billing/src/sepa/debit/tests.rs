//! Files of direct debits: what is written is read back, and what is wrong shows.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::sepa::{MandateForm, MandateKind, SepaError, business_day_after};
use crate::statement::CreditorReference;
use crate::xml::{self, Element};
use crate::{Address, Currency};

const FRENCH: &str = "FR1420041010050500013M02606";
const SWISS: &str = "CH9300762011623852957";
const VERSIONS: &[DebitVersion] = DebitVersion::ALL;

fn euros(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn form(reference: &str) -> MandateForm<'_> {
    MandateForm {
        reference,
        scheme: Scheme::Core,
        kind: MandateKind::Recurrent,
        signed_on: date(2025, 1, 12),
        debtor: "Forge de l’Ouest",
        iban: FRENCH,
        bic: None,
        address: None,
    }
}

fn collection(end_to_end: &str, reference: &str) -> Collection {
    Collection {
        end_to_end: end_to_end.to_owned(),
        amount: euros(118_800),
        mandate: Mandate::new(form(reference)).unwrap(),
        used: MandateUse { last_collected_on: Some(date(2026, 6, 30)), is_spent: false },
        is_last: false,
        amendment: None,
        collect_on: date(2026, 7, 31),
        notified_on: date(2026, 7, 3),
        remittance: Remittance::Text("Facture FA-2026-000123 — juin 2026".to_owned()),
    }
}

fn file(collections: Vec<Collection>) -> DirectDebits {
    let holder =
        AccountHolder::new("Pôle Mécatronique & Cie", FRENCH, Some("PSSTFRPPPAR"), None).unwrap();
    DirectDebits {
        message_id: "POLE-2026-07".to_owned(),
        created_at: date(2026, 7, 20).at(9, 30, 0, 0),
        creditor: Creditor { holder, id: "FR72ZZZ123456".parse().unwrap() },
        notice_days: DirectDebits::NOTICE_DAYS,
        days_ahead: DirectDebits::DAYS_AHEAD,
        mark_first: false,
        batch_booking: true,
        collections,
    }
}

/// What there is of everything: a new account, an account beyond the Economic Area, a reference.
fn varied() -> DirectDebits {
    let address =
        Address::new(["Rue du Rhône 12"], Some("1204"), "Genève", "CH".parse().unwrap()).unwrap();
    let swiss = MandateForm {
        scheme: Scheme::B2b,
        kind: MandateKind::OneOff,
        debtor: "Usinage Léman SA",
        iban: SWISS,
        bic: Some("UBSWCHZH80A"),
        address: Some(&address),
        ..form("RUM-LEMAN-1")
    };
    let once = Collection {
        amount: euros(5),
        mandate: Mandate::new(swiss).unwrap(),
        used: MandateUse::default(),
        remittance: Remittance::Reference(CreditorReference::of("FA-2026-000124").unwrap()),
        ..collection("FA-2026-000124", "X")
    };
    let amendment = Amendment {
        reference: Some("RUM-OLD".parse().unwrap()),
        creditor_id: Some("DE98ZZZ09999999999".parse().unwrap()),
        creditor_name: Some("Pôle d’avant".to_owned()),
        account: true,
    };
    let changed = Collection {
        amendment: Some(amendment),
        collect_on: date(2026, 7, 30),
        ..collection("FA-2026-000125", "RUM-CHANGED")
    };
    file(vec![collection("FA-2026-000123", "RUM-FORGE-1"), once, changed])
}

/// The whole of it, and the same again: nothing but what is handed in has a say.
#[test]
fn a_file_says_what_it_was_given() {
    for (version, expected) in [
        (DebitVersion::V02, include_str!("example_02.xml")),
        (DebitVersion::V08, include_str!("example_08.xml")),
    ] {
        let written = String::from_utf8(varied().write(version).unwrap()).unwrap();
        assert_eq!(written, expected, "{version}");
    }
}

fn wrong(file: &DirectDebits) -> Vec<(String, &'static str)> {
    let faults = file.write(DebitVersion::V08).unwrap_err();
    assert_eq!(file.write(DebitVersion::V02), Err(faults.clone()));
    assert_eq!(file.batches(), Err(faults.clone()));
    faults.0.into_iter().map(|it| (it.pointer, it.kind.code())).collect()
}

type Change = fn(&mut DirectDebits);

/// What a file that is right turns into by one change, and what is said of it.
const FAULTS: &[(Change, &str, &str)] = &[
    (|it| it.message_id = "A".repeat(31), "/message_id", "too_long"),
    (|it| it.message_id.clear(), "/message_id", "empty"),
    (|it| it.message_id = "A//B".to_owned(), "/message_id", "slash"),
    (|it| it.collections.clear(), "/collections", "empty"),
    (
        |it| it.collections[0].end_to_end = "n°1".to_owned(),
        "/collections/0/end_to_end",
        "character",
    ),
    (
        |it| it.collections[1].end_to_end = "FA-2026-000123".to_owned(),
        "/collections/1/end_to_end",
        "duplicate",
    ),
    (
        |it| it.collections[0].amount = Money::from_minor(1, Currency::CHF),
        "/collections/0/amount",
        "currency",
    ),
    (|it| it.collections[0].amount = euros(0), "/collections/0/amount", "not_positive"),
    (|it| it.collections[0].amount = euros(-1), "/collections/0/amount", "not_positive"),
    (|it| it.collections[0].amount = euros(100_000_000_000), "/collections/0/amount", "too_much"),
    (
        |it| it.collections[0].remittance = Remittance::Text("é".repeat(141)),
        "/collections/0/remittance",
        "too_long",
    ),
    (
        |it| it.collections[0].remittance = Remittance::Text("счёт".to_owned()),
        "/collections/0/remittance",
        "character",
    ),
    // The 25th is a Saturday; the 20th is the day of the file; the 4th of August is 15 days on.
    (
        |it| it.collections[0].collect_on = date(2026, 7, 25),
        "/collections/0/collect_on",
        "not_a_business_day",
    ),
    (
        |it| it.collections[0].collect_on = date(2026, 7, 20),
        "/collections/0/collect_on",
        "too_soon",
    ),
    (|it| it.collections[0].collect_on = date(2026, 8, 4), "/collections/0/collect_on", "too_far"),
    (|it| it.collections[0].notified_on = date(2026, 7, 18), "/collections/0/collect_on", "notice"),
    (|it| it.collections[0].used.is_spent = true, "/collections/0/mandate", "spent"),
    (
        |it| it.collections[0].used.last_collected_on = Some(date(2023, 7, 30)),
        "/collections/0/mandate",
        "expired",
    ),
    (
        |it| it.created_at = date(2025, 1, 11).at(0, 0, 0, 0),
        "/collections/0/mandate/signed_on",
        "signed_later",
    ),
    (
        // The reference differs in capitals alone.
        |it| {
            let other = MandateForm { debtor: "Another", ..form("rum-forge-1") };
            it.collections[1].mandate = Mandate::new(other).unwrap();
        },
        "/collections/1/mandate/reference",
        "other_mandate",
    ),
    (
        |it| it.collections[0].amendment = Some(Amendment::default()),
        "/collections/0/amendment",
        "no_change",
    ),
    (
        |it| {
            let creditor_id = Some("FR72ZZZ123456".parse().unwrap());
            let same = Amendment { creditor_id, account: true, ..Amendment::default() };
            it.collections[0].amendment = Some(same);
        },
        "/collections/0/amendment",
        "no_change",
    ),
];

#[test]
fn each_fault_is_named_where_it_is() {
    for (change, pointer, code) in FAULTS {
        let mut file =
            file(vec![collection("FA-2026-000123", "RUM-FORGE-1"), collection("B", "RUM-2")]);
        file.batches().unwrap();
        change(&mut file);
        let found = wrong(&file);
        assert!(found.contains(&((*pointer).to_owned(), *code)), "{pointer} {code}: {found:?}");
        // A day before all mandates is wrong for more than one reason.
        assert!(found.len() == 1 || *code == "signed_later", "{found:?}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let mut file = file(vec![collection("", "RUM-1"), collection("B", "RUM-2")]);
    file.message_id = "/".to_owned();
    file.collections[0].amount = euros(0);
    file.collections[1].collect_on = date(2026, 8, 1);
    let faults = file.write(DebitVersion::V08).unwrap_err();
    assert_eq!(
        faults.to_string(),
        "/message_id: begins or ends with a slash, or has two in a row; \
         /collections/0/end_to_end: is empty; /collections/0/amount: must be more than zero; \
         /collections/1/collect_on: is no business day of TARGET, the next is 2026-08-03"
    );
    let next = date(2026, 8, 3);
    assert_eq!(faults.0[3].kind, SepaError::NotABusinessDay { next });
}

/// One mandate, three times in a file: by the days, not by the order in which they are handed in.
#[test]
fn a_mandate_is_used_in_the_order_of_its_days() {
    let on = |name: &str, day| Collection {
        collect_on: date(2026, 7, day),
        used: MandateUse::default(),
        ..collection(name, "RUM-1")
    };
    let mut file = file(vec![on("C", 31), on("A", 29), on("B", 30)]);
    file.mark_first = true;
    let order = |file: &DirectDebits| -> Vec<_> {
        let batches = file.batches().unwrap();
        batches.into_iter().map(|it| (it.positions, it.sequence)).collect()
    };
    let (first, recurring) = (Sequence::First, Sequence::Recurring);
    assert_eq!(order(&file), [(vec![1], first), (vec![2], recurring), (vec![0], recurring)]);
    file.collections[0].is_last = true;
    assert_eq!(order(&file)[2], (vec![0], Sequence::Final));
    // Nothing follows the last.
    file.collections[2].is_last = true;
    assert_eq!(wrong(&file), [("/collections/0/mandate".to_owned(), "spent")]);
    let once = MandateForm { kind: MandateKind::OneOff, ..form("RUM-ONCE") };
    let once = Mandate::new(once).unwrap();
    for collection in &mut file.collections {
        collection.mandate = once.clone();
    }
    let spent = |at: usize| (format!("/collections/{at}/mandate"), "spent");
    assert_eq!(wrong(&file), [spent(2), spent(0)]);
}

fn texts<'e>(all: impl Iterator<Item = &'e Element>, path: &str) -> Vec<String> {
    all.map(|it| it.text_at(path).unwrap().to_owned()).collect()
}

fn cents(text: &str) -> i64 {
    Money::parse(text, Currency::EUR).unwrap().minor()
}

/// Reads a file back: counts and sums of the whole and of each batch, and which debits are in which.
fn read_back(file: &DirectDebits, bytes: &[u8]) {
    let root = xml::read(bytes).unwrap();
    let message = root.at("CstmrDrctDbtInitn").unwrap();
    let count: usize = message.text_at("GrpHdr/NbOfTxs").unwrap().parse().unwrap();
    assert_eq!(count, file.collections.len());
    let mut found = Vec::new();
    let mut sum = 0;
    let batches = file.batches().unwrap();
    assert_eq!(message.all("PmtInf").count(), batches.len());
    for (batch, written) in batches.iter().zip(message.all("PmtInf")) {
        let debits: Vec<_> = written.all("DrctDbtTxInf").collect();
        let amounts: Vec<_> =
            texts(debits.iter().copied(), "InstdAmt").iter().map(|it| cents(it)).collect();
        assert_eq!(written.text_at("NbOfTxs").unwrap(), amounts.len().to_string());
        assert_eq!(cents(written.text_at("CtrlSum").unwrap()), amounts.iter().sum::<i64>());
        assert_eq!(written.text_at("ReqdColltnDt").unwrap(), batch.collect_on.to_string());
        assert_eq!(written.text_at("PmtTpInf/LclInstrm/Cd").unwrap(), batch.scheme.as_str());
        assert_eq!(written.text_at("PmtTpInf/SeqTp").unwrap(), batch.sequence.as_str());
        assert_eq!(written.text_at("PmtInfId").unwrap(), batch.id);
        for at in &batch.positions {
            assert_eq!(file.collections[*at].collect_on, batch.collect_on);
            assert_eq!(file.collections[*at].mandate.scheme(), batch.scheme);
        }
        found.extend(
            texts(debits.iter().copied(), "PmtId/EndToEndId").into_iter().zip(amounts.clone()),
        );
        sum += amounts.iter().sum::<i64>();
    }
    assert_eq!(cents(message.text_at("GrpHdr/CtrlSum").unwrap()), sum);
    let given = file.collections.iter().map(|it| (it.end_to_end.clone(), it.amount.minor()));
    let mut given: Vec<_> = given.collect();
    found.sort();
    given.sort();
    assert_eq!(found, given, "each once");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(
        picks in prop::collection::vec((1_i64..=99_999_999_999, 0_u8..8, any::<[bool; 4]>()), 1..40),
        mark_first in any::<bool>(),
    ) {
        let collections = picks.iter().enumerate().map(|(nth, (minor, days, [b2b, once, new, last]))| {
            let reference = format!("RUM-{nth}");
            let scheme = if *b2b { Scheme::B2b } else { Scheme::Core };
            let kind = if *once { MandateKind::OneOff } else { MandateKind::Recurrent };
            let mandate = Mandate::new(MandateForm { scheme, kind, ..form(&reference) }).unwrap();
            let mut day = date(2026, 7, 20);
            for _ in 0..=*days {
                day = business_day_after(day).unwrap();
            }
            let used = if *new || *once {
                MandateUse::default()
            } else {
                collection("", "X").used
            };
            Collection {
                amount: euros(*minor),
                mandate,
                used,
                is_last: *last,
                collect_on: day,
                ..collection(&format!("E2E-{nth}"), "X")
            }
        });
        let file = DirectDebits { mark_first, ..file(collections.collect()) };
        for version in VERSIONS {
            let bytes = file.write(*version).unwrap();
            read_back(&file, &bytes);
            prop_assert_eq!(&bytes, &file.write(*version).unwrap());
            let allowed = |byte: &u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n');
            prop_assert!(bytes.iter().all(allowed));
        }
    }
}
