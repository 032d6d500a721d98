//! The shapes of configured objects. Their members are those of a document for `doorward apply`; a test compares the names.

use super::super::schema::Type::{Flag, Json, List, Map, Number, Of, Text, Word};
use super::super::schema::{Object, both, must, read, write};
use super::super::settings::SETTINGS;
use doorward_core::model::Legacy;

use super::{
    ANY_NUMBER, CONTEXT_ID, CREATED, DISABLED, EMAIL, EXTERNAL_VERSION, NAME, PERSON_ID, ROLE_IDS, SCOPES,
    SECONDS, UPDATED, URLS, VERSION,
};

/// A tenant.
pub static TENANT: Object = Object {
    name: "Tenant",
    about: "A customer of the platform.",
    members: &[
        must("id", Text(1, 40), "Its slug: lower-case letters, digits and hyphens; never changes."),
        both("name", Text(1, 200), NAME),
        both("disabled", Flag, DISABLED),
        both("settings", Of(&SETTINGS), "What its pages look like and how long its sessions live."),
        CREATED,
        VERSION,
    ],
};

/// An issuer.
pub static ISSUER: Object = Object {
    name: "Issuer",
    about: "An issuer of a tenant.",
    members: &[
        must("id", Text(1, 64), "Its id, unique in the server."),
        must("url", Text(1, 2048), "The issuer identifier: https, or http on a loopback address."),
        both("dialect", Text(1, 40), "The wire contract that it speaks."),
        both("profile", Text(1, 40), "A named set of stricter rules."),
        write("shared_secret", Of(&SHARED_SECRET), "The secret that its clients share. Absent: as it is."),
        both("disabled", Flag, DISABLED),
        CREATED,
        VERSION,
    ],
};

static SHARED_SECRET: Object = Object {
    name: "SharedSecret",
    about: "A secret that the clients of an issuer share: its value or its hash.",
    members: &[
        write("value", Text(32, 1024), "The secret itself. Never shown."),
        write("hash", Text(1, 100), "`sha256:` and the SHA-256 of the secret in base64url."),
    ],
};

static SCOPE: Object = Object {
    name: "ApiScope",
    about: "A scope of an API.",
    members: &[
        must("name", Text(1, 256), "The scope token."),
        both("description", Text(0, 200), "What it lets a client do, for the consent page."),
        both("descriptions", Map(&Text(0, 200), 50), "The same in other languages, by language tag."),
        both("default", Flag, "It is granted when a client names none."),
        both("permission", Text(1, 200), "A person must hold this permission for it to be granted."),
    ],
};

static CLAIMS: Object = Object {
    name: "PermissionClaims",
    about: "Where an API is told what people may do.",
    members: &[
        both("token", Flag, "In access tokens."),
        both("introspection", Flag, "At introspection."),
        both("domains", List(&Text(1, 64), 100), "Only of these domains; of every domain when empty."),
    ],
};

static ROUTE: Object = Object {
    name: "RouteRule",
    about: "What is asked of requests to some routes of an API.",
    members: &[
        both(
            "methods",
            List(&Text(1, 20), 20),
            "Of which methods, in capital letters; of every one when empty.",
        ),
        must(
            "path",
            Text(1, 2048),
            "Of which paths: `*` is any one segment, `**` at the end all that may follow.",
        ),
        both("scopes", List(&Text(1, 256), 100), "Scopes that the token must have, all of them."),
        both("acr", Text(1, 200), "The class of sign-in that the token must rest on; a higher one will do."),
        both("max_age", Number(1, 31_536_000), "Seconds that the sign-in may be ago."),
        both("open", Flag, "No token is asked for, and none is looked at."),
    ],
};

static GUARD: Object = Object {
    name: "Guarding",
    about: "What the guard asks of requests to an API.",
    members: &[
        both("https", Flag, "Who needs a token must come by https, as the proxy says."),
        both("parameters", Flag, "A token may come in a parameter, where the dialect has one for it."),
        both(
            "routes",
            List(&Of(&ROUTE), 500),
            "The first that is meant counts; what none means is refused. Without any: a token for the API.",
        ),
    ],
};

/// An API.
pub static API: Object = Object {
    name: "Api",
    about: "A resource server that tokens are for.",
    members: &[
        must("id", Text(1, 2048), "Its audience: an absolute URI without a fragment."),
        both("name", Text(1, 2048), NAME),
        both("scopes", List(&Of(&SCOPE), 1000), "Its scopes."),
        both("token_format", Word(&["jwt", "opaque"]), "What its access tokens are."),
        both("signing_algorithm", Text(1, 20), "What signs its JWTs."),
        both("access_token_s", Number(30, 86_400), "Seconds its access tokens live."),
        both("permissions", Of(&CLAIMS), "Where it is told what people may do."),
        both("guard", Of(&GUARD), "What the guard asks of requests to it."),
        both("disabled", Flag, DISABLED),
        CREATED,
        VERSION,
    ],
};

