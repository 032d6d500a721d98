//! Hashes of other systems: known answers for every format, and what is refused of each.

use doorward_crypto::password::{self, BadHash, Worker, format};

/// A password, and what somebody else's implementation made of it.
pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = include_str!("../known-hashes.tsv").lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split_once('\t').unwrap())
}

#[test]
fn the_password_fits_and_no_other() {
    let mut worker = Worker::new();
    for (password, hash) in known() {
        assert_eq!(worker.verify(password, hash), Ok(true), "{hash}");
        assert_eq!(worker.verify(&format!("{password}."), hash), Ok(false), "{hash}");
        assert_eq!(worker.verify("", hash), Ok(false), "{hash}");
    }
}

#[test]
fn every_format_has_a_known_answer_and_is_replaced_at_the_first_sign_in() {
    for format in format::FORMATS {
        let of = known().filter(|(_, hash)| format::name_of(hash) == Some(format.name));
        assert!(of.count() > 0, "{}", format.name);
    }
    for (_, hash) in known() {
        assert_eq!(password::check(hash), Ok(()), "{hash}");
        assert!(password::needs_rehash(hash), "{hash}");
    }
}

/// BF-012: what bcrypt does not look at must not be free to choose.
#[test]
fn bcrypt_takes_no_password_that_it_would_cut() {
    let (full, hash) = known().find(|(password, _)| password.len() == 72).unwrap();
    assert!(hash.starts_with("$2b$"));
    assert_eq!(password::verify(full, hash), Ok(true));
    for longer in ["x", "y", "xy"] {
        assert_eq!(password::verify(&format!("{full}{longer}"), hash), Ok(false));
    }
    let (_, of_bcrypt) = known().find(|(password, _)| *password == "U*U").unwrap();
    assert_eq!(password::verify("U*U\0anything", of_bcrypt), Ok(false), "a NUL ends it for bcrypt");
    // Where it is a digest that bcrypt sees, all of a password counts.
    let (_, hash) = known().find(|(_, hash)| hash.starts_with("bcrypt_sha256$")).unwrap();
    assert_eq!(password::verify(&"x".repeat(100), hash), Ok(false));
}

/// BF-014, RUSTSEC-2026-0199: a stored text that is broken is refused and nothing more.
#[test]
fn a_broken_hash_is_unknown() {
    let broken = [
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$+5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$05$\u{e4}CCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$05$CCCCCCCCCCCCCCCCCCCC\u{20ac}E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe\u{fc}",
        "$2b$32$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$P$\u{20ac}IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L",
        "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L",
        "$P$.IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0",
        "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmz\u{20ac}",
        "$6$rounds=999$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        "$6$saltstringsaltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc",
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        "$y$j9T$salt$hash",
        "pbkdf2_sha256$0$salt$GiC4k5kqbbR9qWBlsRgDywNqC2vd9kqfk7zdorEnNas=",
        "pbkdf2_sha256$020$salt$GiC4k5kqbbR9qWBlsRgDywNqC2vd9kqfk7zdorEnNas=",
        "pbkdf2_sha256$20000$salt$",
        "pbkdf2_sha256$20000$salt$AAAA",
        "pbkdf2_sha512$20000$salt$GiC4k5kqbbR9qWBlsRgDywNqC2vd9kqfk7zdorEnNas=",
        "$pbkdf2-sha256$i=6400,l=31$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
        "scrypt:16383:8:1$salt$4318a5f2759c232d7660d318a5e5758572afc058b987ec78c0723c5904c9dff8",
        "$scrypt$ln=0,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$OAkZqUBelG6VIYdTJfYSENL5OmZRxMa3GwXn5oFliTg",
        "$scrypt$ln=64,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$OAkZqUBelG6VIYdTJfYSENL5OmZRxMa3GwXn5oFliTg",
        "$scrypt$ln=4,r=0,p=1$MDEyMzQ1Njc4OWFiY2RlZg$OAkZqUBelG6VIYdTJfYSENL5OmZRxMa3GwXn5oFliTg",
        "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "{SHA}awc/Cj0kafyFd5d8fGn07xoHBJJzYWx0c2FsdA==",
        "{SHA}",
        "{NONE}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "{CLEARTEXT}secret",
        "{CRYPT}saZ8HmqjZUVr2",
        "ez$1$3cb4e732631f47e6eb961f34554b7cd",
        "ez$2$3cb4e732631f47e6eb961f34554b7cde",
        "ez$4$3cb4e732631f47e6eb961f34554b7cde",
        "ez$5$secret",
        r#"{"type":"password"}"#,
        r#"{"type":"otp","secretData":"{}","credentialData":"{}"}"#,
        r#"{"secretData":"{\"value\":\"AA==\",\"salt\":\"AA==\"}","credentialData":"{\"hashIterations\":1,\"algorithm\":\"pbkdf2\"}"}"#,
        r#"{"secretData":"{\"value\":7}","credentialData":"[]"}"#,
        "{\"",
        "{",
        "U$S$",
        "$wp$2y$",
        "secret",
        "\u{1f511}",
        "",
    ];
    let mut worker = Worker::new();
    for text in broken {
        assert_eq!(worker.verify("secret", text), Err(BadHash::Unknown), "{text}");
        assert!(password::needs_rehash(text));
    }
}

