//! No parser panics: the functions of the fuzz targets over a corpus and its mutations.
//!
//! Every input of the corpus as it is, cut at each length, then changed at random by the operations that fuzzers use. The
//! seed is fresh (`DOORWARD_TEST_SEED` repeats a run) and printed; `DOORWARD_TEST_LONG` runs a hundred times as many.

use std::{env, time::SystemTime};

use doorward_crypto::{
    fuzzing,
    jose::{algorithm::Algorithm, key::SigningKey, key_set::JwkSet, sign::sign},
    password::{DUMMY, format::work_us},
    random::{Random, SeededRandom, SystemRandom, array},
    seal::SealingKey,
};

use crate::formats::known;
use crate::vectors::read;

const INTERESTING: [&[u8]; 18] = [
    b".",
    b"..",
    b"{",
    b"}",
    b"[",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"\0",
    b"=",
    b"{\"alg\":",
    b"\"crit\":[]",
    b"[[[[[[[[",
    b"$",
    b"99999999999999999999",
    b"\xf0\x9f\x94\x91",
    b"\"kty\":\"RSA\",",
];

#[test]
fn no_parser_panics_on_a_mutation_of_what_it_knows() {
    let seed = env::var("DOORWARD_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let fresh: [u8; 8] = array(&mut SystemRandom);
        u64::from_be_bytes(fresh) >> 16
    });
    println!("DOORWARD_TEST_SEED={seed}");
    let rounds = if env::var_os("DOORWARD_TEST_LONG").is_some() { 20_000 } else { 200 };
    let mut random = SeededRandom::new(seed);
    let corpus = corpus();
    let started = SystemTime::now();
    let mut runs = 0usize;
    for input in &corpus {
        for end in 0..=input.len().min(2048) {
            fuzzing::parse_anything(&input[..end]);
        }
        for _ in 0..rounds {
            fuzzing::parse_anything(&mutated(input, &corpus, &mut random));
        }
        runs += rounds + input.len().min(2048) + 1;
    }
    println!("{runs} inputs from {} in {:?}", corpus.len(), started.elapsed().unwrap_or_default());
}

/// What the parsers accept, and what they nearly accept.
fn corpus() -> Vec<Vec<u8>> {
    let keys =
        [Algorithm::Es256, Algorithm::EdDSA].map(|algorithm| SigningKey::generate(algorithm, "k1").unwrap());
    let mut corpus: Vec<Vec<u8>> =
        keys.iter().map(|key| sign(key, "JWT", br#"{"sub":"a","aud":["b"]}"#).into()).collect();
    corpus
        .extend(keys.iter().map(|key| JwkSet::from_keys([key.public_jwk()]).unwrap().to_json().into_bytes()));
    for file in ["3_1.ec_public_key", "3_3.rsa_public_key", "3_5.symmetric_key_mac_computation"] {
        let key = read(&format!("jose-cookbook/jwk/{file}.json"));
        corpus.push(format!("{{\"keys\":[{key}]}}").into_bytes());
    }
    let signatures = read("wycheproof/json_web_signature_test.json");
    for group in signatures["testGroups"].as_array().unwrap() {
        corpus.push(group["tests"][0]["jws"].as_str().unwrap().as_bytes().to_vec());
    }
    let sealing = SealingKey::from_bytes(1, [2; 32]);
    corpus.push(sealing.seal(b"place", b"value", &mut SeededRandom::new(1)));
    corpus.push(DUMMY.as_bytes().to_vec());
    // One of a kind, the cheap ones: the expensive ones differ in a number only.
    corpus.extend(
        known()
            .filter(|(_, hash)| work_us(hash).is_some_and(|work| work <= 1_000))
            .map(|(_, hash)| hash.as_bytes().to_vec()),
    );
    corpus.push(b"correct horse \xc3\xa9 battery\xe2\x80\x83staple".to_vec());
    corpus.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg".to_vec());
    corpus
}

fn mutated(input: &[u8], corpus: &[Vec<u8>], random: &mut SeededRandom) -> Vec<u8> {
    let mut out = input.to_vec();
    for _ in 0..=below(random, 4) {
        let at = below(random, out.len() + 1);
        match below(random, 7) {
            0 if at < out.len() => out[at] ^= 1 << below(random, 8),
            1 if at < out.len() => out[at] = below(random, 256) as u8,
            2 => drop(out.splice(at..at, INTERESTING[below(random, INTERESTING.len())].iter().copied())),
            3 => {
                let end = at + below(random, out.len() + 1 - at);
                out.drain(at..end);
            }
            4 => {
                let end = at + below(random, out.len() + 1 - at);
                let part = out[at..end].to_vec();
                out.splice(at..at, part);
            }
            5 => {
                let other = &corpus[below(random, corpus.len())];
                let from = below(random, other.len() + 1);
                out.splice(at.., other[from..].iter().copied());
            }
            _ => out.truncate(at),
        }
    }
    out
}

fn below(random: &mut SeededRandom, end: usize) -> usize {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    u32::from_be_bytes(bytes) as usize % end
}
