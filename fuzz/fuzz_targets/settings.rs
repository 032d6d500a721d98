//! Address ranges, exceptions and urls of others.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_web::fuzzing::settings(input));
