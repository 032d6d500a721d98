//! What imports ask and write: many rows together, and tombstones.

use doorward_core::desired::import::Record;
use doorward_core::id::UserId;
use doorward_core::model::{ExternalKind, Tombstone, User};
use doorward_core::{Effect, Timestamp};
use doorward_store::worker::reaper::Reaper;

use crate::support::{START, World, demo, password, user, worlds};

fn tombstone(id: &str, version: i64, removed_at: Timestamp) -> Effect {
    let kind = ExternalKind::User;
    Effect::PutTombstone(Tombstone { tenant: demo(), kind, external_id: id.to_owned(), version, removed_at })
}

fn record(id: &str) -> Record {
    let line = format!(r#"{{"type":"user","external_id":"{id}","external_version":1,"user_name":"n{id}"}}"#);
    Record::parse(line.as_bytes()).unwrap()
}

fn person(number: usize) -> User {
    let name = format!("n{number}");
    User {
        id: UserId(format!("usr_{number:08}")),
        user_name_key: name.clone(),
        user_name: name.clone(),
        email_key: Some(format!("{name}@example.com")),
        external_id: Some(number.to_string()),
        external_version: Some(1),
        ..user("demo", "alice")
    }
}

async fn removed(world: &World, id: &str) -> Option<i64> {
    let found = world.store.found_for(&demo(), &[&record(id)]).await.unwrap();
    found.tombstones.get(&(ExternalKind::User, id.to_owned())).copied()
}

#[tokio::test]
async fn a_tombstone_keeps_the_newest_version_for_more_than_a_year() {
    for world in worlds().await {
        assert_eq!(removed(&world, "1").await, None);
        world.commit(vec![tombstone("1", 5, START)]).await;
        world.commit(vec![tombstone("1", 4, START)]).await;
        assert_eq!(removed(&world, "1").await, Some(5));
        world.commit(vec![tombstone("1", 6, START.plus_s(60)), tombstone("2", 1, START)]).await;
        assert_eq!((removed(&world, "1").await, removed(&world, "2").await), (Some(6), Some(1)));
        let kept = 400 * 86_400;
        let reap =
            async |now| Reaper::default().run_once(world.store.driver(), now).await.unwrap().tombstones;
        assert_eq!(reap(START.plus_s(kept)).await, 0);
        assert_eq!(reap(START.plus_s(kept + 30)).await, 1);
        assert_eq!((removed(&world, "1").await, removed(&world, "2").await), (Some(6), None));
    }
}

/// Rows of one kind go into statements of sixteen; all stand or none, and each meets its own conflicts.
#[tokio::test]
async fn many_people_are_one_commit() {
    for world in worlds().await {
        let before = world.rows("login_names").await;
        let people: Vec<User> = (0..37).map(person).collect();
        let put = |people: &[User]| {
            let mut effects: Vec<Effect> = people.iter().cloned().map(Effect::PutUser).collect();
            effects.extend(people.iter().map(|user| {
                let mut credential = password("demo", "alice", "phc");
                credential.user = user.id.clone();
                Effect::PutCredential(credential)
            }));
            effects
        };
        for taken in [3, 20, 36] {
            let mut people = people.clone();
            people[taken].user_name_key = "alice".to_owned();
            world.conflicts(put(&people)).await;
            assert_eq!(world.rows("login_names").await, before, "nothing of a conflict stands");
        }
        world.commit(put(&people)).await;
        assert_eq!(world.rows("login_names").await, before + 74);
        world.conflicts(put(&people)).await;
        // All are found, by parts of sixty-four and with what is theirs.
        let records: Vec<Record> = (0..150).map(|number| record(&number.to_string())).collect();
        let found = world.store.found_for(&demo(), &records.iter().collect::<Vec<_>>()).await.unwrap();
        assert_eq!((found.users.len(), found.owners.len()), (37, 37));
        assert!(found.users.iter().all(|found| found.password.is_some()));
        // They change, thirty-seven at once, and one that was changed meanwhile keeps all from it.
        let mut changed: Vec<User> = found.users.into_iter().map(|found| found.user).collect();
        changed.iter_mut().for_each(|user| user.email_key = None);
        changed[30].version += 1;
        world.conflicts(put(&changed)).await;
        changed[30].version -= 1;
        world.commit(put(&changed)).await;
        assert_eq!(world.rows("login_names").await, before + 37);
    }
}
