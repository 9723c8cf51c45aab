//! Files of payments: what is written is read back, and what is wrong shows.

use jiff::civil::date;

use super::*;
use crate::statement::CreditorReference;
use crate::{Address, xml};

const FRENCH: &str = "FR1420041010050500013M02606";

fn euros(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn transfer(end_to_end: &str, minor: i64) -> Transfer {
    Transfer {
        end_to_end: end_to_end.to_owned(),
        amount: euros(minor),
        creditor: AccountHolder::new("Calcul Intensif SAS", "DE89370400440532013000", None, None)
            .unwrap(),
        execute_on: date(2026, 7, 31),
        remittance: Remittance::Text("Facture n° 77 – calcul de juin".to_owned()),
    }
}

fn file(transfers: Vec<Transfer>) -> CreditTransfers {
    CreditTransfers {
        message_id: "POLE-PAY-2026-07".to_owned(),
        created_at: date(2026, 7, 20).at(9, 30, 0, 0),
        debtor: AccountHolder::new("Pôle Mécatronique", FRENCH, Some("PSSTFRPPPAR"), None).unwrap(),
        batch_booking: false,
        transfers,
    }
}

fn varied() -> CreditTransfers {
    let address = Address::new(["1 Main Street"], None, "London", "GB".parse().unwrap()).unwrap();
    let account = ("GB29NWBK60161331926819", Some("NWBKGB2L"));
    let british =
        AccountHolder::new("Wind Tunnels Ltd", account.0, account.1, Some(&address)).unwrap();
    let reference = Remittance::Reference(CreditorReference::of("539007547034").unwrap());
    let other = Transfer { creditor: british, execute_on: date(2026, 7, 30), ..transfer("P-2", 7) };
    let third = Transfer { remittance: reference, ..transfer("P-3", 250_050) };
    file(vec![transfer("P-1", 120_000), other, third])
}

#[test]
fn a_file_says_what_it_was_given() {
    for (version, expected) in [
        (TransferVersion::V03, include_str!("example_03.xml")),
        (TransferVersion::V09, include_str!("example_09.xml")),
    ] {
        let written = String::from_utf8(varied().write(version).unwrap()).unwrap();
        assert_eq!(written, expected, "{version}");
    }
}

/// Days are batches, the first first; each has its own count and sum, and together they are the file's.
#[test]
fn counts_and_sums_hold() {
    for version in TransferVersion::ALL {
        let root = xml::read(&varied().write(*version).unwrap()).unwrap();
        let message = root.at("CstmrCdtTrfInitn").unwrap();
        assert_eq!(message.text_at("GrpHdr/NbOfTxs"), Some("3"));
        assert_eq!(message.text_at("GrpHdr/CtrlSum"), Some("3700.57"));
        let of = |path: &str| -> Vec<_> {
            message.all("PmtInf").map(|it| it.text_at(path).unwrap().to_owned()).collect()
        };
        assert_eq!(of("PmtInfId"), ["POLE-PAY-2026-07-1", "POLE-PAY-2026-07-2"]);
        assert_eq!(of("NbOfTxs"), ["1", "2"]);
        assert_eq!(of("CtrlSum"), ["0.07", "3700.50"]);
    }
}

#[test]
fn each_fault_is_named_where_it_is() {
    type Change = fn(&mut CreditTransfers);
    let cases: &[(Change, &str, &str)] = &[
        (|it| it.message_id = "A B".to_owned(), "/message_id", "character"),
        (|it| it.message_id = "A".repeat(31), "/message_id", "too_long"),
        (|it| it.transfers.clear(), "/transfers", "empty"),
        (|it| it.transfers[0].end_to_end = "A/".to_owned(), "/transfers/0/end_to_end", "slash"),
        (
            |it| it.transfers[1].end_to_end = "P-1".to_owned(),
            "/transfers/1/end_to_end",
            "duplicate",
        ),
        (|it| it.transfers[1].amount = euros(0), "/transfers/1/amount", "not_positive"),
        (
            |it| it.transfers[0].amount = Money::from_minor(1, Currency::USD),
            "/transfers/0/amount",
            "currency",
        ),
        (|it| it.transfers[0].amount = euros(100_000_000_000), "/transfers/0/amount", "too_much"),
        (
            |it| it.transfers[0].execute_on = date(2026, 7, 17),
            "/transfers/0/execute_on",
            "too_soon",
        ),
        (|it| it.transfers[0].execute_on = date(2027, 7, 21), "/transfers/0/execute_on", "too_far"),
        (
            |it| it.transfers[0].execute_on = date(2026, 12, 25),
            "/transfers/0/execute_on",
            "not_a_business_day",
        ),
        (
            |it| it.transfers[0].remittance = Remittance::Text(" ".to_owned()),
            "/transfers/0/remittance",
            "empty",
        ),
    ];
    for (change, pointer, code) in cases {
        let mut file = file(vec![transfer("P-1", 1), transfer("P-2", 99_999_999_999)]);
        file.write(TransferVersion::V03).unwrap();
        change(&mut file);
        let faults = file.write(TransferVersion::V09).unwrap_err().0;
        let found: Vec<_> = faults.into_iter().map(|it| (it.pointer, it.kind.code())).collect();
        assert_eq!(found, [((*pointer).to_owned(), *code)]);
    }
}

/// A payment may be asked for on the day of the file.
#[test]
fn today_is_soon_enough() {
    let today = Transfer { execute_on: date(2026, 7, 20), ..transfer("P-1", 1) };
    assert!(file(vec![today]).write(TransferVersion::V09).is_ok());
}
