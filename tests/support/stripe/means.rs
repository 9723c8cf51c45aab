//! What people pay with, and how it behaves: the numbers of Stripe's own test mode.

use serde_json::{Value, json};

/// A card or a bank account, as a person types it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// The number of a card.
    Card(&'static str),
    /// The IBAN of an account to be debited by SEPA.
    Iban(&'static str),
}

/// What happens when it is charged. A debit by SEPA first succeeds, in its way: days later
/// [`settle`](super::FakeStripe::settle) or [`fail`](super::FakeStripe::fail) tells how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The money comes.
    Succeeds,
    /// The bank declines with this `decline_code`: `insufficient_funds`, `lost_card`, …
    Declined(&'static str),
    /// The bank wants to see the person: refused when she is away.
    NeedsAuthentication,
}

impl Means {
    /// A card that pays.
    pub const CARD: Self = Self::Card("4242424242424242");
    /// Another card that pays.
    pub const OTHER_CARD: Self = Self::Card("5555555555554444");
    /// A card without enough behind it. It can be saved: the trouble comes when it is charged.
    pub const POOR_CARD: Self = Self::Card("4000000000009995");
    /// A card declined without a reason.
    pub const DECLINED_CARD: Self = Self::Card("4000000000000002");
    /// A card that has expired.
    pub const EXPIRED_CARD: Self = Self::Card("4000000000000069");
    /// A card whose bank wants the person each time.
    pub const GUARDED_CARD: Self = Self::Card("4000002760003184");
    /// A French account.
    pub const ACCOUNT: Self = Self::Iban("FR1420041010050500013M02606");
    /// A German account.
    pub const OTHER_ACCOUNT: Self = Self::Iban("DE89370400440532013000");

    /// How it behaves when nothing else was said.
    pub(super) fn outcome(self) -> Outcome {
        let Self::Card(number) = self else { return Outcome::Succeeds };
        match number {
            "4000000000009995" => Outcome::Declined("insufficient_funds"),
            "4000000000009987" => Outcome::Declined("lost_card"),
            "4000000000009979" => Outcome::Declined("stolen_card"),
            "4000000000000069" => Outcome::Declined("expired_card"),
            "4000000000000119" => Outcome::Declined("processing_error"),
            "4000000000000002" | "4000000000000341" => Outcome::Declined("generic_decline"),
            "4000002760003184" => Outcome::NeedsAuthentication,
            _ => Outcome::Succeeds,
        }
    }

    /// The type of payment method, as Stripe calls it.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Card(_) => "card",
            Self::Iban(_) => "sepa_debit",
        }
    }

    /// What a payment method tells of it, below its type.
    pub(super) fn details(self) -> Value {
        match self {
            Self::Card(number) => json!({
                "brand": brand(number),
                "checks": checks(),
                "country": "FR",
                "display_brand": brand(number),
                "exp_month": 8,
                "exp_year": 2030,
                "fingerprint": fingerprint(number),
                "funding": "credit",
                "generated_from": null,
                "last4": last4(number),
                "networks": { "available": [brand(number)], "preferred": null },
                "three_d_secure_usage": { "supported": true },
                "wallet": null,
                "regulated_status": null,
            }),
            Self::Iban(iban) => json!({
                "bank_code": iban.get(4..9),
                "branch_code": iban.get(9..14),
                "country": iban.get(..2),
                "fingerprint": fingerprint(iban),
                "generated_from": { "charge": null, "setup_attempt": null },
                "last4": last4(iban),
            }),
        }
    }
}

/// What a charge tells of the payment method by which it was made.
pub(super) fn of_charge(method: &Value, amount: i64, mandate: Option<&str>) -> Value {
    let kind = method["type"].as_str().unwrap_or_default();
    let known = &method[kind];
    let details = if kind == "card" {
        json!({
            "amount_authorized": amount,
            "brand": known["brand"],
            "checks": known["checks"],
            "country": known["country"],
            "exp_month": known["exp_month"],
            "exp_year": known["exp_year"],
            "extended_authorization": { "status": "disabled" },
            "fingerprint": known["fingerprint"],
            "funding": known["funding"],
            "incremental_authorization": { "status": "unavailable" },
            "installments": null,
            "last4": known["last4"],
            "mandate": null,
            "multicapture": { "status": "unavailable" },
            "network": known["brand"],
            "network_token": { "used": false },
            "overcapture": { "maximum_amount_capturable": amount, "status": "unavailable" },
            "three_d_secure": null,
            "wallet": null,
            "authorization_code": null,
            "regulated_status": null,
            "network_transaction_id": null,
            "transaction_link_id": null,
        })
    } else {
        json!({
            "bank_code": known["bank_code"],
            "branch_code": known["branch_code"],
            "country": known["country"],
            "fingerprint": known["fingerprint"],
            "last4": known["last4"],
            "mandate": mandate,
        })
    };
    json!({ kind: details, "type": kind })
}

fn checks() -> Value {
    json!({
        "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass",
    })
}

fn brand(number: &str) -> &'static str {
    match number.get(..1) {
        Some("5") => "mastercard",
        Some("3") => "amex",
        _ => "visa",
    }
}

fn last4(number: &str) -> &str {
    number.get(number.len().saturating_sub(4)..).unwrap_or(number)
}

/// The same for the same number, which it does not show.
fn fingerprint(number: &str) -> String {
    let sum = |sum: u64, byte: u8| sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte);
    format!("{:016x}", number.bytes().fold(0xcbf2_9ce4_8422_2325, sum))
}