#[test]
fn a_hash_that_was_cut_is_no_easier_to_fit() {
    let mut worker = Worker::new();
    for (password, hash) in known() {
        for end in (0..hash.len()).filter(|end| hash.is_char_boundary(*end)) {
            let cut = &hash[..end];
            // These two make digests of any length, each the beginning of the longer ones; sixteen bytes at least.
            let free = [Some("PBKDF2"), Some("scrypt")].contains(&format::name_of(cut))
                || cut.starts_with("scrypt$")
                || cut.starts_with("pbkdf2_");
            if !free && password::check(cut).is_ok() {
                assert_eq!(worker.verify(password, cut), Ok(false), "{cut}");
            }
        }
    }
}

/// A hash is data; data must not take the machine.
#[test]
fn a_hash_that_asks_for_too_much_is_refused_before_any_work() {
    let digest = "GiC4k5kqbbR9qWBlsRgDywNqC2vd9kqfk7zdorEnNas";
    let sha512 = "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1";
    let bcrypt = |cost: u32| format!("$2b${cost:02}$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
    let phpass = |rounds: char| format!("$P${rounds}IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0");
    let drupal = |rounds: char| format!("$S${rounds}33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf");
    let argon2 = |params: &str| format!("$argon2id$v=19${params}$MDEyMzQ1Njc4OWFiY2RlZg${digest}");
    let scrypt = |params: &str| format!("$scrypt${params}$MDEyMzQ1Njc4OWFiY2RlZg${digest}");
    let rounds = |rounds: u32| format!("$6$rounds={rounds}$salt${sha512}");
    let django = |rounds: u32| format!("pbkdf2_sha256${rounds}$salt${digest}=");
    let keycloak = |rounds: u32| {
        format!(
            r#"{{"secretData":"{{\"value\":\"{digest}=\",\"salt\":\"AA==\"}}","credentialData":"{{\"hashIterations\":{rounds},\"algorithm\":\"pbkdf2\"}}"}}"#
        )
    };
    let affordable = [
        bcrypt(14),
        phpass('I'),
        drupal('I'),
        argon2("m=262144,t=4,p=16"),
        argon2("m=102400,t=2,p=8"),
        scrypt("ln=17,r=8,p=1"),
        scrypt("ln=18,r=8,p=1").replace("ln=18,r=8", "ln=14,r=8"),
        rounds(1_000_000),
        django(1_500_000),
        keycloak(1_300_000),
    ];
    for hash in affordable {
        assert_eq!(password::check(&hash), Ok(()), "{hash}");
    }
    let expensive = [
        bcrypt(15),
        bcrypt(31),
        phpass('S'),
        drupal('S'),
        argon2("m=262145,t=1,p=1"),
        argon2("m=4294967295,t=1,p=1"),
        argon2("m=262144,t=6,p=1"),
        argon2("m=64,t=4294967295,p=1"),
        scrypt("ln=18,r=8,p=1"),
        scrypt("ln=40,r=1024,p=1024"),
        scrypt("ln=14,r=8,p=1024"),
        rounds(999_999_999),
        django(4_294_967_295),
        keycloak(4_294_967_295),
    ];
    let mut worker = Worker::new();
    for hash in expensive {
        assert_eq!(worker.verify("secret", &hash), Err(BadHash::TooExpensive), "{hash}");
    }
    assert_eq!(worker.kept(), 0, "nothing was allocated for any of them");
}
