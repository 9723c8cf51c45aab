//! `palier payments record`: money that came in, went back or was lost.

use clap::Args;
use palier_billing::Money;

use super::{list, member, table};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::day::Day;
use crate::db::invoices::{self, InvoiceStatus};
use crate::db::payments::{self, PaymentKind, PaymentMethod};
use crate::db::poles::PoleRow;
use crate::id::InvoiceId;
use crate::payments::{Facts, if_tomorrow, record, told};
use crate::work::Author;

/// Record money that came in, went back to a member, or will never come in
///
/// What of it settles no document stays to the member's credit, on which later payments of 0.00 and
/// refunds draw. It is booked in the same moment.
#[derive(Args)]
pub(super) struct Record {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The member whose money it is, by its code or id
    #[arg(long, value_name = "CODE")]
    member: String,
    /// What happened: payment, refund or `write_off`
    #[arg(long, value_name = "KIND", default_value = "payment", value_parser = kind)]
    kind: PaymentKind,
    /// How it moved: transfer, `direct_debit`, cheque or card; what does not move has no way
    #[arg(long, value_name = "METHOD", default_value = "transfer", value_parser = method)]
    method: PaymentMethod,
    /// How much, such as 120.00
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    amount: String,
    /// The day the bank booked it, or it was decided, such as 2026-08-14
    #[arg(long, value_name = "DAY", value_parser = day)]
    paid_on: Day,
    /// What proves it in the books, such as VIR-0042
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reference: String,
    /// More about it
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    /// A document that it settles, by its number: what is open of it, or so much, such as
    /// FA-2026-000123=60.00; can be given again
    #[arg(long, value_name = "NUMBER[=AMOUNT]")]
    invoice: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

fn kind(text: &str) -> Result<PaymentKind, String> {
    let known = text.parse().ok().filter(|kind| *kind != PaymentKind::Reversal);
    known.ok_or_else(|| "expected payment, refund or write_off".to_owned())
}

fn method(text: &str) -> Result<PaymentMethod, String> {
    let known = text.parse().ok().filter(|method| *method != PaymentMethod::None);
    known.ok_or_else(|| "expected transfer, direct_debit, cheque or card".to_owned())
}

fn day(text: &str) -> Result<Day, String> {
    text.parse().map_err(|_| "expected a day such as 2026-08-14".to_owned())
}

impl Record {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let member = member(&app, &pole, &self.member)?.member_id;
        let amount = money("--amount", &self.amount, &pole)?;
        let parts = self.invoice.iter().map(|text| part(&app, &pole, text));
        let parts = parts.collect::<Result<_, _>>()?;
        let moves = !amount.is_zero() && self.kind != PaymentKind::WriteOff;
        let facts = Facts {
            kind: self.kind,
            member,
            method: if moves { self.method } else { PaymentMethod::None },
            holder: None,
            paid_on: self.paid_on,
            amount,
            reference: self.reference,
            note: self.note,
            movement: None,
            parts,
        };
        let author = Author::operator(&pole.pole_id, app.now());
        let made = app.write_now(&author, |tx| {
            if_tomorrow(&facts.paid_on, &Day::today(&pole, tx.at()))?;
            let recorded = record(tx, facts)?;
            Ok(told(tx, recorded)?)
        });
        let made = made.map_err(|problem| Failure::problem(None, &problem))?;
        if self.json {
            return print(&list::json_line(made)?);
        }
        print(&table::ruled(&list::HEADER, vec![list::cells(&made)], 3))
    }
}

/// An amount of nothing or more.
fn money(option: &str, text: &str, pole: &PoleRow) -> Result<Money, Failure> {
    let currency = pole.currency();
    let read = Money::parse(text, currency).ok().filter(|it| it.minor() >= 0);
    let expected = || format!("{option} {text}: expected an amount in {}", currency.code());
    read.ok_or_else(|| Failure::input(expected()))
}

/// A document, and how much of it.
fn part(app: &App, pole: &PoleRow, text: &str) -> Result<(InvoiceId, Money), Failure> {
    let (number, amount) =
        text.split_once('=').map_or((text, None), |(number, of)| (number, Some(of)));
    let filter = invoices::Filter {
        number: Some(number.to_owned()),
        status: Some(InvoiceStatus::Final),
        ..invoices::Filter::default()
    };
    let found = app.db.read_now(|conn| {
        let row = invoices::page(conn, &pole.pole_id, &filter, None, 1)?.pop();
        let id = row.iter().map(|row| row.invoice_id.clone()).collect::<Vec<_>>();
        Ok((row, payments::settled(conn, &pole.pole_id, &id)?))
    });
    let (row, settled) = found.map_err(Failure::database)?;
    let row =
        row.ok_or_else(|| Failure::input(format!("{number}: no document has this number")))?;
    if let Some(amount) = amount {
        let amount = money("--invoice", amount, pole)?;
        return Ok((row.invoice_id, amount));
    }
    let paid = settled.get(&row.invoice_id).copied().unwrap_or_default();
    let open = row.signed(row.gross_minor).saturating_sub(paid);
    if open == 0 {
        return Err(Failure::input(format!("{number}: nothing of it is open")));
    }
    Ok((row.invoice_id.clone(), Money::from_minor(open.saturating_abs(), row.currency())))
}
