//! A member on record, with what a file says of it.

use jiff::civil::Date;
use palier_billing::Dated;

use crate::db::members::{InvoicesBy, MemberStatus};
use crate::db::poles::WrittenLanguage;
use crate::http::Input as _;
use crate::members_file::{ImportedMember, RowFault};
use crate::party::{AddressInput, Line};
use crate::problem::{Fault, FaultPlace};
use crate::routes::{Contact, MemberInput};
use crate::say;
use crate::text::{Language, Text};

/// The member as it is after the import.
pub(super) fn merged(said: &ImportedMember, on_record: Option<MemberInput>) -> MemberInput {
    let mut member = on_record.unwrap_or_else(|| new(said));
    member.name.clone_from(&said.name);
    member.address = address(said);
    put(&mut member.legal_form, said.legal_form.clone());
    put(&mut member.siren, said.siren.map(|number| number.to_string()));
    put(&mut member.siret, said.siret.map(|number| number.to_string()));
    put(&mut member.vat_number, said.vat_number.as_ref().map(ToString::to_string));
    // One that changes on days is not of one word: the file agrees with it, or is refused.
    if member.vat_regime_changes.is_empty() {
        put(&mut member.vat_regime, said.vat_regime);
    }
    put(&mut member.size_class, said.size_class);
    put(&mut member.language, said.language.map(written));
    let electronic_address = said.electronic_address.as_ref().map(ToString::to_string);
    put(&mut member.electronic_address, electronic_address);
    put(&mut member.purchase_order, said.purchase_order.clone());
    member.payment_terms = said.payment_terms.unwrap_or(member.payment_terms);
    if let Some(email) = said.email.clone() {
        let known = member.billing_contact.take();
        let (name, phone) = known.map_or((None, None), |contact| (contact.name, contact.phone));
        member.billing_contact = Some(Contact { name, email, phone });
    }
    member
}

/// Replaces what the file says, and leaves what it does not.
fn put<T>(field: &mut Option<T>, said: Option<T>) {
    if said.is_some() {
        *field = said;
    }
}

/// A member of which nothing is on record.
fn new(said: &ImportedMember) -> MemberInput {
    MemberInput {
        code: said.code.clone(),
        name: said.name.clone(),
        legal_form: None,
        siren: None,
        siret: None,
        vat_number: None,
        vat_regime: None,
        vat_regime_changes: Vec::new(),
        size_class: None,
        address: address(said),
        billing_contact: None,
        language: None,
        electronic_address: None,
        purchase_order: None,
        payment_terms: palier_billing::PaymentTerms::default(),
        status: MemberStatus::Active,
        invoices_by: InvoicesBy::Period,
    }
}

fn address(said: &ImportedMember) -> AddressInput {
    AddressInput {
        lines: said.address.lines().iter().cloned().map(Line).collect(),
        postcode: said.address.postcode().map(str::to_owned),
        city: said.address.city().to_owned(),
        country: said.address.country(),
    }
}

const fn written(language: Language) -> WrittenLanguage {
    match language {
        Language::En => WrittenLanguage::English,
        Language::Fr => WrittenLanguage::French,
    }
}

/// What does not go together in a merged member, of which each half is valid: a SIREN the file
/// says with the SIRET on record, say.
pub(super) fn contradictions(line: u64, member: &MemberInput) -> Vec<RowFault> {
    let mut faults = Vec::new();
    member.check(&mut faults);
    faults.iter().map(|fault| contradiction(line, fault)).collect()
}

/// A regime that a file says, where the one on record changes on days and is another one today: from which
/// day on it should be that, a file does not say.
pub(super) fn other_regime(
    said: &ImportedMember,
    on_record: &MemberInput,
    today: Date,
) -> Option<RowFault> {
    let changes = on_record.vat_regime_changes.clone();
    let (wanted, first) = (said.vat_regime?, on_record.vat_regime?);
    let current = Dated::new(first, changes).ok()?;
    current.changes_from()?;
    let now = current.on(today).value;
    (now != wanted).then(|| {
        let text = say!(
            en "The regime on record changes on days, and is {now} today: change it there, with the \
                day from which it is {wanted}.",
            fr "Le régime enregistré est daté, et vaut {now} aujourd’hui : modifiez-le là, avec le jour \
                à partir duquel il vaut {wanted}."
        );
        let column = Some("vat_regime".to_owned());
        RowFault { line: Some(said.line), column, code: "dated", text }
    })
}

fn contradiction(line: u64, fault: &Fault) -> RowFault {
    let Text { en, fr } = &fault.detail;
    let text = say!(
        en "This does not go with what is on record: {en}",
        fr "Ceci contredit ce qui est enregistré : {fr}"
    );
    let field = match &fault.place {
        FaultPlace::Body(pointer) => pointer.rsplit('/').next().unwrap_or_default(),
        _ => "",
    };
    // Fields and columns have the same names but for this one.
    let column = if field == "lines" { "address" } else { field };
    RowFault { line: Some(line), column: Some(column.to_owned()), code: fault.code, text }
}
