//! Roles, contexts, memberships and assignments: their conflicts, what a person holds, and what the reaper takes away.

use doorward_core::Effect;
use doorward_core::effect::Guard;
use doorward_core::id::{ContextKey, RoleKey, TenantId, UserId};
use doorward_core::model::{Assignment, Context, Membership, Role, User};
use doorward_core::permission::Permission;
use doorward_store::roles::Given;
use doorward_store::worker::reaper::Reaper;

use crate::support::{START, World, demo, user, worlds};

fn role(key: i64, id: &str) -> Role {
    Role {
        tenant: demo(),
        key: RoleKey(key),
        id: id.into(),
        name: id.to_owned(),
        description: String::new(),
        permissions: [Permission::parse("orders:read").unwrap()].into(),
        requires_second_factor: false,
        version: 0,
        created_at: START,
    }
}

pub fn context(key: i64, id: &str, ancestors: &[i64]) -> Context {
    Context {
        tenant: demo(),
        key: ContextKey(key),
        id: id.into(),
        name: id.to_owned(),
        parent: None,
        ancestors: ancestors.iter().map(|key| ContextKey(*key)).collect(),
        disabled_at: None,
        removed_at: None,
        external_id: None,
        external_version: None,
        version: 0,
        created_at: START,
        updated_at: START,
    }
}

pub fn member(key: i64) -> Membership {
    Membership {
        tenant: demo(),
        user: user("demo", "alice").id,
        context: ContextKey(key),
        context_id: "".into(),
        external_version: Some(4),
        version: 0,
        created_at: START,
    }
}

fn assignment(context: Option<i64>, role: i64) -> Assignment {
    Assignment {
        tenant: demo(),
        user: user("demo", "alice").id,
        context: context.map(ContextKey),
        role: RoleKey(role),
        role_id: "r".into(),
        created_at: START,
    }
}

/// A customer, a project in it, and a stage in that; Alice has the role everywhere, and in the stage.
async fn furnish(world: &World) {
    world
        .commit(vec![
            Effect::PutRole(role(1, "r")),
            Effect::PutContext(context(10, "customer/c", &[])),
            Effect::PutContext(context(11, "project/p", &[10])),
            Effect::PutContext(context(12, "stage/s", &[11, 10])),
            Effect::PutMembership(member(12)),
            Effect::Assign(assignment(None, 1)),
            Effect::Assign(assignment(Some(12), 1)),
        ])
        .await;
}

async fn held(world: &World) -> Vec<Option<String>> {
    let held = world.store.held(&demo(), &user("demo", "alice").id).await.unwrap();
    held.into_iter().map(|held| held.context.map(|context| context.0)).collect()
}

fn remove(key: i64, version: i64) -> Effect {
    Effect::RemoveContext { tenant: demo(), key: ContextKey(key), version, now: START }
}

