//! Signing in: the console is a client of its own server (RFC 6749, section 4.1; RFC 7636; RFC 9207), which redeems its codes and
//! refreshes its tokens by the decisions of the token endpoint, in this process.

use doorward_core::Reason;
use doorward_core::client_auth::Credentials;
use doorward_core::grant::TokenRequest;
use doorward_crypto::{base64url, digest};
use doorward_store::Fault;
use doorward_wire::params::Params;

use super::PREFIX;
use super::client::{self, ID, redirect_uri};
use super::kept::{Kept, Way, keep};
use crate::app::Call;
use crate::cookie::Cookie;
use crate::form::browser::{Browser, fields, is_same_site};
use crate::form::{error, sign_out as leaving};
use crate::page::view::ErrorKind;
use crate::render::{self, Answer};
use crate::run::{Outcome, run};
use crate::sign::token_response;

/// Send the browser to the authorization endpoint; afterwards it goes on with `to`, below the console's prefix.
pub async fn begin(call: &Call<'_>, browser: &Browser, to: &str) -> Answer {
    match request(call, browser, to).await {
        Ok(url) => {
            let mut answer = render::see_other(&url);
            browser.keep(call, &mut answer);
            answer
        }
        Err(fault) => error::fault(call, browser, &fault),
    }
}

async fn request(call: &Call<'_>, browser: &Browser, to: &str) -> Result<String, Fault> {
    client::ensure(&call.app.store, &call.issuer.tenant).await?;
    let way = Way::begin(call, browser, to);
    let challenge = base64url::encode(&digest::sha256(way.verifier.as_bytes()));
    let params = [
        ("response_type", "code"),
        ("client_id", ID),
        ("redirect_uri", &redirect_uri(&call.issuer)),
        ("scope", &client::scopes()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("state", &way.seal(call).await?),
    ];
    let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(format!("{}?{}", call.url("/authorize"), Params::from_pairs(params.into()).to_query()))
}

/// GET of the redirect URI.
pub async fn callback(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let Ok(params) = Params::parse_query(call.request.query.as_deref().unwrap_or_default()) else {
        return error::refused(call, &browser, &Reason::ParameterMalformed.into());
    };
    let way = match Way::open(call, &browser, params.get("state").unwrap_or_default()).await {
        Ok(Some(way)) => way,
        Ok(None) => return again(call, &browser, ErrorKind::RequestExpired),
        Err(fault) => return error::fault(call, &browser, &fault),
    };
    if params.get("iss") != Some(&call.issuer.url) || params.get("error").is_some() {
        return again(call, &browser, ErrorKind::BadRequest);
    }
    let redirect_uri = redirect_uri(&call.issuer);
    let request = [
        ("grant_type", "authorization_code"),
        ("code", params.get("code").unwrap_or_default()),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", &way.verifier),
    ];
    let sealed = match redeem(call, &request).await {
        Ok(Ok(kept)) => kept.seal(call).await,
        Ok(Err(refusal)) => return error::refused(call, &browser, &refusal),
        Err(failure) => return error::failed(call, &browser, &failure),
    };
    match sealed {
        Ok(value) => {
            let mut answer = render::see_other(&call.url(&format!("{PREFIX}{}", way.to)));
            keep(call, &value, &mut answer);
            answer
        }
        Err(fault) => error::fault(call, &browser, &fault),
    }
}

/// New tokens for those that this browser keeps.
pub async fn refresh(call: &Call<'_>, token: &str) -> Outcome<Kept> {
    redeem(call, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// POST of the button: the person is signed out of this browser, and what the console holds ends with that.
pub async fn sign_out(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if !is_same_site(call) {
        return error::refused(call, &browser, &Reason::FormForeign.into());
    }
    let form = fields(call);
    let fits = form.as_ref().is_some_and(|form| browser.fits(call, super::visit::FORM, form.get("form")));
    if !fits {
        // The sign-out endpoint asks once more.
        return render::see_other(&call.url("/logout"));
    }
    let mut answer = leaving::decide(call, &browser, Params::default(), true).await;
    Cookie::Console.clear(call, &mut answer);
    answer
}

/// A decision of the token endpoint, for the console's client.
async fn redeem(call: &Call<'_>, params: &[(&str, &str)]) -> Outcome<Kept> {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let request = TokenRequest {
        credentials: Credentials { client_id: Some(ID.to_owned()), ..Credentials::default() },
        params: Params::from_pairs(params),
        shown: None,
    };
    let needs = match request.needs(&call.mount()) {
        Ok(needs) => needs,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let outcome = run(
        call,
        needs,
        |facts, ctx| request.decide(facts, ctx),
        |issued| token_response(issued, &call.tenant),
    );
    let outcome = outcome.await?;
    Ok(outcome.map(|response| Kept::of(response, call.app.store.now())))
}

/// The sign-in came to nothing: a page with the way to begin anew.
fn again(call: &Call<'_>, browser: &Browser, kind: ErrorKind) -> Answer {
    let back = Some((call.tenant.tenant.name.clone(), call.url(PREFIX)));
    error::with_way_back(call, browser, kind, None, back)
}
