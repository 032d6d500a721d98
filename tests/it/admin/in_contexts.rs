//! Who administers extensions or installations only in a context: what is there, and nothing else, on every route.

use doorward_core::Effect;
use doorward_core::admin::API;
use doorward_core::id::TenantId;
use doorward_tests::{ALICE, BOB, Reply, T1, TestApp, WEB, user_id};
use doorward_wire::scope::Scopes;
use serde_json::{Value, json};

use super::extensions::{T, installed, manifest, prepared};
use super::matrix::in_the_name_of;
use super::{ADMIN, Admin, pointers};

const SCOPES: &str = "openid admin:installations.write admin:installations.read admin:extensions.write admin:extensions.read admin:clients.write";

/// A person with a token.
pub struct Person<'a> {
    app: &'a TestApp,
    bearer: String,
}

impl Person<'_> {
    /// A request.
    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Reply {
        let mut headers = vec![("authorization", self.bearer.as_str())];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        self.app.send(method, &format!("{ADMIN}{path}"), &headers, &body).await
    }

    async fn status(&self, method: &str, path: &str) -> u16 {
        self.ask(method, path, Value::Null).await.status
    }

    async fn ids(&self, path: &str, member: &str) -> Vec<String> {
        let reply = self.ask("GET", path, Value::Null).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        let mut ids: Vec<String> = reply.json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item[member].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    }
}

/// ALICE administers both in `customer/c`, BOB in `customer/d`; `project/p` lies in the first.
pub async fn furnished(admin: &Admin<'_>) {
    let app = admin.app;
    let mut web = app.store.client(&TenantId::from(T1), &WEB.into()).await.unwrap().unwrap().client.clone();
    web.apis.insert(API.into());
    web.scopes = web.scopes.union(&Scopes::parse(SCOPES).unwrap());
    app.store.commit(vec![Effect::PutClient(web)]).await.unwrap();
    let put = async |path: &str, body: Value| {
        let reply = admin.json("PUT", &format!("{T}{path}"), body.clone()).await;
        assert!(reply.status < 300, "{path} {body}: {}", reply.body);
    };
    let owner = json!({ "permissions": [
        "admin:installations.write", "admin:installations.read", "admin:extensions.write", "admin:extensions.read",
    ]});
    put("/roles/owner", owner).await;
    for context in ["c", "d"] {
        put(&format!("/contexts/customer/{context}"), json!({})).await;
    }
    prepared(admin).await;
    let below = json!({ "parent": "customer/c" });
    put("/contexts/project/below", below).await;
    for (context, name) in [("c", ALICE), ("d", BOB)] {
        put(
            &format!("/contexts/customer/{context}/members/{}", user_id(name)),
            json!({ "roles": ["owner"] }),
        )
        .await;
    }
}

/// Somebody, with a token for what they may.
pub async fn person<'a>(app: &'a TestApp, name: &str) -> Person<'a> {
    let tokens = in_the_name_of(app, name, WEB, SCOPES).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert!(!tokens.text("scope").contains("admin:clients"), "{}", tokens.body);
    Person { app, bearer: format!("Bearer {}", tokens.text("access_token")) }
}

