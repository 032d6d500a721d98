//! Ways to be dead: what each does to the facts, wherever they speak of it.

use std::sync::Arc;

use doorward_core::Facts;
use doorward_core::facts::{
    Belonging, ExtensionStanding, GrantFacts, InstallationFacts, SessionFacts, Standing, TicketFacts,
};
use doorward_core::model::{ExtensionState, Life};
use doorward_wire::error_code::ErrorCode;

use crate::world::{NOW, ago};

/// What can be dead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noun {
    Client,
    ClientRow,
    Consent,
    Grant,
    Installation,
    Issuer,
    Membership,
    Session,
    Tenant,
    TenantRow,
    Ticket,
    User,
}

macro_rules! states {
    ($($state:ident $noun:ident),* $(,)?) => {
        /// Ways to be dead.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Dead { $($state),* }

        impl Dead {
            pub const ALL: &'static [Self] = &[$(Self::$state),*];

            pub fn noun(self) -> Noun {
                match self { $(Self::$state => Noun::$noun),* }
            }
        }
    };
}

states! {
    // Of this node's directory and cache, which may lag, and of the row itself.
    TenantDisabled Tenant, TenantRowDisabled TenantRow, TenantRowGone TenantRow,
    IssuerNotAllowed Issuer, OfAnotherIssuer Issuer,
    ClientDisabled Client, ClientRemoved Client, ClientRowDisabled ClientRow, ClientRowGone ClientRow,
    UserDisabled User, UserLocked User, UserRemoved User, UserValidFromLater User,
    ConsentEnded Consent, ConsentGone Consent,
    SessionEnded Session, SessionIdle Session, SessionExpired Session, SessionGone Session,
    GrantEnded Grant, GrantIdle Grant, GrantExpired Grant, GrantGone Grant,
    InstallationDisabled Installation, InstallationSuspended Installation, InstallationRemoved Installation,
    InstallationGone Installation, InstallationPast Installation, ExtensionGone Installation,
    ExtensionSuspended Installation, ExtensionPast Installation, ExtensionWithdrawn Installation,
    ContributorGone Installation, ContextGone Installation,
    NotAMember Membership, NobodyAsked Membership, MemberAnew Membership,
    TicketConsumed Ticket, TicketExpired Ticket, TicketGone Ticket,
}

impl Dead {
    /// Make it so, wherever the facts speak of it. Whether they do.
    pub fn apply(self, facts: &mut Facts) -> bool {
        let on_grants = self.in_grants(facts);
        let on_client = self.in_client(facts);
        let on_session = self.in_session(facts);
        let on_ticket = self.in_ticket(facts);
        let on_installation = self.in_installation(&mut facts.installation);
        on_grants || on_client || on_session || on_ticket || on_installation
    }

    fn in_installation(self, of: &mut Option<Box<InstallationFacts>>) -> bool {
        let Some(found) = of else { return false };
        let row = &mut found.installation;
        let of_extension = found.extension.as_mut();
        let extension = |change: fn(&mut ExtensionStanding)| of_extension.into_iter().for_each(change);
        match self {
            Self::InstallationDisabled => row.life = Life::Disabled { since: ago(1) },
            Self::InstallationSuspended => {
                row.life = Life::Suspended { since: ago(1), disabled_since: None };
            }
            Self::InstallationRemoved => row.life = Life::Removed { at: ago(1) },
            Self::InstallationPast => row.epoch += 1,
            Self::ExtensionPast => extension(|of| of.epoch += 1),
            Self::ExtensionSuspended => extension(|of| of.suspended_at = Some(ago(1))),
            Self::ExtensionWithdrawn => extension(|of| of.state = ExtensionState::Withdrawn),
            Self::ContributorGone => extension(|of| of.contributor_stands = false),
            Self::ContextGone => found.context_stands = false,
            Self::ExtensionGone => found.extension = None,
            Self::InstallationGone => *of = None,
            Self::NotAMember => found.belongs = Belonging::Outside,
            // Left, and came back.
            Self::MemberAnew => found.belongs = Belonging::Since(ago(0)),
            Self::NobodyAsked => found.belongs = Belonging::NotAsked,
            _ => return false,
        }
        true
    }

