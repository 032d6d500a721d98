//! Whoever is signed in administers by what their roles say, without a token: no application stands between them and the server, so
//! nothing narrows that. Who administers anything has shown in this session what administrators show.

use super::{Access, Area, Rights, SERVER};
use crate::id::TenantId;
use crate::login::account::look;
use crate::login::acr::Class;
use crate::login::second_factor::is_required;
use crate::model::{Api, User};
use crate::needs::SessionHandle;
use crate::permission::Permissions;
use crate::{Ctx, Decision, Facts, Needs};

/// Somebody at the pages of extensions.
#[derive(Clone, PartialEq, Debug)]
pub struct Visitor {
    /// Who.
    pub user: User,
    /// What they may do.
    pub rights: Rights,
    /// What they have to show before they may do it: until then they may do nothing.
    pub lacks: Option<Lacks>,
}

/// What somebody who administers has not shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lacks {
    /// A code of the second factor that they have.
    Code,
    /// A second factor: they must have one, and have none.
    Factor,
}

/// What must be loaded.
pub fn needs(session: Option<SessionHandle>) -> Needs {
    Needs { session, factors: true, held: true, ..Needs::default() }
}

/// Who is there, and what of installations they may look at and change.
pub fn decide(facts: &Facts, ctx: &Ctx<'_>) -> Decision<Visitor> {
    let Decision { effects, answer } = look(facts, ctx);
    Decision { effects, answer: answer.map(|user| visitor(user, facts)) }
}

fn visitor(user: User, facts: &Facts) -> Visitor {
    let tenant = &facts.tenant.id;
    let permissions = facts.permissions(&user);
    let rights = rights(tenant, permissions.clone(), &facts.apis);
    let administers = rights.allow_somewhere(tenant, Area::Installations, Access::Read).is_ok();
    match lacks(&user, facts).filter(|_| administers) {
        None => Visitor { user, rights, lacks: None },
        lacks => Visitor { user, rights: Rights::of(tenant, []).of_person(permissions), lacks },
    }
}

/// What somebody may administer whose permissions no application narrows.
pub fn rights(tenant: &TenantId, permissions: Permissions, apis: &[Api]) -> Rights {
    let every = Area::ALL.iter().flat_map(|area| [area.scope(Access::Read), area.scope(Access::Write)]);
    let held = every.chain([SERVER]).filter(|scope| permissions.may_grant(scope, apis));
    let held: Vec<String> = held.map(str::to_owned).collect();
    Rights::of(tenant, held).of_person(permissions)
}

/// What an administrator has not shown in this session.
fn lacks(user: &User, facts: &Facts) -> Option<Lacks> {
    let shown = facts.session.as_ref().map(|found| Class::of(&found.session.factors));
    if shown.is_some_and(|shown| shown >= Class::Mfa) {
        return None;
    }
    if facts.factors.is_there() {
        return Some(Lacks::Code);
    }
    is_required(facts, user).then_some(Lacks::Factor)
}
