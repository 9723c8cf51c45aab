//! pain.008, element by element in the order of its schema, as far as the guidelines use it (EPC130-08
//! for CORE, EPC131-08 for B2B).

use std::io;

use super::check::{Checked, Debit};
use super::{Amendment, DebitBatch, DebitVersion};
use crate::sepa::CreditorId;
use crate::sepa::xml::{Written, Xml};

/// The same mandate with a new debtor account.
const NEW_ACCOUNT: &str = "SMNDA";

pub(super) fn write(checked: &Checked<'_>, version: DebitVersion) -> io::Result<Vec<u8>> {
    let file = checked.file;
    let name = (version.as_str(), version.edition());
    Xml::message(name, "CstmrDrctDbtInitn", |xml| {
        let (id, holder) = ((file.message_id.as_str(), file.created_at), &file.creditor.holder);
        xml.header(id, (checked.debits.len(), checked.sum), holder)?;
        checked.batches.iter().try_for_each(|it| xml.group("PmtInf", |xml| batch(xml, checked, it)))
    })
}

fn batch(xml: &mut Xml, checked: &Checked<'_>, of: &DebitBatch) -> Written {
    let file = checked.file;
    let holder = &file.creditor.holder;
    xml.put("PmtInfId", &of.id)?;
    xml.put("PmtMtd", "DD")?;
    xml.put("BtchBookg", file.batch_booking)?;
    xml.put("NbOfTxs", of.positions.len())?;
    xml.put("CtrlSum", of.sum)?;
    xml.group("PmtTpInf", |xml| {
        xml.put("SvcLvl/Cd", "SEPA")?;
        xml.put("LclInstrm/Cd", of.scheme)?;
        xml.put("SeqTp", of.sequence)
    })?;
    xml.put("ReqdColltnDt", of.collect_on)?;
    xml.holder("Cdtr", holder)?;
    xml.account("CdtrAcct", holder.iban())?;
    xml.agent("CdtrAgt", holder.bic())?;
    xml.put("ChrgBr", "SLEV")?;
    xml.group("CdtrSchmeId", |xml| creditor(xml, &file.creditor.id))?;
    let mut debits = of.positions.iter().filter_map(|at| checked.debits.get(*at));
    debits.try_for_each(|it| xml.group("DrctDbtTxInf", |xml| debit(xml, it)))
}

fn creditor(xml: &mut Xml, id: &CreditorId) -> Written {
    xml.group("Id", |xml| {
        xml.group("PrvtId", |xml| {
            xml.group("Othr", |xml| {
                xml.put("Id", id)?;
                xml.put("SchmeNm/Prtry", "SEPA")
            })
        })
    })
}

fn debit(xml: &mut Xml, of: &Debit<'_>) -> Written {
    let mandate = &of.of.mandate;
    let debtor = mandate.debtor();
    xml.put("PmtId/EndToEndId", &of.of.end_to_end)?;
    xml.amount("InstdAmt", of.of.amount)?;
    xml.group("DrctDbtTx", |xml| {
        xml.group("MndtRltdInf", |xml| {
            xml.put("MndtId", mandate.reference())?;
            xml.put("DtOfSgntr", mandate.signed_on())?;
            of.amendment.as_ref().map_or(Ok(()), |it| amendment(xml, it))
        })
    })?;
    xml.agent("DbtrAgt", debtor.bic())?;
    xml.holder("Dbtr", debtor)?;
    xml.account("DbtrAcct", debtor.iban())?;
    xml.remittance(&of.remittance)
}

fn amendment(xml: &mut Xml, before: &Amendment) -> Written {
    let Amendment { reference, creditor_id, creditor_name, account } = before;
    xml.put("AmdmntInd", true)?;
    xml.group("AmdmntInfDtls", |xml| {
        reference.as_ref().map_or(Ok(()), |it| xml.put("OrgnlMndtId", it))?;
        if creditor_id.is_some() || creditor_name.is_some() {
            xml.group("OrgnlCdtrSchmeId", |xml| {
                creditor_name.as_ref().map_or(Ok(()), |it| xml.put("Nm", it))?;
                creditor_id.as_ref().map_or(Ok(()), |it| creditor(xml, it))
            })?;
        }
        if *account { xml.put("OrgnlDbtrAcct/Id/Othr/Id", NEW_ACCOUNT) } else { Ok(()) }
    })
}
