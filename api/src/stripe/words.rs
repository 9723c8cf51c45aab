//! Why a payment did not come in, in words that a person understands.

use crate::say;
use crate::text::Text;

/// What a code of Stripe’s means for who pays; what Stripe itself says, where the code is not known here.
///
/// Codes: docs.stripe.com/declines/codes and docs.stripe.com/error-codes; SEPA’s reach us as
/// docs.stripe.com/payments/sepa-debit lists them.
pub(crate) fn reason(code: &str, said: Option<&str>) -> Text {
    match code {
        "insufficient_funds" | "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => {
            say!(
                en "The account or card does not cover it.",
                fr "Le compte ou la carte n’est pas suffisamment approvisionné."
            )
        }
        "expired_card" => say!(en "The card has expired.", fr "La carte a expiré."),
        "authentication_required" => say!(
            en "The bank wants the holder to confirm it: it must be paid on the payment page.",
            fr "La banque demande une confirmation du titulaire : il faut payer sur la page de paiement."
        ),
        "lost_card" | "stolen_card" | "pickup_card" | "restricted_card" => say!(
            en "The card may not be used any more.",
            fr "La carte n’est plus utilisable."
        ),
        "incorrect_cvc"
        | "invalid_cvc"
        | "incorrect_number"
        | "invalid_number"
        | "invalid_expiry_month"
        | "invalid_expiry_year" => say!(
            en "The card’s particulars are wrong.",
            fr "Les données de la carte sont erronées."
        ),
        "debit_not_authorized"
        | "payment_intent_mandate_invalid"
        | "no_mandate"
        | "invalid_mandate" => say!(
            en "The account holder’s mandate does not allow it, or was withdrawn.",
            fr "Le mandat du titulaire du compte ne le permet pas, ou a été révoqué."
        ),
        "account_closed" | "bank_account_closed" => {
            say!(en "The account is closed.", fr "Le compte est clos.")
        }
        "account_frozen" | "bank_account_restricted" | "bank_ownership_changed" => say!(
            en "The account is blocked, or has another holder.",
            fr "Le compte est bloqué ou a changé de titulaire."
        ),
        "no_account"
        | "invalid_account_number"
        | "incorrect_account_holder_name"
        | "branch_does_not_exist" => say!(
            en "There is no such account, or it has another name.",
            fr "Ce compte n’existe pas, ou porte un autre nom."
        ),
        "generic_could_not_process"
        | "processing_error"
        | "try_again_later"
        | "reenter_transaction"
        | "issuer_not_available" => say!(
            en "The bank could not process it; a second try may do.",
            fr "La banque n’a pu le traiter ; un nouvel essai peut réussir."
        ),
        "card_declined"
        | "generic_decline"
        | "do_not_honor"
        | "call_issuer"
        | "transaction_not_allowed"
        | "service_not_allowed"
        | "card_not_supported" => say!(
            en "The bank declined, without saying why.",
            fr "La banque a refusé, sans dire pourquoi."
        ),
        "fraudulent" | "unrecognized" => say!(
            en "The holder says that they did not order it.",
            fr "Le titulaire dit ne pas l’avoir ordonné."
        ),
        "duplicate" => say!(
            en "The holder says that it was paid twice.",
            fr "Le titulaire dit avoir payé deux fois."
        ),
        "product_not_received"
        | "product_unacceptable"
        | "credit_not_processed"
        | "subscription_canceled" => say!(
            en "The holder disputes what was delivered.",
            fr "Le titulaire conteste la prestation."
        ),
        "refunded" => say!(en "It was paid back.", fr "Il a été remboursé."),
        _ => match said {
            Some(said) => say!(en "{said}", fr "{said}"),
            None => say!(
                en "The payment provider gives the reason {code}.",
                fr "Le prestataire donne le motif {code}."
            ),
        },
    }
}

/// What a code of Stripe’s means for a transfer to a provider (docs.stripe.com/error-codes); what Stripe itself says,
/// where the code is not known here.
pub(crate) fn not_transferred(code: &str, said: &str) -> Text {
    match code {
        "balance_insufficient" => say!(
            en "What the pole has at Stripe does not cover it yet; it is paid as soon as it does.",
            fr "Le solde du pôle chez Stripe n’y suffit pas encore ; le virement aura lieu dès qu’il y suffira."
        ),
        "insufficient_capabilities_for_transfer" | "payouts_not_allowed" => say!(
            en "The provider’s account cannot be credited: its holder has yet to tell Stripe what it asks for.",
            fr "Le compte du fournisseur ne peut être crédité : son titulaire doit encore répondre à Stripe."
        ),
        "resource_missing" | "account_invalid" => say!(
            en "Stripe knows no such account, or it is not connected to the pole’s.",
            fr "Stripe ne connaît pas ce compte, ou il n’est pas relié à celui du pôle."
        ),
        "reversed" => say!(
            en "It was taken back at Stripe.",
            fr "Il a été annulé chez Stripe."
        ),
        _ => reason(code, Some(said).filter(|said| !said.is_empty())),
    }
}

/// Whether a second try of the same means of payment can end otherwise.
pub(crate) fn may_be_tried_again(code: &str) -> bool {
    matches!(
        code,
        "insufficient_funds"
            | "card_velocity_exceeded"
            | "withdrawal_count_limit_exceeded"
            | "generic_could_not_process"
            | "processing_error"
            | "try_again_later"
            | "reenter_transaction"
            | "issuer_not_available"
            | "generic_decline"
            | "card_declined"
            | "do_not_honor"
            | "call_issuer"
    )
}
