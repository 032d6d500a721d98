//! How far a change reaches: what must be read of each tenant, with what that refers to and what refers to it.

use doorward_core::desired::{Kind, State};
use doorward_core::id::TenantId;

/// How far a change reaches.
#[derive(Clone, Copy, Debug)]
pub enum Reach<'a> {
    /// Everything of those tenants.
    All(&'a [TenantId]),
    /// What a document speaks of.
    Document(&'a State),
    /// One list of those tenants.
    List(&'a [TenantId], Kind),
    /// Objects of a tenant by their names, and nothing beside them.
    Alone(&'a TenantId, Kind, &'a [String]),
    /// Objects of a tenant by their names that shall be changed, with what such an object can refer to and what can refer to it.
    Named(&'a TenantId, Kind, &'a [String]),
}

/// What is read of a tenant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lists<'a> {
    pub(super) issuers: bool,
    pub(super) apis: bool,
    pub(super) roles: bool,
    pub(super) contexts: Which<'a>,
    pub(super) clients: Which<'a>,
    pub(super) users: Which<'a>,
    /// Those of the people that are read.
    pub(super) memberships: Which<'a>,
    pub(super) extensions: Which<'a>,
    pub(super) installations: Installed<'a>,
}

/// Which installations.
#[derive(Clone, Copy, Debug)]
pub(super) enum Installed<'a> {
    All,
    /// Those of an extension and a context that are both among the names.
    Named(&'a [String]),
    /// The first of each extension that is read: whether it is installed at all.
    First,
    None,
}

/// Which objects of a list.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which<'a> {
    All,
    Named(&'a [String]),
    None,
}

impl<'a> Reach<'a> {
    /// What it needs of a tenant; none: not even the tenant.
    pub(super) fn lists(self, tenant: &TenantId) -> Option<Lists<'a>> {
        match self {
            Self::All(tenants) => tenants.contains(tenant).then_some(Lists {
                issuers: true,
                apis: true,
                roles: true,
                contexts: Which::All,
                clients: Which::All,
                users: Which::All,
                memberships: Which::All,
                extensions: Which::All,
                installations: Installed::All,
            }),
            Self::Document(state) => Some(match state.tenants.iter().find(|spec| spec.id == *tenant) {
                // Clients refer to APIs and issuers, whichever of these lists the document has.
                Some(spec) => Lists {
                    issuers: true,
                    apis: true,
                    roles: true,
                    contexts: all_if(
                        spec.contexts.is_some()
                            || spec.memberships.is_some()
                            || spec.extensions.is_some()
                            || spec.installations.is_some(),
                    ),
                    clients: Which::All,
                    users: all_if(spec.users.is_some() || spec.memberships.is_some()),
                    memberships: all_if(spec.memberships.is_some()),
                    extensions: Which::All,
                    installations: match (&spec.installations, &spec.extensions) {
                        (Some(_), _) => Installed::All,
                        (None, Some(_)) => Installed::First,
                        (None, None) => Installed::None,
                    },
                },
                None => Lists::ISSUERS,
            }),
            Self::List(tenants, kind) => tenants.contains(tenant).then(|| Lists::of(kind, Which::All)),
            Self::Alone(wanted, kind, names) => {
                (wanted == tenant).then(|| Lists::of(kind, Which::Named(names)))
            }
            Self::Named(wanted, kind, names) => {
                let others = (kind == Kind::Issuer).then_some(Lists::ISSUERS);
                if wanted == tenant {
                    Some(Lists::of(kind, Which::Named(names)).with_users_of(kind))
                } else {
                    others
                }
            }
        }
    }
}

impl<'a> Lists<'a> {
    /// A list, with what its objects refer to.
    fn of(kind: Kind, which: Which<'a>) -> Self {
        match kind {
            Kind::Tenant => Self::NOTHING,
            Kind::Issuer => Self::ISSUERS,
            Kind::Api => Self { apis: true, ..Self::NOTHING },
            Kind::Role => Self { roles: true, ..Self::NOTHING },
            Kind::Context => Self { contexts: which, ..Self::NOTHING },
            Kind::Client => Self {
                issuers: true,
                apis: true,
                roles: true,
                contexts: which,
                clients: which,
                extensions: which,
                ..Self::NOTHING
            },
            Kind::User => Self { roles: true, users: which, ..Self::NOTHING },
            Kind::Membership => {
                Self { roles: true, contexts: which, users: which, memberships: which, ..Self::NOTHING }
            }
            Kind::Extension => Self {
                apis: true,
                contexts: which,
                clients: which,
                extensions: which,
                installations: Installed::First,
                ..Self::NOTHING
            },
            Kind::Installation => Self {
                apis: true,
                contexts: which,
                clients: which,
                extensions: which,
                installations: match which {
                    Which::All => Installed::All,
                    Which::Named(names) => Installed::Named(names),
                    Which::None => Installed::None,
                },
                ..Self::NOTHING
            },
        }
    }

    /// With what can refer to objects of a kind by their ids: clients, which refer to all else of these too. An extension's audiences are
    /// no issuer's.
    fn with_users_of(self, kind: Kind) -> Self {
        match kind {
            Kind::Issuer | Kind::Api | Kind::Role => {
                let (clients, extensions) = (Which::All, Which::All);
                Self { issuers: true, apis: true, roles: true, clients, extensions, ..self }
            }
            Kind::Extension => Self { issuers: true, ..self },
            Kind::Tenant
            | Kind::Context
            | Kind::Client
            | Kind::User
            | Kind::Membership
            | Kind::Installation => self,
        }
    }

    /// Ids and mounts of issuers are unique in the server.
    const ISSUERS: Self = Self { issuers: true, ..Self::NOTHING };
    const NOTHING: Self = Self {
        issuers: false,
        apis: false,
        roles: false,
        contexts: Which::None,
        clients: Which::None,
        users: Which::None,
        memberships: Which::None,
        extensions: Which::None,
        installations: Installed::None,
    };
}

fn all_if<'a>(is_wanted: bool) -> Which<'a> {
    if is_wanted { Which::All } else { Which::None }
}
