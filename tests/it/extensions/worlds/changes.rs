//! What administrators do.

use doorward_tests::{Reply, user_id};
use serde_json::{Value, json};

use super::installed::State;
use super::issued::OFFLINE;
use super::model::{Model, SECOND, TENANT, TREE};
use super::secret::Secret;
use super::{EXTENSIONS, PEOPLE, Run};

fn scopes(extension: usize, writes: bool) -> String {
    let offline = if extension == OFFLINE { " offline_access" } else { "" };
    let writes = if writes { " rs1:write" } else { "" };
    format!("openid profile rs1:read{offline}{writes}")
}

impl Run {
    pub(super) async fn install(&mut self) {
        let extension = self.chance.below(EXTENSIONS.len());
        let is_free = |model: &Model, at: usize| {
            model.standing(TREE[at].0).is_some_and(|place| model.installed(extension, place).is_none())
        };
        let Some(at) = self.likely(TREE.len(), is_free) else { return };
        let (name, _) = TREE[at];
        let writes = self.chance.below(3) > 0;
        let body = json!({ "extension": EXTENSIONS[extension], "context": name, "scopes": scopes(extension, writes) });
        let Some(made) = self.change("POST", "/installations", body).await else { return };
        let place = self.model.standing(name);
        let place = place.filter(|place| self.model.installed(extension, *place).is_none());
        let can_be = place.filter(|_| self.model.extensions[extension].state == State::Published);
        self.check(
            (made.status == 201) == can_be.is_some(),
            &format!("{} in {name}: {}", EXTENSIONS[extension], made.body),
        );
        let Some(place) = can_be else { return };
        let id = made.text("id");
        self.log.push(format!("installation {} is {id}", self.model.installations.len()));
        let secrets = self.admin("GET", &format!("/installations/{id}/secrets"), Value::Null).await.json();
        let secret = secrets["items"][0]["id"].as_str().expect("it has a secret").to_owned();
        let at = self.model.install(id, extension, place, writes);
        self.model.add_secret(at, "Added", secret, None);
        self.summary.installed += 1;
    }

    /// A change of an installation that is there; none: it was not made.
    async fn of(&mut self, method: &str, at: usize, path: &str, body: Value) -> Option<Reply> {
        let path = format!("/installations/{}{path}", self.model.installations[at].id);
        let reply = self.change(method, &path, body).await?;
        if !self.model.is_there(at) {
            self.check(reply.status == 404, &format!("installation {at} is gone: {}", reply.body));
            return None;
        }
        Some(reply)
    }

    pub(super) async fn consent(&mut self) {
        let Some(at) = self.installation() else { return };
        let writes = self.chance.once_in(2);
        let scopes = scopes(self.model.installations[at].extension, writes);
        let Some(reply) = self.of("PATCH", at, "", json!({ "scopes": scopes })).await else { return };
        self.check(reply.status == 200, &reply.body);
        self.model.consent(at, writes);
    }

    pub(super) async fn switch(&mut self) {
        let Some(at) = self.installation() else { return };
        let one = &self.model.installations[at];
        let acts: &[&str] = match (one.is_suspended, one.is_disabled) {
            (true, _) => &["resume", "resume", "resume", "enable", "disable", "suspend"],
            (false, true) => &["enable", "enable", "enable", "suspend", "disable", "resume"],
            (false, false) => &["disable", "disable", "suspend", "suspend", "enable", "resume"],
        };
        let act = *self.chance.pick(acts);
        self.switch_to(at, act).await;
        // What is switched off for a moment wakes nothing of before.
        if self.chance.once_in(2) {
            match act {
                "disable" => self.switch_to(at, "enable").await,
                "suspend" => self.switch_to(at, "resume").await,
                _ => {}
            }
        }
        self.look_at(at).await;
    }

    async fn switch_to(&mut self, at: usize, act: &str) {
        let Some(reply) = self.of("POST", at, &format!("/{act}"), Value::Null).await else { return };
        let is_refused = act == "enable" && self.model.installations[at].is_suspended;
        self.check((reply.status == 200) != is_refused, &format!("{act}: {}", reply.body));
        if is_refused {
            return;
        }
        match act {
            "disable" => self.model.switch(at, Some(true), None),
            "enable" => self.model.switch(at, Some(false), None),
            "suspend" => self.model.switch(at, None, Some(true)),
            _ => self.model.switch(at, None, Some(false)),
        }
    }

