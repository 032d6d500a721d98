//! What sequences take from a person, so that a call is refused, and who left one in its middle did not give back: it is given back before the
//! next one begins. The platform's own backend does that by the admin API.

use ::http::{Request, StatusCode, header};
use bytes::Bytes;
use serde_json::Value;

use doorward_web::page::view::demo_refusal::check;

use super::RelyingParty;
use super::issuer::Refused;
use crate::dev::seed::secret_of;

impl RelyingParty {
    /// Switches the demo's installation on, and gives that person the role of the demo. The installation's id.
    pub(super) async fn restored(&self, person: &str) -> Result<String, Refused> {
        let scope = "admin:extensions.write admin:installations.write admin:users.write";
        let form = vec![("grant_type", "client_credentials"), ("scope", scope)];
        let token = self.issuer.tokens(PLATFORM, &secret_of(PLATFORM), form).await?.access_token;
        let found = self.administer(&token, "GET", "installations?extension=demo-backups").await?;
        let of = |name: &str| found.pointer(&format!("/items/0/{name}")).and_then(Value::as_str);
        let installation = of("id").ok_or(Refused::Checked(check::INSTALLATION))?.to_owned();
        if of("state") == Some("disabled") {
            self.administer(&token, "POST", &format!("installations/{installation}/enable")).await?;
        }
        let people = self.administer(&token, "GET", &format!("users?q={person}")).await?;
        let people = people["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found =
            people.iter().find(|user| user["user_name"] == person).and_then(|user| user["id"].as_str());
        if let Some(user) = found {
            self.administer(&token, "PUT", &format!("users/{user}/roles/{ROLE}")).await?;
        }
        Ok(installation)
    }

    /// A request to the admin API about the demo's tenant, and what its answer says.
    async fn administer(&self, token: &str, method: &str, path: &str) -> Result<Value, Refused> {
        let url = format!("{}/admin/v1/tenants/demo/{path}", self.issuer.url);
        let request = Request::builder().method(method).uri(url);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = self.issuer.ask(request, Bytes::new()).await.map_err(Refused::failed)?;
        match answer.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => {
                Ok(serde_json::from_slice(answer.body()).unwrap_or_default())
            }
            status => Err(Refused::failed(format!("{method} {path} answered {status}"))),
        }
    }
}

/// The client by which the platform's own backend asks.
const PLATFORM: &str = "demo-platform";
/// What the person of the sequences is in the demo's state file.
const ROLE: &str = "resident";
