//! What becomes of electronic invoices: exchanged with an approved platform behind folders, told by finance,
//! and collected.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod by_hand;
mod collected;
mod exchanged;
mod killed;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::civil::{Date, datetime};
use palier_billing::einvoice::cdar::{
    self, About, Explanation, GlobalId, Participant, Report, Role, StatusMessage,
};
use palier_billing::einvoice::lifecycle::{Reason, Status};
use palier_billing::{ElectronicAddress, Siren};
use palier_tests::{Client, Engine, Finished, Server, wait_for};
use serde_json::{Value, json};

use crate::invoices::setting::{Small, fee};

const MONTH: &str = "2026-07";

/// A pole that exchanges, and whose two members have a final document each.
struct Setting {
    /// Whose server does not run.
    small: Small,
    server: Server,
    finance: Client,
    folder: tempfile::TempDir,
}

impl Setting {
    /// With a service that exchanges by itself.
    #[track_caller]
    fn new(engine: Engine) -> Self {
        Self::of(Small::new(engine, &[fee()]))
    }

    #[track_caller]
    fn of(small: Small) -> Self {
        let setting = Self::start(small);
        setting.small.close(MONTH);
        setting
    }

    /// Without a service: what is exchanged is exchanged by commands.
    #[track_caller]
    fn idle(engine: Engine) -> Self {
        let mut setting = Self::start(Small::new(engine, &[fee()]));
        setting.server.stop();
        setting.small.close(MONTH);
        setting
    }

