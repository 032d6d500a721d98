//! Which rights a plan needs: with exactly these it may be carried out, and without any one of them it may not.

use serde_json::{Value, json};

use super::world::World;
use crate::Timestamp;
use crate::admin::authority::{check, harms_oneself};
use crate::admin::{API, Denied, Rights};
use crate::desired::{Plan, State, plan};
use crate::id::TenantId;
use crate::model::Actor;
use doorward_crypto::password::DUMMY;

fn document() -> Value {
    json!({ "tenants": [{
        "id": "demo",
        "issuers": [{ "url": "http://localhost:8080" }],
        "apis": [{ "id": "https://api.demo.example/", "scopes": [{ "name": "orders:read" }] }],
        "roles": [
            { "id": "reader", "permissions": ["orders:read"] },
            { "id": "keeper", "permissions": ["admin:keys.write"] },
        ],
        "contexts": [{ "id": "project/p-1" }],
        "clients": [
            { "id": "spa", "auth_method": "none", "redirect_uris": ["http://localhost:9000/cb"] },
            { "id": "robot", "auth_method": "none", "redirect_uris": ["http://localhost:9000/cb"],
              "scopes": "admin:events.read", "apis": [API] },
        ],
        "users": [
            { "id": "usr_alice-001", "user_name": "alice", "roles": ["reader"] },
            { "id": "usr_keeper-01", "user_name": "kim", "roles": ["keeper"] },
            { "id": "usr_boss-0001", "user_name": "boss", "administrator": true },
        ],
        "memberships": [{ "user": "kim", "context": "project/p-1", "roles": ["keeper"] }],
    }]})
}

fn world() -> World {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    world
}