#[tokio::test]
async fn what_is_put_is_read_and_states_its_version() {
    for world in worlds().await {
        furnish(&world).await;
        let alice = user("demo", "alice").id;
        let stored = Role { version: 1, ..role(1, "r") };
        assert_eq!(world.store.role(&demo(), &"r".into()).await.unwrap(), Some(stored.clone()));
        assert_eq!(world.store.roles(&demo()).await.unwrap(), std::slice::from_ref(&stored));
        let stage = world.store.context(&demo(), &"stage/s".into()).await.unwrap().unwrap();
        assert_eq!(stage, Context { version: 1, ..context(12, "stage/s", &[11, 10]) });
        let ids: Vec<String> = world
            .store
            .contexts(&demo(), Some(&"customer/c".into()), 1)
            .await
            .unwrap()
            .into_iter()
            .map(|context| context.id.0)
            .collect();
        assert_eq!(ids, ["project/p"]);
        let below = world.store.contexts_in(&demo(), ContextKey(10), None, 9).await.unwrap();
        assert_eq!(below.len(), 1);
        let mine = world.store.memberships_of(&demo(), &alice, None, 9).await.unwrap();
        assert_eq!(
            (mine.len(), mine[0].context_id.as_str(), mine[0].external_version),
            (1, "stage/s", Some(4))
        );
        assert_eq!(world.store.members_of(&demo(), ContextKey(12), None, 9).await.unwrap(), mine);
        assert_eq!(world.store.memberships(&demo(), None, 9).await.unwrap(), mine);
        let given = world.store.assignments(&demo(), None, 9).await.unwrap();
        assert_eq!(given, [assignment(None, 1), assignment(Some(12), 1)]);
        assert_eq!(world.store.assignments(&demo(), Some(&given[0]), 9).await.unwrap(), given[1..]);
        assert_eq!(world.store.assignments_of(&demo(), &alice).await.unwrap(), given);
        let found = world.store.given_of_role(&demo(), RoleKey(1), None, 9).await.unwrap();
        let places = |held: &[Given]| {
            held.iter().map(|given| (given.place.0, given.context.clone())).collect::<Vec<_>>()
        };
        let everywhere = [(0, None), (12, Some("stage/s".into()))];
        assert_eq!(places(&found), everywhere);
        let after = Given::read_holder(&found[0].holder());
        assert_eq!(world.store.given_of_role(&demo(), RoleKey(1), after, 9).await.unwrap(), found[1..]);
        let of_alice = world.store.given_of_user(&demo(), &alice, None, 9).await.unwrap();
        assert_eq!(places(&of_alice), everywhere);
        let after = Some((of_alice[0].place, of_alice[0].role.clone()));
        assert_eq!(world.store.given_of_user(&demo(), &alice, after, 9).await.unwrap(), of_alice[1..]);
        // Of another version, or of an id that is taken.
        world.conflicts(vec![Effect::PutRole(role(2, "r"))]).await;
        world.conflicts(vec![Effect::PutRole(Role { version: 2, ..stored })]).await;
        world.conflicts(vec![Effect::PutContext(context(20, "project/p", &[]))]).await;
        world.conflicts(vec![Effect::PutContext(Context { version: 2, ..stage })]).await;
        world.conflicts(vec![Effect::PutMembership(member(12))]).await;
        world.conflicts(vec![Effect::PutMembership(Membership { version: 2, ..member(12) })]).await;
        world.conflicts(vec![remove(11, 2)]).await;
        world.conflicts(vec![Effect::RemoveRole(demo(), RoleKey(1), 2)]).await;
        let gone = Effect::RemoveMembership(demo(), alice, ContextKey(12), 2);
        world.conflicts(vec![gone]).await;
        // What is given already, or taken already, is no conflict.
        world.commit(vec![Effect::Assign(assignment(None, 1))]).await;
        let take = Effect::Unassign {
            tenant: demo(),
            user: user("demo", "alice").id,
            context: None,
            role: RoleKey(1),
        };
        // Another role in the same place, and the same one in another place, are others.
        world.commit(vec![Effect::PutRole(role(2, "other")), Effect::Assign(assignment(None, 2))]).await;
        world.commit(vec![take.clone()]).await;
        world.commit(vec![take]).await;
        assert_eq!(held(&world).await, [None, Some("stage/s".to_owned())]);
    }
}

#[tokio::test]
async fn one_row_takes_a_context_and_all_below_it() {
    for world in worlds().await {
        furnish(&world).await;
        assert_eq!(held(&world).await, [None, Some("stage/s".to_owned())]);
        world.commit(vec![remove(10, 1)]).await;
        assert_eq!(held(&world).await, [None]);
        assert!(world.store.contexts(&demo(), None, 9).await.unwrap().is_empty());
        assert_eq!(world.store.context(&demo(), &"stage/s".into()).await.unwrap(), None);
        world.conflicts(vec![remove(10, 2)]).await;
        // The ids are free at once, before anybody swept, and what was in them stays dead.
        world
            .commit(vec![
                Effect::PutContext(context(30, "customer/c", &[])),
                Effect::PutContext(context(31, "stage/s", &[30])),
            ])
            .await;
        assert_eq!(world.store.contexts(&demo(), None, 9).await.unwrap().len(), 2);
        assert_eq!(held(&world).await, [None]);
    }
}

/// Of two commits that meet, one may give a role where the other has just ended the membership.
#[tokio::test]
async fn a_role_in_a_context_is_worth_nothing_to_who_does_not_belong_there() {
    for world in worlds().await {
        furnish(&world).await;
        let of_another = Membership { user: "usr_somebody".into(), ..member(11) };
        world.commit(vec![Effect::Assign(assignment(Some(11), 1)), Effect::PutMembership(of_another)]).await;
        assert_eq!(held(&world).await, [None, Some("stage/s".to_owned())]);
    }
}

#[tokio::test]
async fn roles_go_with_the_membership_and_stay_gone_when_it_is_made_anew() {
    for world in worlds().await {
        furnish(&world).await;
        let alice = user("demo", "alice").id;
        world.commit(vec![Effect::RemoveMembership(demo(), alice, ContextKey(12), 1)]).await;
        assert_eq!(held(&world).await, [None]);
        world.commit(vec![Effect::PutMembership(member(12))]).await;
        assert_eq!(held(&world).await, [None]);
    }
}

#[tokio::test]
async fn who_is_removed_belongs_nowhere() {
    for world in worlds().await {
        furnish(&world).await;
        let alice = user("demo", "alice");
        world.commit(vec![Effect::RemoveUser(demo(), alice.id.clone(), 1), Effect::PutUser(alice)]).await;
        assert!(held(&world).await.is_empty());
        assert_eq!((world.rows("memberships").await, world.rows("assignments").await), (0, 0));
    }
}

