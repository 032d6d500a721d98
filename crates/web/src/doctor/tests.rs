//! Each rule for clients, by a client that keeps all and one that breaks it.

use doorward_core::Timestamp;
use doorward_core::model::legacy::{OF_APIS, OF_CLIENTS};
use doorward_core::model::{Api, Client, ClientSecret, Issuer, Legacy, RefreshPolicy, SecretState};
use doorward_core::policies::Policies;

use doorward_wire::redirect_uri::RedirectUri;

use super::apis::given_up;
use super::clients::{common_secret, deviations, shares};
use super::keys::missing;
use crate::dialect::DIALECTS;

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
        (&["clients.legacy"], &|client| client.auth_method = "x_auth_secret".to_owned()),
        (&["clients.legacy"], &|client| {
            client.also_auth_methods.insert("client_token".to_owned());
        }),
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

/// What a dialect has beside the specifications has a row: the next one cannot be forgotten.
#[test]
fn every_switch_of_a_dialect_is_told_of() {
    let standard = &Policies::STANDARD;
    let mut known = 0;
    for dialect in DIALECTS {
        let policies = dialect.policies;
        let mut switches: Vec<String> =
            policies.legacy_grants.iter().map(|grant| format!("grant_types: {grant}")).collect();
        let others = policies.response_types.iter().filter(|row| row.grant_type != "authorization_code");
        switches.extend(others.map(|row| format!("grant_types: {}", row.grant_type)));
        let methods = policies.auth_methods.iter().filter(|method| !standard.auth_methods.contains(method));
        switches.extend(methods.map(|method| format!("auth_methods: {method}")));
        for switch in &switches {
            let is_it = |row: &&str| {
                *row == switch
                    || switch.strip_prefix("auth_methods: ").is_some_and(|method| {
                        row.contains("auth_method") && row.ends_with(&format!(": {method}"))
                    })
            };
            assert!(OF_CLIENTS.iter().any(|row| is_it(&row.switch)), "{}: {switch}", dialect.name);
        }
        let has_parameters = !dialect.codec.parameters.is_empty();
        assert!(
            !has_parameters || OF_APIS.iter().any(|row| row.switch.contains("parameters")),
            "{}",
            dialect.name
        );
        known += switches.len() + usize::from(has_parameters);
    }
    assert!(known >= 6, "{known} were seen");
}

#[test]
fn an_api_that_takes_tokens_in_parameters_is_found() {
    let api = |id: &str, parameters: bool| -> Api {
        let described = serde_json::json!({
            "tenant": "main", "id": id, "name": "API", "scopes": [], "access_token_s": null, "disabled_at": null, "version": 1, "created_at": Timestamp(0),
            "guard": { "parameters": parameters },
        });
        serde_json::from_value(described).unwrap()
    };
    let mut off = api("https://a", true);
    off.disabled_at = Some(Timestamp(0));
    assert_eq!(given_up(&[api("https://a", false), off]), []);
    let found = given_up(&[api("https://a", true), api("https://b", false), api("https://c", true)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].check, "apis.legacy");
    assert!(found[0].what.starts_with("API https://a, https://c (main): tokens come in"), "{found:?}");
    assert!(found[0].fix.contains("guard: parameters: true"), "{found:?}");
}

/// A secret that clients share: until a client has one of its own.
#[test]
fn clients_that_share_a_secret_are_found() {
    let mut client = sound();
    client.auth_method = "x_auth_secret".to_owned();
    client.issuers = ["own".into()].into();
    let issuer = |id: &str, shared_secret: Option<[u8; 32]>| {
        let described = serde_json::json!({
            "tenant": "main", "id": id, "url": "https://id.example/own", "dialect": "magic", "profile": "standard",
            "disabled_at": null, "version": 1, "created_at": Timestamp(0),
        });
        let mut issuer: Issuer = serde_json::from_value(described).unwrap();
        issuer.shared_secret = shared_secret;
        issuer
    };
    let secret = |state: SecretState| ClientSecret {
        tenant: "main".into(),
        client: "web".into(),
        id: "sec_1".into(),
        hash: [1; 32],
        state,
        created_at: Timestamp(0),
        expires_at: None,
    };
    let shared = [issuer("own", Some([7; 32]))];
    assert!(shares(&client, &[], &shared));
    assert!(shares(&client, &[secret(SecretState::Pending)], &shared), "it counts once it was used");
    assert!(!shares(&client, &[secret(SecretState::Current)], &shared));
    assert!(!shares(&client, &[], &[issuer("own", None)]));
    assert!(!shares(&client, &[], &[issuer("other", Some([7; 32]))]));
    let mut by_key = sound();
    by_key.issuers = ["own".into()].into();
    assert!(!shares(&by_key, &[], &shared));

    let mut second = client.clone();
    second.id = "two".into();
    let found = common_secret(&[&client, &second]).expect("two share one");
    assert_eq!(found.check, "clients.common_secret");
    assert!(
        found.what.starts_with("clients web, two (main), each of them: it shows the secret that"),
        "{found:?}"
    );
    assert!(found.fix.starts_with("doorward client add-secret web --tenant main"), "{found:?}");
    assert_eq!(common_secret(&[]), None);
}

#[test]
fn keys_that_are_missing_are_one_finding() {
    let lacking =
        [("main".into(), vec!["RS256", "EdDSA"]), ("two".into(), vec![]), ("x".into(), vec!["PS256"])];
    let found = missing(&lacking).expect("keys are missing");
    assert_eq!(found.what, "no key signs for main (RS256, EdDSA), x (PS256)");
    assert_eq!(missing(&[("main".into(), Vec::new())]), None);
}