    pub(super) async fn remove(&mut self) {
        let Some(at) = self.installation() else { return };
        let Some(reply) = self.of("DELETE", at, "", Value::Null).await else { return };
        self.check(reply.status == 204, &reply.body);
        self.model.remove(at);
        self.look_at(at).await;
    }

    pub(super) async fn rotate(&mut self) {
        let Some(at) = self.installation() else { return };
        let is_shown = self.chance.once_in(3);
        let Some(made) = self.of("POST", at, "/secrets", json!({ "reveal": is_shown })).await else { return };
        self.check(made.status == 201, &made.body);
        let plain = is_shown.then(|| made.text("secret"));
        self.model.add_secret(at, "SecretRotated", made.text("id"), plain);
    }

    /// A secret is shown, confirmed, retired or ended.
    pub(super) async fn attend_secret(&mut self) {
        let Some(at) = self.installation() else { return };
        let Some(secret) = self.some(self.model.installations[at].secrets.len()) else { return };
        let act = self.chance.below(5);
        let seconds = 1 + self.chance.below(1000);
        let (method, path, body) = match act {
            0 | 1 => ("POST", "/reveal", Value::Null),
            2 => ("POST", "/confirm", json!({ "retire_others_s": seconds })),
            3 => ("POST", "/retire", json!({ "expires_in": seconds })),
            _ => ("DELETE", "", Value::Null),
        };
        let path = format!("/secrets/{}{path}", self.model.installations[at].secrets[secret].id);
        let Some(reply) = self.of(method, at, &path, body).await else { return };
        let now = self.model.now;
        let secrets = &mut self.model.installations[at].secrets;
        let (of, span) = (&mut secrets[secret], i64::try_from(seconds).expect("small") * SECOND);
        let expected = match act {
            _ if !of.is_living(now) => 404,
            0 | 1 if of.is_sealed() => 200,
            0 | 1 => 409,
            2 if of.is_pending() && !of.is_sealed() => {
                Secret::take(secrets, secret, now, span);
                200
            }
            2 => 409,
            3 if of.retire(now + span) => 200,
            3 => 409,
            _ => {
                of.retire(now);
                204
            }
        };
        self.check(
            reply.status == expected,
            &format!("secret {secret} of installation {at}: not {expected}: {}", reply.body),
        );
        if act < 2 && expected == 200 {
            let plain = reply.text("secret");
            let of = &mut self.model.installations[at].secrets[secret];
            of.deliver();
            let is_same = *of.plain.get_or_insert_with(|| plain.clone()) == plain;
            self.check(is_same, "what is shown is what was sent");
        }
    }

    // --- people and places ---

    fn member_path(&self, person: usize, place: &str) -> String {
        format!("/contexts/{place}/members/{}", user_id(PEOPLE[person]))
    }

    pub(super) async fn take_or_give_role(&mut self) {
        let Some(at) = self.some(self.model.members.len()) else { return };
        let (person, place) = (self.model.members[at].person, self.model.members[at].place);
        if !self.model.stands(place) {
            return;
        }
        let writes = !self.model.members[at].writes;
        self.put_member(person, place, writes).await;
    }

    async fn put_member(&mut self, person: usize, place: usize, writes: bool) {
        let path = self.member_path(person, self.model.places[place].name);
        let roles: &[&str] = if writes { &["writer"] } else { &[] };
        let Some(put) = self.change("PUT", &path, json!({ "roles": roles })).await else { return };
        self.check(put.status < 300, &put.body);
        self.model.join(person, place, writes);
    }

    /// Somebody comes to a place, or leaves it and perhaps comes back.
    pub(super) async fn come_or_leave(&mut self) {
        let person = self.chance.below(PEOPLE.len());
        let (name, _) = TREE[1 + self.chance.below(TREE.len() - 1)];
        let writes = self.chance.once_in(2);
        let comes_back = self.chance.below(4) > 0;
        let Some(place) = self.model.standing(name) else { return };
        if self.model.member(person, place).is_none() {
            return self.put_member(person, place, writes).await;
        }
        let path = self.member_path(person, name);
        let Some(left) = self.change("DELETE", &path, Value::Null).await else { return };
        self.check(left.status == 204, &left.body);
        self.model.leave(person, place);
        if comes_back {
            self.wait(1);
            self.put_member(person, place, writes).await;
        }
        for at in self.model.at(place) {
            self.look_at(at).await;
        }
    }

