//! The VAT of a document, category by category, with the reasons (BG-23).

use crate::{Document, VatCategory, VatExemption, VatTotal};

/// VAT of one category and rate.
pub(super) struct Breakdown<'d> {
    pub(super) total: &'d VatTotal,
    /// Why none is charged, in the words of the law (BT-120).
    pub(super) reason: Option<String>,
    /// The code of the reason (BT-121); none where lines have several, of which it would be one.
    pub(super) code: Option<&'d str>,
}

impl<'d> Breakdown<'d> {
    /// Those of a document. A category and rate stands there once, whatever the reasons of its lines
    /// (BR-E-01 and its like).
    pub(super) fn all(document: &'d Document) -> Vec<Self> {
        document.totals().vat.iter().map(|total| Self::of(document, total)).collect()
    }

    fn of(document: &'d Document, total: &'d VatTotal) -> Self {
        let mut reasons: Vec<&VatExemption> = Vec::new();
        for line in &document.content().lines {
            let same =
                (line.vat.category, line.vat.rate_percent) == (total.category, total.rate_percent);
            let reason = line.vat.exemption.as_ref().filter(|_| same);
            if let Some(reason) = reason.filter(|it| !reasons.contains(it)) {
                reasons.push(reason);
            }
        }
        let first = reasons.first().map(|it| it.code.as_str());
        let code = first.filter(|code| reasons.iter().all(|it| it.code == *code));
        let words: Vec<_> = reasons.iter().map(|it| it.reason.as_str()).collect();
        Self { total, reason: (!words.is_empty()).then(|| words.join(" ; ")), code }
    }

    /// Whether VAT is charged.
    pub(super) fn is_charged(&self) -> bool {
        self.total.category == VatCategory::Standard
    }
}