    #[track_caller]
    fn start(small: Small) -> Self {
        let small = small.stopped();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(&small.pole.code)).unwrap();
        let server = Server::builder(small.server.engine())
            .database(small.server.database_url())
            .now("2028-02-01T09:00:00Z")
            .env("PALIER_EINVOICING_FOLDER", folder.path())
            .start();
        let finance = server.client().with_token(&small.key);
        Self { small, server, finance, folder }
    }

    fn place(&self, place: &str) -> PathBuf {
        self.folder.path().join(&self.small.pole.code).join(place)
    }

    /// The names of files in a place, but those that are not whole.
    fn names(&self, place: &str) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.place(place)) else { return Vec::new() };
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }

    /// Takes away what is in `out`, as whoever carries it to the platform does: no file comes twice.
    #[track_caller]
    fn carry(&self) {
        carry(&self.place("out"), &self.place("carried"));
    }

    /// Waits for a file.
    #[track_caller]
    fn file(&self, place: &str, name: &str) -> Vec<u8> {
        let path = self.place(place).join(name);
        let found = wait_for(Duration::from_mins(1), || fs::read(&path).ok());
        found.unwrap_or_else(|| panic!("no {name} in {place}, only {:?}", self.names(place)))
    }

    /// Puts a file where messages arrive, as if it had been there for a while.
    #[track_caller]
    fn arrives(&self, name: &str, bytes: &[u8]) {
        drop_into(&self.place("in"), name, bytes);
    }

    /// Puts a file there, and waits until it is put away.
    #[track_caller]
    fn settled(&self, name: &str, bytes: &[u8], place: &str) {
        self.arrives(name, bytes);
        self.file(place, name);
    }

    /// Why a message was refused.
    #[track_caller]
    fn refused(&self, name: &str, bytes: &[u8]) -> String {
        self.settled(name, bytes, "refused");
        String::from_utf8(self.file("refused", &format!("{name}.reason.txt"))).unwrap()
    }

    /// The first invoice of a member.
    fn document(&self, member: &str) -> Value {
        let documents = self.small.documents(MONTH).into_iter();
        let mut invoices = documents.filter(|it| it["document"]["kind"] == "invoice");
        invoices.find(|it| it["document"]["buyer"]["code"] == member).unwrap()
    }

    fn at(&self, member: &str, what: &str) -> String {
        let id = self.document(member)["id"].as_str().unwrap().to_owned();
        self.small.at(&format!("invoices/{id}{what}"))
    }

    /// What became of a member's document: code, who says so, why, and what was collected.
    fn statuses(&self, member: &str) -> Vec<String> {
        let list = self.finance.get(&self.at(member, "/statuses")).expect(200).json();
        list["data"].as_array().unwrap().iter().map(told).collect()
    }

    fn say(&self, member: &str, body: Value) -> palier_tests::Answer {
        self.finance.post(&self.at(member, "/statuses"), body)
    }

    /// Another command on the same database and folder.
    fn palier(&self, arguments: &[&str]) -> Finished {
        self.server.palier(arguments.iter().chain(&["--pole", &self.small.pole.code]))
    }

    /// A message about a member's document, as its platform or the buyer would send it.
    fn message(&self, id: &str, member: &str, status: Status) -> StatusMessage {
        let document = self.document(member);
        let text = |pointer: &str| document.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let siren = |pointer: &str| text(pointer).parse::<Siren>().unwrap();
        let platform = Participant {
            role: Role::Platform,
            id: Some(GlobalId::of_platform("0042")),
            name: None,
            address: None,
        };
        let company = |role, siren| Participant {
            role,
            id: Some(GlobalId::of_siren(siren)),
            name: None,
            address: Some(ElectronicAddress::of_siren(siren)),
        };
        let (seller, buyer) = (siren("/document/seller/siren"), siren("/document/buyer/siren"));
        let by_platform = status.phase().as_str() == "305";
        let explained = Explanation { reason: Reason::Total, text: None, action: None };
        StatusMessage {
            id: id.to_owned(),
            written_at: datetime(2028, 2, 1, 10, 0, 0, 0),
            sender: platform.clone(),
            issuer: if by_platform { platform } else { company(Role::Buyer, buyer) },
            recipients: vec![company(Role::Seller, seller)],
            happened_at: datetime(2028, 2, 1, 9, 59, 0, 0),
            reports: vec![Report {
                about: About {
                    number: text("/number"),
                    type_code: Some("380".to_owned()),
                    issued_on: Some(text("/document/issued_on").parse::<Date>().unwrap()),
                    received_at: None,
                    seller: Some(seller),
                },
                status,
                explanations: status.needs_reason().then_some(explained).into_iter().collect(),
                collected: Vec::new(),
            }],
        }
    }

    fn xml(&self, id: &str, member: &str, status: Status) -> Vec<u8> {
        cdar::write(&self.message(id, member, status)).unwrap()
    }

    /// Records a payment of the member's document; the payment.
    #[track_caller]
    fn pay(&self, member: &str, amount: &str, of_document: &str) -> Value {
        let document = self.document(member);
        let facts = json!({
            "kind": "payment", "member": self.small.members[member], "paid_on": "2028-01-15",
            "method": if amount == "0.00" { "none" } else { "transfer" }, "amount": amount,
            "reference": "VIR-0042",
            "allocations": if of_document == "0.00" { json!([]) } else {
                json!([{ "invoice": document["id"], "amount": of_document }])
            },
        });
        self.finance.post(&self.small.at("payments"), facts).expect(201).json()
    }
}

/// A status in a line.
fn told(status: &Value) -> String {
    let text = |name: &str| status[name].as_str().unwrap_or_default();
    let reasons = status["reasons"].as_array().into_iter().flatten();
    let reasons = reasons.map(|it| format!(" {}", it["reason"].as_str().unwrap()));
    let parts = status["collected"].as_array().into_iter().flatten().map(|it| {
        let part = |name: &str| it[name].as_str().unwrap();
        format!(" {}@{}", part("amount"), part("rate_percent"))
    });
    let more: String = reasons.chain(parts).collect();
    format!("{} {}{more}", text("code"), text("given_by"))
}

/// Takes away what is in a folder, where nobody may have put it twice.
#[track_caller]
fn carry(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).into_iter().flatten() {
        let file = file.unwrap();
        if file.file_name().to_str().unwrap().starts_with('.') {
            continue;
        }
        let to = to.join(file.file_name());
        assert!(!to.exists(), "{} comes again", to.display());
        fs::rename(file.path(), to).unwrap();
    }
}

/// Writes a file whole, which seems to have rested for a minute.
#[track_caller]
fn drop_into(folder: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(folder).unwrap();
    let unfinished = folder.join(format!("{name}.part"));
    fs::write(&unfinished, bytes).unwrap();
    let file = File::options().append(true).open(&unfinished).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_mins(1)).unwrap();
    fs::rename(unfinished, folder.join(name)).unwrap();
}
