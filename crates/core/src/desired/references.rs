//! Checks across objects: what must be unique is, and what is named exists.

use std::collections::{HashMap, HashSet};

use super::belonging;
use super::installation::is_tenant;
use super::problem::{At, Problem, Problems};
use super::result::{Resulting, ResultingExtension, ResultingInstallation};
use super::{ClientSpec, IssuerSpec};
use crate::admin;
use crate::id::{RoleId, TenantId, UserId};
use crate::model::context::MAX_DEPTH;
use crate::model::{ApplicationType, ExtensionState};
use crate::permission::is_openid_scope;
use doorward_wire::text::UserName;

/// Every check, over everything that there will be; `before` is what there is of a tenant.
pub(super) fn check(
    tenants: &[Resulting],
    before: &dyn Fn(&TenantId) -> Option<Resulting>,
    problems: &mut Problems,
) {
    issuers(tenants, problems);
    for tenant in tenants {
        let at = At::tenant(tenant.id.as_str());
        apis(tenant, &at, problems);
        unless_before(tenant, before, clients, &at, problems);
        contexts(tenant, &at, problems);
        users(tenant, &at, problems);
        memberships(tenant, &at, problems);
        unless_before(tenant, before, extensions, &at, problems);
        installations(tenant, &at, problems);
    }
}

/// Ids and mounts (host and path) are unique in the server.
fn issuers(tenants: &[Resulting], problems: &mut Problems) {
    let (mut ids, mut mounts) = (HashMap::new(), HashMap::new());
    let each = |pick: fn(&Resulting) -> &[IssuerSpec]| {
        tenants.iter().flat_map(move |tenant| pick(tenant).iter().map(|issuer| (&tenant.id, issuer)))
    };
    let kept = each(|tenant| &tenant.issuers[..tenant.kept_issuers]);
    let named = each(|tenant| &tenant.issuers[tenant.kept_issuers..]);
    for (tenant, issuer) in kept.chain(named) {
        let id = issuer.id(tenant);
        let at = At::tenant(tenant.as_str()).item("issuers", &id);
        if let Some(other) = ids.insert(id.clone(), tenant) {
            let what = if other == tenant {
                format!("the id '{id}' is given twice; a tenant's second issuer needs an id of its own")
            } else {
                format!("the id '{id}' belongs to an issuer of another tenant")
            };
            problems.taken(&at.field("id"), what);
        }
        let mount = issuer.url.split_once("://").map_or(issuer.url.as_str(), |(_, rest)| rest);
        if let Some(other) = mounts.insert(mount, id) {
            problems.taken(&at.field("url"), format!("host and path are those of issuer {other}"));
        }
    }
}

/// A scope belongs to one API of the tenant.
fn apis(tenant: &Resulting, at: &At, problems: &mut Problems) {
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for api in &tenant.apis {
        for scope in &api.scopes {
            match owners.insert(&scope.name, api.id.as_str()) {
                Some(other) if other != api.id.as_str() => {
                    let what = format!("the scope '{}' belongs to the API {other} already", scope.name);
                    problems.add(&at.item("apis", &api.id).item("scopes", &scope.name), what);
                }
                _ => {}
            }
        }
    }
}

/// What a client names that was missing already stays as it is: it does nothing, and keeps nobody from changing, or switching off, the
/// client.
fn unless_before(
    tenant: &Resulting,
    before: &dyn Fn(&TenantId) -> Option<Resulting>,
    check: fn(&Resulting, &At, &mut Problems),
    at: &At,
    problems: &mut Problems,
) {
    let mut found = Problems::default();
    check(tenant, at, &mut found);
    if found.0.is_empty() {
        return;
    }
    let mut known = Problems::default();
    if let Some(before) = before(&tenant.id) {
        check(&before, at, &mut known);
    }
    let known: HashSet<(String, String)> =
        known.0.into_iter().map(|problem| (problem.at, problem.what)).collect();
    let is_new = |problem: &Problem| !known.contains(&(problem.at.clone(), problem.what.clone()));
    problems.0.extend(found.0.into_iter().filter(is_new));
}

