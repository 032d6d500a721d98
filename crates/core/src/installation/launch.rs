//! Opening an installation: its extension's launch address, filled, with a key that is exchanged once for tokens of whoever opened it.

use doorward_crypto::secret::SecretString;
use doorward_wire::scope::Scopes;

use super::opening::{self, Open};
use super::template;
use crate::grant::lifetime;
use crate::id::{InstallationId, UserId};
use crate::model::{EventKind, TicketKind};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason};

pub use super::opening::Who;

/// Somebody opens an installation.
#[derive(Clone, Debug)]
pub struct Launch {
    /// Which.
    pub installation: InstallationId,
    /// Who.
    pub who: Who,
    /// What they said to being acted for, where they were asked.
    pub allowed: Option<bool>,
}

/// What comes of it.
#[derive(Debug)]
pub enum Opened {
    /// The address to go to.
    At(Box<Opening>),
    /// The person must be asked first, whether it may act for them.
    Ask {
        /// What it asks for.
        scopes: Scopes,
    },
}

/// An extension that is opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Its address, with all that it asks to be told.
    pub url: String,
    /// Who opened it.
    pub user: UserId,
    /// The key, where its address asks for one.
    pub key: Option<SecretString>,
}

impl Launch {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        opening::needs(&self.installation, &self.who)
    }

    /// Decide.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Opened> {
        let open = match Open::of(&self.who, facts, ctx) {
            Ok(open) => open,
            Err((reason, effects)) => return Decision::refuse_with(effects, reason),
        };
        let Some(address) = &open.extension.manifest.launch_url else {
            return Decision::refuse(Reason::LaunchNowhere);
        };
        let names = template::names(address);
        let asks_for_key =
            [template::USER_ID, template::RETRIEVAL_KEY].iter().all(|name| names.contains(name));
        if !asks_for_key {
            let event = open.event(EventKind::Launched, ctx);
            return Decision::with(vec![Effect::Record(event)], at(address, &open, None, facts));
        }
        match self.allowed {
            Some(false) => {
                let event = open.event(EventKind::ConsentDenied, ctx).reason(Reason::AccessDenied);
                return Decision::refuse_with(vec![Effect::Record(event)], Reason::AccessDenied);
            }
            None if open.asks(facts) => {
                return match self.who {
                    Who::Session(_) => Decision::answer(Opened::Ask { scopes: open.scopes() }),
                    // Nobody is there who could be asked.
                    Who::Person { .. } => Decision::refuse(Reason::ConsentRequired),
                };
            }
            Some(true) | None => {}
        }
        self.with_key(address, &open, facts, ctx)
    }

    fn with_key(&self, address: &str, open: &Open<'_>, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Opened> {
        let offline = lifetime::is_offline(&open.scopes(), open.client);
        let (effects, secret) =
            open.begin(TicketKind::RetrievalKey, EventKind::Launched, (offline, KEY_S), facts, ctx);
        Decision::with(effects, at(address, open, Some(secret), facts))
    }
}

/// The address, filled.
fn at(address: &str, open: &Open<'_>, key: Option<SecretString>, facts: &Facts) -> Opened {
    let installation = &open.found.installation;
    let name = facts.policies.names;
    let (user, written) = (name(open.user.id.as_str()), name(installation.id.as_str()));
    let mut values = template::values(&written, installation, open.extension);
    values.push((template::USER_ID, &user));
    values.extend(key.as_ref().map(|key| (template::RETRIEVAL_KEY, key.expose().as_str())));
    let url = template::fill(address, &values);
    Opened::At(Box::new(Opening { url, user: open.user.id.clone(), key }))
}

/// Seconds in which a key can be exchanged.
pub const KEY_S: i64 = 60;
