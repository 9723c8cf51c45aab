//! A pole whose members owe it 120.00 each since 4 March 2026.

use std::process::Command;

use palier_tests::{Engine, Finished, Mail};
use serde_json::{Value, json};

use crate::invoices::setting::Small;
use crate::people::new_email;
use crate::seed::member;

/// `forge` is written to in French, `usine` in English. It is 2028 on the server; commands say when
/// they are run.
pub(super) struct Setting {
    pub(super) small: Small,
    /// Where each is written to.
    pub(super) forge: String,
    pub(super) usine: String,
}

impl Setting {
    pub(super) fn new(engine: Engine) -> Self {
        Self::with(engine, &[])
    }

    /// With more members, by code and SIREN.
    pub(super) fn with(engine: Engine, more: &[(&str, &str)]) -> Self {
        let mut small = Small::new(engine, &[json!({ "kind": "recurring", "amount": "100" })]);
        for (code, siren) in more {
            let mut one = member(code, siren);
            one["billing_contact"] = json!({ "email": format!("{code}@late.example") });
            small.join(one);
        }
        // Letters are what tests look for in the mail.
        let mut silent = crate::invoices::real::settings();
        silent["mail_documents"] = false.into();
        small.put("billing-settings", silent);
        let (forge, usine) = (new_email(), new_email());
        for (code, email, language) in [("forge", &forge, "fr"), ("usine", &usine, "en")] {
            let change = json!({ "billing_contact": { "email": email }, "language": language });
            small.patch(&format!("members/{}", small.members[code]), change);
        }
        // Issued on 2 February, due 30 days later.
        for command in ["run", "finalise"] {
            let now = ["--now", "2026-02-02T10:00:00Z"];
            small.try_invoices(&[&[command], &now[..]].concat(), "2026-01").success();
        }
        Self { small, forge, usine }
    }

    /// The command that writes letters, at an instant.
    pub(super) fn command(&self, now: &str, more: &[&str]) -> Command {
        let mut command = self.small.server.settled();
        command.args(["dunning", "run", "--json", "--pole", &self.small.pole.code, "--now", now]);
        command.args(more);
        command
    }

    /// Writes letters at an instant; the level, member and documents of each.
    #[track_caller]
    pub(super) fn run(&self, now: &str) -> Vec<String> {
        letters(&self.report(now, &[]))
    }

    /// What a run says.
    #[track_caller]
    pub(super) fn report(&self, now: &str, more: &[&str]) -> Value {
        let said = Finished::from(&mut self.command(now, more)).success();
        serde_json::from_str(&said).unwrap()
    }

    /// What is late by the end of a day, by member.
    #[track_caller]
    pub(super) fn late(&self, as_of: &str, member: &str) -> Vec<Value> {
        let query = format!("dunning?as_of={as_of}&member={}", self.small.members[member]);
        let listed = self.small.finance.get(&self.small.at(&query)).expect(200).json();
        listed["data"].as_array().unwrap().clone()
    }

    /// The document of a member.
    #[track_caller]
    pub(super) fn document(&self, member: &str) -> String {
        self.late("2026-03-05", member)[0]["invoice"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(super) fn settings(&self, settings: Value) {
        self.small.put("dunning-settings", settings);
    }

    /// Records a payment of a member's document.
    #[track_caller]
    pub(super) fn pay(&self, member: &str, paid_on: &str, amount: &str) -> String {
        let payment = json!({
            "kind": "payment", "member": self.small.members[member], "method": "transfer",
            "paid_on": paid_on, "amount": amount, "reference": "VIR",
            "allocations": [{ "invoice": self.document(member), "amount": amount }],
        });
        let recorded = self.small.finance.post(&self.small.at("payments"), payment);
        recorded.expect(201).string("/id")
    }

    /// The mails that a member got, once there are so many.
    #[track_caller]
    pub(super) fn mails(&self, email: &str, count: usize) -> Vec<Mail> {
        self.small.server.mails_to(email, count)
    }

    /// The levels that letters went out at, document by document, with their days.
    pub(super) fn sent(&self) -> Vec<String> {
        self.small.sql().lines(
            "SELECT m.code || ' ' || l.level || ' ' || l.sent_on AS line FROM dunning_notices n \
             JOIN dunning_letters l ON l.pole_id = n.pole_id AND l.letter_id = n.letter_id \
             JOIN members m ON m.pole_id = l.pole_id AND m.member_id = l.member_id \
             ORDER BY m.code, l.sent_on",
        )
    }
}

/// Level, member and documents of each letter of a run.
pub(super) fn letters(report: &Value) -> Vec<String> {
    let letters = report["letters"].as_array().unwrap().iter().map(|it| {
        let numbers = it["documents"].as_array().unwrap().iter().map(|it| &it["number"]);
        let numbers: Vec<_> = numbers.map(|it| it.as_str().unwrap()).collect();
        let text = |name: &str| it[name].as_str().unwrap();
        format!("{} {} {}", text("level"), text("member"), numbers.join(" "))
    });
    let mut letters: Vec<_> = letters.collect();
    letters.sort_unstable();
    letters
}

/// Member, level and reason of each letter that was left out.
pub(super) fn left_out(report: &Value) -> Vec<String> {
    let left_out = report["left_out"].as_array().unwrap().iter().map(|it| {
        let text = |name: &str| it[name].as_str().unwrap();
        format!("{} {} {}", text("member"), text("level"), text("code"))
    });
    left_out.collect()
}
