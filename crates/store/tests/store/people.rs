//! People, the names they sign in with, their credentials, and the throttle.

use doorward_core::desired::import::Record;
use doorward_core::id::{RoleKey, TenantId};
use doorward_core::login::attempt::{Attempt, Guess};
use doorward_core::model::{Assignment, BucketRow, Credential, Role, User};
use doorward_core::{Effect, Needs};

use crate::support::{START, demo, password, user, worlds};

fn by_name(name: &str) -> Needs {
    Needs { login_name: Some(name.to_owned()), ..Needs::default() }
}

#[tokio::test]
async fn a_person_is_found_by_user_name_by_address_and_by_id_with_their_password() {
    for world in worlds().await {
        let stored = User { version: 1, ..user("demo", "alice") };
        for needs in [
            by_name("alice"),
            by_name("alice@example.com"),
            Needs { user: Some(stored.id.clone()), ..Needs::default() },
        ] {
            let found = world.load(needs).await.user.expect("she is there");
            assert_eq!(found.user, stored);
            assert_eq!(found.password, Some(password("demo", "alice", "phc")));
        }
        assert!(world.load(by_name("nobody")).await.user.is_none());
    }
}

#[tokio::test]
async fn names_and_addresses_share_one_namespace_in_a_tenant() {
    for world in worlds().await {
        let mut bob = user("demo", "bob");
        bob.user_name_key = "alice@example.com".to_owned();
        world.conflicts(vec![Effect::PutUser(bob.clone())]).await;
        bob.user_name_key = "bob".to_owned();
        bob.email_key = Some("alice".to_owned());
        world.conflicts(vec![Effect::PutUser(bob.clone())]).await;
        assert!(world.load(by_name("bob")).await.user.is_none(), "nothing of a conflict stands");
        bob.email_key = Some("bob".to_owned());
        world.commit(vec![Effect::PutUser(bob.clone())]).await;
        assert_eq!(world.rows("login_names").await, 3);
        // In another tenant the same names are free.
        world.commit(vec![Effect::PutUser(user("acme", "alice"))]).await;
    }
}

#[tokio::test]
async fn a_changed_name_is_free_for_others_and_an_old_version_changes_nothing() {
    for world in worlds().await {
        let mut alice = world.load(by_name("alice")).await.user.unwrap().user;
        world.conflicts(vec![Effect::PutUser(user("demo", "alice"))]).await;
        alice.user_name_key = "ally".to_owned();
        alice.email_key = None;
        alice.disabled_at = Some(START.plus_ms(1));
        alice.locked_at = Some(START.plus_ms(2));
        alice.valid_from = Some(START.plus_ms(3));
        alice.external_id = Some("x-1".to_owned());
        alice.external_version = Some(7);
        world.commit(vec![Effect::PutUser(alice.clone())]).await;
        world.conflicts(vec![Effect::PutUser(alice.clone())]).await;
        let found = world.load(by_name("ally")).await.user.unwrap().user;
        assert_eq!(found, User { version: 2, ..alice });
        assert!(world.load(by_name("alice")).await.user.is_none());
        let mut other = user("demo", "alice");
        other.id = "usr_other".into();
        world.commit(vec![Effect::PutUser(other)]).await;
        let ids: Vec<_> = world.store.users(&demo(), None, 10).await.unwrap();
        assert_eq!(
            ids.iter().map(|found| found.user.id.as_str()).collect::<Vec<_>>(),
            ["usr_alice", "usr_other"]
        );
        let after = world.store.users(&demo(), Some(&"usr_alice".into()), 10).await.unwrap();
        assert_eq!(after.len(), 1);
    }
}

#[tokio::test]
async fn people_change_all_their_names_with_each_other_in_one_commit() {
    for world in worlds().await {
        let with_external = |mut user: User, id: &str| {
            user.external_id = Some(id.to_owned());
            user
        };
        let mut alice = with_external(world.load(by_name("alice")).await.user.unwrap().user, "x-a");
        world.commit(vec![Effect::PutUser(alice.clone())]).await;
        let mut bob = with_external(user("demo", "bob"), "x-b");
        world.commit(vec![Effect::PutUser(bob.clone())]).await;
        (alice.version, bob.version) = (2, 1);
        std::mem::swap(&mut alice.user_name_key, &mut bob.user_name_key);
        std::mem::swap(&mut alice.email_key, &mut bob.email_key);
        std::mem::swap(&mut alice.external_id, &mut bob.external_id);
        let put = vec![Effect::PutUser(alice.clone()), Effect::PutUser(bob.clone())];
        world.conflicts(put.clone()).await;
        let mut effects: Vec<Effect> =
            [&alice, &bob].map(|user| Effect::FreeNames(demo(), user.id.clone())).into();
        effects.extend(put);
        world.commit(effects.clone()).await;
        for (name, id) in [("bob", &alice.id), ("alice", &bob.id), ("alice@example.com", &bob.id)] {
            assert_eq!(world.load(by_name(name)).await.user.unwrap().user.id, *id, "{name}");
        }
        // At an old version nothing is given back.
        world.conflicts(effects).await;
        assert!(world.load(by_name("bob")).await.user.is_some());
    }
}

