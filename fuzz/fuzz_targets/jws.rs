//! A token, as a bearer of one could present it.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_crypto::fuzzing::jws(input));
