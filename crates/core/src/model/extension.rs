//! An extension: what third parties make for the platform, with the manifest that says what it asks for and where it lives.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::Timestamp;
use crate::id::{ClientId, ContextId, ContextKey, ExtensionId, ExtensionKey, TenantId};
use doorward_wire::scope::Scopes;

/// An extension of a tenant. It is an OAuth client too: the one that has its id.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Extension {
    /// Whose extension.
    pub tenant: TenantId,
    /// What installations name: one removed and made anew has another, so that what was installed of it stays dead.
    pub key: ExtensionKey,
    /// Its id, unique in the tenant: that of its client.
    pub id: ExtensionId,
    /// Who makes it: a context with members and roles of its own; none: the tenant itself.
    #[serde(default)]
    pub contributor: Option<ContextId>,
    /// The key of that context.
    #[serde(default)]
    pub contributor_key: Option<ContextKey>,
    /// How far it has come.
    pub state: ExtensionState,
    /// The day (`YYYY-MM-DD`) after which nobody should rely on it, once it is deprecated.
    #[serde(default)]
    pub deprecated_on: Option<String>,
    /// What is in force.
    pub manifest: Manifest,
    /// Counts manifests that came into force, from 1.
    pub manifest_version: i64,
    /// What its contributor wishes to be in force, and the platform has not looked at yet.
    #[serde(default)]
    pub proposed: Option<Manifest>,
    /// Since when the platform has stopped it: nothing of it works, in no installation. May be cleared.
    pub suspended_at: Option<Timestamp>,
    /// Counts how often it was stopped: what was issued before stays dead.
    pub epoch: i64,
    /// Counts changes. 0 = not stored yet.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How far an extension has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtensionState {
    /// Being made: it is installed by its contributor's members only, and its manifest changes without review.
    #[default]
    Draft,
    /// The platform has looked at it; its manifest changes with a review from now on.
    Verified,
    /// Whoever may install something finds it.
    Published,
    /// What is installed goes on; nobody installs it any more.
    Deprecated,
    /// Nothing of it works any more. Final.
    Withdrawn,
}

/// What an extension says of itself.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manifest {
    /// Its name, shown to people.
    pub name: String,
    /// What it does, in a sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// What it does, at length: plain text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Name, summary and description in other languages, by language tag.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, ManifestText>,
    /// Its icon: an https address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// The scopes that it asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<RequestedScope>,
    /// Where the sign-in that names no redirect URI leads: one of its client's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// Where it is opened: a template with `:names`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_url: Option<String>,
    /// Where its events are sent: a template with `:names`; none: it pulls them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// In which words it is told of them.
    #[serde(skip_serializing_if = "WebhookFormat::is_standard")]
    pub webhook_format: WebhookFormat,
    /// Further audiences of its session tokens, beside its id: URIs that are no API's and no issuer's of
    /// the tenant, and no audience of another extension.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// Origins of the host pages that may show it, and our pages for it, in a frame.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frame_origins: Vec<String>,
    /// Kinds of contexts that it can be installed into (`tenant` is the tenant itself); all kinds when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context_kinds: Vec<String>,
    /// The variants that it can be installed as; the first is meant when none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Whether a member is asked before it acts in their name.
    #[serde(skip_serializing_if = "is_implicit")]
    pub consent: ConsentPolicy,
}

/// In which words an extension is told of its events: those of the contract that it was written for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// mittwald's lifecycle webhooks.
    Mittwald,
    /// Ours, signed as Standard Webhooks are.
    #[default]
    Standard,
}

impl WebhookFormat {
    /// Whether it is the one that need not be named.
    pub fn is_standard(&self) -> bool {
        *self == Self::Standard
    }
}

/// Texts of a manifest in one language.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ManifestText {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it does, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What it does, at length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A scope that an extension asks for, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestedScope {
    /// The scope.
    pub name: String,
    /// Why, shown to whoever installs it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The reason in other languages, by language tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
    /// Whether it may be refused when the extension is installed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// A variant of an extension.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its key.
    pub key: String,
    /// Its name, shown to people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// Whether a member is asked before an installed extension acts in their name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentPolicy {
    /// No: who installed it consented for all.
    #[default]
    Implicit,
    /// Each is asked once.
    Asked,
}

fn is_implicit(policy: &ConsentPolicy) -> bool {
    *policy == ConsentPolicy::Implicit
}

impl Extension {
    /// Its OAuth client.
    pub fn client(&self) -> ClientId {
        self.id.client()
    }

    /// The audiences that it holds: those of the manifest in force. What is proposed holds none.
    pub fn audiences(&self) -> BTreeSet<&str> {
        self.manifest.audiences.iter().map(String::as_str).collect()
    }
}

impl ExtensionState {
    /// Every state, in their order.
    pub const ALL: [Self; 5] =
        [Self::Draft, Self::Verified, Self::Published, Self::Deprecated, Self::Withdrawn];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Verified => "verified",
            Self::Published => "published",
            Self::Deprecated => "deprecated",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl Manifest {
    /// All scopes that it asks for.
    pub fn asks(&self) -> Scopes {
        Scopes::from_words(self.scopes.iter().map(|scope| scope.name.as_str())).unwrap_or_default()
    }

    /// Those that whoever installs it cannot refuse.
    pub fn insists_on(&self) -> Scopes {
        let needed = self.scopes.iter().filter(|scope| !scope.optional);
        Scopes::from_words(needed.map(|scope| scope.name.as_str())).unwrap_or_default()
    }

    /// Whether it can be installed into contexts of that kind.
    pub fn fits(&self, kind: &str) -> bool {
        self.context_kinds.is_empty() || self.context_kinds.iter().any(|fits| fits == kind)
    }

    /// The variant of that key; the first where none is named.
    pub fn variant(&self, key: Option<&str>) -> Option<&Variant> {
        match key {
            Some(key) => self.variants.iter().find(|variant| variant.key == key),
            None => self.variants.first(),
        }
    }
}