#[tokio::test]
async fn removing_a_person_takes_names_and_credentials_along() {
    for world in worlds().await {
        world.conflicts(vec![Effect::RemoveUser(demo(), "usr_alice".into(), 2)]).await;
        world.commit(vec![Effect::RemoveUser(demo(), "usr_alice".into(), 1)]).await;
        world.conflicts(vec![Effect::RemoveUser(demo(), "usr_alice".into(), 1)]).await;
        for table in ["users", "login_names", "credentials"] {
            assert_eq!(world.rows(table).await, 0, "{table}");
        }
    }
}

/// What a link or a notice leaves beside the password is no second factor: `doctor` asks for administrators without one.
#[tokio::test]
async fn only_a_second_factor_counts_as_one() {
    for world in worlds().await {
        let count = async || world.store.second_factors(&demo(), &"usr_alice".into()).await.unwrap();
        for kind in ["recovery", "password_reset", "sign_in_link", "told_closed"] {
            let beside = Credential { kind: kind.to_owned(), ..password("demo", "alice", "x") };
            world.commit(vec![Effect::PutCredential(beside)]).await;
            assert_eq!(count().await, 0, "{kind}");
        }
        let totp = Credential { kind: "totp".to_owned(), ..password("demo", "alice", "x") };
        world.commit(vec![Effect::AddCredential(totp)]).await;
        assert_eq!(count().await, 1);
    }
}

#[tokio::test]
async fn a_hash_is_upgraded_only_where_it_is_the_one_that_was_verified() {
    for world in worlds().await {
        let upgraded = Credential { created_at: START.plus_s(-1), ..password("demo", "alice", "better") };
        let upgrade = |from: &str| {
            vec![Effect::UpgradeCredential { credential: upgraded.clone(), from: from.to_owned() }]
        };
        world.conflicts(upgrade("another")).await;
        world.commit(upgrade("phc")).await;
        world.conflicts(upgrade("phc")).await;
        assert_eq!(world.load(by_name("alice")).await.user.unwrap().password, Some(upgraded.clone()));
        let changed = Credential { created_at: START.plus_s(1), ..password("demo", "alice", "changed") };
        world.commit(vec![Effect::PutCredential(changed.clone())]).await;
        assert_eq!(world.load(by_name("alice")).await.user.unwrap().password, Some(changed));
        assert_eq!(world.rows("credentials").await, 1);
    }
}

fn attempt(name: &str) -> Attempt {
    let name = name.to_owned();
    Attempt {
        name_key: Some(name.clone()),
        typed: name,
        device: None,
        holder: "1".to_owned(),
        guess: Guess::Password,
    }
}

#[tokio::test]
async fn attempts_are_counted_to_the_limit_and_anew_when_the_window_has_passed() {
    for world in worlds().await {
        let mac = world.store.fresh_mac_key(&demo(), 1).await.unwrap();
        world.commit(vec![Effect::PutMacKey(mac)]).await;
        let attempt = attempt("nobody");
        let [bucket, other] = attempt.counters_in(&world.base())[..] else { panic!() };
        let (bucket, other) = (bucket.bucket, other.bucket);
        let count =
            |at| vec![Effect::CountAttempt { bucket, now: START.plus_ms(at), window_ms: 1000, limit: 3 }];
        let found = async || world.load(attempt.needs()).await.attempts;
        assert_eq!(found().await, [None, None]);
        for at in 0..3 {
            world.commit(count(at)).await;
        }
        world.conflicts(count(999)).await;
        assert_eq!(found().await, [Some(BucketRow { since: START, count: 3 }), None]);
        world.commit(count(1000)).await;
        let since = START.plus_ms(1000);
        assert_eq!(found().await[0], Some(BucketRow { since, count: 1 }));
        world.commit(vec![Effect::ForgiveAttempts { bucket }]).await;
        world.commit(vec![Effect::ForgiveAttempts { bucket: other }]).await;
        assert_eq!(found().await, [Some(BucketRow { since, count: 0 }), None]);
        // One is given back, and never more than there were.
        world.commit(count(1001)).await;
        world.commit(count(1002)).await;
        for left in [1, 0, 0] {
            world.commit(vec![Effect::GiveAttemptBack { bucket }]).await;
            world.commit(vec![Effect::GiveAttemptBack { bucket: other }]).await;
            assert_eq!(found().await, [Some(BucketRow { since, count: left }), None]);
        }
    }
}

