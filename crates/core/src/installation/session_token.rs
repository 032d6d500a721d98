//! Session tokens of embedded pages: a signed JWT of a minute that says who looks at an extension in a frame, and where. The host page gets
//! one and renews it; the extension exchanges it, with its installation's secret, for a token that works at APIs.

use doorward_crypto::base64url;
use doorward_crypto::jose::verify::Unverified;
use doorward_wire::claims::Audience;
use doorward_wire::scope::Scopes;
use serde::{Deserialize, Serialize};

use super::opening::{self, Open, Who};
use crate::id::{ConsentId, ContextId, ExtensionId, InstallationId, SessionId, UserId};
use crate::model::EventKind;
use crate::permission::{Limits, effective};
use crate::policies::Mount;
use crate::token::claims::ActClaim;
use crate::token::issue::{UnsignedClaims, UnsignedJwt};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Timestamp};

/// A session token's claims.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SessionClaims {
    /// Issuer.
    pub iss: String,
    /// The person.
    pub sub: String,
    /// The extension, and what else its manifest names.
    pub aud: Audience,
    /// The session: the same as long as it lasts, also in ID tokens and logout tokens.
    pub sid: String,
    /// The session that it was asked for in, in the same words, where `sid` is what the platform calls one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_in: Option<String>,
    /// The extension.
    pub extension: ExtensionId,
    /// The installation.
    pub installation: InstallationId,
    /// The typed id of what it is installed in.
    pub context: ContextId,
    /// The variant that it is installed as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// What the extension may do there in the person's name, space separated.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// Who made it for the person, where they did not do it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<ActClaim>,
    /// What the person allowed the extension there: with that, the token ends.
    pub consent: ConsentId,
    /// How often the installation had been switched off: another number is a dead token.
    pub installation_epoch: i64,
    /// Seconds.
    pub exp: i64,
    /// Seconds.
    pub iat: i64,
    /// The same to the millisecond, as all is kept that ends what was before it: within a second, too, it is known what came first.
    pub made_at: Timestamp,
    /// Unique name of this token.
    pub jti: String,
}

/// A wish for a session token.
#[derive(Clone, Debug)]
pub struct SessionTokenRequest {
    /// Of which installation.
    pub installation: InstallationId,
    /// Who looks at it.
    pub who: Who,
    /// What the platform calls the session, where it makes the token for a person.
    pub session: Option<String>,
}

/// A session token, to be signed.
#[derive(Debug)]
pub struct SessionToken {
    /// The token.
    pub token: UnsignedJwt,
    /// What it says its session is.
    pub sid: String,
}

impl SessionTokenRequest {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { held: true, ..opening::needs(&self.installation, &self.who) }
    }

    /// Decide. Of the token nothing is stored: what it hangs on is asked when it is exchanged. The consent among that is given now, where
    /// installing was consent enough.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<SessionToken> {
        let open = match Open::of(&self.who, facts, ctx) {
            Ok(open) => open,
            Err((reason, effects)) => return Decision::refuse_with(effects, reason),
        };
        if open.asks(facts) {
            return Decision::refuse(Reason::ConsentRequired);
        }
        let mut effects = Vec::new();
        let consent = open.consent(facts, &mut effects, ctx);
        let sid = self.sid(&open, ctx);
        let ours = open.session.map(|session| session.id.to_string());
        let installation = &open.found.installation;
        let mut audience = vec![open.extension.id.0.clone()];
        audience.extend(open.extension.manifest.audiences.iter().cloned());
        let jti: [u8; 16] = ctx.bytes();
        let claims = SessionClaims {
            iss: facts.issuer.url.clone(),
            sub: open.user.id.0.clone(),
            aud: audience.into(),
            sid: sid.clone(),
            asked_in: ours.filter(|ours| *ours != sid),
            extension: open.extension.id.clone(),
            installation: installation.id.clone(),
            context: installation.context_id.clone(),
            variant: installation.variant.clone(),
            scope: may_do(&open, facts).to_string(),
            act: open.deputy().map(|sub| ActClaim { sub }),
            consent,
            installation_epoch: open.found.installed().epoch,
            exp: ctx.now.plus_s(LIFE_S).seconds(),
            iat: ctx.now.seconds(),
            made_at: ctx.now,
            jti: base64url::encode(&jti),
        };
        let written = &facts.policies.session_tokens;
        let token = UnsignedJwt {
            algorithm: written.algorithm,
            typ: TYP,
            claims: UnsignedClaims::Session(Box::new(claims), written.write),
        };
        // What a person does themselves is told by the exchange; what a token does in their name, here too.
        if let Who::Person { .. } = self.who {
            let event = open.event(EventKind::SessionTokenMade, ctx);
            effects.push(Effect::Record(event.data(serde_json::json!({ "sid": sid }))));
        }
        Decision::with(effects, SessionToken { token, sid })
    }

    /// The session's name: what the platform calls its own, or that of ours.
    fn sid(&self, open: &Open<'_>, ctx: &mut Ctx<'_>) -> String {
        match (&self.session, open.session) {
            (Some(named), _) => format!("{OF_PLATFORM}{named}"),
            (None, Some(session)) => session.id.to_string(),
            (None, None) => {
                let random: [u8; 16] = ctx.bytes();
                format!("{OF_PLATFORM}{}", base64url::encode(&random))
            }
        }
    }
}

/// What the extension may do there in the person's name now.
fn may_do(open: &Open<'_>, facts: &Facts) -> Scopes {
    let permissions = facts.permissions(open.user);
    let limits = Limits { permissions: Some(&permissions), ..Limits::of(open.client, &facts.apis) };
    effective(&open.scopes(), &limits).scopes
}

impl SessionClaims {
    /// The claims of a session token that was signed for this issuer; its times are not judged yet.
    pub fn read(token: &str, mount: &Mount<'_>) -> Option<Self> {
        let written = &mount.policies.session_tokens;
        let unverified = Unverified::parse(token).ok()?;
        if unverified.header().typ() != Some(TYP) {
            return None;
        }
        let key = mount.keys.verifying.get(unverified.header().kid()?)?;
        let payload = unverified.verify(key).ok()?;
        let claims = (written.read)(serde_json::from_slice(&payload).ok()?)?;
        (claims.iss == mount.issuer.url).then_some(claims)
    }

    /// The person.
    pub fn user(&self) -> UserId {
        UserId(self.sub.clone())
    }

    /// Our session; none where the platform made the token for a person who signs in elsewhere.
    pub fn session(&self) -> Option<SessionId> {
        self.asked_in.as_ref().unwrap_or(&self.sid).parse().ok().map(SessionId)
    }
}

/// The header's `typ`: no other token of ours passes for one.
pub const TYP: &str = "session+jwt";
/// Seconds that a session token lives.
pub const LIFE_S: i64 = 60;
/// What the names of sessions begin with that are not ours.
const OF_PLATFORM: &str = "platform:";
