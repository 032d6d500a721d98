//! What people hold of the dialects' own kinds, crossed with every way to be dead: the table is that of the standard issuer
//! (`it/liveness.rs`), and each path here says alive or dead where the one of the standard issuer that it is like does.

use std::sync::Arc;

use doorward_core::model::{Client, Legacy};
use doorward_tests::{ALICE, Page, Reply, T1, WEB, secret_of};
use serde_json::json;

use super::{Speaker, ez_publish, magic, smartenit};
use crate::liveness::{ALIVE, World, states};

/// A dialect's way from a code to its own kinds of tokens.
trait Carriers {
    /// The client.
    const CLIENT: &str;
    /// Its request for a code.
    const AUTHORIZE: &str;
    /// Whether what it gets outlives the session.
    const OFFLINE: bool;

    /// A server that speaks it, and the client as theirs are.
    async fn speaker() -> Speaker;
    /// What of the client a state that it is prepared for means here.
    fn prepared(_client: &mut Client) {}
    async fn redeem(at: &Speaker, code: &str) -> Reply;
    async fn refresh(at: &Speaker, issued: &Reply) -> Reply;
    /// What tokens are shown to, and which path of the standard issuer each is like.
    async fn shown(at: &Speaker, issued: &Reply) -> Vec<Said>;
    /// Where this dialect closes, or leaves open, what the standard issuer does not.
    fn lives(_state: &str, _path: &str) -> Option<bool> {
        None
    }
}

/// Codes, tokens and refresh tokens of one client and person.
struct Held {
    at: Speaker,
    /// What is shown. What is refreshed is of another code: a refresh may end what came before it.
    issued: Reply,
    refreshed: Reply,
    code: String,
}

/// A path, what it is like at the standard issuer, and what it says.
type Said = (&'static str, &'static str, Reply);

impl Held {
    async fn of<C: Carriers>(at: Speaker) -> Self {
        let browser = at.signed_in(ALICE).await;
        let mut codes = Vec::new();
        for _ in 0..3 {
            let mut reply = at.get(&browser, C::AUTHORIZE).await;
            if reply.status == 200 {
                reply = browser.submit(&Page::of(reply), &[("action", "allow")]).await;
            }
            codes.push(reply.param("code").unwrap_or_else(|| panic!("no code: {}", reply.body)));
        }
        drop(browser);
        let (issued, refreshed) = (C::redeem(&at, &codes[0]).await, C::redeem(&at, &codes[1]).await);
        Self { issued, refreshed, code: codes.remove(2), at }
    }

    async fn lasting<C: Carriers>(&self) -> Vec<Said> {
        let mut said = C::shown(&self.at, &self.issued).await;
        said.push(("refresh", "refresh", C::refresh(&self.at, &self.refreshed).await));
        said
    }

    /// The code too, which is spent by that.
    async fn all<C: Carriers>(&self) -> Vec<Said> {
        let mut said = self.lasting::<C>().await;
        said.push(("code", "code", C::redeem(&self.at, &self.code).await));
        said
    }
}

