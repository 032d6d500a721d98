//! The button that opens an installed extension. A GET opens nothing: links can be followed by anybody and anything.

use doorward_core::installation::launch::{Launch, Opened, Opening, Who};
use doorward_core::model::{Extension, Installation, User};
use doorward_core::{Facts, Reason};
use doorward_wire::scope::Scopes;

use super::super::account::opened;
use super::super::account_factor;
use super::super::browser::Browser;
use super::super::continuation::lines;
use super::super::error;
use super::super::journey::Behind;
use super::words::{place_name, texts};
use crate::app::Call;
use crate::page::view::AskExtension;
use crate::render::{self, Answer};
use crate::run::run;

/// POST: the address of the extension, filled; or the page that asks first.
pub async fn post(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    let (user, form) = match opened(call, &browser).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let Some(session) = browser.session else { return render::see_other(&call.url("/sign-in")) };
    let allowed = match form.get("action") {
        Some("allow") => Some(true),
        Some("deny") => Some(false),
        _ => None,
    };
    let launch = Launch { installation: id.into(), who: Who::Session(session), allowed };
    let mut names = None;
    let outcome = run(
        call,
        launch.needs(),
        |facts, ctx| {
            names = Names::of(facts);
            launch.decide(facts, ctx)
        },
        Ok,
    )
    .await;
    match outcome {
        Ok(Ok(Opened::At(opening))) => away(*opening),
        Ok(Ok(Opened::Ask { scopes })) => ask(call, &browser, &user, names, &scopes).await,
        Ok(Err(refusal)) if refusal.reason == Reason::AccessDenied => {
            render::see_other(&call.url("/account"))
        }
        Ok(Err(refusal)) if refusal.reason == Reason::SecondStepDue => {
            account_factor::ask(call, &browser, Behind::Account).await
        }
        Ok(Err(refusal)) => error::refused(call, &browser, &refusal),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// What the page is about.
struct Names {
    installation: Installation,
    extension: Extension,
}

impl Names {
    fn of(facts: &Facts) -> Option<Self> {
        let installation = facts.installation.as_ref()?.installation.clone();
        Some(Self { installation, extension: Extension::clone(facts.extension.as_ref()?) })
    }
}

/// On to the extension: the key in its address is told to nobody else.
fn away(opening: Opening) -> Answer {
    let mut answer = render::see_other(&opening.url);
    let none = http::HeaderValue::from_static("no-referrer");
    answer.headers_mut().insert(http::header::REFERRER_POLICY, none);
    answer
}

async fn ask(
    call: &Call<'_>,
    browser: &Browser,
    user: &User,
    names: Option<Names>,
    scopes: &Scopes,
) -> Answer {
    let Some(Names { installation, extension }) = names else { return error::unavailable(call, browser) };
    let context = match place_name(call, &installation.context_id).await {
        Ok(name) => name,
        Err(fault) => return error::fault(call, browser, &fault),
    };
    let frame = browser.frame(call, None);
    let view = AskExtension {
        form: browser.form_token(call, "account"),
        installation: installation.id.0,
        extension: texts(&extension.manifest, frame.texts.locale()).name,
        context,
        frame,
        name: user.display_name().to_owned(),
        user_name: user.user_name.clone(),
        scopes: lines(call, scopes, &Scopes::default(), user, None),
    };
    browser.page(call, 200, &view)
}
