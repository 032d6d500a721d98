//! The query of a list, and what is told of a parameter that is wrong.

use doorward_wire::params::{ParamError, Params};
use http::HeaderName;
use serde_json::Value;

use super::member::wrong;
use crate::app::Call;
use crate::render::{self, Answer};

/// A query. A list is a parameter that is sent more than once, with or without brackets behind its name; a number in these is the place.
pub struct Query<'c, 'a> {
    call: &'c Call<'a>,
    params: Params,
}

impl<'c, 'a> Query<'c, 'a> {
    /// The query of a request, in which these are lists.
    pub fn of(call: &'c Call<'a>, lists: &[&str]) -> Result<Self, Box<Answer>> {
        let named = |list: &&str| [(*list).to_owned(), format!("{list}[]")];
        let lists: Vec<String> = lists.iter().flat_map(named).collect();
        let lists: Vec<&str> = lists.iter().map(String::as_str).collect();
        let sent = call.request.query.as_deref().unwrap_or_default();
        match Params::parse_query_with(sent, &lists) {
            Ok(params) => Ok(Self { call, params }),
            Err(ParamError::Duplicate(_)) => Err(wrong(call, "query", "type", "must say each thing once")),
            Err(_) => Err(wrong(call, "query", "format", "must be percent-encoded UTF-8, and not too long")),
        }
    }

    /// A text that may be there.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    /// A switch that may be there.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Box<Answer>> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(wrong(self.call, name, "boolean", "must be true or false")),
        }
    }

    /// The words of a list that may be there.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let brackets = format!("{name}[]");
        let words = self.params.all(name).chain(self.params.all(&brackets));
        let words: Vec<String> = words.map(str::to_owned).collect();
        (!words.is_empty()).then_some(words)
    }

    /// A number that may be there: 0 or more.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Box<Answer>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| *number >= 0);
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(wrong(self.call, name, "integer", "must be an integer of at least 0")),
        }
    }

    /// Which part of a list is asked for.
    pub fn page(&self) -> Result<Page, Box<Answer>> {
        let limit = self.number("limit")?.map_or(USUAL, |limit| limit.min(MOST));
        let page = self.number("page")?.unwrap_or_default();
        let skip = self.number("skip")?.unwrap_or_else(|| page.saturating_mul(limit));
        Ok(Page { limit, skip })
    }

    /// What comes first: the fields that were named, or the usual one, each in its order; falling where none was said.
    pub fn order<T: Copy>(&self, fields: &[(&str, T)], usual: T) -> Result<Vec<(T, bool)>, Box<Answer>> {
        let mut fields = self.words("sort", fields)?;
        let mut falls = self.words("order", ORDERS)?.into_iter();
        if fields.is_empty() {
            fields.push(usual);
        }
        Ok(fields.into_iter().map(|field| (field, falls.next().unwrap_or(true))).collect())
    }

    /// What the words of a list stand for.
    pub fn words<T: Copy>(&self, name: &str, known: &[(&str, T)]) -> Result<Vec<T>, Box<Answer>> {
        let places = (0..known.len()).map(|at| format!("{name}[{at}]"));
        let names: Vec<String> = [name.to_owned(), format!("{name}[]")].into_iter().chain(places).collect();
        let sent = names.iter().flat_map(|name| self.params.all(name));
        let meant = sent.map(|word| known.iter().find(|(name, _)| *name == word).map(|(_, meant)| *meant));
        meant.collect::<Option<Vec<T>>>().ok_or_else(|| {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            wrong(self.call, name, "enum", &format!("must be of: {}", words.join(", ")))
        })
    }
}

/// A part of a list. Pages are counted from 0.
#[derive(Clone, Copy)]
pub struct Page {
    /// How many at most.
    pub limit: i64,
    /// How many are left out before them.
    pub skip: i64,
}

impl Page {
    /// That part of `all`.
    pub fn of<T>(self, all: &[T]) -> impl Iterator<Item = &T> {
        let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        all.iter().skip(count(self.skip)).take(count(self.limit))
    }

    /// What is told of that part, and of how many there are in all.
    pub fn told(self, shown: &[Value], total: i64) -> Answer {
        let mut answer = render::json(200, &shown);
        // A page of nothing is the first one.
        let page = self.skip.checked_div(self.limit).unwrap_or_default();
        for (name, value) in [(LIMIT, self.limit), (SKIP, self.skip), (PAGE, page), (TOTAL, total)] {
            answer.headers_mut().insert(name, value.into());
        }
        answer
    }
}

const ORDERS: &[(&str, bool)] = &[("asc", false), ("desc", true)];
/// How many are told where nothing is said, and at most.
const USUAL: i64 = 50;
const MOST: i64 = 1000;
const LIMIT: HeaderName = HeaderName::from_static("x-pagination-limit");
const SKIP: HeaderName = HeaderName::from_static("x-pagination-skip");
const PAGE: HeaderName = HeaderName::from_static("x-pagination-page");
const TOTAL: HeaderName = HeaderName::from_static("x-pagination-totalcount");
