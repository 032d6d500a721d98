//! Tenants, issuers, clients, secrets, APIs and keys: created at version 0, replaced at the version that was read.

use doorward_core::Effect;
use doorward_core::id::TenantId;
use doorward_core::model::{Api, ClientSecret, KeyRecord, KeyState, MacKeyRecord, SecretState};

use crate::support::{START, api, client, demo, issuer, tenant, worlds};

fn secret(id: &str) -> ClientSecret {
    ClientSecret {
        tenant: demo(),
        client: "web".into(),
        id: id.into(),
        hash: [5; 32],
        state: SecretState::Current,
        created_at: START,
        expires_at: None,
    }
}

/// A key whose private part is not read: it is not current.
fn key(tenant: &TenantId, kid: &str, state: KeyState) -> KeyRecord {
    let pair = doorward_crypto::jose::key::SigningKey::generate(
        doorward_crypto::jose::algorithm::Algorithm::Es256,
        kid,
    );
    KeyRecord {
        tenant: tenant.clone(),
        kid: kid.into(),
        algorithm: "ES256".to_owned(),
        state,
        sealed: vec![1, 2, 3],
        public_jwk: pair.unwrap().public_jwk().to_json(),
        created_at: START,
        activated_at: None,
        retired_at: None,
        published_until: None,
    }
}

#[tokio::test]
async fn objects_are_replaced_only_at_the_version_that_was_read() {
    for world in worlds().await {
        let put = |version| {
            let mut put = (
                tenant("demo"),
                issuer("demo", "main", "https://id.example"),
                client("demo", "web"),
                api("https://a"),
            );
            (put.0.version, put.1.version, put.2.version, put.3.version) =
                (version, version, version, version);
            (put.0.disabled_at, put.1.disabled_at) = (Some(START), Some(START));
            (put.2.disabled_at, put.3.disabled_at) = (Some(START), Some(START));
            [
                Effect::PutTenant(put.0),
                Effect::PutIssuer(put.1),
                Effect::PutClient(put.2),
                Effect::PutApi(put.3),
            ]
        };
        world.commit(vec![Effect::PutApi(api("https://a"))]).await;
        for version in [0, 2, 7] {
            for effect in put(version) {
                world.conflicts(vec![effect]).await;
            }
        }
        world.commit(put(1).into()).await;
        for effect in put(1) {
            world.conflicts(vec![effect]).await;
        }
        let store = &world.store;
        assert_eq!(store.tenants().await.unwrap()[0].version, 2);
        assert_eq!(store.issuers().await.unwrap()[0].disabled_at, Some(START));
        assert_eq!(store.clients(&demo()).await.unwrap()[0].version, 2);
        let stored = Api { version: 2, disabled_at: Some(START), ..api("https://a") };
        assert_eq!(store.apis(&demo()).await.unwrap(), [stored]);
    }
}

#[tokio::test]
async fn objects_are_removed_only_at_the_version_that_was_read() {
    for world in worlds().await {
        world.commit(vec![Effect::PutApi(api("https://a")), Effect::PutSecret(secret("s1"))]).await;
        let remove = |version| {
            [
                Effect::RemoveIssuer(demo(), "main".into(), version),
                Effect::RemoveClient(demo(), "web".into(), version),
                Effect::RemoveApi(demo(), "https://a".into(), version),
            ]
        };
        for effect in remove(2) {
            world.conflicts(vec![effect]).await;
        }
        for effect in remove(1) {
            world.commit(vec![effect]).await;
        }
        for table in ["issuers", "clients", "apis", "client_secrets"] {
            assert_eq!(world.rows(table).await, 0, "{table}");
        }
    }
}

#[tokio::test]
async fn a_mount_belongs_to_one_issuer_whatever_the_case_of_its_host() {
    for world in worlds().await {
        world.conflicts(vec![Effect::PutIssuer(issuer("demo", "two", "https://ID.example"))]).await;
        world.commit(vec![Effect::PutIssuer(issuer("demo", "two", "https://id.example/T"))]).await;
        world.commit(vec![Effect::PutIssuer(issuer("demo", "three", "https://id.example/t"))]).await;
        let mut moved = issuer("demo", "three", "https://id.example/T");
        moved.version = 1;
        world.conflicts(vec![Effect::PutIssuer(moved)]).await;
    }
}

