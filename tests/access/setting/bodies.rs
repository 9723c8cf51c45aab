//! What is sent with each operation.

use palier_tests::stripe::KEY;
use serde_json::{Value, json};

use super::{Ids, Setting};
use crate::people::{PASSWORD, Person, link_in, new_email};
use crate::seed::member;

/// When something was used: an hour ago.
const WHEN: &str = "2026-09-02T11:00:00Z";

/// How a bank's CSV is told to be read: the mapping `{"booked_on":"D","amount":"A","text":["T"]}`.
pub(super) const BANK_CSV: &str =
    "?mapping=%7B%22booked_on%22:%22D%22,%22amount%22:%22A%22,%22text%22:%5B%22T%22%5D%7D";

/// Usage of the member.
pub(super) fn event(id: &str, ids: &Ids) -> Value {
    json!({
        "id": id, "member": ids["member"], "meter": ids["counted"], "time": WHEN,
        "quantity": "1",
    })
}

/// Usage of a member that nobody knows.
pub(super) fn nobody_s(id: &str, ids: &Ids) -> Value {
    let mut event = event(id, ids);
    event["member"] = json!("nobody");
    event
}

impl Setting<'_> {
    /// A valid body; what it makes has not been there before.
    #[track_caller]
    pub(super) fn body(&self, operation: &str, ids: &Ids, for_provider: bool) -> String {
        let pool = json!({ "members": [{ "member": "a", "usage": [] }] });
        let body = match operation {
            "updatePole" => json!({ "language": "fr", "name": "Pôle Aéro" }),
            "createSession" => json!({ "email": self.guest.email, "password": PASSWORD }),
            "redeemSignInLink" => json!({ "token": self.link() }),
            "refreshSession" => json!({ "refresh_token": self.somebody().refresh_token }),
            "requestSignInLink" => json!({ "email": new_email() }),
            "changePassword" => json!({ "new_password": PASSWORD }),
            "createUser" => self.user_body(),
            "updateUser" => json!({ "name": self.new_word("jeanne") }),
            "createApiKey" => self.key_body(for_provider),
            "createIdentityProvider" => self.identity_provider_body(),
            "updateIdentityProvider" => json!({ "audience": self.new_word("palier") }),
            "importMembers" => {
                let code = self.new_word("usine");
                // Abroad, where nobody has a SIREN that would be taken the next time.
                let columns = "code;name;address;postcode;city;country";
                return format!("{columns}\n{code};Usine;1 rue X;1000;Bruxelles;BE\n");
            }
            "createMember" => member(&self.new_word("usine"), "732829320"),
            "updateMember" => json!({ "name": self.new_word("Forge") }),
            "createProvider" => {
                json!({ "name": "Essais", "contact": { "email": "essais@meso.example" } })
            }
            "updateProvider" => json!({ "contact": { "name": self.new_word("Accueil") } }),
            "createService" => self.service_body(),
            "updateService" => json!({ "category": self.new_word("calcul") }),
            "createSubscription" => json!({ "service": ids["service"] }),
            "updateSubscription" => json!({ "minimum_amount": self.new_number().to_string() }),
            "setManualLines" => json!({ "reason": "Accord", "lines": [] }),
            "creditInvoice" => {
                json!({ "reason": "Panne", "lines": [{ "line": 1, "amount": "0.01" }] })
            }
            // A document can change hands again and again.
            "addInvoiceStatus" => json!({ "status": "taken_in_charge" }),
            "replaceInvoice" => json!({ "reason": "Adresse" }),
            "createCreditGrant" => grant(),
            "createUsageAlert" => alert(),
            "updateUsageAlert" => {
                json!({ "amount": self.new_number().saturating_add(1_000_000).to_string() })
            }
            "endSubscription"
            | "resolveUnmatchedUsage"
            | "runDunning"
            | "sendMailAgain"
            | "chargePenalty" => {
                json!({})
            }
            "createTariff" => tariff("2027-01-01"),
            "createMeter" => self.meter_body(),
            "updateMeter" => json!({ "property": self.new_word("disk"), "aggregation": "latest" }),
            "createQuote" => {
                json!({ "tariff": tariff("2026-01-01")["document"], "pool": pool })
            }
            "createServiceQuote" => json!({ "pool": pool }),
            // Lines: one that cannot be taken does not keep others from it.
            "reportUsage" => event(&self.new_word("job"), ids),
            "voidUsage" => {
                let event = json!({ "id": "reported", "time": WHEN });
                json!({ "events": [event], "reason": "A test." })
            }
            "discardUnmatchedUsage" => {
                let event = json!({ "id": "unmatched", "time": WHEN });
                json!({ "events": [event], "reason": "A test." })
            }
            "setBillingSettings" => crate::invoices::real::settings(),
            "runInvoices" => json!({ "period": ids["period"] }),
            "recordPayment" => payment(ids),
            "reversePayment" => {
                json!({ "paid_on": "2026-09-02", "reference": "REJET", "note": "A test." })
            }
            "useMemberCredit" => {
                let part = json!({ "invoice": ids["invoice"], "amount": "0.01" });
                json!({ "reference": "COMP-1", "allocations": [part] })
            }
            "importBankStatement" => return self.bank_file(),
            "resolveBankMovement" => json!({ "action": "ignore", "reason": "A test." }),
            "setCollectionSettings" => {
                collection_settings((self.new_number() % 60).saturating_add(1))
            }
            "recordMandate" => mandate(ids),
            "setStripeAccount" => stripe_account(),
            "saveMeansOfPayment" => {
                json!({ "method": "card", "return_url": "https://front.example/" })
            }
            // Of what Stripe tells, another stands in its place, signed.
            "planCollections" | "receiveStripeEvent" | "refundCollection" => json!({}),
            "makeDebitFile" => debit_file(),
            // The day of its collections has not come.
            "settleDebitFile" => json!({ "paid_on": "2026-09-02" }),
            "readDebitAnswer" | "readTransferAnswer" => return "<Document/>".to_owned(),
            "closePeriod" => json!({ "accept_missing": true }),
            "setDunningSettings" => {
                json!({ "claims_interest": self.new_number().is_multiple_of(2) })
            }
            "pauseDunning" | "reportMailBounce" | "revokeCreditGrant" | "endPaymentMeans"
            | "revokePaymentMeans" | "cancelCollection" | "cancelDebitFile" | "liftSuspension" => {
                json!({ "reason": "A test." })
            }
            "suspendServices" => json!({ "member": ids["member"], "reason": "A test." }),
            "setWebhookEndpoint" => webhook_endpoint(self.new_number()),
            "finaliseInvoices" => json!({ "invoices": [] }),
            _ => self.of_money_out(operation, ids),
        };
        body.to_string()
    }

    /// The same of what goes out.
    #[track_caller]
    fn of_money_out(&self, operation: &str, ids: &Ids) -> Value {
        match operation {
            "recordProviderBill" => bill(&self.new_word("F")),
            "giveProviderAccount" => provider_account(),
            "confirmProviderAccount" => json!({ "iban": provider_account()["iban"] }),
            "payCreditBack" => pay_back(ids),
            "planTransfers" => json!({ "due_by": "2026-01-01" }),
            "makeTransferFile" => transfer_file(),
            "settleTransfer" | "settleTransferFile" => json!({ "paid_on": "2026-09-02" }),
            "returnTransfer" => json!({ "paid_on": "2026-09-02", "reason": "A test." }),
            "cancelProviderBill" | "cancelTransfer" | "cancelTransferFile" => {
                json!({ "reason": "A test." })
            }
            _ => panic!("say in tests/access/setting/bodies.rs what is sent with {operation}"),
        }
    }

    /// A sign-in link that was not used yet.
    fn link(&self) -> String {
        let user = self.user_body();
        self.make("/users", user.clone());
        link_in(&self.server.mail_to(user["email"].as_str().unwrap()))
    }

    /// Somebody who has just signed in.
    fn somebody(&self) -> Person {
        Person::new(self.server, self.pole, &self.user_body()["grants"])
    }

    fn user_body(&self) -> Value {
        let grants = json!([{ "role": "member_user", "member": self.members[0] }]);
        json!({ "email": new_email(), "name": "Jeanne Martin", "grants": grants })
    }

    /// With a scope that whoever makes it has for the same member or provider.
    pub(super) fn key_body(&self, for_provider: bool) -> Value {
        let (whose, id) = if for_provider {
            ("provider", &self.providers[0])
        } else {
            ("member", &self.members[0])
        };
        json!({ "name": "Meter", "scopes": ["keys:write"], whose: id })
    }

    pub(super) fn identity_provider_body(&self) -> Value {
        json!({
            "name": "Forge", "issuer": format!("http://127.0.0.1:1/{}", self.new_number()),
            "audience": "palier", "jwks_url": "http://127.0.0.1:1/jwks.json",
            "algorithms": ["EdDSA"],
        })
    }

    pub(super) fn service_body(&self) -> Value {
        json!({
            "code": self.new_word("calcul"), "provider": self.providers[0],
            "name": { "fr": "Calcul intensif" }, "category": "calcul",
        })
    }

    pub(super) fn meter_body(&self) -> Value {
        json!({ "code": self.new_word("hours") })
    }

    /// What moved at the bank: something that never moved before.
    pub(super) fn bank_file(&self) -> String {
        format!("D;A;T\n01/09/2026;-1,00;{}\n", self.new_word("frais"))
    }

    pub(super) fn new_word(&self, beginning: &str) -> String {
        format!("{beginning}-{}", self.new_number())
    }

    pub(super) fn new_number(&self) -> u32 {
        let number = self.made.get().checked_add(1).unwrap();
        self.made.set(number);
        number
    }
}

