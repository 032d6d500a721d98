//! Extensions, installations and their secrets: conflicts, what an installation hangs on, and the life of a secret.

use doorward_core::Effect;
use doorward_core::facts::{Belonging, InstallationFacts};
use doorward_core::id::{ContextKey, ExtensionKey, SecretId, UserId};
use doorward_core::installation::{self, OVERLAP_S};
use doorward_core::may_issue::installation_stands;
use doorward_core::model::{
    Actor, Extension, ExtensionState, Installation, InstallationSecret, Life, Manifest, Membership,
    SecretState,
};
use doorward_core::needs::InstallationHandle;
use doorward_core::{Ctx, Reason};
use doorward_crypto::random::SystemRandom;
use doorward_crypto::secret::SecretString;
use doorward_store::worker::reaper::Reaper;

use crate::support::{START, World, demo, user, worlds};

pub fn extension(key: i64, id: &str) -> Extension {
    Extension {
        tenant: demo(),
        key: ExtensionKey(key),
        id: id.into(),
        contributor: Some("contributor/m".into()),
        contributor_key: Some(ContextKey(5)),
        state: ExtensionState::Published,
        deprecated_on: None,
        manifest: Manifest { name: "Shop".to_owned(), ..Manifest::default() },
        manifest_version: 1,
        proposed: None,
        suspended_at: None,
        epoch: 1,
        version: 0,
        created_at: START,
        updated_at: START,
    }
}

pub fn installed(id: &str, context: i64) -> Installation {
    Installation {
        id: id.into(),
        tenant: demo(),
        extension: ExtensionKey(1),
        extension_id: "shop".into(),
        context: ContextKey(context),
        context_id: "project/p".into(),
        scopes: crate::support::scopes("openid"),
        manifest_version: 1,
        variant: None,
        settings: serde_json::Map::new(),
        installed_by: None,
        life: Life::Enabled,
        epoch: 1,
        version: 0,
        created_at: START,
        updated_at: START,
    }
}

