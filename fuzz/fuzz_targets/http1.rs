//! The bytes of an HTTP/1 connection.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_web::fuzzing::http1(input));
