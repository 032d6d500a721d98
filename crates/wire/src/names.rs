//! Two small macros: closed sets of registered names, and error types that are sentences.

/// A closed enum whose variants each stand for one exact, case-sensitive string on the wire.
macro_rules! names {
    ($(#[$meta:meta])* pub enum $Name:ident { $($(#[$vmeta:meta])* $Variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $Name { $($(#[$vmeta])* #[doc = concat!("`", $text, "`")] $Variant,)+ }

        impl $Name {
            /// Every member, in the order of definition.
            pub const ALL: &'static [$Name] = &[$($Name::$Variant,)+];

            /// The member of exactly this name (case matters).
            pub fn parse(text: &str) -> Option<$Name> {
                match text {
                    $($text => Some($Name::$Variant),)+
                    _ => None,
                }
            }

            /// The name as it travels.
            pub const fn as_str(self) -> &'static str {
                match self { $($Name::$Variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$Name, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                $Name::parse(&text).ok_or_else(|| {
                    let names: Vec<&str> = $Name::ALL.iter().map(|name| name.as_str()).collect();
                    serde::de::Error::custom(format_args!("must be one of {}", names.join(", ")))
                })
            }
        }
    };
}

/// An error type without payload: each variant is one sentence, fit for an `error_description` (RFC 6749, 5.2).
macro_rules! errors {
    ($(#[$meta:meta])* pub enum $Name:ident { $($Variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $Name { $(#[doc = $text] $Variant,)+ }

        impl $Name {
            /// Every way in which this can go wrong.
            pub const ALL: &'static [$Name] = &[$($Name::$Variant,)+];
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $($Name::$Variant => $text,)+ })
            }
        }

        impl std::error::Error for $Name {}
    };
}

/// Serde for a type that is parsed from a string and written as one.
macro_rules! serde_as_string {
    ($Name:ident) => {
        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$Name, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                $Name::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {errors, names, serde_as_string};

#[cfg(test)]
pub(crate) mod tests {
    /// RFC 6749, 5.2: the characters of an `error_description`.
    pub fn is_description(text: &str) -> bool {
        text.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    }

    /// Each name with the text that specifications give it: the enums that have no test beside them.
    #[test]
    fn names_are_those_that_are_registered() {
        macro_rules! check {
            ($($Name:ty: [$($text:literal),+ $(,)?];)+) => {$(
                let all: Vec<&str> = <$Name>::ALL.iter().map(|name| name.as_str()).collect();
                assert_eq!(all, [$($text),+]);
                for name in <$Name>::ALL {
                    assert_eq!(<$Name>::parse(name.as_str()), Some(*name));
                    assert_eq!(<$Name>::parse(&format!("{name} ")), None);
                    let json = serde_json::to_string(name).unwrap();
                    assert_eq!(serde_json::from_str::<$Name>(&json).unwrap(), *name);
                }
                assert!(<$Name>::parse("").is_none());
                let told = serde_json::from_str::<$Name>("\"?\"").unwrap_err().to_string();
                assert!(told.starts_with(&format!("must be one of {}", all.join(", "))), "{told}");
            )+};
        }
        check! {
            crate::auth_method::AuthMethod: [
                "client_secret_basic", "client_secret_jwt", "client_secret_post", "none", "private_key_jwt",
                "self_signed_tls_client_auth", "tls_client_auth",
            ];
            crate::display::Display: ["page", "popup", "touch", "wap"];
            crate::grant_type::GrantType: [
                "authorization_code",
                "urn:openid:params:grant-type:ciba",
                "client_credentials",
                "urn:ietf:params:oauth:grant-type:device_code",
                "implicit",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "password",
                "refresh_token",
                // The one of our own (RFC 6749, section 4.5).
                "urn:doorward:grant:retrieval-key",
                "urn:ietf:params:oauth:grant-type:saml2-bearer",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ];
            crate::prompt::Prompt: ["none", "login", "consent", "select_account"];
            crate::response::TokenType: ["Bearer", "DPoP", "OAuth", "N_A"];
            crate::response_mode::ResponseMode: [
                "query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt",
            ];
        }
    }

    #[test]
    fn every_error_sentence_is_fit_for_an_error_description() {
        macro_rules! check {
            ($($Name:ty),+ $(,)?) => { $(for e in <$Name>::ALL { assert!(is_description(&e.to_string()), "{e}"); })+ };
        }
        check!(
            crate::basic::BadBasic,
            crate::bearer::BadBearer,
            crate::claims::BadClaims,
            crate::json::BadJson,
            crate::max_age::BadMaxAge,
            crate::media_type::BadMediaType,
            crate::opaque::BadOpaque,
            crate::origin::BadOrigin,
            crate::pkce::BadPkce,
            crate::prompt::BadPrompt,
            crate::redirect_uri::BadRedirectUri,
            crate::resource::BadResource,
            crate::scope::BadScope,
            crate::text::BadText,
        );
    }
}