    /// What the token endpoint says.
    pub fn code(self, path: &str) -> ErrorCode {
        match self {
            Self::TenantDisabled | Self::IssuerNotAllowed => ErrorCode::InvalidClient,
            _ if matches!(self.noun(), Noun::Client | Noun::ClientRow) => ErrorCode::InvalidClient,
            // RFC 8693, section 2.2.2.
            _ if path.ends_with("token-exchange") => ErrorCode::InvalidRequest,
            _ => ErrorCode::InvalidGrant,
        }
    }

    fn in_grants(self, facts: &mut Facts) -> bool {
        let of_ticket = facts.ticket.as_mut().and_then(|found| found.grant.as_mut());
        let grants: Vec<&mut GrantFacts> = facts.grant.iter_mut().chain(of_ticket).collect();
        let found = !grants.is_empty();
        let mut spoken = false;
        for of in grants {
            spoken |= self.in_grant(of);
        }
        if self == Self::GrantGone {
            facts.grant = None;
            facts.ticket.iter_mut().for_each(|ticket| ticket.grant = None);
            return found;
        }
        spoken
    }

    fn in_grant(self, of: &mut GrantFacts) -> bool {
        if matches!(self.noun(), Noun::Installation | Noun::Membership) {
            return self.in_installation(&mut of.installation);
        }
        match self {
            Self::TenantRowDisabled => of.tenant = Standing::Off(ago(1)),
            Self::TenantRowGone => of.tenant = Standing::Gone,
            Self::ClientRowDisabled => of.client = Standing::Off(ago(1)),
            Self::ClientRowGone => of.client = Standing::Gone,
            Self::UserDisabled => of.user.iter_mut().for_each(|user| user.disabled_at = Some(ago(1))),
            Self::UserLocked => of.user.iter_mut().for_each(|user| user.locked_at = Some(ago(1))),
            Self::UserRemoved => of.user = None,
            Self::UserValidFromLater => {
                let later = of.grant.created_at.plus_ms(1);
                of.user.iter_mut().for_each(|user| user.valid_from = Some(later));
            }
            Self::ConsentEnded => of.consent = Standing::Off(ago(1)),
            Self::ConsentGone => of.consent = Standing::Gone,
            Self::SessionEnded => of.session.iter_mut().for_each(|session| session.ended_at = Some(ago(1))),
            Self::SessionIdle => of.session.iter_mut().for_each(|session| session.used_at = ago(1800)),
            Self::SessionExpired => of.session.iter_mut().for_each(|session| session.expires_at = NOW),
            Self::SessionGone => of.session = None,
            Self::GrantEnded => of.grant.ended_at = Some(ago(1)),
            Self::GrantIdle => (of.grant.used_at, of.grant.idle_ms) = (ago(10), 10_000),
            Self::GrantExpired => of.grant.expires_at = NOW,
            Self::OfAnotherIssuer => of.grant.issuer = "iss-other".into(),
            Self::TenantDisabled | Self::IssuerNotAllowed | Self::ClientDisabled | Self::ClientRemoved => {
                return false;
            }
            Self::GrantGone | Self::TicketConsumed | Self::TicketExpired | Self::TicketGone => return false,
            Self::InstallationDisabled
            | Self::InstallationSuspended
            | Self::InstallationRemoved
            | Self::InstallationGone
            | Self::InstallationPast
            | Self::ExtensionGone
            | Self::ExtensionSuspended
            | Self::ExtensionPast
            | Self::ExtensionWithdrawn
            | Self::ContributorGone
            | Self::ContextGone
            | Self::NotAMember
            | Self::MemberAnew
            | Self::NobodyAsked => return false,
        }
        true
    }

