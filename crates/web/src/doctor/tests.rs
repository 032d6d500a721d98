//! Each rule for clients, by a client that keeps all and one that breaks it.

use doorward_core::Timestamp;
use doorward_core::model::{Client, RefreshPolicy};

use doorward_wire::redirect_uri::RedirectUri;

use super::clients::deviations;

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
    let found = deviations(&client);
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
        (&["clients.shared_secret"], &|client| client.auth_method = "client_secret_basic".to_owned()),
        (&["clients.shared_secret", "clients.secret_in_body"], &|client| {
            client.auth_method = "client_secret_post".to_owned();
        }),
        (&["clients.introspects_all"], &|client| client.introspects_all = true),
    ];
    for (checks, change) in rows {
        assert_eq!(broken(change), *checks);
    }
}
