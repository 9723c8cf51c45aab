//! Entries and the transactions in them.

use jiff::civil::Date;

use super::{amount, missing};
use crate::{
    Money,
    statement::{
        Iban, StatementFaultKind, StatementLine,
        fault::{Notes, Read},
    },
    text::one_line,
    xml::Element,
};

/// What all transactions of an entry have in common.
struct Entry<'e> {
    element: &'e Element,
    own_account: &'e str,
    amount: Money,
    booked_on: Date,
    value_on: Date,
    reversal: bool,
    bank_reference: Option<&'e str>,
}

/// The lines of an entry; none if it is not booked.
pub(super) fn read(
    element: &Element,
    own_account: &str,
    notes: &mut Notes,
) -> Read<Option<Vec<StatementLine>>> {
    if !is_booked(element, notes)? {
        return Ok(None);
    }
    let (amount, reversal) = (amount::signed(element, notes), is_reversal(element, notes));
    let booked_on = date(element, "BookgDt", notes);
    let value_on = date(element, "ValDt", notes);
    let missing_date = || missing("BookgDt");
    let booked_on = booked_on?.or(value_on?).ok_or_else(missing_date);
    let booked_on = notes.check(element.line, booked_on)?;
    let entry = Entry {
        element,
        own_account,
        amount: amount?,
        booked_on,
        value_on: value_on?.unwrap_or(booked_on),
        reversal: reversal?,
        bank_reference: element.text_at("AcctSvcrRef"),
    };
    entry.lines(notes).map(Some)
}

/// Whether it is booked. A statement holds nothing else, says ISO 20022; some banks do not.
fn is_booked(element: &Element, notes: &mut Notes) -> Read<bool> {
    let Some(status) = element.at("Sts") else { return Ok(true) };
    let code = status.text_at("Cd").or_else(|| status.text_at("Prtry")).or_else(|| status.text());
    match code.unwrap_or_default() {
        "BOOK" => Ok(true),
        "PDNG" | "INFO" | "FUTR" => Ok(false),
        found => {
            let (found, expected) = (found.to_owned(), "BOOK, PDNG, INFO or FUTR");
            let kind = StatementFaultKind::Code { what: "Sts", found, expected };
            Err(notes.note(status.line, kind))
        }
    }
}

fn is_reversal(element: &Element, notes: &mut Notes) -> Read<bool> {
    let Some(found) = element.at("RvslInd") else { return Ok(false) };
    match found.text().unwrap_or_default() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        other => {
            let (other, expected) = (other.to_owned(), "true or false");
            let kind = StatementFaultKind::Code { what: "RvslInd", found: other, expected };
            Err(notes.note(found.line, kind))
        }
    }
}

/// A date, or the date of an instant as the bank's clock showed it.
fn date(element: &Element, name: &str, notes: &mut Notes) -> Read<Option<Date>> {
    let Some(found) = element.at(name) else { return Ok(None) };
    let written = found.text_at("Dt").or_else(|| found.text_at("DtTm")).unwrap_or_default();
    let day = written.get(..10).filter(|_| matches!(written.as_bytes().get(10), None | Some(b'T')));
    let parsed = day.and_then(|day| day.parse().ok());
    let not = || StatementFaultKind::NotADate { found: written.to_owned() };
    notes.check(found.line, parsed.ok_or_else(not)).map(Some)
}

