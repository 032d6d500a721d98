//! What administrators do for a person: links to sign in or to choose a new password, ending sessions, and asking for a new password.

use super::forgot::RESET_S;
use super::link::{self, LinkData};
use super::second_factor::step::{Concluded, Pending, after_first, told_of_browser};
use crate::admin::Area;
use crate::id::UserId;
use crate::may_issue::user_stands;
use crate::model::session::Factor;
use crate::model::{Actor, Event, EventKind, TicketKind, User};
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};

/// What is done for a person.
#[derive(Clone, Debug)]
pub struct Help {
    /// For whom.
    pub user: UserId,
    /// What.
    pub act: Act,
}

/// One thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Sign them out everywhere: sessions and every application's grants.
    EndSessions,
    /// Make a link by which they choose a new password.
    ResetLink,
    /// Let them choose a new password at their next sign-in, before anything is opened.
    RequirePassword,
    /// Make a link that signs them in.
    SignInLink,
}

/// A sign-in by a link.
#[derive(Clone, Debug)]
pub struct SignInByLink {
    /// The link's secret.
    pub link: String,
    /// The session cookie that came with the form.
    pub session: Option<SessionHandle>,
    /// The browser's own description.
    pub user_agent: String,
}

impl Act {
    /// The areas of which one that may be written is enough for it.
    pub const fn areas(self) -> &'static [Area] {
        match self {
            Self::EndSessions => &[Area::Users, Area::Sessions],
            Self::ResetLink | Self::RequirePassword | Self::SignInLink => &[Area::Users],
        }
    }
}

impl Help {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { user: Some(self.user.clone()), factors: true, ..Needs::default() }
    }

    /// Decide: the address of the link, where one was made. It is shown once.
    pub fn decide(&self, actor: Actor, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Option<String>> {
        let Some(found) = facts.user.as_ref().filter(|found| found.user.id == self.user) else {
            return Decision::refuse(Reason::ObjectUnknown);
        };
        let user = &found.user;
        let mut effects = Vec::new();
        let (kind, answer, data) = match self.act {
            Act::EndSessions => {
                end_sessions(user, ctx, &mut effects);
                (EventKind::SessionEnded, None, serde_json::json!({ "all": true, "by": "administrator" }))
            }
            Act::RequirePassword => {
                effects.push(Effect::PutUser(User {
                    password_due_at: Some(ctx.now),
                    updated_at: ctx.now,
                    ..user.clone()
                }));
                (EventKind::PasswordRequired, None, serde_json::json!({}))
            }
            Act::ResetLink | Act::SignInLink => {
                if let Err(reason) = user_stands(Some(user), ctx.now.plus_ms(1)) {
                    return Decision::refuse(reason);
                }
                let (kind, path) = match self.act {
                    Act::SignInLink => (TicketKind::SignInLink, "sign-in/link"),
                    _ => (TicketKind::PasswordReset, "reset-password"),
                };
                let data = LinkData {
                    user: user.id.clone(),
                    made_at: ctx.now,
                    address: None,
                    before: None,
                    handed: Some(link::administered(facts)),
                };
                let (made, link) = link::mint(kind, &data, RESET_S, facts, ctx);
                effects.extend(made);
                let url = format!("{}/{path}?link={}", facts.issuer.url, link.expose());
                (EventKind::LinkMade, Some(url), serde_json::json!({ "kind": kind.as_str() }))
            }
        };
        let event = Event::new(kind, &facts.tenant.id, actor, ctx).user(&user.id).data(data);
        effects.push(Effect::Record(event));
        Decision::with(effects, answer)
    }
}

impl SignInByLink {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { session: self.session, factors: true, ..link::needs(TicketKind::SignInLink, &self.link) }
    }

    /// Decide: signed in, or a code is due. A link is no second factor.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Concluded> {
        let found = link::works(TicketKind::SignInLink, facts, ctx.now);
        let (Ok((works, _)), Some(found)) = (found, &facts.user) else {
            return link::refused(TicketKind::SignInLink, Reason::LinkSpent, facts, ctx);
        };
        let mut effects = vec![works.spend(ctx.now)];
        let pending = Pending {
            user: works.user.id.clone(),
            first: Factor { method: LINK.to_owned(), at: ctx.now },
            second: None,
            password: String::new(),
            remember: false,
        };
        let concluded = after_first(pending, found, &self.user_agent, facts, ctx, &mut effects);
        // Whoever was handed the link signs in as somebody: they hear of it.
        if let Concluded::SignedIn(_) = concluded {
            effects.extend(told_of_browser(works.user, &self.user_agent, facts, ctx));
        }
        Decision::with(effects, concluded)
    }
}

/// Every session and every grant from before is over.
fn end_sessions(user: &User, ctx: &Ctx<'_>, effects: &mut Vec<Effect>) {
    // An ending and nothing else: it commits on a full disk too.
    effects.push(Effect::EndBefore {
        tenant: user.tenant.clone(),
        user: user.id.clone(),
        version: user.version,
        valid_from: ctx.now.plus_ms(1),
        now: ctx.now,
    });
    effects.push(Effect::EndSessionsOf {
        tenant: user.tenant.clone(),
        user: user.id.clone(),
        except: None,
        now: ctx.now,
    });
}

/// The method of a sign-in by a link, in `amr`.
pub const LINK: &str = "link";