#[tokio::test]
async fn installations_are_administered_in_a_context_and_below_it_only() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    furnished(&admin).await;
    let (alice, bob) = (person(&app, ALICE).await, person(&app, BOB).await);
    let there = installed(&admin, "customer/c").await;
    let below = installed(&admin, "project/below").await;
    let other = installed(&admin, "customer/d").await;
    let whole = installed(&admin, "tenant/t1").await;
    let beside = installed(&admin, "project/p").await;
    let list = format!("{T}/installations");
    assert_eq!(alice.ids(&list, "context").await, ["customer/c", "project/below"]);
    assert_eq!(bob.ids(&list, "context").await, ["customer/d"]);
    assert_eq!(alice.ids(&format!("{list}?context=project%2Fbelow"), "context").await, ["project/below"]);
    assert_eq!(alice.ids(&format!("{list}?extension=e"), "context").await, ["customer/c", "project/below"]);
    for context in ["customer%2Fd", "tenant%2Ft1", "customer%2Fnone"] {
        assert_eq!(alice.status("GET", &format!("{list}?context={context}")).await, 404, "{context}");
    }

    // Every route of an installation, asked for those elsewhere as for one that is not there.
    let secret =
        admin.get(&format!("{other}/secrets")).await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let missing = format!("{T}/installations/ins_{}", "0".repeat(22));
    let routes: Vec<(&str, String)> = doorward_web::admin::route::routes()
        .filter(|route| route.path.starts_with("/tenants/{tenant}/installations/{id}"))
        .map(|route| {
            let rest = route.path.strip_prefix("/tenants/{tenant}/installations/{id}").unwrap();
            (route.method, rest.replace("{secret}", &secret))
        })
        .collect();
    assert!(routes.len() >= 15, "{}", routes.len());
    let strip = |reply: &Reply| {
        let mut body = reply.json();
        body["request_id"] = "".into();
        body
    };
    for (method, rest) in &routes {
        let none = alice.ask(method, &format!("{missing}{rest}"), json!({})).await;
        assert_eq!(none.status, 404, "{method} {rest}: {}", none.body);
        for path in [&other, &whole, &beside] {
            let reply = alice.ask(method, &format!("{path}{rest}"), json!({})).await;
            assert_eq!(reply.status, 404, "{method} {path}{rest}: {}", reply.body);
            assert_eq!(strip(&reply), strip(&none), "{method} {rest}");
        }
    }
    for path in [&other, &whole, &beside] {
        assert_eq!(admin.get(path).await.json()["version"], 1, "{path} is as it was");
    }

    // Here it is done, and what is the platform's is not.
    for path in [&there, &below] {
        assert_eq!(alice.status("GET", path).await, 200);
        assert_eq!(alice.status("GET", &format!("{path}/events")).await, 200);
        assert_eq!(alice.status("GET", &format!("{path}/secrets")).await, 200);
        assert_eq!(alice.status("POST", &format!("{path}/disable")).await, 200);
        assert_eq!(alice.status("POST", &format!("{path}/enable")).await, 200);
        assert_eq!(alice.ask("PATCH", path, json!({ "variant": "large" })).await.status, 200);
        assert_eq!(alice.status("POST", &format!("{path}/suspend")).await, 403);
        assert_eq!(alice.ask("PATCH", path, json!({ "suspended": true })).await.status, 403);
        admin.send("POST", &format!("{path}/suspend"), &[], "").await;
        assert_eq!(alice.status("POST", &format!("{path}/resume")).await, 403);
        assert_eq!(alice.status("POST", &format!("{path}/enable")).await, 409);
        assert_eq!(alice.status("DELETE", path).await, 204);
    }
    let install = async |context: &str| {
        alice.ask("POST", &list, json!({ "extension": "e", "context": context })).await.status
    };
    assert_eq!(install("project/below").await, 201);
    for context in ["customer/d", "tenant/t1", "customer/none", "project/p"] {
        assert_eq!(install(context).await, 404, "{context}");
    }
    // Whoever loses the role loses it at the next request.
    let gone =
        admin.send("DELETE", &format!("{T}/contexts/customer/c/members/{}", user_id(ALICE)), &[], "").await;
    assert_eq!(gone.status, 204);
    assert_eq!(alice.status("GET", &list).await, 403);
}

#[tokio::test]
async fn a_context_that_was_made_anew_gives_nothing_of_the_old() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    furnished(&admin).await;
    let path = installed(&admin, "customer/c").await;
    let own = json!({ "id": "own", "contributor": "customer/c", "manifest": { "name": "Own" } });
    assert_eq!(admin.json("POST", &format!("{T}/extensions"), own).await.status, 201);
    let alice = person(&app, ALICE).await;
    assert_eq!(alice.status("GET", &path).await, 200);
    assert_eq!(admin.send("DELETE", &format!("{T}/contexts/customer/c"), &[], "").await.status, 204);
    assert_eq!(admin.json("PUT", &format!("{T}/contexts/customer/c"), json!({})).await.status, 201);
    let member = format!("{T}/contexts/customer/c/members/{}", user_id(ALICE));
    assert_eq!(admin.json("PUT", &member, json!({ "roles": ["owner"] })).await.status, 201);
    assert_eq!(alice.status("GET", &path).await, 404);
    assert_eq!(alice.status("GET", &format!("{T}/extensions/own")).await, 404);
    assert!(alice.ids(&format!("{T}/extensions"), "id").await.is_empty());
}

