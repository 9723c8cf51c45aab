//! A pole with one of everything in it.

use std::time::Duration;

use palier_tests::{Pole, Server, wait_for};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::sql::Sql;

/// Within which usage is told of. Between two rounds it rests many times as long as a round took, and that
/// is long where others keep the processors busy.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// A member company.
pub(crate) fn member(code: &str, siren: &str) -> Value {
    json!({
        "code": code,
        "name": "Forge du Rhône SAS",
        "siren": siren,
        "address": {
            "lines": ["36 rue de l’Atelier"], "postcode": "69007", "city": "Lyon", "country": "FR",
        },
    })
}

/// Puts one of everything into a pole.
#[track_caller]
pub(crate) fn seed(pole: &Pole) {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let once = pole.admin.with_header("idempotency-key", "seed-a-member");
    let first = once.post(&at("members"), member("forge", "732829320")).expect(201);
    pole.admin.post(&at("members"), member("atelier", "552100554")).expect(201);
    let provider = json!({ "name": "Mésocentre", "contact": { "email": "hpc@meso.example" } });
    let provider = pole.admin.post(&at("providers"), provider).expect(201).string("/id");
    let service = json!({
        "code": "compute",
        "provider": provider,
        "name": { "fr": "Calcul intensif", "en": "Computing" },
        "description": { "fr": "Des heures de calcul." },
        "category": "calcul",
        "unit": { "fr": "heure-cœur" },
    });
    let service = pole.admin.post(&at("services"), service).expect(201).string("/id");
    let of_service = |what: &str| at(&format!("services/{service}/{what}"));
    let meter = json!({ "code": "core-hours" });
    let counted = pole.admin.post(&of_service("meters"), meter).expect(201).string("/id");
    pole.admin.post(&of_service("meters"), json!({ "code": "storage" })).expect(201);
    let meter = json!({ "code": "peak", "aggregation": "max" });
    pole.admin.post(&of_service("meters"), meter).expect(201);
    let tariff = json!({
        "name": "2026", "effective_from": "2026-01-01",
        "document": { "charges": [
            { "kind": "recurring", "amount": "15" },
            { "kind": "usage", "meter": "storage", "model": "standard", "unit_amount": "1" },
            { "kind": "usage", "meter": "core-hours", "model": "graduated", "tiers": [
                { "up_to": "1", "unit_amount": "0.01" }, { "unit_amount": "0.004" },
            ] },
        ] },
    });
    pole.admin.post(&of_service("tariffs"), tariff).expect(201);
    pole.publish(&at(&format!("services/{service}")));
    let member = first.string("/id");
    let subscriptions = at(&format!("members/{member}/subscriptions"));
    let subscription = pole.admin.post(&subscriptions, json!({ "service": service })).expect(201);
    let alerts = format!("{subscriptions}/{}/alerts", subscription.string("/id"));
    let alert = json!({ "meter": counted, "quantity": "1", "email": "jeanne@forge.example" });
    let alert = format!("{alerts}/{}", pole.admin.post(&alerts, alert).expect(201).string("/id"));
    let credit = json!({ "amount": "0.10", "reason": "Bienvenue", "valid_from": "2026-01-01" });
    pole.admin.post(&at(&format!("members/{member}/credit-grants")), credit).expect(201);
    let now = jiff::Timestamp::now().to_string();
    let event = |id: &str, meter: &str| json!({ "id": id, "member": "forge", "meter": meter, "time": now, "quantity": "1.5" });
    let events = json!([event("a", "core-hours"), event("b", "core-hours"), event("c", "peak")]);
    pole.admin.post(&at("usage"), events).expect(200);
    let void = json!({ "events": [{ "id": "b", "time": now }], "reason": "A test." });
    pole.admin.post(&at("usage/voids"), void).expect(200);
    // The alert and the tier are told of a moment later, each with its entry in the audit log: then nothing
    // is written into the pole by itself any more.
    let raised = || pole.admin.get(&alert).expect(200).json().get("raised_at").map(drop);
    assert_eq!(wait_for(PATIENCE, raised), Some(()));
    let tiers = at("audit-log?action=tier.reached");
    let reached = || pole.admin.get(&tiers).expect(200).json().pointer("/data/0").map(drop);
    assert_eq!(wait_for(PATIENCE, reached), Some(()));
    let keep = json!({ "unmatched_usage": "keep" });
    pole.admin
        .with_header("if-match", "*")
        .patch(&format!("/v1/poles/{}", pole.code), keep)
        .expect(200);
    let mut nobody_s = event("d", "core-hours");
    nobody_s["member"] = json!("nobody");
    pole.admin.post(&at("usage"), nobody_s).expect(200);
    let key = json!({ "name": "Meter", "scopes": ["usage:write"], "member": member });
    pole.admin.post(&at("api-keys"), key).expect(201);
    let identity_provider = json!({
        "name": "Forge", "issuer": "http://127.0.0.1:1/", "audience": "palier",
        "jwks_url": "http://127.0.0.1:1/jwks.json", "algorithms": ["EdDSA"],
    });
    pole.admin.post(&at("identity-providers"), identity_provider).expect(201);
    let wrong = json!({ "email": pole.admin_email, "password": "a wrong password" });
    pole.admin.post(&at("sessions"), wrong).expect(401);
}

