//! Whether people sign in to an extension, and where they come back to: its manifest and its client are changed together, so that neither
//! says what the other does not. And its client alone, by who makes it.

use doorward_core::desired::{Current, Kind, State};
use doorward_core::id::{ExtensionId, IssuerId, TenantId};
use doorward_core::model::{Extension, Issuer};
use doorward_store::{Fault, Store};
use doorward_wire::grant_type::GrantType;
use doorward_wire::origin::Origin;
use doorward_wire::redirect_uri::RedirectUri;
use serde_json::{Map, Value, json};

use super::edit::{objects_of, state, state_of};
use super::{Manage, Reach, Trouble};
use crate::admin::view::views;
use crate::dialect::Dialect;

impl Manage {
    /// People sign in to that extension and come back to `callback`; none: they do not any longer. Its base URL is one of its audiences
    /// from then on, and its client redeems codes without showing itself.
    pub async fn sign_on(
        &self,
        tenant: &TenantId,
        extension: &ExtensionId,
        issuer: &IssuerId,
        callback: Option<&RedirectUri>,
    ) -> Result<(), Trouble> {
        let codes = Codes::at(self.store(), tenant, issuer).await?;
        let (now, names) = (self.store.now(), [extension.0.clone()]);
        let wish = |current: &Current| -> Result<State, Trouble> {
            let (whole, mut extensions) = objects_of(current, tenant, Kind::Extension, now)?;
            let (_, mut clients) = objects_of(current, tenant, Kind::Client, now)?;
            let unknown = || Trouble::Unknown { noun: "extension", name: extension.0.clone() };
            let manifest = named(&mut extensions, extension).and_then(|found| found.get_mut("manifest"));
            let manifest = manifest.and_then(Value::as_object_mut).ok_or_else(unknown)?;
            let client = named(&mut clients, extension).ok_or_else(unknown)?;
            let before = manifest.remove("callback_url");
            let before = before.as_ref().and_then(Value::as_str);
            change(client, "redirect_uris", before, callback.map(RedirectUri::as_str));
            match callback.map(RedirectUri::as_str) {
                Some(after) => {
                    codes.are_taken(client, &GRANTS);
                    change(client, "legacy", None, Some(WITHOUT_SHOWING));
                    let base = |uri: &str| Origin::of_url(uri).ok().map(|origin| origin.as_str().to_owned());
                    let (old, new) = (before.and_then(base), base(after));
                    change(manifest, "audiences", old.as_deref(), new.as_deref());
                    manifest.insert("callback_url".to_owned(), json!(after));
                }
                None => {
                    change(client, "legacy", Some(WITHOUT_SHOWING), None);
                    let is_addressed =
                        client["redirect_uris"].as_array().is_some_and(|uris| !uris.is_empty());
                    if !is_addressed {
                        give_up(client);
                    }
                }
            }
            state_of(whole, vec![(Kind::Client, clients), (Kind::Extension, extensions)])
        };
        self.carry_out(Reach::Named(tenant, Kind::Extension, &names), wish, false, false).await?;
        Ok(())
    }

