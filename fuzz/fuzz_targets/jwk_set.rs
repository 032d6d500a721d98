//! A JWK set, as a client could publish it.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_crypto::fuzzing::jwk_set(input));