/// Closes the month of a pole with one of everything in it, as if it had ended, and makes its
/// documents final; then something comes in late.
#[track_caller]
pub(crate) fn invoice(server: &Server, pole: &Pole) {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let whatever = pole.admin.with_header("if-match", "*");
    let mut settings = crate::invoices::real::settings();
    let loss = json!({ "part": "loss", "number": "129100", "label": "Perte de l’exercice" });
    settings["chart"] = json!({ "accounts": [loss] });
    whatever.put(&at("billing-settings"), settings).expect(200);
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Europe/Paris").unwrap());
    let period = today.strftime("%Y-%m").to_string();
    let later = today.last_of_month().unwrap().date().saturating_add(jiff::Span::new().days(2));
    let now = format!("{later}T12:00:00Z");
    for command in ["run", "finalise"] {
        let told = ["--pole", &pole.code, "--period", &period, "--now", &now];
        server.palier(["invoices", command].into_iter().chain(told)).success();
    }
    let before = today.first_of_month().unwrap().date().saturating_sub(jiff::Span::new().days(1));
    let before = before.strftime("%Y-%m").to_string();
    let close = ["books", "close", "--pole", &pole.code, "--period", &before, "--accept-missing"];
    server.palier(close).success();
    let list = format!("{}?status=final&period={period}", at("invoices"));
    let invoice = pole.admin.get(&list).expect(200).string("/data/0/id");
    dun(server, pole, later, &invoice);
    debit(pole, &invoice);
    let credit = json!({ "reason": "A test.", "lines": [{ "line": 1, "amount": "0.10" }] });
    pole.admin.post(&at(&format!("invoices/{invoice}/credit-notes")), credit).expect(201);
    let document = pole.admin.get(&at("open-items")).expect(200);
    let paid = json!({
        "kind": "payment", "member": document.string("/data/0/member"), "method": "transfer",
        "paid_on": today.date(), "amount": "20.00", "reference": "VIR-0042",
        "allocations": [{ "invoice": document.string("/data/0/invoice"), "amount": "0.10" }],
    });
    pole.admin.post(&at("payments"), paid).expect(201);
    let mapping = "%7B%22booked_on%22:%22D%22,%22amount%22:%22A%22,%22text%22:%5B%22T%22%5D%7D";
    let statement = format!("D;A;T\n{};-1,00;frais\n", today.date());
    let csv = pole.admin.with_header("content-type", "text/csv");
    let import = format!("{}?mapping={mapping}", at("bank-statements"));
    csv.send(Method::POST, &import, Some(statement.as_bytes())).expect(200);
    let time = jiff::Timestamp::now().to_string();
    let late = json!({ "id": "late", "member": "forge", "meter": "core-hours", "time": time, "quantity": "2" });
    pole.admin.post(&at("usage"), late).expect(200);
    charge(server, pole, later, &invoice);
    pay_out(pole, today.date());
    by_stripe(server, pole);
    suspend(server, pole);
}

