//! The directory: mounts, keys ready for use, and that it follows what is committed.

use doorward_core::Effect;
use doorward_core::model::{KeyState, MacKeyRecord};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::mac::MacKey;
use doorward_crypto::random::SystemRandom;
use doorward_store::keys::mac_key_aad;

use crate::support::{START, World, demo, issuer, tenant, worlds};

async fn put_key(world: &World, kid: &str, algorithm: Algorithm, state: KeyState) -> SigningKey {
    let key = SigningKey::generate(algorithm, kid).unwrap();
    let record = world.store.seal_key(&demo(), &key, state).await.unwrap();
    world.commit(vec![Effect::PutKey(record)]).await;
    key
}

#[tokio::test]
async fn a_request_is_mounted_by_its_host_and_the_longest_path_in_whole_segments() {
    for world in worlds().await {
        world
            .commit(vec![
                Effect::PutTenant(tenant("acme")),
                Effect::PutIssuer(issuer("acme", "acme", "https://id.example/t/acme")),
                Effect::PutIssuer(issuer("acme", "deep", "https://id.example/t/acme/deep")),
                Effect::PutIssuer(issuer("acme", "port", "http://localhost:8080")),
            ])
            .await;
        let directory = world.store.directory();
        let found = |host: &str, path: &str| {
            directory.lookup(host, path).map(|mounted| {
                let rest = path[mounted.prefix..].to_owned();
                (mounted.issuer.id.0.clone(), mounted.entry.tenant.id.0.clone(), rest)
            })
        };
        let row = |issuer: &str, tenant: &str, rest: &str| Some((issuer.into(), tenant.into(), rest.into()));
        assert_eq!(found("id.example", "/token"), row("main", "demo", "/token"));
        assert_eq!(found("id.example", "/t/acme/token"), row("acme", "acme", "/token"));
        assert_eq!(found("id.example", "/t/acme"), row("acme", "acme", ""));
        assert_eq!(found("id.example", "/t/acmeX/token"), row("main", "demo", "/t/acmeX/token"));
        assert_eq!(found("id.example", "/t/acme/deep/token"), row("deep", "acme", "/token"));
        assert_eq!(found("localhost:8080", "/"), row("port", "acme", "/"));
        assert_eq!(found("localhost", "/"), None);
        assert_eq!(directory.at("id.example", "/t/acme").unwrap().issuer.id.as_str(), "acme");
        assert_eq!(directory.at("id.example", "").unwrap().issuer.id.as_str(), "main");
        assert!(directory.at("id.example", "/t").is_none());

        world.commit(vec![Effect::RemoveIssuer("acme".into(), "acme".into(), 1)]).await;
        let directory = world.store.directory();
        let now = directory.lookup("id.example", "/t/acme/token").unwrap();
        assert_eq!(now.issuer.id.as_str(), "main", "the directory follows before the commit is answered");
    }
}

#[tokio::test]
async fn keys_are_ready_for_use_and_published_with_those_that_sign_first() {
    for world in worlds().await {
        let empty = world.store.directory();
        assert_eq!(&empty.tenant(&demo()).unwrap().keys.jwks[..], b"{\"keys\":[]}");
        put_key(&world, "next", Algorithm::Es256, KeyState::Next).await;
        let current = put_key(&world, "current", Algorithm::Es256, KeyState::Current).await;
        let eddsa = put_key(&world, "eddsa", Algorithm::EdDSA, KeyState::Current).await;
        let directory = world.store.directory();
        let keys = &directory.tenant(&demo()).unwrap().keys;
        assert_eq!(keys.signing(Algorithm::Es256).unwrap().kid(), "current");
        assert_eq!(keys.signing(Algorithm::EdDSA).unwrap().kid(), eddsa.kid());
        assert!(keys.signing(Algorithm::Rs256).is_none());
        assert_eq!(keys.algorithms(), [Algorithm::Es256, Algorithm::EdDSA]);
        let set = JwkSet::parse(&keys.jwks).unwrap();
        let kids: Vec<_> = set.keys().iter().filter_map(|key| key.kid()).collect();
        assert_eq!(kids.last(), Some(&"next"));
        assert_eq!(kids.len(), 3);
        let token = doorward_crypto::jose::sign::sign(keys.signing(Algorithm::Es256).unwrap(), "JWT", b"{}");
        let parsed = doorward_crypto::jose::verify::Unverified::parse(&token).unwrap();
        parsed.verify(&keys.ring.verifying["current"]).unwrap();
        parsed.verify(&current.verifying_key()).unwrap();

        world
            .commit(vec![Effect::MoveKey {
                tenant: demo(),
                kid: "current".into(),
                from: KeyState::Current,
                to: KeyState::Previous,
                now: START,
                published_until: Some(START.plus_s(60)),
            }])
            .await;
        let directory = world.store.directory();
        let keys = &directory.tenant(&demo()).unwrap().keys;
        assert!(keys.signing(Algorithm::Es256).is_none());
        assert!(keys.ring.verifying.contains_key("current"));
        world.store.clock().advance_ms(60_000);
        world.store.rebuild().await.unwrap();
        let directory = world.store.directory();
        let keys = &directory.tenant(&demo()).unwrap().keys;
        assert!(!keys.ring.verifying.contains_key("current"));
        assert!(keys.ring.retired.contains_key("current"), "known for hints");
        let published = JwkSet::parse(&keys.jwks).unwrap();
        assert!(published.keys().iter().all(|key| key.kid() != Some("current")));
    }
}

#[tokio::test]
async fn mac_keys_are_opened_by_serial() {
    for world in worlds().await {
        let sealer = world.store.sealer(&demo()).await.unwrap();
        for serial in [1, 2] {
            let sealed = sealer.seal(&mac_key_aad(&demo(), serial), &[serial as u8; 32], &mut SystemRandom);
            let record = MacKeyRecord { tenant: demo(), serial, sealed, created_at: START };
            world.commit(vec![Effect::PutMacKey(record)]).await;
        }
        let ring = world.base().keys;
        assert_eq!(ring.newest_mac().unwrap().0, 2);
        assert_eq!(ring.mac[&1].tag(&[b"x"]), MacKey::from_bytes([1; 32]).tag(&[b"x"]));
    }
}

#[tokio::test]
async fn a_damaged_key_is_a_fault_and_leaves_the_directory_as_it_was() {
    for world in worlds().await {
        put_key(&world, "good", Algorithm::Es256, KeyState::Current).await;
        let record = MacKeyRecord { tenant: demo(), serial: 9, sealed: vec![1, 2, 3], created_at: START };
        world.commit(vec![Effect::PutMacKey(record)]).await;
        let fault = world.store.refresh().await.unwrap_err();
        assert_eq!(fault.detail, "MAC key 9 of demo cannot be opened");
        let directory = world.store.directory();
        assert!(directory.tenant(&demo()).unwrap().keys.signing(Algorithm::Es256).is_some());
        // What is wrong with one tenant keeps no other from being read.
        for name in ["a", "z"] {
            world.commit(vec![Effect::PutTenant(tenant(name))]).await;
            world.store.refresh().await.unwrap_err();
            assert!(world.store.directory().tenant(&name.into()).is_some(), "{name}");
        }
    }
}
