//! Effective permission only ever narrows: in a hundred thousand random worlds, whatever restriction is added, nothing is granted that was
//! not before; and what the explanation says of each scope is what the rule does.

use std::collections::BTreeSet;

use doorward_core::id::{ContextId, RoleId};
use doorward_core::model::{Api, Client};
use doorward_core::permission::explain::{Question, explain};
use doorward_core::permission::{Held, Limits, Permission, Permissions, effective};
use doorward_wire::scope::Scopes;

use crate::world;

/// A sequence of numbers that looks like chance: the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn often(&mut self) -> bool {
        self.below(4) > 0
    }

    fn some(&mut self, words: &[&str]) -> Vec<String> {
        words.iter().filter(|_| self.often()).map(|word| (*word).to_owned()).collect()
    }

    fn scopes(&mut self) -> Scopes {
        Scopes::parse(&self.some(WORDS).join(" ")).unwrap()
    }
}

const WORDS: &[&str] = &["openid", "profile", "a:read", "a:write", "a:chief", "b:read", "b:write", "nobodys"];
const PERMISSIONS: &[&str] = &["a:read", "a:write", "b:*", "c:x"];
const PLACES: &[&str] = &["project/p-1", "customer/c-1", "project/p-2"];

/// All that limits a request.
#[derive(Clone)]
struct World {
    client: Client,
    apis: Vec<Api>,
    consented: Option<Scopes>,
    installed: Option<Scopes>,
    held: Option<Vec<Held>>,
}

impl World {
    fn new(chance: &mut Chance) -> Self {
        let mut client = world::client();
        client.scopes = chance.scopes();
        client.apis =
            ["https://a", "https://b"].iter().filter(|_| chance.often()).map(|id| (*id).into()).collect();
        if !chance.often() {
            let roles = (0..3).map(|role| (role_id(role), permissions(chance))).collect::<Vec<_>>();
            client.role_permissions = Some(roles.into_iter().filter(|_| chance.often()).collect());
        }
        let mut apis = vec![world::api("https://a", "a", "jwt"), world::api("https://b", "b", "jwt")];
        let chief =
            doorward_core::model::ApiScope { name: "a:chief".to_owned(), ..apis[0].scopes[0].clone() };
        apis[0].scopes.push(chief);
        for api in &mut apis {
            api.disabled_at = (!chance.often()).then(|| world::ago(1));
            for scope in &mut api.scopes {
                let word = PERMISSIONS[chance.below(3)].replace('*', "read");
                scope.permission = chance.often().then(|| Permission::parse(&word).unwrap());
            }
        }
        Self {
            client,
            apis,
            consented: chance.often().then(|| chance.scopes()),
            installed: chance.often().then(|| chance.scopes()),
            held: chance.often().then(|| {
                let roles: Vec<Held> = (0..3)
                    .map(|role| Held {
                        role: role_id(role),
                        permissions: permissions(chance),
                        requires_second_factor: false,
                        context: chance.often().then(|| ContextId::from(PLACES[chance.below(3)])),
                    })
                    .collect();
                roles.into_iter().filter(|_| chance.often()).collect()
            }),
        }
    }

    /// One more restriction, of whatever kind.
    fn restrict(&mut self, chance: &mut Chance) {
        match chance.below(9) {
            0 => self.client.scopes = self.client.scopes.intersection(&chance.scopes()),
            1 => drop(self.client.apis.pop_first()),
            2 => self.apis[chance.below(2)].disabled_at = Some(world::ago(1)),
            3 => drop(self.apis[chance.below(2)].scopes.pop()),
            4 => {
                let all = self.consented.take().unwrap_or_else(|| Scopes::parse(&WORDS.join(" ")).unwrap());
                self.consented = Some(all.intersection(&chance.scopes()));
            }
            5 => {
                let all = self.installed.take().unwrap_or_else(|| Scopes::parse(&WORDS.join(" ")).unwrap());
                self.installed = Some(all.intersection(&chance.scopes()));
            }
            6 => match &mut self.held {
                Some(held) if !held.is_empty() => drop(held.remove(chance.below(held.len()))),
                Some(_) => {}
                // Somebody is known now, and holds only so much.
                None => self.held = Some(Vec::new()),
            },
            7 => {
                if let Some(held) = self.held.as_mut().and_then(|held| held.first_mut()) {
                    held.permissions.pop_first();
                }
            }
            _ => {
                let map = self.client.role_permissions.get_or_insert_with(|| {
                    (0..3)
                        .map(|role| {
                            (
                                role_id(role),
                                PERMISSIONS.iter().map(|word| Permission::parse(word).unwrap()).collect(),
                            )
                        })
                        .collect()
                });
                map.pop_first();
            }
        }
    }

    fn permissions(&self) -> Option<Permissions> {
        let held = self.held.as_ref()?;
        let all = Permissions::of(&world::user(), held, Some(&self.client));
        Some(match &self.installed {
            Some(_) => all.within(&PLACES[0].into(), &[PLACES[1].into()]),
            None => all,
        })
    }

    fn granted(&self, asked: &Scopes) -> Scopes {
        let permissions = self.permissions();
        let limits = Limits {
            consented: self.consented.as_ref(),
            installed: self.installed.as_ref(),
            permissions: permissions.as_ref(),
            ..Limits::of(&self.client, &self.apis)
        };
        effective(asked, &limits).scopes
    }
}

fn role_id(number: usize) -> RoleId {
    RoleId(format!("r{number}"))
}

fn permissions(chance: &mut Chance) -> BTreeSet<Permission> {
    chance.some(PERMISSIONS).iter().map(|word| Permission::parse(word).unwrap()).collect()
}

#[test]
fn a_restriction_never_widens() {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut narrowed = 0;
    for number in 0..100_000 {
        let (mut world, asked) = (World::new(&mut chance), chance.scopes());
        let before = world.granted(&asked);
        assert!(before.is_subset(&asked), "world {number}");
        world.restrict(&mut chance);
        let after = world.granted(&asked);
        assert!(after.is_subset(&before), "world {number}: {before} became {after}");
        narrowed += usize::from(after != before);
    }
    assert!(narrowed > 10_000, "restrictions must count: {narrowed}");
}

#[test]
fn the_explanation_says_what_the_rule_does() {
    let mut chance = Chance(0xD1B5_4A32_D192_ED03);
    let mut removed = 0;
    for number in 0..10_000 {
        let mut world = World::new(&mut chance);
        let asked = chance.scopes();
        // The explanation takes the person's roles from the facts, and where they act from the installation.
        world.installed = None;
        let mut facts = world::facts();
        facts.apis = std::sync::Arc::new(world.apis.clone());
        let is_known = world.held.is_some();
        facts.user =
            is_known.then(|| doorward_core::facts::UserFacts { user: world::user(), password: None });
        facts.held = world.held.clone().map(|roles| doorward_core::facts::HeldFacts {
            roles,
            client: Some(world::client_facts(world.client.clone())),
        });
        let question = Question {
            scopes: &asked,
            client: &world.client,
            consented: world.consented.as_ref(),
            for_person: is_known,
        };
        let granted = world.granted(&asked);
        for explained in explain(&question, &facts) {
            // What is about people is nothing that a client gets for itself.
            let is_open = granted.contains(&explained.scope)
                && (is_known || !["openid", "profile"].contains(&explained.scope.as_str()));
            assert_eq!(explained.granted, is_open, "world {number}: {explained:?}");
            assert_eq!(explained.granted, explained.removed_by.is_empty());
            removed += explained.removed_by.len();
        }
    }
    assert!(removed > 10_000, "{removed}");
}
