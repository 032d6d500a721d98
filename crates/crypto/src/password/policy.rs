//! Which texts may become passwords (NIST SP 800-63B, 5.1.1.2; OWASP ASVS 5.0, 6.2): long enough, not known to those who guess, not made of the
//! names of person or service. No rules of composition; any character and any length up to [`LONGEST_PASSWORD`].

use super::{BadPassword, LONGEST_PASSWORD, normalise};
use crate::secret::SecretString;

/// What a new password is held against.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a> {
    /// The fewest characters.
    pub min_length: usize,
    /// What the person, and the service, are called.
    pub names: &'a [&'a str],
}

/// Why a text may not become a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It cannot be one.
    #[error(transparent)]
    Bad(#[from] BadPassword),
    /// Whoever guesses comes to it soon: words, keyboard rows, repeats, dates.
    #[error(
        "this password is easy to guess: words that belong together, rows of keys, repeats and dates are tried first"
    )]
    Guessable,
    /// It holds a name.
    #[error("a password must not hold the name of its person or of the service")]
    HoldsName,
    /// It is on the lists of known passwords, as it is or nearly so.
    #[error("this password is one of those that are tried first, because many people have had it")]
    Known,
    /// It has too few characters.
    #[error("a password is at least {0} characters long")]
    TooShort(usize),
}

impl Policy<'_> {
    /// The password that was typed, normalised; or why it may not be one. It can take a tenth of a second: not a thing to do on a
    /// thread that others wait for.
    pub fn judge(&self, typed: &str) -> Result<SecretString, Unfit> {
        let password = SecretString::new(normalise(typed)?);
        let text = password.expose();
        if text.chars().count() < self.min_length {
            return Err(Unfit::TooShort(self.min_length));
        }
        if self.holds_name(text) {
            return Err(Unfit::HoldsName);
        }
        match self.weakness(text) {
            Some(unfit) => Err(unfit),
            None => Ok(password),
        }
    }

    /// A short name stands in many words by chance; such a one must not be the whole of it.
    fn holds_name(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.names.iter().flat_map(|name| parts(name)).any(|name| {
            text == name || (name.chars().count() >= SHORTEST_NAME && text.contains(name.as_str()))
        })
    }

    /// Estimated over a stretch of bounded length, since a crafted text would take seconds: of a long one both ends must be weak.
    fn weakness(&self, text: &str) -> Option<Unfit> {
        let characters: Vec<char> = text.chars().collect();
        let length = characters.len().min(JUDGED);
        let ends = [&characters[..length], &characters[characters.len() - length..]];
        let mut found = None;
        for end in &ends[..if characters.len() > length { 2 } else { 1 }] {
            found = Some(weak(&end.iter().collect::<String>(), self.names)?);
        }
        found
    }
}

fn weak(text: &str, names: &[&str]) -> Option<Unfit> {
    use zxcvbn::feedback::Warning;
    let judged = zxcvbn::zxcvbn(text, names);
    if judged.guesses() >= LEAST_GUESSES {
        return None;
    }
    Some(match judged.feedback().and_then(zxcvbn::feedback::Feedback::warning) {
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => Unfit::Known,
        _ => Unfit::Guessable,
    })
}

/// A name in small letters, as it is and without spaces; of an e-mail address what stands before the `@` too.
fn parts(name: &str) -> Vec<String> {
    let name = name.trim().to_lowercase();
    let mut parts = vec![name.split_whitespace().collect(), name.clone()];
    parts.extend(name.split_once('@').map(|(local, _)| local.to_owned()));
    parts.retain(|part: &String| !part.is_empty() && part.len() <= LONGEST_PASSWORD);
    parts
}

/// A password that falls to fewer guesses is weak: what a throttled or slowly hashed guess still reaches, and no more than eight random
/// characters have by this measure.
const LEAST_GUESSES: u64 = 100_000_000;
const JUDGED: usize = 24;
const SHORTEST_NAME: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(typed: &str) -> Result<String, Unfit> {
        let policy =
            Policy { min_length: 8, names: &["alice", "alice.adams@example.com", "Northwind Orders", "Al"] };
        policy.judge(typed).map(|password| password.expose().clone())
    }

    #[test]
    fn good_ones_stay_as_they_are() {
        let long = "x9".to_owned() + &"Über den Wolken 7 ".repeat(40);
        for good in [
            "kX9$mQ2v",
            "correct horse battery staple",
            " two spaces  inside and at the ends ",
            "grüne Wiesen, blaue Seen",
            "ключ от старого дома",
            "🦊🐻🐼🐨🐯🦁🐮🐷",
            &long[..64],
            "passwordpasswordpasswordpassword, and then something else entirely",
        ] {
            assert_eq!(judge(good).as_deref(), Ok(good));
        }
        assert!(judge(&long).is_ok(), "more than 64 characters are fine");
    }

    #[test]
    fn weak_ones_are_told_why() {
        let rows = [
            ("short", Unfit::TooShort(8)),
            ("ключ 7ё", Unfit::TooShort(8)),
            ("", Unfit::Bad(BadPassword::Empty)),
            ("with\0control", Unfit::Bad(BadPassword::Control)),
            ("password", Unfit::Known),
            ("password1", Unfit::Known),
            ("P@ssw0rd!", Unfit::Known),
            ("iloveyou123", Unfit::Known),
            ("Summer2026!", Unfit::Known),
            ("qwertzuiop", Unfit::Known),
            ("passwordpassword", Unfit::Guessable),
            ("aaaaaaaaaaaaaaaa", Unfit::Guessable),
            ("abcdefghijklmnop", Unfit::Guessable),
            ("1999-12-31", Unfit::Guessable),
            ("ALICE-likes-purple-tractors", Unfit::HoldsName),
            ("my.alice.adams.secret", Unfit::HoldsName),
            ("northwindorders-forever-9", Unfit::HoldsName),
            ("say Northwind Orders twice", Unfit::HoldsName),
        ];
        for (typed, unfit) in rows {
            assert_eq!(judge(typed), Err(unfit), "{typed}");
        }
        for repeated in ["a", "ab", "password", "12345678"] {
            assert_eq!(judge(&repeated.repeat(100)), Err(Unfit::Guessable), "{repeated}");
        }
        assert!(judge("al fresco dining at dusk").is_ok(), "a short name stands in many words");
    }

    #[test]
    fn no_text_takes_long_and_none_panics() {
        let leet = "4@8({[<369!|1|0$5+7%2".repeat(40);
        let odd = [
            "\u{200d}\u{301}".repeat(200),
            "ä€😀".repeat(100),
            "\u{1d160}".repeat(80),
            "ﬁ\u{345}ŉ".repeat(90),
            leet,
        ];
        for text in odd {
            for length in [8, 23, 24, 25, 60] {
                let text: String = text.chars().take(length).collect();
                let _judged = judge(&text);
            }
            let _judged = judge(&text);
        }
    }
}