/// Row EX-013 of the catalogue of bad inputs.
#[tokio::test]
async fn a_contributor_proposes_what_the_platform_takes_over() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    furnished(&admin).await;
    let (alice, bob) = (person(&app, ALICE).await, person(&app, BOB).await);
    let list = format!("{T}/extensions");
    let own = json!({ "id": "own", "contributor": "customer/c", "manifest": manifest() });
    let elsewhere = |contributor: &str| {
        let mut wish = own.clone();
        wish["contributor"] = contributor.into();
        wish
    };
    for contributor in ["customer/d", "customer/none"] {
        assert_eq!(alice.ask("POST", &list, elsewhere(contributor)).await.status, 404, "{contributor}");
    }
    let nobody = json!({ "id": "own", "manifest": manifest() });
    assert_eq!(alice.ask("POST", &list, nobody).await.status, 404, "nobody's is the tenant's");
    let mut published = own.clone();
    published["state"] = "published".into();
    assert_eq!(alice.ask("POST", &list, published).await.status, 403);
    let mut taken = own.clone();
    taken["id"] = WEB.into();
    taken["manifest"]["callback_url"] = Value::Null;
    taken["manifest"]["launch_url"] = Value::Null;
    taken["manifest"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(alice.ask("POST", &list, taken).await.status, 403, "a client that is there is not hers");
    let made = alice.ask("POST", &list, own.clone()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(alice.ids(&list, "id").await, ["own"]);
    assert!(bob.ids(&list, "id").await.is_empty());

    // A draft is hers to change, and to try out at home.
    let path = format!("{list}/own");
    let named = |name: &str| json!({ "manifest": { "name": name } });
    let changed = alice.ask("PATCH", &path, named("Mine")).await;
    assert_eq!(changed.json()["manifest"]["name"], "Mine", "{}", changed.body);
    let installs = async |who: &Person<'_>, context: &str| {
        who.ask("POST", &format!("{T}/installations"), json!({ "extension": "own", "context": context }))
            .await
            .status
    };
    assert_eq!(installs(&bob, "customer/d").await, 404, "a draft of others is not there");
    assert_eq!(installs(&alice, "customer/c").await, 201);
    for act in ["verify", "publish", "suspend"] {
        assert_eq!(alice.status("POST", &format!("{path}/{act}")).await, 403, "{act}");
        assert_eq!(bob.status("POST", &format!("{path}/{act}")).await, 404, "{act}");
    }
    assert_eq!(admin.send("POST", &format!("{path}/publish"), &[], "").await.status, 200);
    assert_eq!(installs(&bob, "customer/d").await, 201);

    // From now on what is in force stays.
    let evil = json!({ "manifest": { "audiences": ["https://evil.example"], "launch_url": "https://evil.example/:userId" } });
    let proposed = alice.ask("PATCH", &path, evil).await;
    assert_eq!(proposed.status, 200, "{}", proposed.body);
    let body = proposed.json();
    assert_eq!(body["manifest"]["launch_url"], manifest()["launch_url"]);
    assert_eq!(body["proposed"]["launch_url"], "https://evil.example/:userId");
    assert_eq!(body["manifest_version"], 2, "that of the name, while it was a draft");
    assert_eq!(alice.status("POST", &format!("{path}/manifest/accept")).await, 403);
    assert_eq!(admin.send("POST", &format!("{path}/manifest/reject"), &[], "").await.status, 200);
    assert!(admin.get(&path).await.json().get("proposed").is_none());
    assert_eq!(admin.send("POST", &format!("{path}/manifest/accept"), &[], "").await.status, 409);
    let seen = alice.ask("PATCH", &path, named("Renamed")).await.json()["version"].to_string();
    alice.ask("PATCH", &path, named("Renamed again")).await;
    let tag = format!("\"{seen}\"");
    let stale = admin.send("POST", &format!("{path}/manifest/accept"), &[("if-match", &tag)], "").await;
    assert_eq!(stale.status, 412, "what was looked at is not what is proposed now");
    let taken = admin.send("POST", &format!("{path}/manifest/accept"), &[], "").await;
    assert_eq!(taken.json()["manifest"]["name"], "Renamed again", "{}", taken.body);
    assert_eq!(taken.json()["manifest_version"], 3);
    // What is proposed is checked like what is in force.
    let wrong =
        alice.ask("PATCH", &path, json!({ "manifest": { "launch_url": "http://evil.example/" } })).await;
    assert_eq!((wrong.status, pointers(&wrong)), (400, vec!["/manifest/launch_url".to_owned()]));
    // Taking it back is hers, too.
    assert_eq!(alice.status("POST", &format!("{path}/deprecate")).await, 200);
    assert_eq!(alice.status("POST", &format!("{path}/publish")).await, 403);
    assert_eq!(alice.status("POST", &format!("{path}/withdraw")).await, 200);
    // Another's is not there, whatever is asked.
    let whole = "/tenants/{tenant}/extensions/{id}";
    let routes: Vec<_> =
        doorward_web::admin::route::routes().filter(|route| route.path.starts_with(whole)).collect();
    assert!(routes.len() >= 12, "{}", routes.len());
    for route in routes {
        let rest = route.path.strip_prefix(whole).unwrap();
        let has_body = matches!(route.method, "PUT" | "PATCH");
        for extension in ["own", "e"] {
            let body = if has_body { json!({ "manifest": { "name": "x" } }) } else { Value::Null };
            let reply = bob.ask(route.method, &format!("{list}/{extension}{rest}"), body).await;
            assert_eq!(reply.status, 404, "{} {rest} of {extension}: {}", route.method, reply.body);
        }
    }
}

