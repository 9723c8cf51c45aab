//! `palier verify`: whether final documents and the books are what was sealed.

use actix_web::rt::System;
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use crate::app::App;
use crate::archive;
use crate::bank::verify::verify as verify_bank;
use crate::bills::verify::verify as verify_bills;
use crate::cli::print;
use crate::closing;
use crate::collections::verify::verify as verify_collections;
use crate::config::Settings;
use crate::db::{DbError, audit};
use crate::dunning::verify::verify as verify_letters;
use crate::einvoicing::verify::verify as verify_collected;
use crate::grants::verify::verify as verify_grants;
use crate::invoicing::verify::verify;
use crate::payments::verify::verify as verify_payments;
use crate::quote::words::counted;
use crate::reports::ties;
use crate::stripe::verify::verify as verify_payouts;
use crate::transfers::verify::verify as verify_transfers;

/// Prove that documents, journal and audit log are what was sealed
///
/// It walks the chain of every series of documents and of the audit log, adds every document up
/// again from its lines, compares it and every payment with their entries in the journal, every
/// movement at the bank with the payment it is, every collection with its payment and the file by which it
/// was sent, every bill of a provider with its entry and the transfer that pays it, every letter to a member that is
/// late with its documents, every suspension of services with its formal notice, every credit that was granted with
/// the lines that draw it, and what was told as collected by rate of VAT with what payments settle. What members owe,
/// what is owed to providers, VAT and the revenue of services must be what stands on the accounts.
/// It ends with 0 if all of it is right, and with 1 if anything is not, which is told.
#[derive(Args)]
pub(super) struct Verify {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Verify {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let found = app.db.read_now(|conn| {
            conn.snapshot(|conn| {
                let payments = verify_payments(conn, &pole.pole_id)?;
                let bank = verify_bank(conn, &pole.pole_id)?;
                let letters = verify_letters(conn, &pole.pole_id)?;
                let debits = verify_collections(conn, &pole.pole_id)?;
                let grants = verify_grants(conn, &pole.pole_id)?;
                let payouts = verify_payouts(conn, &pole.pole_id)?;
                let bills = verify_bills(conn, &pole.pole_id)?;
                let out = verify_transfers(conn, &pole.pole_id)?;
                let mut found = verify(conn, &pole.pole_id)?;
                let mut collected = (0, Vec::new());
                // What cannot be read or added up is told by the checks above.
                if found.faults.is_empty() && payments.1.is_empty() {
                    found.faults.extend(match ties::verify(conn, &pole) {
                        Err(DbError::Unreadable { what, .. }) => vec![what],
                        told => told?,
                    });
                    found.faults.extend(closing::verify(conn, &pole)?);
                    collected = match verify_collected(conn, &pole.pole_id) {
                        Err(DbError::Unreadable { what, .. }) => (0, vec![what]),
                        told => told?,
                    };
                }
                let audit = audit::verify(conn, &pole.pole_id)?;
                let others =
                    [payments, bank, letters, grants, debits, collected, payouts, bills, out];
                Ok((found, others, audit))
            })
        });
        let (mut found, others, audit) = found.map_err(Failure::database)?;
        let [payments, movements, letters, credits, debits, collected, payouts, bills, out] =
            others.map(|(count, wrong)| {
                found.faults.extend(wrong);
                count
            });
        let files =
            System::new().block_on(archive::verify::verify(&app.db, &app.archive, &pole.pole_id));
        let (files, wrong) = files.map_err(Failure::database)?;
        found.faults.extend(wrong);
        let entries = audit.unwrap_or_else(|place| {
            found.faults.push(format!("audit log: its chain is broken at entry {place}"));
            place
        });
        let (documents, booked) = (found.documents, found.entries);
        if self.json {
            let report = json!({
                "documents": documents, "series": found.series, "payments": payments,
                "bank_movements": movements, "letters": letters, "credits": credits,
                "collections": debits, "collected": collected, "payouts": payouts,
                "provider_bills": bills, "transfers": out,
                "journal_entries": booked,
                "audit_entries": entries, "files": files, "faults": found.faults,
            });
            print(&format!("{report}\n"))?;
        } else {
            let faults: String = found.faults.iter().flat_map(|fault| [fault, "\n"]).collect();
            let entries = u64::try_from(entries).unwrap_or_default();
            // Few poles grant any credits, and files are kept by the service.
            let some = |count, one, several| match count {
                0 => String::new(),
                count => format!("{}, ", counted(count, one, several)),
            };
            let credits = some(credits, "credit granted", "credits granted");
            let debits = some(debits, "collection", "collections");
            let collected = some(collected, "receipt by rate of VAT", "receipts by rate of VAT");
            let bills = some(bills, "bill of a provider", "bills of providers");
            let out = some(out, "transfer", "transfers");
            let files = some(files, "file of the archive", "files of the archive");
            print(&format!(
                "{faults}{} in {}, {files}{}, {}, {debits}{bills}{out}{}, {collected}{credits}{} and {} verified\n",
                counted(documents, "document", "documents"),
                counted(found.series, "series", "series"),
                counted(payments, "payment", "payments"),
                counted(movements, "movement at the bank", "movements at the bank"),
                counted(letters, "letter to who is late", "letters to who is late"),
                counted(booked, "entry of the journal", "entries of the journal"),
                counted(entries, "of the audit log", "of the audit log"),
            ))?;
        }
        match found.faults.len() {
            0 => Ok(()),
            count => {
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                Err(Failure::Output(counted(count, "thing is wrong", "things are wrong")))
            }
        }
    }
}
