//! Registered claim names (RFC 7519, 4.1; OpenID Connect Core, 2 and 5.1; RFC 9068, 2.2) and what each scope stands
//! for (OpenID Connect Core, 5.4).

mod address;
mod audience;
mod request;

pub use address::Address;
pub use audience::Audience;
pub use request::{BadClaims, ClaimMap, ClaimRequest, ClaimsRequest};

/// The names of claims, by the upper-case form of themselves.
pub mod name {
    macro_rules! claim_names {
        ($($(#[$meta:meta])* $NAME:ident = $text:literal;)+) => {
            $($(#[$meta])* #[doc = concat!("`", $text, "`")] pub const $NAME: &str = $text;)+
        };
    }

    claim_names! {
        ACR = "acr";
        ACT = "act";
        ADDRESS = "address";
        AMR = "amr";
        AT_HASH = "at_hash";
        AUD = "aud";
        AUTH_TIME = "auth_time";
        AZP = "azp";
        BIRTHDATE = "birthdate";
        C_HASH = "c_hash";
        CLIENT_ID = "client_id";
        CNF = "cnf";
        EMAIL = "email";
        EMAIL_VERIFIED = "email_verified";
        EXP = "exp";
        FAMILY_NAME = "family_name";
        GENDER = "gender";
        GIVEN_NAME = "given_name";
        IAT = "iat";
        ISS = "iss";
        JTI = "jti";
        LOCALE = "locale";
        MIDDLE_NAME = "middle_name";
        NAME = "name";
        NBF = "nbf";
        NICKNAME = "nickname";
        NONCE = "nonce";
        PHONE_NUMBER = "phone_number";
        PHONE_NUMBER_VERIFIED = "phone_number_verified";
        PICTURE = "picture";
        PREFERRED_USERNAME = "preferred_username";
        PROFILE = "profile";
        SCOPE = "scope";
        SID = "sid";
        SUB = "sub";
        UPDATED_AT = "updated_at";
        WEBSITE = "website";
        ZONEINFO = "zoneinfo";
    }
}

/// Claims of the scope `profile`.
pub const PROFILE: &[&str] = &[
    name::NAME,
    name::FAMILY_NAME,
    name::GIVEN_NAME,
    name::MIDDLE_NAME,
    name::NICKNAME,
    name::PREFERRED_USERNAME,
    name::PROFILE,
    name::PICTURE,
    name::WEBSITE,
    name::GENDER,
    name::BIRTHDATE,
    name::ZONEINFO,
    name::LOCALE,
    name::UPDATED_AT,
];
/// Claims of the scope `email`.
pub const EMAIL: &[&str] = &[name::EMAIL, name::EMAIL_VERIFIED];
/// Claims of the scope `address`.
pub const ADDRESS: &[&str] = &[name::ADDRESS];
/// Claims of the scope `phone`.
pub const PHONE: &[&str] = &[name::PHONE_NUMBER, name::PHONE_NUMBER_VERIFIED];

/// Scope and the claims it asks for, in the order of the specification.
pub const SCOPE_CLAIMS: &[(&str, &[&str])] =
    &[("profile", PROFILE), ("email", EMAIL), ("address", ADDRESS), ("phone", PHONE)];

/// The claims that a scope asks for; none for a scope that is not one of OpenID Connect's.
pub fn standard_claims(scope: &str) -> &'static [&'static str] {
    SCOPE_CLAIMS.iter().find(|(name, _)| *name == scope).map_or(&[], |(_, claims)| claims)
}

/// The scope that asks for a claim, if one does.
pub fn scope_of(claim: &str) -> Option<&'static str> {
    SCOPE_CLAIMS.iter().find(|(_, claims)| claims.contains(&claim)).map(|(scope, _)| *scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_stand_for_the_claims_of_openid_connect() {
        assert_eq!(standard_claims("profile").len(), 14);
        assert_eq!(standard_claims("email"), ["email", "email_verified"]);
        assert_eq!(standard_claims("address"), ["address"]);
        assert_eq!(standard_claims("phone"), ["phone_number", "phone_number_verified"]);
        for none in ["openid", "offline_access", "Profile", ""] {
            assert!(standard_claims(none).is_empty());
        }
    }

    #[test]
    fn a_claim_belongs_to_one_scope() {
        let mut all: Vec<_> = SCOPE_CLAIMS.iter().flat_map(|(_, claims)| claims.iter()).collect();
        let before = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), before);
        assert_eq!(scope_of("birthdate"), Some("profile"));
        assert_eq!(scope_of("sub"), None);
    }
}
