//! The platform's backend acts for a person who signs in elsewhere: it opens an extension for them, or makes what a page that shows one
//! hands to it: a session token, a ticket that signs the frame in. What comes of it names who did it. A person's own token does the same for
//! them alone, and what comes of it ends with the session that the token ends with.

use doorward_core::admin::{Access, Area};
use doorward_core::id::{InstallationId, IssuerId, TenantId, UserId};
use doorward_core::installation::frame::MakeTicket;
use doorward_core::installation::launch::{Launch, Opened, Opening};
use doorward_core::installation::opening::Who;
use doorward_core::installation::session_token::SessionTokenRequest;
use doorward_core::model::Actor;
use doorward_core::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal};
use doorward_crypto::random::SystemRandom;
use doorward_crypto::secret::SecretString;
use doorward_store::{CommitError, Fault};

use super::{Manage, Trouble};
use crate::sign::signed;

/// For whom something is done, and where.
#[derive(Clone, Debug)]
pub struct ActFor {
    /// Whose tenant.
    pub tenant: TenantId,
    /// In which installation.
    pub installation: InstallationId,
    /// For whom.
    pub user: UserId,
    /// At which issuer; the tenant's first that works where none is named.
    pub issuer: Option<IssuerId>,
}

impl Manage {
    /// Opens an extension for a person: its address, with a key that works once. `also` is committed with it.
    pub async fn open_for(
        &self,
        act: &ActFor,
        also: &(dyn Fn(&Opening) -> Vec<Effect> + Sync),
    ) -> Result<Opening, Trouble> {
        let launch = Launch { installation: act.installation.clone(), who: self.who(act), allowed: None };
        let opened = self
            .acted(
                act,
                launch.needs(),
                &|facts, ctx| launch.decide(facts, ctx),
                &|opened| match opened {
                    Opened::At(opening) => Ok(Some(*opening)),
                    Opened::Ask { .. } => Ok(None),
                },
                &|opened| opened.as_ref().map(also).unwrap_or_default(),
            )
            .await?;
        opened.ok_or_else(|| told(&Reason::ConsentRequired.into()))
    }

    /// Makes a session token for a person: the token, and what it says its session is. `also` is committed with it.
    pub async fn session_token_for(
        &self,
        act: &ActFor,
        session: Option<String>,
        also: &(dyn Fn(&(String, String)) -> Vec<Effect> + Sync),
    ) -> Result<(String, String), Trouble> {
        let who = self.who(act);
        let request = SessionTokenRequest { installation: act.installation.clone(), who, session };
        let directory = self.store().directory();
        let unknown = || Trouble::Unknown { noun: "tenant", name: act.tenant.0.clone() };
        let entry = directory.tenant(&act.tenant).ok_or_else(unknown)?;
        self.acted(
            act,
            request.needs(),
            &|facts, ctx| request.decide(facts, ctx),
            &|made| Ok((signed(&made.token, entry)?, made.sid)),
            also,
        )
        .await
    }

    /// Makes a ticket by which a frame is signed in as a person, once. `also` is committed with it.
    pub async fn sign_in_ticket_for(
        &self,
        act: &ActFor,
        also: &(dyn Fn(&SecretString) -> Vec<Effect> + Sync),
    ) -> Result<SecretString, Trouble> {
        let request = MakeTicket { installation: act.installation.clone(), who: self.who(act) };
        self.acted(act, request.needs(), &|facts, ctx| request.decide(facts, ctx), &Ok, also).await
    }

    fn who(&self, act: &ActFor) -> Who {
        let session = self.by().session.filter(|_| self.is_oneself(act));
        Who::Person { user: act.user.clone(), by: self.by().actor.clone(), session }
    }

    fn is_oneself(&self, act: &ActFor) -> bool {
        self.by().actor == Actor::User(act.user.clone())
    }

    /// Whoever acts for people does so for all of the tenant's, and holds all that this one does: they could do it as that person. For
    /// oneself it is enough to administer the installation.
    async fn acted<T, U>(
        &self,
        act: &ActFor,
        needs: Needs,
        decide: &(dyn Fn(&Facts, &mut Ctx<'_>) -> Decision<T> + Sync),
        prepare: &(dyn Fn(T) -> Result<U, Fault> + Sync),
        also: &(dyn Fn(&U) -> Vec<Effect> + Sync),
    ) -> Result<U, Trouble> {
        if self.is_oneself(act) {
            self.installation(&act.tenant, &act.installation, Access::Write).await?;
        } else {
            self.allow(&act.tenant, Area::Installations, Access::Write)?;
            self.may_touch(&act.tenant, &act.user).await?;
        }
        let base = self.facts_at(&act.tenant, act.issuer.as_ref())?;
        for _ in 0..ATTEMPTS {
            let facts = self.store().load(base.clone(), &needs).await?;
            let decision = {
                let mut rng = SystemRandom;
                decide(&facts, &mut self.ctx(&mut rng))
            };
            let answer = match decision.answer {
                Ok(answer) => Ok(prepare(answer)?),
                Err(refusal) => Err(refusal),
            };
            let mut effects = decision.effects;
            effects.extend(answer.as_ref().map(also).unwrap_or_default());
            match self.write(effects).await {
                Ok(()) => return answer.map_err(|refusal| told(&refusal)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Trouble::Conflict)
    }

    async fn write(&self, effects: Vec<Effect>) -> Result<(), CommitError> {
        if effects.is_empty() { Ok(()) } else { self.store().commit(effects).await }
    }
}

/// A refusal as administrators read it.
fn told(refusal: &Refusal) -> Trouble {
    match refusal.reason {
        Reason::ObjectUnknown => {
            Trouble::Refused("the extension is not installed in anything that the person belongs to")
        }
        Reason::ConsentRequired => {
            Trouble::Refused("the person has to be asked first, by opening the extension themselves")
        }
        reason => Trouble::Refused(reason.description()),
    }
}

const ATTEMPTS: usize = 3;
