//! A pole that collects by Stripe: two invoices of 120.00 each of `forge` and `usine`, long due.

use std::time::{Duration, Instant};

use palier_tests::stripe::{FakeStripe, KEY, Means};
use palier_tests::{Engine, Server};
use serde_json::{Value, json};

use crate::invoices::setting::Small;

/// What webhooks are signed with.
pub(crate) const SECRET: &str = "whsec_palier";
/// When it is, later than in [`Small`].
const NOW: &str = "2028-03-15T08:00:00Z";
/// How many days before it is debited a member is told, by the mandates that Stripe has signed.
const NOTICE: i64 = 2;

pub(crate) struct Collecting {
    pub(crate) small: Small,
    pub(crate) stripe: FakeStripe,
    now: jiff::Timestamp,
}

impl Collecting {
    #[track_caller]
    pub(crate) fn new(engine: Engine) -> Self {
        let it = Self::quiet(engine);
        it.stripe.deliver_to(&it.webhook(), SECRET);
        it
    }

    /// The same, to which no webhook comes.
    #[track_caller]
    pub(crate) fn quiet(engine: Engine) -> Self {
        let small = Small::new(engine, &[json!({ "kind": "recurring", "amount": "100" })]);
        small.close("2026-07");
        small.close("2026-08");
        // Files, and mail to who has an address, are made of documents as all is then: not of what follows.
        small.sql().archived();
        let stripe = FakeStripe::start();
        let now: jiff::Timestamp = NOW.parse().unwrap();
        stripe.set_clock(now.as_second());
        let mut it = Self { small, stripe, now };
        let url = format!("--stripe-url={}", it.stripe.url());
        it.small.alone(|server| server.now(NOW).arg(url));
        let account = json!({
            "secret_key": KEY, "webhook_secrets": [SECRET], "methods": ["card", "sepa_debit"],
        });
        it.small.put("stripe-account", account);
        it.looked();
        it
    }

    /// Waits for the first look of the hour: what a test does not tell later, nobody else finds.
    #[track_caller]
    fn looked(&self) {
        let hour = self.now - jiff::SignedDuration::from_hours(1);
        let looked = format!(
            "SELECT CASE WHEN looked_at > {} THEN 'yes' ELSE 'no' END AS line FROM stripe_accounts",
            hour.as_microsecond()
        );
        until(|| self.small.sql().lines(&looked), &["yes"]);
    }

    /// So many days later, in another process.
    #[track_caller]
    pub(crate) fn later(&mut self, days: i64) {
        self.now += jiff::SignedDuration::from_hours(24 * days);
        self.stripe.pass_days(days);
        self.small.server.restart_at(&self.now.to_string());
        self.small.finance = self.small.server.client().with_token(&self.small.key);
        self.stripe.deliver_to(&self.webhook(), SECRET);
        self.looked();
    }

    /// Waits until all that Stripe told was acted upon, which is done behind whoever took it.
    #[track_caller]
    pub(crate) fn heard(&self) {
        self.stripe.delivered();
        let unheard = "SELECT kind AS line FROM stripe_events WHERE handled_at IS NULL";
        until(|| self.small.sql().lines(unheard), &[]);
    }

    pub(crate) fn webhook(&self) -> String {
        format!("{}{}", self.small.server.url(), self.small.at("stripe-events"))
    }

    /// A member saves a card or an account on the page that it is led to, and is collected by it: an account
    /// once it was told.
    #[track_caller]
    pub(crate) fn save(&mut self, member: &str, means: Means) {
        self.save_and(member, means, |_| ());
    }

    /// The same, and something happens between the notice and the debit.
    #[track_caller]
    pub(crate) fn save_and(&mut self, member: &str, means: Means, meanwhile: impl FnOnce(&Self)) {
        let method = match means {
            Means::Card(_) => "card",
            Means::Iban(_) => "sepa_debit",
        };
        let wanted = json!({ "method": method, "return_url": "https://front.example/billing" });
        let at = self.small.at(&format!("members/{}/payment-means", self.small.members[member]));
        let made = self.small.finance.post(&at, wanted).expect(201).json();
        assert!(made["url"].is_string(), "{made}");
        let sessions = self.stripe.all("checkout.session");
        let session = sessions.iter().find(|it| it["url"] == made["url"]).expect("its page");
        self.stripe.complete(session["id"].as_str().unwrap(), means);
        let active = format!(
            "SELECT status AS line FROM payment_means WHERE means_id = '{}'",
            made["id"].as_str().unwrap()
        );
        until(|| self.small.sql().lines(&active), &["active"]);
        self.plan(member);
        meanwhile(self);
        if let Means::Iban(_) = means {
            self.stripe.delivered();
            self.later(NOTICE);
        }
    }

    /// The documents of a member that are open.
    #[track_caller]
    pub(crate) fn owed(&self, member: &str) -> Vec<Value> {
        let owed = format!("open-items?member={}", self.small.members[member]);
        let owed = self.small.finance.get(&self.small.at(&owed)).expect(200).json();
        owed["data"].as_array().unwrap().iter().map(|it| it["invoice"].clone()).collect()
    }

