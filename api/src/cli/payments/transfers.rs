//! `palier payments transfers` and `confirm`: files by which the bank pays providers, and the accounts that
//! these are paid to. What the bank answers to a file, that it executed it, or never got it, is said by
//! `answer`, `settle` and `recall`, as with direct debits.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use palier_billing::sepa::{StatusReport, TransferVersion};

use super::{day, json, table};
use crate::app::App;
use crate::bank::transfers::sweep;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::day::Day;
use crate::db::collections::Channel;
use crate::db::poles::PoleRow;
use crate::db::provider_accounts::{self, AccountStatus};
use crate::db::providers::{self, ProviderRow};
use crate::db::transfer_files::{self, TransferFileRow};
use crate::db::transfers;
use crate::payments::if_tomorrow;
use crate::problem::{Fault, Problem};
use crate::provider_accounts::confirm;
use crate::quote::words::counted;
use crate::routes::{Transfer, TransferAnswer, TransferFile, TransferFormat, TransferPlan};
use crate::say;
use crate::text::Language;
use crate::transfers::answers::take;
use crate::transfers::file::{Asked, by_hand, make, recall, settle};
use crate::transfers::planner::plan;
use crate::work::{Author, Tx};

/// Write a file of transfers for the bank (pain.001)
///
/// What providers have billed and is due by a day goes into it, with what was planned to go back to members,
/// and is taken to be sent: give the file to the bank. Asked again it is the same file, as long as nothing
/// else was due: nobody is paid twice.
#[derive(Args)]
pub(super) struct Transfers {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The last day by which something is due, or to be paid
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Day,
    /// Where the file goes; - is standard output
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Which message the bank takes: pain.001.001.03 or pain.001.001.09
    #[arg(long, value_name = "NAME", default_value = "pain.001.001.09", value_parser = format)]
    format: TransferFormat,
    /// Have the bank debit each transfer by itself, and not those of a day as one sum
    #[arg(long)]
    one_by_one: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

fn format(text: &str) -> Result<TransferFormat, String> {
    text.parse().map_err(|_| "expected pain.001.001.03 or pain.001.001.09".to_owned())
}

impl Transfers {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let asked = Asked {
            execute_by: self.on.clone(),
            version: TransferVersion::from(self.format),
            batch_booking: !self.one_by_one,
        };
        let made = app.write_now(&author, |tx| {
            let planned = plan(tx, (&Day::today(&pole, tx.at()), &self.on))?;
            let file = make(tx, &pole, &asked)?;
            // What was planned and written is in the log already.
            Ok::<_, Problem>(tx.unchanged((planned, file)))
        });
        let (planned, made) = made.map_err(|problem| Failure::problem(None, &problem))?;
        let body =
            app.db.read_now(|conn| transfer_files::body(conn, &pole.pole_id, &made.row.file_id));
        let body = body.map_err(Failure::database)?.unwrap_or_default();
        if self.to.as_os_str() == "-" {
            return print(&String::from_utf8_lossy(&body));
        }
        let name = self.to.display();
        fs::write(&self.to, &body).map_err(|error| Failure::Output(format!("{name}: {error}")))?;
        if !self.json {
            let left_out = TransferPlan::from(planned).left_out.into_iter().map(|it| {
                format!("left out: {}: {}\n", it.number, it.reason.in_language(Language::En))
            });
            print(&left_out.collect::<String>())?;
        }
        shown(&made.into(), self.json)
    }
}

/// Confirm the account that a provider is to be paid to
///
/// Somebody gave it through the API; whoever runs this has asked the provider for its number.
#[derive(Args)]
pub(super) struct Confirm {
    /// The provider, by its name or id
    provider: String,
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The account at a bank, as the provider says it
    #[arg(long, value_name = "IBAN", required_unless_present = "stripe_account")]
    iban: Option<String>,
    /// The account at Stripe, as the provider says it
    #[arg(long, value_name = "ACCT", conflicts_with = "iban")]
    stripe_account: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

impl Confirm {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let provider = provider(&app, &pole, &self.provider)?;
        let author = Author::operator(&pole.pole_id, app.now());
        // One of the two is given: the arguments ask for that.
        let (channel, number) = match self.stripe_account {
            Some(account) => (Channel::Stripe, account),
            None => (Channel::Bank, self.iban.unwrap_or_default()),
        };
        let done = app.write_now(&author, |tx| {
            let pending = (&provider.provider_id, AccountStatus::Pending);
            let row = provider_accounts::of_provider(tx.conn, tx.pole(), pending)?;
            let row = row.ok_or_else(|| {
                let detail = say!(
                    en "No account of the provider waits for that.",
                    fr "Aucun compte du fournisseur n’est à confirmer."
                );
                Problem::conflict(Fault::body("", "nothing", detail))
            })?;
            confirm(tx, row, (channel, &number))
        });
        done.map_err(|problem| Failure::problem(None, &problem))?;
        print(&format!("{} is paid to it from now on\n", provider.name))
    }
}

/// The provider that a command is told of, by its name or id.
fn provider(app: &App, pole: &PoleRow, name: &str) -> Result<ProviderRow, Failure> {
    let found = app.db.read_now(|conn| {
        if let Ok(id) = name.parse() {
            return Ok(providers::find(conn, &pole.pole_id, &id)?.into_iter().collect());
        }
        let all = providers::Filter::default();
        let mut found = providers::page(conn, &pole.pole_id, &all, None, i64::MAX)?;
        found.retain(|row| row.name == name);
        Ok(found)
    });
    let mut found: Vec<_> = found.map_err(Failure::database)?;
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => {
            Err(Failure::input(format!("provider: several are called {name:?}: name its id")))
        }
        (None, _) => Err(Failure::input(format!("provider: there is none called {name:?}"))),
    }
}

