//! Which column is which.

use super::fault::{self, RowFault};
use super::sheet::Sheet;
use crate::search;

/// Declares the columns: variant, whether a file must have it, English and French name, and what
/// else it is called.
macro_rules! columns {
    ($($variant:ident $presence:ident $name:literal $french:literal [$($other:literal)*];)+) => {
        /// A column of a file of members.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Column { $($variant),+ }

        impl Column {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in the file's documentation, and the first it is known by.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What a French header calls it.
            pub(super) const fn french(self) -> &'static str {
                match self { $(Self::$variant => $french),+ }
            }

            const fn others(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($other),*]),+ }
            }

            fn is_required(self) -> bool {
                match self { $(Self::$variant => stringify!($presence) == "required"),+ }
            }
        }
    };
}

columns! {
    Code required "code" "code" ["code adhérent" "code membre" "member code"];
    Name required "name" "raison sociale"
        ["nom" "dénomination" "dénomination sociale" "société" "entreprise" "company"];
    LegalForm optional "legal_form" "forme juridique" [];
    Siren optional "siren" "siren" ["n° siren" "no siren" "numéro siren"];
    Siret optional "siret" "siret" ["n° siret" "no siret" "numéro siret"];
    VatNumber optional "vat_number" "n° tva"
        ["no tva" "tva" "numéro tva" "numéro de tva" "tva intracommunautaire" "tva intra" "vat"
         "n° tva intracommunautaire" "no tva intracommunautaire" "numéro de tva intracommunautaire"
         "numéro tva intracommunautaire"];
    VatRegime optional "vat_regime" "régime de tva" ["régime tva"];
    Size optional "size" "taille" ["size class" "taille entreprise" "catégorie"];
    Address required "address" "adresse"
        ["address line 1" "adresse 1" "adresse ligne 1" "adresse postale" "rue"];
    AddressLine2 optional "address_line2" "complément d’adresse"
        ["address 2" "adresse 2" "adresse ligne 2" "complément adresse"];
    Postcode optional "postcode" "code postal" ["cp" "postal code" "zip"];
    City required "city" "ville" ["commune" "localité"];
    Country optional "country" "pays" ["code pays" "country code"];
    Email optional "email" "courriel"
        ["e-mail" "mail" "adresse e-mail" "adresse mail" "adresse électronique" "email address"];
    Language optional "language" "langue" ["lang"];
    ElectronicAddress optional "electronic_address" "adresse de facturation électronique"
        ["adresse électronique de facturation" "electronic address"];
    PurchaseOrder optional "purchase_order" "bon de commande"
        ["numéro de commande" "n° commande" "no commande" "n° de commande" "commande"
         "n° bon de commande" "numéro de bon de commande"];
    PaymentTerms optional "payment_terms" "délai de paiement"
        ["délai paiement" "conditions de paiement" "conditions de règlement"];
}

impl Column {
    /// The column that a header means, however it is accented and capitalised.
    fn find(header: &str) -> Option<Self> {
        let header = folded(header);
        let means = |column: &&Self| {
            let names = [column.name(), column.french()];
            names.iter().chain(column.others()).any(|name| folded(name) == header)
        };
        Self::ALL.iter().find(means).copied()
    }

    /// All names, for people.
    pub(super) fn names() -> String {
        let names: Vec<_> = Self::ALL.iter().map(|column| column.name()).collect();
        names.join(", ")
    }

    /// How many of the headers are known.
    pub(super) fn known<'t>(headers: impl Iterator<Item = &'t str>) -> usize {
        headers.filter(|header| Self::find(header).is_some()).count()
    }
}

/// Letters and digits alone, small, without accents: `N° TVA` and `n tva` are the same.
fn folded(text: &str) -> String {
    search::folded(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Where the columns of a file are.
#[derive(Debug)]
pub(super) struct Layout {
    columns: Vec<Option<Column>>,
}

impl Layout {
    /// Reads the header, the first line that is not empty.
    pub(super) fn read(sheet: &Sheet) -> Result<Self, Vec<RowFault>> {
        let line = sheet.header.line;
        let mut faults = Vec::new();
        let mut columns = Vec::new();
        for cell in &sheet.header.cells {
            let header = cell.text();
            let column = Column::find(header);
            match column {
                Some(column) if columns.contains(&Some(column)) => {
                    faults.push(fault::repeated_column(line, column));
                }
                None if !header.is_empty() => faults.push(fault::unknown_column(line, header)),
                _ => {}
            }
            columns.push(column);
        }
        let missing = |column: &&Column| column.is_required() && !columns.contains(&Some(**column));
        let missing = Column::ALL.iter().filter(missing);
        faults.extend(missing.map(|column| fault::missing_column(line, *column)));
        if faults.is_empty() { Ok(Self { columns }) } else { Err(faults) }
    }

    /// Where a column stands, if the file has it.
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.columns.iter().position(|found| *found == Some(column))
    }

    /// Whether a column stands there.
    pub(super) fn has(&self, place: usize) -> bool {
        self.columns.get(place).is_some_and(Option::is_some)
    }

    /// How many columns the header has.
    pub(super) const fn width(&self) -> usize {
        self.columns.len()
    }
}
