//! A pole made of files: companies, and three months that they really used a computer, each closed and
//! made final.
//!
//! It is told as the other story is, at the times at which it happens.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use actix_web::web;
use flate2::read::MultiGzDecoder;
use palier_billing::fec::{Encoding, check};
use palier_billing::{Money, Month};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Teller, Untold, instant, open_pole};
use crate::app::App;
use crate::db::invoices;
use crate::db::poles::PoleRow;
use crate::invoicing::InvoicingError;
use crate::invoicing::credit::{Credit, CreditLine, credit};
use crate::invoicing::fec::export;
use crate::invoicing::finalise::finalise;
use crate::invoicing::review::{Review, review};
use crate::invoicing::run::run;
use crate::invoicing::verify::verify;
use crate::quote::words::{counted, grouped};
use crate::text::Language;
use crate::work::Author;

/// The code of its pole.
const POLE: &str = "calcul";
/// When the companies subscribe.
const OPENS: &str = "2026-07-01T06:00:00Z";
/// Each month, and when it is closed: the last of it is the present of the story.
const MONTHS: [(&str, &str); 3] = [
    ("2026-07", "2026-08-03T07:00:00Z"),
    ("2026-08", "2026-09-02T07:00:00Z"),
    ("2026-09", "2026-10-05T07:00:00Z"),
];
/// When July's invoices are paid, by the companies that pay them.
const PAY: &str = "2026-09-01";
/// The columns of a file of usage.
const COLUMNS: &str = "id,member,meter,time,quantity";
/// How many events are reported at once.
const TOGETHER: usize = 5_000;

/// Tells the story of the files in a folder, and says each step once it is done.
pub(crate) async fn tell(
    app: &web::Data<App>,
    address: &str,
    folder: &Path,
    say: impl Fn(&str) -> Result<(), Untold>,
) -> Result<(), Untold> {
    app.clock.stop_at(instant(OPENS)?);
    let pole = open_pole(app, POLE, "Pôle Calcul")?;
    let mut teller = Teller::new(app, address, &pole)?;
    let members = teller.import_members(&folder.join("members.csv")).await?;
    let service = teller.computer().await?;
    for member in &members {
        let path = format!("members/{member}/subscriptions");
        teller.post(&path, &json!({ "service": service })).await?;
    }
    let count = counted(members.len().try_into().unwrap_or(u64::MAX), "company", "companies");
    say(&format!(
        "{count} subscribed to a computer they share: 15 € a month; a core-hour 0.080 €"
    ))?;
    say("for the first 10,000 of all, 0.055 € up to 50,000, and 0.030 € beyond")?;
    teller.send(Method::PUT, "billing-settings", &settings()).await?;
    let closing = Closing { app: app.clone(), pole: pole.clone() };
    let (mut events, mut count) = (read_events(&usage_file(folder)?)?, 0_u64);
    for (month, closed_at) in MONTHS {
        teller.goes_on_at(closed_at)?;
        let later =
            events.split_off(events.partition_point(|it| it["time"].as_str() < Some(closed_at)));
        count = count.saturating_add(teller.report(&events).await?);
        events = later;
        say(&closing.blocking(move |closing| closing.close(month)).await?)?;
    }
    say(&format!("{} counted, each in the month it was run", counted(count, "job", "jobs")))?;
    say(&teller.payments().await?)?;
    say(&closing.blocking(Closing::give_back).await?)?;
    for line in closing.blocking(Closing::prove).await? {
        say(&line)?;
    }
    app.clock.run_from(app.now());
    Ok(())
}

/// The file of usage in a folder.
fn usage_file(folder: &Path) -> Result<PathBuf, Untold> {
    let shown = folder.display();
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{shown}: {error}"))?;
    let names = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_usage = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.starts_with("usage") && name.ends_with(".csv.gz"))
    };
    let found = names.filter(is_usage).min();
    found.ok_or_else(|| format!("{shown}: expected a file usage….csv.gz"))
}

/// How the pole bills.
fn settings() -> Value {
    json!({
        "seller": {
            "name": "Association Pôle Calcul", "legal_form": "association loi 1901",
            "siren": "732829320", "vat_number": "FR44732829320", "email": "compta@calcul.example",
            "address": { "lines": ["1 place du Pôle"], "postcode": "69003", "city": "Lyon",
                "country": "FR" },
        },
        "account": { "iban": "FR1420041010050500013M02606", "bic": "PSSTFRPPPAR" },
    })
}

