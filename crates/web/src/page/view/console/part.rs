//! The parts that pages of the console are put together from.

use std::fmt::Write;

use crate::page::moment;
use crate::page::text::{Texts, escape};

/// A piece of a line.
#[derive(Clone, Debug)]
pub enum Bit {
    /// Words of ours, in the language of the page.
    Say(String),
    /// A text of people or operators.
    Text(String),
    /// An identifier.
    Code(String),
    /// A text of people or operators that leads somewhere of ours.
    Link(Link),
    /// A point in time, in seconds.
    Time(i64),
    /// A state.
    Badge(String, Tone),
}

/// What a cell of a table, or a fact, holds.
pub type Cell = Vec<Bit>;

/// A link within the console.
#[derive(Clone, Debug)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: String,
}

/// How something looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Not as it should be, or not to be taken back.
    Bad,
    /// Of no consequence.
    Dim,
    /// As it should be.
    Good,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Part {
    /// A paragraph.
    Text(String),
    /// Names and values.
    Facts(Facts),
    /// A table.
    Table(Table),
    /// A form.
    Form(Form),
    /// Links as buttons, under a heading.
    Links(String, Vec<Link>),
    /// The call of the admin API that does the same.
    Call(String),
}

/// Names and values.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The heading's id; unique in the page.
    pub id: &'static str,
    /// The heading.
    pub title: String,
    /// Name and value.
    pub rows: Vec<(String, Cell)>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The heading's id; unique in the page.
    pub id: &'static str,
    /// The heading; empty where the page's own says it.
    pub title: String,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// Rows; the first cell names the row.
    pub rows: Vec<Vec<Cell>>,
    /// What is said where there are none.
    pub empty: String,
    /// More rows, and related lists.
    pub more: Vec<Link>,
}

/// A form.
#[derive(Clone, Debug)]
pub struct Form {
    /// The heading's id; unique in the page.
    pub id: &'static str,
    /// The heading; empty: none.
    pub title: String,
    /// What it does, in words; empty: the heading says it.
    pub text: String,
    /// Whether it changes something; else it asks, by GET.
    pub is_post: bool,
    /// Where it goes.
    pub action: String,
    /// Hidden fields.
    pub hidden: Vec<(String, String)>,
    /// Fields.
    pub fields: Vec<Field>,
    /// What the button says.
    pub button: String,
    /// How the button looks.
    pub tone: Tone,
    /// The call of the admin API that it makes.
    pub call: Option<String>,
    /// A way out that changes nothing.
    pub back: Option<Link>,
}

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name; its id is the form's with it.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// What it is.
    pub input: Input,
    /// What to know beside it; empty: nothing.
    pub hint: String,
}

/// What a field is.
#[derive(Clone, Debug)]
pub enum Input {
    /// One line.
    Line(String),
    /// Several lines.
    Lines(String),
    /// One of these.
    Select(Vec<Choice>),
    /// Any of these.
    Checks(Vec<Choice>),
}

/// One of several.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Form {
    /// A form that changes something, with nothing in it yet.
    pub fn post(id: &'static str, action: String, button: String) -> Self {
        Self {
            id,
            title: String::new(),
            text: String::new(),
            is_post: true,
            action,
            hidden: Vec::new(),
            fields: Vec::new(),
            button,
            tone: Tone::Dim,
            call: None,
            back: None,
        }
    }

    /// A form that asks.
    pub fn ask(id: &'static str, action: String, button: String) -> Self {
        Self { is_post: false, ..Self::post(id, action, button) }
    }
}

impl Field {
    /// A line.
    pub fn line(name: &'static str, label: String, value: &str) -> Self {
        Self { name, label, input: Input::Line(value.to_owned()), hint: String::new() }
    }
}

impl Tone {
    /// Its class on a badge.
    const fn badge(self) -> &'static str {
        match self {
            Self::Bad => "badge bad",
            Self::Dim => "badge dim",
            Self::Good => "badge",
        }
    }

    /// Its class on a button.
    pub(super) const fn button(self) -> &'static str {
        match self {
            Self::Bad => "plain danger",
            Self::Dim => "plain",
            Self::Good => "primary",
        }
    }
}

/// A cell as HTML: every text escaped and isolated.
pub(super) fn html(texts: &Texts, cell: &Cell) -> String {
    let mut out = String::new();
    for (at, bit) in cell.iter().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let _ = match bit {
            Bit::Say(text) => write!(out, "{}", escape(text)),
            Bit::Text(text) => write!(out, "<bdi>{}</bdi>", escape(text)),
            Bit::Code(text) => write!(out, "<code><bdi>{}</bdi></code>", escape(text)),
            Bit::Link(link) => {
                write!(out, "<a href=\"{}\"><bdi>{}</bdi></a>", escape(&link.href), escape(&link.text))
            }
            Bit::Time(seconds) => write!(out, "{}", moment::time(texts, *seconds).0),
            Bit::Badge(text, tone) => write!(out, "<span class=\"{}\">{}</span>", tone.badge(), escape(text)),
        };
    }
    out
}
