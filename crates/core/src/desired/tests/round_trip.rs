//! `export | apply` is nothing, whatever the state: on random ones, some of which were reached in many steps.

use serde_json::{Value, json};

use super::world::World;
use crate::desired::{Action, State};
use doorward_crypto::random::{Random, SeededRandom};

struct Chance(SeededRandom);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_be_bytes(bytes) as usize % bound.max(1)
    }

    fn often(&mut self) -> bool {
        self.below(3) > 0
    }

    fn some<'a, T>(&mut self, of: &'a [T]) -> Vec<&'a T> {
        of.iter().filter(|_| self.below(2) == 0).collect()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}

/// A document of one or two tenants; what it names exists in it.
fn document(chance: &mut Chance) -> Value {
    let tenants: Vec<Value> = (0..=chance.below(2)).map(|number| tenant(number, chance)).collect();
    json!({ "tenants": tenants })
}

fn tenant(number: usize, chance: &mut Chance) -> Value {
    let apis: Vec<String> =
        (0..chance.below(3)).map(|at| format!("https://api{at}.t{number}.example")).collect();
    let roles: Vec<String> = (0..chance.below(4)).map(|at| format!("role-{at}")).collect();
    let contexts = contexts(chance);
    let places: Vec<String> =
        contexts.iter().map(|context| context["id"].as_str().unwrap().to_owned()).collect();
    let people: Vec<String> = (0..chance.below(5)).map(|at| format!("person{at}")).collect();
    let memberships = memberships(&people, &places, &roles, chance);
    let extensions = extensions(&apis, &places, chance);
    let installations = installations(&extensions, &places, number, chance);
    let mut clients: Vec<Value> = (0..chance.below(4)).map(|at| client(at, &apis, &roles, chance)).collect();
    if chance.often() {
        clients.iter_mut().for_each(|client| client["issuers"] = json!([format!("t{number}")]));
    }
    json!({
        "id": format!("t{number}"),
        "name": format!("Tenant {}", chance.below(3)),
        "disabled": chance.below(5) == 0,
        "settings": { "locale": if chance.often() { "en" } else { "de" }, "session_idle_s": 600 + chance.below(3) * 60 },
        "issuers": issuers(number, chance),
        "apis": apis.iter().enumerate().map(|(at, id)| api(at, id, chance)).collect::<Vec<_>>(),
        "roles": roles.iter().map(|id| role(id, chance)).collect::<Vec<_>>(),
        "contexts": contexts,
        "clients": clients,
        "users": people.iter().map(|name| user(name, number, &roles, chance)).collect::<Vec<_>>(),
        "memberships": memberships,
        "extensions": extensions,
        "installations": installations,
    })
}

fn issuers(number: usize, chance: &mut Chance) -> Vec<Value> {
    let mut issuers = vec![
        json!({ "url": format!("https://t{number}.example{}", if chance.often() { "" } else { "/x" }) }),
    ];
    if chance.often() {
        issuers.push(
            json!({ "id": format!("t{number}-more"), "url": format!("https://more.t{number}.example") }),
        );
    }
    issuers
}

fn api(at: usize, id: &str, chance: &mut Chance) -> Value {
    json!({
        "id": id,
        "scopes": [{
            "name": format!("s{at}:read"), "description": "Read", "default": chance.often(),
            "permission": chance.often().then_some("orders:read"),
        }],
        "token_format": if chance.often() { "jwt" } else { "opaque" },
        "permissions": { "token": chance.often(), "domains": if chance.often() { json!(["orders"]) } else { json!([]) } },
        "guard": {
            "parameters": chance.often(),
            "routes": if chance.often() { json!([]) } else { json!([
                { "methods": ["GET"], "path": "/things/**", "scopes": [format!("s{at}:read")], "max_age": 300 },
                { "path": "/health", "open": true },
            ]) },
        },
        "disabled": chance.below(4) == 0,
    })
}

fn role(id: &str, chance: &mut Chance) -> Value {
    let words = ["orders:read", "orders:*", "bills:write", "admin:users.read"];
    json!({ "id": id, "permissions": chance.some(&words), "requires_second_factor": chance.below(4) == 0 })
}

fn contexts(chance: &mut Chance) -> Vec<Value> {
    let mut made: Vec<(String, usize)> = Vec::new();
    let mut contexts = Vec::new();
    for at in 0..chance.below(7) {
        let id = format!("kind-{}/c-{at}", chance.below(2));
        let shallow: Vec<(String, usize)> = made.iter().filter(|(_, depth)| *depth < 4).cloned().collect();
        let parent = if chance.often() { chance.one(&shallow).cloned() } else { None };
        made.push((id.clone(), parent.as_ref().map_or(1, |(_, depth)| depth + 1)));
        let mut context = json!({ "id": id, "disabled": chance.below(5) == 0 });
        if let Some((parent, _)) = parent {
            context["parent"] = parent.into();
        }
        if chance.often() {
            context["external_id"] = format!("ext-{at}").into();
            context["external_version"] = chance.below(9).into();
        }
        contexts.push(context);
    }
    contexts.reverse();
    contexts
}