/// Which buckets count is known once the person has been found: they are one for all names.
#[tokio::test]
async fn the_buckets_of_an_attempt_are_those_of_whoever_is_called_so() {
    for world in worlds().await {
        let mac = world.store.fresh_mac_key(&demo(), 1).await.unwrap();
        world.commit(vec![Effect::PutMacKey(mac)]).await;
        let found = world.load(by_name("alice")).await;
        let bucket = attempt("alice").counters_in(&found)[1].bucket;
        world.commit(vec![Effect::CountAttempt { bucket, now: START, window_ms: 1000, limit: 3 }]).await;
        for name in ["alice", "alice@example.com"] {
            let rows = world.load(attempt(name).needs()).await.attempts;
            assert_eq!(rows, [None, Some(BucketRow { since: START, count: 1 })], "{name}");
        }
        assert_eq!(world.load(attempt("nobody").needs()).await.attempts, [None, None]);
    }
}

/// Two that set a factor up at once, or one that takes away what another has just used, meet: one of them is decided again.
#[tokio::test]
async fn a_factor_is_added_where_there_is_none_and_removed_as_it_was_read() {
    for world in worlds().await {
        let totp = |data: &str| Credential { kind: "totp".to_owned(), ..password("demo", "alice", data) };
        world.commit(vec![Effect::AddCredential(totp("one"))]).await;
        world.conflicts(vec![Effect::AddCredential(totp("two"))]).await;
        let needs = Needs { user: Some(user("demo", "alice").id), factors: true, ..Needs::default() };
        let stored = async || world.load(needs.clone()).await.factors.totp.map(|found| found.data);
        assert_eq!(stored().await.as_deref(), Some("one"));
        world.conflicts(vec![Effect::RemoveCredential(totp("two"))]).await;
        assert_eq!(stored().await.as_deref(), Some("one"));
        world.commit(vec![Effect::RemoveCredential(totp("one"))]).await;
        assert_eq!(stored().await, None);
    }
}

/// Ids and names are of a tenant: what another has under the same ones is not found.
#[tokio::test]
async fn what_another_tenant_has_under_the_same_id_or_name_is_not_found() {
    for world in worlds().await {
        let acme = TenantId::from("acme");
        let twin = User { external_id: Some("x-1".to_owned()), ..user("acme", "alice") };
        let id = twin.id.clone();
        let solo = User { external_id: Some("x-2".to_owned()), ..user("acme", "solo") };
        let totp = Credential { kind: "totp".to_owned(), ..password("acme", "alice", "theirs") };
        let role = Role {
            tenant: acme.clone(),
            key: RoleKey(90),
            id: "r".into(),
            name: "R".to_owned(),
            description: String::new(),
            permissions: Default::default(),
            requires_second_factor: false,
            version: 0,
            created_at: START,
        };
        let given = Assignment {
            tenant: acme.clone(),
            user: id.clone(),
            context: None,
            role: RoleKey(90),
            role_id: "r".into(),
            created_at: START,
        };
        let effects = vec![
            Effect::PutUser(twin),
            Effect::PutUser(solo),
            Effect::AddCredential(totp),
            Effect::PutRole(role),
            Effect::Assign(given),
        ];
        world.commit(effects).await;
        assert_eq!(world.store.held(&acme, &id).await.unwrap().len(), 1);
        assert!(world.store.held(&demo(), &id).await.unwrap().is_empty());
        for needs in [by_name("alice"), Needs { user: Some(id.clone()), ..Needs::default() }] {
            let found = world.load(Needs { factors: true, ..needs }).await;
            assert!(
                found.user.is_some() && found.factors.totp.is_none() && found.held.unwrap().roles.is_empty()
            );
        }
        let line = |id: &str, name: &str| {
            let line = format!(
                r#"{{"type":"user","external_id":"{id}","external_version":1,"user_name":"{name}","id":"usr_{name}-0000"}}"#
            );
            Record::parse(line.as_bytes()).unwrap()
        };
        let records = [line("x-1", "nobody-here"), line("x-2", "solo")];
        let of = async |tenant: &TenantId| {
            let found = world.store.found_for(tenant, &records.iter().collect::<Vec<_>>()).await.unwrap();
            (found.users.len(), found.owners.len(), found.roles.len())
        };
        assert_eq!((of(&acme).await, of(&demo()).await), ((2, 1, 1), (0, 0, 0)));
    }
}