/// Has had the services of the member suspended that a letter went to, and its provider told.
#[track_caller]
fn suspend(server: &Server, pole: &Pole) {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let provider = pole.admin.get(&at("providers")).expect(200).string("/data/0/id");
    let endpoint = at(&format!("providers/{provider}/webhook-endpoint"));
    let url = json!({ "url": "http://127.0.0.1:1/" });
    pole.admin.with_header("if-match", "*").put(&endpoint, url).expect(200);
    let [suspension, delivery] = SUSPENSION;
    let event = told(&provider);
    let mut sql = Sql::open(server.database_url());
    for (table, columns, values) in [
        (
            "suspensions",
            "suspension_id, member_id, seq, actor, reason, began_on, began_at, lifted, lifted_by, \
             lift_reason, lifted_on, lifted_at",
            format!(
                "'{suspension}', member_id, 1, 'palier', '', sent_on, sent_at, 'by_hand', 'operator', 'A \
                 test.', sent_on, sent_at FROM dunning_letters"
            ),
        ),
        (
            "suspension_causes",
            "suspension_id, invoice_id, letter_id, open_minor",
            format!("'{suspension}', invoice_id, letter_id, open_minor FROM dunning_notices"),
        ),
        (
            "suspension_services",
            "suspension_id, service_id",
            format!("'{suspension}', service_id FROM services"),
        ),
        (
            "webhook_deliveries",
            "delivery_id, provider_id, kind, suspension_id, body, state, job_id, attempts, status, \
             attempted_at, queued_at, created_at",
            format!(
                "'{delivery}', provider_id, 'member.suspended', '{suspension}', '{event}', 'delivered', \
                 'job_01k9gz7v3hf8mv3r0x2p6d9qae', 1, 204, 0, 0, 0 FROM providers"
            ),
        ),
    ] {
        let of_pole = format!("WHERE pole_id = '{}'", pole.id);
        sql.run(&format!(
            "INSERT INTO {table} (pole_id, {columns}) SELECT pole_id, {values} {of_pole}"
        ));
    }
}

/// The ids of a suspension, and of what a provider is told of it.
pub(crate) const SUSPENSION: [&str; 2] =
    ["sus_01k9gz7v3hf8mv3r0x2p6d9qae", "whd_01k9gz7v3hf8mv3r0x2p6d9qae"];

/// What a provider is told.
pub(crate) fn told(provider: &str) -> Value {
    let since = "2026-09-01T08:00:00Z";
    let member =
        json!({ "id": "mbr_01k9gz7v3hf8mv3r0x2p6d9qae", "code": "forge", "name": "Forge" });
    json!({
        "type": "member.suspended", "timestamp": since,
        "data": {
            "pole": "pole", "provider": provider, "member": member, "services": [],
            "suspension": SUSPENSION[0], "sequence": 1, "since": since,
        },
    })
}

/// Records a bill of the provider, with an account of it, and pays a little back to a member, by a file.
#[track_caller]
fn pay_out(pole: &Pole, today: jiff::civil::Date) {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let provider = pole.admin.get(&at("providers")).expect(200).string("/data/0/id");
    let bill = json!({
        "number": "2026-0118", "issued_on": today, "due_on": today,
        "lines": [{ "net": "100.00", "rate_percent": "20" }],
    });
    pole.admin.post(&at(&format!("providers/{provider}/bills")), bill).expect(201);
    let account = json!({ "name": "Mésocentre", "iban": "FR7630006000011234567890189" });
    pole.admin.post(&at(&format!("providers/{provider}/accounts")), &account).expect(201);
    let member = pole.admin.get(&at("payments")).expect(200).string("/data/0/member");
    let back = json!({
        "member": member, "amount": "1.00", "reference": "Trop-perçu", "account": account,
    });
    pole.admin.post(&at("transfers"), back).expect(201);
    pole.admin.post(&at("transfer-files"), json!({ "execute_by": today })).expect(201);
}

/// Has the pole's bank debit the member that owes a document, by a file.
#[track_caller]
fn debit(pole: &Pole, document: &str) {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let debits = json!({ "creditor_id": "FR72ZZZ123456", "days_ahead": 365 });
    let any = pole.admin.with_header("if-match", "*");
    any.put(&at("collection-settings"), json!({ "direct_debit": debits })).expect(200);
    let invoice = pole.admin.get(&at(&format!("invoices/{document}"))).expect(200);
    let mandate = json!({
        "member": invoice.string("/member"), "scheme": "core", "signed_on": "2026-01-12",
        "debtor": "Forge", "iban": "FR7630006000011234567890189",
    });
    pole.admin.post(&at("payment-means"), mandate).expect(201);
    let planned = json!({ "documents": [document] });
    let planned = pole.admin.post(&at("collections/plan"), planned).expect(200).json();
    let file = json!({ "collect_by": planned["collections"][0]["collect_on"] });
    pole.admin.post(&at("debit-files"), file).expect(201);
}