/// A client names APIs, scopes, issuers and roles of its tenant.
fn clients(tenant: &Resulting, at: &At, problems: &mut Problems) {
    let built_in = admin::api(&tenant.id);
    let issuers: HashSet<_> = tenant.issuers.iter().map(|issuer| issuer.id(&tenant.id)).collect();
    for (index, client) in tenant.clients.iter().enumerate() {
        let first = problems.0.len();
        let at = at.item("clients", &client.id);
        for (field, apis) in [("apis", &client.apis), ("introspects", &client.introspects)] {
            for api in apis {
                let known = admin::is_built_in(api) || tenant.apis.iter().any(|known| known.id == *api);
                problems.expect(known, &at.item(field, api), "the tenant has no such API");
            }
        }
        for issuer in &client.issuers {
            problems.expect(
                issuers.contains(issuer),
                &at.item("issuers", issuer),
                "the tenant has no such issuer",
            );
        }
        if tenant.secures(client) {
            redirects(client, &at, problems);
        }
        for scope in client.scopes.iter().filter(|scope| !is_openid_scope(scope)) {
            let at = at.item("scopes", scope);
            if built_in.has_scope(scope) {
                let what = format!("is a scope of {}, which is not among the client's apis", built_in.id);
                problems.expect(client.apis.contains(&built_in.id), &at, &what);
                continue;
            }
            match tenant.apis.iter().find(|api| api.scopes.iter().any(|known| known.name == scope)) {
                None => problems.add(&at, "no API of the tenant has this scope"),
                Some(api) if !client.apis.contains(&api.id) => {
                    problems
                        .add(&at, format!("is a scope of {}, which is not among the client's apis", api.id));
                }
                Some(_) => {}
            }
        }
        if let Some(map) = &client.role_permissions {
            roles(map.keys(), tenant, |role| at.item("role_permissions", role), problems);
        }
        for scope in client.default_scopes.minus(&client.scopes).iter() {
            problems.add(&at.item("default_scopes", scope), "is not among the client's scopes");
        }
        if index >= tenant.named_clients {
            problems.0[first..].iter_mut().for_each(|problem| problem.is_used = true);
        }
    }
}

/// Plain http is for native clients, at an address that no name server is asked for (RFC 8252, section 8.3).
fn redirects(client: &ClientSpec, at: &At, problems: &mut Problems) {
    let is_native = client.application_type == ApplicationType::Native;
    for (index, uri) in client.redirect_uris.iter().enumerate() {
        let is_here = uri.is_loopback() && uri.host() != Some("localhost");
        problems.expect(
            uri.scheme() != "http" || (is_native && is_here),
            &at.item("redirect_uris", index),
            "must be https at an issuer that the client lists; a native client may have http at 127.0.0.1 or [::1]",
        );
    }
}

/// What a manifest names exists: scopes of the tenant's APIs, and addresses of its client. Who makes one that is new is there.
fn extensions(tenant: &Resulting, above: &At, problems: &mut Problems) {
    let built_in = admin::api(&tenant.id);
    let scopes: HashSet<&str> =
        tenant.apis.iter().flat_map(|api| &api.scopes).map(|scope| scope.name.as_str()).collect();
    for extension in &tenant.extensions {
        let ResultingExtension { spec, is_named, is_new, .. } = extension;
        let first = problems.0.len();
        let at = above.item("extensions", &spec.id);
        let client = tenant.clients.iter().find(|client| client.id == spec.id.client());
        let has_scope = |scope: &str| scopes.contains(scope) || built_in.has_scope(scope);
        spec.check_beside(client, has_scope, &at, problems);
        if let Some((callback, client)) = spec.manifest.callback_url.as_deref().zip(client) {
            let at = at.field("manifest");
            let is_secure = callback.starts_with("https://") || !tenant.secures(client);
            let what = "must be https at an issuer that its client lists";
            problems.expect(is_secure, &at.field("callback_url"), what);
            let is_named = tenant.listed(client).any(|(_, policies)| policies.access_tokens.names_extension);
            let what = "must have its base URL, which tokens of an issuer that its client lists are for";
            problems.expect(!is_named || !spec.manifest.audiences.is_empty(), &at.field("audiences"), what);
        }
        if *is_named {
            audiences(extension, tenant, &at, problems);
        }
        if let Some(contributor) = spec.contributor.as_ref().filter(|_| *is_new) {
            let known = tenant.contexts.contains_key(contributor);
            problems.expect(known, &at.field("contributor"), "the tenant has no such context");
        }
        if !is_named {
            problems.0[first..].iter_mut().for_each(|problem| problem.is_used = true);
            audiences_taken(extension, tenant, above, problems);
        }
    }
}

