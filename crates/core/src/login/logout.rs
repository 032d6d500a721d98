//! Sign-out: from our own pages, and at a client's wish (OpenID Connect RP-Initiated Logout 1.0).

use doorward_wire::params::Params;

use crate::authorize::hint;
use crate::model::{Actor, Client, Event, EventKind};
use crate::needs::SessionHandle;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal};

/// A sign-out.
#[derive(Clone, Debug)]
pub struct LogoutRequest {
    /// `id_token_hint`, `client_id`, `post_logout_redirect_uri`, `state`, `logout_hint`, `ui_locales`.
    pub params: Params,
    /// The session cookie that came with it.
    pub session: Option<SessionHandle>,
    /// Whether the person confirmed it on our page.
    pub confirmed: bool,
}

/// What a sign-out leads to.
#[derive(Clone, PartialEq, Debug)]
pub enum LoggedOut {
    /// The person is asked first: nothing shows that they want it.
    Confirm {
        /// The client that asks, when it is known.
        client_name: Option<String>,
    },
    /// Back to the client.
    Return {
        /// A registered URI with `state` added.
        uri: String,
    },
    /// A page that says so.
    Page {
        /// The client that asked, when it is known.
        client_name: Option<String>,
    },
}

impl LogoutRequest {
    /// What must be loaded. A hint names the client when the request does not.
    pub fn needs(&self, facts: &Facts) -> Needs {
        let named = self.params.get("client_id").map(str::to_owned);
        let client =
            named.or_else(|| self.hint(facts).and_then(|claims| claims.aud.iter().next().map(str::to_owned)));
        Needs { session: self.session, client: client.map(Into::into), ..Needs::default() }
    }

    /// Decide.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<LoggedOut> {
        let (client, uri) = match self.check(facts) {
            Ok(checked) => checked,
            Err(refusal) => return Decision::refuse(refusal),
        };
        let client_name = client.map(|client| client.name.clone());
        let session =
            facts.session.as_ref().map(|found| &found.session).filter(|session| session.ended_at.is_none());
        let hinted = self.hint(facts);
        let is_theirs = session.zip(hinted.as_ref()).is_some_and(|(session, claims)| {
            claims.sub == session.user.as_str()
                && claims.sid.as_deref() == Some(session.id.to_string().as_str())
        });
        if session.is_some() && !is_theirs && !self.confirmed {
            return Decision::answer(LoggedOut::Confirm { client_name });
        }
        let mut effects = Vec::new();
        if let Some(session) = session {
            let event =
                Event::new(EventKind::SessionEnded, &facts.tenant.id, Actor::User(session.user.clone()), ctx)
                    .user(&session.user)
                    .data(serde_json::json!({ "session": session.id.to_string(), "by": "logout" }));
            effects.push(Effect::EndSession { tenant: session.tenant.clone(), id: session.id, now: ctx.now });
            effects.push(Effect::Record(event));
        }
        let answer = match uri {
            Some(uri) => LoggedOut::Return { uri },
            None => LoggedOut::Page { client_name },
        };
        Decision::with(effects, answer)
    }

    /// The client, and where the browser goes: only to a URI that it registered, exactly (section 3). A hint that is no ID token of
    /// ours, or of another client than `client_id`, is refused.
    fn check<'a>(&self, facts: &'a Facts) -> Result<(Option<&'a Client>, Option<String>), Refusal> {
        let hinted = self.hint(facts);
        if self.params.get("id_token_hint").is_some() && hinted.is_none() {
            return Err(Reason::LogoutHint.into());
        }
        if let (Some(named), Some(claims)) = (self.params.get("client_id"), &hinted)
            && !claims.aud.contains(named)
        {
            return Err(Reason::LogoutHint.into());
        }
        let client = facts
            .client
            .as_ref()
            .map(|found| &found.client)
            .filter(|client| client.disabled_at.is_none() && facts.may_use_issuer(client));
        let Some(asked) = self.params.get("post_logout_redirect_uri") else { return Ok((client, None)) };
        if hinted.is_none() && self.params.get("client_id").is_none() {
            return Err(Reason::LogoutClient.into());
        }
        let registered = client
            .and_then(|client| {
                client.post_logout_redirect_uris.iter().find(|registered| registered.matches_exactly(asked))
            })
            .ok_or(Reason::LogoutRedirect)?;
        let state: Vec<(&str, &str)> =
            self.params.get("state").map(|state| ("state", state)).into_iter().collect();
        Ok((client, Some(registered.with_params(asked, &state))))
    }

    fn hint(&self, facts: &Facts) -> Option<crate::token::claims::IdClaims> {
        self.params.get("id_token_hint").and_then(|hint| hint::read(hint, facts))
    }
}
