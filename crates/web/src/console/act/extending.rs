//! Acts on extensions and installations.

use doorward_core::admin::Area;
use doorward_wire::params::Params;
use doorward_wire::percent;
use serde_json::json;

use super::super::deliveries::tried;
use super::request::Request;
use super::table::{Act, act, dangerous, delete, edit, ended, incident, make, post, put, removing, showing};
use crate::page::view::console::Section;

const EXTENSIONS: (Area, Section) = (Area::Extensions, Section::Extensions);
const INSTALLATIONS: (Area, Section) = (Area::Installations, Section::Installations);

/// The acts.
pub static EXTENDING: &[Act] = &[
    make(
        ("extension-make", "console-make-extension"),
        EXTENSIONS,
        r#"{ "id": "", "manifest": { "name": "", "scopes": [], "callback_url": "https://", "launch_url": "https://" } }"#,
        |_, _| post("/extensions"),
    ),
    edit("extension-edit", EXTENSIONS, |id, _| put(extension(id))),
    act(
        ("extension-accept", "console-accept-manifest", "console-accept-manifest-question"),
        EXTENSIONS,
        |id, _| post(&format!("{}/manifest/accept", extension(id))),
    ),
    act(
        ("extension-reject", "console-reject-manifest", "console-reject-manifest-question"),
        EXTENSIONS,
        |id, _| post(&format!("{}/manifest/reject", extension(id))),
    ),
    act(("extension-verify", "console-verify", "console-verify-question"), EXTENSIONS, |id, _| {
        post(&format!("{}/verify", extension(id)))
    }),
    act(("extension-publish", "console-publish", "console-publish-question"), EXTENSIONS, |id, _| {
        post(&format!("{}/publish", extension(id)))
    }),
    act(("extension-deprecate", "console-deprecate", "console-deprecate-question"), EXTENSIONS, |id, _| {
        Request::new("POST", format!("{}/deprecate", extension(id)), Some(json!({})))
    }),
    dangerous(act(
        ("extension-suspend", "console-suspend", "console-suspend-extension"),
        EXTENSIONS,
        |id, _| post(&format!("{}/suspend", extension(id))),
    )),
    act(("extension-resume", "console-resume", "console-resume-extension"), EXTENSIONS, |id, _| {
        post(&format!("{}/resume", extension(id)))
    }),
    dangerous(act(
        ("extension-withdraw", "console-withdraw", "console-withdraw-question"),
        EXTENSIONS,
        |id, _| post(&format!("{}/withdraw", extension(id))),
    )),
    ended(("extension-incident", "console-incident", "console-incident-extension"), EXTENSIONS, |id, _| {
        incident(&extension(id))
    }),
    removing(act(("extension-remove", "console-remove", "console-remove-extension"), EXTENSIONS, |id, _| {
        delete(extension(id))
    })),
    make(
        ("installation-make", "console-make-installation"),
        INSTALLATIONS,
        r#"{ "extension": "", "context": "project/" }"#,
        |_, _| post("/installations"),
    ),
    edit("installation-edit", INSTALLATIONS, |id, _| put(installation(id))),
    dangerous(act(
        ("installation-disable", "console-disable", "console-disable-installation"),
        INSTALLATIONS,
        |id, _| post(&format!("{}/disable", installation(id))),
    )),
    act(("installation-enable", "console-enable", "console-enable-installation"), INSTALLATIONS, |id, _| {
        post(&format!("{}/enable", installation(id)))
    }),
    dangerous(act(
        ("installation-suspend", "console-suspend", "console-suspend-installation"),
        INSTALLATIONS,
        |id, _| post(&format!("{}/suspend", installation(id))),
    )),
    act(("installation-resume", "console-resume", "console-resume-installation"), INSTALLATIONS, |id, _| {
        post(&format!("{}/resume", installation(id)))
    }),
    ended(
        ("installation-incident", "console-incident", "console-incident-installation"),
        INSTALLATIONS,
        |id, _| incident(&installation(id)),
    ),
    removing(act(
        ("installation-remove", "console-remove", "console-remove-installation"),
        INSTALLATIONS,
        |id, _| delete(installation(id)),
    )),
    act(
        ("installation-rotate", "console-rotate-secret", "console-rotate-secret-question"),
        INSTALLATIONS,
        |id, _| Request::new("POST", format!("{}/secrets", installation(id)), Some(json!({}))),
    ),
    act(
        ("installation-rotate-shown", "console-rotate-shown", "console-rotate-shown-question"),
        INSTALLATIONS,
        |id, _| {
            Request::new("POST", format!("{}/secrets", installation(id)), Some(json!({ "reveal": true })))
        },
    ),
    act(
        ("installation-secret-reveal", "console-show-secret", "console-show-secret-question"),
        INSTALLATIONS,
        |id, fields| post(&format!("{}/reveal", secret(id, fields))),
    ),
    act(
        ("installation-secret-confirm", "console-activate-secret", "console-confirm-secret-question"),
        INSTALLATIONS,
        |id, fields| Request::new("POST", format!("{}/confirm", secret(id, fields)), Some(json!({}))),
    ),
    dangerous(act(
        ("installation-secret-end", "console-end-secret", "console-end-secret-question"),
        INSTALLATIONS,
        |id, fields| delete(secret(id, fields)),
    )),
    act(
        ("webhooks-pause", "console-pause-webhooks", "console-pause-webhooks-question"),
        INSTALLATIONS,
        |id, fields| {
            let reason = fields.get("reason").map(str::trim).filter(|reason| !reason.is_empty());
            let body = reason.map_or_else(|| json!({}), |reason| json!({ "reason": reason }));
            Request::new("POST", format!("{}/webhooks/pause", installation(id)), Some(body))
        },
    ),
    act(
        ("webhooks-resume", "console-resume-webhooks", "console-resume-webhooks-question"),
        INSTALLATIONS,
        |id, _| post(&format!("{}/webhooks/resume", installation(id))),
    ),
    showing(
        act(
            ("webhook-try", "console-try-webhook", "console-try-webhook-question"),
            INSTALLATIONS,
            |id, fields| {
                let kind = json!({ "kind": fields.get("kind").unwrap_or_default() });
                Request::new("POST", format!("{}/webhooks/dry-run", installation(id)), Some(kind))
            },
        ),
        tried,
    ),
    act(
        ("webhook-resend", "console-resend-webhook", "console-resend-webhook-question"),
        INSTALLATIONS,
        |id, fields| post(&format!("{}/resend", webhook(id, fields))),
    ),
    dangerous(act(
        ("webhook-skip", "console-skip-webhook", "console-skip-webhook-question"),
        INSTALLATIONS,
        |id, fields| post(&format!("{}/skip", webhook(id, fields))),
    )),
];

fn webhook(id: &str, fields: &Params) -> String {
    format!("{}/webhooks/{}", installation(id), percent::encode(fields.get("number").unwrap_or("-")))
}

fn extension(id: &str) -> String {
    format!("/extensions/{}", percent::encode(id))
}

fn installation(id: &str) -> String {
    format!("/installations/{}", percent::encode(id))
}

fn secret(id: &str, fields: &Params) -> String {
    format!("{}/secrets/{}", installation(id), percent::encode(fields.get("secret").unwrap_or("-")))
}
