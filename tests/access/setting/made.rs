//! Objects that are made for one request, with what the setting has already.

use serde_json::{Value, json};
use ureq::http::Method;

use super::{Setting, bodies};
use crate::people::at;

impl Setting<'_> {
    #[track_caller]
    pub(super) fn make(&self, path: &str, body: Value) -> String {
        self.pole.admin.post(&at(self.pole, path), body).expect(201).string("/id")
    }

    pub(super) fn draft(&self) -> String {
        self.make("/services", self.service_body())
    }

    pub(super) fn price(&self, service: &str, from: &str) -> String {
        self.make(&format!("/services/{service}/tariffs"), bodies::tariff(from))
    }

    pub(super) fn publish(&self, service: &str) {
        let publish = at(self.pole, &format!("/services/{service}/publish"));
        self.pole.admin.post(&publish, json!({})).expect(200);
    }

    pub(super) fn published(&self) -> String {
        let service = self.draft();
        self.price(&service, "2026-01-01");
        self.publish(&service);
        service
    }

    pub(super) fn meter(&self, service: &str) -> String {
        self.make(&format!("/services/{service}/meters"), self.meter_body())
    }

    pub(super) fn subscription(&self, service: &str) -> String {
        let subscriptions = format!("/members/{}/subscriptions", self.members[0]);
        self.make(&subscriptions, json!({ "service": service }))
    }

    pub(super) fn alert(&self, subscription: &str) -> String {
        let alerts = format!("/members/{}/subscriptions/{subscription}/alerts", self.members[0]);
        self.make(&alerts, bodies::alert())
    }

    pub(super) fn grant(&self) -> String {
        self.make(&format!("/members/{}/credit-grants", self.members[0]), bodies::grant())
    }

    pub(super) fn payment(&self) -> String {
        self.make("/payments", bodies::payment(&self.lasting))
    }

    pub(super) fn mandate(&self) -> String {
        self.make("/payment-means", bodies::mandate(&self.lasting))
    }

    pub(super) fn bill(&self) -> String {
        let bills = format!("/providers/{}/bills", self.providers[0]);
        self.make(&bills, bodies::bill(&self.new_word("F")))
    }

    pub(super) fn account(&self) -> String {
        let accounts = format!("/providers/{}/accounts", self.providers[0]);
        self.make(&accounts, bodies::provider_account())
    }

    pub(super) fn transfer(&self) -> String {
        self.make("/transfers", bodies::pay_back(&self.lasting))
    }

    pub(super) fn transfer_file(&self) -> String {
        self.make("/transfer-files", bodies::transfer_file())
    }

    pub(super) fn debit_file(&self) -> String {
        self.make("/debit-files", bodies::debit_file())
    }

    /// The invoice of a member that was made last: each is replaced by another. Its id says when the
    /// clock stood, which goes back here; its number does not.
    pub(super) fn replaceable(&self) -> String {
        let list = format!("/invoices?kind=invoice&member={}", self.billed);
        let list = self.pole.admin.get(&at(self.pole, &list)).expect(200).json();
        // By number: they are drafted in a month to come, and replaced today.
        let invoices = list["data"].as_array().unwrap().iter();
        let last = invoices.max_by_key(|it| it["number"].as_str().unwrap()).unwrap();
        last["id"].as_str().unwrap().to_owned()
    }

    /// A movement at the bank, which nobody knows what it is.
    pub(super) fn movement(&self) -> String {
        let path = at(self.pole, &format!("/bank-statements{}", bodies::BANK_CSV));
        let csv = self.pole.admin.with_header("content-type", "text/csv");
        let file = self.bank_file();
        let report = csv.send(Method::POST, &path, Some(file.as_bytes())).expect(200);
        report.string("/imported/0/id")
    }

    pub(super) fn identity_provider(&self) -> String {
        self.make("/identity-providers", self.identity_provider_body())
    }

    pub(super) fn key(&self, for_provider: bool) -> String {
        self.make("/api-keys", self.key_body(for_provider))
    }
}
