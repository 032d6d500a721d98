//! `docs/manual/state-file.md`: every member of every object of a state file, from the documentation of the types that read it.

use std::collections::BTreeSet;

use doorward_core::desired::{
    ApiSpec, ClientSpec, ContextSpec, ExtensionSpec, InstallationSpec, IssuerSpec, MembershipSpec, RoleSpec,
    SecretSpec, State, TenantSpec, UserSpec,
};
use doorward_core::model::{ApiScope, Guarding, Lifetimes, PermissionClaims, RouteRule, TenantSettings};
use doorward_core::model::{MailSettings, MailText, SignUpSettings};
use doorward_core::model::{Manifest, ManifestText, RequestedScope, Variant};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::compare;
use super::source::{self, Member};

/// One kind of object.
struct Section {
    /// Its heading.
    title: &'static str,
    /// The type that reads it, and where that stands.
    of: &'static str,
    path: &'static str,
    /// The members that the type takes, as serde says it.
    taken: fn() -> BTreeSet<String>,
    /// Its defaults, for types that make all of them at once.
    defaults: fn() -> Value,
}

const SECTIONS: [Section; 25] = [
    section::<State>("Document", "State", "crates/core/src/desired/mod.rs", none),
    section::<TenantSpec>("Tenant", "TenantSpec", "crates/core/src/desired/tenant.rs", none),
    section::<TenantSettings>(
        "Settings",
        "TenantSettings",
        "crates/core/src/model/tenant.rs",
        default::<TenantSettings>,
    ),
    section::<MailSettings>(
        "Mails",
        "MailSettings",
        "crates/core/src/model/tenant.rs",
        default::<MailSettings>,
    ),
    section::<SignUpSettings>(
        "Sign-up",
        "SignUpSettings",
        "crates/core/src/model/tenant.rs",
        default::<SignUpSettings>,
    ),
    section::<MailText>("Text", "MailText", "crates/core/src/model/tenant.rs", default::<MailText>),
    section::<IssuerSpec>("Issuer", "IssuerSpec", "crates/core/src/desired/issuer.rs", none),
    section::<ApiSpec>("API", "ApiSpec", "crates/core/src/desired/api.rs", none),
    section::<ApiScope>("Scope", "ApiScope", "crates/core/src/model/api.rs", none),
    section::<PermissionClaims>(
        "Permissions",
        "PermissionClaims",
        "crates/core/src/model/api.rs",
        default::<PermissionClaims>,
    ),
    section::<Guarding>("Guard", "Guarding", "crates/core/src/model/guard.rs", default::<Guarding>),
    section::<RouteRule>("Route", "RouteRule", "crates/core/src/model/guard.rs", none),
    section::<RoleSpec>("Role", "RoleSpec", "crates/core/src/desired/role.rs", none),
    section::<ContextSpec>("Context", "ContextSpec", "crates/core/src/desired/context.rs", none),
    section::<ClientSpec>("Client", "ClientSpec", "crates/core/src/desired/client.rs", none),
    section::<Lifetimes>("Lifetimes", "Lifetimes", "crates/core/src/model/client.rs", default::<Lifetimes>),
    section::<SecretSpec>("Secret", "SecretSpec", "crates/core/src/desired/secret.rs", none),
    section::<UserSpec>("Person", "UserSpec", "crates/core/src/desired/user.rs", none),
    section::<MembershipSpec>("Membership", "MembershipSpec", "crates/core/src/desired/membership.rs", none),
    section::<ExtensionSpec>("Extension", "ExtensionSpec", "crates/core/src/desired/extension.rs", none),
    section::<Manifest>("Manifest", "Manifest", "crates/core/src/model/extension.rs", default::<Manifest>),
    section::<ManifestText>(
        "Manifest text",
        "ManifestText",
        "crates/core/src/model/extension.rs",
        default::<ManifestText>,
    ),
    section::<RequestedScope>(
        "Requested scope",
        "RequestedScope",
        "crates/core/src/model/extension.rs",
        none,
    ),
    section::<Variant>("Variant", "Variant", "crates/core/src/model/extension.rs", none),
    section::<InstallationSpec>(
        "Installation",
        "InstallationSpec",
        "crates/core/src/desired/installation.rs",
        none,
    ),
];

