//! `authserver.properties` of Magic Collaboration Studio (Teamwork Cloud): an issuer of the dialect `magic`, and its clients. What would be wider
//! than the file says, or is not safe to take, is left to be decided.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use doorward_core::desired::{SecretSpec, State};
use doorward_crypto::digest;
use doorward_wire::redirect_uri::RedirectUri;
use serde_json::{Value, json};

use super::Report;
use super::properties::Property;
use crate::failure::{Exit, Failure};
use crate::operator::document;

/// What the file does not say.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The id of the issuer.
    pub issuer: &'a str,
    /// Its address.
    pub url: &'a str,
    /// The APIs that ID tokens open.
    pub apis: &'a [String],
}

/// Whether a file may be theirs. One that says nothing may.
pub fn is_theirs(properties: &[Property]) -> bool {
    properties.is_empty() || properties.iter().any(|property| property.key.starts_with("authentication."))
}

/// The state that the properties mean, and what became of each.
pub fn state_of(properties: Vec<Property>, target: &Target<'_>) -> Result<(State, Report), Failure> {
    let mut file = File::of(properties, target);
    let ids = file.clients();
    let clients = file.lived(ids);
    let mut issuer = json!({ "id": target.issuer, "url": target.url, "dialect": "magic" });
    if let Some(secret) = file.secret() {
        issuer["shared_secret"] = secret;
    }
    let apis: Vec<Value> = target.apis.iter().map(|id| json!({ "id": id })).collect();
    let tenant = json!({ "id": target.tenant, "issuers": [issuer], "apis": apis, "clients": clients });
    let state = json!({ "tenants": [tenant] });
    // What is wrong with what was given on the command line is told as apply tells it.
    document::check(&state.to_string(), LEAST_PASSWORD)?;
    let report = file.rest();
    let state = serde_json::from_value(state);
    Ok((state.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?, report))
}

/// The properties, as far as they are not told of yet.
struct File<'a> {
    target: &'a Target<'a>,
    given: BTreeMap<String, String>,
    report: Report,
}

impl<'a> File<'a> {
    fn of(properties: Vec<Property>, target: &'a Target<'a>) -> Self {
        let mut file = Self { target, given: BTreeMap::new(), report: Report::default() };
        for Property { key, value, line } in properties {
            if file.given.insert(key.clone(), value).is_some() {
                file.report.leave(&key, format!("it is there twice, and that of line {line} counts"));
            }
        }
        file
    }

