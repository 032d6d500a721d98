//! The consent page's form: allow, deny, or somebody else.

use doorward_core::authorize::{Act, AuthorizationRequest};
use doorward_core::{Needs, Reason};
use doorward_wire::params::Params;

use super::browser::{Browser, posted};
use super::continuation::{Arrival, go_on, show_fresh};
use super::journey::{Journey, Opened, Purpose};
use super::{error, sign_in};
use crate::app::Call;
use crate::render::Answer;
use crate::run::load;

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let (journey, action) = match open(call, &browser, "consent").await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let act = match (action.as_str(), &journey.shown) {
        ("switch", _) => Act::OtherAccount,
        ("allow" | "deny", Some(shown)) => Act::Consent {
            user: shown.user.clone(),
            scopes: shown.scopes.clone(),
            allowed: action == "allow",
        },
        _ => return error::refused(call, &browser, &Reason::ParameterMalformed.into()),
    };
    let params = journey.params();
    go_on(
        call,
        &browser,
        params,
        Arrival { journey: Some(journey), act, clicked: true, ..Arrival::default() },
    )
    .await
}

/// Open the form of a page on the way of an authorization request: the journey, and which button was pressed.
pub async fn open(call: &Call<'_>, browser: &Browser, name: &str) -> Result<(Journey, String), Answer> {
    let (journey, form) = open_form(call, browser, name).await?;
    let action = form.get("action").or_else(|| form.get("account").map(|_| "account"));
    Ok((journey, action.unwrap_or_default().to_owned()))
}

/// The same: the journey, and all fields.
pub async fn open_form(call: &Call<'_>, browser: &Browser, name: &str) -> Result<(Journey, Params), Answer> {
    let form = posted(call, browser).map_err(|answer| *answer)?;
    let opened = Journey::open(form.get("request"), call, browser)
        .await
        .map_err(|fault| error::fault(call, browser, &fault))?;
    match opened {
        Opened::Fresh(journey) | Opened::Foreign(journey)
            if !matches!(journey.purpose, Purpose::Authorize(_)) =>
        {
            Err(error::refused(call, browser, &Reason::FormStale.into()))
        }
        Opened::Fresh(journey) if browser.fits(call, name, form.get("form")) => Ok((journey, form)),
        Opened::Fresh(journey) | Opened::Foreign(journey) => Err(show_fresh(call, browser, journey).await),
        Opened::Expired(journey) => Err(sign_in::expired(call, browser, &journey).await),
        Opened::Unreadable => Err(error::refused(call, browser, &Reason::FormStale.into())),
    }
}

/// A link back to the application of a journey: its registered redirect URI, without any parameter.
pub async fn way_back(call: &Call<'_>, journey: &Journey) -> Option<(String, String)> {
    let params = journey.params();
    let needs = Needs { client: Some(params.get("client_id")?.into()), ..Needs::default() };
    let facts = load(call, &needs).await.ok()?;
    let request = AuthorizationRequest {
        params,
        started_at: journey.started_at,
        key: None,
        session: None,
        act: Act::None,
    };
    let asked = request.check(&facts).ok()?;
    let link = asked.target.registered.as_str().to_owned();
    Some((asked.client.name.clone(), link))
}