    /// Sets members of the client of an extension, and by which grant types it takes codes at that issuer, where that is said. What else it
    /// does stays, as it is when this is done. The client as the API shows it.
    pub async fn client_of_extension(
        &self,
        issuer: &Issuer,
        extension: &Extension,
        (members, by): &(Map<String, Value>, Option<Vec<String>>),
    ) -> Result<Value, Trouble> {
        let tenant = &issuer.tenant;
        let codes = Codes::at(self.store(), tenant, &issuer.id).await?;
        let now = self.store().now();
        // What the caller may do is told by where its maker is.
        let mut names = vec![extension.id.0.clone()];
        names.extend(extension.contributor.iter().map(|maker| maker.0.clone()));
        let unknown = || Trouble::Unknown { noun: "client", name: extension.id.0.clone() };
        let wish = |current: &Current| -> Result<State, Trouble> {
            let (whole, mut clients) = objects_of(current, tenant, Kind::Client, now)?;
            let client = named(&mut clients, &extension.id).ok_or_else(unknown)?;
            client.extend(members.clone());
            if let Some(by) = by {
                codes.are_taken(client, by);
            }
            state(whole, Kind::Client, clients)
        };
        let reach = Reach::Named(tenant, Kind::Client, &names);
        let carried = self.carry_out_with(reach, wish, (false, false), |_, _| Ok(Vec::new())).await;
        let (_, after) = carried?;
        let shown = after.tenant(tenant).map(|of| views(of, Kind::Client, now)).unwrap_or_default();
        let shown = shown.into_iter().find(|view| view.id == extension.id.as_str());
        shown.map(|view| view.body).ok_or_else(unknown)
    }
}

/// That a client takes codes at an issuer.
struct Codes<'a> {
    issuer: &'a IssuerId,
    /// The issuers that a client uses which lists none.
    without_listing: Vec<IssuerId>,
}

impl<'a> Codes<'a> {
    async fn at(store: &Store, tenant: &TenantId, issuer: &'a IssuerId) -> Result<Self, Fault> {
        let uses =
            |other: &Issuer| Dialect::of(other).is_some_and(|dialect| !dialect.policies.listed_clients);
        let issuers = store.issuers_of(tenant).await?.into_iter();
        Ok(Self { issuer, without_listing: issuers.filter(uses).map(|other| other.id).collect() })
    }

    /// The client takes codes by these of the grant types that go with them, whatever it does besides, and lists the issuer; one that
    /// has listed none keeps those that it has used without.
    fn are_taken(&self, client: &mut Map<String, Value>, by: &[impl AsRef<str>]) {
        for grant in GRANTS {
            let is_wanted = by.iter().any(|wanted| wanted.as_ref() == grant);
            change(client, "grant_types", Some(grant), is_wanted.then_some(grant));
        }
        let has_listed =
            client.get("issuers").and_then(Value::as_array).is_some_and(|known| !known.is_empty());
        let kept = if has_listed { &[] } else { &*self.without_listing };
        kept.iter().chain([self.issuer]).for_each(|id| change(client, "issuers", None, Some(id.as_str())));
    }
}

/// Nobody signs in by the client any longer, and what only went on with a sign-in goes with it. It gets nothing that it could not get before.
fn give_up(client: &mut Map<String, Value>) {
    change(client, "grant_types", Some(GRANTS[0]), None);
    let has = |name: &str| {
        let grants = client.get("grant_types").and_then(Value::as_array);
        grants.is_some_and(|grants| grants.iter().any(|grant| grant == name))
    };
    if !has(GrantType::RetrievalKey.as_str()) && !has("password") {
        change(client, "grant_types", Some(GRANTS[1]), None);
    }
}

fn named<'a>(objects: &'a mut [Value], id: &ExtensionId) -> Option<&'a mut Map<String, Value>> {
    let is_it = |object: &&mut Value| object.get("id").and_then(Value::as_str) == Some(id.as_str());
    objects.iter_mut().find(is_it)?.as_object_mut()
}

/// A list without one word, and with another.
fn change(object: &mut Map<String, Value>, list: &str, without: Option<&str>, with: Option<&str>) {
    let list = object.entry(list).or_insert_with(|| json!([]));
    let Some(words) = list.as_array_mut() else { return };
    words.retain(|word| word.as_str().is_none_or(|word| Some(word) != without));
    if let Some(with) = with.filter(|with| !words.iter().any(|word| word.as_str() == Some(with))) {
        words.push(json!(with));
    }
}

/// What its client may do so that people sign in.
pub const GRANTS: [&str; 2] = ["authorization_code", "refresh_token"];
/// The switch of clients that do not show themselves.
const WITHOUT_SHOWING: &str = "unauthenticated_code";
