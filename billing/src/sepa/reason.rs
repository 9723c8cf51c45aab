//! Why a payment did not go through, or came back.

use super::SepaError;
use crate::party::from_names;
use crate::read::names;

/// What lets a payment succeed after it failed, if anything does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remedy {
    /// The same payment again, later.
    Again,
    /// Another account: that of the mandate or of the payee is wrong, closed or shut off.
    Account,
    /// A mandate: there is none, or none that holds.
    Mandate,
    /// A word with the other side, who refused or disputes it.
    Talk,
    /// A file that is right.
    File,
    /// A word with the bank, which did not say more.
    Bank,
}

names!(Remedy {
    "again" => Again,
    "account" => Account,
    "mandate" => Mandate,
    "talk" => Talk,
    "file" => File,
    "bank" => Bank,
});

/// Declares the codes once, with all that is said of each.
macro_rules! reasons {
    ($($(#[$doc:meta])* $code:literal $variant:ident $remedy:ident $en:literal $fr:literal;)+) => {
        /// Why a payment was rejected, returned or refunded (ISO 20022, external codes for status and
        /// return reasons), as far as the SEPA schemes use them (EPC173-14).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ReturnReason {
            $($(#[$doc])* $variant,)+
        }

        names!(ReturnReason { $($code => $variant),+ });
        from_names!(ReturnReason or SepaError { $($variant),+ });

        impl ReturnReason {
            /// What it means, in English, as a sentence for whoever is not paid.
            pub const fn english(self) -> &'static str {
                match self { $(Self::$variant => $en,)+ }
            }

            /// The same in French.
            pub const fn french(self) -> &'static str {
                match self { $(Self::$variant => $fr,)+ }
            }

            /// What lets it succeed.
            pub const fn remedy(self) -> Remedy {
                match self { $(Self::$variant => Remedy::$remedy,)+ }
            }
        }
    };
}

reasons! {
    /// The IBAN is wrong, or no account has it.
    "AC01" WrongAccount Account
        "The IBAN is wrong: no account has it."
        "L’IBAN est erroné : aucun compte ne lui correspond.";
    /// The IBAN of who is paid is wrong.
    "AC03" WrongCreditorAccount Account
        "The IBAN of the payee is wrong."
        "L’IBAN du bénéficiaire est erroné.";
    /// The account was closed.
    "AC04" ClosedAccount Account
        "The account was closed."
        "Le compte est clos.";
    /// The account is blocked, for all or for direct debits.
    "AC06" BlockedAccount Account
        "The account is blocked, or its holder shut it off for direct debits."
        "Le compte est bloqué, ou son titulaire l’a fermé aux prélèvements.";
    /// A consumer's account, which B2B does not reach.
    "AC13" ConsumerAccount Mandate
        "The account is a consumer’s: the business-to-business scheme does not reach it. It takes a CORE mandate."
        "Le compte est celui d’un consommateur : le prélèvement interentreprises (B2B) n’y est pas admis. Il faut un mandat CORE.";
    /// The account takes no such payments: savings, for one.
    "AG01" Forbidden Account
        "The account does not take such payments: it is a savings account, for example."
        "Le compte n’admet pas ce type d’opération : c’est par exemple un compte d’épargne.";
    /// A code in the file that the bank does not take.
    "AG02" OperationCode File
        "The bank does not take a code of the file, such as its sequence or scheme."
        "La banque refuse un code du fichier, tel que la séquence ou le type de prélèvement.";
    /// More than is allowed.
    "AM02" AmountNotAllowed Bank
        "The amount is more than the bank allows."
        "Le montant dépasse ce que la banque autorise.";
    /// Not enough money on the account.
    "AM04" InsufficientFunds Again
        "There was not enough money on the account."
        "La provision du compte était insuffisante.";
    /// The same payment twice.
    "AM05" Duplication File
        "The bank has the same payment already."
        "La banque a déjà reçu la même opération.";
    /// Sums in the file that do not agree.
    "AM10" ControlSum File
        "The sum of the file is not that of its payments."
        "Le total du fichier n’est pas celui de ses opérations.";
    /// The name is not that of the account.
    "BE01" OtherName Account
        "The name is not that of the account’s holder."
        "Le nom n’est pas celui du titulaire du compte.";
    /// The address of who is paid is missing.
    "BE04" CreditorAddress File
        "The address of the payee is missing or wrong."
        "L’adresse du bénéficiaire manque ou est erronée.";
    /// The creditor identifier is wrong.
    "BE05" CreditorIdentifier File
        "The bank does not know the SEPA creditor identifier (ICS), or it is another creditor’s."
        "L’identifiant créancier SEPA (ICS) est inconnu de la banque, ou celui d’un autre créancier.";
    /// The payee's bank is not in the scheme.
    "CNOR" CreditorBank Account
        "The bank of the payee does not take part in the scheme."
        "La banque du bénéficiaire n’adhère pas au schéma de paiement.";
    /// The payer asked for it back.
    "CUST" CustomerDecision Talk
        "The other side asked for it."
        "L’autre partie l’a demandé.";
    /// The debtor's bank is not in the scheme.
    "DNOR" DebtorBank Account
        "The bank of the debtor does not take part in the scheme: B2B is a choice of each bank."
        "La banque du débiteur n’adhère pas au schéma : le B2B est facultatif pour les banques.";
    /// A day that cannot be.
    "DT01" WrongDate File
        "The day asked for cannot be: it is past, too far ahead, or no business day."
        "La date demandée est impossible : passée, trop lointaine, ou jour de fermeture des banques.";
    /// A payment that was sent twice.
    "DUPL" DuplicatePayment File
        "It was sent twice."
        "L’opération a été envoyée deux fois.";
    /// Settlement between the banks failed.
    "ED05" SettlementFailed Again
        "The banks could not settle it between them."
        "Le règlement entre les banques a échoué.";
    /// A file that is not right.
    "FF01" FileFormat File
        "The file is not in the form that the bank wants."
        "Le format du fichier n’est pas celui que la banque attend.";
    /// CORE instead of B2B, or the reverse.
    "FF05" DirectDebitType File
        "The scheme (CORE or B2B) is not that of the mandate."
        "Le type de prélèvement (CORE ou B2B) n’est pas celui du mandat.";
    /// Sent back because it was recalled.
    "FOCR" FollowsRecall Talk
        "It was sent back because it was recalled."
        "L’opération est retournée à la suite d’une demande de rappel.";
    /// Fraud.
    "FRAD" Fraud Talk
        "It is said to be fraud."
        "L’opération est signalée comme frauduleuse.";
    /// No mandate, or the debtor says so.
    "MD01" NoMandate Mandate
        "There is no valid mandate: the bank knows of none, or the debtor says that it did not authorise the debit."
        "Il n’y a pas de mandat valide : la banque n’en connaît pas, ou le débiteur déclare ne pas avoir autorisé le prélèvement.";
    /// Data of the mandate is missing or wrong.
    "MD02" MandateData File
        "Data of the mandate is missing, or not what the debtor’s bank has."
        "Des données du mandat manquent ou diffèrent de celles que connaît la banque du débiteur.";
    /// Asked back within eight weeks.
    "MD06" RefundRequested Talk
        "The debtor asked for its money back within eight weeks, as it may under CORE without a reason."
        "Le débiteur a demandé le remboursement dans les huit semaines, comme le CORE le permet sans motif.";
    /// The debtor has died.
    "MD07" DebtorDeceased Talk
        "The holder of the account has died."
        "Le titulaire du compte est décédé.";
    /// The debtor refuses.
    "MS02" RefusedByDebtor Talk
        "The debtor refused it, without saying why."
        "Le débiteur a refusé l’opération, sans en dire la raison.";
    /// The bank does not say.
    "MS03" NotSpecified Bank
        "The bank did not say why, or may not."
        "La banque n’en a pas donné la raison, ou n’a pas le droit de la donner.";
    /// The reason stands in words.
    "NARR" Narrative Bank
        "The reason is given in the bank’s own words."
        "La raison est donnée dans les mots de la banque.";
    /// The BIC is wrong.
    "RC01" WrongBic Account
        "The BIC is wrong."
        "Le BIC est erroné.";
    /// The debtor's account or identification is missing.
    "RR01" DebtorAccountMissing File
        "The law wants an account or identification of the debtor that is missing."
        "Il manque le compte ou l’identification du débiteur, que la réglementation exige.";
    /// The debtor's name or address is missing.
    "RR02" DebtorMissing File
        "The law wants a name or address of the debtor that is missing."
        "Il manque le nom ou l’adresse du débiteur, que la réglementation exige.";
    /// The creditor's name or address is missing.
    "RR03" CreditorMissing File
        "The law wants a name or address of the creditor that is missing."
        "Il manque le nom ou l’adresse du créancier, que la réglementation exige.";
    /// The law.
    "RR04" Regulatory Bank
        "The law keeps the bank from carrying it out."
        "La réglementation interdit à la banque de l’exécuter.";
    /// Something the debtor agreed on with its bank: limits, lists of creditors.
    "SL01" DebtorService Talk
        "A service of the debtor’s bank stopped it: a limit on amounts, or a list of creditors that may or may not debit."
        "Un service de la banque du débiteur l’a arrêtée : un plafond, ou une liste de créanciers autorisés ou refusés.";
    /// After the cut-off.
    "TM01" CutOff Again
        "It came after the bank’s cut-off time."
        "L’opération est arrivée après l’heure limite de la banque.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_explained_in_both_languages() {
        let all = ReturnReason::ALL;
        for reason in all {
            let (code, english, french) = (reason.as_str(), reason.english(), reason.french());
            assert_eq!(code.parse(), Ok(*reason));
            assert_eq!(code.len(), 4, "{code}");
            for words in [english, french] {
                assert!(
                    words.ends_with('.') && words.len() > 12 && !words.contains('\''),
                    "{words}"
                );
            }
            assert_ne!(english, french);
        }
        let distinct = |of: fn(ReturnReason) -> &'static str| {
            all.iter().map(|reason| of(*reason)).collect::<BTreeSet<_>>().len()
        };
        assert_eq!(distinct(ReturnReason::english), all.len());
        assert_eq!(distinct(ReturnReason::french), all.len());
        assert!("ZZ99".parse::<ReturnReason>().is_err());
    }

    /// What decides whether a collection is tried again.
    #[test]
    fn only_what_may_pass_later_is_tried_again() {
        let of = |code: &str| code.parse::<ReturnReason>().unwrap().remedy();
        assert_eq!(of("AM04"), Remedy::Again);
        assert_eq!(of("AC04"), Remedy::Account);
        assert_eq!(of("MD01"), Remedy::Mandate);
        assert_eq!(of("MD06"), Remedy::Talk);
        assert_eq!(of("MS03"), Remedy::Bank);
        let again = ReturnReason::ALL.iter().filter(|it| it.remedy() == Remedy::Again);
        let again: Vec<_> = again.map(|it| it.as_str()).collect();
        assert_eq!(again, ["AM04", "ED05", "TM01"]);
    }
}
