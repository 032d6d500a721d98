//! Authentication context classes (`acr`, OpenID Connect Core, section 2): how well a person has shown who they are.

use crate::model::session::Factor;

/// A class; a later one is worth more, and satisfies whoever asks for an earlier one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// A link that was sent to them: not even a password.
    Link,
    /// A password.
    Password,
    /// A password, and something that they have.
    Mfa,
}

impl Class {
    /// Every class, the lowest first.
    pub const ALL: [Self; 3] = [Self::Link, Self::Password, Self::Mfa];

    /// Its name in tokens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => ACR_LINK,
            Self::Password => ACR_PASSWORD,
            Self::Mfa => ACR_MFA,
        }
    }

    /// The class of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    /// The class of what was shown. A link is no factor: whoever reads the mail has it, and often the password with it.
    pub fn of(factors: &[Factor]) -> Self {
        let has = |method: &str| factors.iter().any(|factor| factor.method == method);
        match (has(PWD), has(OTP)) {
            (true, true) => Self::Mfa,
            (true, false) => Self::Password,
            (false, _) => Self::Link,
        }
    }
}

/// A sign-in by a link that was sent.
pub const ACR_LINK: &str = "urn:doorward:acr:link";
/// A sign-in by password.
pub const ACR_PASSWORD: &str = "urn:doorward:acr:password";
/// A sign-in by password and a one-time code.
pub const ACR_MFA: &str = "urn:doorward:acr:mfa";
/// The method of a password (RFC 8176, section 2).
pub const PWD: &str = "pwd";
/// The method of a one-time code, a recovery code among them (RFC 8176, section 2).
pub const OTP: &str = "otp";
/// What `amr` says beside the methods where they are of two kinds (RFC 8176, section 2).
pub const MFA: &str = "mfa";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn a_class_follows_from_what_was_shown() {
        let of = |methods: &[&str]| {
            let factor = |method: &&str| Factor { method: (*method).to_owned(), at: Timestamp(0) };
            Class::of(&methods.iter().map(factor).collect::<Vec<_>>())
        };
        assert_eq!(of(&["pwd"]), Class::Password);
        assert_eq!(of(&["pwd", "otp"]), Class::Mfa);
        for none in [&[][..], &["link"], &["otp"], &["link", "otp"]] {
            assert_eq!(of(none), Class::Link, "{none:?}");
        }
        for class in Class::ALL {
            assert_eq!(Class::parse(class.as_str()), Some(class));
        }
        assert_eq!(Class::parse("urn:doorward:acr:MFA"), None);
    }
}