fn client(at: usize, apis: &[String], roles: &[String], chance: &mut Chance) -> Value {
    let map: serde_json::Map<String, Value> =
        chance.some(roles).into_iter().map(|role| (role.clone(), json!(["orders:read"]))).collect();
    let may: Vec<String> = chance.some(apis).into_iter().cloned().collect();
    let scopes =
        apis.iter().enumerate().filter(|(_, id)| may.contains(id)).map(|(at, _)| format!("s{at}:read"));
    let scopes: Vec<String> = ["openid".to_owned()].into_iter().chain(scopes).collect();
    json!({
        "id": format!("client-{at}"),
        "auth_method": if chance.often() { "client_secret_basic" } else { "none" },
        "redirect_uris": [format!("https://c{at}.example/cb")],
        "scopes": scopes.join(" "),
        "apis": may,
        "role_permissions": chance.often().then_some(map),
        "disabled": chance.below(4) == 0,
        "first_party": chance.below(3) == 0,
    })
}

fn user(name: &str, tenant: usize, roles: &[String], chance: &mut Chance) -> Value {
    let mut user = json!({
        "user_name": name,
        "email": format!("{name}@t{tenant}.example"),
        "email_verified": chance.often(),
        "profile": { "name": format!("Person {}", chance.below(4)) },
        "roles": chance.some(roles),
        "disabled": chance.below(4) == 0,
        "locked": chance.below(4) == 0,
        "administrator": chance.below(4) == 0,
    });
    if chance.often() {
        user["password"] = "a password of some length".into();
    }
    user
}

fn memberships(people: &[String], places: &[String], roles: &[String], chance: &mut Chance) -> Vec<Value> {
    let mut memberships = Vec::new();
    for person in people {
        for place in chance.some(places) {
            let roles = chance.some(roles);
            memberships.push(json!({ "user": person, "context": place, "roles": roles }));
        }
    }
    memberships
}

/// Some have the id of a client that the document may list, others make theirs.
fn extensions(apis: &[String], places: &[String], chance: &mut Chance) -> Vec<Value> {
    let mut extensions = Vec::new();
    for at in 0..chance.below(4) {
        let scopes =
            apis.iter().enumerate().map(|(at, _)| format!("s{at}:read")).chain(["openid".to_owned()]);
        let scopes: Vec<Value> = scopes
            .filter(|_| chance.often())
            .collect::<Vec<_>>()
            .into_iter()
            .map(|name| json!({ "name": name, "reason": "Why", "optional": chance.below(2) == 0 }))
            .collect();
        let id = if at == 0 { "client-0".to_owned() } else { format!("ext-{at}") };
        let mut manifest = json!({
            "name": format!("Extension {}", chance.below(2)), "scopes": scopes,
            "callback_url": format!("https://c{at}.example/cb"),
            "launch_url": format!("https://c{at}.example/open?u=:userId"),
            "variants": chance.some(&[json!({ "key": "a" }), json!({ "key": "b" })]),
        });
        if chance.below(4) == 0 {
            manifest["context_kinds"] = json!(["tenant", "kind-0"]);
        }
        let mut extension = json!({ "id": id, "suspended": chance.below(4) == 0 });
        if chance.below(4) == 0 {
            extension["state"] = chance.one(&["verified", "published", "deprecated"]).copied().into();
        }
        if chance.below(4) == 0 {
            extension["proposed"] = manifest.clone();
            extension["proposed"]["name"] = "Another name".into();
        }
        if chance.below(8) == 0 {
            extension["contributor"] = chance.one(places).cloned().into();
        }
        extension["manifest"] = manifest;
        extensions.push(extension);
    }
    extensions
}

fn installations(extensions: &[Value], places: &[String], number: usize, chance: &mut Chance) -> Vec<Value> {
    let mut installations = Vec::new();
    let whole = [format!("tenant/t{number}")];
    for extension in extensions {
        let manifest = &extension["manifest"];
        for place in chance.some(&[&whole, places].concat()) {
            let fits = manifest["context_kinds"].is_null() || !place.starts_with("kind-1");
            if !fits {
                continue;
            }
            let mut row = json!({
                "extension": extension["id"], "context": place,
                "disabled": chance.below(4) == 0, "suspended": chance.below(4) == 0,
            });
            if chance.often() {
                row["settings"] = json!({ "colour": chance.below(3) });
            }
            if chance.often() {
                let scopes = manifest["scopes"].as_array().unwrap().iter();
                let scopes = scopes.filter(|scope| scope["optional"] == false || chance.often());
                let scopes: Vec<&str> = scopes.map(|scope| scope["name"].as_str().unwrap()).collect();
                row["scopes"] = scopes.join(" ").into();
            }
            installations.push(row);
        }
    }
    installations
}

#[test]
fn an_export_that_is_applied_changes_nothing() {
    let mut applied = 0;
    for seed in 0..200 {
        let mut chance = Chance(SeededRandom::new(seed));
        let mut world = World::default();
        for _ in 0..=chance.below(3) {
            let prune = chance.often();
            // A context that would have to move is refused; nothing is changed then.
            if world.apply(document(&mut chance), prune).is_ok() {
                applied += 1;
            }
            nothing_to_do(&mut world, seed);
        }
    }
    assert!(applied > 250, "most documents can be applied: {applied}");
}

