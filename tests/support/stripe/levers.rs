//! What people, banks and time do, and what is seen from outside of the API.

use serde_json::Value;

use super::calls::{Call, Planned, Trouble};
use super::fault::Fault;
use super::means::{Means, Outcome};
use super::state::{DAY, State, text};
use super::{
    FakeStripe, accounts, charges, disputes, payment_methods, payouts, refunds, sessions, setups,
};

/// Time.
impl FakeStripe {
    /// Stops the clock here, in seconds since 1970.
    pub fn set_clock(&self, now: i64) {
        self.lever(|s| s.clock = Some(now));
        self.lever(|_| ());
    }

    /// Lets so many days pass at once. Money that came becomes available, sessions expire, keys and events
    /// are forgotten.
    pub fn pass_days(&self, days: i64) {
        let now = self.lever(|s| s.now());
        self.set_clock(now.saturating_add(days.saturating_mul(DAY)));
    }

    /// The time of its clock.
    pub fn now(&self) -> i64 {
        self.lever(|s| s.now())
    }
}

/// People.
impl FakeStripe {
    /// The person completes the page of a session with this; returns the session. If the bank refuses a
    /// payment it stays open. A card that is only saved is not refused, whatever it does when charged.
    #[track_caller]
    pub fn complete(&self, session: &str, means: Means) -> Value {
        self.lever(|s| {
            sessions::complete(s, session, means);
            s.get("checkout.session", session)
        })
    }

    /// The person tries to save a card, and her bank refuses it for this `decline_code`.
    #[track_caller]
    pub fn refuse_setup(&self, session: &str, decline_code: &str) {
        self.lever(|s| {
            let session = s.get("checkout.session", session);
            let message = "Your card was declined.";
            let fault = Fault::card("card_declined", message).with("decline_code", decline_code);
            setups::fail(s, text(&session, "setup_intent"), &fault);
        });
    }

    /// A payment method that a customer saved before, with its mandate if it is an account; its id.
    #[track_caller]
    pub fn saved(&self, customer: &str, means: Means) -> String {
        self.lever(|s| {
            s.get("customer", customer);
            let method = payment_methods::make(s, means, Some(customer));
            if means.kind() == "sepa_debit" {
                payment_methods::sign(s, &method);
            }
            payment_methods::give(s, &method, customer);
            method
        })
    }

    /// The person shows her bank that it is her, and the payment that waited for it goes through.
    #[track_caller]
    pub fn authenticate(&self, intent: &str) {
        self.lever(|s| {
            assert_eq!(s.get("payment_intent", intent)["status"], "requires_action");
            charges::pay(s, intent);
        });
    }

    /// The person takes the mandate of an account back.
    #[track_caller]
    pub fn revoke(&self, mandate: &str) {
        self.lever(|s| {
            s.set("mandate", mandate, serde_json::json!({ "status": "inactive" }));
            s.emit("mandate.updated", "mandate", mandate);
        });
    }

    /// A connected account whose owner has told Stripe everything; its id.
    pub fn connected(&self) -> String {
        let fields = serde_json::json!({ "country": "FR", "default_currency": "eur" });
        self.lever(|s| {
            let id = s.make("account", "acct", fields);
            accounts::onboard(s, &id);
            id
        })
    }

    /// The owner of an account made by the API tells Stripe everything.
    #[track_caller]
    pub fn onboard(&self, account: &str) {
        self.lever(|s| accounts::onboard(s, account));
    }
}

/// Banks.
impl FakeStripe {
    /// What a saved card does from now on.
    pub fn behave(&self, payment_method: &str, outcome: Outcome) {
        self.lever(|s| s.outcomes.insert(payment_method.to_owned(), outcome));
    }

    /// The money of a debit that was processing has come.
    #[track_caller]
    pub fn settle(&self, intent: &str) {
        self.lever(|s| {
            let charge = processing(s, intent);
            charges::come_in(s, &charge);
            sessions::settled(s, intent, true);
        });
    }

    /// A debit that was processing comes back: `insufficient_funds`, `account_closed`, …
    #[track_caller]
    pub fn fail(&self, intent: &str, failure_code: &str) {
        self.lever(|s| {
            let charge = processing(s, intent);
            charges::come_back(s, &charge, failure_code);
            sessions::settled(s, intent, false);
        });
    }

    /// Somebody disputes a charge: `fraudulent`, `debit_not_authorized`, … Returns the dispute's id.
    #[track_caller]
    pub fn dispute(&self, charge: &str, reason: &str) -> String {
        self.lever(|s| disputes::open(s, charge, reason, None))
    }