/// No audience of a manifest, in force or proposed, is another's.
fn audiences(extension: &ResultingExtension, tenant: &Resulting, at: &At, problems: &mut Problems) {
    for (member, manifest) in extension.spec.manifests() {
        for audience in &manifest.audiences {
            let of_platform = of_platform(audience, tenant).map(|(whose, _)| whose);
            let whose = of_platform.or_else(|| audience_of_another(audience, extension, tenant));
            if let Some(whose) = whose {
                problems.add(&at.field(member).item("audiences", audience), format!("is {whose}"));
            }
        }
    }
}

/// What the platform would have under the name of an audience that an extension has is told there. What is only proposed holds nothing:
/// it is looked at again when it is taken over.
fn audiences_taken(extension: &ResultingExtension, tenant: &Resulting, above: &At, problems: &mut Problems) {
    for audience in extension.spec.audiences() {
        if let Some((_, (list, name, member))) = of_platform(audience, tenant) {
            let at = above.item(list, name).field(member);
            problems.add(&at, format!("is an audience of the extension {}", extension.spec.id));
        }
    }
}

/// What of the platform's an audience names, and where it is said: who only looks at `aud` would take an extension's session tokens for
/// its own.
fn of_platform(
    audience: &str,
    tenant: &Resulting,
) -> Option<(&'static str, (&'static str, String, &'static str))> {
    let url = audience.trim_end_matches('/');
    let api = tenant.apis.iter().find(|api| api.id.as_str() == audience);
    let issuer = || tenant.issuers.iter().find(|issuer| issuer.url.trim_end_matches('/') == url);
    match api {
        Some(api) => Some(("an API of the tenant", ("apis", api.id.0.clone(), "id"))),
        None => issuer()
            .map(|issuer| ("an issuer of the tenant", ("issuers", issuer.id(&tenant.id).0.clone(), "url"))),
    }
}

/// Whether another extension has it, which whoever is told need not know: a token of one would be taken for one of the other by who only looks
/// at `aud`.
fn audience_of_another(audience: &str, of: &ResultingExtension, tenant: &Resulting) -> Option<&'static str> {
    tenant
        .extensions
        .iter()
        .chain(&tenant.other_extensions)
        .any(|other| {
            other.spec.id != of.spec.id && other.spec.manifest.audiences.iter().any(|has| has == audience)
        })
        .then_some("an audience of another extension")
}

/// An installation is of an extension that there is, in a context that there is, and fits both. Where the context of one that is not
/// named goes, it is dead with it.
fn installations(tenant: &Resulting, at: &At, problems: &mut Problems) {
    for ResultingInstallation { spec, is_named, before } in &tenant.installations {
        let first = problems.0.len();
        let at = at.item("installations", spec.name());
        match tenant.extensions.iter().find(|of| of.spec.id == spec.extension) {
            None => problems.add(&at.field("extension"), "the tenant has no such extension"),
            Some(of) if *is_named => {
                let state = of.spec.state.unwrap_or_default();
                let is_over = state >= ExtensionState::Deprecated && !of.is_new && before.is_none();
                problems.expect(
                    !is_over,
                    &at.field("extension"),
                    "is not installed anew: it is deprecated or withdrawn",
                );
                spec.check_beside(&of.spec, before.as_ref(), &tenant.id, &at, problems);
            }
            Some(_) => {}
        }
        let stands = is_tenant(&spec.context, &tenant.id) || tenant.contexts.contains_key(&spec.context);
        problems.expect(stands || !is_named, &at.field("context"), "the tenant has no such context");
        if !is_named {
            problems.0[first..].iter_mut().for_each(|problem| problem.is_used = true);
        }
    }
}

