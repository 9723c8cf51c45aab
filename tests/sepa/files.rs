//! Files of every kind that there is.

use jiff::civil::{Date, date};
use palier_billing::sepa::{
    AccountHolder, Amendment, Collection, CreditTransfers, Creditor, DirectDebits, Mandate,
    MandateForm, MandateKind, MandateUse, Remittance, Scheme, Transfer,
};
use palier_billing::statement::CreditorReference;
use palier_billing::{Address, Currency, Money};

/// Names, accounts and banks: with and without BIC, in the Economic Area and beyond, with what a form may
/// hold.
const HOLDERS: [(&str, &str, Option<&str>, Option<&str>); 5] = [
    ("Forge de l’Ouest & Fils", "FR1420041010050500013M02606", None, None),
    ("Fräsmaschinen GmbH", "DE89370400440532013000", Some("COBADEFFXXX"), None),
    ("Usinage Léman SA", "CH9300762011623852957", Some("UBSWCHZH80A"), Some("CH")),
    ("Wind Tunnels Ltd", "GB29NWBK60161331926819", Some("NWBKGB2L"), Some("GB")),
    (
        "Société coopérative d’intérêt collectif des ateliers mutualisés de la vallée de l’Arve",
        "MC5811222000010123456789030",
        Some("CRLYMCM1"),
        Some("MC"),
    ),
];

fn address(country: &str) -> Address {
    let postcode = (country != "GB").then_some("98000");
    let lines = ["12, rue de l’Établi", "Bât. <B>"];
    Address::new(lines, postcode, "Genève-Cité", country.parse().unwrap()).unwrap()
}

fn holder(nth: usize) -> AccountHolder {
    let (name, iban, bic, country) = HOLDERS[nth % HOLDERS.len()];
    AccountHolder::new(name, iban, bic, country.map(address).as_ref()).unwrap()
}

fn remittance(nth: usize) -> Remittance {
    if nth.is_multiple_of(2) {
        return Remittance::Text(format!("Facture FA-2026-{nth:06} – « calcul » à 1 < 2 & 3 €"));
    }
    Remittance::Reference(CreditorReference::of(&format!("FA-2026-{nth:06}")).unwrap())
}

fn euros(minor: usize) -> Money {
    Money::from_minor(i64::try_from(minor).unwrap(), Currency::EUR)
}

fn mandate(nth: usize, scheme: Scheme, kind: MandateKind) -> Mandate {
    let (debtor, iban, bic, country) = HOLDERS[nth % HOLDERS.len()];
    let (reference, address) = (format!("RUM+{nth}/{scheme}"), country.map(address));
    let form = MandateForm {
        reference: &reference,
        scheme,
        kind,
        signed_on: date(2025, 2, 28),
        debtor,
        iban,
        bic,
        address: address.as_ref(),
    };
    Mandate::new(form).unwrap()
}

/// What a mandate may have been changed in, one and all.
fn amendments() -> Vec<Option<Amendment>> {
    let none = Amendment::default();
    let reference = Amendment { reference: Some("RUM-OLD".parse().unwrap()), ..none.clone() };
    let id = Some("DE98ZZZ09999999999".parse().unwrap());
    let creditor_id = Amendment { creditor_id: id, ..none.clone() };
    let creditor_name =
        Amendment { creditor_name: Some("Pôle d’avant".to_owned()), ..none.clone() };
    let account = Amendment { account: true, ..none };
    let all = Amendment {
        reference: reference.reference.clone(),
        creditor_id: creditor_id.creditor_id.clone(),
        creditor_name: creditor_name.creditor_name.clone(),
        account: true,
    };
    let one_each = [reference, creditor_id, creditor_name, account, all];
    std::iter::once(None).chain(one_each.into_iter().map(Some)).collect()
}

const CREATED: Date = date(2026, 7, 20);

/// Collections of every scheme, kind, sequence and amendment, on two days.
pub(super) fn debits(creditor: usize) -> DirectDebits {
    let used = MandateUse { last_collected_on: Some(date(2026, 6, 30)), is_spent: false };
    let kinds = [
        (MandateKind::Recurrent, MandateUse::default(), false),
        (MandateKind::Recurrent, used, false),
        (MandateKind::Recurrent, used, true),
        (MandateKind::OneOff, MandateUse::default(), false),
    ];
    let schemes = [Scheme::Core, Scheme::B2b];
    let each = schemes.iter().flat_map(|scheme| kinds.iter().map(move |kind| (*scheme, *kind)));
    let amendments = amendments();
    let each = each.flat_map(|it| amendments.iter().map(move |amendment| (it, amendment.clone())));
    let collections =
        each.enumerate().map(|(nth, ((scheme, (kind, used, is_last)), amendment))| Collection {
            end_to_end: format!("FA-2026-{nth:06}"),
            amount: euros(nth * nth * 977 + 1),
            mandate: mandate(nth, scheme, kind),
            used,
            is_last,
            amendment,
            collect_on: if nth.is_multiple_of(3) { date(2026, 7, 30) } else { date(2026, 7, 31) },
            notified_on: date(2026, 7, 3),
            remittance: remittance(nth),
        });
    DirectDebits {
        message_id: format!("POLE-2026-07-{creditor}"),
        created_at: CREATED.at(9, 30, 0, 0),
        creditor: Creditor { holder: holder(creditor), id: "FR72ZZZ123456".parse().unwrap() },
        notice_days: DirectDebits::NOTICE_DAYS,
        days_ahead: DirectDebits::DAYS_AHEAD,
        mark_first: true,
        batch_booking: creditor.is_multiple_of(2),
        collections: collections.collect(),
    }
}

/// Payments to everybody, on three days.
pub(super) fn transfers(debtor: usize) -> CreditTransfers {
    let transfers = (0..25).map(|nth| Transfer {
        end_to_end: format!("PAY-{nth}"),
        amount: euros(nth * nth * 977 + 1),
        creditor: holder(nth),
        execute_on: [date(2026, 7, 20), date(2026, 7, 24), date(2026, 8, 3)][nth % 3],
        remittance: remittance(nth),
    });
    CreditTransfers {
        message_id: format!("PAY-2026-07-{debtor}"),
        created_at: CREATED.at(23, 59, 59, 0),
        debtor: holder(debtor),
        batch_booking: debtor.is_multiple_of(2),
        transfers: transfers.collect(),
    }
}

/// How many creditors and payers there are to make files for.
pub(super) const HELD: usize = HOLDERS.len();