#[test]
fn an_export_makes_an_empty_server_the_same() {
    for seed in 0..100 {
        let mut chance = Chance(SeededRandom::new(1000 + seed));
        let mut world = World::default();
        if world.apply(document(&mut chance), false).is_err() {
            continue;
        }
        let text = world.export();
        let mut other = World::default();
        let mut exported: State = serde_json::from_str(&text).unwrap();
        other.apply_state(&mut exported, false).unwrap_or_else(|problems| panic!("{seed}: {problems}"));
        assert_eq!(other.export(), text, "seed {seed}");
    }
}

/// What an administrator, an API or a command asks to be removed, one by one: it goes with what narrowed by it, or stays with who names it.
#[test]
fn what_is_removed_leaves_nothing_that_cannot_be_applied() {
    let (mut gone, mut cleaned, mut stayed) = (0, 0, 0);
    for seed in 0..200 {
        let mut chance = Chance(SeededRandom::new(2000 + seed));
        let mut world = World::default();
        if world.apply(document(&mut chance), false).is_err() {
            continue;
        }
        for list in [
            "roles",
            "apis",
            "issuers",
            "roles",
            "installations",
            "clients",
            "users",
            "extensions",
            "contexts",
        ] {
            let exported: Value = serde_json::from_str(&world.export()).unwrap();
            let Some(tenant) = chance.one(exported["tenants"].as_array().unwrap()) else { continue };
            let mut rest = tenant[list].as_array().unwrap().clone();
            if rest.is_empty() {
                continue;
            }
            let removed = rest.remove(chance.below(rest.len()));
            // What lies in a context goes with it.
            rest.retain(|other| other["parent"] != removed["id"] || removed["id"].is_null());
            let before = world.export();
            match world.apply(json!({ "tenants": [{ "id": tenant["id"], list: rest }] }), true) {
                Ok(plan) => {
                    gone += 1;
                    cleaned += plan.count(Action::Update);
                }
                Err(problems) => {
                    stayed += 1;
                    assert!(
                        list == "contexts" || problems.0.iter().all(|problem| problem.is_used),
                        "{seed}: {problems}"
                    );
                    assert_eq!(world.export(), before, "seed {seed}");
                }
            }
            nothing_to_do(&mut world, seed);
        }
    }
    assert!(gone > 200 && cleaned > 50 && stayed > 50, "{gone} {cleaned} {stayed}");
}

/// What versions before this left behind: clients that name what is not there.
#[test]
fn what_is_missing_already_keeps_nothing_from_being_applied_or_switched_off() {
    let mut dangling = 0;
    for seed in 0..200 {
        let mut chance = Chance(SeededRandom::new(3000 + seed));
        let mut world = World::default();
        if world.apply(document(&mut chance), false).is_err() {
            continue;
        }
        for tenant in &mut world.current.tenants {
            tenant.roles.retain(|_| chance.below(2) == 0);
            tenant.apis.retain(|_| chance.below(2) == 0);
            tenant.issuers.retain(|_| chance.below(2) == 0);
            let roles: Vec<_> = tenant.roles.iter().map(|role| role.key).collect();
            tenant.users.iter_mut().for_each(|user| user.roles.retain(|held| roles.contains(&held.role)));
            for member in &mut tenant.memberships {
                member.roles.retain(|held| roles.contains(&held.role));
            }
        }
        nothing_to_do(&mut world, seed);
        let exported: Value = serde_json::from_str(&world.export()).unwrap();
        for tenant in exported["tenants"].as_array().unwrap() {
            for client in tenant["clients"].as_array().unwrap() {
                let mut off = client.clone();
                off["disabled"] = true.into();
                let one = json!({ "tenants": [{ "id": tenant["id"], "clients": [off] }] });
                world.apply(one, false).unwrap_or_else(|problems| panic!("{seed}: {problems}"));
                // What is missing is not named anew.
                let mut other = client.clone();
                other["id"] = "another".into();
                let one = json!({ "tenants": [{ "id": tenant["id"], "clients": [other] }] });
                dangling += usize::from(world.apply(one, false).is_err());
            }
        }
        assert!(
            world
                .current
                .tenants
                .iter()
                .flat_map(|tenant| &tenant.clients)
                .all(|found| { found.client.id.as_str() == "another" || found.client.disabled_at.is_some() })
        );
    }
    assert!(dangling > 50, "{dangling}");
}

/// The export, applied.
fn nothing_to_do(world: &mut World, seed: u64) {
    let text = world.export();
    let mut exported: State = serde_json::from_str(&text).unwrap();
    let plan = world.apply_state(&mut exported, true).unwrap_or_else(|problems| panic!("{seed}: {problems}"));
    let touched: Vec<_> = plan.changes.iter().filter(|change| change.action != Action::Unchanged).collect();
    assert!(touched.is_empty(), "seed {seed}: {touched:?}");
    assert_eq!(world.export(), text, "seed {seed}");
}
