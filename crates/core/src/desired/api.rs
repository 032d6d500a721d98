//! An API as it is desired.

use serde::{Deserialize, Serialize};

use super::problem::{At, Problems, range};
use super::{is_default, since, switch};
use crate::Timestamp;
use crate::admin::{RESERVED_API, is_scope};
use crate::guard::is_method;
use crate::id::{ApiId, TenantId};
use crate::login::acr::Class;
use crate::model::{Api, ApiScope, Guarding, PermissionClaims, RouteRule, TokenFormat};
use crate::permission::is_openid_scope;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_wire::resource::Resource;
use doorward_wire::route;
use doorward_wire::scope::Scopes;
use doorward_wire::text::{DisplayName, Locale};

/// An API of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSpec {
    /// Its audience: an absolute URI without a fragment (RFC 8707).
    pub id: ApiId,
    /// Its name, shown on the consent page. Absent: as it is, the id at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its scopes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scopes: Vec<ApiScope>,
    /// What its access tokens are: `jwt` or `opaque`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub token_format: TokenFormat,
    /// What signs its JWTs.
    #[serde(default = "es256", skip_serializing_if = "is_es256")]
    pub signing_algorithm: String,
    /// Seconds its access tokens live; the client's setting when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_s: Option<i64>,
    /// How it is told what a person may do.
    #[serde(default, skip_serializing_if = "is_default")]
    pub permissions: PermissionClaims,
    /// What the guard asks of requests to it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub guard: Guarding,
    /// No token is issued for it. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

impl ApiSpec {
    /// The API as it is.
    pub(super) fn of(api: &Api) -> Self {
        Self {
            id: api.id.clone(),
            name: Some(api.name.clone()),
            scopes: api.scopes.clone(),
            token_format: api.token_format,
            signing_algorithm: api.signing_algorithm.clone(),
            access_token_s: api.access_token_s,
            permissions: api.permissions.clone(),
            guard: api.guard.clone(),
            disabled: switch(None, api.disabled_at.is_some()),
        }
    }

    /// Its id in the form that is stored.
    pub(super) fn id(&self) -> ApiId {
        Resource::parse(self.id.as_str())
            .map_or_else(|_| self.id.clone(), |resource| ApiId(resource.as_str().to_owned()))
    }

    /// With what is left to defaults, or to what is there, filled in, and its id in the form that is stored.
    pub(super) fn filled(&self, before: Option<&Api>) -> Self {
        let id = self.id();
        let stored = || before.map_or_else(|| id.0.clone(), |api| api.name.clone());
        Self {
            name: Some(self.name.clone().unwrap_or_else(stored)),
            disabled: switch(self.disabled, before.is_some_and(|api| api.disabled_at.is_some())),
            id,
            ..self.clone()
        }
    }

    /// Its row.
    pub(super) fn onto(&self, tenant: &TenantId, before: Option<&Api>, now: Timestamp) -> Api {
        Api {
            tenant: tenant.clone(),
            id: self.id.clone(),
            name: self.name.clone().unwrap_or_else(|| self.id.0.clone()),
            scopes: self.scopes.clone(),
            token_format: self.token_format,
            signing_algorithm: self.signing_algorithm.clone(),
            access_token_s: self.access_token_s,
            permissions: self.permissions.clone(),
            guard: self.guard.clone(),
            disabled_at: since(before.and_then(|api| api.disabled_at), self.disabled, now),
            version: before.map_or(0, |api| api.version),
            created_at: before.map_or(now, |api| api.created_at),
        }
    }

    pub(super) fn check(&self, at: &At, problems: &mut Problems) {
        if let Err(error) = Resource::parse(self.id.as_str()) {
            problems
                .add(&at.field("id"), error.to_string().replace("a resource indicator", "the id of an API"));
        }
        problems.expect(
            !self.id.as_str().starts_with(RESERVED_API),
            &at.field("id"),
            "ids that begin with urn:doorward: belong to the server",
        );
        if let Some(name) = self.name.as_ref().filter(|name| **name != self.id.0) {
            problems.take(&at.field("name"), DisplayName::parse(name));
        }
        check_signing(&self.signing_algorithm, &at.field("signing_algorithm"), problems);
        if let Some(seconds) = self.access_token_s {
            range(problems, at, "access_token_s", seconds, 30..=86_400);
        }
        for (index, scope) in self.scopes.iter().enumerate() {
            let at = at.item("scopes", index);
            match Scopes::from_words([scope.name.as_str()]) {
                Err(error) => problems.add(&at.field("name"), error.to_string()),
                Ok(_) => problems.expect(
                    !is_openid_scope(&scope.name),
                    &at.field("name"),
                    "this scope belongs to OpenID Connect, not to an API",
                ),
            }
            problems.expect(
                !is_scope(&scope.name),
                &at.field("name"),
                "scopes that begin with admin: belong to the API of administration",
            );
            let repeated = self.scopes[..index].iter().any(|other| other.name == scope.name);
            problems.expect(!repeated, &at.field("name"), "this scope is listed twice");
            let texts = std::iter::once(&scope.description).chain(scope.descriptions.values());
            for text in texts.filter(|text| !text.is_empty()) {
                problems.take(&at.field("description"), DisplayName::parse(text));
            }
            for language in scope.descriptions.keys() {
                problems.take(&at.item("descriptions", language), Locale::parse(language));
            }
        }
        for (index, rule) in self.guard.routes.iter().enumerate() {
            self.check_route(rule, &at.field("guard").item("routes", index), problems);
        }
    }

    fn check_route(&self, rule: &RouteRule, at: &At, problems: &mut Problems) {
        problems.take(&at.field("path"), route::check_pattern(&rule.path));
        for (index, method) in rule.methods.iter().enumerate() {
            let what = "must be a method in capital letters";
            problems.expect(is_method(method), &at.item("methods", index), what);
        }
        for (index, name) in rule.scopes.iter().enumerate() {
            let is_known = self.scopes.iter().any(|scope| scope.name == *name);
            problems.expect(is_known, &at.item("scopes", index), "this is no scope of the API");
        }
        let is_class = |acr: &String| Class::parse(acr).is_some();
        let classes = || Class::ALL.map(Class::as_str).join(", ");
        if !rule.acr.as_ref().is_none_or(is_class) {
            problems.add(&at.field("acr"), format!("must be one of {}", classes()));
        }
        if let Some(seconds) = rule.max_age {
            range(problems, at, "max_age", seconds, 1..=31_536_000);
        }
        let asks = !rule.scopes.is_empty() || rule.acr.is_some() || rule.max_age.is_some();
        problems.expect(!rule.open || !asks, &at.field("open"), "an open route asks for nothing else");
    }
}

/// An algorithm that this server signs with.
pub(super) fn check_signing(name: &str, at: &At, problems: &mut Problems) {
    if !Algorithm::SIGNING.iter().any(|algorithm| algorithm.as_str() == name) {
        let names: Vec<&str> = Algorithm::SIGNING.iter().map(|algorithm| algorithm.as_str()).collect();
        problems.add(at, format!("must be one of {}", names.join(", ")));
    }
}

fn es256() -> String {
    "ES256".to_owned()
}

fn is_es256(name: &str) -> bool {
    name == "ES256"
}