impl Teller<'_> {
    /// Imports a file of companies; their ids.
    async fn import_members(&self, file: &Path) -> Result<Vec<String>, Untold> {
        let shown = file.display();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{shown}: {error}"))?;
        self.send_as("members/import", "text/csv", text).await?;
        let mut ids = Vec::new();
        let mut page = "members?limit=100".to_owned();
        loop {
            let list = self.send(Method::GET, &page, &Value::Null).await?;
            let members = list["data"].as_array().into_iter().flatten();
            ids.extend(members.filter_map(|member| Some(member["id"].as_str()?.to_owned())));
            let Some(next) = list["next_cursor"].as_str() else { return Ok(ids) };
            page = format!("members?limit=100&cursor={next}");
        }
    }

    /// The computer that they share, published; its id.
    async fn computer(&self) -> Result<String, Untold> {
        let contact = json!({ "email": "hpc@mesocentre.example" });
        let provider = json!({ "name": "Mésocentre", "contact": contact });
        let provider = self.post("providers", &provider).await?;
        let service = json!({
            "code": "compute", "provider": provider, "category": "calcul",
            "name": { "fr": "Calcul intensif", "en": "High-performance computing" },
            "unit": { "fr": "heures-cœur", "en": "core-hours" }, "revenue_account": "706100",
        });
        let service = self.post("services", &service).await?;
        let meter = json!({ "code": "core-hours", "unit": "HUR" });
        self.post(&format!("services/{service}/meters"), &meter).await?;
        let tariff = json!({
            "name": "2026", "effective_from": "2026-07-01",
            "document": { "charges": [
                { "name": "Heures-cœur", "kind": "usage", "meter": "core-hours", "scope": "pool",
                  "model": "graduated", "tiers": [
                    { "up_to": "10000", "unit_amount": "0.080" },
                    { "up_to": "50000", "unit_amount": "0.055" },
                    { "unit_amount": "0.030" },
                ] },
                { "name": "Accès", "kind": "recurring", "amount": "15" },
            ] },
        });
        self.post(&format!("services/{service}/tariffs"), &tariff).await?;
        self.post(&format!("services/{service}/publish"), &json!({})).await?;
        Ok(service)
    }

    /// Reports events; how many of them count.
    async fn report(&self, events: &[Value]) -> Result<u64, Untold> {
        let mut count = 0_u64;
        for events in events.chunks(TOGETHER) {
            let told = self.send(Method::POST, "usage?atomic=true", &json!(events)).await?;
            count = count.saturating_add(told["accepted"].as_u64().unwrap_or_default());
        }
        Ok(count)
    }

    /// Most companies pay their invoice of July by transfer, one half of it, one twice.
    async fn payments(&self) -> Result<String, Untold> {
        let list = self.send(Method::GET, "invoices?period=2026-07&limit=60", &Value::Null).await?;
        let mut paid = Money::zero(self.pole.currency());
        for (nth, invoice) in (1..).zip(list["data"].as_array().into_iter().flatten()) {
            let gross = invoice["gross"].as_str().unwrap_or_default();
            let gross = Money::parse(gross, paid.currency()).map_err(|it| it.to_string())?;
            let half =
                Money::from_minor(gross.minor().checked_div(2).unwrap_or(0), gross.currency());
            let amount = if nth == 1 { half } else { gross };
            let body = |amount: Money, settles: &[Value]| {
                json!({
                    "kind": "payment", "member": invoice["member"], "method": "transfer",
                    "paid_on": PAY, "amount": amount, "reference": invoice["number"],
                    "allocations": settles,
                })
            };
            let settled = json!({ "invoice": invoice["id"], "amount": amount });
            self.post("payments", &body(amount, &[settled])).await?;
            paid = paid.checked_add(amount).map_err(|it| it.to_string())?;
            if nth == 2 {
                // Once more by mistake: it stands to the company's credit.
                self.post("payments", &body(gross, &[])).await?;
                paid = paid.checked_add(gross).map_err(|it| it.to_string())?;
            }
        }
        Ok(format!("60 companies pay July: {} €, one only half of it, one twice", grouped(paid)))
    }
}

/// The events in a file, by their time.
fn read_events(file: &Path) -> Result<Vec<Value>, Untold> {
    let shown = file.display();
    let packed = std::fs::read(file).map_err(|error| format!("{shown}: {error}"))?;
    let mut text = String::new();
    let read = MultiGzDecoder::new(packed.as_slice()).read_to_string(&mut text);
    read.map_err(|error| format!("{shown}: {error}"))?;
    let mut lines = text.lines();
    if lines.next() != Some(COLUMNS) {
        return Err(format!("{shown}: line 1: expected the columns {COLUMNS}"));
    }
    let events = lines.map(event).collect::<Option<Vec<_>>>();
    let mut events = events.ok_or_else(|| format!("{shown}: expected five values in each line"))?;
    // All in UTC and to the second, so that texts stand in the order of instants.
    events.sort_by(|one, other| one["time"].as_str().cmp(&other["time"].as_str()));
    Ok(events)
}