fn effects<T>(world: &World, make: impl FnOnce(&mut Ctx<'_>) -> T) -> T {
    let mut rng = SystemRandom;
    make(&mut Ctx { now: world.store.now(), rng: &mut rng, request_id: "r", address: "" })
}

/// A contributor, a customer with a project in it, an extension that is installed in the project; Alice belongs to the customer.
async fn furnish(world: &World) {
    use crate::belonging::{context, member};
    world
        .commit(vec![
            Effect::PutContext(context(5, "contributor/m", &[])),
            Effect::PutContext(context(10, "customer/c", &[])),
            Effect::PutContext(context(11, "project/p", &[10])),
            Effect::PutContext(context(12, "project/q", &[10])),
            Effect::PutMembership(member(10)),
            Effect::PutExtension(Box::new(extension(1, "shop"))),
        ])
        .await;
    let install = effects(world, |ctx| installation::install(installed("ins_1", 11), &Actor::Operator, ctx));
    world.commit(install).await;
}

async fn facts(world: &World, id: &str, secret: Option<&SecretString>) -> Option<InstallationFacts> {
    let handle = InstallationHandle {
        id: id.into(),
        secret_hash: secret.map(|secret| doorward_crypto::digest::sha256(secret.expose().as_bytes())),
        user: Some(user("demo", "alice").id),
    };
    world.store.installation_facts(&demo(), &handle).await.unwrap()
}

#[tokio::test]
async fn an_installation_is_read_with_all_that_it_hangs_on() {
    for world in worlds().await {
        furnish(&world).await;
        let found = facts(&world, "ins_1", None).await.unwrap();
        assert_eq!(found.installation, Installation { version: 1, ..installed("ins_1", 11) });
        assert_eq!(
            (found.above.clone(), found.belongs),
            (vec!["customer/c".into()], Belonging::Since(START))
        );
        assert_eq!(installation_stands(&found), Ok(()));
        assert_eq!(found.installed().epoch, 2);
        let of = |user: &str| InstallationHandle {
            id: "ins_1".into(),
            secret_hash: None,
            user: Some(UserId(user.to_owned())),
        };
        let stranger = world.store.installation_facts(&demo(), &of("usr_other")).await.unwrap().unwrap();
        assert_eq!(stranger.belongs, Belonging::Outside, "{}", world.engine);
        assert_eq!(world.store.installation_facts(&"acme".into(), &of("usr_alice")).await.unwrap(), None);

        // Of several memberships the oldest counts, and only while it stands.
        let younger = Membership { created_at: START.plus_ms(5), ..crate::belonging::member(11) };
        world.commit(vec![Effect::PutMembership(younger)]).await;
        assert_eq!(facts(&world, "ins_1", None).await.unwrap().belongs, Belonging::Since(START));
        let older = Effect::RemoveMembership(demo(), user("demo", "alice").id, ContextKey(10), 1);
        world.commit(vec![older]).await;
        assert_eq!(facts(&world, "ins_1", None).await.unwrap().belongs, Belonging::Since(START.plus_ms(5)));

        let other = Installation {
            context: ContextKey(0),
            context_id: "tenant/demo".into(),
            ..installed("ins_0", 0)
        };
        world.commit(vec![Effect::PutInstallation(Box::new(other))]).await;
        let whole = facts(&world, "ins_0", None).await.unwrap();
        assert_eq!((whole.context_stands, whole.belongs), (true, Belonging::Since(START)));
    }
}

#[tokio::test]
async fn what_an_installation_hangs_on_takes_it_along() {
    use crate::belonging::context;
    for world in worlds().await {
        furnish(&world).await;
        let stands = async |reason: Result<(), Reason>| {
            let found = facts(&world, "ins_1", None).await.unwrap();
            assert_eq!(installation_stands(&found), reason, "{}", world.engine);
        };
        let off = |key: i64, id: &str, above: &[i64], version: i64, is_off: bool| {
            let disabled_at = is_off.then_some(START);
            Effect::PutContext(doorward_core::model::Context {
                version,
                disabled_at,
                ..context(key, id, above)
            })
        };
        for (key, id, above, reason) in [
            (10, "customer/c", &[][..], Reason::ContextGone),
            (11, "project/p", &[10][..], Reason::ContextGone),
            (5, "contributor/m", &[][..], Reason::ContributorGone),
        ] {
            world.commit(vec![off(key, id, above, 1, true)]).await;
            stands(Err(reason)).await;
            world.commit(vec![off(key, id, above, 2, false)]).await;
            stands(Ok(())).await;
        }
        let at = |version: i64, change: fn(&mut Extension)| {
            let mut row = Extension { version, ..extension(1, "shop") };
            change(&mut row);
            Effect::PutExtension(Box::new(row))
        };
        world.commit(vec![at(1, |row| row.suspended_at = Some(START))]).await;
        stands(Err(Reason::ExtensionSuspended)).await;
        world.commit(vec![at(2, |row| row.state = ExtensionState::Withdrawn)]).await;
        stands(Err(Reason::ExtensionWithdrawn)).await;
        world.commit(vec![at(3, |_| ())]).await;
        stands(Ok(())).await;
        let remove =
            |key: i64| Effect::RemoveContext { tenant: demo(), key: ContextKey(key), version: 3, now: START };
        world.commit(vec![remove(10)]).await;
        stands(Err(Reason::ContextGone)).await;
        world.commit(vec![remove(5)]).await;
        stands(Err(Reason::ContributorGone)).await;
    }
}

#[tokio::test]
async fn one_of_an_extension_stands_in_a_context_and_no_extension_goes_that_is_installed() {
    for world in worlds().await {
        furnish(&world).await;
        let gone = Effect::RemoveExtension(demo(), ExtensionKey(1), 1);
        world.conflicts(vec![Effect::PutInstallation(Box::new(installed("ins_2", 11)))]).await;
        world.conflicts(vec![gone.clone()]).await;
        let standing = world.store.installation(&demo(), &"ins_1".into()).await.unwrap().unwrap();
        let remove = effects(&world, |ctx| installation::remove(&standing, &Actor::Operator, ctx).unwrap());
        world.commit(remove.clone()).await;
        world.conflicts(remove).await;
        let after = world.store.installation(&demo(), &"ins_1".into()).await.unwrap().unwrap();
        assert_eq!((after.life, after.version), (Life::Removed { at: START }, 2));
        world
            .conflicts(vec![Effect::PutInstallation(Box::new(Installation { life: Life::Enabled, ..after }))])
            .await;
        assert!(world.store.installation_secrets(&demo(), &"ins_1".into()).await.unwrap().is_empty());
        world.commit(vec![Effect::PutInstallation(Box::new(installed("ins_2", 11)))]).await;
        let again = world.store.installation_at(&demo(), ExtensionKey(1), ContextKey(11)).await.unwrap();
        assert_eq!(again.map(|found| found.id), Some("ins_2".into()));
        let other = Installation { version: 1, life: Life::Removed { at: START }, ..installed("ins_2", 11) };
        world.commit(vec![Effect::PutInstallation(Box::new(other))]).await;
        world.commit(vec![gone]).await;
        assert!(facts(&world, "ins_1", None).await.unwrap().extension.is_none());
    }
}

#[tokio::test]
async fn a_secret_is_pending_until_delivered_current_when_used_and_retires_what_is_older() {
    for world in worlds().await {
        furnish(&world).await;
        let rotate = async || {
            let row = world.store.installation(&demo(), &"ins_1".into()).await.unwrap().unwrap();
            let (rotated, id, plain) =
                effects(&world, |ctx| installation::rotate_secret(&row, false, &Actor::Operator, ctx));
            world.commit(rotated).await;
            (id, plain)
        };
        let (one, first) = rotate().await;
        let (two, second) = rotate().await;
        let (three, third) = rotate().await;
        let presented =
            async |secret: &SecretString| facts(&world, "ins_1", Some(secret)).await.unwrap().secret;
        let row = presented(&first).await.unwrap();
        assert!(!row.is_in_force(START));
        let open =
            async |id: &SecretId| world.store.undelivered_secret(&demo(), &"ins_1".into(), id).await.unwrap();
        assert_eq!(open(&one).await.as_ref(), Some(first.expose()));
        let deliver = |id: &SecretId| Effect::DeliverInstallationSecret {
            tenant: demo(),
            installation: "ins_1".into(),
            id: id.clone(),
            now: START,
        };
        world.commit(vec![deliver(&one), deliver(&two)]).await;
        assert_eq!(open(&one).await, None, "kept in the clear");
        assert!(presented(&first).await.unwrap().is_in_force(START));
        let take = |row: &InstallationSecret| Effect::TakeInstallationSecret {
            tenant: demo(),
            installation: "ins_1".into(),
            hash: row.hash,
            number: row.number,
            now: START,
            retire_at: START.plus_s(OVERLAP_S),
        };
        let (row, newer) = (presented(&first).await.unwrap(), presented(&second).await.unwrap());
        world.commit(vec![take(&row)]).await;
        let states = async || {
            let rows = world.store.installation_secrets(&demo(), &"ins_1".into()).await.unwrap();
            rows.into_iter().map(|row| (row.state, row.expires_at)).collect::<Vec<_>>()
        };
        use SecretState::{Current, Pending, Retiring};
        let end = Some(START.plus_s(OVERLAP_S));
        assert_eq!(states().await, [(Retiring, end), (Current, None), (Pending, None), (Pending, None)]);
        world.commit(vec![take(&newer)]).await;
        // Who read the older one before that comes too late, and takes nothing back.
        world.conflicts(vec![take(&row)]).await;
        assert_eq!(states().await, [(Retiring, end), (Retiring, end), (Current, None), (Pending, None)]);
        assert!(presented(&first).await.unwrap().is_in_force(START));
        assert!(!presented(&first).await.unwrap().is_in_force(START.plus_s(OVERLAP_S)));
        let retire = Effect::RetireInstallationSecret {
            tenant: demo(),
            installation: "ins_1".into(),
            id: one.clone(),
            expires_at: START,
        };
        world.commit(vec![retire]).await;
        assert!(!presented(&first).await.unwrap().is_in_force(START));
        assert!(!presented(&third).await.unwrap().is_in_force(START), "{three} was never delivered");
    }
}

#[tokio::test]
async fn a_secret_that_ended_is_forgotten_a_day_later_and_others_stay() {
    for world in worlds().await {
        furnish(&world).await;
        let row = world.store.installation(&demo(), &"ins_1".into()).await.unwrap().unwrap();
        let (rotated, ..) =
            effects(&world, |ctx| installation::rotate_secret(&row, true, &Actor::Operator, ctx));
        world.commit(rotated).await;
        let secrets = async || world.store.installation_secrets(&demo(), &"ins_1".into()).await.unwrap();
        let first = secrets().await.remove(0);
        world
            .commit(vec![Effect::RetireInstallationSecret {
                tenant: demo(),
                installation: "ins_1".into(),
                id: first.id,
                expires_at: START.plus_s(60),
            }])
            .await;
        let mut reaper = Reaper::default();
        let mut left = async |now| {
            // The second round begins anew.
            for _ in 0..3 {
                reaper.run_once(world.store.driver(), now).await.unwrap();
            }
            secrets().await.len()
        };
        assert_eq!(left(START.plus_s(86_400)).await, 2, "{}", world.engine);
        assert_eq!(left(START.plus_s(86_400 + 3_600)).await, 1, "{}", world.engine);
        assert_eq!(left(START.plus_s(10 * 86_400)).await, 1, "one without an end stays");
    }
}
