//! Samples of the console's pages: every part in every state that looks different.

use crate::page::text::Texts;
use crate::page::view::console::{
    Bit, Choice, ConsolePage, Facts, Field, Form, Input, Link, Notice, Part, Section, Shell, Table, Tone,
};
use crate::page::view::{Frame, View};

/// Name and page.
pub fn all(
    texts: &'static Texts,
    frame: &Frame,
    fill: &dyn Fn(&str) -> String,
) -> Vec<(String, Box<dyn View>)> {
    let list = page(texts, frame, fill, vec![Part::Form(search(fill)), Part::Table(people(texts, fill))]);
    let form = Form {
        fields: vec![
            Field {
                name: "permissions",
                label: texts.say("console-permissions"),
                input: Input::Lines(fill("orders:read\norders:write")),
                hint: texts.say("console-date-hint"),
            },
            Field {
                name: "role",
                label: texts.say("console-roles"),
                input: Input::Checks(vec![choice(fill, "clerk", true), choice(fill, "auditor", false)]),
                hint: String::new(),
            },
        ],
        call: Some(fill("curl -sS -X PATCH https://id.northwind.example/admin/v1/tenants/main")),
        back: Some(link(fill, "Cancel")),
        title: texts.say("console-roles"),
        text: fill("Something is asked here."),
        tone: Tone::Bad,
        hidden: vec![("id".to_owned(), fill("usr_1"))],
        ..Form::post("deed", "/console/tenants/main/act".to_owned(), texts.say("console-find-button"))
    };
    let mut detail = page(
        texts,
        frame,
        fill,
        vec![
            Part::Text(fill("A paragraph.")),
            Part::Facts(Facts {
                id: "profile",
                title: texts.say("account-profile"),
                rows: vec![
                    (texts.say("console-id"), vec![Bit::Code(fill("usr_1"))]),
                    (texts.say("console-since"), vec![Bit::Time(1_795_639_215)]),
                ],
            }),
            Part::Table(Table { rows: Vec::new(), more: Vec::new(), ..people(texts, fill) }),
            Part::Form(form),
            Part::Links(texts.say("console-nothing-do"), vec![link(fill, "Lock"), link(fill, "Disable")]),
            Part::Call(fill("curl -sS")),
        ],
    );
    detail.notice = Some(Notice {
        secret: Some((fill("Shown once"), fill("dws_secret"))),
        ..Notice::good(texts.say("console-done"))
    });
    detail.trail = vec![link(fill, "People")];
    let bad = Notice::bad(texts.say("console-lacks"), Some(fill("admin:users.read")));
    let refused = ConsolePage { notice: Some(bad), section: None, ..page(texts, frame, fill, Vec::new()) };
    let text = Part::Text(fill("Nothing of it."));
    let outside = ConsolePage { shell: None, ..page(texts, frame, fill, vec![text]) };
    vec![
        ("console-list".to_owned(), Box::new(list)),
        ("console-detail".to_owned(), Box::new(detail)),
        ("console-refused".to_owned(), Box::new(refused)),
        ("console-outside".to_owned(), Box::new(outside)),
    ]
}

fn page(texts: &Texts, frame: &Frame, fill: &dyn Fn(&str) -> String, parts: Vec<Part>) -> ConsolePage {
    ConsolePage {
        frame: frame.clone(),
        shell: Some(Shell {
            home: "/console".to_owned(),
            base: "/console/tenants/main".to_owned(),
            tenant: fill("Main"),
            sections: vec![
                Section::Overview,
                Section::People,
                Section::Roles,
                Section::Contexts,
                Section::Clients,
                Section::Apis,
                Section::Keys,
                Section::Audit,
                Section::Tenants,
            ],
            person: (fill("Alice Adams"), fill("alice")),
            form: fill("csrf"),
        }),
        section: Some(Section::People),
        trail: Vec::new(),
        title: fill("Alice Adams"),
        badges: vec![Bit::Badge(texts.say("console-locked"), Tone::Bad)],
        notice: None,
        parts,
    }
}

fn search(fill: &dyn Fn(&str) -> String) -> Form {
    let kinds = vec![choice(fill, "user", false), choice(fill, "client", true)];
    Form {
        fields: vec![
            Field::line("q", "Q".to_owned(), &fill("ali")),
            Field { name: "kind", label: "K".to_owned(), input: Input::Select(kinds), hint: String::new() },
        ],
        ..Form::ask("people", "/console/tenants/main/users".to_owned(), "Find".to_owned())
    }
}

fn people(texts: &Texts, fill: &dyn Fn(&str) -> String) -> Table {
    Table {
        id: "list",
        title: texts.say("console-people"),
        columns: vec![texts.say("field-username"), texts.say("console-state")],
        rows: vec![vec![
            vec![Bit::Link(link(fill, "alice"))],
            vec![
                Bit::Badge(texts.say("console-active"), Tone::Good),
                Bit::Badge(texts.say("console-over"), Tone::Dim),
                Bit::Text(fill("Alice")),
                Bit::Say(fill("words")),
            ],
        ]],
        empty: texts.say("console-no-people"),
        more: vec![link(fill, "Next page")],
    }
}

fn link(fill: &dyn Fn(&str) -> String, text: &str) -> Link {
    Link { text: fill(text), href: format!("/console/x?q={}", fill("a")) }
}

fn choice(fill: &dyn Fn(&str) -> String, value: &str, chosen: bool) -> Choice {
    Choice { value: fill(value), label: fill(value), chosen }
}