/// A context lies in one that stands, at most four deep; an external id belongs to one.
fn contexts(tenant: &Resulting, at: &At, problems: &mut Problems) {
    for (id, parent) in &tenant.contexts {
        let at = at.item("contexts", id).field("parent");
        match (parent, belonging::depth(id, &tenant.contexts)) {
            (Some(parent), _) if !tenant.contexts.contains_key(parent) => {
                problems.add(&at, format!("there is no context {parent}"));
            }
            // What lies in one that is wrong is not wrong itself.
            (_, None) if !belonging::goes_round(id, &tenant.contexts) => {}
            (_, None) => problems.add(&at, "a context cannot lie in itself"),
            (_, Some(depth)) if depth > MAX_DEPTH => problems.add(&at, "contexts nest at most four deep"),
            (_, Some(_)) => {}
        }
    }
    let mut externals = HashSet::new();
    for (id, external) in &tenant.external_contexts {
        if !externals.insert(external) {
            problems.taken(&at.item("contexts", id).field("external_id"), "is that of another context");
        }
    }
}

/// A membership names a person, a context and roles of its tenant.
fn memberships(tenant: &Resulting, at: &At, problems: &mut Problems) {
    let ids: HashSet<&str> =
        tenant.users.iter().filter_map(|user| user.id.as_ref()).map(UserId::as_str).collect();
    let names: HashSet<&str> =
        tenant.users.iter().filter_map(|user| user.keys.first()).map(String::as_str).collect();
    for membership in &tenant.memberships {
        let at = at.item("memberships", &membership.label);
        let name = UserName::parse(&membership.user).ok();
        let is_known =
            ids.contains(membership.user.as_str()) || name.is_some_and(|name| names.contains(name.key()));
        problems.expect(is_known, &at.field("user"), "the tenant has nobody called so");
        problems.expect(
            tenant.contexts.contains_key(&membership.context),
            &at.field("context"),
            "the tenant has no such context",
        );
        roles(&membership.roles, tenant, |role| at.item("roles", role), problems);
    }
}

fn roles<'a>(
    named: impl IntoIterator<Item = &'a RoleId>,
    tenant: &Resulting,
    at: impl Fn(&RoleId) -> At,
    problems: &mut Problems,
) {
    for role in named {
        problems.expect(tenant.roles.contains(role), &at(role), "the tenant has no such role");
    }
}

/// User names and e-mail addresses are one namespace of the tenant.
fn users(tenant: &Resulting, at: &At, problems: &mut Problems) {
    let (mut ids, mut keys, mut externals) = (HashSet::new(), HashMap::new(), HashSet::new());
    for user in &tenant.users {
        let at = at.item("users", &user.label);
        problems.expect(user.id.as_ref().is_none_or(|id| ids.insert(id)), &at.field("id"), "is given twice");
        // The first is the user name's.
        for (key, member) in user.keys.iter().zip(["user_name", "email"]) {
            if let Some(other) = keys.insert(key, &user.label) {
                let what = format!("is the user name or e-mail address of {other} too (or looks like it)");
                problems.taken(&at.field(member), what);
            }
        }
        roles(&user.roles, tenant, |role| at.item("roles", role), problems);
        if !user.external_id.as_ref().is_none_or(|id| externals.insert(id)) {
            problems.taken(&at.field("external_id"), "is that of another person");
        }
    }
}