    /// Another process on the same database.
    pub(crate) fn another(&self) -> Server {
        let url = format!("--stripe-url={}", self.stripe.url());
        let server = Server::builder(self.small.server.engine());
        server
            .database(self.small.server.database_url())
            .now(&self.now.to_string())
            .arg(url)
            .start()
    }

    /// Plans what a member owes.
    #[track_caller]
    pub(crate) fn plan(&self, member: &str) {
        let owed = self.owed(member);
        let asked = json!({ "channel": "stripe", "documents": owed });
        let planned = self.small.finance.post(&self.small.at("collections/plan"), asked);
        let planned = planned.expect(200).json();
        assert_eq!(planned["left_out"], json!([]), "{planned}");
    }

    /// A member's means of payment: kind, state, whether it is the one in use, and name.
    pub(crate) fn means(&self, member: &str) -> Vec<String> {
        let id = &self.small.members[member];
        let is = "CASE WHEN is_default THEN 'true' ELSE 'false' END";
        self.small.sql().lines(&format!(
            "SELECT kind || ' ' || status || ' ' || {is} || ' ' || label AS line \
             FROM payment_means WHERE member_id = '{id}' ORDER BY means_id"
        ))
    }

    /// A member's collections: state, why not, and how much.
    pub(crate) fn collections(&self, member: &str) -> Vec<String> {
        let id = &self.small.members[member];
        let mut found = self.small.sql().lines(&format!(
            "SELECT status || ' ' || coalesce(failure_code || ' ', '') || \
             CAST(amount_minor / 100 AS TEXT) || '.' || substr(CAST(100 + amount_minor % 100 AS TEXT), 2) \
             AS line FROM collections WHERE member_id = '{id}'"
        ));
        found.sort();
        found
    }

    /// What is open of each of a member's documents.
    #[track_caller]
    pub(crate) fn open(&self, member: &str) -> Vec<String> {
        let id = &self.small.members[member];
        let items = self.small.finance.get(&self.small.at(&format!("open-items?member={id}")));
        let items = items.expect(200).json()["data"].as_array().unwrap().clone();
        items.iter().map(|it| it["open"].as_str().unwrap().to_owned()).collect()
    }

    /// The entries of payments by a method: their postings.
    pub(crate) fn booked(&self, method: &str) -> Vec<String> {
        let mut sql = self.small.sql();
        let entries = sql.lines(&format!(
            "SELECT journal || ' ' || CAST(seq AS TEXT) AS line FROM payments \
             WHERE method = '{method}' ORDER BY payment_id"
        ));
        let mut postings = |entry: &String| {
            let (journal, seq) = entry.split_once(' ').unwrap();
            let lines = sql.lines(&format!(
                "SELECT account || ' ' || CAST(debit_minor AS TEXT) || ' ' || \
                 CAST(credit_minor AS TEXT) AS line FROM journal_lines \
                 WHERE journal = '{journal}' AND seq = {seq} ORDER BY line"
            ));
            lines.join("|")
        };
        entries.iter().map(&mut postings).collect()
    }

    /// What stands on an account, in cents.
    pub(crate) fn stands(&self, account: &str) -> String {
        let sum = self.small.sql().lines(&format!(
            "SELECT CAST(coalesce(sum(debit_minor - credit_minor), 0) AS TEXT) AS line \
             FROM journal_lines WHERE account = '{account}'"
        ));
        sum.concat()
    }

    /// The intents that were made, oldest first.
    #[track_caller]
    pub(crate) fn intents<const N: usize>(&self) -> [String; N] {
        let made = self.stripe.all("payment_intent");
        let ids: Vec<_> = made.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        ids.try_into().unwrap_or_else(|ids| panic!("other intents: {ids:?}"))
    }

    /// The charge of an intent.
    #[track_caller]
    pub(crate) fn charge(&self, intent: &str) -> String {
        self.stripe.object(intent)["latest_charge"].as_str().expect("it was charged").to_owned()
    }

    /// The states of all objects of a kind at Stripe.
    pub(crate) fn statuses(&self, kind: &str) -> Vec<String> {
        let all = self.stripe.all(kind);
        all.iter().map(|it| it["status"].as_str().unwrap().to_owned()).collect()
    }

    /// How many charges there are at Stripe that took money, and from whom they are not.
    pub(crate) fn paid(&self) -> usize {
        self.stripe.all("charge").iter().filter(|it| it["paid"] == true).count()
    }

    /// Has Stripe looked at, as is done once an hour.
    #[track_caller]
    pub(crate) fn look(&self) -> Value {
        let at = self.small.at("stripe-account/look");
        self.small.finance.post(&at, json!({})).expect(200).json()
    }

    /// What `palier verify` finds.
    #[track_caller]
    pub(crate) fn faults(&self) -> Vec<String> {
        self.small.faults()
    }
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn until(is: impl Fn() -> Vec<String>, wanted: &[&str]) {
    let begin = Instant::now();
    loop {
        let found = is();
        if found == wanted {
            return;
        }
        assert!(begin.elapsed() < Duration::from_mins(3), "{found:?}, not {wanted:?}");
        std::thread::sleep(Duration::from_millis(40));
    }
}
