//! Signing up: an address is asked for, and a mail goes there, whoever has it. The account is made behind the link in it.

use doorward_core::Reason;
use doorward_core::login::forgot::Forgot;
use doorward_core::model::MailKind;
use doorward_wire::text::Email;

use super::browser::{Browser, posted};
use super::{error, forgot};
use crate::app::Call;
use crate::limit::holder;
use crate::page::view::{AskState, ErrorKind, SignUp};
use crate::render::{self, Answer};

/// GET.
pub fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if !is_offered(call) {
        return off(call, &browser);
    }
    let is_sent = call.request.query.as_deref() == Some("done=sent");
    show(call, &browser, "", if is_sent { AskState::Sent } else { AskState::Open }, 200)
}

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    if !is_offered(call) {
        return off(call, &browser);
    }
    let form = match posted(call, &browser) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let typed = form.get("email").unwrap_or_default().trim().to_owned();
    if !browser.fits(call, FORM, form.get("form")) {
        return show(call, &browser, &typed, AskState::Stale, 403);
    }
    let Ok(email) = Email::parse(&typed) else {
        return show(call, &browser, &typed, AskState::Bad, 400);
    };
    if !call.tenant.tenant.settings.sign_up.takes(email.domain()) {
        call.app.tally.refused(&call.issuer.tenant, Reason::SignUpDomain);
        let answer = show(call, &browser, &typed, AskState::Domain, 400);
        return render::because(answer, Reason::SignUpDomain);
    }
    let request = Forgot {
        kind: MailKind::SignUpAsked,
        name_key: email.key().to_owned(),
        typed,
        holder: holder(call.request.client_ip).to_string(),
        locale: browser.frame(call, None).texts.locale().to_owned(),
    };
    match forgot::ask(call, &request).await {
        Ok(()) => render::see_other(&call.url("/sign-up?done=sent")),
        Err(failure) => error::failed(call, &browser, &failure),
    }
}

/// Whether the sign-in page shows the way here.
pub fn is_offered(call: &Call<'_>) -> bool {
    call.sends_mail() && call.tenant.tenant.settings.sign_up.open
}

fn off(call: &Call<'_>, browser: &Browser) -> Answer {
    let reason = if call.sends_mail() { Reason::SignUpOff } else { Reason::MailOff };
    call.app.tally.refused(&call.issuer.tenant, reason);
    render::because(error::page(call, browser, ErrorKind::NotFound, None), reason)
}

fn show(call: &Call<'_>, browser: &Browser, typed: &str, state: AskState, status: u16) -> Answer {
    let view = SignUp {
        frame: browser.frame(call, None),
        form: browser.form_token(call, FORM),
        typed: typed.to_owned(),
        state,
    };
    browser.page(call, status, &view)
}

const FORM: &str = "sign-up";
