//! The pages of extensions, in every state that looks different.

use super::samples::{NOW, frame};
use crate::page::scope_text::ScopeLine;
use crate::page::text::Texts;
use crate::page::view::{
    AskExtension, AvailableRow, FrameProblem, FramedSignIn, Handover, InstallationChoice, InstalledRow,
    InstalledState, MyExtensions, SelectInstallation, ShowExtension, View,
};

/// Name and page.
pub fn all(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let of_api = ScopeLine {
        name: fill("orders:read"),
        description: Some(fill("Read the orders of the project")),
        api: Some(fill("Orders")),
        is_new: false,
    };
    let ask = AskExtension {
        frame: frame(texts, fill),
        form: fill("csrf"),
        installation: "ins_2VQm3oBq0Yw1rT8kJc7uXe".to_owned(),
        extension: fill("Invoice Printer"),
        context: fill("project/p-123"),
        name: fill("Alice Adams"),
        user_name: fill("alice"),
        scopes: vec![ScopeLine::named("openid"), ScopeLine::named("profile"), of_api],
    };
    let place = |name: &str, context: &str| InstallationChoice {
        id: "ins_2VQm3oBq0Yw1rT8kJc7uXe".to_owned(),
        name: fill(name),
        context: fill(context),
    };
    let select = SelectInstallation {
        frame: frame(texts, fill),
        extension: fill("Invoice Printer"),
        request: fill("sealed"),
        form: fill("csrf"),
        places: vec![place("Webshop", "project/p-123"), place("Archive", "project/p-124")],
    };
    let row = |name: &str, context: &str, state: InstalledState| InstalledRow {
        id: "ins_2VQm3oBq0Yw1rT8kJc7uXe".to_owned(),
        name: fill(name),
        summary: fill("Prints the invoices of a shop and sends them"),
        context: context.to_owned(),
        context_name: fill("Webshop"),
        state,
        opens: state == InstalledState::Enabled,
        scopes: vec![ScopeLine::named("openid"), ScopeLine::named("profile")],
        since: NOW - 86_400 * 12,
    };
    let available = |name: &str, more: i64, is_unpublished: bool| AvailableRow {
        id: "invoices".to_owned(),
        name: fill(name),
        summary: fill("Prints the invoices of a shop and sends them"),
        maker: fill("Paper Works"),
        places: vec![fill("Webshop"), fill("Archive")],
        more,
        is_unpublished,
    };
    let mine = MyExtensions {
        frame: frame(texts, fill),
        form: fill("csrf"),
        rows: vec![
            row("Invoice Printer", "project/p-123", InstalledState::Enabled),
            row("Backup", "project/p-123", InstalledState::Disabled),
            row("Statistics", "customer/c-9", InstalledState::Suspended),
            row("Old Shop", "customer/c-9", InstalledState::Withdrawn),
        ],
        available: Some(vec![available("Labels", 0, false), available("Letters", 7, true)]),
        next: Some("labels".to_owned()),
        is_removed: true,
    };
    let framed = |problem: Option<FrameProblem>| FramedSignIn {
        frame: frame(texts, fill),
        extension: fill("Invoice Printer"),
        id: "invoices".to_owned(),
        installation: None,
        context: Some(fill("project/p-123")),
        handed_to: format!("https://id.example/extensions/invoices/frame?state={}", fill("s")),
        again: format!("https://id.example/authorize?state={}", fill("s")),
        origins: vec!["https://panel.example".to_owned()],
        problem,
    };
    let handover = |places| Handover {
        frame: frame(texts, fill),
        form: fill("csrf"),
        extension: fill("Invoice Printer"),
        name: fill("Alice Adams"),
        user_name: fill("alice"),
        places,
    };
    let shown = ShowExtension {
        frame: frame(texts, fill),
        form: fill("csrf"),
        extension: fill("Invoice Printer"),
        installation: "ins_2VQm3oBq0Yw1rT8kJc7uXe".to_owned(),
        launched_at: "https://invoices.example".to_owned(),
        issuer: "https://id.example".to_owned(),
        name: fill("Alice Adams"),
        user_name: fill("alice"),
    };
    let none = MyExtensions {
        rows: Vec::new(),
        available: Some(Vec::new()),
        next: None,
        is_removed: false,
        ..mine.clone()
    };
    let of_member = MyExtensions { available: None, ..none.clone() };
    vec![
        ("extensions".to_owned(), Box::new(mine) as Box<dyn View>),
        ("extensions-none".to_owned(), Box::new(none)),
        ("extensions-of-member".to_owned(), Box::new(of_member)),
        ("ask-extension".to_owned(), Box::new(ask)),
        ("framed-sign-in".to_owned(), Box::new(framed(None))),
        ("framed-sign-in-refused".to_owned(), Box::new(framed(Some(FrameProblem::Refused)))),
        ("framed-sign-in-no-cookie".to_owned(), Box::new(framed(Some(FrameProblem::NoCookie)))),
        ("handover".to_owned(), Box::new(handover(select.places.clone()))),
        ("handover-one".to_owned(), Box::new(handover(select.places[..1].to_vec()))),
        ("show-extension".to_owned(), Box::new(shown)),
        ("select-installation".to_owned(), Box::new(select)),
    ]
}
