//! Passwords: the hash, what is accepted as one, and the one form of a password.

use doorward_crypto::password::{self, BadHash, BadPassword, DUMMY, Worker};

const SALT: [u8; 16] = *b"0123456789abcdef";

/// Small parameters, so that the table runs in no time; made with another implementation (`argon2-cffi`).
const SMALL: &str =
    "$argon2id$v=19$m=64,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$J4kPJI8w65Je5kJ2G7RTwG+seaIDuxomFJ+FRQCXmpY";

#[test]
fn a_hash_is_the_one_of_the_reference_implementation() {
    assert_eq!(
        password::hash("correct horse", &SALT),
        "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$rk2Mi3E4dgRMg0fHaYaptWVZRKqs//6b6k3/nntqGJk"
    );
    assert_eq!(password::verify("correct horse", SMALL), Ok(true));
    assert_eq!(password::verify("correct horsf", SMALL), Ok(false));
}

#[test]
fn a_worker_keeps_its_arena_and_releases_it() {
    let mut worker = Worker::new();
    assert_eq!(worker.kept(), 0);
    let hash = worker.hash("a", &SALT);
    assert_eq!(worker.kept(), 19_456 * 1024);
    // The arena is dirty now; neither the same parameters nor smaller ones may see that.
    assert_eq!(worker.verify("a", &hash), Ok(true));
    assert_eq!(worker.verify("correct horse", SMALL), Ok(true));
    assert_eq!(worker.verify("b", &hash), Ok(false));
    assert_eq!(worker.hash("a", &SALT), hash);
    worker.release();
    assert_eq!(worker.kept(), 0);
    assert_eq!(worker.verify("a", &hash), Ok(true));
    assert_eq!(format!("{worker:?}"), "Worker(19922944 bytes)");
}

#[test]
fn the_dummy_costs_what_a_hash_costs_and_fits_nothing() {
    let parameters = |phc: &str| phc.rsplit_once('$').unwrap().0.rsplit_once('$').unwrap().0.to_owned();
    assert_eq!(parameters(DUMMY), parameters(&password::hash("x", &SALT)));
    assert!(!password::needs_rehash(DUMMY));
    assert_eq!(password::verify("doorward-dev", DUMMY), Ok(false));
}

#[test]
fn a_hash_that_is_not_whole_is_unknown() {
    let salt_and_output = "$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    let rows = [
        "".to_owned(),
        "x".repeat(100_000),
        "plain".to_owned(),
        "$argon2id$v=19$m=64,t=1,p=1".to_owned(),
        "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg".to_owned(),
        format!("$argon2x$v=19$m=64,t=1,p=1{salt_and_output}"),
        format!("$argon2id$v=18$m=64,t=1,p=1{salt_and_output}"),
        format!("$argon2id$v=19$m=1024,t=1,p=65{salt_and_output}"),
        format!("$argon2id$v=19$m=0,t=1,p=1{salt_and_output}"),
        format!("$argon2id$v=19$m=64,t=0,p=1{salt_and_output}"),
        format!("$argon2id$v=19$m=64,t=1,p=0{salt_and_output}"),
        format!("$argon2id$v=19$m=64,t=1,p=1,x=1{salt_and_output}"),
        format!("$argon2id$v=19$m=64,t=1,p=1{salt_and_output}$"),
    ];
    let mut worker = Worker::new();
    for phc in rows {
        assert_eq!(worker.verify("a", &phc), Err(BadHash::Unknown), "{}", &phc[..phc.len().min(80)]);
        assert!(password::needs_rehash(&phc));
    }
    assert_eq!(worker.kept(), 0, "nothing was allocated for any of them");
}

#[test]
fn what_is_made_today_needs_no_new_hash() {
    let hash = password::hash("a", &SALT);
    assert!(!password::needs_rehash(&hash));
    assert!(password::needs_rehash(SMALL));
    for (from, to) in [("m=19456", "m=19457"), ("t=2", "t=3"), ("p=1", "p=2")] {
        assert!(password::needs_rehash(&hash.replace(from, to)), "{to}");
    }
}

#[test]
fn a_password_has_one_form() {
    let rows = [
        ("hunter2", Ok("hunter2")),
        // RFC 8265, section 4.2.3: the examples of OpaqueString.
        ("correct horse battery staple", Ok("correct horse battery staple")),
        ("Correct Horse Battery Staple", Ok("Correct Horse Battery Staple")),
        ("πßå", Ok("πßå")),
        ("Jack of ♦s", Ok("Jack of ♦s")),
        ("foo\u{1680}bar", Ok("foo bar")),
        ("", Err(BadPassword::Empty)),
        ("my cat is a \u{9}by", Err(BadPassword::Control)),
        // Beyond them: composed and decomposed are one, spaces at the ends stay, width and case count.
        ("Zu\u{308}rich", Ok("Zürich")),
        ("A\u{30a}", Ok("Å")),
        ("\u{212b}", Ok("Å")),
        (" \u{a0}a\u{3000}", Ok("  a ")),
        ("ａ", Ok("ａ")),
        ("🔑🔑", Ok("🔑🔑")),
        ("a\0b", Err(BadPassword::Control)),
        ("a\u{7f}", Err(BadPassword::Control)),
        ("a\u{85}", Err(BadPassword::Control)),
    ];
    for (typed, expected) in rows {
        assert_eq!(password::normalise(typed).as_deref(), expected.as_ref().map(|text| *text), "{typed:?}");
    }
}

#[test]
fn a_password_is_at_most_1024_bytes_long_before_and_after() {
    assert!(password::normalise(&"x".repeat(1024)).is_ok());
    assert_eq!(password::normalise(&"x".repeat(1025)), Err(BadPassword::TooLong));
    // U+1D160 has no composed form: four bytes become twelve.
    assert_eq!(password::normalise(&"\u{1d160}".repeat(256)), Err(BadPassword::TooLong));
    assert!(password::normalise(&"\u{1d160}".repeat(85)).is_ok());
    // Bytes beyond 72 count (bcrypt would drop them).
    let long = "x".repeat(72);
    let hash = password::hash(&format!("{long}a"), &SALT);
    assert_eq!(password::verify(&format!("{long}b"), &hash), Ok(false));
}