/// An event, from its line.
fn event(line: &str) -> Option<Value> {
    let values: Vec<_> = line.split(',').collect();
    let [id, member, meter, time, quantity] = values.as_slice() else { return None };
    Some(json!({
        "id": id, "member": member, "meter": meter, "time": time, "quantity": quantity,
    }))
}

/// Whoever closes the months: finance, at the command line.
#[derive(Clone)]
struct Closing {
    app: web::Data<App>,
    pole: PoleRow,
}

impl Closing {
    /// Does something that takes a while on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, InvoicingError> + Send + 'static,
    ) -> Result<T, Untold> {
        let closing = self.clone();
        let done = web::block(move || work(&closing)).await.map_err(|gone| gone.to_string())?;
        done.map_err(|error| error.text().in_language(Language::En).to_owned())
    }

    fn author(&self) -> Author {
        Author::operator(&self.pole.pole_id, self.app.now())
    }

    /// Closes a month and makes its documents final.
    fn close(&self, month: &str) -> Result<String, InvoicingError> {
        let Self { app, pole } = self;
        let Ok(month) = month.parse::<Month>() else { return Ok(String::new()) };
        let priced = run(app, &self.author(), pole, month, &|_| {})?;
        let review = review(app, pole, &priced)?;
        let made = finalise(app, &self.author(), pole, month, None, &|_, _| {})?;
        let numbers = (made.numbers.first(), made.numbers.last());
        let (first, last) = (numbers.0.cloned().unwrap_or_default(), numbers.1.cloned());
        let documents = u64::try_from(made.numbers.len()).unwrap_or(u64::MAX);
        Ok(format!(
            "{month}: {}, {first} to {}; {}",
            counted(documents, "invoice", "invoices"),
            last.unwrap_or_default(),
            reached(&review)
        ))
    }

    /// A company could not work for a month, and gets its fee back.
    fn give_back(&self) -> Result<String, InvoicingError> {
        let Self { app, pole } = self;
        let number = "FA-2026-000139";
        let filter =
            invoices::Filter { number: Some(number.to_owned()), ..invoices::Filter::default() };
        let credited = app.write_now(&self.author(), |tx| {
            let found = invoices::page(tx.conn, tx.pole(), &filter, None, 1)?.pop();
            let Some(invoice) = found else { return Ok(tx.unchanged(None)) };
            let document: Value = serde_json::from_str(&invoice.document).unwrap_or_default();
            let lines = document["lines"].as_array().into_iter().flatten();
            let fee = (1..).zip(lines).find(|(_, line)| line["kind"] == "recurring");
            let line = fee.map_or(1, |(line, _)| line);
            let wanted = Credit {
                reason: "Accès interrompu en septembre".to_owned(),
                lines: vec![CreditLine { line, minor: None }],
            };
            credit(tx, pole, &invoice, &wanted)?.and_then(|row| Ok::<_, InvoicingError>(Some(row)))
        })?;
        Ok(credited.map_or_else(String::new, |row| {
            let gross = Money::from_minor(row.gross_minor, row.currency());
            let credit = row.number.unwrap_or_default();
            format!("{credit} gives {gross} back of {number}")
        }))
    }

    /// Proves documents and books, and checks the accounting file.
    fn prove(&self) -> Result<Vec<String>, InvoicingError> {
        let pole = &self.pole.pole_id;
        let (found, file) = self.app.db.read_now(|conn| {
            conn.snapshot(|conn| {
                let file = export(conn, pole, 2026, Encoding::Utf8)?;
                Ok::<_, InvoicingError>((verify(conn, pole)?, file))
            })
        })?;
        let documents = counted(found.documents, "document", "documents");
        let entries = counted(found.entries, "entry", "entries");
        let faults = u64::try_from(found.faults.len()).unwrap_or(u64::MAX);
        let broken = u64::try_from(check(&file.name, &file.bytes).len()).unwrap_or(u64::MAX);
        Ok(vec![
            format!(
                "verified: {documents}, {entries} of the journal; {}",
                counted(faults, "fault", "faults")
            ),
            format!(
                "accounting file {}: {}",
                file.name,
                counted(broken, "rule of R01 to R14 broken", "rules of R01 to R14 broken")
            ),
        ])
    }
}

/// The price that the pool reached in a month, and what it came to.
fn reached(review: &Review) -> String {
    let net = grouped(review.net);
    let pool = review.services.iter().flat_map(|service| &service.facts.pools).next();
    pool.map_or_else(String::new, |pool| {
        let active = u64::try_from(pool.active_members).unwrap_or(u64::MAX);
        format!(
            "{} core-hours of {}, {} € each; {net} € without VAT, {} € saved together",
            grouped(&pool.quantity),
            counted(active, "company", "companies"),
            pool.unit_price,
            grouped(Money::from_minor(pool.saved_minor, review.net.currency()))
        )
    })
}
