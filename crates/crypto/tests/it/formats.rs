//! Hashes of other systems: known answers for every format, and what is refused of each.

use doorward_crypto::password::{self, BadHash, Worker, format};

/// A password, and what somebody else's implementation made of it.
pub const KNOWN: &[(&str, &str)] = &[
    // argon2's own test vectors (`test.c` of the reference implementation), and argon2-cffi for argon2d.
    ("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
    ("password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"),
    ("password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"),
    ("password", "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY"),
    ("password", "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$JcTui6RIBUtJ78gE5Hi52CO+H5vS6Z9R1uxAB6OhUB8"),
    // crypt_blowfish's `wrapper.c`, and bcrypt's own paper for the cost.
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    ("U*U*U", "$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
    (
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "$2b$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
    ),
    // WordPress 6.8, by its definition.
    ("correct horse", "$wp$2y$04$abcdefghijklmnopqrstuujv/86KBUqWwIdPp0uRATkCcvgptl1Pm"),
    // Django: its own test suite, and its hashers.
    (
        "l\u{e8}tmein",
        "scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3Fbb7JEFPKGpuEf5vw==",
    ),
    ("hashcat", "pbkdf2_sha256$20000$H0dPx8NeajVu$GiC4k5kqbbR9qWBlsRgDywNqC2vd9kqfk7zdorEnNas="),
    ("hashcat", "sha1$fe76b$02d5916550edf7fc8c886f044887f4b1abf9b013"),
    ("correct horse", "pbkdf2_sha1$1000$seasalt$iQvkNOF1wEL4Khh8eogJ8rUhipM="),
    ("correct horse", "md5$seasalt$b614725f4cc025a51ab6a354d12890ab"),
    ("correct horse", "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuIvyWZlBcE3WoQXKqRnwrLYJ6nenE0Bq"),
    ("U*U", "bcrypt$$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    (
        "password",
        "argon2$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ),
    // Drupal 7: hashcat's example, and one that was made of an MD5 digest.
    ("hashcat", "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf"),
    ("correct horse", "U$S$501234567VQl2irmkssq2MYGW6pPnAprx8J8RGTUc1CMf2CSbePu"),
    // eZ Publish, by its definition: a login name may hold a dollar.
    ("correct horse", "ez$1$3cb4e732631f47e6eb961f34554b7cde"),
    ("correct horse", "ez$2$admin$0be7ae206a407469415a4e0cdab936fe"),
    ("correct horse", "ez$3$ad$min$example.com$53f67938b6ccb667c1b5e5c8d10ba876"),
    // Keycloak: exports of today and of before, per algorithm.
    (
        "correct horse",
        r#"{"type":"password","secretData":"{\"value\":\"aUfE2vx5Q7zgbb0jx49AaNpXUQQVW6pePKN5ab37G40CjX2bMTkDcCwFngZ2OyqCChhH4ZgScMIsuF9Oq2gqbw==\",\"salt\":\"MDEyMzQ1Njc4OWFiY2RlZg==\",\"additionalParameters\":{}}","credentialData":"{\"hashIterations\":1000,\"algorithm\":\"pbkdf2\",\"additionalParameters\":{}}"}"#,
    ),
    (
        "correct horse",
        r#"{"type":"password","hashedSaltedValue":"aUfE2vx5Q7zgbb0jx49AaNpXUQQVW6pePKN5ab37G40CjX2bMTkDcCwFngZ2OyqCChhH4ZgScMIsuF9Oq2gqbw==","salt":"MDEyMzQ1Njc4OWFiY2RlZg==","hashIterations":1000,"algorithm":"pbkdf2"}"#,
    ),
    (
        "correct horse",
        r#"{"type":"password","secretData":"{\"value\":\"cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M=\",\"salt\":\"MDEyMzQ1Njc4OWFiY2RlZg==\",\"additionalParameters\":{}}","credentialData":"{\"hashIterations\":1000,\"algorithm\":\"pbkdf2-sha256\",\"additionalParameters\":{}}"}"#,
    ),
    (
        "correct horse",
        r#"{"type":"password","hashedSaltedValue":"cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M=","salt":"MDEyMzQ1Njc4OWFiY2RlZg==","hashIterations":1000,"algorithm":"pbkdf2-sha256"}"#,
    ),
    (
        "correct horse",
        r#"{"type":"password","secretData":"{\"value\":\"OM0FAoIqCVK1sWtxDiffVlBejtLa+ks4TP71JiecwuSZCG8iLbnlIEPOMoVX+i2B2wkSxjQ8CRGR9OkNGuIPMQ==\",\"salt\":\"MDEyMzQ1Njc4OWFiY2RlZg==\",\"additionalParameters\":{}}","credentialData":"{\"hashIterations\":1000,\"algorithm\":\"pbkdf2-sha512\",\"additionalParameters\":{}}"}"#,
    ),
    (
        "correct horse",
        r#"{"type":"password","hashedSaltedValue":"OM0FAoIqCVK1sWtxDiffVlBejtLa+ks4TP71JiecwuSZCG8iLbnlIEPOMoVX+i2B2wkSxjQ8CRGR9OkNGuIPMQ==","salt":"MDEyMzQ1Njc4OWFiY2RlZg==","hashIterations":1000,"algorithm":"pbkdf2-sha512"}"#,
    ),
    (
        "correct horse",
        r#"{"type":"password","secretData":"{\"value\":\"QSxIdMTxk6ZD1Q5jyUSl60Y3OqGTrowzdv3/rYx4Ll4=\",\"salt\":\"MDEyMzQ1Njc4OWFiY2RlZg==\",\"additionalParameters\":{}}","credentialData":"{\"hashIterations\":5,\"algorithm\":\"argon2\",\"additionalParameters\":{\"hashLength\":[\"32\"],\"memory\":[\"64\"],\"type\":[\"id\"],\"version\":[\"1.3\"],\"parallelism\":[\"1\"]}}"}"#,
    ),
    (
        "correct horse",
        r#"{"secretData":{"value":"cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M=","salt":"MDEyMzQ1Njc4OWFiY2RlZg=="},"credentialData":{"hashIterations":1000,"algorithm":"pbkdf2-sha256"}}"#,
    ),
    // Directories: hashcat's example of SSHA512, passlib, and by definition.
    (
        "hashcat",
        "{SSHA512}ALtwKGBdRgD+U0fPAy31C28RyKYx7+a8kmfksccsOeLknLHv2DBXYI7TDnTolQMBuPkWDISgZr2cHfnNPFjGZTEyNDU4OTkw",
    ),
    ("password", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="),
    ("correct horse", "{SSHA}awc/Cj0kafyFd5d8fGn07xoHBJJzYWx0c2FsdA=="),
    ("correct horse", "{SSHA256}YflVcOMs6k7tbGkQbQNVn6/ehAnUAVltiLPKHBWGi2tzYWx0c2FsdA=="),
    ("correct horse", "{SMD5}D4rOOyuX/Dgg3vClp5z5OnNhbHQ="),
    ("correct horse", "{MD5}PLTnMmMfR+brlh80VUt83g=="),
    ("Hello world!", "{CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    ("U*U", "{crypt}$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    // PBKDF2: RFC 6070, passlib's manual, Werkzeug.
    ("password", "pbkdf2:sha1:4096$salt$4b007901b765489abead49d926f721d065a429c1"),
    ("password", "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44"),
    ("password", "$pbkdf2$1212$MDEyMzQ1Njc4OWFiY2RlZg$/i3kqeDsh8Jz4SQXyeaKAaroURA"),
    (
        "password",
        "$pbkdf2-sha512$i=1212,l=64$MDEyMzQ1Njc4OWFiY2RlZg$3EX7Fg8xbdQkZBmSz976vr8kqO3v6Af.qcSVdvJHopTWPnVhkd9gwQvrad21gRj7veTI36wPqRKqlMJEtbamBg",
    ),
    (
        "correct horse",
        "pbkdf2:sha256:1000$61EWwtdD$e1285c55b044626de4518427f15e19b41eae50db9aefa192aeb8a92859d4f9f4",
    ),
    // phpass: its own test.
    ("test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"),
    ("test12345", "$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"),
    // scrypt: RFC 7914 section 12 as Werkzeug writes it, passlib's manual, passlib and Werkzeug.
    (
        "pleaseletmein",
        "scrypt:16384:8:1$SodiumChloride$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
    ),
    ("password", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E"),
    (
        "correct horse",
        "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$OAkZqUBelG6VIYdTJfYSENL5OmZRxMa3GwXn5oFliTg",
    ),
    (
        "correct horse",
        "scrypt:16:8:1$seasalt$4318a5f2759c232d7660d318a5e5758572afc058b987ec78c0723c5904c9dff8f535e72bae23369a4281f086aa5a3cfa4545df1f34793b9906d63616c1b3ee04",
    ),
    // SHA-crypt: the vectors of its specification.
    ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    (
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    ),
    ("Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"),
    (
        "Hello world!",
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
    ),
    (
        "a very much longer text to encrypt.  This one even stretches over morethan one line.",
        "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1",
    ),
    (
        "a very much longer text to encrypt.  This one even stretches over morethan one line.",
        "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
    ),
    (
        "we have a short salt string but not a short password",
        "$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/",
    ),
    (
        "we have a short salt string but not a short password",
        "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0",
    ),
    (
        "the minimum number is still observed",
        "$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC",
    ),
    (
        "the minimum number is still observed",
        "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.",
    ),
];

#[test]
fn the_password_fits_and_no_other() {
    let mut worker = Worker::new();
    for (password, hash) in KNOWN {
        assert_eq!(worker.verify(password, hash), Ok(true), "{hash}");
        assert_eq!(worker.verify(&format!("{password}."), hash), Ok(false), "{hash}");
        assert_eq!(worker.verify("", hash), Ok(false), "{hash}");
    }
}

#[test]
fn every_format_has_a_known_answer_and_is_replaced_at_the_first_sign_in() {
    for format in format::FORMATS {
        let of = KNOWN.iter().filter(|(_, hash)| format::name_of(hash) == Some(format.name));
        assert!(of.count() > 0, "{}", format.name);
    }
    for (_, hash) in KNOWN {
        assert_eq!(password::check(hash), Ok(()), "{hash}");
        assert!(password::needs_rehash(hash), "{hash}");
    }
}

/// BF-012: what bcrypt does not look at must not be free to choose.
#[test]
fn bcrypt_takes_no_password_that_it_would_cut() {
    let (full, hash) = KNOWN.iter().find(|(password, _)| password.len() == 72).unwrap();
    assert!(hash.starts_with("$2b$"));
    assert_eq!(password::verify(full, hash), Ok(true));
    for longer in ["x", "y", "xy"] {
        assert_eq!(password::verify(&format!("{full}{longer}"), hash), Ok(false));
    }
    assert_eq!(password::verify("U*U\0anything", KNOWN[5].1), Ok(false), "a NUL ends it for bcrypt");
    // Where it is a digest that bcrypt sees, all of a password counts.
    let (_, hash) = KNOWN.iter().find(|(_, hash)| hash.starts_with("bcrypt_sha256$")).unwrap();
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
    for (password, hash) in KNOWN {
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
