//! Who may what: roles, the scopes they have, and the types by which handlers ask for one.

use serde::{Deserialize, Serialize};

use crate::db::words;
use crate::id::{MemberId, ProviderId};

words! {
    /// What a person does in a pole.
    pub(crate) enum Role {
        /// Runs the pole: everything, also users, keys and settings.
        PoleAdmin = "pole_admin",
        /// Prices, invoices and collects.
        Finance = "finance",
        /// Reads everything, writes nothing.
        Auditor = "auditor",
        /// Acts for one member company, and manages its users and keys.
        MemberAdmin = "member_admin",
        /// Sees what one member company sees.
        MemberUser = "member_user",
        /// Acts for one provider.
        Provider = "provider",
    }
}

/// Declares the scopes, each with the type by which handlers ask for it.
macro_rules! scopes {
    (
        $($(#[doc = $about:literal])* $name:ident = $word:literal),+ $(,)?
    ) => {
        words! {
            /// What a token or a key may be used for.
            pub(crate) enum Scope {
                $($(#[doc = $about])* $name = $word),+
            }
        }

        impl Scope {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];
        }

        $(
            $(#[doc = $about])*
            #[derive(Clone, Copy, Debug)]
            pub(crate) struct $name;

            impl Permission for $name {
                const SCOPE: Scope = Scope::$name;
            }
        )+
    };
}

/// A scope as a type.
pub(crate) trait Permission: 'static {
    /// The scope.
    const SCOPE: Scope;
}

scopes! {
    /// The pole's settings and identity providers, reading.
    PoleRead = "pole:read",
    /// The pole's settings and identity providers, changing.
    PoleWrite = "pole:write",
    /// Users, reading.
    UsersRead = "users:read",
    /// Users, changing.
    UsersWrite = "users:write",
    /// API keys, reading (never the key itself).
    KeysRead = "keys:read",
    /// API keys, making and revoking.
    KeysWrite = "keys:write",
    /// Member companies, reading.
    MembersRead = "members:read",
    /// Member companies, changing.
    MembersWrite = "members:write",
    /// Services, providers, meters and tariffs, also those not published.
    CatalogueRead = "catalogue:read",
    /// Services, providers, meters and tariffs, changing.
    CatalogueWrite = "catalogue:write",
    /// Subscriptions, reading.
    SubscriptionsRead = "subscriptions:read",
    /// Subscriptions, changing.
    SubscriptionsWrite = "subscriptions:write",
    /// The audit log.
    AuditRead = "audit:read",
    /// Usage, reading.
    UsageRead = "usage:read",
    /// Usage, reporting and taking back.
    UsageWrite = "usage:write",
    /// Invoices and credit notes, and how they are made.
    InvoicesRead = "invoices:read",
    /// Closing months, and making their documents.
    InvoicesWrite = "invoices:write",
    /// Payments, and what is open.
    PaymentsRead = "payments:read",
    /// Payments, recording and taking back.
    PaymentsWrite = "payments:write",
    /// The books: reports, the journal, and what of it is closed.
    BooksRead = "books:read",
    /// Closing the books of months and years.
    BooksWrite = "books:write",
    /// What is not paid in time, and the letters about it.
    DunningRead = "dunning:read",
    /// Writing to members that are late, when to, and suspending their services.
    DunningWrite = "dunning:write",
    /// Mails to members, and what became of each.
    MailsRead = "mails:read",
    /// Mails to members, sending again.
    MailsWrite = "mails:write",
}

impl Scope {
    /// Whether it only reads.
    pub(crate) fn is_read(self) -> bool {
        self.as_str().ends_with(":read")
    }
}

impl Role {
    /// The table of who may what. Members and providers have their scopes for what is theirs.
    pub(crate) fn allows(self, scope: Scope) -> bool {
        use Scope::{
            AuditRead, BooksWrite, CatalogueRead, CatalogueWrite, DunningWrite, InvoicesRead,
            InvoicesWrite, KeysRead, KeysWrite, MailsWrite, MembersRead, MembersWrite,
            PaymentsRead, PaymentsWrite, PoleRead, SubscriptionsRead, SubscriptionsWrite,
            UsageRead, UsageWrite, UsersRead, UsersWrite,
        };
        let has = match self {
            Self::PoleAdmin => true,
            Self::Auditor => scope.is_read(),
            Self::Finance => {
                scope.is_read()
                    || matches!(
                        scope,
                        MembersWrite
                            | CatalogueWrite
                            | SubscriptionsWrite
                            | UsageWrite
                            | InvoicesWrite
                            | PaymentsWrite
                            | BooksWrite
                            | DunningWrite
                            | MailsWrite
                    )
            }
            Self::MemberAdmin => matches!(
                scope,
                MembersRead
                    | MembersWrite
                    | UsersRead
                    | UsersWrite
                    | KeysRead
                    | KeysWrite
                    | SubscriptionsRead
                    | SubscriptionsWrite
                    | UsageRead
                    | UsageWrite
                    | InvoicesRead
                    | PaymentsRead
            ),
            Self::MemberUser => matches!(
                scope,
                MembersRead | SubscriptionsRead | UsageRead | InvoicesRead | PaymentsRead
            ),
            Self::Provider => matches!(
                scope,
                CatalogueRead
                    | CatalogueWrite
                    | KeysRead
                    | KeysWrite
                    | SubscriptionsRead
                    | UsageRead
                    | UsageWrite
            ),
        };
        // The pole's settings and its log are its own business.
        has && (self.is_staff() || !matches!(scope, PoleRead | AuditRead))
    }

    /// Whether it acts for the whole pole.
    pub(crate) const fn is_staff(self) -> bool {
        matches!(self, Self::PoleAdmin | Self::Finance | Self::Auditor)
    }
}

/// A role, and for whom it acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// For the whole pole, as staff.
    Pole(Role),
    /// For one member.
    Member(Role, MemberId),
    /// For one provider.
    Provider(ProviderId),
}

impl Grant {
    /// A role for whom it is meant: the pole, a member or a provider; none if that makes no sense.
    pub(crate) fn new(
        role: Role,
        member: Option<MemberId>,
        provider: Option<ProviderId>,
    ) -> Option<Self> {
        match (role, member, provider) {
            (Role::PoleAdmin | Role::Finance | Role::Auditor, None, None) => Some(Self::Pole(role)),
            (Role::MemberAdmin | Role::MemberUser, Some(member), None) => {
                Some(Self::Member(role, member))
            }
            (Role::Provider, None, Some(provider)) => Some(Self::Provider(provider)),
            _ => None,
        }
    }

    /// The member or the provider it acts for.
    pub(crate) const fn owner(&self) -> (Option<&MemberId>, Option<&ProviderId>) {
        match self {
            Self::Pole(_) => (None, None),
            Self::Member(_, member) => (Some(member), None),
            Self::Provider(provider) => (None, Some(provider)),
        }
    }

    /// Its role.
    pub(crate) const fn role(&self) -> Role {
        match self {
            Self::Pole(role) | Self::Member(role, _) => *role,
            Self::Provider(_) => Role::Provider,
        }
    }
}

/// Whose objects a permission reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reach {
    /// The whole pole.
    pub(crate) pole: bool,
    /// These members.
    pub(crate) members: Vec<MemberId>,
    /// These providers.
    pub(crate) providers: Vec<ProviderId>,
}

impl Reach {
    /// What these grants reach with a scope; nothing, if none of them has it.
    pub(crate) fn of(grants: &[Grant], scope: Scope) -> Option<Self> {
        let mut reach = Self::default();
        let mut any = false;
        for grant in grants.iter().filter(|grant| grant.role().allows(scope)) {
            any = true;
            match grant {
                Grant::Pole(_) => reach.pole = true,
                Grant::Member(_, member) => reach.members.push(member.clone()),
                Grant::Provider(provider) => reach.providers.push(provider.clone()),
            }
        }
        any.then_some(reach)
    }

    /// The members it is limited to.
    pub(crate) fn members(&self) -> Option<Vec<MemberId>> {
        (!self.pole).then(|| self.members.clone())
    }

    /// The providers it is limited to.
    pub(crate) fn providers(&self) -> Option<Vec<ProviderId>> {
        (!self.pole).then(|| self.providers.clone())
    }

    /// Whether it reaches a member.
    pub(crate) fn has_member(&self, member: &MemberId) -> bool {
        self.pole || self.members.contains(member)
    }

    /// Whether it reaches a provider.
    pub(crate) fn has_provider(&self, provider: &ProviderId) -> bool {
        self.pole || self.providers.contains(provider)
    }
}