/// Whether a name is that of a transfer, or of a file of transfers.
pub(super) fn is_named(name: &str) -> bool {
    ["TRF-", "tfr_", "VIR-", "tff_"].iter().any(|it| name.starts_with(it))
}

/// Takes in what the bank answers to a file of transfers.
pub(super) fn answered(
    app: &App,
    pole: &PoleRow,
    (report, name, as_json): (&StatusReport, &str, bool),
) -> Result<(), Failure> {
    let author = Author::operator(&pole.pole_id, app.now());
    let told = app.write_now(&author, |tx| {
        // What was learned is in the log already.
        let answered = take(tx, pole, report)?;
        Ok::<_, Problem>(tx.unchanged(TransferAnswer::from(answered)))
    });
    let told = told.map_err(|problem| Failure::problem(Some(name), &problem))?;
    if as_json {
        return json(&told);
    }
    let rejected = told.rejected.iter().map(|it| {
        let name = it.end_to_end.as_deref().unwrap_or_default();
        let why = it.failure.as_ref();
        let (code, reason) =
            why.map_or(("", ""), |it| (&it.code, it.reason.in_language(Language::En)));
        format!("{name}  {}  {code}  {reason}\n", it.amount)
    });
    let passed_over = told.passed_over.iter().map(|name| format!("passed over: {name}\n"));
    let lines: String = rejected.chain(passed_over).collect();
    if told.refused {
        let what = "the bank refused the file: it was called off, and planned again";
        return print(&format!("{lines}{what}\n"));
    }
    let count = u64::try_from(told.rejected.len()).unwrap_or(u64::MAX);
    let rejected = counted(count, "transfer rejected", "transfers rejected");
    print(&format!("{lines}{rejected}, {} accepted\n", told.accepted))
}

/// Says that the bank executed a file of transfers, or one of these.
pub(super) fn settled(
    app: &App,
    pole: &PoleRow,
    (name, on, as_json): (&str, &Day, bool),
) -> Result<(), Failure> {
    let author = Author::operator(&pole.pole_id, app.now());
    let told = app.write_now(&author, |tx| {
        if_tomorrow(on, &Day::today(pole, tx.at()))?;
        let found = file(tx, name)?;
        let told = match found {
            Some(row) => Settled::File(Box::new(settle(tx, row, on)?.into())),
            None => {
                let row = match name.parse() {
                    Ok(id) => transfers::find(tx.conn, tx.pole(), &id)?,
                    Err(_) => transfers::by_external(tx.conn, tx.pole(), name)?,
                };
                let made = by_hand(tx, &row.ok_or_else(Problem::not_found)?, on)?;
                Settled::One(Box::new(made.into()))
            }
        };
        sweep(tx)?;
        // What was booked is in the log already.
        Ok::<_, Problem>(tx.unchanged(told))
    });
    match told.map_err(|problem| Failure::problem(None, &problem))? {
        Settled::File(file) => shown(&file, as_json),
        Settled::One(transfer) if as_json => json(&*transfer),
        Settled::One(transfer) => {
            let (what, status) = (&transfer.reference, transfer.status.as_str());
            print(&format!("{what}: {} EUR, {status}\n", transfer.amount))
        }
    }
}

/// What was settled.
enum Settled {
    File(Box<TransferFile>),
    One(Box<Transfer>),
}

/// Calls off a file of transfers that the bank refused as a whole, or never got.
pub(super) fn recalled(
    app: &App,
    pole: &PoleRow,
    (name, reason, as_json): (&str, &str, bool),
) -> Result<(), Failure> {
    let author = Author::operator(&pole.pole_id, app.now());
    let told = app.write_now(&author, |tx| {
        let row = file(tx, name)?.ok_or_else(Problem::not_found)?;
        let made = recall(tx, pole, &row, reason)?;
        // What was done is in the log already.
        Ok::<_, Problem>(tx.unchanged(made))
    });
    shown(&told.map_err(|problem| Failure::problem(None, &problem))?.into(), as_json)
}

/// The file that somebody names, by its id or what the bank knows it by.
fn file(tx: &mut Tx<'_>, name: &str) -> Result<Option<TransferFileRow>, Problem> {
    Ok(match name.parse() {
        Ok(id) => transfer_files::find(tx.conn, tx.pole(), &id)?,
        Err(_) => transfer_files::by_message(tx.conn, tx.pole(), name)?,
    })
}

fn shown(file: &TransferFile, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return json(file);
    }
    let rows = file.batches.iter().map(|it| {
        let (count, day) = (it.payments.to_string(), it.execute_on.to_string());
        vec![it.id.clone(), day, count, it.amount.clone(), it.executed.clone()]
    });
    let header = ["batch", "day", "transfers", "amount", "executed"];
    let listed = table::ruled(&header, rows.collect(), 3);
    let count = counted(u64::try_from(file.payments).unwrap_or_default(), "transfer", "transfers");
    let (name, amount, status) = (&file.message, &file.amount, file.status.as_str());
    print(&format!("{listed}\n{name}: {count}, {amount} EUR, {status}\n"))
}
