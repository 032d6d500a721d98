//! Each rule for clients, by a client that keeps all and one that breaks it.

use doorward_core::Timestamp;
use doorward_core::model::{Client, Legacy, RefreshPolicy};

use doorward_wire::redirect_uri::RedirectUri;

use super::clients::deviations;
use super::keys::missing;

fn sound() -> Client {
    let described = serde_json::json!({
        "tenant": "main", "id": "web", "name": "Web", "auth_method": "private_key_jwt",
        "redirect_uris": ["https://app.example/cb"], "grant_types": ["authorization_code", "refresh_token"],
        "scopes": "openid", "jwks": null, "jwks_uri": "https://app.example/jwks", "disabled_at": null, "version": 1,
        "created_at": Timestamp(0),
    });
    serde_json::from_value(described).unwrap()
}

fn broken(change: impl FnOnce(&mut Client)) -> Vec<String> {
    let mut client = sound();
    change(&mut client);
    let found = deviations(&[&client]);
    assert!(
        found
            .iter()
            .all(|finding| finding.what.contains("client web (main)") && finding.what.contains("RFC "))
    );
    found.into_iter().map(|finding| finding.check).collect()
}

#[test]
fn a_sound_client_has_no_finding() {
    assert_eq!(broken(|_| {}), [""; 0]);
}

#[test]
fn every_deviation_is_found() {
    let to = |uri: &str| vec![RedirectUri::parse(uri).unwrap()];
    let public = |client: &mut Client| client.auth_method = "none".to_owned();
    type Row<'a> = (&'a [&'a str], &'a dyn Fn(&mut Client));
    let rows: &[Row<'_>] = &[
        (&["clients.pkce"], &|client| client.require_pkce = false),
        (&["clients.localhost"], &|client| client.redirect_uris = to("http://localhost/cb")),
        (&["clients.own_scheme"], &|client| client.redirect_uris = to("com.example.app:/cb")),
        (&[], &|client| client.redirect_uris = to("http://127.0.0.1/cb")),
        (&["clients.unseen_consent"], &|client| {
            public(client);
            client.first_party = true;
            client.redirect_uris = to("http://127.0.0.1/cb");
        }),
        (&[], &|client| {
            public(client);
            client.first_party = true;
        }),
        (&["clients.refresh_reuse"], &|client| client.refresh_policy = RefreshPolicy::Reuse),
        (&["clients.refresh_lifetime"], &|client| client.lifetimes.refresh_idle_s = 91 * 86_400),
        (&["clients.code_lifetime"], &|client| client.lifetimes.code_s = 601),
        (&["clients.token_lifetime"], &|client| client.lifetimes.access_token_s = 3601),
        (&["clients.id_token_lifetime"], &|client| client.lifetimes.id_token_s = 86_401),
        (&["clients.shared_secret"], &|client| client.auth_method = "client_secret_basic".to_owned()),
        (&["clients.shared_secret", "clients.secret_in_body"], &|client| {
            client.auth_method = "client_secret_post".to_owned();
        }),
        (&["clients.introspects_all"], &|client| client.introspects_all = true),
        (&["clients.legacy"], &|client| {
            client.grant_types.insert("implicit".to_owned());
        }),
        (&["clients.legacy"], &|client| {
            client.grant_types.insert("password".to_owned());
        }),
        (&["clients.legacy"], &|client| {
            client.legacy.insert(Legacy::ImplicitWithoutNonce);
        }),
        (&["clients.legacy"], &|client| {
            client.legacy.insert(Legacy::PrefixRedirects);
        }),
        (&["clients.legacy"], &|client| {
            client.legacy.insert(Legacy::RefreshWithoutClient);
        }),
        (&["clients.legacy"], &|client| {
            client.legacy.insert(Legacy::UnauthenticatedCode);
        }),
    ];
    for (checks, change) in rows {
        assert_eq!(broken(change), *checks);
    }
}

#[test]
fn many_clients_that_break_a_rule_are_told_at_once() {
    let clients: Vec<Client> = (0..12)
        .map(|number| {
            let mut client = sound();
            client.id = format!("c{number}").as_str().into();
            client.introspects_all = number != 1;
            client
        })
        .collect();
    let found = deviations(&clients.iter().collect::<Vec<_>>());
    assert_eq!(found.len(), 1, "{found:?}");
    let expected =
        "clients c0, c2, c3, c4, c5, c6, c7, c8, c9, c10 and 1 more (main), each of them: it may look";
    assert!(found[0].what.starts_with(expected), "{}", found[0].what);
}

#[test]
fn keys_that_are_missing_are_one_finding() {
    let lacking =
        [("main".into(), vec!["RS256", "EdDSA"]), ("two".into(), vec![]), ("x".into(), vec!["PS256"])];
    let found = missing(&lacking).expect("keys are missing");
    assert_eq!(found.what, "no key signs for main (RS256, EdDSA), x (PS256)");
    assert_eq!(missing(&[("main".into(), Vec::new())]), None);
}
