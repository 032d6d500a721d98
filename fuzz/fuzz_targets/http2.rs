//! The bytes of an HTTP/2 connection.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_web::fuzzing::http2(input));