    /// The first of these keys that is given, with its value.
    fn take(&mut self, keys: &[&'static str]) -> Option<(&'static str, String)> {
        keys.iter().find_map(|key| Some((*key, self.given.remove(*key)?)))
    }

    /// The clients, without their lifetimes.
    fn clients(&mut self) -> Vec<Value> {
        let redirects = self.redirects();
        let Some((key, value)) = self.take(&["authentication.client.ids"]) else {
            self.report.decide("There is no authentication.client.ids: no client was written.");
            return Vec::new();
        };
        let mut clients = Vec::new();
        for id in list(&value) {
            let client = self.client(id, &redirects);
            match self.problem(&client) {
                None => clients.push(client),
                Some(what) => self.report.leave(key, format!("{id}: {what}")),
            }
        }
        let ids: Vec<&str> = clients.iter().filter_map(|client| client["id"].as_str()).collect();
        if !ids.is_empty() {
            self.report.take(key, format!("clients {}", ids.join(", ")));
            self.report.decide(ABOUT_CLIENTS);
        }
        if self.target.apis.is_empty() {
            self.report.decide(
                "ID tokens open no API: name those that they shall open by --api, or in apis of the clients.",
            );
        }
        if redirects.is_empty() {
            self.report.decide(
                "No redirect URI was taken: clients were written without the grant type authorization_code.",
            );
        }
        clients
    }

    fn client(&self, id: &str, redirects: &[RedirectUri]) -> Value {
        let mut grants = vec!["client_credentials", "password", "refresh_token"];
        if !redirects.is_empty() {
            grants.push("authorization_code");
        }
        json!({
            "id": id,
            "issuers": [self.target.issuer],
            "auth_method": "x_auth_secret",
            "redirect_uris": redirects,
            "grant_types": grants,
            "scopes": "openid",
            "apis": self.target.apis,
            "require_pkce": false,
            "first_party": true,
        })
    }

    /// Why a client cannot be, in the words of a plan.
    fn problem(&self, client: &Value) -> Option<String> {
        let Target { tenant, issuer, .. } = self.target;
        let apis: Vec<Value> = self.target.apis.iter().map(|id| json!({ "id": id })).collect();
        let issuer = json!({ "id": issuer, "url": "https://id.example", "dialect": "magic" });
        let alone =
            json!({ "tenants": [{ "id": tenant, "issuers": [issuer], "apis": apis, "clients": [client] }] });
        let told = document::check(&alone.to_string(), LEAST_PASSWORD).err()?.message;
        let (_, what) = told.split_once(": ").unwrap_or(("", &told));
        Some(what.to_owned())
    }

    /// The addresses that may be registered. Each of theirs may be the beginning of others: that is a switch, which nobody sets unasked.
    fn redirects(&mut self) -> Vec<RedirectUri> {
        let Some((key, value)) = self.take(&["authentication.redirect.uri.whitelist"]) else {
            return Vec::new();
        };
        let mut taken = Vec::new();
        for entry in list(&value) {
            match RedirectUri::parse(entry) {
                _ if entry.contains('*') => {
                    self.report.leave(key, format!("{entry}: a wildcard is no redirect URI"))
                }
                Ok(uri) if uri.is_custom_scheme() => {
                    self.report
                        .leave(key, format!("{entry}: a scheme of its own is for native applications"));
                }
                Ok(uri) => taken.push(uri),
                Err(bad) => self.report.leave(key, format!("{entry}: {bad}")),
            }
        }
        if !taken.is_empty() {
            let shown: Vec<&str> = taken.iter().map(RedirectUri::as_str).collect();
            self.report.take(key, format!("redirect_uris of every client: {}", shown.join(", ")));
            self.report.decide(ABOUT_REDIRECTS);
            let alone: Vec<&str> =
                taken.iter().filter(|uri| !uri.may_have_below()).map(RedirectUri::as_str).collect();
            if !alone.is_empty() {
                self.report.decide(format!(
                    "{} cannot be the beginning of others, for a query: a client that has it takes no legacy: [prefix_redirects].",
                    alone.join(", ")
                ));
            }
        }
        taken
    }

    /// The clients with their lifetimes, and those that are in the lists with what they may besides.
    fn lived(&mut self, mut clients: Vec<Value>) -> Vec<Value> {
        let id_token_s = self.seconds(&["authentication.token.expirity", "authentication.token.ttl"], LIVES);
        if id_token_s.is_none() {
            self.report.decide("authentication.token.expirity is not taken from the file: ID tokens live 900 seconds, their default of most versions.");
        }
        let code_s =
            self.seconds(&["authentication.code.token.expirity", "authentication.code.token.ttl"], 5..=15);
        let refresh_s = self.seconds(
            &["authentication.refresh.token.expirity", "authentication.refresh.token.ttl"],
            60..=MOST_S,
        );
        for client in &mut clients {
            client["lifetimes"] = json!({ "id_token_s": id_token_s.unwrap_or(USUAL_S) });
            if let Some(code_s) = code_s {
                client["lifetimes"]["code_s"] = json!(code_s);
            }
            if let Some(refresh_s) = refresh_s {
                lengthen(client, ["refresh_idle_s", "refresh_absolute_s"], refresh_s);
            }
        }
        for (list, life) in LONG {
            let seconds = self.seconds(life, LIVES);
            let Some((key, named)) = self.named(list, &clients) else { continue };
            let Some(seconds) = seconds else {
                self.report.leave(key, format!("{} is not given: how long is to be decided", life[0]));
                continue;
            };
            let of =
                clients.iter_mut().filter(|client| named.contains(client["id"].as_str().unwrap_or_default()));
            of.for_each(|client| {
                lengthen(client, ["id_token_s", "refresh_idle_s", "refresh_absolute_s"], seconds)
            });
            self.report.take(key, format!("lifetimes of {}", joined(&named)));
        }
        if let Some((key, named)) = self.named("authentication.client.implicit", &clients) {
            for client in &mut clients {
                let is_named = named.contains(client["id"].as_str().unwrap_or_default());
                if let (true, false, Some(grants)) =
                    (is_named, client["redirect_uris"] == json!([]), client["grant_types"].as_array_mut())
                {
                    grants.push(json!("implicit"));
                }
            }
            self.report.take(
                key,
                format!("the grant type implicit of {}, where there is a redirect URI", joined(&named)),
            );
        }
        clients
    }

    /// The clients that a list names. One that is not among those that were taken is told.
    fn named(&mut self, key: &'static str, clients: &[Value]) -> Option<(&'static str, BTreeSet<String>)> {
        let (key, value) = self.take(&[key])?;
        let is_known = |id: &&str| clients.iter().any(|client| client["id"] == **id);
        let (known, unknown): (Vec<&str>, Vec<&str>) = list(&value).partition(is_known);
        unknown.iter().for_each(|id| self.report.leave(key, format!("{id} is no client that was written")));
        (!known.is_empty()).then(|| (key, known.into_iter().map(str::to_owned).collect()))
    }

    /// A lifetime, within what there can be. Where several keys say one, which of them their version heard is not known: the shortest is never
    /// longer than it was.
    fn seconds(&mut self, keys: &[&'static str], within: RangeInclusive<i64>) -> Option<i64> {
        let mut given: Vec<(&'static str, i64)> = Vec::new();
        while let Some((key, value)) = self.take(keys) {
            match value.trim().parse::<i64>() {
                Ok(seconds) if seconds > 0 => given.push((key, seconds)),
                Ok(seconds) => self.report.leave(key, format!("{seconds} seconds are no lifetime")),
                Err(_) => self.report.leave(key, "it is no number of seconds"),
            }
        }
        let &(key, seconds) = given.iter().min_by_key(|(_, seconds)| *seconds)?;
        for (other, theirs) in given.iter().filter(|(other, _)| *other != key) {
            self.report
                .leave(other, format!("it says {theirs} seconds where {key} says {seconds}, which counts"));
        }
        let given = seconds;
        let taken = given.clamp(*within.start(), *within.end());
        match taken == given {
            true => self.report.take(key, format!("{taken} seconds")),
            false => {
                self.report.take(key, format!("{taken} seconds, the nearest to {given} that there can be"))
            }
        }
        Some(taken)
    }

    /// The secret that the clients share, as its hash.
    fn secret(&mut self) -> Option<Value> {
        let Some((key, secret)) = self.take(&["authentication.client.secret"]) else {
            self.report.decide(ABOUT_SECRET);
            return None;
        };
        let why = match secret.len() {
            _ if secret == "CHANGE_ME" => "it was left at its default",
            0..32 => "it has fewer than 32 characters",
            32..=1024 => {
                self.report.take(key, "shared_secret of the issuer, as its hash");
                let hash = SecretSpec::hashed(&digest::sha256(secret.as_bytes()), None);
                return serde_json::to_value(hash).ok();
            }
            _ => "it has more than 1024 characters",
        };
        self.report.leave(key, why);
        self.report.decide(ABOUT_SECRET);
        None
    }

    /// What is left: nothing of it is a setting of issuer or clients here.
    fn rest(mut self) -> Report {
        for key in self.given.keys() {
            let why =
                LEFT.iter().find(|(known, _)| known == key).map_or("it is not known here", |(_, why)| why);
            self.report.leave(key, why);
        }
        self.report
    }
}

/// The entries of a list, each once.
fn list(value: &str) -> impl Iterator<Item = &str> {
    let mut seen = BTreeSet::new();
    value.split(',').map(str::trim).filter(move |entry| !entry.is_empty() && seen.insert(*entry))
}

fn lengthen<const N: usize>(client: &mut Value, members: [&str; N], seconds: i64) {
    members.into_iter().for_each(|member| client["lifetimes"][member] = json!(seconds));
}

fn joined(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The lists of clients whose tokens live longer, each with the keys that say how long: an earlier and a later name.
const LONG: [(&str, &[&str]); 2] = [
    ("authentication.client.permanent", &["authentication.permanent.token.expirity"]),
    (
        "authentication.client.unlimited",
        &["authentication.unlimited.token.expirity", "authentication.unlimited.token.ttl"],
    ),
];

/// Keys that are known, and why nothing is taken of them.
const LEFT: [(&str, &str); 6] = [
    ("authentication.implicit.token.expirity", ONE_LIFE),
    ("authentication.implicit.token.ttl", ONE_LIFE),
    ("authentication.personal.access.token.ttl", "there are no personal access tokens"),
    ("authentication.sso.token.expirity", SESSION),
    ("authentication.sso.token.ttl", SESSION),
    ("server.port", "where the server listens is its own setting, listen"),
];

const ONE_LIFE: &str = "the ID tokens of a client live equally long, wherever they go: lifetimes.id_token_s";
const SESSION: &str = "how long somebody stays signed in is a setting of the tenant";
const ABOUT_CLIENTS: &str = "Every client may use people's passwords (grant type password) and asks for no consent (first_party), as theirs do: take away what one does not need.";
const ABOUT_REDIRECTS: &str = "Each redirect URI stands for itself alone. Where one is only the beginning of others, register these, or give the clients that need it legacy: [prefix_redirects].";
const ABOUT_SECRET: &str = "No shared secret was written, and no client can show itself: choose one of 32 characters or more for shared_secret of the issuer, and give it to the clients.";
const USUAL_S: i64 = 900;
const LIVES: RangeInclusive<i64> = 30..=MOST_S;
const MOST_S: i64 = 3660 * 86_400;
const LEAST_PASSWORD: u32 = 8;