    /// The same, about a part of it.
    #[track_caller]
    pub fn dispute_part(&self, charge: &str, reason: &str, amount: i64) -> String {
        self.lever(|s| disputes::open(s, charge, reason, Some(amount)))
    }

    /// The bank decides a dispute for the merchant.
    #[track_caller]
    pub fn win(&self, dispute: &str) {
        self.lever(|s| disputes::close(s, dispute, true));
    }

    /// The bank decides a dispute against the merchant.
    #[track_caller]
    pub fn lose(&self, dispute: &str) {
        self.lever(|s| disputes::close(s, dispute, false));
    }

    /// A refund that seemed to succeed does not reach its card.
    #[track_caller]
    pub fn fail_refund(&self, refund: &str) {
        self.lever(|s| refunds::fail(s, refund));
    }

    /// Pays out what is available, all of it, and returns the payout; none if nothing is.
    pub fn pay_out(&self) -> Option<Value> {
        self.lever(|s| payouts::pay_out(s, true).map(|id| s.get("payout", &id)))
    }

    /// The same, by hand.
    pub fn pay_out_by_hand(&self) -> Option<Value> {
        self.lever(|s| payouts::pay_out(s, false).map(|id| s.get("payout", &id)))
    }

    /// The merchant's bank sends a payout back.
    #[track_caller]
    pub fn fail_payout(&self, payout: &str) {
        self.lever(|s| payouts::fail(s, payout));
    }
}

/// Trouble.
impl FakeStripe {
    /// So many calls, from the next one on, go wrong like this.
    pub fn trouble(&self, calls: usize, trouble: Trouble) {
        self.plan(None, "", calls, trouble);
    }

    /// The same of calls of a method whose path begins like this.
    pub fn trouble_with(&self, method: &str, path: &str, calls: usize, trouble: Trouble) {
        self.plan(Some(method.to_owned()), path, calls, trouble);
    }

    /// Nothing more goes wrong.
    pub fn no_more_trouble(&self) {
        self.lever(|s| s.planned.clear());
    }

    /// Only this key is accepted from now on.
    pub fn accept_only(&self, key: &str) {
        self.lever(|s| s.key = Some(key.to_owned()));
    }

    /// Makes an object lie: sets fields of it, and tells nobody.
    #[track_caller]
    pub fn corrupt(&self, id: &str, fields: &Value) {
        self.lever(|s| s.corrupt(id, fields));
    }

    fn plan(&self, method: Option<String>, path: &str, calls: usize, trouble: Trouble) {
        let path = path.to_owned();
        self.lever(|s| s.planned.push(Planned { trouble, method, path, calls }));
    }
}

/// What can be seen.
impl FakeStripe {
    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.lever(|s| s.calls.clone())
    }

    /// Those of this method whose path begins like this.
    pub fn calls_to(&self, method: &str, path: &str) -> Vec<Call> {
        let calls = self.calls().into_iter();
        calls.filter(|call| call.method == method && call.path.starts_with(path)).collect()
    }

    /// Whatever has this id.
    #[track_caller]
    pub fn object(&self, id: &str) -> Value {
        let found = self.lever(|s| s.any(id).map(|object| s.shown(object.clone())));
        found.unwrap_or_else(|| panic!("there is no {id:?}"))
    }

    /// All objects of a kind, oldest first: `charge`, `checkout.session`, …
    pub fn all(&self, kind: &str) -> Vec<Value> {
        self.lever(|s| s.all(kind).iter().map(|object| s.shown(object.clone())).collect())
    }

    /// The types of all events, oldest first.
    pub fn told(&self) -> Vec<String> {
        self.all("event").iter().map(|event| text(event, "type").to_owned()).collect()
    }

    /// The id of the latest event of this type.
    #[track_caller]
    pub fn event(&self, kind: &str) -> String {
        let all = self.all("event");
        let event = all.iter().rev().find(|event| event["type"] == kind);
        let none = || panic!("no {kind} was told, only {:?}", self.told());
        event.map_or_else(none, |event| text(event, "id").to_owned())
    }
}

/// The charge of a debit whose end is not known.
#[track_caller]
fn processing(s: &State, intent: &str) -> String {
    let object = s.get("payment_intent", intent);
    assert_eq!(object["status"], "processing", "the end of {intent} is known");
    text(&object, "latest_charge").to_owned()
}