/// A payment of the member, which settles nothing.
pub(super) fn payment(ids: &Ids) -> Value {
    json!({
        "kind": "payment", "member": ids["member"], "method": "transfer",
        "paid_on": "2026-09-01", "amount": "1.00", "reference": "VIR-1",
    })
}

/// What webhooks are signed with.
pub(super) const WEBHOOK_SECRET: &str = "whsec_palier";

/// An account at Stripe.
pub(super) fn stripe_account() -> Value {
    let methods = ["card", "sepa_debit"];
    json!({ "secret_key": KEY, "webhook_secrets": [WEBHOOK_SECRET], "methods": methods })
}

/// Where nobody listens.
pub(super) fn webhook_endpoint(nth: u32) -> Value {
    json!({ "url": format!("http://127.0.0.1:1/{nth}") })
}

/// A mandate of the member.
pub(super) fn mandate(ids: &Ids) -> Value {
    json!({
        "member": ids["member"], "scheme": "core", "signed_on": "2026-01-12", "debtor": "Forge",
        "iban": "FR7630006000011234567890189",
    })
}

/// What the provider has billed.
pub(super) fn bill(number: &str) -> Value {
    json!({
        "number": number, "issued_on": "2026-09-01", "due_on": "2026-10-01",
        "lines": [{ "net": "10.00", "rate_percent": "20" }],
    })
}

