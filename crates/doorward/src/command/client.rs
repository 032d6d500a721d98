//! `client`.

use serde_json::{Map, Value, json};

use doorward_core::Timestamp;
use doorward_core::desired::{Kind, date};
use doorward_crypto::random::{Random, SystemRandom};
use doorward_crypto::{base64url, digest};

use super::ask;
use crate::cli::{Client, CreateClient, Named};
use crate::failure::{Exit, Failure};
use crate::operator::{Answer, Generated, Order};

/// `client …`.
pub async fn run(command: Client) -> Result<(), Failure> {
    match command {
        Client::List(of) => ask::ask(&of.common, Order::List { tenant: of.tenant, kind: Kind::Client }).await,
        Client::Show(named) => {
            let order = Order::Show { tenant: named.of.tenant, kind: Kind::Client, name: named.name };
            ask::ask(&named.of.common, order).await
        }
        Client::Create(create) => make(*create).await,
        Client::AddSecret { of, retire_others } => add_secret(of, retire_others).await,
        Client::RemoveSecret { of, hash } => remove_secret(of, hash).await,
        Client::Disable(named) => set(named, "disabled", json!(true)).await,
        Client::Enable(named) => set(named, "disabled", json!(false)).await,
        Client::Remove(named) => {
            let order = Order::Remove { tenant: named.of.tenant, kind: Kind::Client, name: named.name };
            ask::ask(&named.of.common, order).await
        }
    }
}

async fn set(named: Named, member: &str, value: Value) -> Result<(), Failure> {
    change(named, Map::from_iter([(member.to_owned(), value)])).await
}

async fn change(named: Named, set: Map<String, Value>) -> Result<(), Failure> {
    let order = Order::Change { tenant: named.of.tenant, kind: Kind::Client, name: named.name, set };
    ask::ask(&named.of.common, order).await
}

async fn make(create: CreateClient) -> Result<(), Failure> {
    let mut client = json!({ "id": create.of.name, "scopes": create.scope });
    let mut put = |member: &str, value: Value| {
        client[member] = value;
    };
    if let Some(name) = create.display_name {
        put("name", json!(name));
    }
    if create.public {
        put("auth_method", json!("none"));
    } else {
        put("secret", json!("generate"));
    }
    if create.native {
        put("application_type", json!("native"));
    }
    if create.first_party {
        put("first_party", json!(true));
    }
    if let Some(uri) = create.backchannel_logout_uri {
        put("backchannel_logout_uri", json!(uri));
    }
    if !create.grants.is_empty() {
        put("grant_types", json!(create.grants));
    }
    for (member, values) in [
        ("redirect_uris", create.redirect_uris),
        ("post_logout_redirect_uris", create.post_logout_redirect_uris),
        ("apis", create.apis),
    ] {
        if !values.is_empty() {
            put(member, json!(values));
        }
    }
    let order = Order::Create { tenant: create.of.of.tenant, kind: Kind::Client, object: client };
    ask::ask(&create.of.of.common, order).await
}

/// The secret is made here, so that only its hash travels and is stored.
async fn add_secret(named: Named, retire_others: Option<u32>) -> Result<(), Failure> {
    let mut bytes = [0; 32];
    SystemRandom.fill(&mut bytes);
    let secret = format!("dwk_{}", base64url::encode(&bytes));
    let hash = format!("sha256:{}", base64url::encode(&digest::sha256(secret.as_bytes())));
    let mut set = Map::new();
    if let Some(seconds) = retire_others {
        let kept = retired(secrets(&named).await?, seconds);
        set.insert("secrets".to_owned(), Value::Array(kept));
    }
    set.insert("secrets+".to_owned(), json!({ "hash": hash }));
    let Named { name, of } = named;
    let order = Order::Change { tenant: of.tenant, kind: Kind::Client, name: name.clone(), set };
    let answer = ask::answer(&of.common, order).await?;
    let answer = answer.with_generated(|tenant| Generated::secret(tenant, name, &secret));
    ask::show(&answer, of.common.output)
}

async fn remove_secret(named: Named, hash: String) -> Result<(), Failure> {
    let known = secrets(&named).await?;
    if !known.iter().any(|secret| secret.get("hash").and_then(Value::as_str) == Some(&hash)) {
        let what = format!("client {} has no secret with this hash", named.name);
        return Err(Failure::new(Exit::NotFound, what).hint("`doorward client show` prints the hashes"));
    }
    set(named, "secrets-", json!({ "hash": hash })).await
}

/// The secrets of a client, as a document has them.
async fn secrets(named: &Named) -> Result<Vec<Value>, Failure> {
    let order = Order::Show { tenant: named.of.tenant.clone(), kind: Kind::Client, name: named.name.clone() };
    match ask::answer(&named.of.common, order).await? {
        Answer::Object { object, .. } => {
            Ok(object.get("secrets").and_then(Value::as_array).cloned().unwrap_or_default())
        }
        _ => Ok(Vec::new()),
    }
}

/// Secrets that end so many seconds from now; one that ends sooner stays as it is.
fn retired(secrets: Vec<Value>, seconds: u32) -> Vec<Value> {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or_default());
    let end = now.plus_s(i64::from(seconds));
    secrets
        .into_iter()
        .map(|mut secret| {
            let ends = secret.get("expires_at").and_then(Value::as_str).and_then(date::read);
            if ends.is_none_or(|ends| end < ends) {
                secret["expires_at"] = json!(date::write(end));
            }
            secret
        })
        .collect()
}