const fn section<T: DeserializeOwned>(
    title: &'static str,
    of: &'static str,
    path: &'static str,
    defaults: fn() -> Value,
) -> Section {
    Section { title, of, path, taken: taken::<T>, defaults }
}

#[test]
fn the_manual_has_every_member_of_a_state_file() {
    let mut text = String::new();
    for section in SECTIONS {
        let members = source::members(section.path, section.of);
        let named: BTreeSet<String> = members.iter().map(|member| member.name.clone()).collect();
        assert_eq!(named, (section.taken)(), "members of {}", section.of);
        text.push_str(&format!(
            "\n### {}\n\n| member | value | default | |\n|---|---|---|---|\n",
            section.title
        ));
        for member in &members {
            assert!(!member.doc.is_empty(), "{}.{} says nothing", section.of, member.name);
            text.push_str(&format!(
                "| `{}` | {} | {} | {} |\n",
                member.name,
                value(&member.of),
                default_of(member, &section),
                member.doc.replace('|', "\\|")
            ));
        }
    }
    compare("state-file.md", "members", &text);
}

/// The members that a type takes: what it says of one that it does not know.
fn taken<T: DeserializeOwned>() -> BTreeSet<String> {
    let error =
        serde_json::from_str::<T>(r#"{"?": 0}"#).err().expect("it refuses what it does not know").to_string();
    let (_, names) = error.split_once("expected").expect("it says what it takes");
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A type in words; what has members of its own is a link.
fn value(of: &str) -> String {
    if let Some(inner) = of.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>')) {
        return value(inner);
    }
    for list in ["Vec<", "BTreeSet<"] {
        if let Some(inner) = of.strip_prefix(list).and_then(|rest| rest.strip_suffix('>')) {
            return format!("list: {}", value(inner));
        }
    }
    if let Some(inner) = of.strip_prefix("BTreeMap<").and_then(|rest| rest.strip_suffix('>')) {
        let (_, inner) = inner.split_once(", ").expect("a map has keys and values");
        return format!("map to {}", value(inner));
    }
    if let Some(section) = SECTIONS.iter().find(|section| section.of == of) {
        let title = section.title.to_lowercase();
        return format!("[{title}](#{})", title.replace(' ', "-"));
    }
    match of {
        "bool" => "`true`, `false`".to_owned(),
        "i64" => "number".to_owned(),
        "String" | "SecretString" | "Scopes" | "RedirectUri" | "Permission" => "text".to_owned(),
        "Value" | "Profile" | "Map<String, Value>" => "object".to_owned(),
        id if id.ends_with("Id") => "text".to_owned(),
        other => match source::words(other) {
            Some(words) => quoted(words.iter().map(|(word, _)| word)),
            None => panic!("say here how a value of type {other} is written, or give it a section"),
        },
    }
}

fn default_of(member: &Member, section: &Section) -> String {
    if !member.is_optional {
        return "required".to_owned();
    }
    if let Some(function) = &member.default {
        return format!("`{}`", source::literal(section.path, function));
    }
    match (section.defaults)().get(&member.name) {
        None | Some(Value::Null) => {}
        Some(Value::Array(list)) if list.is_empty() => {}
        Some(Value::String(text)) => return format!("`{text}`"),
        Some(other) => return format!("`{other}`"),
    }
    match member.of.as_str() {
        "bool" => "`false`".to_owned(),
        of => quoted(
            source::words(of).iter().flatten().filter(|(_, is_default)| *is_default).map(|(word, _)| word),
        ),
    }
}

fn quoted<'a>(words: impl Iterator<Item = &'a String>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn default<T: Default + Serialize>() -> Value {
    serde_json::to_value(T::default()).expect("defaults can be written")
}

fn none() -> Value {
    Value::Null
}
