//! Money that comes in by way of Stripe: saved, charged, refused, given back, disputed, paid out. Whatever
//! happens on the way, a member is charged once.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod back;
mod events;
mod once;
mod page;
mod payouts;
pub(crate) mod setting;
mod told;
mod transfers;

use palier_tests::stripe::Means;
use palier_tests::{Engine, on_both};
use serde_json::json;

use setting::{Collecting, until};

on_both!(a_saved_card_pays_what_is_due);
fn a_saved_card_pays_what_is_due(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::CARD);
    assert_eq!(it.means("forge"), ["stripe_card active true Visa •••• 4242"]);
    until(|| it.collections("forge"), &["succeeded 120.00", "succeeded 120.00"]);
    assert_eq!(it.open("forge"), [""; 0]);
    // The usine has saved nothing and pays as ever.
    assert_eq!(it.open("usine"), ["120.00", "120.00"]);
    // One charge a document, which says whose and what it is for.
    let charged = it.stripe.all("payment_intent");
    let said = |name: &str| -> Vec<_> { charged.iter().map(|it| it[name].clone()).collect() };
    assert_eq!(said("amount"), [json!(12_000), json!(12_000)]);
    assert_eq!(said("currency"), [json!("eur"), json!("eur")]);
    let mut numbers = said("description");
    numbers.sort_by_key(ToString::to_string);
    assert_eq!(numbers, [json!("FA-2028-000001"), json!("FA-2028-000003")]);
    // It stands with the provider until that pays out; VAT is due on receipt.
    let booked = "411000 0 12000|445710 0 2000|445740 2000 0|517000 12000 0";
    assert_eq!(it.booked("card"), [booked, booked]);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(a_debit_takes_days_and_nobody_is_dunned_meanwhile);
fn a_debit_takes_days_and_nobody_is_dunned_meanwhile(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::ACCOUNT);
    assert_eq!(it.means("forge"), ["stripe_sepa active true IBAN FR•• •••• 2606"]);
    until(|| it.collections("forge"), &["processing 120.00", "processing 120.00"]);
    assert_eq!(it.open("forge"), ["120.00", "120.00"]);
    let [first, second] = it.intents();
    it.stripe.settle(&first);
    it.stripe.fail(&second, "insufficient_funds");
    until(|| it.collections("forge"), &["failed insufficient_funds 120.00", "succeeded 120.00"]);
    assert_eq!(it.open("forge"), ["120.00"]);
    assert_eq!(it.booked("direct_debit").len(), 1);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(a_refusal_says_why_and_is_no_debt_paid);
fn a_refusal_says_why_and_is_no_debt_paid(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::POOR_CARD);
    let refused = "failed insufficient_funds 120.00";
    until(|| it.collections("forge"), &[refused, refused]);
    it.save("usine", Means::GUARDED_CARD);
    let guarded = "failed authentication_required 120.00";
    until(|| it.collections("usine"), &[guarded, guarded]);
    assert_eq!(it.open("forge"), ["120.00", "120.00"]);
    assert_eq!(it.open("usine"), ["120.00", "120.00"]);
    // None of them waits for somebody to confirm it: a second try would be another.
    until(|| it.statuses("payment_intent"), &["canceled"; 4]);
    assert_eq!(it.faults(), [""; 0]);
}
