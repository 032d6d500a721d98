//! The pages on which extensions are installed and administered, in every state that looks different.

use doorward_core::model::{SecretState, WebhookKind};
use doorward_store::webhooks::Outcome;

use super::samples::{NOW, frame};
use crate::page::scope_text::ScopeLine;
use crate::page::text::Texts;
use crate::page::view::{
    Asked, AskedScope, InstallExtension, InstallNotice, InstallationNotice, InstallationPage, InstalledState,
    NewsRow, RemoveInstallation, SecretRow, Told, VariantChoice, View,
};

/// Name and page.
pub fn all(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let mut pages = installing(texts, fill);
    pages.extend(installed(texts, fill));
    pages
}

fn installing(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let scope = |name: &str, is_held: bool, is_new: bool| AskedScope {
        line: ScopeLine {
            name: name.to_owned(),
            description: Some(fill("Read the orders of the project")),
            api: Some(fill("Orders")),
            is_new,
        },
        reason: fill("To print what was ordered"),
        is_held,
        is_allowed: is_held,
        is_new,
    };
    let variant = |key: &str, name: &str| VariantChoice {
        key: key.to_owned(),
        name: fill(name),
        description: if key == "small" { fill("Up to ten invoices a day") } else { String::new() },
        is_chosen: key == "small",
    };
    let asked = Asked {
        is_change: false,
        context: "project/p-123".to_owned(),
        context_name: fill("Webshop"),
        manifest: 3,
        variants: vec![variant("small", "Small shops"), variant("large", "Large shops")],
        required: vec![scope("openid", true, true), scope("orders:read", true, true)],
        optional: vec![scope("orders:write", true, true), scope("bills:write", false, true)],
        asks_members: false,
    };
    let places =
        vec![("project/p-123".to_owned(), fill("Webshop")), ("customer/c-9".to_owned(), fill("North Ltd."))];
    let page = InstallExtension {
        frame: frame(texts, fill),
        form: fill("csrf"),
        action: "/account/extensions/invoices/install".to_owned(),
        back: "/account/extensions".to_owned(),
        name: fill("Invoice Printer"),
        summary: fill("Prints the invoices of a shop and sends them"),
        description: fill("It prints each invoice\nonce."),
        maker: fill("Paper Works"),
        places: places.clone(),
        is_cut: true,
        asked: Some(asked.clone()),
        notice: None,
    };
    let change = Asked {
        is_change: true,
        variants: Vec::new(),
        optional: vec![scope("orders:write", false, false), scope("bills:write", true, true)],
        asks_members: true,
        ..asked.clone()
    };
    let impossible = Asked { required: vec![scope("orders:read", false, true)], ..asked.clone() };
    let nothing = Asked { required: Vec::new(), optional: Vec::new(), variants: Vec::new(), ..asked };
    let with = |asked: Option<Asked>, notice: Option<InstallNotice>| InstallExtension {
        asked,
        notice,
        ..page.clone()
    };
    let mut pages: Vec<(String, Box<dyn View>)> = vec![
        ("install".to_owned(), Box::new(page.clone())),
        ("install-where".to_owned(), Box::new(with(None, None))),
        ("install-change".to_owned(), Box::new(with(Some(change), None))),
        ("install-impossible".to_owned(), Box::new(with(Some(impossible), None))),
        ("install-nothing".to_owned(), Box::new(with(Some(nothing), None))),
    ];
    for notice in
        [InstallNotice::Conflict, InstallNotice::Changed, InstallNotice::NotHeld, InstallNotice::Stale]
    {
        let again = with(page.asked.clone(), Some(notice));
        pages.push((format!("install-{notice:?}").to_lowercase(), Box::new(again)));
    }
    pages
}

