//! The guard: which tokens are good, and what is said of those that are not.

use std::sync::Arc;

use doorward_wire::bearer::{self, BEARER, BadBearer};
use doorward_wire::challenge::Challenge;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use crate::builder::Builder;
use crate::clock::Clock;
use crate::demand::Demand;
use crate::introspection::Introspector;
use crate::jwt::Verifier;
use crate::layer::GuardLayer;
use crate::refusal::{Reason, Refusal};
use crate::token::Token;

/// What stands in front of an API. Clones share what is kept.
#[derive(Clone)]
pub struct Guard(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// None where JWTs are asked about, or not taken.
    pub(crate) verifier: Option<Verifier>,
    /// None where only JWTs are taken.
    pub(crate) introspector: Option<Introspector>,
    pub(crate) resource_metadata: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Guard {
    /// In front of the API with that audience, whose tokens are that issuer's. Both are compared byte for byte.
    pub fn of(issuer: &str, audience: &str) -> Builder {
        Builder::new(issuer, audience)
    }

    /// A layer that lets through who has a good token, whatever it allows; [`GuardLayer::scope`] and its like ask for more.
    pub fn layer(&self) -> GuardLayer {
        GuardLayer::new(self.clone(), Demand::default())
    }

    /// The token of a request, if that may pass: for those who have no tower.
    pub async fn check(&self, headers: &HeaderMap, demand: &Demand) -> Result<Token, Refusal> {
        let token = self.token(presented(headers)?).await?;
        demand.judge(&token, self.0.clock.now().seconds())?;
        Ok(token)
    }

    async fn token(&self, text: &str) -> Result<Token, Refusal> {
        let Inner { verifier, introspector, clock, .. } = self.0.as_ref();
        let is_jwt = text.bytes().filter(|byte| *byte == b'.').count() == 2;
        match introspector.as_ref().filter(|introspector| !is_jwt || introspector.jwts) {
            Some(introspector) => introspector.ask(text, clock.as_ref()).await,
            None => match verifier.as_ref().filter(|_| is_jwt) {
                Some(verifier) => verifier.verify(text, clock.now()).await,
                None => Err(Reason::Kind.into()),
            },
        }
    }

    /// What `WWW-Authenticate` says of a refusal; nothing where that is no matter of tokens.
    pub fn challenge(&self, refusal: Refusal, demand: &Demand) -> Option<HeaderValue> {
        if refusal == Refusal::Unavailable {
            return None;
        }
        let is_step_up = refusal == Refusal::SignIn;
        let description = refusal.to_string();
        let challenge = Challenge {
            error: refusal.code(),
            error_description: Some(description.as_str()).filter(|_| refusal != Refusal::NoToken),
            scope: Some(demand.scope()).filter(|_| refusal == Refusal::Scope),
            acr_values: demand.acr_values.as_deref().filter(|_| is_step_up),
            max_age: demand.max_age.filter(|_| is_step_up),
            resource_metadata: self.0.resource_metadata.as_deref(),
        };
        HeaderValue::try_from(challenge.under(BEARER)).ok()
    }
}

/// The token of a request (RFC 6750, section 2.1). It comes in one header, once: addresses are logged, and whoever sends two means two things.
fn presented(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (sent.next(), sent.next()) else {
        return Err(if headers.contains_key(AUTHORIZATION) { Refusal::Request } else { Refusal::NoToken });
    };
    let header = header.to_str().map_err(|_| Refusal::Request)?;
    bearer::parse(header, BEARER).map_err(|bad| match bad {
        BadBearer::Character | BadBearer::TooLong => Refusal::Request,
        BadBearer::Scheme => Refusal::NoToken,
    })
}