async fn every_carrier_is_closed<C: Carriers>() {
    let mut failed = String::new();
    for dead in states() {
        let at = C::speaker().await;
        let issuers = at.app.store.issuers_of(&T1.into()).await.expect("they can be read");
        let url = format!("https://id.example{}", at.mount);
        let issuer = issuers.into_iter().find(|issuer| issuer.url == url).expect("it is there");
        let client = at.app.store.client(&T1.into(), &C::CLIENT.into()).await.expect("read").expect("there");
        let world = World {
            app: Arc::clone(&at.app),
            issuer: issuer.id,
            client: C::CLIENT.into(),
            listed: client.client.issuers,
        };
        world
            .prepare(|owner, client| {
                client.first_party = false;
                (dead.prepare)(owner, client);
                C::prepared(client);
            })
            .await;
        let held = Held::of::<C>(at).await;
        let mut check = |when: &str, said: Vec<Said>, lives: &dyn Fn(&str, &str) -> bool| {
            for (path, like, reply) in said {
                let found = match reply.status {
                    200 => true,
                    400 | 401 | 404 => false,
                    status => panic!("{} × {path} {when}: {status} {}", dead.name, reply.body),
                };
                if found != lives(path, like) {
                    failed.push_str(&format!(
                        "\n{} × {path} {when}: {} {}",
                        dead.name, reply.status, reply.body
                    ));
                }
            }
        };
        check("before", held.lasting::<C>().await, &|_, _| true);
        (dead.make)(&world).await;
        let lives = |path: &str, like: &str| {
            C::lives(dead.name, path).unwrap_or_else(|| (dead.says)(like, C::OFFLINE) == ALIVE)
        };
        check("after", held.all::<C>().await, &lives);
        if let Some(clear) = dead.clear {
            clear(&world).await;
            check("when cleared", held.all::<C>().await, &|_, _| true);
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

/// Pairs of letters and digits.
struct EzPublish;

impl Carriers for EzPublish {
    const CLIENT: &str = WEB;
    const AUTHORIZE: &str = ez_publish::AUTHORIZE;
    const OFFLINE: bool = true;

    async fn speaker() -> Speaker {
        ez_publish::ez().await
    }

    async fn redeem(at: &Speaker, code: &str) -> Reply {
        ez_publish::redeem(at, code).await
    }

    async fn refresh(at: &Speaker, issued: &Reply) -> Reply {
        ez_publish::refresh(at, &ez_publish::Pair::of(issued)).await
    }

    async fn shown(at: &Speaker, issued: &Reply) -> Vec<Said> {
        vec![("guard", "guard", ez_publish::passes(at, &ez_publish::Pair::of(issued)).await)]
    }
}

/// ID tokens, which their APIs take.
struct Magic;

impl Carriers for Magic {
    const CLIENT: &str = magic::APP;
    const AUTHORIZE: &str = magic::AUTHORIZE;
    const OFFLINE: bool = false;

    async fn speaker() -> Speaker {
        magic::magic().await
    }

    fn prepared(client: &mut Client) {
        client.lifetimes.id_token_s = client.lifetimes.access_token_s;
    }

    async fn redeem(at: &Speaker, code: &str) -> Reply {
        magic::token(at, magic::SECRET, &magic::for_code(code)).await
    }

    async fn refresh(at: &Speaker, issued: &Reply) -> Reply {
        magic::token(at, magic::SECRET, &magic::for_refresh(&issued.text("refresh_token"))).await
    }

    async fn shown(at: &Speaker, issued: &Reply) -> Vec<Said> {
        let token = issued.text("id_token");
        vec![
            ("guard", "guard", magic::with_token(at, "GET", magic::GUARD, "Token", &token).await),
            ("validate", "userinfo", magic::with_token(at, "GET", "/api/validate", "Token", &token).await),
        ]
    }

    fn lives(state: &str, path: &str) -> Option<bool> {
        match (state, path) {
            // What the client may is asked at each request: an ID token is no access token that lives on for its few minutes.
            ("issuer not allowed", "guard" | "validate") => Some(false),
            // A code lives for fifteen seconds at most.
            ("grant idle" | "grant at its absolute end", "code") => Some(false),
            _ => None,
        }
    }
}

/// Refresh tokens of which no client shows itself, and access tokens at their own endpoint.
struct Smartenit;

impl Carriers for Smartenit {
    const CLIENT: &str = WEB;
    const AUTHORIZE: &str = "/v2/oauth2/dialog?response_type=code&client_id=web&state=s";
    const OFFLINE: bool = false;

    async fn speaker() -> Speaker {
        smartenit::smartenit().await
    }

    fn prepared(client: &mut Client) {
        assert!(client.legacy.contains(&Legacy::RefreshWithoutClient));
    }

    async fn redeem(at: &Speaker, code: &str) -> Reply {
        let body = json!({
            "grant_type": "authorization_code", "code": code, "redirect_uri": "https://app.example/cb",
            "client_id": WEB, "client_secret": secret_of(WEB),
        });
        smartenit::token(at, body).await
    }

    async fn refresh(at: &Speaker, issued: &Reply) -> Reply {
        let body = json!({ "grant_type": "refresh_token", "refresh_token": issued.text("refresh_token") });
        smartenit::token(at, body).await
    }

    async fn shown(at: &Speaker, issued: &Reply) -> Vec<Said> {
        let token = issued.text("access_token");
        let bearer = format!("Bearer {token}");
        vec![
            ("me", "userinfo", smartenit::me(at, &token).await),
            ("guard", "guard", at.at_the_guard("/", ("authorization", &bearer)).await),
        ]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pair_of_ez_publish_is_closed_at_once_by_every_dead_state() {
    every_carrier_is_closed::<EzPublish>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_id_token_of_magic_is_closed_at_once_by_every_dead_state() {
    every_carrier_is_closed::<Magic>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_unnamed_refresh_of_smartenit_is_closed_at_once_by_every_dead_state() {
    every_carrier_is_closed::<Smartenit>().await;
}
