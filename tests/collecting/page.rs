//! The link by which a document is paid at once.

use palier_tests::stripe::Means;
use palier_tests::{Engine, on_both};
use serde_json::json;

use super::setting::{Collecting, until};
use crate::documents::read;

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

on_both!(a_file_leads_there_if_the_pole_collects_online_when_it_is_made);
fn a_file_leads_there_if_the_pole_collects_online_when_it_is_made(engine: Engine) {
    let it = Collecting::new(engine);
    let pdf = |id: &str| it.small.finance.get(&it.small.at(&format!("invoices/{id}/pdf")));
    let of = |month: &str| {
        let made = it.small.documents(month);
        let forge = made.iter().find(|it| it["document"]["buyer"]["code"] == "forge").unwrap();
        forge["id"].as_str().unwrap().to_owned()
    };
    it.small.close("2026-09");
    let (before, since) = (of("2026-08"), of("2026-09"));
    let link = it.small.finance.get(&it.small.at(&format!("invoices/{since}/payment-link")));
    let link = link.expect(200).string("/url");
    let made = [pdf(&before).expect(200).bytes, pdf(&since).expect(200).bytes];
    for (file, links) in made.iter().zip([json!([]), json!([link])]) {
        let Some(read) = read(file) else { return };
        assert_eq!(read["links"], links);
        let roles = read["roles"].as_array().unwrap();
        assert_eq!(roles.contains(&"/Link".into()), links != json!([]));
    }
    // What was made stays, whether the pole goes on collecting like that or not.
    it.small.pole.admin.delete(&it.small.at("stripe-account")).expect(204);
    assert_eq!([pdf(&before).expect(200).bytes, pdf(&since).expect(200).bytes], made);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(who_pays_by_the_link_is_not_debited_as_well);
fn who_pays_by_the_link_is_not_debited_as_well(engine: Engine) {
    let mut it = Collecting::new(engine);
    let links = |it: &Collecting| -> Vec<String> {
        let link = |invoice: &serde_json::Value| {
            let at = format!("invoices/{}/payment-link", invoice.as_str().unwrap());
            let link = it.small.finance.get(&it.small.at(&at)).expect(200).string("/url");
            link.strip_prefix(palier_tests::PUBLIC_URL).unwrap().to_owned()
        };
        it.owed("usine").iter().map(link).collect()
    };
    let links = links(&it);
    // Told today, debited in two days: meanwhile it pays one of the two by the link.
    it.save_and("usine", Means::ACCOUNT, |it| {
        it.small.server.client().get(&links[0]).expect(303);
        let session = it.stripe.all("checkout.session").pop().unwrap();
        it.stripe.complete(session["id"].as_str().unwrap(), Means::OTHER_CARD);
        let left = ["cancelled cancelled 120.00", "planned 120.00", "succeeded 120.00"];
        until(|| it.collections("usine"), &left);
    });
    let left = ["cancelled cancelled 120.00", "processing 120.00", "succeeded 120.00"];
    until(|| it.collections("usine"), &left);
    // And nobody is led to pay what is on its way.
    let said = it.small.server.client().get(&links[1]).expect(200);
    assert!(said.text().contains("on its way"), "{}", said.text());
    assert_eq!(it.stripe.all("checkout.session").len(), 2);
    assert_eq!(it.faults(), [""; 0]);
}
