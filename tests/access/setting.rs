//! A pole with one of everything in it, and what somebody would ask of each operation there.

mod bodies;
mod made;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use palier_tests::stripe::{FakeStripe, KEY};
use palier_tests::{Answer, Client, Engine, Pole, Server, wait_for};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::invoices;
use crate::openapi::document::Operation;
use crate::people::{Person, at, refresh};
use crate::seed::{self, member};
use crate::sql::Sql;

/// When the setting is, from its beginning.
const TODAY: &str = "2026-09-02T12:00:00Z";
/// The month of the setting, which is not over there.
const MONTH: &str = "2026-09";
/// When it is over.
const ENDED: &str = "2026-10-02T12:00:00Z";

/// Ids, by their places in addresses.
type Ids = BTreeMap<&'static str, String>;

/// A server, and a pole in which somebody has signed in too long ago.
pub(super) struct House {
    /// Whose database it is: dropped last.
    _yesterdays: Server,
    pub(super) server: Server,
    pub(super) pole: Pole,
    /// By which the pole collects.
    stripe: FakeStripe,
    begun: Instant,
    /// Of an administrator, whose session goes on.
    pub(super) expired_token: String,
}

impl House {
    pub(super) fn open(engine: Engine) -> Self {
        let mut yesterdays = Server::builder(engine).now("2026-09-01T12:00:00Z").start();
        let pole = Pole::new(&yesterdays);
        let admin = Person::new(&yesterdays, &pole, &json!([{ "role": "pole_admin" }]));
        yesterdays.stop();
        let server = Server::builder(engine).database(yesterdays.database_url());
        let stripe = FakeStripe::start();
        let server = server.arg(format!("--stripe-url={}", stripe.url())).now(TODAY);
        // For as long as everybody takes who calls everything, on a busy machine too.
        let server = server.env("PALIER_ACCESS_TOKEN_MINUTES", "720").start();
        let begun = Instant::now();
        let renewed = refresh(&server, &pole, &admin.refresh_token).expect(200);
        let token = renewed.string("/access_token");
        let pole = Pole { admin: server.client().with_token(&token), token, ..pole };
        let expired_token = admin.token;
        Self { _yesterdays: yesterdays, server, pole, stripe, begun, expired_token }
    }

    /// Something that Stripe tells now, and what it signs that with.
    fn event(&self) -> (String, String) {
        let today: jiff::Timestamp = TODAY.parse().unwrap();
        let passed = i64::try_from(self.begun.elapsed().as_secs()).unwrap();
        self.stripe.set_clock(today.as_second().saturating_add(passed));
        let stripe = Client::new(&self.stripe.url()).with_token(KEY);
        let form = stripe.with_header("content-type", "application/x-www-form-urlencoded");
        form.send(Method::POST, "/v1/customers", Some(b"name=Forge")).expect(200);
        self.stripe.signed(&self.stripe.event("customer.created"), bodies::WEBHOOK_SECRET)
    }
}

/// A pole in which everything belongs to one member and one provider.
pub(super) struct Setting<'h> {
    house: &'h House,
    pub(super) server: &'h Server,
    pub(super) pole: &'h Pole,
    /// The member, and one that nothing belongs to.
    pub(super) members: [String; 2],
    /// The provider, and one that nothing belongs to.
    pub(super) providers: [String; 2],
    /// What is asked about, unless asking uses it up.
    lasting: Ids,
    /// A member whose invoices are replaced, again and again.
    billed: String,
    /// Somebody who signs in with a password, from anywhere.
    guest: Person,
    made: Cell<u32>,
}

