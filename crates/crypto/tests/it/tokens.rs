//! Signing and verifying: round trips, and the table of what is refused.

use doorward_crypto::{
    base64url,
    jose::{
        algorithm::Algorithm,
        key::SigningKey,
        key_set::{Jwk, JwkSet},
        sign::sign,
        verify::{JwsError, Unverified},
    },
};
use serde_json::{Value, json};

fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm, "k1").unwrap()
}

fn error(token: &str) -> JwsError {
    Unverified::parse(token).map(|_| ()).unwrap_err()
}

/// A token of this header and payload with a signature that fits nothing.
fn token(header: &str, payload: &str) -> String {
    format!("{}.{}.AAAA", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()))
}

#[test]
fn what_is_signed_verifies_with_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let token = sign(&key, "at+jwt", br#"{"sub":"alice"}"#);
        let unverified = Unverified::parse(&token).unwrap();
        let header = unverified.header();
        assert_eq!((header.algorithm(), header.kid(), header.typ()), (algorithm, Some("k1"), Some("at+jwt")));
        assert_eq!(unverified.verify(&key.verifying_key()).unwrap(), br#"{"sub":"alice"}"#);
        assert_eq!(unverified.claims_unverified(), br#"{"sub":"alice"}"#);
    }
}

#[test]
fn any_type_and_any_name_can_be_signed() {
    let odd = SigningKey::generate(Algorithm::Es256, "a\"b\\é\u{1}").unwrap();
    for typ in ["JWT", "at+jwt", "logout+jwt", "secevent+jwt", "x\"y"] {
        let token = sign(&odd, typ, b"{}");
        let unverified = Unverified::parse(&token).unwrap();
        assert_eq!((unverified.header().kid(), unverified.header().typ()), (Some("a\"b\\é\u{1}"), Some(typ)));
        assert!(unverified.verify(&odd.verifying_key()).is_ok());
    }
}

#[test]
fn the_header_of_a_token_is_pinned() {
    let token = sign(&key(Algorithm::EdDSA), "JWT", b"{}");
    let header = base64url::decode(token.split('.').next().unwrap()).unwrap();
    assert_eq!(header, br#"{"alg":"EdDSA","kid":"k1","typ":"JWT"}"#);
}

#[test]
fn no_bit_of_a_token_can_be_changed() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA] {
        let key = key(algorithm);
        let token = sign(&key, "JWT", br#"{"sub":"alice"}"#);
        for bit in 0..token.len() * 8 {
            let mut changed = token.clone().into_bytes();
            changed[bit / 8] ^= 1 << (bit % 8);
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let verified = Unverified::parse(&changed).and_then(|token| token.verify(&key.verifying_key()));
            assert!(verified.is_err(), "{algorithm} bit {bit}");
        }
        for end in 0..token.len() {
            let verified =
                Unverified::parse(&token[..end]).and_then(|token| token.verify(&key.verifying_key()));
            assert!(verified.is_err(), "{algorithm} cut to {end}");
        }
    }
}

#[test]
fn another_key_does_not_verify() {
    let token = sign(&key(Algorithm::Es256), "JWT", b"{}");
    let unverified = Unverified::parse(&token).unwrap();
    assert_eq!(unverified.verify(&key(Algorithm::Es256).verifying_key()), Err(JwsError::BadSignature));
    assert_eq!(unverified.verify(&key(Algorithm::EdDSA).verifying_key()), Err(JwsError::KeyMismatch));
}

#[test]
fn a_key_is_used_with_its_own_algorithm_only() {
    // The same RSA key, under RS256 and PS256: what one signs, the other does not verify, though the numbers would.
    let rs256 = key(Algorithm::Rs256);
    let ps256 = SigningKey::from_pkcs8("k1", Algorithm::Ps256, rs256.pkcs8().expose()).unwrap();
    let token = sign(&ps256, "JWT", b"{}");
    let unverified = Unverified::parse(&token).unwrap();
    assert_eq!(unverified.verify(&rs256.verifying_key()), Err(JwsError::KeyMismatch));
    assert!(unverified.verify(&ps256.verifying_key()).is_ok());
    // A key that names none verifies both.
    let mut members: Value = serde_json::from_str(&rs256.public_jwk().to_json()).unwrap();
    members.as_object_mut().unwrap().remove("alg");
    let open = Jwk::parse(members.to_string()).unwrap();
    assert_eq!(open.verifying_key().algorithms().count(), 6);
    assert!(unverified.verify(open.verifying_key()).is_ok());
}

#[test]
fn a_public_key_is_no_shared_secret() {
    // CVE-2016-10555 and its kin: HS256 with the text of the public key.
    let key = key(Algorithm::Rs256);
    let input = token(r#"{"alg":"HS256","kid":"k1"}"#, "{}");
    let input = input.rsplit_once('.').unwrap().0;
    let secret =
        aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.public_jwk().to_json().as_bytes());
    let mac = aws_lc_rs::hmac::sign(&secret, input.as_bytes());
    assert_eq!(error(&format!("{input}.{}", base64url::encode(mac.as_ref()))), JwsError::AlgorithmRefused);
}

#[test]
fn headers_that_are_refused() {
    let rows = [
        (r#"{"alg":"none"}"#, JwsError::AlgorithmRefused),
        (r#"{"alg":"None"}"#, JwsError::AlgorithmRefused),
        (r#"{"alg":"HS256"}"#, JwsError::AlgorithmRefused),
        (r#"{"alg":"ES512"}"#, JwsError::AlgorithmRefused),
        (r#"{"alg":"ES256 "}"#, JwsError::AlgorithmRefused),
        (r#"{"alg":""}"#, JwsError::AlgorithmRefused),
        (r#"{"alg":["ES256"]}"#, JwsError::BadHeader),
        (r#"{"alg":null}"#, JwsError::BadHeader),
        (r#"{}"#, JwsError::BadHeader),
        (r#"{"ALG":"ES256"}"#, JwsError::BadHeader),
        (r#"[{"alg":"ES256"}]"#, JwsError::BadHeader),
        (r#""ES256""#, JwsError::BadHeader),
        (r#"{"alg":"ES256"} "x""#, JwsError::BadHeader),
        (r#"{"alg":"ES256","kid":1}"#, JwsError::BadHeader),
        (r#"{"alg":"ES256","kid":null}"#, JwsError::BadHeader),
        (r#"{"alg":"ES256","typ":{}}"#, JwsError::BadHeader),
        (r#"{"alg":"ES256","alg":"ES256"}"#, JwsError::DuplicateMember),
        (r#"{"alg":"ES256","a\u006cg":"none"}"#, JwsError::DuplicateMember),
        (r#"{"alg":"ES256","jwk":{"kty":"EC","kty":"EC"}}"#, JwsError::DuplicateMember),
        (r#"{"alg":"ES256","crit":["exp"]}"#, JwsError::Critical),
        (r#"{"alg":"ES256","b64":true}"#, JwsError::Critical),
        (r#"{"alg":"ES256","x":[[[[]]]]}"#, JwsError::TooDeep),
    ];
    for (header, expected) in rows {
        assert_eq!(error(&token(header, "{}")), expected, "{header}");
    }
}

#[test]
fn claims_that_are_refused() {
    let rows = [
        ("", JwsError::BadPayload),
        ("[]", JwsError::BadPayload),
        ("null", JwsError::BadPayload),
        ("\"{}\"", JwsError::BadPayload),
        ("{}{}", JwsError::BadPayload),
        ("\u{feff}{}", JwsError::BadPayload),
        (r#"{"sub":"a","sub":"b"}"#, JwsError::DuplicateMember),
        (r#"{"act":{"sub":"a","s\u0075b":"b"}}"#, JwsError::DuplicateMember),
    ];
    for (claims, expected) in rows {
        assert_eq!(error(&token(r#"{"alg":"ES256"}"#, claims)), expected, "{claims}");
    }
    let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(Unverified::parse(&token(r#"{"alg":"ES256"}"#, &deep(31))).is_ok());
    for depth in [32, 5000] {
        assert_eq!(error(&token(r#"{"alg":"ES256"}"#, &deep(depth))), JwsError::TooDeep);
    }
}

#[test]
fn shapes_that_are_refused() {
    let header = base64url::encode(br#"{"alg":"ES256"}"#);
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{header}.e30"),
        format!("{header}.e30."),
        format!(".e30.{header}"),
        format!("{header}.e30.AA.AA"),
        format!("{header}.e30.AA..AA"),
        format!("{header}.e30.AA="),
        format!("{header}=.e30.AA"),
        format!("{header}.e30 .AA"),
        format!("{header}.e30\n.AA"),
        format!(" {header}.e30.AA"),
        format!("{header}.e30.AB"),
        format!("{header}.e30.+/=="),
        json!({ "protected": header, "payload": "e30", "signature": "AAAA" }).to_string(),
    ] {
        assert_eq!(error(&bad), JwsError::Malformed, "{bad}");
    }
}

#[test]
fn a_token_is_at_most_16_kib_long() {
    let token = |claim: usize| token(r#"{"alg":"ES256"}"#, &format!("{{\"a\":\"{}\"}}", "x".repeat(claim)));
    let fits = (12_000..12_400).rev().find(|claim| token(*claim).len() <= 16_384).unwrap();
    assert!(token(fits).len() > 16_380 && Unverified::parse(&token(fits)).is_ok());
    assert_eq!(error(&token(fits + 3)), JwsError::TooLong);
    assert_eq!(error(&"A".repeat(10_000_000)), JwsError::TooLong);
}

#[test]
fn keys_in_the_header_are_not_looked_at() {
    // RFC 8725, section 3.10; CVE-2018-0114: the token brings the key that signed it.
    let (ours, theirs) = (key(Algorithm::Es256), key(Algorithm::Es256));
    let header = json!({
        "alg": "ES256",
        "kid": "k1",
        "jwk": serde_json::to_value(theirs.public_jwk()).unwrap(),
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example/cert",
        "x5c": ["AAAA"],
    });
    // Signed properly by the key in the header, through a header of our own making.
    let pair = aws_lc_rs::signature::EcdsaKeyPair::from_pkcs8(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        theirs.pkcs8().expose(),
    )
    .unwrap();
    let input = token(&header.to_string(), "{}");
    let input = input.rsplit_once('.').unwrap().0;
    let signature = pair.sign(&aws_lc_rs::rand::SystemRandom::new(), input.as_bytes()).unwrap();
    let token = format!("{input}.{}", base64url::encode(signature.as_ref()));
    let unverified = Unverified::parse(&token).unwrap();
    assert!(unverified.verify(&theirs.verifying_key()).is_ok());
    assert_eq!(unverified.verify(&ours.verifying_key()), Err(JwsError::BadSignature));
    let set = JwkSet::from_keys([ours.public_jwk()]).unwrap();
    assert_eq!(unverified.verify(set.find(unverified.header()).unwrap()), Err(JwsError::BadSignature));
}

#[test]
fn types_compare_as_media_types_do() {
    let rows = [
        ("at+jwt", true),
        ("AT+JWT", true),
        ("application/at+jwt", true),
        ("Application/At+Jwt", true),
        ("jwt", false),
        ("application/", false),
        ("application/application/at+jwt", false),
        ("text/at+jwt", false),
        ("at+jwt ", false),
        ("applicatioñ/at+jwt", false),
        ("", false),
    ];
    for (typ, expected) in rows {
        let token = token(&json!({ "alg": "ES256", "typ": typ }).to_string(), "{}");
        assert_eq!(Unverified::parse(&token).unwrap().header().typ_is("at+jwt"), expected, "{typ}");
    }
    assert!(!Unverified::parse(&token(r#"{"alg":"ES256"}"#, "{}")).unwrap().header().typ_is("at+jwt"));
}

#[test]
fn nothing_of_a_token_is_printed_but_its_header() {
    let token = sign(&key(Algorithm::Es256), "JWT", br#"{"sub":"alice"}"#);
    let printed = format!("{:?}", Unverified::parse(&token).unwrap());
    assert!(!printed.contains("alice") && !printed.contains(token.rsplit('.').next().unwrap()), "{printed}");
}
