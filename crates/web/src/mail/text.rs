//! What a mail says: the tenant's own text where it has one, else the catalogue's, in the person's language.

use doorward_core::model::mail::MailKind;
use doorward_core::model::{Mail, Tenant};

use super::{Letter, Mailer};
use crate::page::device;
use crate::page::text::{Texts, escape};

/// The letter of a queued mail. Values that come from people stand in the text only, never in a header; line ends in a subject become
/// spaces.
pub fn letter(mail: &Mail, tenant: &Tenant, mailer: &Mailer) -> Option<Letter> {
    let settings = &tenant.settings.mail;
    let locale = mail.content.locale.as_deref().unwrap_or(&tenant.settings.locale);
    let texts = Texts::for_locale(locale);
    let own = settings.texts.get(mail.kind.as_str()).and_then(|languages| {
        languages.get(texts.locale()).or_else(|| languages.get(&tenant.settings.locale))
    });
    let values = values(mail, tenant);
    let standard = standard(mail.kind, texts, &values)?;
    let subject = own.and_then(|own| own.subject.as_deref()).map(|text| fill(text, &values));
    let body = own.and_then(|own| own.text.as_deref()).map(|text| fill(text, &values));
    let (subject, body) = (subject.unwrap_or(standard.0), body.unwrap_or(standard.1));
    let greeting = match mail.content.name.as_str() {
        "" => texts.say("mail-greeting-plain"),
        name => texts.get("mail-greeting", &[("name", name)]),
    };
    let link = mail.content.link.clone();
    let signature = settings.signature.clone().unwrap_or_else(|| tenant.name.clone());
    let button = standard_button(mail.kind, texts);
    Some(Letter {
        id: mail.id.to_string(),
        kind: mail.kind.as_str(),
        from: settings.from.clone().unwrap_or_else(|| mailer.from().to_owned()),
        reply_to: settings.reply_to.clone(),
        to: mail.content.to.clone(),
        subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
        text: plain(&greeting, &body, link.as_deref(), &signature),
        html: html(texts, &greeting, &body, link.as_deref().zip(button.as_deref()), &signature),
        link,
    })
}

fn values(mail: &Mail, tenant: &Tenant) -> Vec<(String, String)> {
    let mut values: Vec<(String, String)> =
        mail.content.values.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    // The browser's own description, in words where it is a known one.
    if let Some((_, value)) = values.iter_mut().find(|(name, _)| name == "device") {
        *value = device::name(value).unwrap_or_else(|| "?".to_owned());
    }
    values.push(("brand".to_owned(), tenant.name.clone()));
    values.push(("name".to_owned(), mail.content.name.clone()));
    values.push(("link".to_owned(), mail.content.link.clone().unwrap_or_default()));
    values
}

/// A tenant's own text with its placeholders `{name}` filled in; one that is not known stays as it is.
fn fill(text: &str, values: &[(String, String)]) -> String {
    let mut filled = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = after.split_once('}').and_then(|(name, tail)| {
            values.iter().find(|(known, _)| known == name).map(|(_, value)| (value, tail))
        });
        match found {
            Some((value, tail)) => {
                filled.push_str(value);
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn standard(kind: MailKind, texts: &Texts, values: &[(String, String)]) -> Option<(String, String)> {
    let (subject, text) = keys(kind)?;
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (VARIABLES.iter().find(|known| *known == name), value))
        .filter_map(|(name, value)| Some((*name?, value.as_str())))
        .collect();
    Some((texts.get(subject, &values), texts.get(text, &values)))
}

/// Names of values as the catalogue has them.
const VARIABLES: [&str; 7] = ["account", "address", "brand", "device", "left", "new_address", "user_name"];

/// None for a request, which is no mail.
const fn keys(kind: MailKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        MailKind::AccountClosed => ("mail-account-closed-subject", "mail-account-closed"),
        MailKind::AddressChanged => ("mail-address-changed-subject", "mail-address-changed"),
        MailKind::AddressConfirm => ("mail-address-confirm-subject", "mail-address-confirm"),
        MailKind::AddressReplaced => ("mail-address-replaced-subject", "mail-address-replaced"),
        MailKind::AddressTaken => ("mail-address-taken-subject", "mail-address-taken"),
        MailKind::AddressVerify => ("mail-address-verify-subject", "mail-address-verify"),
        MailKind::FactorAdded => ("mail-factor-added-subject", "mail-factor-added"),
        MailKind::FactorRemoved => ("mail-factor-removed-subject", "mail-factor-removed"),
        MailKind::FactorReset => ("mail-factor-reset-subject", "mail-factor-reset"),
        MailKind::Forgotten | MailKind::SignUpAsked => return None,
        MailKind::Invitation => ("mail-invitation-subject", "mail-invitation"),
        MailKind::NewDevice => ("mail-new-device-subject", "mail-new-device"),
        MailKind::PasswordChanged => ("mail-password-changed-subject", "mail-password-changed"),
        MailKind::PasswordReplaced => ("mail-password-replaced-subject", "mail-password-replaced"),
        MailKind::PasswordReset => ("mail-password-reset-subject", "mail-password-reset"),
        MailKind::RecoveryCodeUsed => ("mail-recovery-code-used-subject", "mail-recovery-code-used"),
        MailKind::RecoveryCodesMade => ("mail-recovery-codes-made-subject", "mail-recovery-codes-made"),
        MailKind::SignUp => ("mail-sign-up-subject", "mail-sign-up"),
        MailKind::SignUpKnown => ("mail-sign-up-known-subject", "mail-sign-up-known"),
    })
}