    /// The tenant of the directory, and the client that was named.
    fn in_client(self, facts: &mut Facts) -> bool {
        if self == Self::TenantDisabled {
            Arc::make_mut(&mut facts.tenant).disabled_at = Some(ago(1));
            return true;
        }
        let Some(client) = &mut facts.client else { return false };
        match self {
            Self::IssuerNotAllowed => Arc::make_mut(client).client.issuers = ["iss-other".into()].into(),
            Self::ClientDisabled => Arc::make_mut(client).client.disabled_at = Some(ago(1)),
            Self::ClientRemoved => facts.client = None,
            _ => return false,
        }
        true
    }

    /// The browser's session, and the consent that is looked for with it.
    fn in_session(self, facts: &mut Facts) -> bool {
        let of_token = self.in_session_of(facts);
        let of_browser = self.in_browser(facts);
        let of_person = self.in_person(facts);
        of_token || of_browser || of_person
    }

    /// The session that a token speaks of.
    fn in_session_of(self, facts: &mut Facts) -> bool {
        let Some(session) = &mut facts.session_of else { return false };
        match self {
            Self::SessionEnded => session.ended_at = Some(ago(1)),
            Self::SessionIdle => session.used_at = ago(1800),
            Self::SessionExpired => session.expires_at = NOW,
            Self::SessionGone => facts.session_of = None,
            _ => return false,
        }
        true
    }

    /// The person that is named.
    fn in_person(self, facts: &mut Facts) -> bool {
        let Some(user) = facts.user.as_mut().map(|found| &mut found.user) else { return false };
        match self {
            Self::UserDisabled => user.disabled_at = Some(ago(1)),
            Self::UserLocked => user.locked_at = Some(ago(1)),
            Self::UserRemoved => facts.user = None,
            Self::UserValidFromLater => user.valid_from = Some(NOW.plus_ms(1)),
            _ => return false,
        }
        true
    }

    fn in_browser(self, facts: &mut Facts) -> bool {
        match (self, &mut facts.consent) {
            (Self::ConsentEnded, Some(consent)) => consent.ended_at = Some(ago(1)),
            (Self::ConsentGone, Some(_)) => facts.consent = None,
            _ => {
                let Some(found) = &mut facts.session else { return false };
                if self == Self::SessionGone {
                    facts.session = None;
                    return true;
                }
                return self.in_found_session(found);
            }
        }
        true
    }

    fn in_found_session(self, found: &mut SessionFacts) -> bool {
        let session = &mut found.session;
        match self {
            Self::TenantRowDisabled => found.tenant_disabled_at = Some(ago(1)),
            Self::UserDisabled => found.user.iter_mut().for_each(|user| user.disabled_at = Some(ago(1))),
            Self::UserLocked => found.user.iter_mut().for_each(|user| user.locked_at = Some(ago(1))),
            Self::UserRemoved => found.user = None,
            Self::UserValidFromLater => {
                let later = session.auth_time.plus_ms(1);
                found.user.iter_mut().for_each(|user| user.valid_from = Some(later));
            }
            Self::SessionEnded => session.ended_at = Some(ago(1)),
            Self::SessionIdle => session.used_at = ago(1800),
            Self::SessionExpired => session.expires_at = NOW,
            _ => return false,
        }
        true
    }

    fn in_ticket(self, facts: &mut Facts) -> bool {
        let Some(found) = &mut facts.ticket else { return false };
        if self == Self::TicketGone {
            facts.ticket = None;
            return true;
        }
        self.in_found_ticket(found)
    }

    fn in_found_ticket(self, found: &mut TicketFacts) -> bool {
        let is_own = found.ticket.grant.is_none();
        match self {
            Self::TenantRowDisabled if is_own => found.tenant_disabled_at = Some(ago(1)),
            Self::ClientRowDisabled if is_own => found.client = Some(Standing::Off(ago(1))),
            Self::ClientRowGone if is_own => found.client = Some(Standing::Gone),
            Self::TicketConsumed => found.ticket.consumed_at = Some(ago(1)),
            Self::TicketExpired => found.ticket.expires_at = NOW,
            _ => return false,
        }
        true
    }
}