    pub(super) async fn remove_place(&mut self) {
        let (name, _) = TREE[1 + self.chance.below(TREE.len() - 1)];
        let Some(gone) = self.change("DELETE", &format!("/contexts/{name}"), Value::Null).await else {
            return;
        };
        let place = self.model.standing(name);
        let expected = if place.is_some() { 204 } else { 404 };
        self.check(gone.status == expected, &format!("{name}: not {expected}: {}", gone.body));
        let Some(place) = place else { return };
        self.model.places[place].is_gone = true;
        for at in self.model.at(place) {
            self.look_at(at).await;
        }
    }

    /// A place is made anew under its name, where what it lies in stands.
    pub(super) async fn make_place(&mut self) {
        let missing = TREE.iter().find(|(name, _)| self.model.standing(name).is_none());
        let Some((name, parent)) = missing else { return };
        let body = match parent {
            Some(parent) => json!({ "parent": parent }),
            None => json!({}),
        };
        let Some(made) = self.change("PUT", &format!("/contexts/{name}"), body).await else { return };
        self.check(made.status == 201, &made.body);
        self.model.make_place(name);
        // Somebody is there at once, so that something can be done there.
        let place = self.model.standing(name).expect("it was made");
        let person = self.chance.below(PEOPLE.len());
        let writes = self.chance.once_in(2);
        self.put_member(person, place, writes).await;
        for at in self.model.at(place) {
            self.look_at(at).await;
        }
    }

    /// What stands where nothing stands any longer is removed.
    pub(super) async fn follow(&mut self) {
        let went = doorward_web::webhook::removal::follow(&self.app.app).await.expect("nothing fails");
        self.log.push(format!("{went} installations follow their places"));
        let expected = self.model.follow();
        self.check(went == expected, &format!("{went} installations went, not {expected}"));
    }

    // --- extensions ---

    pub(super) async fn change_extension(&mut self) {
        let is_ill = |model: &Model, at: usize| model.extensions[at].is_suspended;
        let Some(extension) = self.likely(EXTENSIONS.len(), is_ill) else { return };
        let of = &self.model.extensions[extension];
        let acts: &[&str] = match (of.is_suspended, of.state) {
            (true, _) => &["resume", "resume", "resume", "resume", "suspend", "publish"],
            (false, State::Deprecated) => &["publish", "publish", "publish", "suspend", "deprecate"],
            (false, State::Published | State::Withdrawn) => {
                &["suspend", "deprecate", "resume", "publish", "publish"]
            }
        };
        // What is withdrawn ends for the rest of a world.
        let act =
            if extension == 1 && self.chance.once_in(40) { "withdraw" } else { *self.chance.pick(acts) };
        let path = format!("/extensions/{}/{act}", EXTENSIONS[extension]);
        let Some(reply) = self.change("POST", &path, Value::Null).await else { return };
        let state = match act {
            "withdraw" => Some(State::Withdrawn),
            "deprecate" => Some(State::Deprecated),
            "publish" => Some(State::Published),
            _ => None,
        };
        let is_over = self.model.extensions[extension].state == State::Withdrawn;
        let is_refused = is_over && state.is_some_and(|state| state != State::Withdrawn);
        self.check((reply.status == 200) != is_refused, &format!("{act}: {}", reply.body));
        if is_refused {
            return;
        }
        match state {
            Some(state) => self.model.extensions[extension].state = state,
            None => self.model.suspend_extension(extension, act == "suspend"),
        }
        let of: Vec<usize> = (0..self.model.installations.len())
            .filter(|at| self.model.installations[*at].extension == extension && self.model.is_there(*at))
            .collect();
        for at in of {
            self.look_at(at).await;
        }
    }
}

impl Model {
    /// Installations in a place, or in one of its name before it, and below.
    fn at(&self, place: usize) -> Vec<usize> {
        let name = self.places[place].name;
        let is_below = |at: &usize| {
            let of = self.installations[*at].place;
            of != TENANT && self.upwards(of).any(|above| self.places[above].name == name)
        };
        (0..self.installations.len()).filter(is_below).rev().take(6).collect()
    }
}