#[tokio::test]
async fn the_reaper_takes_what_hangs_on_nothing() {
    for world in worlds().await {
        furnish(&world).await;
        world.commit(vec![Effect::PutRole(role(2, "gone")), Effect::Assign(assignment(None, 2))]).await;
        world.commit(vec![remove(10, 1), Effect::RemoveRole(demo(), RoleKey(2), 1)]).await;
        // Somebody who was removed while this was written: whoever gets their id must not find it.
        let nobody = UserId::from("usr_nobody");
        let roles = [None, Some(ContextKey(40))].map(|context| {
            Effect::Assign(Assignment { user: nobody.clone(), context, ..assignment(None, 1) })
        });
        let member = Effect::PutMembership(Membership { user: nobody, ..member(40) });
        world
            .commit([vec![Effect::PutContext(context(40, "project/q", &[])), member], roles.into()].concat())
            .await;
        let mut reaper = Reaper::default();
        let later = START.plus_s(2 * 86_400);
        for round in 0..8 {
            reaper.run_once(world.store.driver(), START.plus_ms(round)).await.unwrap();
        }
        assert_eq!((world.rows("memberships").await, world.rows("assignments").await), (0, 1));
        assert_eq!(world.rows("contexts").await, 4, "what was removed is kept for a day");
        for round in 0..12 {
            reaper.run_once(world.store.driver(), later.plus_ms(round)).await.unwrap();
        }
        assert_eq!(world.rows("contexts").await, 1);
        assert_eq!(held(&world).await, [None], "what stands stays");
    }
}

/// Whom a change counts on must be as they were read: they, their tenant, their role, and that they have it.
#[tokio::test]
async fn whom_a_change_counts_on_stays() {
    for world in worlds().await {
        let alice = user("demo", "alice").id;
        world.commit(vec![Effect::PutRole(role(1, "r")), Effect::Assign(assignment(None, 1))]).await;
        let administrators = async |tenant: Option<&TenantId>| -> Vec<Guard> {
            let found = world.store.administrators(tenant, None, 9).await.unwrap();
            assert!(found.iter().all(|(_, administers)| *administers));
            found.into_iter().map(|(guard, _)| guard).collect()
        };
        assert!(administrators(None).await.is_empty());
        let stored = async || world.store.user(&demo(), &alice).await.unwrap().unwrap().user;
        let made = User { administrator_since: Some(START), ..stored().await };
        world.commit(vec![Effect::PutUser(made)]).await;
        let found = administrators(None).await;
        assert_eq!((found.len(), &found[0].user), (1, &alice));
        assert_eq!(administrators(Some(&demo())).await, found);
        assert!(administrators(Some(&"acme".into())).await.is_empty());
        assert!(world.store.administrators(None, Some(&found[0]), 9).await.unwrap().is_empty());
        let holders = world.store.holders(&demo(), RoleKey(1), None, 9).await.unwrap();
        assert_eq!(holders, found);
        assert!(world.store.holders(&demo(), RoleKey(1), Some(&found[0]), 9).await.unwrap().is_empty());

        let guard = Guard { role: Some((RoleKey(1), 1)), ..found[0].clone() };
        for _ in 0..2 {
            world.commit(vec![Effect::Guard(guard.clone())]).await;
        }
        assert_eq!(stored().await.version, guard.version, "it changes nothing");
        for other in [
            Guard { version: guard.version + 1, ..guard.clone() },
            Guard { tenant_version: guard.tenant_version + 1, ..guard.clone() },
            Guard { role: Some((RoleKey(1), 2)), ..guard.clone() },
            Guard { role: Some((RoleKey(2), 1)), ..guard.clone() },
            Guard { user: "usr_nobody".into(), ..guard.clone() },
        ] {
            world.conflicts(vec![Effect::Guard(other)]).await;
        }
        let take = |role| Effect::Unassign { tenant: demo(), user: alice.clone(), context: None, role };
        world.commit(vec![take(RoleKey(1))]).await;
        world.conflicts(vec![Effect::Guard(guard.clone())]).await;
        world.commit(vec![Effect::Guard(Guard { role: None, ..guard })]).await;
        // Whoever cannot act is nobody to count on; whoever is none any longer is in no list.
        for off in [
            User { locked_at: Some(START), ..stored().await },
            User { disabled_at: Some(START), version: stored().await.version + 1, ..stored().await },
        ] {
            world.commit(vec![Effect::PutUser(off)]).await;
            assert!(administrators(None).await.is_empty());
        }
        assert_eq!(world.rows("administrators").await, 1);
        world.commit(vec![Effect::PutUser(User { administrator_since: None, ..stored().await })]).await;
        assert_eq!(world.rows("administrators").await, 0);
        world
            .commit(vec![Effect::PutUser(User { administrator_since: Some(START), ..stored().await })])
            .await;
        let version = stored().await.version;
        world.commit(vec![Effect::RemoveUser(demo(), alice, version)]).await;
        assert_eq!(world.rows("administrators").await, 0);
    }
}
