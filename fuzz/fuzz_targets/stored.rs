//! Password hashes and sealed values, as a database could return them; passwords, as they are typed.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_crypto::fuzzing::stored(input));
