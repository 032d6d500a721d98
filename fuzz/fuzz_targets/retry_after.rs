//! `Retry-After` of those who are told something.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_web::fuzzing::retry_after(input));
