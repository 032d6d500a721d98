//! Everything that reads what a stranger presents, over a corpus and its mutations: none panics, nothing false passes, and no address
//! leads elsewhere.

use doorward_core::Timestamp;
use doorward_core::fuzzing::{address_template, desired_state, presented};
use doorward_core::id::{GrantId, IssuerId};
use doorward_core::keys::TenantKeys;
use doorward_core::token::access_pair::AccessPair;
use doorward_core::token::refresh_pair::RefreshPair;
use doorward_crypto::mac::MacKey;
use doorward_crypto::random::{Random, SeededRandom};

#[test]
fn nothing_that_is_presented_panics_or_passes_for_ours() {
    let keys = TenantKeys { mac: [(1, MacKey::from_bytes([7; 32]))].into(), ..TenantKeys::default() };
    let pair = RefreshPair { grant: GrantId(1 << 40), generation: 3 };
    let token = pair.encode(&IssuerId::from("issuer"), 1, &keys).expect("the key is there");
    presented(token.expose().as_bytes());
    let ends = Timestamp(1_800_000_000_000);
    let (access, _) =
        AccessPair::encode(pair, ends, &IssuerId::from("issuer"), 1, &keys).expect("the key is there");
    presented(access.expose().as_bytes());
    let mut random = SeededRandom::new(1);
    for seed in CORPUS.iter().copied().chain([token.expose().as_str(), access.expose().as_str()]) {
        for _ in 0..400 {
            let mutated = mutate(seed.as_bytes(), &mut random);
            presented(&mutated);
            desired_state(&mutated);
        }
    }
}

#[test]
fn no_template_leads_to_another_origin_than_its_own() {
    let mut random = SeededRandom::new(2);
    for seed in TEMPLATES {
        address_template(seed.as_bytes());
        for _ in 0..4_000 {
            address_template(&mutate(seed.as_bytes(), &mut random));
        }
    }
}

/// One to three of: flip a bit, insert, remove, cut, repeat.
fn mutate(seed: &[u8], random: &mut SeededRandom) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let mut draw = |below: usize| {
        let mut byte = [0; 2];
        random.fill(&mut byte);
        usize::from(u16::from_be_bytes(byte)) % below.max(1)
    };
    for _ in 0..=draw(3) {
        let at = draw(bytes.len());
        match draw(5) {
            0 if at < bytes.len() => bytes[at] ^= 1 << draw(7),
            1 => bytes.insert(at, u8::try_from(draw(256)).unwrap_or_default()),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            _ => bytes.extend_from_within(..at),
        }
    }
    bytes
}

const TEMPLATES: &[&str] = &[
    "https://a.example:8443/open/:context/:contextId?user=:userId&key=:accessTokenRetrievalKey",
    "https://a.example/:extensionInstanceId:userId#:tenantId",
    "https://a.example:userId/",
    "https://:contextId.example/",
    "https://a.example?:userId",
    "http://localhost:3000/:installationId",
    "http://[::1]:3000/:apiVersion",
    "https://a.example@:userId/",
];

const CORPUS: &[&str] = &[
    "",
    "dwr_",
    "dwc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "dwa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAA",
    "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImsifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ.AAAA",
    r#"{"tenants":[{"id":"demo","name":"Demo","issuers":[{"id":"i","url":"https://id.example"}],"clients":[{"id":"c","name":"C","redirect_uris":["https://a.example/cb"],"grant_types":["authorization_code"],"scopes":"openid"}],"users":[{"user_name":"a","email":"a@b.example"}],"apis":[{"id":"https://a.example","name":"A","scopes":[{"name":"x"}]}]}]}"#,
];
