//! The findings in French, for who keeps the books.

use super::{Finding, FindingKind as Kind};

impl Finding {
    /// Says it in French, as `Display` does in English.
    pub fn french(&self) -> String {
        let (rule, said) = (self.rule(), said(&self.kind));
        match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{rule} ligne {line}, {column} : {said}"),
            (Some(line), None) => format!("{rule} ligne {line} : {said}"),
            _ => format!("{rule} {said}"),
        }
    }
}

fn said(kind: &Kind) -> String {
    match kind {
        Kind::Name { found } => {
            format!("le fichier s'appelle « {found} », et non comme 732829320FEC20261231.txt")
        }
        Kind::NameSiren { found } => {
            format!("le nom du fichier commence par « {found} », qui n'est pas un SIREN")
        }
        Kind::NameDate { found } => {
            format!("le nom du fichier porte « {found} » au lieu d'une date de clôture (20261231)")
        }
        Kind::Character { position } => {
            format!("position {position} : ni un caractère ISO 8859-15 ni un caractère UTF-8")
        }
        Kind::HeaderCount { found } => format!("colonnes : {found} au lieu de 18"),
        Kind::NoHeader => "ce n'est pas un en-tête : aucune colonne n'y est nommée".into(),
        Kind::HeaderName { found } => format!("la colonne s'appelle « {found} »"),
        Kind::FieldCount { found } => format!("champs : {found} au lieu de 18"),
        Kind::Empty => "le champ est vide".into(),
        Kind::NotADate { found } => format!("« {found} » n'est pas une date AAAAMMJJ"),
        Kind::NotANumber { found } => {
            format!("« {found} » n'est pas un nombre à virgule, comme 1234,50")
        }
        Kind::NotAnAccount { found } => format!("« {found} » ne commence pas par trois chiffres"),
        Kind::NoSide => "ni débit ni crédit".into(),
        Kind::BothSides => "débit et crédit à la fois".into(),
        Kind::Sense { found } => format!("« {found} » n'est ni D ni C, ni +1 ni -1"),
        Kind::Unpaired { other } => format!("le champ est vide alors que {other} ne l'est pas"),
        Kind::Unbalanced { number, difference } => {
            format!("écriture {number} : débits moins crédits font {difference}")
        }
        Kind::Differs { number, found, first } => {
            format!("écriture {number} : « {found} » ici, « {first} » sur sa première ligne")
        }
        Kind::Gap { before, found } => format!("la numérotation passe de {before} à {found}"),
        Kind::NoSequence { found } => {
            format!("« {found} » ne finit pas par un nombre : aucune séquence à vérifier")
        }
        Kind::OutsideYear { date, first, last } => {
            format!("le {date} n'est pas dans l'exercice, du {first} au {last}")
        }
        Kind::ValidatedBefore { validated, date } => {
            format!("validée le {validated}, avant la date de l'écriture, {date}")
        }
        Kind::OutOfOrder { validated, previous } => {
            format!("validée le {validated}, avant la ligne qui précède, {previous}")
        }
    }
}
