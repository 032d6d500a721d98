//! Password hashes of other systems, as an import could bring them.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_crypto::fuzzing::password_hash(input));