/// What only Stripe causes, without it.
#[track_caller]
fn by_stripe(server: &Server, pole: &Pole) {
    let at = format!("/v1/poles/{}/stripe-account", pole.code);
    let account = json!({
        "secret_key": "sk_test_seed", "webhook_secrets": ["whsec_seed"], "methods": ["card"],
    });
    pole.admin.with_header("if-match", "*").put(&at, account).expect(200);
    let mut sql = Sql::open(server.database_url());
    for (table, columns, values) in [
        (
            "stripe_customers",
            "member_id, customer_id, made_at",
            "member_id, 'cus_1', 0 FROM collections",
        ),
        (
            "collection_setbacks",
            "collection_id, version, status, run_at, attempts, last_error, told_at",
            "collection_id, 1, 'failed', 0, 0, '', 0 FROM collections",
        ),
        (
            "stripe_events",
            "event_id, kind, object_id, happened_at, body, listed, received_at, outcome",
            "'evt_1', 'payout.paid', 'po_1', 0, '', false, 0, '' FROM poles",
        ),
        (
            "stripe_refunds",
            "refund_id, collection_id, amount_minor, status, booked_at",
            "'re_1', collection_id, 1, 'succeeded', 0 FROM collections",
        ),
        (
            "stripe_payouts",
            "payout_id, status, currency, amount_minor, fees_minor, arrives_on, descriptor, created_at, \
             updated_at",
            "'po_1', 'paid', 'EUR', 1, 0, '2026-09-01', 'STRIPE', 0, 0 FROM poles",
        ),
        (
            "stripe_balance",
            "transaction_id, payout_id, kind, currency, amount_minor, fee_minor, net_minor, happened_at",
            "'txn_1', 'po_1', 'charge', 'EUR', 1, 0, 1, 0 FROM poles",
        ),
    ] {
        let of_pole = format!("WHERE pole_id = '{}'", pole.id);
        sql.run(&format!(
            "INSERT INTO {table} (pole_id, {columns}) SELECT pole_id, {values} {of_pole}"
        ));
    }
}

/// Charges the indemnity for a document that was late: interest would need rates that come to be known.
#[track_caller]
fn charge(server: &Server, pole: &Pole, issued_on: jiff::civil::Date, document: &str) {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let any = pole.admin.with_header("if-match", "*");
    let settings = json!({ "schedule": { "reminder": 1 }, "claims_interest": false });
    any.put(&at("dunning-settings"), settings).expect(200);
    let number = pole.admin.get(&at(&format!("invoices/{document}"))).expect(200);
    let late = issued_on.saturating_add(jiff::Span::new().days(90));
    let now = format!("{late}T12:00:00Z");
    let number = number.string("/number");
    let told = ["dunning", "charge", "--pole", &pole.code, &number, "--now", &now];
    server.palier(told).success();
}

/// Writes to the member that owes a document, once it is late, and then leaves the document alone.
#[track_caller]
fn dun(server: &Server, pole: &Pole, issued_on: jiff::civil::Date, document: &str) {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let any = pole.admin.with_header("if-match", "*");
    any.put(&at("dunning-settings"), json!({ "schedule": { "reminder": 1 } })).expect(200);
    let member = pole.admin.get(&at(&format!("invoices/{document}"))).expect(200);
    let member = at(&format!("members/{}", member.string("/member")));
    let contact = json!({ "billing_contact": { "email": "compta@forge.example" } });
    any.patch(&member, contact).expect(200);
    let late = issued_on.saturating_add(jiff::Span::new().days(90));
    let now = format!("{late}T12:00:00Z");
    let told = ["dunning", "run", "--pole", &pole.code, "--now", &now];
    let told = server.palier(told).success();
    assert!(told.ends_with("1 letter written\n"), "{told}");
    let pause = at(&format!("dunning/invoices/{document}/pause"));
    pole.admin.post(&pause, json!({ "reason": "A test." })).expect(200);
}