impl<'h> Setting<'h> {
    #[track_caller]
    pub(super) fn new(house: &'h House) -> Self {
        let House { server, pole, .. } = house;
        let made = |path: &str, body: Value| {
            pole.admin.post(&at(pole, path), body).expect(201).string("/id")
        };
        let members = ["forge", "atelier"].map(|code| made("/members", member(code, "732829320")));
        let billed = made("/members", member("fonderie", "404833048"));
        let provider = |name| json!({ "name": name, "contact": { "email": "hpc@meso.example" } });
        let providers = ["Mésocentre", "Essais"].map(|name| made("/providers", provider(name)));
        let of_member = json!([{ "role": "member_user", "member": members[0] }]);
        let guest = Person::with_password(server, pole, &of_member);
        let lasting = Ids::from([
            ("pole", pole.code.clone()),
            ("member", members[0].clone()),
            ("subscriber", members[0].clone()),
            ("provider", providers[0].clone()),
            ("user", guest.id.clone()),
        ]);
        let mut this = Self {
            house,
            server,
            pole,
            members,
            billed,
            providers,
            lasting,
            guest,
            made: Cell::new(0),
        };
        let service = this.draft();
        let tariff = this.price(&service, "2026-01-01");
        this.publish(&service);
        let subscription = this.subscription(&service);
        let lasting = [
            ("meter", this.meter(&service)),
            ("alert", this.alert(&subscription)),
            ("subscription", subscription),
            ("identity_provider", this.identity_provider()),
            ("grant", this.grant()),
            ("counted", this.meter(&service)),
            ("tariff", tariff),
            ("service", service),
        ];
        this.lasting.extend(lasting);
        let event = bodies::event("reported", &this.lasting);
        pole.admin.post(&at(pole, "/usage"), event).expect(200);
        let keep = json!({ "unmatched_usage": "keep" });
        pole.admin.with_header("if-match", "*").patch(&at(pole, ""), keep).expect(200);
        let event = bodies::nobody_s("unmatched", &this.lasting);
        pole.admin.post(&at(pole, "/usage"), event).expect(200);
        let refuse = json!({ "unmatched_usage": "refuse" });
        pole.admin.with_header("if-match", "*").patch(&at(pole, ""), refuse).expect(200);
        this.invoice();
        this.collect();
        this.pay_out();
        this.suspend();
        this
    }

    /// Closes the month as if it had ended: the member has a document that is final, as one has whose
    /// invoices are replaced; another member has a draft.
    #[track_caller]
    fn invoice(&mut self) {
        let whatever = self.pole.admin.with_header("if-match", "*");
        whatever.put(&at(self.pole, "/billing-settings"), invoices::real::settings()).expect(200);
        // Not to the service that the other members learn nothing of.
        let service = self.published();
        for member in [&self.members[1], &self.billed] {
            let subscriptions = format!("/members/{member}/subscriptions");
            self.make(&subscriptions, json!({ "service": service }));
        }
        let of_month = ["--pole", &self.pole.code, "--period", MONTH, "--now", ENDED];
        let palier = |told: &[&str]| self.server.palier([told, &of_month].concat()).success();
        palier(&["invoices", "run"]);
        let list = format!("/invoices?period={MONTH}&member=");
        let of = |member: &String| {
            let list = self.pole.admin.get(&at(self.pole, &format!("{list}{member}")));
            list.expect(200).string("/data/0/id")
        };
        let [document, draft] = [of(&self.members[0]), of(&self.members[1])];
        palier(&["invoices", "finalise", &document, &of(&self.billed)]);
        // Without it, nothing becomes of the document.
        let statuses = at(self.pole, &format!("/invoices/{document}/statuses"));
        self.pole.admin.post(&statuses, json!({ "status": "deposited" })).expect(200);
        let lasting = [("invoice", document), ("draft", draft), ("period", MONTH.to_owned())];
        self.lasting.extend(lasting);
        self.lasting.extend([("payment", self.payment())]);
        self.lasting.extend([("movement", self.movement())]);
        self.lasting.extend([("mail", self.mail(&service))]);
        self.collect_by_stripe();
    }

    /// A mail to a member that a mail server has taken: the service will cost something else.
    #[track_caller]
    fn mail(&self, service: &str) -> String {
        let any = self.pole.admin.with_header("if-match", "*");
        let contact = json!({ "billing_contact": { "email": "compta@fonderie.example" } });
        any.patch(&at(self.pole, &format!("/members/{}", self.billed)), contact).expect(200);
        self.price(service, "2028-01-01");
        let list = format!("/mails?state=sent&member={}", self.billed);
        let sent = || {
            let list = self.pole.admin.get(&at(self.pole, &list)).expect(200);
            list.json()["data"][0]["id"].as_str().map(str::to_owned)
        };
        wait_for(Duration::from_mins(1), sent).expect("a mail is sent")
    }

    /// Collects by Stripe as well: there is a link to pay the document, and something was paid out.
    #[track_caller]
    fn collect_by_stripe(&mut self) {
        self.stripe_account();
        let link = at(self.pole, &format!("/invoices/{}/payment-link", self.lasting["invoice"]));
        let link = self.pole.admin.get(&link).expect(200).string("/url");
        let link = link.rsplit('/').next().unwrap().to_owned();
        Sql::open(self.server.database_url()).run(
            "INSERT INTO stripe_payouts (pole_id, payout_id, status, currency, amount_minor, fees_minor, \
             arrives_on, descriptor, created_at, updated_at) \
             SELECT pole_id, 'po_1', 'paid', 'EUR', 0, 0, '2026-09-01', 'STRIPE', 0, 0 FROM poles",
        );
        self.lasting.extend([("link", link), ("payout", "po_1".to_owned())]);
    }

