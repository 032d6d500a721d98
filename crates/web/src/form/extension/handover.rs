//! The window of ours that signs a frame in: a link in the frame opens it, the person signs in where they see the address, and it hands a
//! ticket to the frame that opened it.

use doorward_core::Reason;
use doorward_core::authorize::Missing;
use doorward_core::authorize::handover::Handover;
use doorward_core::model::{Extension, User};
use doorward_store::Fault;
use doorward_wire::params::Params;
use http::HeaderValue;

use super::super::browser::Browser;
use super::super::continuation::Arrival;
use super::super::journey::{Behind, Journey, Purpose};
use super::super::sign_in::account_page;
use super::super::{account_factor, error};
use super::framed::of_extension;
use super::waiting;
use super::words::texts;
use crate::app::Call;
use crate::endpoint::extension::named;
use crate::page::view::{self, ErrorKind, InstallationChoice};
use crate::render::{self, Answer};
use crate::run::run_plain;

/// GET.
pub async fn get(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    let Ok(query) = Params::parse_query(call.request.query.as_deref().unwrap_or_default()) else {
        return error::refused(call, &browser, &Reason::ParameterMalformed.into());
    };
    let extension = match named(call, id).await {
        Ok(Some(extension)) => extension,
        Ok(None) => return error::page(call, &browser, ErrorKind::NotFound, None),
        Err(fault) => return error::fault(call, &browser, &fault),
    };
    let waits_since = waiting::since(call, &query);
    let params = of_extension(&waiting::without(&query), &extension.id);
    let request = Handover { params, waits_since, session: browser.session };
    match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await {
        // Whoever has shown their factor presses the frame's link once more.
        Ok(Ok((_, Some(Missing::Code)))) => account_factor::ask(call, &browser, Behind::Extensions).await,
        Ok(Ok((_, Some(Missing::Factor)))) => render::see_other(&call.url("/account/second-factor")),
        Ok(Ok((user, None | Some(Missing::Impossible)))) => {
            browser.knows(&user);
            match view(call, &browser, &extension, &user, &query).await {
                Ok(Some(view)) => opened(call, browser.page(call, 200, &view)),
                Ok(None) => error::page(call, &browser, ErrorKind::NotInstalled, None),
                Err(fault) => error::fault(call, &browser, &fault),
            }
        }
        Ok(Ok((_, Some(Missing::SignIn))) | Err(_)) => {
            let now = call.app.store.now();
            let query = waiting::with(call, &query, waits_since.unwrap_or(now)).to_query();
            let journey = Journey::begin(Purpose::Page(format!("{}?{query}", call.path)), &browser, now);
            account_page(call, &browser, &journey, Arrival::default(), 200).await
        }
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// None where it is installed in nothing that they belong to.
async fn view(
    call: &Call<'_>,
    browser: &Browser,
    extension: &Extension,
    user: &User,
    query: &Params,
) -> Result<Option<view::Handover>, Fault> {
    let tenant = &call.tenant.tenant;
    let place = query.get("installation").or_else(|| query.get("context"));
    let places = call.app.store.places(tenant, extension.key, &user.id, place).await?;
    let places: Vec<_> = places.into_iter().filter(|place| place.is_on).map(InstallationChoice::of).collect();
    let frame = browser.frame(call, query.get("ui_locales"));
    Ok((!places.is_empty()).then(|| view::Handover {
        form: browser.form_token(call, "account"),
        extension: texts(&extension.manifest, frame.texts.locale()).name,
        frame,
        name: user.display_name().to_owned(),
        user_name: user.user_name.clone(),
        places,
    }))
}

/// The window that opened this one must be reached from it, where that is a page of ours. Nobody else may see whether this one is still
/// open: it would tell who belongs where. A browser that does not say who opened it is answered as if it were ours, and the script looks.
fn opened(call: &Call<'_>, mut answer: Answer) -> Answer {
    if call.header("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return answer;
    }
    let name = http::HeaderName::from_static("cross-origin-opener-policy");
    answer.headers_mut().insert(name, HeaderValue::from_static("unsafe-none"));
    answer
}
