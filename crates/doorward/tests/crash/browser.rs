//! A browser with its cookies, on a connection of its own.

use std::collections::BTreeMap;

use doorward_tests::{Page, Reply, VERIFIER, challenge, credentials, encode};

use crate::wire::{Lost, Wire};
use crate::world::{PERSON, World, redirect_uri_of};

/// The browser.
pub struct Browser {
    wire: Wire,
    origin: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Without cookies.
    pub fn new(world: &World) -> Self {
        Self { wire: Wire::new(&world.ports), origin: world.issuer(), cookies: BTreeMap::new() }
    }

    /// Forget every cookie.
    pub fn forget(&mut self) {
        self.cookies.clear();
    }

    /// Signs in: the answer to the form.
    pub async fn sign_in(&mut self) -> Result<Reply, Lost> {
        let reply = self.get("/sign-in").await?;
        if reply.status != 200 {
            return Ok(reply);
        }
        let mut fields = credentials(PERSON);
        fields[1].1 = crate::world::PASSWORD;
        self.submit(&Page::of(reply), &fields).await
    }

    /// Signs out: the answer to the form; or the page that says so when nobody is signed in.
    pub async fn sign_out(&mut self) -> Result<Reply, Lost> {
        let reply = self.get("/logout").await?;
        if reply.status != 200 || !reply.body.contains("<form") {
            return Ok(reply);
        }
        self.submit(&Page::of(reply), &[("action", "sign-out")]).await
    }

    /// Asks for a code, without a page.
    pub async fn authorize(&mut self, client: &str, scope: &str) -> Result<Reply, Lost> {
        let redirect_uri = redirect_uri_of(client);
        let challenge = challenge(VERIFIER);
        let query = encode(&[
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", &redirect_uri),
            ("scope", scope),
            ("state", "st4te"),
            ("prompt", "none"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        self.get(&format!("/authorize?{query}")).await
    }

    async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Result<Reply, Lost> {
        let mut form: Vec<(&str, &str)> =
            page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.extend_from_slice(fields);
        let origin = self.origin.clone();
        let headers = [("origin", origin.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", &page.action, &headers, encode(&form)).await
    }

    async fn get(&mut self, target: &str) -> Result<Reply, Lost> {
        self.send("GET", target, &[], String::new()).await
    }

    async fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Reply, Lost> {
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let jar = jar.join("; ");
        let mut all = headers.to_vec();
        if !jar.is_empty() {
            all.push(("cookie", &jar));
        }
        let reply = self.wire.send(method, target, &all, body).await?;
        for set in reply.headers.get_all("set-cookie") {
            let text = set.to_str().expect("a cookie is text");
            let pair = text.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie is a pair");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(reply)
    }
}