/// A role.
pub static ROLE: Object = Object {
    name: "Role",
    about: "What people may do, to be given to them.",
    members: &[
        must("id", Text(1, 64), "Its id."),
        both("name", Text(1, 200), NAME),
        both("description", Text(0, 200), "What it is for."),
        both("permissions", List(&Text(3, 129), 500), "What it lets a person do: `domain:action`."),
        both("requires_second_factor", Flag, "Whoever has it must sign in with a second factor."),
        CREATED,
        VERSION,
    ],
};

/// A context.
pub static CONTEXT: Object = Object {
    name: "Context",
    about: "What people have roles in, such as a project.",
    members: &[
        must("id", CONTEXT_ID, "Its typed id, such as `project/p-123`."),
        both("name", Text(1, 200), NAME),
        both("parent", CONTEXT_ID, "The context that it lies in. Never changes; four deep at most."),
        both("disabled", Flag, "Nobody may do anything in it or below. Absent: as it is."),
        both("external_id", Text(1, 200), "Its id in the system that brings contexts in."),
        EXTERNAL_VERSION,
        CREATED,
        UPDATED,
        VERSION,
    ],
};

/// A role that somebody has.
pub static ASSIGNMENT: Object = Object {
    name: "Assignment",
    about: "A role that a person has, in the whole tenant or in a context.",
    members: &[
        read("user", PERSON_ID, "Who: their id."),
        read("role", Text(1, 64), "Which role."),
        read("context", CONTEXT_ID, "Where. Absent: in the whole tenant."),
        CREATED,
    ],
};

/// A membership.
pub static MEMBERSHIP: Object = Object {
    name: "Membership",
    about: "A person in a context, with their roles there.",
    members: &[
        both("user", PERSON_ID, "Who: their id."),
        both("context", CONTEXT_ID, "Where."),
        both("roles", ROLE_IDS, "Their roles there, and in all contexts below."),
        both("external_version", ANY_NUMBER, "The version of the record elsewhere."),
        CREATED,
        VERSION,
    ],
};

static LIFETIMES: Object = Object {
    name: "Lifetimes",
    about: "Seconds.",
    members: &[
        both("code_s", SECONDS, "An authorization code."),
        both("access_token_s", SECONDS, "An access token, unless its API says otherwise."),
        both("id_token_s", SECONDS, "An ID token."),
        both("refresh_idle_s", SECONDS, "A grant with a refresh token, unused."),
        both("refresh_absolute_s", SECONDS, "A grant with a refresh token, used or not."),
    ],
};

/// A client.
pub static CLIENT: Object = Object {
    name: "Client",
    about: "An application (RFC 7591 names its metadata where it can).",
    members: &[
        both("id", Text(1, 256), "Its `client_id`; chosen by the server when it is made without one."),
        both("name", Text(1, 256), NAME),
        both("auth_method", Text(1, 40), "How it authenticates; `none` for a public client."),
        both("also_auth_methods", List(&Text(1, 40), 10), "Further methods that it may use."),
        both("application_type", Word(&["web", "native"]), "Web or native."),
        both("redirect_uris", URLS, "Where codes may go."),
        both("post_logout_redirect_uris", URLS, "Where the browser may go after sign-out."),
        both("backchannel_logout_uri", Text(1, 2048), "Where it is told that a session ended."),
        both(
            "backchannel_logout_session_required",
            Flag,
            "What it is told must name the session; it always does.",
        ),
        both("grant_types", List(&Text(1, 100), 20), "Grant types it may use."),
        both("scopes", SCOPES, "What it may ask for, parted by spaces."),
        both("default_scopes", SCOPES, "What it gets when it asks for nothing."),
        both("apis", URLS, "APIs that it may get tokens for."),
        both("introspects", URLS, "APIs in whose name it may introspect tokens."),
        both("introspects_all", Flag, "It may introspect every token of its tenant."),
        both(
            "issuers",
            List(&Text(1, 64), 100),
            "Issuers that it may use; empty: every one of the standard dialect.",
        ),
        both("jwks", Json, "Its public keys, a JWK set, for `private_key_jwt`."),
        both("jwks_uri", Text(1, 2048), "Where its public keys are fetched from."),
        both("require_pkce", Flag, "It must use PKCE; public clients always must."),
        both("first_party", Flag, "It is the platform's own: no consent page."),
        both("required_acr", Text(1, 100), "The class of sign-in that its people must reach."),
        both("id_token_algorithm", Text(1, 20), "What signs its ID tokens."),
        both("lifetimes", Of(&LIFETIMES), "How long what it gets lives."),
        both("refresh_policy", Word(&["rotate", "reuse"]), "What becomes of a used refresh token."),
        both("refresh_grace_s", Number(0, 600), "Seconds in which a public client may repeat a refresh."),
        both(
            "rate_limit",
            Number(0, 100_000_000),
            "Requests in a minute at endpoints where it authenticates; 0: no limit.",
        ),
        both(
            "role_permissions",
            Map(&List(&Text(3, 129), 500), 1000),
            "What people may do through this client, at most: what is listed for any of their roles.",
        ),
        both(
            "legacy",
            List(&Word(&Legacy::NAMES), Legacy::NAMES.len()),
            "What it may do that the specifications have given up, at an issuer whose dialect has it.",
        ),
        both("disabled", Flag, "It may do nothing. Absent: as it is."),
        write("secret", Word(&["generate"]), "Make a secret when it has none; the answer shows it, once."),
        read("client_secret", Text(32, 1024), "The secret that was made with it, shown this once."),
        CREATED,
        VERSION,
    ],
};

