//! Who a document is between, as it shows them.

use serde::{Deserialize, Serialize};

use crate::{Address, ElectronicAddress, Siren, Siret, VatNumber};

/// A seller or a buyer, as they were on the day of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// What the other calls it: a member's code (BT-46).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its name (BT-27, BT-44).
    pub name: String,
    /// Legal form, share capital, register (BT-33).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_form: Option<String>,
    /// Its number among French companies (BT-30, BT-47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siren: Option<Siren>,
    /// That of its establishment (BT-29).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siret: Option<Siret>,
    /// Its VAT number (BT-31, BT-48).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<VatNumber>,
    /// Where it sits (BG-5, BG-8).
    pub address: Address,
    /// Whom to write to (BT-43, BT-58).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where its electronic invoices go, or come from (BT-34, BT-49), if not by its SIREN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub electronic_address: Option<ElectronicAddress>,
}

/// A bank account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// ISO 13616, without spaces (BT-84).
    pub iban: String,
    /// ISO 9362 (BT-86).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
}
