//! The code that banking apps read into a transfer: European Payments Council, *Quick Response Code:
//! Guidelines to Enable the Data Capture for the Initiation of an SCT* (EPC069-12, version 2.1).

use palier_billing::{BankAccount, Currency, Money};
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

use super::PdfError;

/// Squares of a code, row by row.
pub(super) struct Code {
    pub(super) side: usize,
    pub(super) dark: Vec<bool>,
}

/// How many characters a name may have (AT-21).
const NAME: usize = 70;
/// How many characters unstructured remittance information may have (AT-05).
const REMITTANCE: usize = 140;
/// 999,999,999.99, the most that the scheme transfers.
const MOST: i64 = 99_999_999_999;

/// What a transfer's code says; none where the scheme has no such transfer: another currency than the
/// euro, nothing to be paid, or more than it transfers.
fn payload(name: &str, account: &BankAccount, amount: Money, reference: &str) -> Option<String> {
    let payable = amount.currency() == Currency::EUR && (1..=MOST).contains(&amount.minor());
    let cut = |text: &str, most| text.chars().take(most).collect::<String>();
    let bic = account.bic.as_deref().unwrap_or_default();
    let (name, remittance) = (cut(name, NAME), cut(reference, REMITTANCE));
    let iban = &account.iban;
    // Service tag, version, UTF-8, scheme; at the end neither purpose nor structured reference.
    payable
        .then(|| format!("BCD\n002\n1\nSCT\n{bic}\n{name}\n{iban}\nEUR{amount}\n\n\n{remittance}"))
}

/// The code of a transfer, if there is such a transfer.
///
/// # Errors
/// [`PdfError::Code`] if it is too long for the version 13 that the guidelines allow, which no name
/// and number within their limits is.
pub(super) fn code(
    name: &str,
    account: &BankAccount,
    amount: Money,
    reference: &str,
) -> Result<Option<Code>, PdfError> {
    let Some(payload) = payload(name, account, amount, reference) else { return Ok(None) };
    // Level M and no version above 13 are what the guidelines ask for. All of it as bytes: a reader
    // must not have to put segments together.
    let segment = [QrSegment::make_bytes(payload.as_bytes())];
    let (least, most) = (Version::MIN, Version::new(13));
    let code =
        QrCode::encode_segments_advanced(&segment, QrCodeEcc::Medium, least, most, None, false);
    let code = code.map_err(|error| PdfError::Code(error.to_string()))?;
    let squares = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let dark: Vec<_> = squares.map(|(x, y)| code.get_module(x, y)).collect();
    let side = usize::try_from(code.size()).unwrap_or_default();
    Ok(Some(Code { side, dark }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(bic: Option<&str>) -> BankAccount {
        let iban = "FR1420041010050500013M02606".to_owned();
        BankAccount { iban, bic: bic.map(str::to_owned) }
    }

    #[test]
    fn a_transfer_is_written_as_the_guidelines_say() {
        let due = Money::from_minor(7_920, Currency::EUR);
        let text = payload("Pôle Aéro", &account(Some("PSSTFRPPPAR")), due, "FA-2026-000123");
        let expected = "BCD\n002\n1\nSCT\nPSSTFRPPPAR\nPôle Aéro\nFR1420041010050500013M02606\n\
                        EUR79.20\n\n\nFA-2026-000123";
        assert_eq!(text.as_deref(), Some(expected));
    }

    #[test]
    fn what_the_scheme_does_not_transfer_has_no_code() {
        let of =
            |minor, currency| payload("P", &account(None), Money::from_minor(minor, currency), "F");
        assert!(of(1, Currency::EUR).is_some());
        assert!(of(MOST, Currency::EUR).is_some());
        for minor in [0, -1, MOST + 1] {
            assert_eq!(of(minor, Currency::EUR), None);
        }
        assert_eq!(of(7_920, Currency::CHF), None);
    }

    #[test]
    fn the_longest_names_fit() {
        let long = "é".repeat(200);
        let due = Money::from_minor(MOST, Currency::EUR);
        let code = code(&long, &account(Some("PSSTFRPPPAR")), due, &"9".repeat(35));
        let code = code.unwrap().unwrap();
        assert!(code.side <= 4 * 13 + 17);
        assert_eq!(code.dark.len(), code.side * code.side);
    }
}