/// A list and what it shall be, whether the rest goes, and what that needs.
type Row<'a> = ((String, Value, bool), &'a [&'a str]);

const CLIENTS: &str = "admin:clients.write";
const CONTEXTS: &str = "admin:contexts.write";
const KEYS: &str = "admin:keys.write";
const ROLES: &str = "admin:roles.write";
const SERVER: &str = "admin:server";
const USERS: &str = "admin:users.write";

/// What becomes of the base when that list is as `list` says.
fn planned(world: &World, name: &str, list: Value, prune: bool) -> Plan {
    let mut tenant = json!({ "id": "demo" });
    tenant[name] = list;
    let state: State = serde_json::from_value(json!({ "tenants": [tenant] })).unwrap();
    let plan = plan(&world.current, &state, prune, Timestamp(9_000_000)).unwrap();
    assert!(!plan.is_empty(), "{name}: nothing is shown by a plan of nothing");
    plan
}

/// The list of the base with one object changed.
fn changed(name: &str, at: usize, member: &str, value: Value) -> Value {
    let mut list = document()["tenants"][0][name].clone();
    list[at][member] = value;
    list
}

/// The list of the base without one object.
fn without(name: &str, at: usize) -> Value {
    let mut list = document()["tenants"][0][name].clone();
    list.as_array_mut().unwrap().remove(at);
    list
}

#[test]
fn who_may_only_make_people_makes_them_without_roles_and_touches_nobody() {
    let world = world();
    let made = |person: Value| planned(&world, "users", json!([person]), false);
    let narrow = Rights::of(&TenantId::from("demo"), ["admin:users.create".to_owned()]);
    let told = |plan: &Plan| check(plan, &world.current, &narrow);
    let denied = |scope: &str| Err(Denied::Scope(scope.to_owned()));
    assert_eq!(told(&made(json!({ "user_name": "new" }))), Ok(()));
    // A role that administers nothing, too: whom the platform trusts is not theirs to say.
    assert_eq!(told(&made(json!({ "user_name": "new", "roles": ["reader"] }))), denied(USERS));
    assert_eq!(told(&made(json!({ "user_name": "new", "administrator": true }))), denied(SERVER));
    let change = changed("users", 0, "email", json!("a@example.com"));
    assert_eq!(told(&planned(&world, "users", change, false)), denied(USERS));
    assert_eq!(told(&planned(&world, "users", without("users", 0), true)), denied(USERS));
    assert_eq!(told(&planned(&world, "roles", json!([{ "id": "new" }]), false)), denied(ROLES));
    let recovers = Rights::of(&TenantId::from("demo"), ["admin:users.recover".to_owned()]);
    assert_eq!(check(&made(json!({ "user_name": "new" })), &world.current, &recovers), denied(USERS));
}

#[test]
fn a_plan_needs_the_right_to_its_area_and_to_all_that_it_gives_or_touches() {
    let world = world();
    let made = |name: &str, object: Value| (name.to_owned(), json!([object]), false);
    let set =
        |name: &str, at, member: &str, value| (name.to_owned(), changed(name, at, member, value), false);
    let removed = |name: &str, at| (name.to_owned(), without(name, at), true);
    let robot = json!({ "id": "more", "auth_method": "none", "redirect_uris": ["http://localhost:9000/cb"],
        "scopes": "admin:keys.read", "apis": [API] });
    let rows: Vec<Row> = vec![
        (made("issuers", json!({ "id": "b", "url": "http://localhost:8081" })), &["admin:issuers.write"]),
        (removed("issuers", 0), &["admin:issuers.write"]),
        (made("apis", json!({ "id": "https://b.demo.example/" })), &["admin:apis.write"]),
        (removed("apis", 0), &["admin:apis.write"]),
        (made("roles", json!({ "id": "new", "permissions": ["orders:write"] })), &[ROLES]),
        (made("roles", json!({ "id": "new", "permissions": ["admin:keys.write"] })), &[ROLES, KEYS]),
        (set("roles", 0, "permissions", json!(["admin:keys.write"])), &[ROLES, KEYS]),
        (set("roles", 1, "permissions", json!(["orders:read"])), &[ROLES, KEYS]),
        (removed("roles", 0), &[ROLES]),
        (removed("roles", 1), &[ROLES, KEYS]),
        (made("contexts", json!({ "id": "project/p-2" })), &[CONTEXTS]),
        (removed("contexts", 0), &[CONTEXTS]),
        (made("clients", robot), &[CLIENTS, "admin:keys.read"]),
        (set("clients", 0, "name", json!("Other")), &[CLIENTS]),
        (set("clients", 1, "name", json!("Other")), &[CLIENTS, "admin:events.read"]),
        (set("clients", 1, "scopes", json!("")), &[CLIENTS, "admin:events.read"]),
        (removed("clients", 0), &[CLIENTS]),
        (removed("clients", 1), &[CLIENTS, "admin:events.read"]),
        (made("users", json!({ "user_name": "new" })), &[USERS]),
        (made("users", json!({ "user_name": "new", "administrator": true })), &[USERS, SERVER]),
        (made("users", json!({ "user_name": "new", "roles": ["keeper"] })), &[USERS, KEYS]),
        (set("users", 0, "email", json!("a@example.com")), &[USERS]),
        (set("users", 0, "administrator", json!(true)), &[USERS, SERVER]),
        (set("users", 1, "password_hash", json!(DUMMY)), &[USERS, KEYS]),
        (set("users", 1, "roles", json!([])), &[USERS, KEYS]),
        (set("users", 2, "administrator", json!(false)), &[USERS, SERVER]),
        (removed("users", 0), &[USERS]),
        (removed("users", 1), &[USERS, KEYS]),
        (removed("users", 2), &[USERS, SERVER]),
        (made("memberships", json!({ "user": "alice", "context": "project/p-1" })), &[CONTEXTS]),
        (
            made("memberships", json!({ "user": "alice", "context": "project/p-1", "roles": ["keeper"] })),
            &[CONTEXTS, KEYS],
        ),
        (removed("memberships", 0), &[CONTEXTS]),
    ];
    let held =
        |scopes: &[&str]| Rights::of(&TenantId::from("demo"), scopes.iter().map(|scope| (*scope).to_owned()));
    for ((name, list, prune), needs) in rows {
        let what = format!("{name}: {list}");
        let plan = planned(&world, &name, list, prune);
        assert_eq!(check(&plan, &world.current, &held(needs)), Ok(()), "{what}");
        assert_eq!(check(&plan, &world.current, &Rights::everything()), Ok(()), "{what}");
        for (at, missing) in needs.iter().enumerate() {
            let mut fewer = needs.to_vec();
            fewer.remove(at);
            let denied = Denied::Scope((*missing).to_owned());
            assert_eq!(check(&plan, &world.current, &held(&fewer)), Err(denied.clone()), "{what}");
            // Who may look may not change.
            if let Some(area) = missing.strip_suffix(".write") {
                let read = format!("{area}.read");
                fewer.push(&read);
                assert_eq!(check(&plan, &world.current, &held(&fewer)), Err(denied), "{what}");
            }
        }
        let of_another = needs.iter().map(|scope| (*scope).to_owned());
        let elsewhere = Rights::of(&TenantId::from("other"), of_another);
        let expected = if needs.contains(&SERVER) { Ok(()) } else { Err(Denied::Tenant) };
        assert_eq!(check(&plan, &world.current, &elsewhere), expected, "{what}");
    }
}

#[test]
fn a_tenant_is_made_by_who_administers_the_server_and_changed_by_its_own_administrator() {
    let world = world();
    let of = |id: &str, name: &str| {
        let state = json!({ "tenants": [{ "id": id, "name": name }] });
        plan(&world.current, &serde_json::from_value(state).unwrap(), false, Timestamp(9_000_000)).unwrap()
    };
    let rights = |home: &str, scopes: &[&str]| {
        Rights::of(&TenantId::from(home), scopes.iter().map(|scope| (*scope).to_owned()))
    };
    let write = "admin:tenants.write";
    let may = |plan: &Plan, rights: &Rights| check(plan, &world.current, rights);
    assert_eq!(may(&of("demo", "Other"), &rights("demo", &[write])), Ok(()));
    assert_eq!(may(&of("demo", "Other"), &rights("new", &[write])), Err(Denied::Tenant));
    let server = Denied::Scope("admin:server".to_owned());
    assert_eq!(
        may(&of("new", "New"), &rights("new", &[write])),
        Err(server),
        "not by saying that it is theirs"
    );
    assert_eq!(may(&of("new", "New"), &rights("demo", &[write, "admin:server"])), Ok(()));
}

#[test]
fn nobody_takes_from_themselves_what_they_act_by() {
    let world = world();
    let (boss, alice) = (Actor::User("usr_boss-0001".into()), Actor::User("usr_alice-001".into()));
    for (member, value) in [("disabled", true), ("locked", true), ("administrator", false)] {
        let plan = planned(&world, "users", changed("users", 2, member, json!(value)), false);
        assert!(harms_oneself(&plan, &boss).is_some(), "{member}");
        assert!(harms_oneself(&plan, &alice).is_none(), "{member}");
        assert!(harms_oneself(&plan, &Actor::Operator).is_none(), "{member}");
    }
    let plan = planned(&world, "users", without("users", 2), true);
    assert!(harms_oneself(&plan, &boss).is_some());
    assert!(harms_oneself(&plan, &alice).is_none());
    let plan = planned(&world, "users", changed("users", 2, "email", json!("b@example.com")), false);
    assert!(harms_oneself(&plan, &boss).is_none());
}
