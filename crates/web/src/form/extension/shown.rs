//! A page of ours that shows an installed extension in a frame, and hands to it what it asks for.

use doorward_core::installation::template;
use doorward_core::model::{Extension, User};
use doorward_core::needs::InstallationHandle;
use doorward_core::{Facts, Needs, Reason};

use super::super::account::person;
use super::super::browser::Browser;
use super::super::error;
use super::words::texts;
use crate::app::Call;
use crate::page::policy::Frames;
use crate::page::view::{ErrorKind, ShowExtension};
use crate::page::with_frames;
use crate::render::Answer;
use crate::run::load;

/// GET.
pub async fn get(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    let user = match person(call, &browser).await {
        Ok(user) => user,
        Err(answer) => return answer,
    };
    let handle = InstallationHandle { id: id.into(), secret_hash: None, user: Some(user.id.clone()) };
    let needs = Needs { installation: Some(handle), extension: true, ..Needs::default() };
    match load(call, &needs).await {
        Ok(facts) => match shown(&facts) {
            Some(extension) => page(call, &browser, &user, id, extension),
            None => error::page(call, &browser, ErrorKind::NotFound, None),
        },
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// The extension, where the person belongs to what it is installed in, and it may be shown in a frame.
fn shown(facts: &Facts) -> Option<&Extension> {
    facts.installation.as_ref().filter(|found| found.belongs.is_member())?;
    let extension = facts.extension.as_deref()?;
    let manifest = &extension.manifest;
    (manifest.launch_url.is_some() && !manifest.frame_origins.is_empty()).then_some(extension)
}

fn page(call: &Call<'_>, browser: &Browser, user: &User, id: &str, extension: &Extension) -> Answer {
    let manifest = &extension.manifest;
    let addresses = [&manifest.launch_url, &manifest.callback_url].into_iter().flatten();
    let origins: Vec<String> =
        addresses.filter_map(|address| template::origin(address)).map(|origin| origin.to_string()).collect();
    let Some(launched_at) = origins.first().cloned() else {
        return error::refused(call, browser, &Reason::LaunchNowhere.into());
    };
    let frame = browser.frame(call, None);
    let view = ShowExtension {
        form: browser.form_token(call, "account"),
        extension: texts(manifest, frame.texts.locale()).name,
        installation: id.to_owned(),
        launched_at,
        issuer: call.issuer.url.clone(),
        name: user.display_name().to_owned(),
        user_name: user.user_name.clone(),
        frame,
    };
    with_frames(browser.page(call, 200, &view), Frames::Of(&origins))
}
