//! The query of a list, and what is told of a parameter that is wrong.

use doorward_wire::params::{ParamError, Params};

use super::member::wrong;
use crate::app::Call;
use crate::render::Answer;

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

    /// A number that may be there: 0 or more.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Box<Answer>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| *number >= 0);
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(wrong(self.call, name, "integer", "must be an integer of at least 0")),
        }
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