fn installed(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let secret = |state: SecretState, is_delivered: bool| SecretRow {
        state,
        age_s: 86_400 * 40,
        is_delivered,
        until: (state == SecretState::Retiring).then_some(NOW + 3600),
    };
    let news = |kind: WebhookKind, outcome: Option<Outcome>, attempts: i64| NewsRow {
        kind,
        at: NOW - 3600,
        outcome,
        attempts,
        status: (attempts > 0).then_some(503),
    };
    let told = Told {
        installed_by: Some(fill("Alice Adams")),
        disabled_by: None,
        manifest: (2, 3),
        asks_more: vec![ScopeLine::named("email")],
        secrets: vec![
            secret(SecretState::Pending, false),
            secret(SecretState::Current, true),
            secret(SecretState::Retiring, true),
        ],
        paused: Some((NOW - 600, fill("the maker moves house"))),
        waiting: 2,
        due: Some(NOW + 60),
        news: vec![
            news(WebhookKind::Updated, None, 3),
            news(WebhookKind::SecretRotated, Some(Outcome::Delivered), 1),
            news(WebhookKind::Added, Some(Outcome::Pull), 0),
            news(WebhookKind::Updated, Some(Outcome::Skipped), 0),
            news(WebhookKind::Updated, Some(Outcome::GivenUp), 9),
            news(WebhookKind::Removed, Some(Outcome::Aborted), 0),
        ],
    };
    let page = InstallationPage {
        frame: frame(texts, fill),
        form: fill("csrf"),
        id: "ins_2VQm3oBq0Yw1rT8kJc7uXe".to_owned(),
        name: fill("Invoice Printer"),
        summary: fill("Prints the invoices of a shop and sends them"),
        maker: fill("Paper Works"),
        context: fill("Webshop"),
        state: InstalledState::Enabled,
        state_since: None,
        deprecated: None,
        variant: Some(fill("Small shops")),
        since: NOW - 86_400 * 12,
        opens: true,
        frames: true,
        scopes: vec![ScopeLine::named("openid"), ScopeLine::named("profile")],
        told: Some(told.clone()),
        may_change: true,
        notice: None,
    };
    let quiet = Told { manifest: (3, 3), ..Told::default() };
    let disabled = Told { disabled_by: Some(fill("Bob Brown")), ..quiet.clone() };
    let of_member = InstallationPage { told: None, may_change: false, ..page.clone() };
    let in_state = |state: InstalledState, told: Option<Told>| InstallationPage {
        state,
        state_since: (state != InstalledState::Withdrawn).then_some(NOW - 60),
        opens: false,
        told,
        ..page.clone()
    };
    let deprecated = |day: &str| InstallationPage {
        deprecated: Some(day.to_owned()),
        scopes: Vec::new(),
        summary: String::new(),
        ..of_member.clone()
    };
    let removal = RemoveInstallation {
        frame: frame(texts, fill),
        form: fill("csrf"),
        id: page.id.clone(),
        name: page.name.clone(),
        context: page.context.clone(),
        problem: None,
    };
    let stale = RemoveInstallation { problem: Some(InstallationNotice::Stale), ..removal.clone() };
    let mut pages: Vec<(String, Box<dyn View>)> = vec![
        ("installation".to_owned(), Box::new(page.clone())),
        ("installation-of-member".to_owned(), Box::new(of_member.clone())),
        ("installation-disabled".to_owned(), Box::new(in_state(InstalledState::Disabled, Some(disabled)))),
        ("installation-suspended".to_owned(), Box::new(in_state(InstalledState::Suspended, Some(quiet)))),
        ("installation-withdrawn".to_owned(), Box::new(in_state(InstalledState::Withdrawn, None))),
        ("installation-deprecated".to_owned(), Box::new(deprecated(""))),
        ("installation-deprecated-on".to_owned(), Box::new(deprecated("2027-03-01"))),
        ("remove-installation".to_owned(), Box::new(removal)),
        ("remove-installation-stale".to_owned(), Box::new(stale)),
    ];
    for notice in [
        InstallationNotice::Already,
        InstallationNotice::Changed,
        InstallationNotice::Conflict,
        InstallationNotice::Disabled,
        InstallationNotice::Enabled,
        InstallationNotice::Installed,
        InstallationNotice::Stale,
        InstallationNotice::Suspended,
    ] {
        let told = InstallationPage { notice: Some(notice), ..of_member.clone() };
        pages.push((format!("installation-{notice:?}").to_lowercase(), Box::new(told)));
    }
    pages
}
