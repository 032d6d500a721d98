//! What the fuzz target calls, so that the same function also runs under `cargo test` over a corpus and its mutations: everything of
//! the core that reads what a stranger presents. None may panic; and no token that was not made here may pass for one.

use doorward_crypto::mac::MacKey;
use doorward_wire::limits::URI_BYTES;

use crate::client_auth::{Credentials, needs};
use crate::desired::State;
use crate::id::IssuerId;
use crate::installation::template;
use crate::keys::TenantKeys;
use crate::model::{TicketKey, TicketKind};
use crate::needs::SessionHandle;
use crate::policies::Policies;
use crate::token::access_pair::AccessPair;
use crate::token::issue::{grant_name, grant_of_name};
use crate::token::read::Presented;
use crate::token::refresh_pair::RefreshPair;

/// Any bytes, as every kind of secret that is presented.
pub fn presented(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let keys = keys();
    let issuer = IssuerId::from("issuer");
    if let Some(pair) = RefreshPair::decode(text, &issuer, &keys) {
        let letters = Policies { rotates_pairs: true, ..Policies::STANDARD };
        let again = (1..=u8::MAX).flat_map(|serial| {
            [&letters, &Policies::STANDARD].map(|policies| pair.encode_as(policies, &issuer, serial, &keys))
        });
        let is_made = again.flatten().any(|token| token.expose() == text);
        assert!(is_made, "a refresh token that was never made");
    }
    if let Some(pair) = AccessPair::decode(text, &issuer, &keys) {
        let again = (1..=u8::MAX)
            .filter_map(|serial| AccessPair::encode(pair.of, pair.expires_at, &issuer, serial, &keys));
        assert!(
            again.into_iter().any(|(token, _)| token.expose() == text),
            "an access token that was never made"
        );
    }
    for kind in TicketKind::ALL {
        if let Some(key) = TicketKey::of_secret(kind, text) {
            assert_eq!(TicketKey::from_bytes(&key.to_bytes()), Some(key));
        }
    }
    if let Presented::Jwt(claims) = Presented::read(text, &issuer, "https://id.example", &keys) {
        panic!("a signed token without a key: {}", claims.jti);
    }
    let _handle = SessionHandle::of_cookie(text);
    if let Some(grant) = grant_of_name(text) {
        assert_eq!(grant_name(grant), text);
    }
    let credentials = Credentials {
        client_id: Some(text.to_owned()),
        assertion: Some(text.to_owned()),
        assertion_type: Some(crate::client_auth::private_key_jwt::ASSERTION_TYPE.to_owned()),
        ..Credentials::default()
    };
    let _needs = needs(&credentials, &"t".into());
}

/// Any bytes, as a desired state in JSON (a subset of what `apply` reads).
pub fn desired_state(input: &[u8]) {
    if let Ok(state) = serde_json::from_slice::<State>(input) {
        let now = crate::Timestamp(0);
        let _planned = crate::desired::plan(&crate::desired::Current::default(), &state, true, now);
    }
}

/// Any bytes, as the template of an address: whatever the values are, they lead nowhere else, and only names change.
pub fn address_template(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    assert_eq!(template::fill(text, &[]), text);
    let names = template::names(text);
    assert!(names.iter().all(|name| text.contains(&format!(":{name}"))), "{text:?}");
    for value in ["", "evil.example", "@evil.example:443/?#:userId", "\\\r\n//%2e%2e/\u{e4}"] {
        let values: Vec<_> = names.iter().map(|name| (*name, value)).collect();
        let filled = template::fill(text, &values);
        if names.is_empty() {
            assert_eq!(filled, text);
        }
        let Some(origin) = template::origin(text) else { continue };
        assert!(filled.starts_with(&text[..text.find(':').unwrap_or_default()]), "{text:?}");
        let is_too_long = filled.len() > URI_BYTES;
        assert!(is_too_long || template::origin(&filled).as_ref() == Some(&origin), "{text:?}: {filled}");
    }
}

fn keys() -> TenantKeys {
    TenantKeys { mac: [(1, MacKey::from_bytes([7; 32]))].into(), ..TenantKeys::default() }
}