    fn stripe_account(&self) {
        let whatever = self.pole.admin.with_header("if-match", "*");
        whatever.put(&at(self.pole, "/stripe-account"), bodies::stripe_account()).expect(200);
    }

    /// Debits the member's account: its document is in a file for the bank, two months ahead.
    #[track_caller]
    fn collect(&mut self) {
        let whatever = self.pole.admin.with_header("if-match", "*");
        let settings = at(self.pole, "/collection-settings");
        whatever.put(&settings, bodies::collection_settings(7)).expect(200);
        self.lasting.extend([("means", self.mandate())]);
        let plan = json!({ "documents": [self.lasting["invoice"]] });
        let planned = self.pole.admin.post(&at(self.pole, "/collections/plan"), plan).expect(200);
        self.lasting.extend([("collection", planned.string("/collections/0/collection"))]);
        self.lasting.extend([("file", self.debit_file())]);
    }

    /// The services of somebody were suspended, and the provider told of it.
    #[track_caller]
    fn suspend(&mut self) {
        self.webhook_endpoint();
        let [suspension, delivery] = seed::SUSPENSION.map(str::to_owned);
        self.suspension(&suspension);
        let (provider, pole) = (&self.providers[0], &self.pole.id);
        let event = seed::told(provider);
        Sql::open(self.server.database_url()).run(&format!(
            "INSERT INTO webhook_deliveries (pole_id, delivery_id, provider_id, kind, suspension_id, body, \
             state, job_id, attempts, queued_at, created_at) VALUES ('{pole}', '{delivery}', '{provider}', \
             'member.suspended', '{suspension}', '{event}', 'delivered', \
             'job_01k9gz7v3hf8mv3r0x2p6d9qae', 1, 0, 0)"
        ));
        self.lasting.extend([("suspension", suspension), ("delivery", delivery)]);
    }

    /// A suspension that goes on, of somebody new.
    #[track_caller]
    fn suspension(&self, id: &str) {
        let whose = self.make("/members", member(&self.new_word("late"), "732829320"));
        Sql::open(self.server.database_url()).run(&format!(
            "INSERT INTO suspensions (pole_id, suspension_id, member_id, seq, actor, reason, began_on, \
             began_at) VALUES ('{}', '{id}', '{whose}', 1, 'palier', '', '2026-09-02', 0)",
            self.pole.id
        ));
    }

    fn webhook_endpoint(&self) {
        let whatever = self.pole.admin.with_header("if-match", "*");
        let endpoint = format!("/providers/{}/webhook-endpoint", self.providers[0]);
        whatever.put(&at(self.pole, &endpoint), bodies::webhook_endpoint(0)).expect(200);
    }

    /// Owes the provider something, and pays a little back to the member.
    #[track_caller]
    fn pay_out(&mut self) {
        self.lasting.extend([("bill", self.bill()), ("account", self.account())]);
        self.lasting.extend([("transfer", self.transfer())]);
        self.lasting.extend([("transfer_file", self.transfer_file())]);
    }

    /// What nobody learns who acts for another member or provider.
    pub(super) fn hidden(&self) -> impl Iterator<Item = &str> {
        let told = |place: &str| matches!(place, "pole" | "period" | "payout" | "link");
        self.lasting.iter().filter(move |(place, _)| !told(place)).map(|(_, id)| id.as_str())
    }

    /// What somebody would ask, so that only who they are can keep them from it. What is used up
    /// by it is new.
    #[track_caller]
    pub(super) fn request(&self, operation: &Operation<'_>, for_provider: bool) -> Request {
        let ids = self.ids(operation.id(), for_provider);
        let path = ids.iter().fold(operation.path.to_owned(), |path, (place, id)| {
            path.replace(&format!("{{{place}}}"), id)
        });
        let ends = match operation.id() {
            // It would go on for a quarter of an hour.
            "streamPriceBoard" => "?seconds=1",
            "importBankStatement" => bodies::BANK_CSV,
            "followPaymentLink" => "?paid=true",
            "getTrialBalance" | "getVatReturn" | "getRevenue" | "getJournal"
            | "getInvoiceRegister" | "getPaymentRegister" | "downloadInvoices" => "?period=2026-09",
            _ => "",
        };
        // Whoever may not have them must not learn whether there is such a member.
        let whose = match operation.id() {
            "downloadInvoices" => format!("&member={}", self.members[0]),
            _ => String::new(),
        };
        let path = path + ends + &whose;
        if operation.path.contains("/stripe-") || operation.id() == "saveMeansOfPayment" {
            // Whoever came before may have deleted it.
            self.stripe_account();
        }
        if operation.path.contains("/webhook-") {
            // Here as well.
            self.webhook_endpoint();
        }
        let told = (operation.id() == "receiveStripeEvent").then(|| self.house.event());
        assert!(!path.contains('{'), "say in tests/access/setting.rs what there is at {path}");
        let kinds = operation.said["requestBody"]["content"].as_object();
        let kind = kinds.and_then(|kinds| kinds.keys().next_back());
        let body = kind.map(|_| self.body(operation.id(), &ids, for_provider));
        Request {
            method: operation.method.parse().unwrap(),
            path,
            kind: kind.map_or("application/json", String::as_str).to_owned(),
            signature: told.as_ref().map(|(_, signature)| signature.clone()),
            // POST has a body, if an empty one.
            body: told
                .map(|(body, _)| body)
                .or(body)
                .or_else(|| (operation.method == "POST").then(|| "{}".to_owned())),
        }
    }

