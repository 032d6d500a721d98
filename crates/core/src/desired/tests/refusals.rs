//! What a desired state may not say: one row each, with the place and the words of the refusal.

use serde_json::{Value, json};

use super::world::World;
use crate::desired::State;

/// A tenant `t` with one API, client and person that are fine, changed by a row.
fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut tenant = json!({
        "id": "t",
        "issuers": [{ "url": "https://id.example" }],
        "apis": [{ "id": "https://api.example", "scopes": [{ "name": "read" }] }],
        "clients": [{
            "id": "c",
            "redirect_uris": ["https://app.example/cb"],
            "secrets": [{ "value": "x".repeat(32) }],
            "scopes": "openid read",
            "apis": ["https://api.example"],
        }],
        "users": [{ "user_name": "u", "password": "hills behind the harbour" }],
    });
    change(&mut tenant);
    match World::default().apply(json!({ "tenants": [tenant] }), false) {
        Ok(_) => "nothing".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn the_base_is_fine() {
    assert_eq!(refused(|_| {}), "nothing");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    type Row = (fn(&mut Value), &'static str);
    let rows: &[Row] = &[
        (|t| t["id"] = json!("T"), "tenants[T].id: must be 1 to 40"),
        (
            |t| t["users"][0] = json!({"user_name": "bobbobbob", "password": "BobBobBob"}),
            "tenants[t].users[bobbobbob].password: a password must not hold the name",
        ),
        (|t| t["name"] = json!("a\u{202e}b"), "tenants[t].name: a character is invisible"),
        (
            |t| t["settings"] = json!({"session_idle_s": 1}),
            "tenants[t].settings.session_idle_s: must be between 60",
        ),
        (|t| t["settings"] = json!({"accent": "red"}), "tenants[t].settings.accent: must be a colour"),
        (
            |t| t["issuers"][0]["url"] = json!("http://id.example"),
            "tenants[t].issuers[t].url: an issuer must be an https URL",
        ),
        (
            |t| {
                t["clients"][0]["legacy"] = json!(["prefix_redirects"]);
                t["clients"][0]["redirect_uris"] =
                    json!(["https://app.example/", "https://app.example/cb?a=b"]);
            },
            "tenants[t].clients[c].redirect_uris[1]: stands for what is below it by legacy: prefix_redirects, and nothing is below an address with a query",
        ),
        (
            |t| {
                t["clients"][0]["legacy"] = json!(["prefix_redirects"]);
                t["clients"][0]["application_type"] = json!("native");
                t["clients"][0]["redirect_uris"] = json!(["com.example.app:/cb"]);
            },
            "tenants[t].clients[c].redirect_uris[0]: stands for what is below it",
        ),
        (
            // Where nobody is sent to but after sign-out there are no prefixes; and without the switch a query is an address's own.
            |t| {
                t["clients"][0]["legacy"] = json!(["prefix_redirects"]);
                t["clients"][0]["post_logout_redirect_uris"] = json!(["https://app.example/bye?a=b"]);
            },
            "nothing",
        ),
        (|t| t["clients"][0]["redirect_uris"] = json!(["https://app.example/cb?a=b"]), "nothing"),
        (
            |t| t["issuers"][0]["dialect"] = json!("x"),
            "tenants[t].issuers[t].dialect: there is no such dialect",
        ),
        (
            |t| t["issuers"][0]["shared_secret"] = json!({"value": "CHANGE_ME"}),
            "tenants[t].issuers[t].shared_secret: 'CHANGE_ME' is what everybody has",
        ),
        (
            |t| t["issuers"][0]["shared_secret"] = json!({"hash": crate::desired::secret::SecretSpec::hashed(&doorward_crypto::digest::sha256(b"CHANGE_ME"), None).hash}),
            "tenants[t].issuers[t].shared_secret: 'CHANGE_ME' is what everybody has",
        ),
        (
            |t| t["issuers"][0]["shared_secret"] = json!({"value": "short"}),
            "tenants[t].issuers[t].shared_secret.value: a secret is 32 to 1024 characters long",
        ),
        (
            |t| {
                t["issuers"][0]["shared_secret"] =
                    json!({"value": "x".repeat(32), "expires_at": "2030-01-01T00:00:00Z"});
            },
            "tenants[t].issuers[t].shared_secret.expires_at: the secret of an issuer works until it is replaced",
        ),
        (
            |t| t["issuers"].as_array_mut().unwrap().push(json!({"url": "https://b.example"})),
            "tenants[t].issuers[t]: is listed twice",
        ),
        (
            |t| t["issuers"].as_array_mut().unwrap().push(json!({"id": "b", "url": "https://id.example"})),
            "tenants[t].issuers[b].url: host and path are those of issuer t",
        ),
        (
            |t| t["apis"][0]["id"] = json!("x"),
            "tenants[t].apis[x].id: the id of an API must be an absolute URI",
        ),
        (
            |t| t["apis"][0]["signing_algorithm"] = json!("HS256"),
            "signing_algorithm: must be one of RS256, PS256, ES256, EdDSA",
        ),
        (|t| t["apis"][0]["scopes"][0]["name"] = json!("email"), "this scope belongs to OpenID Connect"),
        (
            |t| {
                t["apis"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!({"id": "https://b.example", "scopes": [{"name": "read"}]}));
            },
            "the scope 'read' belongs to the API https://api.example already",
        ),
        (|t| t["clients"][0]["id"] = json!("usr_x"), "must not begin with usr_"),
        (|t| t["clients"][0]["id"] = json!("a b"), "clients[a b].id: must be 1 to 256 letters"),
        (
            |t| t["clients"][0]["auth_method"] = json!("basic"),
            "clients[c].auth_method: must be one of private_key_jwt, client_secret_basic",
        ),
        (
            |t| t["clients"][0]["auth_method"] = json!("none"),
            "clients[c].secrets: a client that authenticates by none has no secret",
        ),
        (
            |t| {
                t["clients"][0] =
                    json!({"id": "c", "auth_method": "none", "grant_types": ["client_credentials"]});
            },
            "clients[c].grant_types: client_credentials is for clients that authenticate",
        ),
        (
            |t| {
                t["clients"][0] = json!({"id": "c", "auth_method": "none", "redirect_uris": ["https://a.example/"], "require_pkce": false});
            },
            "clients[c].require_pkce: a public client always uses PKCE",
        ),
        (
            |t| t["clients"][0]["auth_method"] = json!("private_key_jwt"),
            "private_key_jwt needs jwks or jwks_uri",
        ),
        (
            |t| t["clients"][0]["jwks_uri"] = json!("https://app.example/jwks"),
            "jwks and jwks_uri are for private_key_jwt",
        ),
        (
            |t| t["clients"][0]["secrets"][0]["value"] = json!("short"),
            "clients[c].secrets[0].value: a secret is 32 to 1024",
        ),
        (|t| t["clients"][0]["secret"] = json!("generate"), "clients[c].secret: give either"),
        (
            |t| t["clients"][0]["redirect_uris"] = json!([]),
            "authorization_code needs at least one of redirect_uris",
        ),
        (
            |t| t["clients"][0]["redirect_uris"] = json!(["com.example.app:/cb"]),
            "redirect_uris[0]: a scheme of its own is for native",
        ),
        (
            |t| t["clients"][0]["redirect_uris"] = json!(["https://a.example/", "https://a.example/"]),
            "clients[c].redirect_uris[1]: this URI is listed twice",
        ),
        (
            |t| {
                let many: Vec<_> = (0..101).map(|n| format!("https://a.example/{n}")).collect();
                t["clients"][0]["redirect_uris"] = json!(many);
            },
            "clients[c].redirect_uris: a client has at most 100",
        ),
        (
            |t| t["clients"][0]["grant_types"] = json!(["authorization_code", "password"]),
            "clients[c].grant_types: password needs client_credentials",
        ),
        (
            |t| {
                t["clients"][0]["grant_types"] = json!(["implicit"]);
                t["clients"][0]["redirect_uris"] = json!([]);
            },
            "clients[c].grant_types: implicit needs at least one of redirect_uris",
        ),
        (
            |t| t["clients"][0]["grant_types"] = json!(["magic"]),
            "clients[c].grant_types[magic]: must be one of",
        ),
        (
            |t| t["clients"][0]["grant_types"] = json!(["refresh_token"]),
            "refresh_token needs authorization_code",
        ),
        (
            |t| t["clients"][0]["scopes"] = json!("openid write"),
            "clients[c].scopes[write]: no API of the tenant has this scope",
        ),
        (
            |t| t["clients"][0]["apis"] = json!([]),
            "clients[c].scopes[read]: is a scope of https://api.example",
        ),
        (
            |t| t["clients"][0]["apis"] = json!(["https://b.example"]),
            "clients[c].apis[https://b.example]: the tenant has no such API",
        ),
        (
            |t| t["clients"][0]["default_scopes"] = json!("email"),
            "clients[c].default_scopes[email]: is not among",
        ),
        (
            |t| t["clients"][0]["issuers"] = json!(["z"]),
            "clients[c].issuers[z]: the tenant has no such issuer",
        ),
        (|t| t["clients"][0]["id_token_algorithm"] = json!("none"), "id_token_algorithm: must be one of"),
        (
            |t| t["clients"][0]["lifetimes"] = json!({"code_s": 0}),
            "clients[c].lifetimes.code_s: must be between 5 and 600",
        ),
        (|t| t["users"][0]["user_name"] = json!("a b"), "tenants[t].users[a b].user_name: "),
        (|t| t["users"][0]["email"] = json!("nobody"), "tenants[t].users[u].email: "),
        (|t| t["users"][0]["email_verified"] = json!(true), "users[u].email_verified: there is no address"),
        (|t| t["users"][0]["password"] = json!("short"), "users[u].password: a password is at least 8"),
        (|t| t["users"][0]["password_hash"] = json!("x"), "users[u].password: give either"),
        (|t| t["users"][0]["id"] = json!("42"), "users[u].id: must be 'usr_'"),
        (|t| t["users"][0]["profile"] = json!({"sub": "x"}), "users[u].profile.sub: is not a standard claim"),
        (
            |t| t["users"][0]["profile"] = json!({"website": "javascript:alert(1)"}),
            "users[u].profile.website: must be an http",
        ),
        (
            |t| {
                t["settings"] =
                    json!({"mail": {"texts": {"password_reset": {"en": {"text": "From {device}: {link}"}}}}})
            },
            "settings.mail.texts[password_reset].en.text: {device} is no placeholder of this mail",
        ),
        (
            |t| t["settings"] = json!({"mail": {"texts": {"new_device": {"en": {"text": "See {link}"}}}}}),
            "settings.mail.texts[new_device].en.text: {link} is no placeholder of this mail",
        ),
        (
            |t| t["users"][0]["profile"] = json!({"address": {"planet": "Mars"}}),
            "users[u].profile.address.planet: unknown field",
        ),
        (
            |t| t["users"].as_array_mut().unwrap().push(json!({"user_name": "U"})),
            "tenants[t].users[u]: is listed twice",
        ),
        (
            |t| {
                t["users"][0]["email"] = json!("a@b.example");
                t["users"].as_array_mut().unwrap().push(json!({"user_name": "v", "email": "A@b.example"}));
            },
            "tenants[t].users[v].email: is the user name or e-mail address of u",
        ),
    ];
    for (change, expected) in rows {
        let told = refused(change);
        assert!(told.contains(expected), "expected: {expected}\n    told: {told}");
    }
}

#[test]
fn what_cannot_even_be_read_is_refused() {
    let rows = [
        (json!({"tenants": [], "tenant": []}), "unknown field `tenant`"),
        (
            json!({"tenants": [{"id": "t", "clients": [{"id": "c", "redirect_uri": "x"}]}]}),
            "unknown field `redirect_uri`",
        ),
        (
            json!({"tenants": [{"id": "t", "clients": [{"id": "c", "redirect_uris": ["javascript:alert(1)"]}]}]}),
            "the scheme must be",
        ),
        (
            json!({"tenants": [{"id": "t", "clients": [{"id": "c", "redirect_uris": ["http://a.example/"]}]}]}),
            "http is allowed for",
        ),
        (
            json!({"tenants": [{"id": "t", "clients": [{"id": "c", "redirect_uris": ["https://a.example/?code=1"]}]}]}),
            "a parameter of the authorization response",
        ),
        (
            json!({"tenants": [{"id": "t", "clients": [{"id": "c", "redirect_uris": ["https://a.example/?state="]}]}]}),
            "a parameter of the authorization response",
        ),
        (
            json!({"tenants": [{"id": "t", "clients": [{"id": "c", "redirect_uris": ["https://a.example/cb?x=1&err%6fr=a"]}]}]}),
            "a parameter of the authorization response",
        ),
        (
            json!({"tenants": [{"id": "t", "clients": [{"id": "c", "post_logout_redirect_uris": ["https://a.example/?state=a"]}]}]}),
            "a parameter of the authorization response",
        ),
        (
            json!({"tenants": [{"id": "t", "clients": [{"id": "c", "redirect_uris": [format!("https://a.example/{}", "a".repeat(2048))]}]}]}),
            "too long",
        ),
        (
            json!({"tenants": [{"id": "t", "clients": [{"id": "c", "scopes": "a\"b"}]}]}),
            "RFC 6749 does not allow",
        ),
        (json!({"tenants": [{"id": "t", "settings": {"session_idle": 1}}]}), "unknown field `session_idle`"),
        (json!({}), "missing field `tenants`"),
    ];
    for (document, expected) in rows {
        let told = serde_json::from_value::<State>(document).unwrap_err().to_string();
        assert!(told.contains(expected), "expected: {expected}\n    told: {told}");
    }
}

#[test]
fn a_clash_is_told_of_what_the_document_names() {
    let mut world = World::default();
    let first = json!({
        "id": "first",
        "issuers": [{ "url": "https://id.example" }],
        "apis": [{ "id": "https://api.example", "scopes": [{ "name": "read" }] }],
        "users": [{ "user_name": "ada" }],
    });
    world.apply(json!({ "tenants": [first] }), false).unwrap();
    let mut told = |document: Value| world.apply(document, false).unwrap_err().to_string();
    let other = json!({ "id": "other", "issuers": [{ "url": "https://id.example" }] });
    let clash = "tenants[other].issuers[other].url: host and path are those of issuer first";
    assert_eq!(told(json!({ "tenants": [other] })), clash);
    assert_eq!(told(json!({ "tenants": [other, { "id": "first" }] })), clash);
    let scopes = json!([{ "id": "https://b.example", "scopes": [{ "name": "read" }] }]);
    assert_eq!(
        told(json!({ "tenants": [{ "id": "first", "apis": scopes }] })),
        "tenants[first].apis[https://b.example].scopes[read]: the scope 'read' belongs to the API https://api.example already"
    );
    let people = json!([{ "user_name": "eve", "email": "ada@example.com" }, { "id": "usr_12345678", "user_name": "Ada" }]);
    let clash = told(json!({ "tenants": [{ "id": "first", "users": people }] }));
    assert!(clash.starts_with("tenants[first].users[Ada].user_name: "), "{clash}");
}
