//! The `prompt` parameter (OpenID Connect Core, 3.1.2.1).

use std::fmt;

use crate::limits::WORDS;
use crate::names::{errors, names, serde_as_string};

names! {
    /// What the person shall be shown.
    pub enum Prompt {
        /// Nothing: answer at once or fail.
        None = "none",
        /// Sign in again.
        Login = "login",
        /// Consent again.
        Consent = "consent",
        /// Choose among accounts.
        SelectAccount = "select_account",
    }
}

/// A set of prompts; `none` stands alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompts(Vec<Prompt>);

impl Prompts {
    /// Reads the parameter.
    pub fn parse(text: &str) -> Result<Prompts, BadPrompt> {
        let mut prompts = Vec::new();
        for (at, word) in text.split(' ').filter(|word| !word.is_empty()).enumerate() {
            if at == WORDS {
                return Err(BadPrompt::TooMany);
            }
            let prompt = Prompt::parse(word).ok_or(BadPrompt::Unknown)?;
            if !prompts.contains(&prompt) {
                prompts.push(prompt);
            }
        }
        if prompts.len() > 1 && prompts.contains(&Prompt::None) {
            return Err(BadPrompt::NoneWithOthers);
        }
        Ok(Prompts(prompts))
    }

    /// Whether a prompt is asked for.
    pub fn contains(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// Whether no page may be shown.
    pub fn is_none(&self) -> bool {
        self.contains(Prompt::None)
    }

    /// Whether the parameter said nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rest, once a prompt has been shown.
    pub fn without(&self, prompt: Prompt) -> Prompts {
        Prompts(self.0.iter().copied().filter(|p| *p != prompt).collect())
    }

    /// The members.
    pub fn iter(&self) -> impl Iterator<Item = Prompt> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Prompts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, prompt) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(prompt.as_str())?;
        }
        Ok(())
    }
}

serde_as_string!(Prompts);

errors! {
    /// Why the parameter was refused (`invalid_request`).
    pub enum BadPrompt {
        NoneWithOthers = "prompt none must stand alone",
        TooMany = "prompt has too many words",
        Unknown = "prompt has a value that is not supported",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_a_set() {
        let prompts = Prompts::parse("login consent login").unwrap();
        assert!(prompts.contains(Prompt::Login) && prompts.contains(Prompt::Consent) && !prompts.is_none());
        assert_eq!(prompts.to_string(), "login consent");
        assert_eq!(prompts.without(Prompt::Login).to_string(), "consent");
        assert_eq!(serde_json::from_str::<Prompts>(r#""login consent""#).unwrap(), prompts);
        assert!(Prompts::parse("none").unwrap().is_none());
        assert!(Prompts::parse("").unwrap().is_empty());
        let many = "login ".repeat(WORDS + 1);
        let rows = [
            ("none login", BadPrompt::NoneWithOthers),
            ("Login", BadPrompt::Unknown),
            ("login,consent", BadPrompt::Unknown),
            ("create", BadPrompt::Unknown),
            (many.as_str(), BadPrompt::TooMany),
        ];
        for (text, expected) in rows {
            assert_eq!(Prompts::parse(text), Err(expected), "{text}");
        }
    }
}
