//! The thumbprint of a key (RFC 7638): a name that follows from the key itself.

use super::jwk::Jwk;
use crate::{base64url, digest::sha256};

impl Jwk {
    /// The SHA-256 thumbprint in base64url, 43 characters: the members that make up the key, in alphabetical order and
    /// without white space, hashed. Names and usages of the key have no part in it.
    pub fn thumbprint(&self) -> String {
        // None of the values has a character that JSON escapes: they are registered names and base64url.
        let members: Vec<String> =
            self.material().members().iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        base64url::encode(&sha256(format!("{{{}}}", members.join(",")).as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7638() {
        let key = Jwk::parse(
            r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
        )
        .unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn the_example_of_rfc_8037() {
        let key =
            Jwk::parse(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)
                .unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
