//! The link by which a document is paid at once.

use palier_tests::stripe::Means;
use palier_tests::{Engine, on_both};

use super::setting::{Collecting, until};

on_both!(a_link_leads_to_a_page_for_what_is_open);
fn a_link_leads_to_a_page_for_what_is_open(engine: Engine) {
    let it = Collecting::new(engine);
    let invoice = it.small.sql().lines(&format!(
        "SELECT invoice_id AS line FROM invoices WHERE member_id = '{}' ORDER BY number",
        it.small.members["usine"]
    ));
    let at = it.small.at(&format!("invoices/{}/payment-link", invoice[0]));
    let link = it.small.finance.get(&at).expect(200).string("/url");
    let path = link.strip_prefix(palier_tests::PUBLIC_URL).expect("below the public address");
    let browser = it.small.server.client();
    let led = browser.get(path).expect(303);
    let page = led.header("location").to_owned();
    // Who follows it twice gets the same page.
    assert_eq!(browser.get(path).expect(303).header("location"), page);
    let sessions = it.stripe.all("checkout.session");
    assert_eq!(sessions.len(), 1);
    assert_eq!((&sessions[0]["url"], &sessions[0]["amount_total"]), (&page.into(), &12_000.into()));
    it.stripe.complete(sessions[0]["id"].as_str().unwrap(), Means::CARD);
    until(|| it.collections("usine"), &["succeeded 120.00"]);
    assert_eq!(it.open("usine"), ["120.00"]);
    let said = browser.get(path).expect(200);
    assert!(said.text().contains("FA-2028-00000"), "{}", said.text());
    // Nobody makes a link of another document.
    let other = path.replace(&invoice[0], &invoice[1]);
    browser.get(&other).expect(404);
    assert_eq!(it.faults(), [""; 0]);
}