fn standard_button(kind: MailKind, texts: &Texts) -> Option<String> {
    let key = match kind {
        MailKind::AddressConfirm | MailKind::AddressVerify | MailKind::SignUp => "mail-button-confirm",
        MailKind::AddressReplaced => "mail-button-undo",
        MailKind::Invitation => "mail-button-accept",
        MailKind::PasswordReset => "mail-button-password",
        MailKind::AccountClosed
        | MailKind::AddressChanged
        | MailKind::AddressTaken
        | MailKind::Forgotten
        | MailKind::SignUpAsked
        | MailKind::FactorAdded
        | MailKind::FactorRemoved
        | MailKind::FactorReset
        | MailKind::NewDevice
        | MailKind::PasswordChanged
        | MailKind::PasswordReplaced
        | MailKind::RecoveryCodeUsed
        | MailKind::RecoveryCodesMade
        | MailKind::SignUpKnown => return None,
    };
    Some(texts.say(key))
}

fn plain(greeting: &str, body: &str, link: Option<&str>, signature: &str) -> String {
    let mut text = format!("{greeting}\n\n{}\n", body.trim());
    if let Some(link) = link.filter(|link| !body.contains(*link)) {
        text.push_str(&format!("\n{link}\n"));
    }
    text.push_str(&format!("\n-- \n{signature}\n"));
    text
}

fn html(texts: &Texts, greeting: &str, body: &str, button: Option<(&str, &str)>, signature: &str) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"></head>\n\
         <body style=\"font-family:system-ui,sans-serif;line-height:1.5;max-width:36em;margin:1.5em auto;padding:0 1em\">\n<p>{}</p>\n",
        texts.locale(),
        escape(greeting)
    );
    for paragraph in body.trim().split("\n\n") {
        let lines: Vec<_> = paragraph.lines().map(|line| escape(line).into_owned()).collect();
        html.push_str(&format!("<p>{}</p>\n", lines.join("<br>\n")));
    }
    if let Some((link, label)) = button {
        let link = escape(link);
        html.push_str(&format!(
            "<p><a href=\"{link}\" style=\"display:inline-block;padding:.6em 1.1em;border-radius:.5em;background:#14635a;color:#fff;text-decoration:none\">{}</a></p>\n<p style=\"font-size:.85em;word-break:break-all\">{link}</p>\n",
            escape(label)
        ));
    }
    let signature: Vec<_> = signature.lines().map(|line| escape(line).into_owned()).collect();
    html.push_str(&format!("<p>{}</p>\n</body></html>\n", signature.join("<br>\n")));
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once_and_unknown_ones_stay() {
        let values =
            vec![("name".to_owned(), "{link}".to_owned()), ("link".to_owned(), "https://x".to_owned())];
        assert_eq!(fill("Hi {name}, {ghost} {link} {", &values), "Hi {link}, {ghost} https://x {");
    }

    #[test]
    fn every_text_says_only_what_its_kind_knows() {
        for locale in ["en", "de"] {
            let texts = Texts::for_locale(locale);
            for kind in MailKind::ALL.iter().filter(|kind| !kind.is_request()) {
                let known = ["brand"].iter().chain(kind.values());
                let values: Vec<_> = known.map(|name| ((*name).to_owned(), format!("<{name}>"))).collect();
                let (subject, text) = standard(*kind, texts, &values).expect("it is a mail");
                assert!(
                    !subject.contains(['{', '}']) && !text.contains(['{', '}']),
                    "{kind:?}: {subject} {text}"
                );
                assert!(!subject.starts_with("mail-") && !text.starts_with("mail-"), "{locale}: {kind:?}");
            }
        }
    }

    #[test]
    fn html_escapes_what_people_wrote() {
        let texts = Texts::for_locale("en");
        let html = html(texts, "Hello <b>", "a\nb\n\nc & d", Some(("https://x/?a=1&b=2", "Go")), "T");
        assert!(
            html.contains("Hello &#60;b&#62;") && html.contains("a<br>\nb") && html.contains("c &#38; d")
        );
        assert!(html.contains("href=\"https://x/?a=1&#38;b=2\""));
    }
}