/// A person.
pub static USER: Object = Object {
    name: "User",
    about: "A person of a tenant.",
    members: &[
        both(
            "id",
            Text(12, 204),
            "Their id, the `sub` of tokens; chosen by the server when made without one.",
        ),
        must(
            "user_name",
            Text(1, 256),
            "The name they sign in with: letters of one script, digits and `. _ - +`, at most 64 characters. No `@`: an address goes to `email`, by which they sign in as well.",
        ),
        both("email", EMAIL, "Their e-mail address."),
        both("email_verified", Flag, "The address was shown to be theirs."),
        both("profile", Json, "Standard claims (OpenID Connect Core, section 5.1), by name."),
        both("disabled", Flag, "They may do nothing; sessions and grants end for good. Absent: as it is."),
        both("locked", Flag, "They may not sign in or be issued anything, for now. Absent: as it is."),
        both("administrator", Flag, "They administer the server."),
        both("roles", ROLE_IDS, "Their roles in the whole tenant. Absent: as they are."),
        both("external_id", Text(1, 200), "Their id in the system that brings people in."),
        EXTERNAL_VERSION,
        write("password", Text(1, 4096), "Their password. Absent: as it is."),
        write("password_hash", Text(1, 1024), "The hash of their password, as in a state file."),
        read("has_password", Flag, "They can sign in by a password."),
        CREATED,
        UPDATED,
        VERSION,
    ],
};

#[cfg(test)]
mod tests {
    use super::super::super::settings::{MAIL, MAIL_TEXT, SIGN_UP};
    use super::super::{EXTENSION, INSTALLATION, MANIFEST};
    use super::*;
    use doorward_core::desired::{
        ApiSpec, ClientSpec, ContextSpec, ExtensionSpec, InstallationSpec, IssuerSpec, MembershipSpec,
        RoleSpec, TenantSpec, UserSpec,
    };
    use serde::de::DeserializeOwned;
    use serde_json::json;
    use std::collections::BTreeSet;

    /// The members that a type reads, as serde tells them of one that it does not know.
    fn members<T: DeserializeOwned>() -> BTreeSet<String> {
        let told = serde_json::from_value::<T>(json!({ "no such member": 1 })).err().unwrap().to_string();
        told.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    fn compare<T: DeserializeOwned>(object: &Object, elsewhere: &[&str]) {
        use super::super::super::schema::Way;
        let shown = object.members.iter().filter(|member| member.way != Way::Read);
        let mut shown: BTreeSet<String> = shown.map(|member| member.name.to_owned()).collect();
        shown.extend(elsewhere.iter().map(|name| (*name).to_owned()));
        assert_eq!(shown, members::<T>(), "{}", object.name);
    }

    #[test]
    fn members_are_those_of_a_document() {
        let lists = crate::admin::view::LISTS;
        compare::<TenantSpec>(&TENANT, &lists);
        compare::<IssuerSpec>(&ISSUER, &[]);
        compare::<ApiSpec>(&API, &[]);
        compare::<RoleSpec>(&ROLE, &[]);
        compare::<ContextSpec>(&CONTEXT, &[]);
        compare::<MembershipSpec>(&MEMBERSHIP, &[]);
        compare::<ClientSpec>(&CLIENT, &["secrets"]);
        compare::<UserSpec>(&USER, &[]);
        compare::<ExtensionSpec>(&EXTENSION, &["manifest_version", "proposed"]);
        compare::<doorward_core::model::Manifest>(&MANIFEST, &[]);
        compare::<InstallationSpec>(&INSTALLATION, &["manifest_version"]);
        compare::<doorward_core::model::ApiScope>(&SCOPE, &[]);
        compare::<doorward_core::model::PermissionClaims>(&CLAIMS, &[]);
        compare::<doorward_core::model::Guarding>(&GUARD, &[]);
        compare::<doorward_core::model::RouteRule>(&ROUTE, &[]);
        compare::<doorward_core::model::Lifetimes>(&LIFETIMES, &[]);
        compare::<doorward_core::model::TenantSettings>(&SETTINGS, &[]);
        compare::<doorward_core::model::tenant::MailSettings>(&MAIL, &[]);
        compare::<doorward_core::model::tenant::MailText>(&MAIL_TEXT, &[]);
        compare::<doorward_core::model::tenant::SignUpSettings>(&SIGN_UP, &[]);
    }
}