/// An account of the provider.
pub(super) fn provider_account() -> Value {
    json!({ "name": "Mésocentre", "iban": "FR7630006000011234567890189" })
}

/// A little of what the member has paid, back to it.
pub(super) fn pay_back(ids: &Ids) -> Value {
    let account = json!({ "name": "Forge", "iban": "FR7630006000011234567890189" });
    json!({
        "member": ids["member"], "amount": "0.01", "reference": "Trop-perçu", "account": account,
    })
}

/// A file of whatever is planned to go out this year.
pub(super) fn transfer_file() -> Value {
    json!({ "execute_by": "2026-12-31" })
}

/// A file of whatever is planned for this year.
pub(super) fn debit_file() -> Value {
    json!({ "collect_by": "2026-12-31" })
}

/// Debits by a bank that takes files long before.
pub(super) fn collection_settings(retry_day: u32) -> Value {
    json!({
        "retry_days": [retry_day],
        "direct_debit": { "creditor_id": "FR72ZZZ123456", "days_ahead": 365 },
    })
}

/// An alert of an amount that nobody reaches.
/// A credit that no month of the setting draws.
pub(super) fn grant() -> Value {
    json!({ "amount": "200.00", "reason": "Offre de bienvenue", "valid_from": "2030-01-01" })
}

pub(super) fn alert() -> Value {
    json!({ "amount": "1000000", "email": "jeanne@forge.example" })
}

/// A version of a tariff that takes effect on a day.
pub(super) fn tariff(from: &str) -> Value {
    json!({
        "name": from, "effective_from": from,
        "document": { "charges": [
            { "kind": "recurring", "amount": "15" },
            { "kind": "shared_cost", "fixed": "110", "allocation": "equal" },
        ] },
    })
}