/// Row PI-006 of the catalogue of bad inputs.
#[tokio::test]
async fn nobody_consents_to_what_they_could_not_do_there() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    furnished(&admin).await;
    let api = json!({ "scopes": [
        { "name": "o:read", "permission": "orders:read" }, { "name": "o:write", "permission": "orders:write" },
    ]});
    let id = doorward_wire::percent::encode("https://o.example");
    assert_eq!(admin.json("PUT", &format!("{T}/apis/{id}"), api).await.status, 201);
    for (role, permission) in [("reader", "orders:read"), ("writer", "orders:write")] {
        let role =
            admin.json("PUT", &format!("{T}/roles/{role}"), json!({ "permissions": [permission] })).await;
        assert_eq!(role.status, 201, "{}", role.body);
    }
    // She reads there, and writes elsewhere.
    for (context, roles) in [("c", json!(["owner", "reader"])), ("d", json!(["writer"]))] {
        let member = format!("{T}/contexts/customer/{context}/members/{}", user_id(ALICE));
        assert!(admin.json("PUT", &member, json!({ "roles": roles })).await.status < 300);
    }
    let asks = json!([{ "name": "o:read" }, { "name": "o:write", "optional": true }]);
    let made = admin
        .json(
            "PUT",
            &format!("{T}/extensions/o"),
            json!({ "state": "published", "manifest": { "name": "O", "scopes": asks } }),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    let alice = person(&app, ALICE).await;
    let list = format!("{T}/installations");
    let wish = |scopes: &str| json!({ "extension": "o", "context": "project/below", "scopes": scopes });
    let denied = alice.ask("POST", &list, wish("o:read o:write")).await;
    assert_eq!(denied.status, 403, "{}", denied.body);
    assert!(denied.body.contains("orders:write"), "{}", denied.body);
    let made = alice.ask("POST", &list, wish("o:read")).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("{list}/{}", made.text("id"));
    assert_eq!(alice.ask("PATCH", &path, json!({ "scopes": "o:read o:write" })).await.status, 403);
    assert_eq!(alice.ask("POST", &format!("{path}/secrets"), json!({ "reveal": true })).await.status, 201);
    // What another consented to she leaves as it is, and is not shown the secret of.
    assert_eq!(admin.json("PATCH", &path, json!({ "scopes": "o:read o:write" })).await.status, 200);
    assert_eq!(alice.ask("PATCH", &path, json!({ "settings": { "a": 1 } })).await.status, 200);
    assert_eq!(alice.ask("POST", &format!("{path}/secrets"), json!({ "reveal": true })).await.status, 403);
    assert_eq!(alice.ask("POST", &format!("{path}/secrets"), json!({})).await.status, 201);
    assert_eq!(
        alice.ask("PATCH", &path, json!({ "scopes": "o:read" })).await.status,
        200,
        "less is always hers"
    );
    // What happened to it she reads, and not from where its members come.
    app.events().await;
    let addresses = async |reply: Reply| {
        let items = reply.json()["items"].as_array().expect("a list").clone();
        assert!(!items.is_empty(), "{}", reply.body);
        items.iter().filter(|item| item.get("address").is_some()).count() == items.len()
    };
    let trail = format!("{path}/events");
    assert!(addresses(admin.get(&trail).await).await);
    let hers = alice.ask("GET", &trail, Value::Null).await;
    assert!(!hers.body.contains("\"address\""), "{}", hers.body);
    assert!(!addresses(hers).await);
}

