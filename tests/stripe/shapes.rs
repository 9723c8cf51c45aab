//! Objects have the fields of the examples that Stripe publishes, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use palier_tests::stripe::{FakeStripe, KEY, Means};
use palier_tests::{Client, skip, workspace};
use serde_json::{Value, json};
use ureq::http::Method;

/// Fields whose keys are not Stripe's.
const FREE: [&str; 2] = ["metadata", "capabilities"];

#[test]
fn every_object_has_the_fields_of_its_example() {
    let Ok(examples) = fs::read(workspace().join("../shared/data/stripe_fixtures3.json")) else {
        return skip("Stripe's examples are not here: shapes are NOT compared");
    };
    let mut examples: Value = serde_json::from_slice(&examples).unwrap();
    let examples = examples["resources"].take();
    let stripe = FakeStripe::start();
    live(&stripe);
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for kind in [
        "account",
        "balance_transaction",
        "charge",
        "checkout.session",
        "customer",
        "dispute",
        "event",
        "mandate",
        "payment_intent",
        "payment_method",
        "payout",
        "refund",
        "setup_intent",
        "transfer",
        "transfer_reversal",
    ] {
        for object in stripe.all(kind) {
            seen.insert(kind);
            compare(kind, &object, &examples[kind], &mut wrong);
        }
    }
    assert_eq!(seen.len(), 15, "{seen:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The same fields, and inside of those that are objects here and there the same again.
fn compare(path: &str, ours: &Value, theirs: &Value, wrong: &mut Vec<String>) {
    let (Some(ours), Some(theirs)) = (ours.as_object(), theirs.as_object()) else { return };
    // What depends on the type of payment method stands below its name.
    let other = ours.get("type").is_some_and(|it| it == "sepa_debit");
    for name in theirs.keys().filter(|name| !ours.contains_key(*name)) {
        if !(other && name == "card") {
            wrong.push(format!("{path}.{name} is missing"));
        }
    }
    for (name, value) in ours {
        let path = format!("{path}.{name}");
        match theirs.get(name) {
            // An event is about one of the others; errors and actions are of many shapes.
            _ if path == "event.data" || name.starts_with("last_") || name == "next_action" => {}
            Some(theirs) if !FREE.contains(&name.as_str()) => compare(&path, value, theirs, wrong),
            Some(_) => {}
            None if other && name == "sepa_debit" => {}
            None if some(&path) => {}
            None => wrong.push(format!("{path} is unknown")),
        }
    }
}

/// Fields that Stripe documents, and of which its example has none.
fn some(path: &str) -> bool {
    let some = [
        "refund.failure_balance_transaction",
        "refund.failure_reason",
        "payment_intent.automatic_payment_methods.allow_redirects",
    ];
    some.contains(&path)
}

/// Lets everything happen that can.
fn live(stripe: &FakeStripe) {
    let client = Client::new(&stripe.url())
        .with_token(KEY)
        .with_header("content-type", "application/x-www-form-urlencoded");
    let post = |path: &str, fields: &[(&str, &str)]| -> Value {
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        client.send(Method::POST, path, Some(body.join("&").as_bytes())).json()
    };
    let id = |object: &Value| object["id"].as_str().unwrap().to_owned();
    let customer = id(&post("/v1/customers", &[("name", "Forge"), ("address[city]", "Lyon")]));
    let mut intents = BTreeMap::new();
    for (name, means) in [
        ("card", Means::CARD),
        ("poor", Means::POOR_CARD),
        ("guarded", Means::GUARDED_CARD),
        ("account", Means::ACCOUNT),
        ("empty", Means::OTHER_ACCOUNT),
        ("disputed", Means::OTHER_CARD),
    ] {
        let session = post(
            "/v1/checkout/sessions",
            &[
                ("mode", "setup"),
                ("currency", "eur"),
                ("customer", &customer),
                ("success_url", "https://pole.example"),
            ],
        );
        let session = stripe.complete(&id(&session), means);
        let setup = stripe.object(session["setup_intent"].as_str().unwrap());
        let intent = post(
            "/v1/payment_intents",
            &[
                ("amount", "5000"),
                ("currency", "eur"),
                ("customer", &customer),
                ("payment_method", setup["payment_method"].as_str().unwrap()),
                ("confirm", "true"),
                ("return_url", "https://pole.example"),
            ],
        );
        let refused = intent["error"]["payment_intent"].clone();
        intents.insert(name, if refused.is_null() { intent } else { refused });
    }
    assert_eq!(intents["guarded"]["status"], "requires_action");
    stripe.settle(&id(&intents["account"]));
    stripe.fail(&id(&intents["empty"]), "account_closed");
    let session = post(
        "/v1/checkout/sessions",
        &[
            ("mode", "payment"),
            ("customer", &customer),
            ("success_url", "https://pole.example"),
            ("line_items[0][price_data][currency]", "eur"),
            ("line_items[0][price_data][unit_amount]", "5000"),
            ("line_items[0][price_data][product_data][name]", "FA-1"),
        ],
    );
    stripe.complete(&id(&session), Means::CARD);
    let charge = |name: &str| stripe.object(&id(&intents[name]))["latest_charge"].clone();
    let text = |value: Value| value.as_str().unwrap().to_owned();
    let refund = post("/v1/refunds", &[("charge", &text(charge("card"))), ("amount", "100")]);
    stripe.fail_refund(&id(&refund));
    post("/v1/refunds", &[("charge", &text(charge("card")))]);
    let dispute = stripe.dispute(&text(charge("disputed")), "fraudulent");
    stripe.win(&dispute);
    stripe.dispute(&text(charge("account")), "debit_not_authorized");
    stripe.pass_days(4);
    let payout = stripe.pay_out().unwrap();
    stripe.fail_payout(&id(&payout));
    let provider = stripe.connected();
    let fields = [("amount", "100"), ("currency", "eur"), ("destination", &provider)];
    let transfer = post("/v1/transfers", &fields);
    let back = post(&format!("/v1/transfers/{}/reversals", id(&transfer)), &[("amount", "40")]);
    assert_eq!(back["object"], json!("transfer_reversal"));
}