impl Entry<'_> {
    /// A line for each transaction whose amount is known; one for all of them otherwise.
    fn lines(&self, notes: &mut Notes) -> Read<Vec<StatementLine>> {
        let details: Vec<_> =
            self.element.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
        let several = details.len() > 1;
        let mut amounts = Vec::new();
        for detail in details.iter().filter(|_| several) {
            amounts.extend(self.detail_amount(detail, notes)?);
        }
        if !several || amounts.len() < details.len() {
            return Ok(vec![self.line(self.amount, &details)]);
        }
        let sum = Money::sum(self.amount.currency(), amounts.iter().copied());
        let sum = notes.check(self.element.line, sum)?;
        if sum != self.amount {
            let kind = StatementFaultKind::DetailsDiffer { entry: self.amount, details: sum };
            return Err(notes.note(self.element.line, kind));
        }
        Ok(details.iter().zip(amounts).map(|(it, amount)| self.line(amount, &[it])).collect())
    }

    /// What a transaction of a batch came to in the account's currency, if the bank says so.
    fn detail_amount(&self, detail: &Element, notes: &mut Notes) -> Read<Option<Money>> {
        let Some(found) = detail.at("Amt").or_else(|| detail.at("AmtDtls/TxAmt/Amt")) else {
            return Ok(None);
        };
        let amount = amount::read(found, notes)?;
        if amount.currency() != self.amount.currency() {
            return Ok(None);
        }
        let credit = match detail.at("CdtDbtInd") {
            Some(_) => amount::is_credit(detail, notes)?,
            None => self.amount.minor() >= 0,
        };
        notes.check(found.line, amount::with_sign(amount, credit)).map(Some)
    }

    /// The line of one transaction, or of all that cannot be told apart: that has all that their
    /// payers wrote, and names none of them.
    fn line(&self, amount: Money, details: &[&Element]) -> StatementLine {
        let only = match details {
            [only] => Some(*only),
            _ => None,
        };
        let text = |path: &str| only.and_then(|it| it.text_at(path)).map(one_line);
        let returned = only.is_some_and(|it| it.at("RtrInf").is_some());
        let reversal = self.reversal || returned;
        let party = only.map(|it| party(it, amount.minor() >= 0, reversal, self.own_account));
        let Party { name, iban, ultimate } = party.unwrap_or_default();
        StatementLine {
            key: String::new(),
            line: only.unwrap_or(self.element).line,
            booked_on: self.booked_on,
            value_on: self.value_on,
            amount,
            reversal,
            return_reason: text("RtrInf/Rsn/Cd"),
            bank_reference: text("Refs/AcctSvcrRef").or_else(|| self.bank_reference.map(one_line)),
            counterparty: name,
            on_behalf_of: ultimate,
            counterparty_iban: iban,
            remittance: self.remittance(details),
            structured_reference: text("RmtInf/Strd/CdtrRefInf/Ref"),
            end_to_end: text("Refs/EndToEndId").filter(|it| it != "NOTPROVIDED"),
        }
    }

    /// What payers wrote, the numbers of invoices that their software named; if there is nothing of
    /// it, what the bank wrote.
    fn remittance(&self, details: &[&Element]) -> String {
        let structured = |it: &Element| {
            let numbers = it.all("RfrdDocInf").filter_map(|document| document.text_at("Nb"));
            let further = it.all("AddtlRmtInf").filter_map(Element::text);
            numbers.chain(further).map(str::to_owned).collect::<Vec<_>>()
        };
        let written = |detail: &&Element| {
            let parts = detail.all("RmtInf").flat_map(|remittance| {
                let free = remittance.all("Ustrd").filter_map(Element::text).map(str::to_owned);
                free.chain(remittance.all("Strd").flat_map(structured)).collect::<Vec<_>>()
            });
            parts.collect::<Vec<_>>()
        };
        let by_payers: Vec<_> = details.iter().flat_map(written).collect();
        if !by_payers.is_empty() {
            return one_line(&by_payers.join(" "));
        }
        let by_bank = details.iter().filter_map(|detail| detail.text_at("AddtlTxInf"));
        let by_bank = by_bank.chain(self.element.text_at("AddtlNtryInf"));
        one_line(&by_bank.collect::<Vec<_>>().join(" "))
    }
}

/// Who is at the other end.
#[derive(Default)]
struct Party {
    name: Option<String>,
    iban: Option<Iban>,
    ultimate: Option<String>,
}

/// The debtor of what came in, the creditor of what went out. What is taken back keeps the parts
/// that they had before, but not with all banks; so whoever has our own account is never meant.
fn party(detail: &Element, credit: bool, reversal: bool, own_account: &str) -> Party {
    let debtor = || side(detail, ["Dbtr", "DbtrAcct", "UltmtDbtr"]);
    let creditor = || side(detail, ["Cdtr", "CdtrAcct", "UltmtCdtr"]);
    let (meant, other) =
        if credit == reversal { (creditor(), debtor()) } else { (debtor(), creditor()) };
    let ours = |party: &Party| party.iban.as_ref().is_some_and(|it| it.as_str() == own_account);
    let known = meant.name.is_some() || meant.iban.is_some();
    if ours(&meant) || (!known && other.iban.is_some() && !ours(&other)) { other } else { meant }
}

fn side(detail: &Element, [party, account, ultimate]: [&str; 3]) -> Party {
    let name = |element: &str| {
        let party = detail.at("RltdPties")?.at(element)?;
        party.text_at("Nm").or_else(|| party.text_at("Pty/Nm")).map(one_line)
    };
    let account = detail.at("RltdPties").and_then(|parties| parties.at(account));
    let iban = account.and_then(|account| account.text_at("Id/IBAN"));
    Party {
        name: name(party),
        // Accounts outside the IBAN countries, and mistyped ones, identify nobody here.
        iban: iban.and_then(|iban| iban.parse().ok()),
        ultimate: name(ultimate),
    }
}
