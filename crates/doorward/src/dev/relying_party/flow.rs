//! The code flow as a careful client runs it (OpenID Connect Core, section 3.1; RFC 7636; RFC 9207).

use serde_json::Value;

use doorward_crypto::base64url;
use doorward_crypto::digest::sha256;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::jose::verify::Unverified;
use doorward_crypto::random::{SystemRandom, array};
use doorward_wire::params::Params;

use super::Settings;
use super::back_channel::BackChannel;
use super::session::{Pending, SignedIn};

/// What went wrong.
#[derive(Debug)]
pub struct Problem {
    /// An error code of the issuer, or the check that failed.
    pub error: String,
    /// A sentence.
    pub description: Option<String>,
}

/// Begin a sign-in: what its answer must fit, and where the browser goes.
pub fn begin(settings: &Settings, asked: &Params) -> (Pending, String) {
    let pending = Pending { state: random(), nonce: random(), verifier: random() };
    let mut pairs = vec![
        ("response_type", "code".to_owned()),
        ("client_id", settings.client_id.clone()),
        ("redirect_uri", redirect_uri(settings)),
        ("scope", asked.get("scope").unwrap_or(&settings.scope).to_owned()),
        ("state", pending.state.clone()),
        ("nonce", pending.nonce.clone()),
        ("code_challenge", base64url::encode(&sha256(pending.verifier.as_bytes()))),
        ("code_challenge_method", "S256".to_owned()),
    ];
    for name in ["prompt", "login_hint", "resource", "response_mode", "ui_locales"] {
        pairs.extend(asked.get(name).map(|value| (name, value.to_owned())));
    }
    let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    (pending, format!("{}/authorize?{}", settings.issuer, Params::from_pairs(pairs).to_query()))
}

/// Finish it: check the answer, redeem the code, verify the ID token.
pub async fn finish(
    settings: &Settings,
    issuer: &BackChannel,
    answer: &Params,
    pending: Option<Pending>,
) -> Result<SignedIn, Problem> {
    let pending =
        pending.ok_or_else(|| problem("no_sign_in", "this browser has not begun a sign-in here"))?;
    if answer.get("state") != Some(&pending.state) {
        return Err(problem("state_mismatch", "the answer belongs to another sign-in"));
    }
    if answer.get("iss") != Some(&settings.issuer) {
        return Err(problem("issuer_mismatch", "the answer comes from another issuer"));
    }
    if let Some(error) = answer.get("error") {
        return Err(Problem {
            error: error.to_owned(),
            description: answer.get("error_description").map(str::to_owned),
        });
    }
    let code =
        answer.get("code").ok_or_else(|| problem("no_code", "the answer has neither code nor error"))?;
    let form = vec![
        pair("grant_type", "authorization_code"),
        pair("code", code),
        pair("redirect_uri", &redirect_uri(settings)),
        pair("code_verifier", &pending.verifier),
    ];
    let tokens = tokens(issuer.post("/token", form).await)?;
    let id_token =
        tokens["id_token"].as_str().ok_or_else(|| problem("no_id_token", "is openid among the scopes?"))?;
    verify(settings, issuer, id_token, &pending.nonce).await?;
    Ok(SignedIn { id_token: id_token.to_owned(), ..signed_in(&tokens) })
}

/// Refresh.
pub async fn refresh(issuer: &BackChannel, of: &mut SignedIn) -> Result<(), Problem> {
    let token = of.refresh_token.clone().ok_or_else(|| problem("no_refresh_token", "none was issued"))?;
    let form = vec![pair("grant_type", "refresh_token"), pair("refresh_token", &token)];
    let tokens = tokens(issuer.post("/token", form).await)?;
    let id_token = tokens["id_token"].as_str().unwrap_or(&of.id_token).to_owned();
    let refresh_token = tokens["refresh_token"].as_str().map(str::to_owned).or(Some(token));
    *of = SignedIn {
        id_token,
        refresh_token,
        refreshed: of.refreshed + 1,
        userinfo: None,
        ..signed_in(&tokens)
    };
    Ok(())
}

/// Ask userinfo.
pub async fn userinfo(issuer: &BackChannel, of: &mut SignedIn) -> Result<(), Problem> {
    let (status, body) = issuer.get("/userinfo", Some(&of.access_token)).await;
    if status != 200 {
        return Err(refused(&body));
    }
    of.userinfo = serde_json::to_string_pretty(&body).ok();
    Ok(())
}

/// Where the browser goes to sign out at the issuer too.
pub fn sign_out(settings: &Settings, of: &SignedIn) -> String {
    let pairs = vec![
        pair("id_token_hint", &of.id_token),
        pair("post_logout_redirect_uri", &format!("{}/", settings.own_url)),
        pair("client_id", &settings.client_id),
    ];
    format!("{}/logout?{}", settings.issuer, Params::from_pairs(pairs).to_query())
}

/// The claims of a JWT, unverified; for show.
pub fn claims(token: &str) -> Option<Value> {
    serde_json::from_slice(&base64url::decode(token.split('.').nth(1)?)?).ok()
}

/// OpenID Connect Core, section 3.1.3.7.
async fn verify(
    settings: &Settings,
    issuer: &BackChannel,
    id_token: &str,
    nonce: &str,
) -> Result<(), Problem> {
    let (_, keys) = issuer.get("/jwks", None).await;
    let keys =
        JwkSet::parse(keys.to_string()).map_err(|_| problem("jwks", "the issuer's keys cannot be read"))?;
    let unverified =
        Unverified::parse(id_token).map_err(|_| problem("id_token", "the ID token is malformed"))?;
    let key =
        keys.find(unverified.header()).ok_or_else(|| problem("id_token", "its key is not published"))?;
    let payload = unverified.verify(key).map_err(|_| problem("id_token", "its signature does not fit"))?;
    let claims: Value = serde_json::from_slice(&payload).unwrap_or_default();
    let is_ours = claims["iss"] == settings.issuer.as_str() && claims["aud"] == settings.client_id.as_str();
    if !is_ours || claims["nonce"] != nonce {
        return Err(problem("id_token", "issuer, audience or nonce do not fit"));
    }
    Ok(())
}

fn tokens((status, body): (u16, Value)) -> Result<Value, Problem> {
    if status == 200 { Ok(body) } else { Err(refused(&body)) }
}

fn signed_in(tokens: &Value) -> SignedIn {
    let text = |name: &str| tokens[name].as_str().map(str::to_owned);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_secs()).unwrap_or_default();
    SignedIn {
        id_token: text("id_token").unwrap_or_default(),
        access_token: text("access_token").unwrap_or_default(),
        refresh_token: text("refresh_token"),
        scope: text("scope").unwrap_or_default(),
        expires_at: now + tokens["expires_in"].as_i64().unwrap_or_default(),
        refreshed: 0,
        userinfo: None,
        problem: None,
    }
}

fn refused(body: &Value) -> Problem {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    Problem {
        error: text("error").unwrap_or_else(|| "no_answer".to_owned()),
        description: text("error_description"),
    }
}

fn problem(error: &str, description: &str) -> Problem {
    Problem { error: error.to_owned(), description: Some(description.to_owned()) }
}

fn redirect_uri(settings: &Settings) -> String {
    format!("{}/callback", settings.own_url)
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn random() -> String {
    base64url::encode(&array::<32>(&mut SystemRandom))
}