#[tokio::test]
async fn secrets_are_added_retired_and_removed() {
    for world in worlds().await {
        let store = &world.store;
        world.commit(vec![Effect::PutSecret(secret("s1")), Effect::PutSecret(secret("s2"))]).await;
        world.conflicts(vec![Effect::PutSecret(secret("s1"))]).await;
        let retire = |id: &str| {
            let expires_at = START.plus_s(9);
            vec![Effect::RetireSecret { tenant: demo(), client: "web".into(), id: id.into(), expires_at }]
        };
        world.commit(retire("s1")).await;
        world.commit(retire("s3")).await;
        let retired =
            ClientSecret { state: SecretState::Retiring, expires_at: Some(START.plus_s(9)), ..secret("s1") };
        assert_eq!(store.secrets(&demo(), &"web".into()).await.unwrap(), [retired.clone(), secret("s2")]);
        let found = store.client(&demo(), &"web".into()).await.unwrap().unwrap();
        assert_eq!(found.secrets, [retired.clone(), secret("s2")]);
        world.commit(vec![Effect::RemoveSecret(demo(), "web".into(), "s2".into())]).await;
        world.commit(vec![Effect::RemoveSecret(demo(), "web".into(), "s2".into())]).await;
        assert_eq!(store.secrets(&demo(), &"web".into()).await.unwrap(), [retired]);
    }
}

#[tokio::test]
async fn one_key_of_a_tenant_and_algorithm_is_next_and_one_current() {
    for world in worlds().await {
        let shift = |kid: &str, from, to, at: i64, published_until| Effect::MoveKey {
            tenant: demo(),
            kid: kid.into(),
            from,
            to,
            now: START.plus_ms(at),
            published_until,
        };
        use KeyState::{Current, Next, Previous};
        world.commit(vec![Effect::PutKey(key(&demo(), "k1", Next))]).await;
        world.conflicts(vec![Effect::PutKey(key(&demo(), "k2", Next))]).await;
        world.conflicts(vec![Effect::PutKey(key(&"acme".into(), "k1", Next))]).await;
        world.conflicts(vec![shift("k1", Current, Previous, 1, None)]).await;
        world
            .commit(vec![shift("k1", Next, Current, 1, None), Effect::PutKey(key(&demo(), "k2", Next))])
            .await;
        world.conflicts(vec![shift("k2", Next, Current, 2, None)]).await;
        let until = Some(START.plus_s(9));
        world
            .commit(vec![shift("k1", Current, Previous, 3, until), shift("k2", Next, Current, 3, None)])
            .await;
        let keys = world.store.keys(&demo()).await.unwrap();
        assert_eq!((keys[0].kid.as_str(), keys[0].state), ("k1", Previous));
        assert_eq!(
            (keys[0].activated_at, keys[0].retired_at),
            (Some(START.plus_ms(1)), Some(START.plus_ms(3)))
        );
        assert_eq!(keys[0].published_until, until);
        assert_eq!((keys[1].state, keys[1].activated_at), (Current, Some(START.plus_ms(3))));
        world
            .commit(vec![Effect::RemoveKey(demo(), "k1".into()), Effect::RemoveKey(demo(), "k1".into())])
            .await;
        assert_eq!(world.rows("signing_keys").await, 1);

        let mac = MacKeyRecord { tenant: demo(), serial: 1, sealed: vec![9], created_at: START };
        world.commit(vec![Effect::PutMacKey(mac.clone())]).await;
        world.conflicts(vec![Effect::PutMacKey(mac.clone())]).await;
        assert_eq!(world.store.mac_keys(&demo()).await.unwrap(), [mac]);
    }
}

#[tokio::test]
async fn issuers_change_their_mounts_with_each_other_in_one_commit() {
    for world in worlds().await {
        world.commit(vec![Effect::PutIssuer(issuer("demo", "two", "https://two.example"))]).await;
        let [mut main, mut two] =
            [issuer("demo", "main", "https://two.example"), issuer("demo", "two", "https://id.example")];
        (main.version, two.version) = (1, 1);
        let put = vec![Effect::PutIssuer(main), Effect::PutIssuer(two)];
        world.conflicts(put.clone()).await;
        let mut effects: Vec<Effect> = ["main", "two"].map(|id| Effect::FreeMount(demo(), id.into())).into();
        effects.extend(put);
        world.commit(effects.clone()).await;
        let directory = world.store.directory();
        for (host, id) in [("id.example", "two"), ("two.example", "main")] {
            assert_eq!(directory.lookup(host, "/").unwrap().issuer.id.as_str(), id);
        }
        world.conflicts(effects).await;
    }
}