#[tokio::test]
async fn who_makes_an_extension_says_where_its_codes_go_while_it_is_a_draft() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    furnished(&admin).await;
    let (alice, bob) = (person(&app, ALICE).await, person(&app, BOB).await);
    let own = json!({ "id": "own", "contributor": "customer/c", "manifest": manifest() });
    assert_eq!(alice.ask("POST", &format!("{T}/extensions"), own).await.status, 201);
    let path = format!("{T}/extensions/own/client");
    let read = alice.ask("GET", &path, Value::Null).await;
    assert_eq!((read.status, read.json()["redirect_uris"].clone()), (200, json!(["https://e.example/cb"])));
    assert!(!read.body.contains("sha256") && !read.body.contains("client_secret\":"), "{}", read.body);
    assert_eq!(bob.ask("GET", &path, Value::Null).await.status, 404);
    let more = json!({ "redirect_uris": ["https://e.example/cb", "https://e.example/other"] });
    assert_eq!(bob.ask("PATCH", &path, more.clone()).await.status, 404);
    assert_eq!(
        alice.ask("PATCH", &format!("{T}/clients/own"), more.clone()).await.status,
        403,
        "no other way"
    );
    let changed = alice.ask("PATCH", &path, more.clone()).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.json()["redirect_uris"], more["redirect_uris"]);
    assert_eq!(alice.ask("PATCH", &path, json!({ "scopes": "rs1:read" })).await.status, 200);
    assert_eq!(
        alice.ask("PATCH", &path, json!({ "scopes": "rs1:read rs1:write" })).await.status,
        200,
        "it asks for both"
    );
    // Nothing else of it is hers.
    for beyond in [
        json!({ "scopes": "rs1:read rs2:read" }),
        json!({ "scopes": "rs1:read admin:users.read", "apis": ["https://rs1.example", API] }),
        json!({ "first_party": true }),
        json!({ "introspects_all": true }),
        json!({ "auth_method": "none" }),
        json!({ "lifetimes": { "access_token_s": 86_400 } }),
        json!({ "disabled": true }),
        json!({ "grant_types": ["authorization_code", "refresh_token", "password"] }),
        json!({ "grant_types": ["authorization_code", "client_credentials", "refresh_token"], "name": "Own" }),
        json!({ "legacy": ["unauthenticated_code"] }),
    ] {
        let refused = alice.ask("PATCH", &path, beyond.clone()).await;
        assert!(matches!(refused.status, 400 | 403), "{beyond}: {} {}", refused.status, refused.body);
        assert_eq!(admin.get(&path).await.json()["version"], 4, "{beyond}");
    }
    // The manifest's callback stays among them.
    let gone = alice.ask("PATCH", &path, json!({ "redirect_uris": ["https://e.example/other"] })).await;
    assert_eq!(gone.status, 409, "{}", gone.body);
    assert_eq!(admin.send("POST", &format!("{T}/extensions/own/verify"), &[], "").await.status, 200);
    for evil in [
        json!({ "redirect_uris": ["https://e.example/cb", "https://evil.example/cb"] }),
        json!({ "name": "Another" }),
        json!({ "grant_types": [] }),
    ] {
        assert_eq!(alice.ask("PATCH", &path, evil.clone()).await.status, 403, "{evil}: it was looked at");
    }
    let some = Admin::with(&app, "some", "admin:extensions.write").await;
    assert_eq!(some.json("PATCH", &path, more).await.status, 200, "the platform");
    assert_eq!(some.json("PATCH", &format!("{T}/clients/web"), json!({ "name": "x" })).await.status, 403);
}

#[tokio::test]
async fn who_administers_in_a_context_is_not_taken_over_by_who_does_not() {
    let app = TestApp::extended().await;
    furnished(&Admin::of_tenant(&app).await).await;
    let narrow = Admin::with(&app, "narrow", "admin:users.write admin:users.read").await;
    let user = format!("{T}/users/{}", user_id(ALICE));
    for act in ["sign-in-link", "reset-link", "require-password"] {
        assert_eq!(narrow.send("POST", &format!("{user}/{act}"), &[], "").await.status, 403, "{act}");
    }
    assert_eq!(
        narrow.json("PATCH", &user, json!({ "password": "a quiet morning at sea" })).await.status,
        403
    );
    assert_eq!(narrow.send("DELETE", &user, &[], "").await.status, 403);
    let both = "admin:users.write admin:installations.write admin:installations.read admin:extensions.read \
                admin:extensions.write";
    let holder = Admin::with(&app, "holder", both).await;
    assert_eq!(holder.send("POST", &format!("{user}/sign-in-link"), &[], "").await.status, 200);
}

#[tokio::test]
async fn who_leaves_one_context_stays_in_the_others() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    furnished(&admin).await;
    let member = |context: &str| format!("{T}/contexts/customer/{context}/members/{}", user_id(BOB));
    assert_eq!(admin.json("PUT", &member("c"), json!({ "roles": ["owner"] })).await.status, 201);
    let gone = admin.send("DELETE", &member("c"), &[], "").await;
    assert_eq!(gone.status, 204, "{}", gone.body);
    assert_eq!(admin.get(&member("c")).await.status, 404);
    assert_eq!(admin.get(&member("d")).await.json()["roles"], json!(["owner"]));
}