    fn ids(&self, operation: &str, for_provider: bool) -> Ids {
        let mut ids = self.lasting.clone();
        let new = match operation {
            "getApiKey" | "revokeApiKey" => vec![("key", self.key(for_provider))],
            "holdInvoice" | "releaseInvoice" | "setManualLines" => {
                vec![("invoice", ids["draft"].clone())]
            }
            "revokeCreditGrant" => vec![("grant", self.grant())],
            "replaceInvoice" => vec![("invoice", self.replaceable())],
            // A month that is over.
            "getClosing" | "closePeriod" => vec![("period", "2026-08".to_owned())],
            "endPaymentMeans" | "revokePaymentMeans" => vec![("means", self.mandate())],
            // What is called off is planned again, and goes into the next.
            "getDebitFile" | "getDebitFileContent" | "settleDebitFile" | "cancelDebitFile" => {
                vec![("file", self.debit_file())]
            }
            "liftSuspension" => {
                let id = format!("sus_01k9gz7v3hf8mv3r0x2p6d{:0>4}", self.new_number());
                self.suspension(&id);
                vec![("suspension", id)]
            }
            "cancelProviderBill" => vec![("bill", self.bill())],
            "confirmProviderAccount" | "endProviderAccount" => vec![("account", self.account())],
            "settleTransfer" | "returnTransfer" | "cancelTransfer" => {
                vec![("transfer", self.transfer())]
            }
            "settleTransferFile" | "cancelTransferFile" => {
                self.transfer();
                vec![("transfer_file", self.transfer_file())]
            }
            "reversePayment" => vec![("payment", self.payment())],
            "resolveBankMovement" => vec![("movement", self.movement())],
            "deleteIdentityProvider" => vec![("identity_provider", self.identity_provider())],
            "deleteUsageAlert" => vec![("alert", self.alert(&ids["subscription"]))],
            "deleteMeter" => vec![("meter", self.meter(&ids["service"]))],
            "createTariff" => vec![("service", self.draft())],
            "withdrawTariff" => {
                let service = self.draft();
                vec![("tariff", self.price(&service, "2027-01-01")), ("service", service)]
            }
            "publishService" => {
                let service = self.draft();
                self.price(&service, "2026-01-01");
                vec![("service", service)]
            }
            "retireService" | "createSubscription" => vec![("service", self.published())],
            "endSubscription" => vec![("subscription", self.subscription(&self.published()))],
            "resumeSubscription" => {
                let subscription = self.subscription(&self.published());
                let member = &self.members[0];
                let end = format!("/members/{member}/subscriptions/{subscription}/end");
                self.pole.admin.post(&at(self.pole, &end), json!({})).expect(200);
                vec![("subscription", subscription)]
            }
            _ => Vec::new(),
        };
        ids.extend(new);
        ids
    }
}

/// What is asked.
pub(super) struct Request {
    method: Method,
    pub(super) path: String,
    kind: String,
    body: Option<String>,
    /// Of what Stripe tells.
    signature: Option<String>,
}

impl Request {
    #[track_caller]
    pub(super) fn send(&self, client: &Client) -> Answer {
        let client = client.with_header("if-match", "*").with_header("content-type", &self.kind);
        let client = match &self.signature {
            Some(signature) => client.with_header("stripe-signature", signature),
            None => client,
        };
        client.send(self.method.clone(), &self.path, self.body.as_deref().map(str::as_bytes))
    }

    /// The same, about another address.
    pub(super) fn at(self, path: String) -> Self {
        Self { path, ..self }
    }
}
